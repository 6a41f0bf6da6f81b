package app

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	otellog "go.opentelemetry.io/otel/log"

	"datahub_exporter/internal/logging"
	"datahub_exporter/internal/otlp"
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
		if change.Fails() {
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
	if !change.Fails() || change.Message == "" {
		return ""
	}
	return reason.Of(change.Message).Word
}

// tellChanges returns what logs changes, and pushes each as a log record unless logs is
// nil.
func tellChanges(log *slog.Logger, logs *otlp.Logs) func([]source.Change) {
	return func(changes []source.Change) {
		logChanges(log, changes)
		if logs == nil {
			return
		}
		for i := range changes {
			logs.Emit(changeRecord(&changes[i]))
		}
	}
}

// changeRecord returns a change as a log record, with what its log line says.
func changeRecord(change *source.Change) (record otellog.Record) {
	record.SetEventName("ckafka.connector.state_change")
	record.SetTimestamp(change.At)
	record.SetBody(attribute.StringValue(changeSentence(change)))
	severity := otellog.SeverityInfo
	if change.Fails() {
		severity = otellog.SeverityWarn
	}
	record.SetSeverity(severity)
	record.SetSeverityText(severity.String())
	// The names of the semantic conventions where there are any.
	names := map[string]string{"region": "cloud.region", "reason": "error.type", "message": "error.message", "account": "ckafka.account"}
	for _, said := range changeAttributes(change) {
		name := cmp.Or(names[said.Key], "ckafka.connector."+said.Key)
		if said.Value.Kind() == slog.KindDuration {
			record.AddAttributes(attribute.Float64(name+"_seconds", said.Value.Duration().Seconds()))
			continue
		}
		record.AddAttributes(attribute.String(name, said.Value.String()))
	}
	return record
}

// changeSentence says what has changed.
func changeSentence(change *source.Change) string {
	subject := fmt.Sprintf("%s %s (%s)", change.Kind, logging.Clean(change.Name), logging.Clean(change.ID))
	switch {
	case change.From.Name == "":
		return fmt.Sprintf("New %s is %s", subject, change.To.Name)
	case change.To.Name == "":
		return fmt.Sprintf("The %s is no longer listed; it was %s", subject, change.From.Name)
	}
	sentence := fmt.Sprintf("The %s was %s and is %s", subject, change.From.Name, change.To.Name)
	if change.Fails() && change.Message != "" {
		sentence += ": " + logging.Clean(change.Message)
	}
	return sentence
}
