package main

import (
	_ "embed"
	"math"
	"strings"
	"text/template"
)

// point is one measurement of both contenders.
type point struct {
	tasks        float64
	theirs, ours figures
}

// growth is the data of the picture.
type growth struct{ cold, memory []point }

//go:embed picture.svg.tmpl
var picture string

// panel is a chart of the picture and label a text in it; positions are in pixels.
type (
	panel struct {
		Left        float64
		Title       string
		Grid, Ticks []label
		Lines       []line
	}
	line struct {
		Class, Name string
		LegendX     float64
		Labels      []label
	}
	label struct {
		X, Y, DY float64
		Text     string
	}
)

// svg renders the picture, which is readable on light and dark backgrounds.
func (g growth) svg() string {
	wall := func(f figures) float64 { return f.wall }
	panels := []panel{
		newPanel(0, "time of a cold scrape, 50 ms a call", seconds, g.cold, wall),
		newPanel(300, "CPU of a cold scrape", seconds, g.cold, func(f figures) float64 { return f.cpu }),
		newPanel(600, "peak memory", bytes, g.memory, func(f figures) float64 { return f.bytes }),
	}
	var out strings.Builder
	check(template.Must(template.New("picture").Parse(picture)).Execute(&out, panels))
	return out.String()
}

// newPanel plots one value of both contenders against the number of tasks.
func newPanel(left float64, title string, unit unit, points []point, value func(figures) float64) panel {
	p := panel{Left: left, Title: title}
	theirs := line{Class: "theirs", Name: "the original's way", LegendX: 110}
	ours := line{Class: "ours", Name: "ours", LegendX: 220}
	low, high := math.Inf(1), math.Inf(-1)
	for _, point := range points {
		for _, v := range []float64{value(point.theirs), value(point.ours)} {
			low, high = min(low, math.Floor(math.Log10(v))), max(high, math.Ceil(math.Log10(v)))
		}
	}
	y := func(v float64) float64 { return math.Round(215 - 165*(math.Log10(v)-low)/(high-low)) }
	for power := low; power <= high; power++ {
		p.Grid = append(p.Grid, label{Y: y(math.Pow(10, power)), Text: unit(math.Pow(10, power))})
	}
	for i, point := range points {
		// Sizes are evenly spaced: each is about ten times the previous one.
		x := 65 + float64(i)*200/max(1, float64(len(points)-1))
		above, below := value(point.theirs), value(point.ours)
		dy := map[bool]float64{true: -8, false: 16}
		theirs.Labels = append(theirs.Labels, label{x, y(above), dy[above >= below], unit(above)})
		ours.Labels = append(ours.Labels, label{x, y(below), dy[above < below], unit(below)})
		p.Ticks = append(p.Ticks, label{X: x, Text: grouped(int(point.tasks))})
	}
	p.Lines = []line{theirs, ours}
	return p
}
