package cloudsim

import (
	"maps"
	"strings"
)

// DatabaseUser and DatabasePassword are in each item wherever the API sends a
// credential of a database. A test that finds one of them outside the API's
// responses has found a leak.
const (
	DatabaseUser     = "datahub_reader"
	DatabasePassword = "S3cr3t-db-password"
)

// createTime is the same for all items; nothing depends on it.
const createTime = "2025-11-03 14:26:51"

// wireLists has, for each action, the name of the list in the result and the
// function that encodes an element.
var wireLists = map[string]struct {
	list   string
	render func(Item) map[string]any
}{
	DescribeDatahubTasks:     {"TaskList", task},
	DescribeConnectResources: {"ConnectResourceList", connection},
}

// result returns the Result of a page.
func result(action string, totalCount any, items []Item) map[string]any {
	wire := wireLists[action]
	list := make([]any, 0, len(items)) // never null: an empty listing is []
	for _, item := range items {
		list = append(list, element(item, wire.render))
	}
	return map[string]any{"TotalCount": totalCount, wire.list: list}
}

func element(item Item, render func(Item) map[string]any) any {
	if item.Null {
		return nil
	}
	rendered := render(item)
	for name, value := range item.Fields {
		rendered[name] = clone(value)
	}
	return rendered
}

// clone copies nested values, so that editing one answer does not change the fleet
// and all later answers.
func clone(value any) any {
	switch value := value.(type) {
	case map[string]any:
		copied := maps.Clone(value)
		for name, nested := range copied {
			copied[name] = clone(nested)
		}
		return copied
	case []any:
		copied := make([]any, len(value))
		for i, nested := range value {
			copied[i] = clone(nested)
		}
		return copied
	}
	return value
}

func task(item Item) map[string]any {
	sourceResource, targetResource := item.Resource, ""
	if item.Type == "SINK" {
		sourceResource, targetResource = "", item.Resource
	}
	if item.Group != nil && item.Group.Instance != "" {
		sourceResource = item.Group.Instance
	}
	return map[string]any{
		"TaskId":          item.ID,
		"TaskName":        item.Name,
		"Description":     "",
		"TaskType":        item.Type,
		"Status":          item.Status,
		"SourceResource":  end(item, item.Source, sourceResource),
		"TargetResource":  end(item, item.Target, targetResource),
		"CreateTime":      createTime,
		"ErrorMessage":    item.ErrorMessage,
		"WarnMessage":     "",
		"TaskProgress":    progress(item),
		"TaskCurrentStep": step(item),
		"DatahubId":       strings.Replace(item.ID, "task-", "datahub-", 1),
		"StepList":        stepList(),
		// Newer fields, which are null for older items.
		"TaskMax": nil, "SyncThrottleLimit": nil, "AutoExpandFlag": nil,
	}
}

func connection(item Item) map[string]any {
	rendered := map[string]any{
		"ResourceId":       item.ID,
		"ResourceName":     item.Name,
		"Description":      "",
		"Type":             item.Type,
		"Status":           item.Status,
		"CreateTime":       createTime,
		"ErrorMessage":     item.ErrorMessage,
		"DatahubTaskCount": 1,
		"CurrentStep":      step(item),
		"TaskProgress":     progress(item),
		"StepList":         stepList(),
		"Tags":             nil,
	}
	for _, name := range connectParams {
		rendered[name] = nil
	}
	if prefix := paramPrefixes[item.Type]; prefix != "" {
		rendered[prefix+"ConnectParam"] = connectParam(prefix)
	}
	return rendered
}

// progress returns the progress of the creation, in percent. Status 0 means that it
// is not complete.
func progress(item Item) float64 {
	if item.Status == 0 {
		return 0
	}
	return 100
}

// step returns the step of the creation. It stays at the last step for good,
// whatever happens to the item.
func step(item Item) string {
	switch item.Status {
	case createFailed:
		return "StartConnector"
	case creating:
		return "CheckResource"
	}
	return "FINISH"
}

func stepList() []any { return []any{"CheckResource", "CreateTopic", "StartConnector"} }
