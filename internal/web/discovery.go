package web

import (
	"net/http"

	"datahub_exporter/instrument"
	"datahub_exporter/source"
)

// discoveryPath is where Prometheus discovers the targets that it can scrape
// separately.
const discoveryPath = "/api/v1/ckafka/sd"

// The prefixes of a discovered target's labels. Those with __param_ become the
// parameters of its scrape. The others are for relabeling and gone after it: a
// label "region" here would be added to each series, which has its own of that
// name, and without honor_labels Prometheus would rename the series' own.
const (
	parameterPrefix = "__param_"
	metaPrefix      = "__meta_ckafka_"
)

// targetGroup is a target group of Prometheus' HTTP service discovery.
type targetGroup struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// discovery lists how to scrape each region of each account separately, at the
// address that the request itself was sent to.
func discovery(sources Sources) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "" {
			http.Error(w, "a request without the header Host does not give the address of the exporter", http.StatusBadRequest)
			return
		}
		writeJSON(w, targetGroups(r.Host, sources.Last()))
	})
}

func targetGroups(address string, snapshots []*source.Snapshot) []targetGroup {
	accounts := map[string]bool{}
	for _, snapshot := range snapshots {
		accounts[snapshot.Target.Account] = true
	}
	groups := []targetGroup{} // not null, which is an error to Prometheus
	for _, snapshot := range snapshots {
		if snapshot.Target.Action != source.Tasks {
			continue // the connections have the same regions and accounts
		}
		group := targetGroup{Targets: []string{address}, Labels: map[string]string{}}
		add := func(name, value string) {
			group.Labels[parameterPrefix+name], group.Labels[metaPrefix+name] = value, value
		}
		add(instrument.RegionParameter, snapshot.Target.Region)
		if len(accounts) > 1 { // as in the series
			add(instrument.AccountParameter, snapshot.Target.Account)
		}
		groups = append(groups, group)
	}
	return groups
}
