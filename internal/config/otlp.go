package config

import (
	"fmt"

	"datahub_exporter/internal/otlp"
)

// otlp returns what section [otlp] says, nil if the file has none.
func (m model) otlp() (*otlp.Options, error) {
	section, found := m.sections[otlpName]
	if !found {
		return nil, nil
	}
	parsed := otlp.Options{
		CAFile: section.values[caFileName], CertFile: section.values[certFileName], KeyFile: section.values[keyFileName],
		Compression: section.values[compressionName],
	}
	var failures [7]error
	parsed.Endpoint, failures[0] = optional(section, endpointName, otlp.ParseEndpoint)
	parsed.Interval, failures[1] = optional(section, intervalName, parseDuration)
	parsed.Timeout, failures[2] = optional(section, timeoutName, parseDuration)
	parsed.Headers, failures[3] = optional(section, headersName, otlp.ParseHeaders)
	parsed.Protocol, failures[4] = optional(section, protocolName, otlp.ParseProtocol)
	parsed.Logs, failures[5] = optional(section, logsName, parseBool)
	if c := parsed.Compression; c != "" && c != "gzip" && c != "none" {
		failures[6] = inKey(otlpName, compressionName, fmt.Errorf("%q is not known; write gzip or none", c))
	}
	return &parsed, joined(failures[:]...)
}

func parseBool(value string) (bool, error) {
	if value != "true" && value != "false" {
		return false, fmt.Errorf("%q is not known; write true or false", value)
	}
	return value == "true", nil
}
