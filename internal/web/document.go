package web

import (
	"time"

	"datahub_exporter/source"
)

// Document is the status of all targets: how fresh it is, what is not running and
// why, and what depends on what. People see it as a page, and programs read it as
// JSON, which docs/status.md describes field by field. It holds times, not ages, so
// that it stays the same while nothing changes. It is never changed once it is built.
type Document struct {
	// Summary counts the items.
	Summary Summary `json:"summary"`
	// Targets are in the order of the configuration, tasks before connections.
	Targets []Target `json:"targets"`
	// Items are in the order of their conditions, worst first, then connections
	// before tasks, then in the order of their IDs.
	Items []*Item `json:"items"`
	// Changes are the newest since the start, newest first.
	Changes []*Change `json:"changes"`
}

// Summary counts the items by condition, and the targets that are not up.
type Summary struct {
	Failed   int `json:"failed"`
	Unknown  int `json:"unknown"`
	Paused   int `json:"paused"`
	Changing int `json:"changing"`
	Running  int `json:"running"`
	// TargetsDown counts the targets whose last refresh failed.
	TargetsDown int `json:"targetsDown"`
}

// Target is what one refresh asks for: one kind of items of one account in one
// region.
type Target struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	// Kind is the name of a source.Kind.
	Kind string `json:"kind"`
	// Up is whether the last refresh succeeded. It is false before the first.
	Up bool `json:"up"`
	// Refreshed is when the last refresh began; zero before the first.
	Refreshed time.Time `json:"refreshed,omitzero"`
	// Succeeded is when the last good refresh ended; zero before the first.
	Succeeded time.Time `json:"succeeded,omitzero"`
	// Failures counts the failed refreshes since the start.
	Failures int64 `json:"failures"`
	// Error is why the last refresh failed; nil if it did not.
	Error *Error `json:"error,omitempty"`
	// Known is whether there is a listing. Without one, the items are unknown.
	Known bool `json:"known"`
	// Listed counts the items that the last good refresh listed, Kept those that it
	// lacked and that are kept as they were.
	Listed int `json:"listed"`
	Kept   int `json:"kept"`
	// Reported is how many items the API says there are; nil if it did not say.
	Reported *float64 `json:"reported,omitempty"`

	short bool // fewer are listed than reported
}

// Error is a failed refresh.
type Error struct {
	// Class is the class of source.Error, Code the API's code if it answered.
	Class   string `json:"class"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message"`
	// Remedy says what to do; empty where nothing can be done here.
	Remedy        string `json:"remedy,omitempty"`
	RemedyChinese string `json:"remedyChinese,omitempty"`
}

// Item is one task or connection. Its texts are single clean lines of at most 256
// characters, or 1,024 for Message; ID and Name are as the API sent them.
type Item struct {
	// Kind is the name of a source.Kind.
	Kind    string `json:"kind"`
	Account string `json:"account"`
	Region  string `json:"region"`
	ID      string `json:"id"`
	Name    string `json:"name"`
	// Status is the API's code; nil if it sent none.
	Status       *float64         `json:"status"`
	State        string           `json:"state"`
	StateChinese string           `json:"stateChinese"`
	Condition    source.Condition `json:"condition"`
	// Reason is the cause found in Message; nil unless the item has failed and says
	// why.
	Reason *Reason `json:"reason,omitempty"`
	// Message is what the API says. It is left out for a running item, where it is
	// no error.
	Message string `json:"message,omitempty"`
	// Warning is about something that does not affect the task.
	Warning     string `json:"warning,omitempty"`
	Description string `json:"description,omitempty"`
	// Since is when the exporter first saw the item in this state; zero if the item
	// has been in it from the start.
	Since time.Time `json:"since,omitzero"`
	// Created is in the cloud's own format and local time.
	Created string `json:"created,omitempty"`
	// Type is SOURCE or SINK for a task, MYSQL and the like for a connection.
	Type string `json:"type,omitempty"`
	// Step and Progress, in percent, are set while an item is being created.
	Step     string   `json:"step,omitempty"`
	Progress *float64 `json:"progress,omitempty"`
	// Consumer is how far a task that reads from a topic has come; nil where that is not
	// known.
	Consumer *Consumer `json:"consumer,omitempty"`
	// Source and Target are the ends of a task.
	Source *End `json:"source,omitempty"`
	Target *End `json:"target,omitempty"`
	// Resource is what a connection leads to, such as the ID of a database.
	Resource string `json:"resource,omitempty"`
	// Connections are those that a task goes through.
	Connections []Link `json:"connections,omitempty"`
	// Tasks are those that go through a connection, TaskCount is how many there are
	// by the API's count; nil if it gave none.
	Tasks     []Link   `json:"tasks,omitempty"`
	TaskCount *float64 `json:"taskCount,omitempty"`

	uses []*Item // the connections
}

// Consumer is the consumer group of a task.
type Consumer struct {
	// Polled is when it was last asked for.
	Polled time.Time `json:"polled"`
	// Lag counts the messages that it has not committed yet; nil if it has no committed
	// offset. NeverCommitted is set if it has none although there are messages.
	Lag            *int64 `json:"lag,omitempty"`
	NeverCommitted bool   `json:"neverCommitted,omitempty"`
	// StalledPartitions counts those in which nothing is committed although messages
	// wait, StalledSeconds is how long the longest of them has been so.
	StalledPartitions int     `json:"stalledPartitions,omitempty"`
	StalledSeconds    float64 `json:"stalledSeconds,omitempty"`
}

// Reason is one of about a dozen words, and what to do about it.
type Reason struct {
	Word          string `json:"word"`
	Remedy        string `json:"remedy"`
	RemedyChinese string `json:"remedyChinese"`
}

// End is where a task reads from or writes to.
type End struct {
	Type string `json:"type,omitempty"`
	// Resource is the ID of a connection, or of an instance.
	Resource string `json:"resource,omitempty"`
	// ResourceName and Topic are set for CKafka instances.
	ResourceName string `json:"resourceName,omitempty"`
	Topic        string `json:"topic,omitempty"`
}

// Link names an item that is linked with another.
type Link struct {
	ID           string           `json:"id"`
	Name         string           `json:"name"`
	State        string           `json:"state"`
	StateChinese string           `json:"stateChinese"`
	Condition    source.Condition `json:"condition"`
}

// lateNotice is how much later than its tasks a connection may be found to have failed,
// and still be the cause.
const lateNotice = 10 * time.Minute

// explains reports whether a failed connection is why a task has failed or is changing:
// the task has no reason of its own, and was not in its state long before.
func (i *Item) explains(task *Item) bool {
	if i.Condition != source.Failed || task.Condition != source.Failed && task.Condition != source.Changing {
		return false
	}
	if task.Reason != nil && (i.Reason == nil || task.Reason.Word != i.Reason.Word || task.Reason.Word == "other") {
		return false
	}
	return i.Since.Sub(task.Since) <= lateNotice
}

// Stalled reports whether a task runs and commits nothing although messages wait, for
// longer than one poll.
func (i *Item) Stalled() bool {
	return i.Condition == source.Running && i.Consumer != nil && (i.Consumer.StalledSeconds > 0 || i.Consumer.NeverCommitted)
}

// NeedsAttention reports whether the item is among those that are not well.
func (i *Item) NeedsAttention() bool { return i.Condition != source.Running || i.Stalled() }

// Running reports whether the item needs no attention.
func (l Link) Running() bool { return l.Condition == source.Running }
