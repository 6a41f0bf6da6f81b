package source

import "time"

// StatusUnknown is the status of an item for which the API sent no status. It is
// not one of the API's codes. NaN would be clearer, but not every backend keeps NaN:
// VictoriaMetrics drops it.
const StatusUnknown = -100

// Item is one task or connection.
type Item struct {
	// ID is never empty and never occurs twice in a Listing.
	ID string
	// Name is as the API sent it, empty if it was null.
	Name string
	// Status is the API's code, unchanged; StatusUnknown if it was null.
	Status float64
	// Since is when the refresh ended that first found the item with this status.
	// It is zero if the first listing already had it.
	Since time.Time
	// Details are what else the API sent, nil if that was nothing. They are never
	// changed: snapshots share those that stay the same.
	Details *Details
}

// Details are what the API sends about an item besides its status. All of it is as
// the API sent it, texts cut to 2 KiB. What was null, absent or not of the
// documented type is the zero value, because it must not cost us the status.
type Details struct {
	// Type is SOURCE or SINK for a task, MYSQL and the like for a connection.
	Type string
	// Message is ErrorMessage. It does not mean that there is an error: that of a
	// running task says "运行中".
	Message string
	// Warning is about something that does not affect the task; connections have
	// none.
	Warning string
	// Description was written by a user.
	Description string
	// Created is CreateTime, in the cloud's local time.
	Created string
	// Step is the step of the creation.
	Step string
	// Progress is the progress of the creation, in percent.
	Progress float64
	// Source and Target are the ends of a task.
	Source, Target End
	// DatahubID is a task's DatahubId.
	DatahubID string
	// MaxTasks is how many parts a task may run in at once, SyncThrottleLimit the
	// megabytes that it may read in a second, and AutoExpand 1 if it scales by itself,
	// else 0.
	MaxTasks, SyncThrottleLimit, AutoExpand Number
	// Tasks is how many tasks use a connection.
	Tasks Number
	// Resource is what a connection leads to, such as the ID of a database.
	Resource string
	// Tags are those of a connection.
	Tags Tags
}

// A Number is a number that the API may leave out. It is comparable, as a pointer to a
// number is not.
type Number struct {
	Value float64
	Known bool
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
	// Topics are the names of the topics, separated by commas, of an end with several.
	Topics string
	// Pattern is whether the end has topics that only a pattern or a prefix names.
	Pattern bool
}

// OrZero returns d, or empty details if d is nil.
func (d *Details) OrZero() *Details {
	if d == nil {
		return new(Details)
	}
	return d
}

// equal reports whether two details, which may be nil, are the same.
func (d *Details) equal(other *Details) bool {
	if d == nil || other == nil {
		return d == other
	}
	return *d == *other
}
