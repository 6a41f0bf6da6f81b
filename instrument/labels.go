package instrument

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"datahub_exporter/internal/logging"
	"datahub_exporter/source"
)

// targetLabels returns the labels that all series of a target have: the region, and
// the account if there are several.
func targetLabels(target source.Target, multiAccount bool) []attribute.KeyValue {
	labels := []attribute.KeyValue{attribute.String("region", target.Region)}
	if multiAccount {
		labels = append(labels, attribute.String("account", target.Account))
	}
	return labels
}

// attributes returns labels whose values are as the API sent them, each as one clean
// line, because nothing bounds what the API sends.
func attributes(sent []source.Label) []attribute.KeyValue {
	labels := make([]attribute.KeyValue, len(sent))
	for i, label := range sent {
		labels[i] = attribute.String(label.Name, logging.Clean(label.Value))
	}
	return labels
}

// hasSeveralAccounts reports whether the snapshots are of more than one account,
// which makes the account a label.
func hasSeveralAccounts(snapshots []*source.Snapshot) bool {
	return slices.ContainsFunc(snapshots, func(snapshot *source.Snapshot) bool {
		return snapshot.Target.Account != snapshots[0].Target.Account
	})
}
