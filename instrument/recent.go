package instrument

import (
	"container/list"
	"slices"
	"weak"

	"datahub_exporter/source"
)

// maxRecent is how many bytes of narrowed answers are kept for one path. The answer
// for one target with 200 items takes 10 kB compressed: a thousand of them fit, so
// that two servers that scrape that many targets share every answer.
const maxRecent = 10 << 20

// overhead is what an answer takes besides its bytes and its key: its header, and
// its places in the map and the list.
const overhead = 2 << 10

// recent keeps the narrowed answers that were asked for last. Readers choose the
// narrowings freely, so only the size of the answers bounds them.
type recent struct {
	limit, size int
	order       *list.List // newest first
	byKey       map[string]*list.Element
}

// answered is an answer and what it was made of. It keeps no snapshot alive: the
// items of a snapshot take far more memory than the answer.
type answered struct {
	key    string
	madeOf []weak.Pointer[source.Snapshot]
	page   *page
}

func newRecent(limit int) *recent {
	return &recent{limit: limit, order: list.New(), byKey: map[string]*list.Element{}}
}

func (a *answered) size() int { return a.page.size() + len(a.key) + 8*len(a.madeOf) + overhead }

func (r *recent) known(key string, wanted scrape) *page {
	element, found := r.byKey[key]
	if !found {
		return nil
	}
	if answer := element.Value.(*answered); slices.Equal(answer.madeOf, weakly(wanted.wanted)) {
		r.order.MoveToFront(element)
		return answer.page
	}
	r.drop(element)
	return nil
}

func (r *recent) keep(key string, wanted scrape, made *page) {
	answer := &answered{key, weakly(wanted.wanted), made}
	if answer.size() > r.limit {
		return
	}
	r.byKey[key] = r.order.PushFront(answer)
	for r.size += answer.size(); r.size > r.limit; {
		r.drop(r.order.Back())
	}
}

func (r *recent) drop(element *list.Element) {
	answer := r.order.Remove(element).(*answered)
	delete(r.byKey, answer.key)
	r.size -= answer.size()
}

func weakly(snapshots []*source.Snapshot) []weak.Pointer[source.Snapshot] {
	pointers := make([]weak.Pointer[source.Snapshot], len(snapshots))
	for i, snapshot := range snapshots {
		pointers[i] = weak.Make(snapshot)
	}
	return pointers
}
