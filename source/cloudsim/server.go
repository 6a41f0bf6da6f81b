package cloudsim

import (
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Options configures a [Server].
type Options struct {
	// SecretID, SecretKey and Token are the credential that is accepted at first;
	// see Grant and Revoke. Token "": none is expected.
	SecretID, SecretKey, Token string
	// Roles are those that sessions can be got of.
	Roles []Role
	// Fleet says what exists; nil: no region does.
	Fleet Fleet
	// QPS is how many calls of one action and region are admitted within any
	// one second, as told by Now; those beyond are refused with
	// RequestLimitExceeded and do not count themselves. 0: not enforced. The
	// cloud's own is 20.
	QPS int
	// Latency is waited before each answer, refusals included.
	Latency time.Duration
	// Now is the cloud's clock, by default time.Now: signatures, quota, the
	// fleet and Call.Time go by it. It must not call the Server.
	Now func() time.Time
}

// Call is one request that arrived.
type Call struct {
	Action, Region string
	// Offset and Limit are those asked for, or the API's defaults; 0 both if
	// the request's body could not be read.
	Offset, Limit int
	// Time is the arrival, by Options.Now.
	Time time.Time
	// Code is the error code that was answered, "" if the call was answered
	// well. An answer that is no answer of the API has a name of its own:
	// "hang", "reset", "endless", "truncated", "http 502" (or any other
	// status), "raw body".
	Code string
	// Connection is the caller's address and port: two calls with the same one
	// shared a connection.
	Connection string
}

// Server is an [http.Handler] that answers as the cloud does. Create it with
// [New]; its methods are safe for concurrent use, while it serves as well.
type Server struct {
	options Options

	mu       sync.Mutex
	arrived  int     // calls in all
	calls    []*Call // the newest of them
	scripts  map[target][]Fault
	always   map[target]Fault
	admitted map[target][]time.Time
	keys     map[string]key // by SecretId, sessions included
	sessions []*session
}

// New returns a Server without scripts.
func New(options Options) *Server {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Fleet == nil {
		options.Fleet = NewInventory()
	}
	return &Server{
		options:  options,
		scripts:  map[target][]Fault{},
		always:   map[target]Fault{},
		admitted: map[target][]time.Time{},
		keys:     map[string]key{options.SecretID: {secretKey: options.SecretKey, token: options.Token}},
	}
}

// Script appends faults to the script of an action and region, "" standing for
// any. Each call that was not refused takes the next fault of the most exact
// script that has any left; a nil fault lets its call through untouched.
func (s *Server) Script(action, region string, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := target{action, region}
	s.scripts[key] = append(s.scripts[key], faults...)
}

// Always sets the fault of each call of an action and region, "" standing for
// any, for which no script has a fault left. It stays until replaced; nil
// heals, so that only a less exact Always still holds.
func (s *Server) Always(action, region string, fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always[target{action, region}] = fault
}

// maxCalls is how many calls are remembered at the most.
const maxCalls = 100_000

// Calls returns the calls of an action and region, "" standing for any, in
// order of arrival, refused ones included. Of more than 100,000 calls in all it
// returns the newest 50,000 at least.
func (s *Server) Calls(action, region string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var calls []Call
	for _, call := range s.calls {
		if (action == "" || action == call.Action) && (region == "" || region == call.Region) {
			calls = append(calls, *call)
		}
	}
	return calls
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// One byte more than allowed tells a body that is too large from one that
	// just fits.
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		http.Error(w, "read request: "+err.Error(), http.StatusBadRequest)
		return
	}
	call, answer, fault := s.arrive(newRequest(r, body))
	// Outside the lock: a fault is the caller's code, and may want to look at
	// the Server.
	if fault != nil {
		fault(answer)
	}
	s.conclude(call, answer.outcome())
	w.Header().Set("Date", call.Time.UTC().Format(http.TimeFormat)) // by the cloud's clock
	answer.send(r.Context(), w)
}

// arrive records a call and decides on it. All of it happens under one lock, so
// that arrival, quota and script agree on the order of calls.
func (s *Server) arrive(q *request) (call *Call, answer *Answer, fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q.call.Time = s.options.Now()
	s.arrived++
	call = s.remember(q.call)
	refused := s.verify(q)
	if refused == nil {
		fault = s.nextFault(target{q.call.Action, q.call.Region})
	}
	return call, newAnswer(s.arrived, q, refused, s.options.Latency), fault
}

// remember keeps a call for Calls, so many of them that no test misses one, and
// so few that a demo may run for ever. It is called with the lock held.
func (s *Server) remember(call Call) *Call {
	if len(s.calls) >= maxCalls {
		s.calls = slices.Delete(s.calls, 0, maxCalls/2)
	}
	s.calls = append(s.calls, &call)
	return &call
}

// conclude notes how a call was answered, before the answer leaves: whoever has
// the answer finds it in Calls.
func (s *Server) conclude(call *Call, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call.Code = code
}

// nextFault takes the next fault of the most exact script, or else the most
// exact standing one. It is called with the lock held.
func (s *Server) nextFault(called target) Fault {
	keys := []target{called, {called.action, ""}, {"", called.region}, {}}
	for _, key := range keys {
		if script := s.scripts[key]; len(script) > 0 {
			s.scripts[key] = script[1:]
			return script[0]
		}
	}
	for _, key := range keys {
		if fault := s.always[key]; fault != nil {
			return fault
		}
	}
	return nil
}

// admit counts a call into the sliding window of its action and region, unless
// the window is full. It is called with the lock held.
func (s *Server) admit(called target, now time.Time) bool {
	if s.options.QPS <= 0 {
		return true
	}
	window := slices.DeleteFunc(s.admitted[called], func(admitted time.Time) bool {
		return now.Sub(admitted) >= time.Second
	})
	full := len(window) >= s.options.QPS
	if !full {
		window = append(window, now)
	}
	s.admitted[called] = window
	return !full
}
