package cloudsim

import (
	"slices"
	"sync"
	"time"
)

// The two actions that the stand-in serves.
const (
	// DescribeDatahubTasks lists the connector tasks of a region.
	DescribeDatahubTasks = "DescribeDatahubTasks"
	// DescribeConnectResources lists the connections of a region. The action with
	// the singular name, which describes one connection, is not served.
	DescribeConnectResources = "DescribeConnectResources"
)

// Fleet says what exists.
type Fleet interface {
	// Items returns the whole listing of one action and region as of now. known is
	// false if the region does not exist; the call is then refused with
	// UnsupportedRegion. The caller owns the returned slice. Items must not call
	// the Server that calls it.
	Items(action, region string, now time.Time) (items []Item, known bool)
}

// Item is one task or connection. Only ID is needed for a plausible item.
type Item struct {
	// ID and Name are TaskId and TaskName, or ResourceId and ResourceName.
	ID, Name string
	// Status is the API's code, whose meaning differs between tasks and
	// connections.
	Status int64
	// Type is SOURCE or SINK for a task; MYSQL, POSTGRESQL, MONGODB and the
	// like for a connection.
	Type string
	// Source and Target are the types of a task's two ends, such as MYSQL,
	// TOPIC, KAFKA or ES.
	Source, Target string
	// Resource is the ResourceId of the connection behind a task. It is sent in the
	// parameters of the end that uses the connection: the target of a SINK task,
	// the source of any other.
	Resource string
	// ErrorMessage is the API's message about a failure.
	ErrorMessage string
	// Group is the consumer group of a task that reads from a topic; nil if there is
	// none.
	Group *Group
	// Fields overrides or adds any wire field of the item by name; a nil value is
	// sent as null.
	Fields map[string]any
	// Null sends null in the item's place.
	Null bool
}

// Inventory is a mutable [Fleet], safe for concurrent use. Create it with
// [NewInventory].
type Inventory struct {
	mu      sync.Mutex
	regions map[string]bool
	items   map[target][]Item
}

// target is what a call is for. As the key of a script, an empty field matches any
// value.
type target struct{ action, region string }

// NewInventory returns an empty fleet in the given regions.
func NewInventory(regions ...string) *Inventory {
	inventory := &Inventory{regions: map[string]bool{}, items: map[target][]Item{}}
	for _, region := range regions {
		inventory.regions[region] = true
	}
	return inventory
}

// Set replaces the listing of one action and region with a copy of items. An
// unknown region becomes known.
func (i *Inventory) Set(action, region string, items ...Item) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.regions[region] = true
	i.items[target{action, region}] = slices.Clone(items)
}

// Items implements [Fleet]. An inventory does not change by itself, so the time is
// ignored.
func (i *Inventory) Items(action, region string, _ time.Time) (items []Item, known bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.items[target{action, region}]), i.regions[region]
}
