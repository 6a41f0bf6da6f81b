package main

import (
	"strconv"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// condition groups states that mean the same to the person on call.
type condition struct{ title, color string }

// The conditions.
var (
	failed   = condition{"Failed", "red"}
	unknown  = condition{"Unknown", "purple"}
	paused   = condition{"Paused", "orange"}
	changing = condition{"Changing", "blue"}
	running  = condition{"Running", "green"}
)

// state is a row of one of the API's two tables of status codes.
type state struct {
	code      int
	name      string // as in the label "state"
	condition condition
	color     string // a shade of the condition's color, to tell states apart in a stack
}

// unknownState is the exporter's state for a missing status, -100, and for every
// code that is in neither table.
var unknownState = state{-100, "unknown", unknown, "purple"}

// states returns the kind's table. The two tables differ from code 3 on.
func (k kind) states() []state {
	common := []state{
		{-1, "create_failed", failed, "dark-red"},
		{0, "creating", changing, "light-blue"},
		{1, "running", running, "green"},
		{2, "deleting", changing, "dark-blue"},
		{4, "delete_failed", failed, "light-red"},
		unknownState,
	}
	if k == connections {
		return append(common, []state{
			{5, "updating", changing, "blue"},
			{6, "update_failed", failed, "semi-dark-red"},
			{7, "abnormal", failed, "red"},
		}...)
	}
	return append(common, []state{
		{3, "deleted", changing, "super-light-blue"},
		{5, "pausing", changing, "semi-dark-blue"},
		{6, "paused", paused, "orange"},
		{7, "pause_failed", failed, "semi-dark-red"},
		{8, "resuming", changing, "blue"},
		{9, "resume_failed", failed, "red"},
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
func (k kind) codes() dashboard.ValueMapping {
	return mapping(k.states(), func(s state) string { return strconv.Itoa(s.code) })
}

// names maps the names of states to their colors.
func (k kind) names() dashboard.ValueMapping {
	return mapping(k.states(), func(s state) string { return s.name })
}

func mapping(states []state, key func(state) string) dashboard.ValueMapping {
	options := map[string]dashboard.ValueMappingResult{}
	for i, state := range states {
		options[key(state)] = dashboard.ValueMappingResult{Text: &state.name, Color: &state.color, Index: new(int32(i))}
	}
	return dashboard.ValueMapping{ValueMap: &dashboard.ValueMap{Type: dashboard.MappingTypeValueToText, Options: options}}
}
