package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// quota is the number of calls per second that the API allows for each account,
// region and action.
const quota = 20

// api is the row about the API's responses. Its series are on /metrics.
func api() row {
	return row{"API", []panel{
		{
			"Latency", "Duration of one call to the CKafka API: the median and the 99th percentile. Calls that take seconds end as " +
				"time-outs; inside a VPC, the endpoint of the VPC is faster.",
			8, 7, quantiles("ckafka_api_request_duration_seconds"),
		},
		{
			"Refresh duration", "Duration of one refresh, all pages and retries. At the dashed line, the default of --ckafka.timeout, it fails.",
			8, 7, withLimit(quantiles("ckafka_refresh_duration_seconds"), 8),
		},
		{
			"Refreshes by result", "Refreshes a minute. Whatever is not success names the class of the failure; " +
				"docs/failure.md says what each means, and the log of the exporter has the API's message.",
			8, 7, stacked(units.OpsPerMinute).
				WithTarget(query("{{result}}", "60 * sum by (result) (rate(%s[$__rate_interval]))", inChoice("ckafka_refreshes_total"))).
				OverrideByName("success", fixedColor("green")),
		},
		{
			"Calls by code", "Calls a second by the code of the answer, retries included. OK is good; " +
				"all else is the API's code or the class of a failure.",
			8, 7, stacked(units.RequestsPerSecond).
				WithTarget(query("{{code}}", "sum by (code) (rate(%s[$__rate_interval]))", inChoice("ckafka_api_requests_total"))).
				OverrideByName("OK", fixedColor("green")),
		},
		{
			"Quota use", "Calls a second by account, region and action; the API admits 20, the dashed line. This is a mean: calls come in bursts, " +
				"so throttling can begin below the line. Share the quota among exporters with --ckafka.qps.",
			8, 7, withLimit(graph(units.RequestsPerSecond), quota).
				WithTarget(query(legend("{{action}}"), "sum by (account, region, action) (rate(%s[$__rate_interval]))",
					inChoice("ckafka_api_requests_total"))),
		},
		{
			"Throttled calls", "Calls a second that the API refused for its quota. Something else uses the same account: " +
				"another exporter, a script, Terraform. Lower --ckafka.qps, or scrape less often.",
			8, 7, throttled(),
		},
	}}
}

// quantiles shows the median and the 99th percentile of a histogram.
func quantiles(histogram string) *timeseries.PanelBuilder {
	const expression = "histogram_quantile(%s, sum by (action, le) (rate(%s[$__rate_interval])))"
	return graph(units.Seconds).
		WithTarget(query("p99 {{action}}", expression, "0.99", inChoice(histogram+"_bucket"))).
		WithTarget(query("p50 {{action}}", expression, "0.5", inChoice(histogram+"_bucket")))
}

// throttled shows zero, not nothing, while no call is throttled.
func throttled() *timeseries.PanelBuilder {
	const rate = "sum by (account, region, action) (rate(%s[$__rate_interval]))"
	return graph(units.RequestsPerSecond).WithTarget(query(legend("{{action}}"), rate+"\nor 0 * "+rate,
		inChoice("ckafka_api_requests_total", `code=~"(RequestLimitExceeded|LimitExceeded|throttled).*"`), inChoice("ckafka_api_requests_total")))
}
