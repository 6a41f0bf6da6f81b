package cli

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"datahub_exporter/internal/otlp"
	"datahub_exporter/source"
)

// The flags whose values are checked.
const (
	confFlag          = "conf"
	listenAddressFlag = "web.listen-address"
	alertmanagerFlag  = "web.alertmanager-url"

	timeoutFlag      = "ckafka.timeout"
	minIntervalFlag  = "ckafka.min-interval"
	staleAfterFlag   = "ckafka.stale-after"
	qpsFlag          = "ckafka.qps"
	progressFlag     = "ckafka.progress-interval"
	tagsFlag         = "ckafka.tags"
	otlpEndpointFlag = "otlp.endpoint"
	otlpProtocolFlag = "otlp.protocol"
	otlpIntervalFlag = "otlp.interval"
	otlpLogsFlag     = "otlp.logs"
	checkFormatFlag  = "check.format"
	checkRecordFlag  = "check.record"
)

// checkFormats are the values of --check.format.
var checkFormats = []string{TableFormat, JSONFormat}

func (o *Options) validate() error {
	if err := validateSource(o.Source); err != nil {
		return err
	}
	if o.Check.Record != "" && !o.Check.Wanted {
		return fmt.Errorf("--%s records the responses of --check; add --check, or remove this flag", checkRecordFlag)
	}
	if o.Demo && o.Replay == "" && o.Source.ProgressInterval == 0 {
		o.Source.ProgressInterval = time.Minute
	}
	o.Demo = o.Demo || o.Replay != ""
	if o.Conf == "" {
		return fmt.Errorf("--%s is empty; name a file", confFlag)
	}
	for _, address := range *o.Web.WebListenAddresses {
		if !isAddress(address) {
			return fmt.Errorf("--%s is %s; write HOST:PORT, or :PORT for all addresses", listenAddressFlag, quoted(address))
		}
	}
	if err := o.validateAlertmanager(); err != nil {
		return err
	}
	if o.intervalSet && o.OTLP.Interval <= 0 {
		return fmt.Errorf("--%s is %v and must be more than 0", otlpIntervalFlag, o.OTLP.Interval)
	}
	return o.validatePush()
}

// isAddress reports whether a listener may have an address. A port may be a name.
func isAddress(address string) bool {
	address, vsock := strings.CutPrefix(address, "vsock://")
	_, port, err := net.SplitHostPort(address)
	if err != nil || port == "" {
		return false
	}
	if vsock {
		_, err = strconv.ParseUint(port, 10, 32)
	} else {
		_, err = new(net.Resolver).LookupPort(context.Background(), "tcp", port)
	}
	return err == nil
}

// validateAlertmanager checks the URL of the Alertmanager. The error does not repeat it,
// because it may contain a password.
func (o *Options) validateAlertmanager() error {
	if o.AlertmanagerURL == "" {
		return nil
	}
	parsed, err := url.Parse(o.AlertmanagerURL)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Hostname() == "" || parsed.User != nil || strings.ContainsAny(o.AlertmanagerURL, "?#") {
		return fmt.Errorf("--%s: not the URL of an Alertmanager; write http://HOST:PORT or https://HOST/PATH, without a user, a password, a query or a fragment", alertmanagerFlag)
	}
	o.AlertmanagerURL = strings.TrimRight(o.AlertmanagerURL, "/")
	return nil
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

// validateSource checks the flags of the sources.
func validateSource(o source.Options) error {
	switch {
	case o.Timeout <= 0:
		return fmt.Errorf("--%s is %v and must be more than 0", timeoutFlag, o.Timeout)
	case o.MinInterval < 0:
		return fmt.Errorf("--%s is %v and must not be negative", minIntervalFlag, o.MinInterval)
	case o.StaleAfter < 0:
		return fmt.Errorf("--%s is %v and must not be negative", staleAfterFlag, o.StaleAfter)
	case o.StaleAfter > 0 && o.MinInterval >= o.StaleAfter:
		// Each snapshot would be stale before the API is queried again, so the first
		// failed refresh would drop everything.
		return fmt.Errorf("--%s is %v and must be less than --%s, which is %v; shorten the one or lengthen the other",
			minIntervalFlag, o.MinInterval, staleAfterFlag, o.StaleAfter)
	case o.ProgressInterval != 0 && (o.ProgressInterval < time.Minute || o.ProgressInterval > 10*time.Minute):
		return fmt.Errorf("--%s is %v and must be 1m to 10m, such as 5m, or 0 for none", progressFlag, o.ProgressInterval)
	case o.QPS < 1 || o.QPS > source.MaxQPS:
		return fmt.Errorf("--%s is %d and must be 1 to %d; the API's own quota is %d", qpsFlag, o.QPS, source.MaxQPS, source.DefaultQPS)
	}
	return nil
}
