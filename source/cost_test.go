package source

import (
	"bytes"
	"io"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"

	"datahub_exporter/internal/credential"
)

// stored is a network that responds to each call with the same body. It counts the
// bytes that are read of it.
type stored struct {
	body []byte
	read atomic.Int64
}

func (s *stored) RoundTrip(request *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: request,
		Header:        http.Header{"Content-Type": {"application/json"}},
		ContentLength: int64(len(s.body)),
		Body:          io.NopCloser(io.TeeReader(bytes.NewReader(s.body), s)),
	}, nil
}

// Write counts.
func (s *stored) Write(read []byte) (int, error) {
	s.read.Add(int64(len(read)))
	return len(read), nil
}

// A page that has not changed costs little from request to items, on any machine:
// each byte of the body is read once, into memory that is reused, and only what the
// SDK needs for signing is allocated. The SDK's typed call takes 5,300 allocations
// and 700 kB.
func TestAPageCostsLittle(t *testing.T) {
	const (
		calls = 20
		most  = 250 // allocations, for 100 items
	)
	network := &stored{body: realPage(t, Tasks)}
	account := Account{Credential: credential.Static("id", "key", "")}
	list := newClient(account, "ap-guangzhou", newRenewer(account, network, Options{}.withDefaults()), network).list(Tasks)
	ask := func() {
		if page, err := list(t.Context(), 0); err != nil || len(page.items) != 100 {
			t.Fatalf("want 100 items, have %d, %v", len(page.items), err)
		}
	}
	ask()
	network.read.Store(0)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range calls {
		ask()
	}
	runtime.ReadMemStats(&after)
	size := int64(len(network.body))
	if have := network.read.Load(); have != calls*size {
		t.Errorf("bytes read of a body of %d: have %d", size, have/calls)
	}
	if underRace {
		t.Log("what is allocated is not judged: under the race detector sync.Pool forgets at random")
		return
	}
	if have := (after.Mallocs - before.Mallocs) / calls; have > most {
		t.Errorf("allocations: want %d at the most, have %d", most, have)
	}
	if have := int64(after.TotalAlloc-before.TotalAlloc) / calls; have > size/2 {
		t.Errorf("bytes allocated for a body of %d: want half of that at the most, have %d", size, have)
	}
}
