package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// quota is the number of calls per second that the API allows for each account,
// region and action.
const quota = 20

// api is the row about the API's responses. Its series are on /metrics.
func api(in language) row {
	return row{in.text("API", "云 API"), []panel{
		{
			in.text("Latency", "调用耗时"),
			in.text("Duration of one call to the CKafka API: the median and the 99th percentile. Calls that take seconds end as "+
				"time-outs; inside a VPC, the endpoint of the VPC is faster.",
				"调用一次 CKafka API 的耗时：中位数和 P99。耗时到秒级时，会有调用超时；在 VPC 里，用内网 endpoint 更快。"),
			8, 7, quantiles("ckafka_api_request_duration_seconds"),
		},
		{
			in.text("Refresh duration", "采集耗时"),
			in.text("Duration of one refresh, all pages and retries. At the dashed line, the default of --ckafka.timeout, it fails.",
				"一次采集的耗时，含所有分页和重试。到虚线（--ckafka.timeout 的默认值）时采集失败。"),
			8, 7, withLimit(quantiles("ckafka_refresh_duration_seconds"), 8),
		},
		{
			in.text("Refreshes by result", "采集次数（按结果）"),
			in.text("Refreshes a minute. Whatever is not success names the class of the failure; "+
				"docs/failure.md says what each means, and the log of the exporter has the API's message.",
				"每分钟的采集次数。success 以外的是失败的类别，含义见 docs/zh-CN/failure.md；云 API 的报错在 exporter 的日志里。"),
			8, 7, stacked(units.OpsPerMinute).
				WithTarget(query("{{result}}", "60 * sum by (result) (rate(%s[$__rate_interval]))", inChoice("ckafka_refreshes_total"))).
				OverrideByName("success", fixedColor("green")),
		},
		{
			in.text("Calls by code", "调用次数（按返回码）"),
			in.text("Calls a second by the code of the answer, retries included. OK is good; "+
				"all else is the API's code or the class of a failure.",
				"每秒的调用次数，含重试。OK 是成功，其余是云 API 的错误码或失败的类别。"),
			8, 7, stacked(units.RequestsPerSecond).
				WithTarget(query("{{code}}", "sum by (code) (rate(%s[$__rate_interval]))", inChoice("ckafka_api_requests_total"))).
				OverrideByName("OK", fixedColor("green")),
		},
		{
			in.text("Quota use", "配额用量"),
			in.text("Calls a second by account, region and action; the API admits 20, the dashed line. This is a mean: calls come in bursts, "+
				"so throttling can begin below the line. Share the quota among exporters with --ckafka.qps.",
				"各账号、地域、接口每秒的调用次数；云 API 的配额是 20 次，即虚线。这里是平均值，而调用是一阵一阵的，没到虚线也可能被限频。"+
					"有多个 exporter 时，用 --ckafka.qps 分配。"),
			8, 7, withLimit(graph(units.RequestsPerSecond), quota).
				WithTarget(query(legend("{{action}}"), "sum by (account, region, action) (rate(%s[$__rate_interval]))",
					inChoice("ckafka_api_requests_total"))),
		},
		{
			in.text("Throttled calls", "被限频的调用"),
			in.text("Calls a second that the API refused for its quota. Something else uses the same account: "+
				"another exporter, a script, Terraform. Lower --ckafka.qps, or scrape less often.",
				"每秒因超出配额而被拒绝的调用次数。说明有别的程序在用同一个账号：另一个 exporter、脚本、Terraform。"+
					"调小 --ckafka.qps，或者把抓取间隔调大。"),
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
