package e2e

import (
	"math"
	"net/url"
	"strconv"
	"testing"
	"time"
)

// timelineStep is the time between two moments of a timeline, the same as
// evaluationInterval.
const timelineStep = 200 * time.Millisecond

// timeline returns the labels of the alerts that fired at each moment from begin to
// end.
func (p *prometheus) timeline(t *testing.T, begin, end time.Time) []moment {
	t.Helper()
	var data struct {
		Result []struct {
			Metric map[string]string
			Values [][2]any
		}
	}
	seconds := func(at time.Time) string { return strconv.FormatFloat(float64(at.UnixMilli())/1000, 'f', 3, 64) }
	query := url.Values{
		"query": {`ALERTS{alertstate="firing"}`}, "start": {seconds(begin)}, "end": {seconds(end)},
		"step": {strconv.FormatFloat(timelineStep.Seconds(), 'f', -1, 64)},
	}
	if err := p.ask(t, "/api/v1/query_range", query, &data); err != nil {
		t.Fatal(err)
	}
	moments := make([]moment, end.Sub(begin)/timelineStep)
	for _, series := range data.Result {
		for _, value := range series.Values {
			after := value[0].(float64) - float64(begin.UnixMilli())/1000
			if i := int(math.Round(after / timelineStep.Seconds())); i < len(moments) {
				moments[i] = append(moments[i], series.Metric)
			}
		}
	}
	return moments
}
