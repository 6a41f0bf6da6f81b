package source

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRetry(t *testing.T) {
	const forever = 100
	tests := map[string]struct {
		failure  any // an *Error to return, or a text to panic with
		times    int // how often it happens
		deadline time.Duration
		calls    int64
		err      string
	}{
		"throttled once":        {&Error{Class: Throttled}, 1, time.Minute, 2, ""},
		"server once":           {&Error{Class: Server}, 1, time.Minute, 2, ""},
		"network three times":   {&Error{Class: Network}, 3, time.Minute, 4, ""},
		"network for ever":      {&Error{Class: Network, Message: "reset"}, forever, time.Minute, 4, "network: reset"},
		"server, for good":      {&Error{Class: Server, Message: "HTTP 404", Final: true}, forever, time.Minute, 1, "server: HTTP 404"},
		"auth":                  {&Error{Class: Auth, Message: "who"}, forever, time.Minute, 1, "auth: who"},
		"permission":            {&Error{Class: Permission, Message: "no"}, forever, time.Minute, 1, "permission: no"},
		"parameter":             {&Error{Class: Parameter, Message: "what"}, forever, time.Minute, 1, "parameter: what"},
		"decode":                {&Error{Class: Decode, Message: "html"}, forever, time.Minute, 1, "decode: html"},
		"no time for a retry":   {&Error{Class: Server, Message: "sorry"}, forever, 50 * time.Millisecond, 1, "server: sorry"},
		"no time to calm down":  {&Error{Class: Throttled, Message: "slow"}, forever, 900 * time.Millisecond, 1, "throttled: slow"},
		"a panic is no blip":    {"boom", forever, time.Minute, 1, "decode: panic on an answer: string"},
		"nothing wrong, at all": {nil, 0, time.Minute, 1, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var calls int
				source := newSource(Lister{List: func(context.Context, int64) (Page, error) {
					if calls++; calls > test.times {
						return Page{}, nil
					}
					if failure, ok := test.failure.(*Error); ok {
						return Page{}, failure
					}
					panic(test.failure)
				}}, options)
				ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
				defer cancel()
				flight := flight{lister: source.lister}
				_, err := source.call(ctx, 0, &flight)
				have := ""
				if err != nil {
					have = err.Error()
				}
				if have != test.err || flight.calls.Load() != test.calls {
					t.Errorf("want %d calls and %q, have %d and %q", test.calls, test.err, flight.calls.Load(), have)
				}
			})
		})
	}
}

func TestCallsAndRefreshesAreReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var codes []string
		var refreshes []RefreshReport
		reporting := options
		reporting.MinInterval = 0
		reporting.OnCall = func(report CallReport) { codes = append(codes, report.Code) }
		reporting.OnRefresh = func(report RefreshReport) { refreshes = append(refreshes, report) }
		target := Target{Region: "ap-guangzhou", Action: Tasks}
		invented := func(code string) error { return &Error{Class: Auth, Code: code} }
		answers := []error{
			&Error{Class: Network}, nil, invented("AuthFailure.TokenFailure"),
			invented("AuthFailure." + strings.Repeat("x", 52)), invented("AuthFailure." + strings.Repeat("x", 53)), invented("AuthFailure/<secret>"), invented("认证失败"),
		}
		source := newSource(Lister{Target: target, List: func(context.Context, int64) (Page, error) {
			time.Sleep(time.Second)
			err := answers[0]
			answers = answers[1:]
			return Page{}, err
		}}, reporting)
		for range 6 {
			source.Snapshot(t.Context())
		}
		wantCodes := []string{"network", "OK", "AuthFailure.TokenFailure", "AuthFailure." + strings.Repeat("x", 52), "other", "other", "other"}
		if diff := cmp.Diff(wantCodes, codes); diff != "" {
			t.Errorf("codes of the calls (-want +have):\n%s", diff)
		}
		if pause := refreshes[0].Duration - 2*time.Second; pause < 100*time.Millisecond || pause > 300*time.Millisecond {
			t.Errorf("pause before the retry: want 0.2 s and half of that less or more, have %v", pause)
		}
		refreshes[0].Duration, refreshes[0].Listing = 0, nil
		want := []RefreshReport{{Target: target, Calls: 2}, {Target: target, Class: Auth, Calls: 1, Duration: time.Second}}
		if diff := cmp.Diff(want, refreshes[:2]); diff != "" {
			t.Errorf("reports (-want +have):\n%s", diff)
		}
	})
}

func TestCallEndedByAnotherPageIsReportedAsCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var codes []string
		reporting := options
		reporting.OnCall = func(report CallReport) { codes = append(codes, report.Code) }
		source := newSource(Lister{List: func(ctx context.Context, offset int64) (Page, error) {
			switch offset {
			case 0:
				return cut(tasks(1, 300), 0, 300), nil
			case 100:
				time.Sleep(time.Second)
				return Page{}, errOutage
			}
			<-ctx.Done()
			return Page{}, ctx.Err()
		}}, reporting)
		if have := source.Snapshot(t.Context()).Err; !errors.Is(have, errOutage) {
			t.Errorf("error: want %v, have %v", errOutage, have)
		}
		if diff := cmp.Diff([]string{"OK", "UnauthorizedOperation", "canceled"}, codes); diff != "" {
			t.Errorf("codes of the calls (-want +have):\n%s", diff)
		}
	})
}
