package app

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"datahub_exporter/internal/logging"
	"datahub_exporter/internal/reason"
	"datahub_exporter/source"
)

// maxChangeLines is how many changes of one refresh are logged.
const maxChangeLines = 20

// logChanges logs the changes that a refresh has found, failures first.
func logChanges(log *slog.Logger, changes []source.Change) {
	logged := changes[:min(len(changes), maxChangeLines)]
	for i := range logged {
		change := &logged[i]
		level := slog.LevelInfo
		if change.To.Condition == source.Failed {
			level = slog.LevelWarn
		}
		log.LogAttrs(context.Background(), level, whatChanged(change), changeAttributes(change)...)
	}
	if more := len(changes) - len(logged); more > 0 {
		target := changes[0].Target
		log.Info("More has changed; the status page has the newest changes",
			"kind", changes[0].Kind, "region", target.Region, "account", target.Account, "not_logged", more)
	}
}

func whatChanged(change *source.Change) string {
	switch {
	case change.From.Name == "":
		return "New item is listed"
	case change.To.Name == "":
		return "Item is no longer listed"
	}
	return "Status has changed"
}

// changeAttributes returns what a log line says of a change: all that is known.
func changeAttributes(change *source.Change) []slog.Attr {
	attributes := []slog.Attr{
		slog.String("kind", change.Kind),
		slog.String("id", logging.Clean(change.ID)),
		slog.String("name", logging.Clean(change.Name)),
		slog.String("region", change.Target.Region),
		slog.String("account", change.Target.Account),
	}
	add := func(key, value string) {
		if value != "" {
			attributes = append(attributes, slog.String(key, value))
		}
	}
	add("from", change.From.Name)
	add("to", change.To.Name)
	add("reason", reasonOf(change))
	add("message", logging.Clean(change.Message))
	add("connections", logging.Clean(strings.Join(change.Connections, ",")))
	if lasted := change.Lasted(); lasted > 0 {
		attributes = append(attributes, slog.Duration("lasted", lasted.Round(time.Second)))
	}
	if !change.After.IsZero() {
		add("between", fmt.Sprintf("%s and %s", change.After.UTC().Format(time.RFC3339), change.At.UTC().Format(time.RFC3339)))
	}
	return attributes
}

// reasonOf returns the word for why an item has failed, empty if it has not, or does not
// say why.
func reasonOf(change *source.Change) string {
	if change.To.Condition != source.Failed || change.Message == "" {
		return ""
	}
	return reason.Of(change.Message).Word
}
