package status

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"time"

	"datahub_exporter/internal/logging"
	"datahub_exporter/internal/reason"
	"datahub_exporter/source"
)

// longestMessage is how many characters of a message are kept: in the stack traces
// of Kafka Connect the cause comes last.
const longestMessage = 1024

// kinds maps each call to the kind of items that it lists.
var kinds = map[source.Action]Kind{source.Tasks: Task, source.Connections: Connection}

// Of returns the document of what is known about all tasks and connections.
func Of(snapshots []*source.Snapshot) *Document {
	built := &Document{Targets: []Target{}, Items: []*Item{}}
	for _, states := range source.Kinds() {
		for _, snapshot := range snapshots {
			if snapshot.Target.Action == states.Action {
				built.add(kinds[states.Action], states, snapshot)
			}
		}
	}
	join(built.Items)
	order(built)
	for _, item := range built.Items {
		*built.Summary.of(item.Condition)++
	}
	return built
}

func (d *Document) add(kind Kind, states source.Kind, snapshot *source.Snapshot) {
	target := targetOf(kind, snapshot)
	d.Targets = append(d.Targets, target)
	if target.Error != nil {
		d.Summary.TargetsDown++
	}
	if snapshot.Listing == nil {
		return
	}
	for i := range snapshot.Listing.Items {
		item := itemOf(&snapshot.Listing.Items[i], states)
		item.Kind, item.Account, item.Region = kind, target.Account, target.Region
		d.Items = append(d.Items, item)
	}
}

func targetOf(kind Kind, snapshot *source.Snapshot) Target {
	target := Target{
		Account:   snapshot.Target.Account,
		Region:    snapshot.Target.Region,
		Kind:      kind,
		Up:        snapshot.Up(),
		Refreshed: told(snapshot.Began),
		Succeeded: told(snapshot.LastSuccess),
		Failures:  snapshot.Failures,
		Error:     errorOf(snapshot.Err),
	}
	if listing := snapshot.Listing; listing != nil {
		target.Known, target.Listed = true, listing.Listed()
		target.Kept, _ = listing.Kept()
		if !math.IsNaN(listing.Reported) {
			target.Reported = &listing.Reported
		}
	}
	return target
}

// told returns a time as it appears in a document.
func told(at time.Time) time.Time { return at.UTC().Truncate(time.Millisecond) }

func errorOf(err error) *Error {
	failure, ok := errors.AsType[*source.Error](err)
	if !ok {
		return nil
	}
	remedy := failure.Remedy()
	return &Error{
		Class: string(failure.Class), Code: failure.Code, Message: failure.Message,
		Remedy: remedy.English, RemedyChinese: remedy.Chinese,
	}
}

func itemOf(listed *source.Item, kind source.Kind) *Item {
	state, details := kind.State(listed.Status), listed.Details.OrZero()
	item := &Item{
		ID:           listed.ID,
		Name:         listed.Name,
		State:        state.Name,
		StateChinese: state.Chinese,
		Condition:    state.Condition,
		Warning:      logging.Clean(details.Warning),
		Description:  logging.Clean(details.Description),
		Since:        told(listed.Since),
		Created:      logging.Clean(details.Created),
		Type:         logging.Clean(details.Type),
		Source:       endOf(details.Source),
		Target:       endOf(details.Target),
		Resource:     logging.Clean(details.Resource),
		TaskCount:    details.Tasks,
	}
	if listed.Status != source.StatusUnknown {
		item.Status = &listed.Status
	}
	if state.Condition != source.Running {
		item.Message = logging.CleanTo(longestMessage, details.Message)
	}
	if state.Condition == source.Failed && item.Message != "" {
		cause := reason.Of(details.Message) // before it is cut
		item.Reason = &Reason{Word: cause.Word, Remedy: cause.Remedy, RemedyChinese: cause.RemedyChinese}
	}
	if state.Name == "creating" { // in any other state the two mean nothing
		item.Step, item.Progress = logging.Clean(details.Step), &details.Progress
	}
	return item
}

func endOf(end source.End) *End {
	if end == (source.End{}) {
		return nil
	}
	return &End{
		Type: logging.Clean(end.Type), Resource: logging.Clean(end.Resource),
		ResourceName: logging.Clean(end.ResourceName), Topic: logging.Clean(end.Topic),
	}
}

// join links the tasks and the connections that they go through: an end of a task
// names the ID of its connection. Both have the same account and region.
func join(items []*Item) {
	type key struct{ account, region, id string }
	connections := map[key]*Item{}
	for _, item := range items {
		if item.Kind == Connection {
			connections[key{item.Account, item.Region, item.ID}] = item
		}
	}
	for _, task := range items {
		if task.Kind != Task {
			continue
		}
		for _, id := range resources(task) {
			if connection, known := connections[key{task.Account, task.Region, id}]; known {
				task.Connections = append(task.Connections, connection.link())
				connection.Tasks = append(connection.Tasks, task.link())
			}
		}
	}
}

// resources returns the resources that the ends of a task name.
func resources(task *Item) []string {
	var named []string
	for _, end := range []*End{task.Source, task.Target} {
		if end != nil && end.Resource != "" && !slices.Contains(named, end.Resource) {
			named = append(named, end.Resource)
		}
	}
	return named
}

func (i *Item) link() Link {
	return Link{ID: i.ID, Name: i.Name, State: i.State, StateChinese: i.StateChinese, Condition: i.Condition}
}

// order sorts a document as Document says.
func order(d *Document) {
	type place struct{ account, region string }
	places := map[place]int{}
	for _, target := range d.Targets {
		if at := (place{target.Account, target.Region}); places[at] == 0 {
			places[at] = len(places) + 1
		}
	}
	slices.SortStableFunc(d.Targets, func(a, b Target) int {
		return places[place{a.Account, a.Region}] - places[place{b.Account, b.Region}]
	})
	ranks := map[source.Condition]int{}
	for rank, condition := range Conditions() {
		ranks[condition] = rank
	}
	slices.SortStableFunc(d.Items, func(a, b *Item) int {
		return cmp.Or(ranks[a.Condition]-ranks[b.Condition], cmp.Compare(a.Kind, b.Kind))
	})
}

// Conditions returns all conditions, worst first.
func Conditions() []source.Condition {
	return []source.Condition{
		source.Failed, source.Unknown, source.Paused, source.Changing, source.Running,
	}
}

// Count returns how many items are in a condition.
func (s Summary) Count(condition source.Condition) int { return *s.of(condition) }

func (s *Summary) of(condition source.Condition) *int {
	switch condition {
	case source.Failed:
		return &s.Failed
	case source.Paused:
		return &s.Paused
	case source.Changing:
		return &s.Changing
	case source.Running:
		return &s.Running
	case source.Unknown:
	}
	return &s.Unknown
}
