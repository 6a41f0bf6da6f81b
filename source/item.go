package source

import (
	"time"
	"unicode/utf8"
)

// StatusUnknown is the status of an item whose status the API did not tell. It
// is none of the API's codes. NaN would say it better, but not every reader
// keeps NaN: VictoriaMetrics drops it.
const StatusUnknown = -100

// longestText is how many bytes of a message, a warning or a description are
// kept. The stack traces of Kafka Connect name their cause within that; the
// longest message is bounded by the body alone.
const longestText = 2048

// Item is one task or connection.
type Item struct {
	// ID is never empty in a Listing and never twice in one.
	ID string
	// Name is as the API sent it, empty where it was null.
	Name string
	// Status is the API's code, passed on as it is; StatusUnknown where it was
	// null.
	Status float64
	// Since is when the refresh ended that first found the item with this
	// status. It is zero if the first listing had it already.
	Since time.Time
	// Details are what else the API tells, nil if it is nothing. They are never
	// changed: the snapshots share those that stay the same.
	Details *Details
}

// Told returns the details, which are empty if the API tells nothing else.
func (i *Item) Told() *Details {
	if i.Details == nil {
		return new(Details)
	}
	return i.Details
}

// Details are what the API tells of an item besides its status. All of it is as
// the API sent it, texts cut to 2 KiB; what was null, absent or of another type
// than documented is the zero value, for it must not cost a status.
type Details struct {
	// Type is SOURCE or SINK for a task, MYSQL and the like for a connection.
	Type string
	// Message is ErrorMessage. It is no sign of an error: that of a running
	// task says "运行中".
	Message string
	// Warning tells of what does not affect the task; connections have none.
	Warning string
	// Description is what people wrote.
	Description string
	// Created is CreateTime, in the cloud's local time.
	Created string
	// Step is the step of the creation.
	Step string
	// Progress is how far the creation is, in percent.
	Progress float64
	// Source and Target are the ends of a task.
	Source, Target End
	// DatahubID is a task's DatahubId.
	DatahubID string
	// Tasks is how many tasks use a connection; nil if the API did not tell.
	Tasks *float64
	// Resource is what a connection leads to, such as the ID of a database.
	Resource string
}

// An End is where a task reads from or writes to.
type End struct {
	// Type is MYSQL, TOPIC and the like.
	Type string
	// Resource is the ID of the connection, or of the instance if the end uses
	// no connection.
	Resource string
	// ResourceName is the name of a CKafka instance, Topic its topic; empty for
	// other ends.
	ResourceName, Topic string
}

// cut returns the first 2 KiB of a text, less a character cut in two.
func (t text) cut() text {
	if len(t) <= longestText {
		return t
	}
	end := longestText
	for end > longestText-utf8.UTFMax && !utf8.RuneStart(t[end]) {
		end--
	}
	return t[:end]
}

// date sets since when the items have their status, given the listing before,
// which may be nil.
func (l *Listing) date(before *Listing, now time.Time) {
	if before == nil {
		return
	}
	var index map[string]int // of the items before; most often the order stays
	for i := range l.Items {
		item := &l.Items[i]
		at := i
		if i >= len(before.Items) || before.Items[i].ID != item.ID {
			if index == nil {
				index = before.index()
			}
			var known bool
			if at, known = index[item.ID]; !known {
				item.Since = now
				continue
			}
		}
		if was := before.Items[at]; was.Status == item.Status {
			item.Since = was.Since
		} else {
			item.Since = now
		}
	}
}

func (l *Listing) index() map[string]int {
	index := make(map[string]int, len(l.Items))
	for i, item := range l.Items {
		index[item.ID] = i
	}
	return index
}
