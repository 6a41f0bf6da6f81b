package instrument

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"datahub_exporter/source"
)

// watched says which series on /metrics are of targets that are watched.
type watched struct {
	multiAccount bool
	owners       map[owner]bool
}

// An owner is what the labels of a series say whose it is. The account is empty if
// there is only one, and the region in a series about the calls for a credential.
type owner struct{ account, region string }

func newWatched(listers []source.Lister) *watched {
	w := &watched{owners: map[owner]bool{}}
	for _, lister := range listers {
		w.multiAccount = w.multiAccount || lister.Target.Account != listers[0].Target.Account
	}
	for _, lister := range listers {
		var account string
		if w.multiAccount {
			account = lister.Target.Account
		}
		w.owners[owner{account, lister.Target.Region}], w.owners[owner{account, ""}] = true, true
	}
	return w
}

// has reports whether a series with these labels is of a target that is watched, or of
// none at all.
func (w *watched) has(labels []*dto.LabelPair) bool {
	var of owner
	var found bool
	for _, label := range labels {
		switch label.GetName() {
		case "account":
			of.account = label.GetValue()
		case "region":
			of.region, found = label.GetValue(), true
		}
	}
	return !found || w.owners[of]
}

// gatherer leaves out the series of targets that are no longer watched, which the SDK
// keeps for good.
func (s *Self) gatherer(all prometheus.Gatherer) prometheus.GathererFunc {
	return func() ([]*dto.MetricFamily, error) {
		families, err := all.Gather()
		current := s.watched.Load()
		for _, family := range families {
			family.Metric = slices.DeleteFunc(family.GetMetric(), func(m *dto.Metric) bool { return !current.has(m.GetLabel()) })
		}
		return slices.DeleteFunc(families, func(f *dto.MetricFamily) bool { return len(f.GetMetric()) == 0 }), err
	}
}
