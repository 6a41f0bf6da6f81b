package e2e

import (
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"datahub_exporter/internal/cloudsim"
)

// What the API, or something on the way to it, can do for a while. All but revoked
// are retried.
var (
	refused   = cloudsim.Error("InternalError", "an internal error")
	revoked   = cloudsim.Error("AuthFailure.SecretIdNotFound", "the secret ID is not found")
	throttled = cloudsim.Error("RequestLimitExceeded", "the quota is used up")
	gateway   = cloudsim.HTTPStatus(http.StatusBadGateway, "<html>bad gateway</html>")
	slow      = cloudsim.Delay(300 * time.Millisecond)
)

// healthy returns a fleet without a broken task.
func healthy() []cloudsim.Item { return []cloudsim.Item{task(0), task(1)} }

// withStatus returns a task with any JSON value as its status.
func withStatus(i int, status any) cloudsim.Item {
	item := task(i)
	item.Fields = map[string]any{"Status": status}
	return item
}

// many returns more tasks than fit on a page, the last of them paused.
func many() []cloudsim.Item {
	tasks := make([]cloudsim.Item, 130)
	for i := range tasks {
		tasks[i] = task(i)
	}
	tasks[len(tasks)-1] = paused(len(tasks) - 1)
	return tasks
}

// empty makes a listing claim that there are no tasks.
func empty(a *cloudsim.Answer) { a.Items, a.TotalCount = nil, 0 }

// short cuts each page to that many items, but leaves its total.
func short(items int) cloudsim.Fault {
	return func(a *cloudsim.Answer) { a.Items = a.Items[:min(items, len(a.Items))] }
}

// oneIn applies a fault to one in so many calls.
func oneIn(of int64, fault cloudsim.Fault) cloudsim.Fault {
	var calls atomic.Int64
	return func(a *cloudsim.Answer) {
		if calls.Add(1)%of == 0 {
			fault(a)
		}
	}
}

// between applies a fault from one minute to another.
func between(from, to float64, fault cloudsim.Fault) []event {
	return []event{{from, fails(fault)}, {to, answers}}
}

// everyOther makes the API fail every other minute.
func everyOther() []event {
	return slices.Concat(between(1, 2, refused), between(3, 4, refused), between(5, 6, refused), between(7, 8, refused))
}

// mostly makes a fault last longer than the good responses in between, so that
// there are never three good ones in a row.
func mostly(fault func(n *night), meanwhile event) []event {
	burst := func(minute float64) []event { return []event{{minute, fault}, {minute + 1.5, answers}} }
	return slices.Concat(burst(1), burst(3.5), []event{meanwhile}, burst(6), burst(8.5), burst(11), burst(13.5), burst(16))
}

// crashes makes an exporter die again and again for a minute each: it is neither up
// nor down for the two minutes that an alert needs.
func crashes(meanwhile ...event) []event {
	crash := func(minute float64) []event { return []event{{minute, dies(0)}, {minute + 1, returns(0)}} }
	return slices.Concat(crash(5), crash(7.5), meanwhile, crash(10), crash(12.5), crash(15), crash(17.5))
}

// nights returns all stories by name.
func nights() map[string]story {
	all := map[string]story{}
	for _, some := range []map[string]story{nightsOfItems(), nightsOfTheAPI(), nightsOfListings(), nightsOfTheExporter(), nightsOfReaders()} {
		maps.Copy(all, some)
	}
	return all
}

// nightsOfItems returns stories about what happens to items.
func nightsOfItems() map[string]story {
	return map[string]story{
		"all run":                     {tasks: healthy(), quiet: true},
		"one is paused all night":     {},
		"one fails and is mended":     {tasks: healthy(), lasts: 18, events: []event{{1, set(paused(1))}, {8, set(task(1))}}},
		"one fails for a minute":      {tasks: healthy(), quiet: true, events: []event{{2, set(paused(1))}, {2.9, set(task(1))}}},
		"one fails, and then another": {tasks: healthy(), events: []event{{1, set(paused(1))}, {6, set(paused(0))}}},
		"one has no status":           {tasks: []cloudsim.Item{task(0), withStatus(1, nil)}},
		"one loses its status":        {tasks: healthy(), events: []event{{2, set(withStatus(1, nil))}}},
		"one has an unknown status":   {tasks: healthy(), events: []event{{2, set(withStatus(1, 99))}}},
		"one is created broken":       {tasks: healthy(), events: []event{{2, set(paused(2))}}},
		"one is created and runs":     {tasks: healthy(), quiet: true, events: []event{{2, set(task(2))}}},
		"the broken one is deleted":   {lasts: 16, events: []event{{5, deleted(1)}}},
		"one that runs is deleted":    {tasks: healthy(), quiet: true, events: []event{{5, deleted(1)}}},
		"the broken one is renamed":   {events: []event{{6, set(renamed(paused(1)))}}},
		"one that runs is renamed":    {tasks: healthy(), quiet: true, events: []event{{6, set(renamed(task(1)))}}},
		"a connection fails and is mended": {
			tasks: healthy(), lasts: 18, events: []event{{1, set(connection(2))}, {8, set(connection(1))}},
		},
		"a connection fails in an outage": {
			tasks: healthy(), lasts: 20, events: []event{{2, fails(refused)}, {4, set(connection(2))}, {12, answers}},
		},
	}
}

