package source

import "context"

// Target is what one Source queries.
type Target struct {
	// Account is the account's name in the configuration.
	Account string
	// Region is the cloud's region, such as "ap-guangzhou".
	Region string
	Action Action
}

// Action is a call by its name on the wire: one of the API's two list calls or, in
// a CallReport, a call for a credential.
type Action string

// The two list calls, and the calls for the progress of tasks.
const (
	Tasks       Action = "DescribeDatahubTasks"
	Connections Action = "DescribeConnectResources"

	GroupOffsets      Action = "DescribeGroupOffsets"        // of a CKafka instance
	TopicGroupOffsets Action = "DescribeDatahubGroupOffsets" // of an elastic topic
	SingleTask        Action = "DescribeDatahubTask"
)

// PageSize is how many items a page has at most. It is the largest Limit that the API
// documents.
const PageSize = 100

// Page is one response to a list call. An element that is null or has no ID is an
// Item with an empty ID.
type Page struct {
	Items []Item
	// Total is the response's TotalCount, NaN if it was null.
	Total float64
}

// List makes one call for the page that begins at an offset. Its error is an *Error.
type List func(ctx context.Context, offset int64) (Page, error)

// A Lister is a target, and how to list it.
type Lister struct {
	Target Target
	List   List
	// Ready, if set, waits until there is what a call needs, such as a credential. It
	// runs before the call counts against any limit. Its error is an *Error.
	Ready func(ctx context.Context) error
	// Offsets asks for a page of the offsets of a consumer group, and Group for the name
	// of the consumer group of a task, empty if the API names none. Their errors are
	// *Errors. Only a lister of tasks has them.
	Offsets func(ctx context.Context, page OffsetsQuery) (OffsetsPage, error)
	Group   func(ctx context.Context, taskID string) (string, error)
}

// OffsetsQuery is what a call for offsets asks.
type OffsetsQuery struct {
	Consumption
	Group string
	// Offset is how many topics are skipped.
	Offset int
}

// OffsetsPage is one response to a call for offsets.
type OffsetsPage struct {
	// Partitions are those of the page's topics, Topics how many those are, and Total
	// how many the API says there are, 0 if it does not.
	Partitions []Partition
	Topics     int
	Total      int64
}
