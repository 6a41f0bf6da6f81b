package web

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

// maxMessage is how many characters of a message are kept: in the stack traces
// of Kafka Connect the cause comes last.
const maxMessage = 1024

// newDocument returns the document of what is known about all tasks and connections,
// and of what has changed.
func newDocument(snapshots []*source.Snapshot, changes []source.Change) *Document {
	document := &Document{Targets: []Target{}, Items: []*Item{}, Changes: []*Change{}}
	for _, snapshot := range snapshots {
		document.add(source.KindOf(snapshot.Target.Action), snapshot)
	}
	linkItems(document.Items)
	sortItems(document.Items)
	for _, item := range document.Items {
		*document.Summary.counter(item.Condition)++
	}
	document.addChanges(changes)
	return document
}

func (d *Document) add(kind source.Kind, snapshot *source.Snapshot) {
	target := newTarget(kind, snapshot)
	d.Targets = append(d.Targets, target)
	if target.Error != nil {
		d.Summary.TargetsDown++
	}
	if snapshot.Listing == nil {
		return
	}
	for i := range snapshot.Listing.Items {
		item := newItem(kind, &snapshot.Listing.Items[i])
		item.Account, item.Region = target.Account, target.Region
		item.Consumer = newConsumer(snapshot.Progress.Of(item.ID))
		d.Items = append(d.Items, item)
	}
}

func newTarget(kind source.Kind, snapshot *source.Snapshot) Target {
	target := Target{
		Account:   snapshot.Target.Account,
		Region:    snapshot.Target.Region,
		Kind:      kind.Name,
		Up:        snapshot.Up(),
		Refreshed: documentTime(snapshot.Began),
		Succeeded: documentTime(snapshot.LastSuccess),
		Failures:  snapshot.Failures,
		Error:     newError(snapshot.Err),
	}
	if listing := snapshot.Listing; listing != nil {
		target.Known, target.Listed = true, listing.Listed()
		target.Kept, _ = listing.Kept()
		target.short = listing.Short()
		if !math.IsNaN(listing.Reported) {
			target.Reported = &listing.Reported
		}
	}
	return target
}

// documentTime returns a time as it appears in a document.
func documentTime(at time.Time) time.Time { return at.UTC().Truncate(time.Millisecond) }

func newError(err error) *Error {
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

func newItem(kind source.Kind, listed *source.Item) *Item {
	state, details := kind.State(listed.Status), listed.Details.OrZero()
	item := &Item{
		Kind:         kind.Name,
		ID:           listed.ID,
		Name:         listed.Name,
		State:        state.Name,
		StateChinese: state.Chinese,
		Condition:    state.Condition,
		Warning:      logging.Clean(details.Warning),
		Description:  logging.Clean(details.Description),
		Since:        documentTime(listed.Since),
		Created:      logging.Clean(details.Created),
		Type:         logging.Clean(details.Type),
		Source:       newEnd(details.Source),
		Target:       newEnd(details.Target),
		Resource:     logging.Clean(details.Resource),
	}
	if details.Tasks.Known {
		item.TaskCount = &details.Tasks.Value
	}
	if listed.Status != source.StatusUnknown {
		item.Status = &listed.Status
	}
	if state.Condition != source.Running {
		item.Message = logging.CleanTo(maxMessage, details.Message)
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

func newConsumer(known *source.TaskProgress) *Consumer {
	if known == nil || !known.Known && !known.NeverCommitted {
		return nil
	}
	consumer := &Consumer{
		Polled: documentTime(known.Polled), NeverCommitted: known.NeverCommitted,
		StalledPartitions: known.StalledPartitions, StalledSeconds: known.Stalled.Round(time.Millisecond).Seconds(),
	}
	if known.Known {
		consumer.Lag = &known.Lag
	}
	return consumer
}

func newEnd(end source.End) *End {
	if end == (source.End{}) {
		return nil
	}
	return &End{
		Type: logging.Clean(end.Type), Resource: logging.Clean(end.Resource),
		ResourceName: logging.Clean(end.ResourceName), Topic: logging.Clean(end.Topic),
	}
}

// linkItems links tasks and the connections that they use: an end of a task names
// the ID of its connection. Both have the same account and region.
func linkItems(items []*Item) {
	type key struct{ account, region, id string }
	connections := map[key]*Item{}
	for _, item := range items {
		if !item.isTask() {
			connections[key{item.Account, item.Region, item.ID}] = item
		}
	}
	for _, task := range items {
		for _, id := range task.endResources() {
			if connection, known := connections[key{task.Account, task.Region, id}]; known {
				task.uses = append(task.uses, connection)
				task.Connections = append(task.Connections, connection.link())
				connection.Tasks = append(connection.Tasks, task.link())
			}
		}
	}
}

func (i *Item) isTask() bool { return i.Kind == source.TaskKind().Name }

// endResources returns the resources that the ends of a task name; connections have
// no ends.
func (i *Item) endResources() []string {
	var named []string
	for _, end := range []*End{i.Source, i.Target} {
		if end != nil && end.Resource != "" && !slices.Contains(named, end.Resource) {
			named = append(named, end.Resource)
		}
	}
	return named
}

func (i *Item) link() Link {
	return Link{ID: i.ID, Name: i.Name, State: i.State, StateChinese: i.StateChinese, Condition: i.Condition}
}

// sortItems sorts as Document says.
func sortItems(items []*Item) {
	slices.SortStableFunc(items, func(a, b *Item) int { return cmp.Or(a.rank()-b.rank(), cmp.Compare(a.Kind, b.Kind)) })
}

func (i *Item) rank() int {
	if i.Stalled() { // just before those that run
		return 2*rank(i.Condition) - 1
	}
	return 2 * rank(i.Condition)
}

// rank returns the place of a condition among all, worst first.
func rank(condition source.Condition) int { return slices.Index(conditions(), condition) }

// conditions returns all conditions, worst first.
func conditions() []source.Condition {
	return []source.Condition{
		source.Failed, source.Unknown, source.Paused, source.Changing, source.Running,
	}
}

// counter returns the field that counts the items in a condition.
func (s *Summary) counter(condition source.Condition) *int {
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
