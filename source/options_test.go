package source

import (
	"errors"
	"math"
	"testing"
	"time"
)

func TestOptionsValidate(t *testing.T) {
	good := Options{Timeout: DefaultTimeout, MinInterval: DefaultMinInterval, StaleAfter: DefaultStaleAfter, QPS: DefaultQPS}
	tests := map[string]struct {
		change func(*Options)
		want   string // the field; empty: none
	}{
		"as documented":              {func(*Options) {}, ""},
		"a refresh for each scrape":  {func(o *Options) { o.MinInterval = 0 }, ""},
		"nothing kept":               {func(o *Options) { o.StaleAfter = 0 }, ""},
		"the most calls":             {func(o *Options) { o.QPS = MaxQPS }, ""},
		"no time":                    {func(o *Options) { o.Timeout = 0 }, TimeoutField},
		"negative interval":          {func(o *Options) { o.MinInterval = -time.Second }, MinIntervalField},
		"negative age":               {func(o *Options) { o.StaleAfter = -time.Second }, StaleAfterField},
		"stale before it is renewed": {func(o *Options) { o.MinInterval = time.Hour }, MinIntervalField},
		"stale when it is renewed":   {func(o *Options) { o.MinInterval = o.StaleAfter }, MinIntervalField},
		"nothing to become stale":    {func(o *Options) { o.MinInterval, o.StaleAfter = time.Hour, 0 }, ""},
		"no calls":                   {func(o *Options) { o.QPS = 0 }, QPSField},
		"more calls than any API's":  {func(o *Options) { o.QPS = MaxQPS + 1 }, QPSField},
		"more calls than memory has": {func(o *Options) { o.QPS = math.MaxInt }, QPSField},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			options := good
			test.change(&options)
			var have string
			if option, ok := errors.AsType[*OptionError](options.Validate()); ok {
				have = option.Field
			}
			if have != test.want {
				t.Errorf("field: want %q, have %q", test.want, have)
			}
		})
	}
}
