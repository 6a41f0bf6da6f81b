package instrument

import (
	"maps"
	"sync"

	"datahub_exporter/internal/logging"
	"datahub_exporter/internal/reason"
	"datahub_exporter/source"
)

// An errorInfo is what the error_info series of an item says.
type errorInfo struct{ reason, message string }

// errorInfos remembers what the error_info series say, so that a message sticks
// while status and reason stay: a position or a time that changes in it makes no new
// series. It is safe for concurrent use.
type errorInfos struct {
	mu       sync.Mutex
	byTarget map[source.Target]targetErrors
}

// targetErrors are the errors of a target's last listing.
type targetErrors struct {
	listing *source.Listing
	byID    map[string]itemError
}

type itemError struct {
	status float64
	raw    string // as the API sent it
	errorInfo
}

// update returns the errors of a snapshot's items by their IDs, and remembers them.
func (e *errorInfos) update(kind source.Kind, snapshot *source.Snapshot) map[string]itemError {
	e.mu.Lock()
	defer e.mu.Unlock()
	before := e.byTarget[snapshot.Target]
	if before.listing == snapshot.Listing || snapshot.Listing == nil {
		return before.byID
	}
	byID := map[string]itemError{}
	for _, item := range snapshot.Listing.Items {
		if kind.State(item.Status).Condition != source.Failed {
			continue // a message with a healthy status is no error
		}
		if now := newItemError(&item, before.byID[item.ID]); now.message != "" {
			byID[item.ID] = now
		}
	}
	if e.byTarget == nil {
		e.byTarget = map[source.Target]targetErrors{}
	}
	e.byTarget[snapshot.Target] = targetErrors{snapshot.Listing, byID}
	return byID
}

// newItemError returns the error of a failed item, given that of the listing before.
func newItemError(item *source.Item, before itemError) itemError {
	raw := item.Details.OrZero().Message
	if before.status == item.Status && before.raw == raw {
		return before
	}
	now := itemError{item.Status, raw, errorInfo{reason.Of(raw).Word, logging.Clean(raw)}}
	if before.status == now.status && before.reason == now.reason && now.message != "" {
		now.errorInfo = before.errorInfo
	}
	return now
}

// keepOnly forgets the targets that are not watched any more.
func (e *errorInfos) keepOnly(watched []*source.Snapshot) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.byTarget) <= len(watched) {
		return
	}
	targets := map[source.Target]bool{}
	for _, snapshot := range watched {
		targets[snapshot.Target] = true
	}
	maps.DeleteFunc(e.byTarget, func(target source.Target, _ targetErrors) bool { return !targets[target] })
}
