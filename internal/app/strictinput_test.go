package app

import (
	"strings"
	"testing"
)

// The reader notices what is wrong, and nothing else.
func TestStrictReader(t *testing.T) {
	const (
		gauge     = "# HELP a Text.\n# TYPE a gauge\n"
		histogram = "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"
		counter   = "# TYPE c counter\nc_total 1\n"
		memory    = "# TYPE m gauge\nm 1\n# TYPE m_total counter\nm_total 1\n"
	)
	tests := []struct {
		what        string
		body        string
		text        string // the error, "" if there is none
		openMetrics string // the same behind it, "# EOF" at the end
	}{
		{"nothing", "", "", ""},
		{"a gauge", gauge + "a{b=\"c\",d=\"e } 1\"} -1.5e+09\na{b=\"\\\"\\\\\\n订🚚\"} NaN\na +Inf\n", "", ""},
		{"a histogram", histogram, "", ""},
		{"a summary", "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 1\ns_count 1\n", "", ""},
		{"a help with a quote", "# HELP a \"b\"\n# TYPE a gauge\n", "", "wrong escape"},
		{"a help with an escaped quote", "# HELP a \\\"\n# TYPE a gauge\n", "wrong escape", ""},
		{"a counter with its suffix", counter, "no sample of the type", ""},
		{"a counter without", "# TYPE c counter\nc 1\n", "", "no sample of the type"},
		{"an info", "# TYPE i info\ni_info{a=\"b\"} 1\n", "no type", ""},
		{"an info of 2", "# TYPE i info\ni_info{a=\"b\"} 2\n", "no type", "a value"},
		{"an untyped", "# TYPE u untyped\nu 1\n", "", "no type"},
		{"an unknown", "# TYPE u unknown\nu 1\n", "no type", ""},
		{"a unit", "# TYPE a_seconds gauge\n# UNIT a_seconds seconds\na_seconds 1\n", "no metadata", ""},
		{"a unit that the name lacks", "# TYPE a gauge\n# UNIT a seconds\na 1\n", "no metadata", "unit"},
		{"a gauge and a counter of one name", memory, "", "no sample of the type"},
		{"the same in OpenMetrics", "# TYPE m gauge\nm 1\n# TYPE m counter\nm_total 1\n", "metadata twice", "metadata twice"},
		{"a counter and a gauge like its sample", counter + "# TYPE c_total gauge\nc_total{a=\"b\"} 1\n", "no sample of the type", "both have the name c_total"},
		{"a gauge like a counter's family", "# TYPE c gauge\nc 1\n# TYPE c_total counter\nc_total{a=\"b\"} 1\n", "", "no sample"},
		{"a gauge like an info", "# TYPE i_info gauge\ni_info 1\n# TYPE i info\ni_info{a=\"b\"} 1\n", "no type", "both have the name i_info"},
		{"a gauge like a count", histogram + "# TYPE h_count gauge\nh_count{a=\"b\"} 1\n", "both have the name h_count", "both have the name h_count"},
		{"no line feed", gauge + "a 1", "no line feed", "no line feed"},
		{"an empty line", gauge + "\na 1\n", "no sample", "no sample"},
		{"an end before the end", gauge + "# EOF\na 1\n", "no metadata", "no metadata"},
		{"a comment", gauge + "# a 1\n", "no metadata", "no metadata"},
		{"no UTF-8", gauge + "a{b=\"\xff\"} 1\n", "UTF-8", "UTF-8"},
		{"no type", "# HELP a Text.\na 1\n", "no sample of the type", "no sample of the type"},
		{"no type and no sample", "# HELP a Text.\n", "has no type", "has no type"},
		{"a set of states", "# TYPE a stateset\na 1\n", "no type", "no type"},
		{"an unknown type", "# TYPE a gauges\na 1\n", "no type", "no type"},
		{"a type twice", gauge + "# TYPE a gauge\na 1\n", "metadata twice", "metadata twice"},
		{"a help behind a sample", "# TYPE a gauge\na 1\n# HELP a Text.\n", "behind samples", "behind samples"},
		{"a family in two places", gauge + "a 1\n# TYPE b gauge\nb 1\na{c=\"d\"} 1\n", "outside", "outside"},
		{"a family declared in two places", gauge + "a 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\na{c=\"d\"} 1\n", "second family", "second family"},
		{"a sample of no family", "a 1\n", "outside", "outside"},
		{"a series twice", gauge + "a{b=\"c\",d=\"e\"} 1\na{d=\"e\",b=\"c\"} 1\n", "second series", "second series"},
		{"a series that differs in an empty label", gauge + "a{b=\"\"} 1\na 1\n", "second series", "second series"},
		{"a label twice", gauge + "a{b=\"c\",b=\"d\"} 1\n", "label twice", "label twice"},
		{"a reserved label", gauge + "a{__b=\"c\"} 1\n", "reserved", "reserved"},
		{"a label's name", gauge + "a{b.c=\"d\"} 1\n", "no label", "no label"},
		{"a label that is not quoted", gauge + "a{b=c} 1\n", "no label", "no label"},
		{"a quote that is not escaped", gauge + "a{b=\"c\"d\"} 1\n", "no label", "no label"},
		{"a wrong escape", gauge + "a{b=\"\\t\"} 1\n", "no label", "no label"},
		{"a line feed that is not escaped", gauge + "a{b=\"c\nd\"} 1\n", "no sample", "no sample"},
		{"a comma at the end", gauge + "a{b=\"c\",} 1\n", "comma", "comma"},
		{"a space too many", gauge + "a{b=\"c\", d=\"e\"} 1\n", "no label", "no label"},
		{"a timestamp", gauge + "a 1 1700000000\n", "no sample", "no sample"},
		{"a quoted name", gauge + "{\"a\"} 1\n", "no sample", "no sample"},
		{"no value", gauge + "a\n", "no sample", "no sample"},
		{"no number", gauge + "a 0x1p3\n", "no number", "no number"},
		{"a number with _", gauge + "a 1_000\n", "no number", "no number"},
		{"a negative counter", "# TYPE c counter\nc -1\n", "a value", "no sample of the type"},
		{"a negative counter of OpenMetrics", "# TYPE c counter\nc_total -1\n", "no sample of the type", "a value"},
		{"a bucket without a bound", "# TYPE h histogram\nh_bucket 1\n", "no label le", "no label le"},
		{"buckets out of order", "# TYPE h histogram\nh_bucket{le=\"2\"} 1\nh_bucket{le=\"1\"} 1\n", "out of order", "out of order"},
		{"buckets that shrink", "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"2\"} 1\n", "out of order", "out of order"},
		{"no last bucket", "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_sum 2\nh_count 2\n", "lacks", "lacks"},
		{"another count", strings.Replace(histogram, "h_count 2", "h_count 3", 1), "lacks", "lacks"},
		{"no sum", strings.Replace(histogram, "h_sum 3\n", "", 1) + gauge, "lacks", "lacks"},
		{
			"histograms that are mixed", "# TYPE h histogram\nh_bucket{a=\"1\",le=\"+Inf\"} 1\nh_sum{a=\"1\"} 1\nh_count{a=\"1\"} 1\n" +
				"h_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\nh_created{a=\"1\"} 1\n", "no sample of the type", "one place",
		},
		{"a quantile above 1", "# TYPE s summary\ns{quantile=\"2\"} 1\n", "no bound", "no bound"},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			_, err := readStrictly(test.body, plainText)
			wantError(t, "text", test.text, err)
			_, err = readStrictly(test.body+"# EOF\n", openMetrics)
			wantError(t, "OpenMetrics", test.openMetrics, err)
		})
	}
	for _, end := range []string{"", "# EOF", "# EOF\n\n", "# EOF\n# EOF\n"} {
		if _, err := readStrictly(gauge+"a 1\n"+end, openMetrics); err == nil {
			t.Errorf("OpenMetrics that ends with %q: want an error", end)
		}
	}
}

func wantError(t *testing.T, what, want string, have error) {
	t.Helper()
	if (want == "") != (have == nil) || have != nil && !strings.Contains(have.Error(), want) {
		t.Errorf("%s: want the error %q, have %v", what, want, have)
	}
}
