package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// notRunning is the row of what needs fixing, causes before effects.
func notRunning(in language) row {
	return row{in.text("Not running", "未运行"), []panel{
		{
			in.text("Connections not running", "未运行的连接"),
			in.text("Failed connections first. The message is the cloud's own. Fix what the reason names, "+
				"at the database or in the CKafka console; the tasks behind the connection may then need a restart.",
				"失败的在前。按原因到数据库或 CKafka 控制台处理；连接恢复后，使用它的任务可能需要重启。"),
			24, 6, itemsNotRunning(in, connections),
		},
		{
			in.text("Tasks not running", "未运行的任务"),
			in.text("Failed tasks first. The message is the cloud's own. If a connection above is down, begin there. "+
				"A failed task stays as it is until someone resumes or recreates it in the CKafka console; a paused one was stopped by someone.",
				"失败的在前。上面有连接断开的，先处理连接。失败的任务要有人到 CKafka 控制台恢复或重建，否则一直如此；已暂停的是有人停的。"),
			24, 9, itemsNotRunning(in, tasks),
		},
	}}
}

// itemsNotRunning returns a table of the items of a kind in any state but running,
// with the reason and message that the API gives. The value is 2 for a failed item
// and 1 for others; it is only for sorting.
//
// The join is in the query, not in the panel: it yields one series per item, so
// that exporters that keep different messages cannot make it fail.
func itemsNotRunning(in language, k kind) *table.PanelBuilder {
	account, region, name := in.text("Account", "账号"), in.text("Region", "地域"), in.text("Name", "名称")
	state, reason, message := in.text("State", "状态"), in.text("Reason", "原因"), in.text("Message", "云端报错")
	return table.NewPanelBuilder().
		WithTarget(asRows("max by (%[1]s, %[2]s, state) (2 * %[3]s or %[4]s)\n"+
			"* on (%[1]s) group_left (reason, ErrorMessage)\n"+
			"(topk by (%[1]s) (1, %[5]s) or on (%[1]s) group by (%[1]s) (%[6]s))",
			k.identity(), k.name, k.item("_state", k.in(failed)), k.item("_state", `state!="running"`),
			k.item("_error_info"), k.item("_state"))).
		NoValue(in.text("None, or nothing is known: see \"Refreshes\"", "没有，或者状态未知：见“采集结果”")).
		WithTransformation(dashboard.DataTransformerConfig{Id: "sortBy", Options: map[string]any{
			"fields": map[string]any{}, "sort": []map[string]any{{"field": "Value", "desc": true}},
		}}).
		WithTransformation(dashboard.DataTransformerConfig{Id: "organize", Options: columns(
			column{"account", account}, column{"region", region}, column{k.name, name}, column{"state", state},
			column{"reason", reason}, column{"ErrorMessage", message}, column{k.id, "ID"})}).
		OverrideByFieldType("string", properties("noValue", "–")).
		OverrideByName(account, properties("custom.width", 110)).
		OverrideByName(region, properties("custom.width", 130)).
		OverrideByName(name, properties("custom.width", 260)).
		OverrideByName(reason, reasons(in)).
		OverrideByName(message, properties("custom.inspect", true,
			"custom.cellOptions", map[string]any{"type": "auto", "wrapText": true})).
		OverrideByName("ID", properties("custom.width", 170,
			"links", []map[string]any{{"title": in.text("Open the CKafka console", "打开 CKafka 控制台"), "url": k.console, "targetBlank": true}})).
		OverrideByName(state, properties("custom.width", 130,
			"mappings", []dashboard.ValueMapping{k.labels(in)},
			"custom.cellOptions", map[string]any{"type": "color-background", "mode": "basic"}))
}

// column is a label and the title of its column.
type column struct{ label, title string }

// columns returns the options of the transformation that names and orders the
// columns.
func columns(of ...column) map[string]any {
	order, names := map[string]int{}, map[string]string{}
	for i, column := range of {
		order[column.label], names[column.label] = i, column.title
	}
	return map[string]any{
		"excludeByName": map[string]bool{"Time": true, "Value": true, "Value #A": true},
		"indexByName":   order,
		"renameByName":  names,
	}
}

// reasons returns the properties of the column of reasons. The exporter's words are
// English.
func reasons(in language) []dashboard.DynamicConfigValue {
	width := properties("custom.width", 170)
	if in == inEnglish {
		return width
	}
	return append(width, properties("mappings", []dashboard.ValueMapping{words(map[string]string{
		"isolated_arrears": "欠费隔离", "position_lost": "续传位点丢失", "conflict": "ID、复制槽或主键冲突", "tls": "TLS 证书问题",
		"quota_or_disk": "资源或配额不足", "access_denied": "账号密码错误或权限不足", "schema_or_conversion": "字段或类型不匹配",
		"object_missing": "对象不存在", "connection_refused": "无法连接", "timeout": "超时", "configuration": "配置不符合要求",
		"other": "其他",
	})})...)
}
