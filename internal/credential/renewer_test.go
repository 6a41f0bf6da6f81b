package credential_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/secret"
)

// provider is a provider whose results the test controls.
type provider struct {
	calls atomic.Int64
	next  func(ctx context.Context, call int64) (credential.Values, error)
}

func (p *provider) Retrieve(ctx context.Context) (credential.Values, error) {
	return p.next(ctx, p.calls.Add(1))
}

// session returns a credential that lasts for an hour.
func session(id string) credential.Values {
	return credential.Values{ID: secret.New(id), Key: secret.New("key"), Token: secret.New("token"), Expires: time.Now().Add(time.Hour)}
}

var errRefused = errors.New("refused")

func TestCallersShareARenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &provider{next: func(context.Context, int64) (credential.Values, error) {
			time.Sleep(time.Second)
			return session("one"), nil
		}}
		renewer := credential.NewRenewer(source, credential.Host{})
		defer renewer.Close()
		var callers sync.WaitGroup
		for range 50 {
			callers.Go(func() {
				if have, err := renewer.Get(t.Context()); err != nil || have.ID.Reveal() != "one" {
					t.Errorf("have %v", err)
				}
			})
		}
		callers.Wait()
		if have := source.calls.Load(); have != 1 {
			t.Errorf("renewals: want 1, have %d", have)
		}
	})
}

// A caller without a credential waits as long as it can, and a caller with one does
// not wait.
func TestWhoWaitsForARenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &provider{next: func(ctx context.Context, call int64) (credential.Values, error) {
			if call == 2 {
				return session("one"), nil
			}
			<-ctx.Done()
			return credential.Values{}, errRefused
		}}
		renewer := credential.NewRenewer(source, credential.Host{})
		defer renewer.Close()
		get := func(patience time.Duration) (string, time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			begin := time.Now()
			if _, err := renewer.Get(ctx); err != nil {
				return err.Error(), time.Since(begin)
			}
			return "", time.Since(begin)
		}
		for i, step := range []struct {
			sleep, patience, took time.Duration
			err                   string
		}{
			{0, 2 * time.Second, 2 * time.Second, "no credential yet: its renewal did not finish before the deadline of the refresh"},
			{0, time.Hour, 2500 * time.Millisecond, "refused"},
			{0, time.Hour, 0, "refused"}, // not again at once
			{2 * time.Second, time.Hour, 0, ""},
			{50 * time.Minute, time.Hour, 0, ""}, // and the next renewal begins
			{9 * time.Minute, time.Hour, 0, ""},
			{2 * time.Minute, time.Second, time.Second, "refused"},
		} {
			time.Sleep(step.sleep)
			if err, took := get(step.patience); err != step.err || took != step.took {
				t.Errorf("step %d: want %v %q, have %v %q", i, step.took, step.err, took, err)
			}
		}
	})
}

// The pauses after failures grow to half a minute; after a success there is none.
func TestPausesBetweenFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failing := true
		source := &provider{next: func(context.Context, int64) (credential.Values, error) {
			if failing {
				return credential.Values{}, errRefused
			}
			return session("one"), nil
		}}
		renewer := credential.NewRenewer(source, credential.Host{})
		defer renewer.Close()
		for range 600 {
			if _, err := renewer.Get(t.Context()); !errors.Is(err, errRefused) {
				t.Fatalf("have %v", err)
			}
			time.Sleep(time.Second)
		}
		if have := source.calls.Load(); have < 15 || have > 60 {
			t.Errorf("renewals in ten minutes: have %d", have)
		}
		failing = false
		time.Sleep(time.Minute)
		if _, err := renewer.Get(t.Context()); err != nil {
			t.Errorf("have %v", err)
		}
	})
}

func TestCloseEndsARenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &provider{next: func(ctx context.Context, _ int64) (credential.Values, error) {
			<-ctx.Done()
			return credential.Values{}, ctx.Err()
		}}
		renewer := credential.NewRenewer(source, credential.Host{})
		ended := make(chan error)
		go func() {
			_, err := renewer.Get(context.Background())
			ended <- err
		}()
		synctest.Wait()
		begin := time.Now()
		renewer.Close()
		if err := <-ended; err == nil || time.Since(begin) != 0 {
			t.Errorf("have %v after %v", err, time.Since(begin))
		}
		if _, err := renewer.Get(t.Context()); err == nil || source.calls.Load() != 1 {
			t.Errorf("a closed renewer renews: %v, %d renewals", err, source.calls.Load())
		}
	})
}

// Only one renewal waits for a disk that does not respond, however often the
// credential is requested, and the exporter can end without waiting for it.
func TestDiskThatDoesNotRespond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := make(chan struct{})
		source := &provider{next: func(_ context.Context, call int64) (credential.Values, error) {
			if call == 2 {
				<-disk
			}
			return session("one"), nil
		}}
		renewer := credential.NewRenewer(source, credential.Host{})
		if _, err := renewer.Get(t.Context()); err != nil {
			t.Fatal(err)
		}
		var errs []string
		for range 120 {
			time.Sleep(time.Minute)
			if _, err := renewer.Get(t.Context()); err != nil {
				errs = append(errs, err.Error())
			}
		}
		if have := source.calls.Load(); have != 2 {
			t.Errorf("calls: want 2, have %d", have)
		}
		if len(errs) < 50 || errs[0] != "renewal did not finish within 5s; check the disk that holds the credential's files" {
			t.Errorf("want failures once the session has ended, have %d: %.1q", len(errs), errs)
		}
		renewer.Close()
		close(disk)
		synctest.Wait()
	})
}

func TestPanicIsAFailedRenewal(t *testing.T) {
	source := &provider{next: func(context.Context, int64) (credential.Values, error) { panic(hush) }}
	renewer := credential.NewRenewer(source, credential.Host{})
	defer renewer.Close()
	if _, err := renewer.Get(t.Context()); err == nil || strings.Contains(err.Error(), hush) {
		t.Errorf("have %v", err)
	}
}

// No text repeats a credential, a previous one, or what was used to obtain them.
func TestRedactorCoversPreviousGenerations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ids := []string{"generation-0", "generation-1", "generation-2"}
		source := &provider{next: func(_ context.Context, call int64) (credential.Values, error) { return session(ids[call-1]), nil }}
		renewer := credential.NewRenewer(source, credential.Host{})
		defer renewer.Close()
		for range ids {
			if _, err := renewer.Get(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
		}
		if have := renewer.Redactor().Redact(strings.Join(ids, " ")); have != "<secret> <secret> <secret>" {
			t.Errorf("have %s", have)
		}
	})
}
