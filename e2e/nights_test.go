package e2e

import (
	"net/http"
	"testing"
	"time"

	"datahub_exporter/source/cloudsim"
)

// refused, throttled and the like are what the API, or what is between, can do
// for a time.
var (
	refused   = cloudsim.Error("InternalError", "an internal error")
	revoked   = cloudsim.Error("AuthFailure.SecretIdNotFound", "the secret ID is not found")
	throttled = cloudsim.Error("RequestLimitExceeded", "the quota is used up")
	gateway   = cloudsim.HTTPStatus(http.StatusBadGateway, "<html>bad gateway</html>")
	slow      = cloudsim.Delay(300 * time.Millisecond)
)

// healthy is a fleet without a broken task.
func healthy() []cloudsim.Item { return []cloudsim.Item{task(0), task(1)} }

// mute is a task whose status the API does not tell.
func mute(i int) cloudsim.Item {
	item := task(i)
	item.Fields = map[string]any{"Status": nil}
	return item
}

// many are more tasks than a page holds, the last of them paused.
func many() []cloudsim.Item {
	tasks := make([]cloudsim.Item, 130)
	for i := range tasks {
		tasks[i] = task(i)
	}
	tasks[len(tasks)-1] = paused(len(tasks) - 1)
	return tasks
}

// without makes a listing lack its last items.
func without(n int) cloudsim.Fault {
	return func(a *cloudsim.Answer) { a.Items = a.Items[:max(0, len(a.Items)-n)] }
}

// empty is a listing that says of itself that there is nothing.
func empty(a *cloudsim.Answer) { a.Items, a.TotalCount = nil, 0 }

// some has a fault for one call of so many.
func some(fault cloudsim.Fault, of int) cloudsim.Fault {
	calls := make(chan int, 1)
	calls <- 0
	return func(a *cloudsim.Answer) {
		n := <-calls
		calls <- n + 1
		if n%of == 0 {
			fault(a)
		}
	}
}

// between is a fault from one minute to another.
func between(from, to float64, fault cloudsim.Fault) []event {
	return []event{{from, fails(fault)}, {to, answers}}
}

// flapping is an API that fails every other minute.
func flapping(fault cloudsim.Fault) (events []event) {
	for minute := 1.0; minute < 11; minute += 2 {
		events = append(events, between(minute, minute+1, fault)...)
	}
	return events
}