// nightsOfTheAPI returns stories about faults of the API, or on the way to it.
func nightsOfTheAPI() map[string]story {
	return map[string]story{
		"an error for a minute":                    {events: between(5, 6, refused)},
		"an error for a minute, and all run":       {tasks: healthy(), quiet: true, events: between(5, 6, refused)},
		"an error for four minutes":                {events: between(5, 9, refused)},
		"an error for ten minutes":                 {lasts: 24, events: between(4, 14, refused)},
		"an error for ten minutes, and all run":    {tasks: healthy(), lasts: 24, events: between(4, 14, refused)},
		"an error every other minute":              {events: everyOther()},
		"an error every other minute, and all run": {tasks: healthy(), quiet: true, events: everyOther()},
		"resets for ten minutes":                   {lasts: 20, events: between(4, 14, cloudsim.Reset())},
		"every third call is reset":                {events: []event{{1, limps(oneIn(3, cloudsim.Reset()))}}},
		"every third call is reset, and all run":   {tasks: healthy(), quiet: true, events: []event{{1, limps(oneIn(3, cloudsim.Reset()))}}},
		"no answer for four minutes":               {events: between(5, 9, cloudsim.Hang())},
		"no answer for ten minutes":                {lasts: 20, events: between(4, 14, cloudsim.Hang())},
		"a gateway's page for ten minutes":         {lasts: 20, events: between(4, 14, gateway)},
		"half an answer for four minutes":          {events: between(5, 9, cloudsim.Truncated(40))},
		"no JSON for four minutes":                 {events: between(5, 9, cloudsim.RawBody("application/json", "{"))},
		"throttled for four minutes":               {events: between(5, 9, throttled)},
		"throttled for ten minutes":                {lasts: 24, events: between(4, 14, throttled)},
		"the key is revoked for good":              {events: []event{{4, fails(revoked)}}},
		"the key is revoked and restored":          {lasts: 22, events: between(4, 12, revoked)},
		"an error for tasks, and none for connections": {lasts: 20, events: []event{
			{2, failsForTasks(refused)}, {4, set(connection(2))}, {14, answers},
		}},
		"one has no number as its status": {lasts: 20, events: []event{
			{4, both(failsForTasks(nil), set(withStatus(1, "paused")))}, {12, both(answers, set(task(1)))},
		}},
		"one fails in an outage":                           {tasks: healthy(), lasts: 20, events: []event{{2, fails(refused)}, {4, set(paused(1))}, {12, answers}}},
		"one fails just before":                            {tasks: healthy(), events: []event{{2, set(paused(1))}, {4, fails(refused)}}},
		"one is mended in an outage":                       {lasts: 24, events: []event{{4, fails(refused)}, {6, set(task(1))}, {9, answers}}},
		"one fails behind a connection to a sick node":     {tasks: healthy(), events: []event{{2, sickens(refused)}, {4, set(paused(1))}}},
		"one fails behind a connection that leads nowhere": {tasks: healthy(), events: []event{{2, sickens(cloudsim.Hang())}, {4, set(paused(1))}}},
		"a connection leads to a sick gateway":             {tasks: healthy(), quiet: true, events: []event{{2, sickens(cloudsim.HTTPStatus(http.StatusServiceUnavailable, ""))}}},
		"one fails while errors abound":                    {tasks: healthy(), lasts: 17, events: mostly(fails(revoked), event{5.5, set(paused(1))})},
	}
}

