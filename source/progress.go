package source

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// Progress says how far the tasks of a target that read from a topic have come. It is
// never changed once it is published.
type Progress struct {
	// Up reports whether all calls of the last round were answered; nil before the end
	// of the first round, unless a call has failed.
	Up *bool
	// NotFound counts the running tasks that read from a topic and whose consumer group
	// was not found.
	NotFound int
	// Tasks has what is known, by the ID of the task. What is older than three rounds is
	// unknown.
	Tasks map[string]*TaskProgress
}

// Of returns what is known of a task, nil if that is nothing. P may be nil.
func (p *Progress) Of(taskID string) *TaskProgress {
	if p == nil {
		return nil
	}
	return p.Tasks[taskID]
}

// TaskProgress is what is known of a task's consumer group. It is never changed once it is
// published.
type TaskProgress struct {
	// Polled is when the group was last asked.
	Polled time.Time
	// Known is whether any partition has a committed offset.
	Known bool
	// NeverCommitted is whether the group has partitions with messages in them, and has
	// committed nothing in any.
	NeverCommitted bool
	// Lag, Offset and LogEnd are messages not yet committed, committed and written, each
	// summed over the same partitions.
	Lag, Offset, LogEnd int64
	// Judged is whether a second poll could tell whether partitions are stalled.
	Judged bool
	// StalledPartitions is how many are, and Stalled how long the longest of them has
	// been.
	StalledPartitions int
	Stalled           time.Duration
}

// A Partition is one in which a consumer group has committed.
type Partition struct {
	Topic  string
	Number int64
	// Offset is the committed offset, negative if there is none. LogEnd is the end of
	// the partition's log.
	Offset, LogEnd int64
	// Failed is whether the API could not tell.
	Failed bool
}

// outdatedAfter is after how many rounds something that was not confirmed is unknown.
const outdatedAfter = 3

// consumer is what is remembered of the consumer group of a task.
type consumer struct {
	// group is its name if it is not the default, and asked when the API was last asked
	// for it.
	group string
	asked time.Time
	// rested is whether the task did not run in between, which counts as no stall.
	rested     bool
	partitions map[partition]position
	progress   *TaskProgress // nil before the first answer
	notFound   bool
}

// partition identifies a partition.
type partition struct {
	topic  string
	number int64
}

// position is what is remembered of a partition.
type position struct {
	offset, logEnd int64
	seen           time.Time     // when the API last told
	judged         bool          // it was seen twice
	stalled        bool          // nothing is committed although data waits
	since          time.Duration // how long it has been stalled
}

// lag returns how many messages wait. A log that was cut can end before the offset.
func (p position) lag() int64 { return max(0, p.logEnd-p.offset) }

// after returns the position that follows p.
//
// A partition is stalled once a poll finds its committed offset where it was, with
// messages left and the end of its log moved on. So a topic that was idle, or messages
// that were deleted or that no consumer can read, make nothing stalled. It ends when
// the offset moves, either way, or nothing is left. Time since the poll before counts if
// it is not longer than longest.
func (p position) after(offset, logEnd int64, now time.Time, longest time.Duration) position {
	next := position{offset: offset, logEnd: logEnd, seen: now, judged: !p.seen.IsZero()}
	if !next.judged || offset != p.offset || next.lag() == 0 {
		return next
	}
	switch {
	case p.stalled:
		next.stalled, next.since = true, p.since
		if passed := now.Sub(p.seen); passed <= longest {
			next.since += passed
		}
	case logEnd > p.logEnd:
		next.stalled = true
	}
	return next
}

// learn takes what the API told of a group's partitions.
func (c *consumer) learn(partitions []Partition, now time.Time, interval time.Duration) {
	if c.partitions == nil {
		c.partitions = map[partition]position{}
	}
	longest := outdatedAfter * interval
	if c.rested {
		longest, c.rested = 0, false
	}
	var written bool
	for _, p := range partitions {
		id := partition{p.Topic, p.Number}
		switch {
		case p.Failed:
		case p.Offset >= 0:
			c.partitions[id] = c.partitions[id].after(p.Offset, p.LogEnd, now, longest)
		default:
			delete(c.partitions, id)
			written = written || p.LogEnd > 0
		}
	}
	// Of what is missing, the last values stay for a while.
	maps.DeleteFunc(c.partitions, func(_ partition, p position) bool { return now.Sub(p.seen) > outdatedAfter*interval })
	c.notFound = len(partitions) == 0
	c.progress = &TaskProgress{Polled: now, Known: len(c.partitions) > 0, NeverCommitted: len(c.partitions) == 0 && written}
	for _, p := range c.partitions {
		c.progress.add(p)
	}
}

func (p *TaskProgress) add(position position) {
	p.Lag += position.lag()
	p.Offset += position.offset
	p.LogEnd += position.logEnd
	p.Judged = p.Judged || position.judged
	if position.stalled {
		p.StalledPartitions++
		p.Stalled = max(p.Stalled, position.since)
	}
}

// A Consumption is what a task reads, as DescribeDatahubTasks reports it.
type Consumption struct {
	// Action is the call for the offsets of its consumer group.
	Action Action
	// Instance is the CKafka instance, or the elastic topic.
	Instance string
	// Topics are those that the task reads, as far as they are known by name.
	Topics []string
}

// consumption returns what a task reads from a topic of CKafka; ok is false if it reads
// from anything else.
func (i *Item) consumption() (read Consumption, ok bool) {
	from := i.Details.OrZero().Source
	switch {
	case from.Resource == "":
	case from.Type == "KAFKA" && strings.HasPrefix(from.Resource, "ckafka-"):
		return Consumption{GroupOffsets, from.Resource, from.topics()}, true
	case from.Type == "TOPIC":
		return Consumption{Action: TopicGroupOffsets, Instance: from.Resource}, true
	}
	return Consumption{}, false
}

// topics returns the names of the topics of a CKafka end, none if it matches topics by a
// pattern.
func (e End) topics() []string {
	if e.Pattern {
		return nil
	}
	names := strings.FieldsFunc(cmp.Or(e.Topics, e.Topic), func(r rune) bool { return r == ',' || r == ' ' })
	slices.Sort(names)
	return slices.Compact(names)
}

// consumers are the consumer groups of a target, by the ID of their tasks.
type consumers map[string]*consumer

// view returns what is known at a time, and until when that is so if nothing is learned.
func (c consumers) view(now time.Time, interval time.Duration) (tasks map[string]*TaskProgress, until time.Time) {
	tasks = map[string]*TaskProgress{}
	for id, consumer := range c {
		if consumer.progress == nil {
			continue
		}
		expires := consumer.progress.Polled.Add(outdatedAfter * interval)
		if !now.Before(expires) {
			continue
		}
		tasks[id] = consumer.progress
		if until.IsZero() || expires.Before(until) {
			until = expires
		}
	}
	return tasks, until
}

// rest notes which tasks do not run now.
func (c consumers) rest(running []pollableTask) {
	runs := map[string]bool{}
	for _, task := range running {
		runs[task.id] = true
	}
	for id, consumer := range c {
		consumer.rested = consumer.rested || !runs[id]
	}
}

// keepOnly forgets the tasks that a complete listing does not have.
func (c consumers) keepOnly(listing *Listing) {
	if !listing.Complete {
		return
	}
	listed := map[string]bool{}
	for i := range listing.Items {
		listed[listing.Items[i].ID] = true
	}
	maps.DeleteFunc(c, func(id string, _ *consumer) bool { return !listed[id] })
}
