package main

import (
	"strconv"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// condition groups states that mean the same to the person on call.
type condition struct{ title, chinese, color string }

// The conditions.
var (
	failed   = condition{"Failed", "失败", "red"}
	unknown  = condition{"Unknown", "未知", "purple"}
	paused   = condition{"Paused", "已暂停", "orange"}
	changing = condition{"Changing", "变更中", "blue"}
	running  = condition{"Running", "运行中", "green"}
)

// state is a row of one of the API's two tables of status codes.
type state struct {
	code      int
	name      string // as in the label "state"
	chinese   string
	condition condition
	color     string // a shade of the condition's color, to tell states apart in a stack
}

// unknownState is the exporter's state for a missing status, -100, and for every
// code that is in neither table.
var unknownState = state{-100, "unknown", "未知", unknown, "purple"}

// states returns the kind's table. The two tables differ from code 3 on.
func (k kind) states() []state {
	common := []state{
		{-1, "create_failed", "创建失败", failed, "dark-red"},
		{0, "creating", "创建中", changing, "light-blue"},
		{1, "running", "运行中", running, "green"},
		{2, "deleting", "删除中", changing, "dark-blue"},
		{4, "delete_failed", "删除失败", failed, "light-red"},
		unknownState,
	}
	if k == connections {
		return append(common, []state{
			{5, "updating", "配置更改中", changing, "blue"},
			{6, "update_failed", "配置更改失败", failed, "semi-dark-red"},
			{7, "abnormal", "异常", failed, "red"},
		}...)
	}
	return append(common, []state{
		{3, "deleted", "已删除", changing, "super-light-blue"},
		{5, "pausing", "暂停中", changing, "semi-dark-blue"},
		{6, "paused", "已暂停", paused, "orange"},
		{7, "pause_failed", "暂停失败", failed, "semi-dark-red"},
		{8, "resuming", "恢复中", changing, "blue"},
		{9, "resume_failed", "恢复失败", failed, "red"},
	}...)
}

// in returns a matcher on the label "state" for the states of a condition.
func (k kind) in(c condition) string {
	var names []string
	for _, state := range k.states() {
		if state.condition == c {
			names = append(names, state.name)
		}
	}
	return `state=~"` + strings.Join(names, "|") + `"`
}

// codes maps the kind's status codes to the names and colors of their states.
func (k kind) codes(in language) dashboard.ValueMapping {
	return mapping(in, k.states(), func(s state) string { return strconv.Itoa(s.code) })
}

// labels maps the values of the label "state" to the names and colors of the states.
func (k kind) labels(in language) dashboard.ValueMapping {
	return mapping(in, k.states(), func(s state) string { return s.name })
}

func mapping(in language, states []state, key func(state) string) dashboard.ValueMapping {
	options := map[string]dashboard.ValueMappingResult{}
	for i, state := range states {
		text := in.text(state.name, state.chinese)
		options[key(state)] = dashboard.ValueMappingResult{Text: &text, Color: &state.color, Index: new(int32(i))}
	}
	return dashboard.ValueMapping{ValueMap: &dashboard.ValueMap{Type: dashboard.MappingTypeValueToText, Options: options}}
}