// nightsOfListings returns stories about listings that are valid but odd.
func nightsOfListings() map[string]story {
	return map[string]story{
		"an empty listing for two minutes":            {events: []event{{5, lists(empty)}, {7, answers}}},
		"an empty listing for a minute, and all run":  {tasks: healthy(), quiet: true, events: []event{{5, lists(empty)}, {6, answers}}},
		"the broken one is left out for four minutes": {events: []event{{5, hides(1)}, {9, answers}}},
		"the broken one is left out for good":         {lasts: 22, events: []event{{5, hides(1)}}},
		"one fails while it is left out":              {tasks: healthy(), lasts: 22, events: []event{{2, hides(1)}, {4, set(paused(1))}, {12, answers}}},
		"one fails and is mostly left out":            {tasks: healthy(), lasts: 17, events: mostly(hides(1), event{5.5, set(paused(1))})},
		"another fails while one is left out":         {tasks: healthy(), lasts: 16, events: []event{{2, hides(1)}, {4, set(paused(0))}}},
		"the broken one is null":                      {lasts: 22, events: []event{{5, nulls(1)}}},
		"the second page is cut short":                {tasks: many(), lasts: 22, events: []event{{5, hides(126, 127, 128, 129)}}},
		"pages of fifty, and one fails on the last":   {tasks: many()[:129], lasts: 16, events: []event{{2, lists(short(50))}, {6, set(paused(128))}}},
		"pages of fifty from the start":               {tasks: many(), events: []event{{0, both(lists(short(50)), restarts(0))}}},
		"pages of fifty, and all run":                 {tasks: many()[:129], quiet: true, events: []event{{2, lists(short(50))}}},
		"no TotalCount":                               {tasks: many(), events: []event{{5, lists(cloudsim.TotalCount(nil))}}},
		"a TotalCount that is too small":              {tasks: many(), events: []event{{5, lists(cloudsim.TotalCount(50))}}},
		"a TotalCount that is too large":              {lasts: 16, events: []event{{5, overstates(150)}}},
		"a TotalCount that is too small, and all run": {tasks: healthy(), quiet: true, events: []event{{5, lists(cloudsim.TotalCount(1))}}},
	}
}

// nightsOfTheExporter returns stories about what happens to the exporter.
func nightsOfTheExporter() map[string]story {
	return map[string]story{
		"it restarts":                                {events: []event{{5, restarts(0)}, {9, restarts(0)}}},
		"it restarts, and all run":                   {tasks: healthy(), quiet: true, events: []event{{5, restarts(0)}}},
		"it restarts in an outage":                   {lasts: 18, events: []event{{3, fails(refused)}, {5, restarts(0)}, {12, answers}}},
		"it restarts late in an outage":              {lasts: 20, events: []event{{3, fails(refused)}, {9, restarts(0)}, {14, answers}}},
		"it is dead for four minutes":                {lasts: 18, events: []event{{4, dies(0)}, {8, returns(0)}}},
		"it is dead for good":                        {events: []event{{4, dies(0)}}},
		"it is dead for good, and all run":           {tasks: healthy(), events: []event{{4, dies(0)}}},
		"it is dead, and returns into an outage":     {lasts: 22, events: []event{{3, dies(0)}, {7, fails(refused)}, {8, returns(0)}, {13, answers}}},
		"one fails while it is dead":                 {tasks: healthy(), lasts: 20, events: []event{{3, dies(0)}, {5, set(paused(1))}, {11, returns(0)}}},
		"it hangs for eight minutes":                 {lasts: 22, events: []event{{4, freezes(0)}, {12, thaws(0)}}},
		"it crashes again and again":                 {lasts: 22, events: crashes()},
		"one fails while it crashes again and again": {tasks: healthy(), lasts: 22, events: crashes(event{9, set(paused(1))})},
		"one of a pair dies":                         {pair: true, events: []event{{4, dies(0)}}},
		"one fails after one of a pair died":         {pair: true, tasks: healthy(), events: []event{{2, dies(0)}, {4, set(paused(1))}}},
		"a pair restarts, one after the other":       {pair: true, tasks: healthy(), quiet: true, events: []event{{4, restarts(0)}, {6, restarts(1)}}},
	}
}

// nightsOfReaders returns stories about what other readers do.
func nightsOfReaders() map[string]story {
	return map[string]story{
		"an impatient reader":              {events: []event{{0, impatience}, {1, limps(slow)}}},
		"an impatient reader, and all run": {tasks: healthy(), quiet: true, events: []event{{0, impatience}, {1, limps(slow)}}},
		"an impatient reader in an outage": {lasts: 22, events: []event{{0, impatience}, {3, fails(refused)}, {11, answers}}},
	}
}

// On no night is there silence about something broken, or an alert about something
// that runs.
func TestNights(t *testing.T) {
	t.Parallel()
	for name, story := range nights() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, wrong := range story.tell(t) {
				t.Error(wrong)
			}
		})
	}
}
