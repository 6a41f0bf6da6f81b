package source

import (
	"context"
	"math"
	"net/http"
	"sync"
	"time"

	"datahub_exporter/internal/credential"
)

// mostProbed is the maximum number of pages of a target that a full probe reads.
const mostProbed = 20

// A Keep receives the body of one response of a target, the page at an offset. The
// body may contain passwords of databases. It is called concurrently.
type Keep func(target Target, offset int64, body []byte)

// A Finding is the result of querying one target.
type Finding struct {
	Target Target
	// Err is why the target could not be queried, nil if it could.
	Err *Error
	// Items is the TotalCount that the API reported, NaN if it reported none.
	Items float64
	// Duration is that of the calls, without waiting for a credential.
	Duration time.Duration
	// Ahead is how far this machine's clock is ahead of the server's, accurate to a
	// second or two; 0 if no response had a date.
	Ahead time.Duration
}

// Probe queries each target of the accounts, concurrently, and returns the findings
// in their order. It makes one call for one item each, does not retry, and ends
// within options.Timeout. With a keep it reads all pages instead, 20 at most, and
// passes their bodies to keep, including those that are refused.
func Probe(ctx context.Context, accounts []Account, transport http.RoundTripper, options Options, keep Keep) []Finding {
	options = options.withDefaults()
	options.places = make(places, maxCalls)
	ctx, cancel := context.WithTimeout(ctx, options.Timeout)
	defer cancel()
	var probes []*probe
	for _, account := range accounts {
		renewer := newRenewer(account, transport, options)
		defer renewer.Close()
		for _, region := range account.Regions {
			for _, action := range []Action{Tasks, Connections} {
				target := Target{Account: account.Name, Region: region, Action: action}
				probes = append(probes, newProbe(target, account, renewer, transport, options, keep))
			}
		}
	}
	var asking sync.WaitGroup
	for _, probe := range probes {
		asking.Go(func() { probe.run(ctx) })
	}
	asking.Wait()
	findings := make([]Finding, len(probes))
	for i, probe := range probes {
		findings[i] = probe.Finding
	}
	return findings
}

// A probe queries one target.
type probe struct {
	Finding
	source *Source // for its quota and places; it is never refreshed
	client *client
	clock  *clock
	keep   Keep // nil to request only one item
}

func newProbe(target Target, account Account, renewer *credential.Renewer, transport http.RoundTripper, options Options, keep Keep) *probe {
	clock := &clock{next: transport}
	return &probe{
		Finding: Finding{Target: target, Items: math.NaN()},
		source:  newSource(target, nil, options),
		client:  newClient(account, target.Region, renewer, clock),
		clock:   clock,
		keep:    keep,
	}
}

func (p *probe) run(ctx context.Context) {
	defer p.source.Close()
	inquiry := &inquiry{fetch: p.fetch, ready: p.client.ready}
	pass := newPass()
	for offset := int64(0); offset < mostProbed*pageSize; offset += pageSize {
		page, failure := p.source.try(ctx, offset, inquiry)
		p.Ahead = p.clock.ahead
		if p.Err = failure; failure != nil {
			return
		}
		p.Items = page.total
		pass.add(page, offset)
		if _, err := pass.listing(); err != nil && len(page.items) == 0 {
			p.Err = classify(ctx, err)
			return
		}
		if p.keep == nil || pass.last || pass.consistent() {
			return
		}
	}
}

// fetch makes one call.
func (p *probe) fetch(ctx context.Context, offset int64) (page, error) {
	begin := time.Now()
	defer func() { p.Duration += time.Since(begin) }()
	if p.keep == nil {
		return p.client.page(ctx, p.Target.Action, offset, 1, nil)
	}
	return p.client.page(ctx, p.Target.Action, offset, pageSize, func(body []byte) { p.keep(p.Target, offset, body) })
}

// clock compares the time of responses with this machine's. Its calls are
// sequential.
type clock struct {
	next  http.RoundTripper
	ahead time.Duration
}

// RoundTrip sends the request.
func (c *clock) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := c.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		c.ahead = time.Since(date).Truncate(time.Second) // the header has whole seconds
	}
	return response, nil
}
