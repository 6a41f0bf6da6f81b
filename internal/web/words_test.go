package web

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/reason"
	"datahub_exporter/source"
)

// verbs returns the formatting verbs of a text, sorted.
func verbs(text string) []string {
	found := regexp.MustCompile(`%(\[\d\])?[dsv]`).FindAllString(text, -1)
	for i := range found {
		found[i] = "%" + found[i][len(found[i])-1:]
	}
	slices.Sort(found)
	return found
}

// Both languages have every text, with the same formatting verbs.
func TestWords(t *testing.T) {
	first, second := reflect.ValueOf(english()).Elem(), reflect.ValueOf(chinese()).Elem()
	for i := range first.NumField() {
		name := first.Type().Field(i).Name
		if first.Field(i).Kind() == reflect.Map {
			continue
		}
		if first.Field(i).String() == "" || second.Field(i).String() == "" {
			t.Errorf("%s: want a text in both languages, have %q and %q", name, first.Field(i), second.Field(i))
		}
		if diff := cmp.Diff(verbs(first.Field(i).String()), verbs(second.Field(i).String())); diff != "" {
			t.Errorf("%s: values (-English +Chinese):\n%s", name, diff)
		}
	}
	for _, words := range []*words{english(), chinese()} {
		for _, condition := range conditions() {
			requireWord(t, words.Tag, words.Conditions, condition)
		}
		for _, kind := range source.Kinds() {
			requireWord(t, words.Tag, words.Kinds, kind.Name)
			requireWord(t, words.Tag, words.KindPlurals, kind.Name)
		}
		for _, class := range []source.Class{
			source.Throttled, source.Auth, source.Permission, source.Parameter, source.Server, source.Network, source.Timeout, source.Decode,
		} {
			requireWord(t, words.Tag, words.Classes, class)
		}
	}
	for _, reason := range reason.All() {
		requireWord(t, "zh-CN", chinese().Reasons, reason.Word)
	}
}

func requireWord[K comparable](t *testing.T, tag string, words map[K]string, key K) {
	t.Helper()
	if words[key] == "" {
		t.Errorf("%s: want a word for %v", tag, key)
	}
}

// The Chinese page names regions and types of tasks as the console does, and the rest as
// the API does.
func TestChineseNames(t *testing.T) {
	task := func(of string) *Item {
		return &Item{Kind: "task", Type: of, Source: &End{Type: "MYSQL"}, Target: &End{Type: "TOPIC"}}
	}
	en, zh := &view{Words: english()}, &view{Words: chinese()}
	have := []string{
		en.RegionName("ap-guangzhou", "prod"), zh.RegionName("ap-guangzhou", "prod"), zh.RegionName("ap-new", "prod"),
		en.KindText(task("SOURCE")), zh.KindText(task("SOURCE")), zh.KindText(task("SINK")), zh.KindText(task("")),
		zh.KindText(&Item{Kind: "connection", Type: "MYSQL"}),
	}
	want := []string{
		"ap-guangzhou", "广州 ap-guangzhou", "ap-new",
		"task MYSQL → TOPIC", "数据接入任务 MYSQL → TOPIC", "数据流出任务 MYSQL → TOPIC", "任务 MYSQL → TOPIC", "连接 MYSQL",
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
}

func TestTextFromTheAPI(t *testing.T) {
	v := &view{Words: english()}
	for text, want := range map[string]string{
		"订单 orders":               "订单 orders",
		"a\u202egnp.exe":          "a\uFFFDgnp.exe",
		"a\x00b\tc":               "a\uFFFDb\uFFFDc",
		"zero\u200bwidth\ufeff":   "zero\uFFFDwidth\uFFFD",
		"line\u2028end":           "line\uFFFDend",
		"\xff":                    "\uFFFD",
		strings.Repeat("名", 1025): strings.Repeat("名", 1023) + "…",
	} {
		if have := v.Text(text); have != want {
			t.Errorf("%q: want %q, have %q", text, want, have)
		}
	}
}

func TestAges(t *testing.T) {
	now := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	for age, want := range map[time.Duration][2]string{
		-time.Second:                {"0 s", "0 秒"},
		59 * time.Second:            {"59 s", "59 秒"},
		119 * time.Second:           {"1 min", "1 分钟"},
		3*time.Hour + 5*time.Minute: {"3 h 5 min", "3 小时 5 分"},
		50 * time.Hour:              {"2 d 2 h", "2 天 2 小时"},
	} {
		for i, words := range []*words{english(), chinese()} {
			if have := (&view{Words: words, Now: now}).Age(now.Add(-age)); have != want[i] {
				t.Errorf("%v: want %s, have %s", age, want[i], have)
			}
		}
	}
}

// Ten of the tasks that use a connection are shown, those that run last.
func TestShownTasks(t *testing.T) {
	v := &view{Words: english()}
	item := &Item{Kind: "connection", Condition: source.Failed}
	for i := range 12 {
		item.Tasks = append(item.Tasks, Link{Condition: conditions()[4-i%5]}) // two or three in each, running ones first
	}
	shown := v.ShownTasks(item)
	if len(shown) != 10 || !slices.IsSortedFunc(shown, func(a, b Link) int { return rank(a.Condition) - rank(b.Condition) }) || shown[0].Condition != source.Failed {
		t.Errorf("want ten, the worst first, have %v", shown)
	}
}
