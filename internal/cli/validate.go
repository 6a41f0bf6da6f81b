package cli

import (
	"errors"
	"fmt"

	"datahub_exporter/internal/otlp"
	"datahub_exporter/source"
)

// The flags whose values are checked.
const (
	timeoutFlag      = "ckafka.timeout"
	minIntervalFlag  = "ckafka.min-interval"
	staleAfterFlag   = "ckafka.stale-after"
	qpsFlag          = "ckafka.qps"
	otlpEndpointFlag = "otlp.endpoint"
	otlpProtocolFlag = "otlp.protocol"
	otlpIntervalFlag = "otlp.interval"
	checkFormatFlag  = "check.format"
	checkRecordFlag  = "check.record"
)

// checkFormats are the values of --check.format.
var checkFormats = []string{TableFormat, JSONFormat}

func (o *Options) validate() error {
	if err := o.Source.Validate(); err != nil {
		return withFlag(err)
	}
	if o.Check.Record != "" && !o.Check.Wanted {
		return fmt.Errorf("--%s records the responses of --check; add --check, or remove this flag", checkRecordFlag)
	}
	o.Demo = o.Demo || o.Replay != ""
	if o.OTLP.Interval < 0 {
		return fmt.Errorf("--%s is %v and must not be negative", otlpIntervalFlag, o.OTLP.Interval)
	}
	return o.validatePush()
}

// validatePush checks the flags of the push. The protocol may be in any case.
func (o *Options) validatePush() (err error) {
	if o.OTLP.Protocol != "" {
		if o.OTLP.Protocol, err = otlp.ParseProtocol(o.OTLP.Protocol); err != nil {
			return fmt.Errorf("--%s %w", otlpProtocolFlag, err)
		}
	}
	if o.OTLP.Endpoint != "" {
		if _, err = otlp.ParseEndpoint(o.OTLP.Endpoint); err != nil {
			return fmt.Errorf("--%s: %w", otlpEndpointFlag, err)
		}
	}
	return nil
}

// withFlag puts the name of the flag before an error about a field.
func withFlag(err error) error {
	option, ok := errors.AsType[*source.OptionError](err)
	if !ok {
		return err
	}
	flags := map[string]string{
		source.TimeoutField:     timeoutFlag,
		source.MinIntervalField: minIntervalFlag,
		source.StaleAfterField:  staleAfterFlag,
		source.QPSField:         qpsFlag,
	}
	return fmt.Errorf("--%s %w", flags[option.Field], err)
}