func nights() map[string]story {
	return map[string]story{
		// Items.
		"all run":                     {tasks: healthy(), quiet: true},
		"one is paused all night":     {},
		"one fails and is mended":     {tasks: healthy(), lasts: 18, events: []event{{1, set(paused(1))}, {8, set(task(1))}}},
		"one fails for a minute":      {tasks: healthy(), quiet: true, events: []event{{2, set(paused(1))}, {3, set(task(1))}}},
		"one fails, and then another": {tasks: healthy(), events: []event{{1, set(paused(1))}, {6, set(paused(0))}}},
		"one has no status":           {tasks: []cloudsim.Item{task(0), mute(1)}},
		"one loses its status":        {tasks: healthy(), events: []event{{2, set(mute(1))}}},
		"one is created broken":       {tasks: healthy(), events: []event{{2, set(paused(2))}}},
		"one is created and runs":     {tasks: healthy(), quiet: true, events: []event{{2, set(task(2))}}},
		"the broken one is deleted":   {lasts: 16, events: []event{{5, deleted(1)}}},
		"one that runs is deleted":    {tasks: healthy(), quiet: true, events: []event{{5, deleted(1)}}},
		"the broken one is renamed":   {events: []event{{6, set(renamed(paused(1)))}}},
		"one that runs is renamed":    {tasks: healthy(), quiet: true, events: []event{{6, set(renamed(task(1)))}}},

		// The API.
		"an error for a minute":                    {events: between(5, 6, refused)},
		"an error for a minute, and all run":       {tasks: healthy(), quiet: true, events: between(5, 6, refused)},
		"an error for four minutes":                {events: between(5, 9, refused)},
		"an error for ten minutes":                 {lasts: 20, events: between(4, 14, refused)},
		"an error for ten minutes, and all run":    {tasks: healthy(), lasts: 20, events: between(4, 14, refused)},
		"an error every other minute":              {events: flapping(refused)},
		"an error every other minute, and all run": {tasks: healthy(), quiet: true, events: flapping(refused)},
		"resets for ten minutes":                   {lasts: 20, events: between(4, 14, cloudsim.Reset())},
		"every third call is reset":                {tasks: healthy(), quiet: true, events: between(1, 14, some(cloudsim.Reset(), 3))},
		"no answer for four minutes":               {events: between(5, 9, cloudsim.Hang())},
		"no answer for ten minutes":                {lasts: 20, events: between(4, 14, cloudsim.Hang())},
		"a gateway's page for ten minutes":         {lasts: 20, events: between(4, 14, gateway)},
		"half an answer for four minutes":          {events: between(5, 9, cloudsim.Truncated(40))},
		"no JSON for four minutes":                 {events: between(5, 9, cloudsim.RawBody("application/json", "{"))},
		"throttled for four minutes":               {events: between(5, 9, throttled)},
		"throttled for ten minutes":                {lasts: 24, events: between(4, 14, throttled)},
		"the key is revoked for good":              {events: []event{{4, fails(revoked)}}},
		"the key is revoked and restored":          {lasts: 20, events: between(4, 12, revoked)},
		"one fails in an outage":                   {tasks: healthy(), lasts: 20, events: []event{{2, fails(refused)}, {4, set(paused(1))}, {12, answers}}},
		"one is mended in an outage":               {lasts: 24, events: []event{{4, fails(refused)}, {6, set(task(1))}, {9, answers}}},

		// The listing.
		"an empty listing for two minutes":            {events: []event{{5, odd(empty)}, {7, odd(nil)}}},
		"the broken one is left out for four minutes": {events: []event{{5, odd(without(1))}, {9, odd(nil)}}},
		"the broken one is left out for good":         {lasts: 22, events: []event{{5, odd(without(1))}}},
		"the second page is cut short":                {tasks: many(), events: []event{{5, odd(without(10))}}},
		"no TotalCount":                               {events: []event{{5, odd(cloudsim.TotalCount(nil))}}},
		"a TotalCount that is too large":              {events: []event{{5, odd(cloudsim.TotalCount(1000))}}},

		// The exporter.
		"it restarts":                            {events: []event{{5, restarts(0)}, {9, restarts(0)}}},
		"it restarts, and all run":               {tasks: healthy(), quiet: true, events: []event{{5, restarts(0)}}},
		"it restarts in an outage":               {lasts: 18, events: []event{{3, fails(refused)}, {5, restarts(0)}, {12, answers}}},
		"it is dead for four minutes":            {events: []event{{4, dies(0)}, {8, returns(0)}}},
		"it is dead for good":                    {events: []event{{4, dies(0)}}},
		"it is dead, and returns into an outage": {lasts: 18, events: []event{{3, dies(0)}, {7, fails(refused)}, {8, returns(0)}, {13, answers}}},
		"one of a pair dies":                     {pair: true, events: []event{{4, dies(0)}}},
		"a pair restarts, one after the other":   {pair: true, tasks: healthy(), quiet: true, events: []event{{4, restarts(0)}, {6, restarts(1)}}},

		// Other readers.
		"a hurried reader":              {events: []event{{0, hurried}, {1, fails(slow)}}},
		"a hurried reader, and all run": {tasks: healthy(), quiet: true, events: []event{{0, hurried}, {1, fails(slow)}}},
		"a hurried reader in an outage": {lasts: 18, events: []event{{0, hurried}, {3, fails(refused)}, {11, answers}}},
	}
}

// No night is one in which a broken task is silent, or one that runs fires.
func TestNights(t *testing.T) {
	t.Parallel()
	for name, story := range nights() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story.tell(t)
		})
	}
}
