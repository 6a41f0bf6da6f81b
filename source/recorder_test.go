package source

import (
	"context"
	"slices"
	"sync"
)

// recorder serves pages and remembers which offsets were requested in which reading
// of the listing. A reading begins at offset 0, unless all pages are requested at once.
type recorder struct {
	mu     sync.Mutex
	passes [][]int64
}

func (r *recorder) record(api func(pass int, offset int64) Page) List {
	return func(_ context.Context, offset int64) (Page, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if offset == 0 || len(r.passes) == 0 {
			r.passes = append(r.passes, nil)
		}
		last := len(r.passes) - 1
		r.passes[last] = append(r.passes[last], offset)
		return api(len(r.passes), offset), nil
	}
}

// sorted returns the offsets of each reading in ascending order: the pages of one
// wave are requested concurrently.
func (r *recorder) sorted() []int64 {
	var all []int64
	for _, pass := range r.passes {
		slices.Sort(pass)
		all = append(all, pass...)
	}
	return all
}
