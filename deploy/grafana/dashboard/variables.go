package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

const datasourceVariable = "datasource"

// variables returns what the reader can select, each list narrowed by those before
// it.
func variables(in language) []cog.Builder[dashboard.VariableModel] {
	return []cog.Builder[dashboard.VariableModel]{
		dashboard.NewDatasourceVariableBuilder(datasourceVariable).Label(in.text("Data source", "Prometheus 数据源")).Type("prometheus"),
		valuesOf("account", in.text("Account", "账号"), "label_values(datahub_task_up, account)"),
		valuesOf("region", in.text("Region", "地域"), `label_values(datahub_task_up{account=~"$account"}, region)`),
		valuesOf("name", in.text("Task", "任务"), `label_values(datahub_task_status{account=~"$account",region=~"$region"}, TaskName)`),
	}
}

// valuesOf returns a variable with the values that a query lists.
func valuesOf(name, label, query string) *dashboard.QueryVariableBuilder {
	return dashboard.NewQueryVariableBuilder(name).
		Label(label).
		Query(dashboard.StringOrMap{Map: map[string]any{"qryType": 1, "query": query, "refId": "variable-" + name}}).
		Definition(query).
		Datasource(*source()).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).
		Sort(dashboard.VariableSortAlphabeticalCaseInsensitiveAsc).
		Multi(true).
		IncludeAll(true).
		// Also matches series without the label: a single account has none.
		AllValue(".*").
		Current(dashboard.VariableOption{
			Selected: new(true),
			Text:     dashboard.StringOrArrayOfString{ArrayOfString: []string{"All"}},
			Value:    dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}},
		})
}
