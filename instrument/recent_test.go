package instrument

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"weak"

	"datahub_exporter/internal/logging"
	"datahub_exporter/source"
)

// shelf is Sources with the snapshots of several targets, with one item each.
type shelf []*source.Snapshot

func newShelf(targets int) shelf {
	var s shelf
	for i := range targets {
		s = append(s, &source.Snapshot{
			Target:  source.Target{Account: fmt.Sprintf("account-%d", i), Region: "r", Action: source.Tasks},
			Listing: &source.Listing{Reported: 1, Items: []source.Item{{ID: "task-1", Name: "orders", Status: 1}}},
		})
	}
	return s
}

func (s shelf) Snapshots(context.Context, source.Action) []*source.Snapshot { return s }

func (s shelf) Select(_ context.Context, _ source.Action, selection source.Selection) (selected, all []*source.Snapshot, err error) {
	if len(selection.Accounts) == 0 {
		return s, s, nil
	}
	for _, snapshot := range s {
		if snapshot.Target.Account == selection.Accounts[0] {
			selected = append(selected, snapshot)
		}
	}
	return selected, s, nil
}

func newExposition(t *testing.T, sources Sources) *Exposition {
	t.Helper()
	e, err := NewExposition(source.TaskKind(), sources, nil, logging.NewScrapeErrors(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Shutdown(context.Background()) })
	return e
}

func ask(ctx context.Context, e *Exposition, query string) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, "/"+query, nil)
	request.Header.Set("Accept-Encoding", "gzip")
	e.ServeHTTP(recorder, request)
	return recorder
}

// If two servers scrape each of many targets separately, each answer is made once,
// and the whole answer stays as it was.
func TestNarrowedAnswersAreShared(t *testing.T) {
	const targets = 300
	e := newExposition(t, newShelf(targets))
	known := func(kept memory) map[string]*page {
		pages := map[string]*page{}
		switch kept := kept.(type) {
		case *recent:
			for key, element := range kept.byKey {
				pages[key] = element.Value.(*answered).page
			}
		case *newest:
			for key, page := range kept.byKey {
				pages[key] = page
			}
		}
		return pages
	}
	ask(t.Context(), e, "")
	whole := known(e.whole.pages.kept)
	var first map[string]*page
	for range 2 {
		for i := range targets {
			if have := ask(t.Context(), e, fmt.Sprintf("?account=account-%d", i)); have.Code != http.StatusOK {
				t.Fatalf("want 200, have %d", have.Code)
			}
		}
		pages := known(e.narrowed.pages.kept)
		if len(pages) != targets {
			t.Errorf("answers: want %d, have %d", targets, len(pages))
		}
		for key, page := range first {
			if pages[key] != page {
				t.Fatalf("%s: want the answer that the other server got", key)
			}
		}
		first = pages
	}
	for key, page := range known(e.whole.pages.kept) {
		if len(whole) != 1 || whole[key] != page {
			t.Errorf("%s: want the whole answer of before", key)
		}
	}
}

// A scrape of everything does not wait for a narrowed answer that is being made.
func TestWholeScrapeDoesNotWaitForNarrowedOnes(t *testing.T) {
	e := newExposition(t, newShelf(2))
	<-e.narrowed.pages.turn // one is being made
	ended, end := context.WithCancel(t.Context())
	end()
	for query, want := range map[string]int{"?account=account-1": 503, "?name[]=datahub_task_up": 503} {
		if have := ask(ended, e, query); have.Code != want {
			t.Errorf("%s: want it to wait its turn and %d, have %d", query, want, have.Code)
		}
	}
	if have := ask(t.Context(), e, ""); have.Code != 200 {
		t.Errorf("want 200, have %d", have.Code)
	}
	e.narrowed.pages.turn <- struct{}{}
}

// The kept bytes are bounded, and the answers that were asked for last stay.
func TestRecentAnswersAreBounded(t *testing.T) {
	const fits = 4
	size := (&answered{key: "key-00", madeOf: weakly(newShelf(1)), page: answerOf(100)}).size()
	r, wanted := newRecent(fits*size), whole(newShelf(1))
	key := func(i int) string { return fmt.Sprintf("key-%02d", i) }
	for i := range 50 {
		r.keep(key(i), wanted, answerOf(100))
		if r.known(key(0), wanted) == nil {
			t.Fatalf("%d answers later the one that is asked for again and again is gone", i)
		}
		if have := min(i+1, fits); len(r.byKey) != have || r.order.Len() != have || r.size != have*size {
			t.Fatalf("want %d answers of %d bytes, have %d, %d of %d bytes in all", have, size, len(r.byKey), r.order.Len(), r.size)
		}
	}
	if r.known(key(49), wanted) == nil || r.known(key(40), wanted) != nil {
		t.Error("want the newest and no old one")
	}
	r.keep("large", wanted, answerOf(fits*size))
	if r.known("large", wanted) != nil || r.known(key(0), wanted) == nil {
		t.Error("want an answer that is too large not to push the others out")
	}
}

func answerOf(bytes int) *page {
	return &page{body: [][]byte{make([]byte, bytes)}}
}

// An answer for old snapshots is not used, and keeps none of them in memory.
func TestRecentAnswersKeepNoSnapshot(t *testing.T) {
	r := newRecent(maxRecent)
	old := newShelf(1)
	r.keep("key", whole(old), answerOf(100))
	gone := weak.Make(old[0])
	runtime.KeepAlive(old)
	old = nil //nolint:wastedassign,ineffassign // the last reference
	runtime.GC()
	if gone.Value() != nil {
		t.Error("want the snapshot collected")
	}
	if r.known("key", whole(newShelf(1))) != nil || len(r.byKey) != 0 || r.size != 0 {
		t.Errorf("want no answer of the snapshot before, have %d of %d bytes", len(r.byKey), r.size)
	}
}
