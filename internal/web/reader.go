package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"datahub_exporter/source"
)

// statusPatience is how long a reader of the status waits for a refresh before it
// gets what is known. Sources stop waiting half a second before a deadline.
const statusPatience = 2500 * time.Millisecond

// Sources are what the status is read from; source.Set documents both methods.
type Sources interface {
	Refresh(ctx context.Context, maxAge time.Duration)
	Last() []*source.Snapshot
}

// reader reads the status. All requests while nothing has changed share one
// document and its bytes.
type reader struct {
	sources Sources

	mu        sync.Mutex
	snapshots []*source.Snapshot // what the document was made of
	document  *Document
	encoded   []byte // the document as JSON; nil until someone asks for it
}

// read returns the status. What was last asked for maxAge ago or longer is
// refreshed first, as for a scrape.
func (r *reader) read(ctx context.Context, maxAge time.Duration) *Document {
	r.refresh(ctx, maxAge)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.update()
	return r.document
}

// readJSON is like read, but returns JSON.
func (r *reader) readJSON(ctx context.Context, maxAge time.Duration) ([]byte, error) {
	r.refresh(ctx, maxAge)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.update()
	if r.encoded == nil {
		var encoded bytes.Buffer
		if err := json.NewEncoder(&encoded).Encode(r.document); err != nil {
			return nil, fmt.Errorf("encode status: %w", err)
		}
		r.encoded = encoded.Bytes()
	}
	return r.encoded, nil
}

func (r *reader) refresh(ctx context.Context, maxAge time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, statusPatience)
	defer cancel()
	r.sources.Refresh(ctx, maxAge)
}

// update makes a new document if there are new snapshots. It is called with the
// lock held.
func (r *reader) update() {
	snapshots := r.sources.Last()
	if r.document == nil || !slices.Equal(snapshots, r.snapshots) {
		r.snapshots, r.document, r.encoded = snapshots, newDocument(snapshots), nil
	}
}

// maxAge returns how old an answer may be by a request's Cache-Control, or 0 if
// that does not say.
func maxAge(cacheControl string) time.Duration {
	for directive := range strings.SplitSeq(cacheControl, ",") {
		value, found := strings.CutPrefix(strings.TrimSpace(directive), "max-age=")
		if seconds, err := strconv.ParseUint(value, 10, 31); found && err == nil {
			return time.Duration(seconds) * time.Second
		}
	}
	return 0
}
