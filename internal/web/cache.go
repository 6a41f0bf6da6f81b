package web

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"datahub_exporter/source"
)

// refreshTimeout is how long a reader of the status waits for a refresh before it
// gets what is known. Sources stop waiting half a second before a deadline.
const refreshTimeout = 2500 * time.Millisecond

// Sources are what the status is read from; source.Set documents the methods.
type Sources interface {
	Refresh(ctx context.Context, maxAge time.Duration)
	Last() []*source.Snapshot
	Changes() []source.Change
}

// documentCache builds a document once for all requests between two refreshes.
type documentCache struct {
	sources Sources

	mu        sync.Mutex
	snapshots []*source.Snapshot // what the document was built from
	document  *Document
}

// get returns the status. What is older than maxAge is refreshed first, as for a
// scrape.
func (c *documentCache) get(ctx context.Context, maxAge time.Duration) *Document {
	ctx, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	c.sources.Refresh(ctx, maxAge)
	c.mu.Lock()
	defer c.mu.Unlock()
	snapshots := c.sources.Last()
	if c.document == nil || !slices.Equal(snapshots, c.snapshots) {
		c.snapshots, c.document = snapshots, newDocument(snapshots, c.sources.Changes())
	}
	return c.document
}

// maxAge returns how old a response may be by a request's Cache-Control, or 0 if
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
