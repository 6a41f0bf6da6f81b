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
	// see Grant and Revoke. If Token is "", none is expected.
	SecretID, SecretKey, Token string
	// Roles are the roles for which sessions are available.
	Roles []Role
	// Fleet says what exists; if it is nil, no region does.
	Fleet Fleet
	// QPS is how many calls for one action and region are admitted within any one
	// second, by Now. Further calls are refused with RequestLimitExceeded and do
	// not count. 0 means no limit. The cloud's own is 20.
	QPS int
	// Latency is the delay before each response, including refusals.
	Latency time.Duration
	// Now is the cloud's clock, by default time.Now, for signatures, quota, the
	// fleet and Call.Time. It must not call the Server.
	Now func() time.Time
}

// Call is one request that was received.
type Call struct {
	Action, Region string
	// Offset and Limit are those of the request, or the API's defaults; both are 0
	// if the body could not be read.
	Offset, Limit int
	// Group is the consumer group that is asked for.
	Group string
	// Time is the time of arrival, by Options.Now.
	Time time.Time
	// Code is the error code of the response, "" if the call succeeded. A response
	// that the API would not send has a name of its own: "hang", "reset",
	// "endless", "truncated", "http 502" (or any other status), "raw body".
	Code string
	// Connection is the caller's address and port: calls with the same value shared
	// a connection.
	Connection string
}

// Server is an [http.Handler] that responds as the cloud does. Create it with
// [New]. Its methods are safe for concurrent use, also while it serves.
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

// Script appends faults to the script of an action and region, where "" matches
// any. Each call that is not refused takes the next fault of the most specific
// script that has one left; a nil fault does nothing to its call.
func (s *Server) Script(action, region string, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := target{action, region}
	s.scripts[key] = append(s.scripts[key], faults...)
}

// Always sets the fault for each call of an action and region, where "" matches
// any, if no script has a fault left for it. It stays until replaced; nil removes
// it, so that only a less specific Always still applies.
func (s *Server) Always(action, region string, fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always[target{action, region}] = fault
}

// maxCalls is the maximum number of calls that are remembered.
const maxCalls = 100_000

// Calls returns the calls of an action and region, where "" matches any, in order
// of arrival, including refused ones. If there were more than 100,000 calls in all,
// it returns at least the newest 50,000.
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
	// One byte more than allowed distinguishes a body that is too large from one
	// that just fits.
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		http.Error(w, "read request: "+err.Error(), http.StatusBadRequest)
		return
	}
	call, answer, fault := s.arrive(newRequest(r, body))
	// Not under the lock: a fault is the caller's code, and may call the Server.
	if fault != nil {
		fault(answer)
	}
	s.conclude(call, answer.outcome())
	w.Header().Set("Date", call.Time.UTC().Format(http.TimeFormat)) // by the cloud's clock
	answer.send(r.Context(), w)
}

// arrive records a call and decides how to respond. It does so under one lock, so
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

// remember keeps a call for Calls: enough of them that no test misses one, and few
// enough that a demo can run forever. It must be called with the lock held.
func (s *Server) remember(call Call) *Call {
	if len(s.calls) >= maxCalls {
		s.calls = slices.Delete(s.calls, 0, maxCalls/2)
	}
	s.calls = append(s.calls, &call)
	return &call
}

// conclude records the outcome of a call before the response is sent: a client that
// has the response finds it in Calls.
func (s *Server) conclude(call *Call, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call.Code = code
}

// nextFault takes the next fault of the most specific script, or else the most
// specific fault set by Always. It must be called with the lock held.
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

// admit counts a call into the sliding window of its action and region, unless the
// window is full. It must be called with the lock held.
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
