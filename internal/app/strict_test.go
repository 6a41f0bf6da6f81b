package app

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/encoding/prototext"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/otlp/collectorsim"
	"datahub_exporter/source"
)

// awkward are names and messages that break a careless exposition.
var awkward = []string{
	`say "hello"`, `C:\orders\new`, `ends in a backslash \`, "two\nlines", "\r\n", "a,b={c}", "} 1", "", " ", "tab\there", "\x00", "\u0085\u2028",
	"# EOF", "# TYPE x gauge", "订单库增量同步", "🚚 shipping", "\ufeffmark", "e\u0301", "\ufffd", strings.Repeat("库", 300), strings.Repeat(`"\`, 200),
}

// noText answers with bytes and escapes that are no characters, and with items that
// cannot be told apart.
func noText() cloudsim.Fault {
	items := strings.NewReplacer("BYTE", "\xff", "OTHER", "\xfe", "HALF", "\xed\xa0\x80").Replace(
		`[{"ID": "aBYTE", "NAME": "BYTE", "Status": -1, "ErrorMessage": "HALF \ud83d \u0000"}, {"ID": "aOTHER", "NAME": "\ud800", "Status": 1},
		{"ID": "b", "ID": "c", "Status": 1}, {"ID": "c", "NAME": "twice", "Status": 2}, {"NAME": "none"}]`)
	tasks := strings.NewReplacer("ID", "TaskId", "NAME", "TaskName").Replace(items)
	connections := strings.NewReplacer("ID", "ResourceId", "NAME", "ResourceName").Replace(items)
	return cloudsim.RawBody("application/json",
		`{"Response": {"RequestId": "r", "Result": {"TotalCount": 5, "TaskList": `+tasks+`, "ConnectResourceList": `+connections+`}}}`)
}

// awkwardFleet has items whose every text is awkward.
func awkwardFleet(regions ...string) *cloudsim.Inventory {
	fleet := cloudsim.NewInventory(regions...)
	for _, region := range regions {
		for _, kind := range source.Kinds() {
			var items []cloudsim.Item
			for i, text := range awkward {
				items = append(items, cloudsim.Item{
					ID: fmt.Sprintf("%s-%d", kind.Name, i), Name: text, Status: int64(i%11 - 1), Type: text, Source: text, Target: text,
					Resource: text, ErrorMessage: text,
				})
			}
			items = append(items, cloudsim.Item{ID: "null", Fields: map[string]any{"Status": nil}}, cloudsim.Item{ID: `"\` + "\n", Status: -1, ErrorMessage: "x"})
			fleet.Set(string(kind.Action), region, items...)
		}
	}
	return fleet
}

// Every exposition can be read by a reader that is strict, in every format and
// encoding in which it is offered, and they all say the same.
func TestExpositionsAreStrictlyValid(t *testing.T) {
	const once = "--ckafka.min-interval=4m" // all formats show the same refresh
	t.Run("one account", func(t *testing.T) {
		_, conf := serveFleet(t, awkwardFleet("ap-guangzhou"))
		checkStrictly(t, start(t, conf, once, "--otlp.endpoint=http://"+collectorsim.Start(t).Address), "",
			"?region=ap-guangzhou", "?name[]=datahub_task_status&name[]=connect_resource_up&name[]=ckafka_refreshes_total", "?name[]=none")
	})
	t.Run("nothing is known", func(t *testing.T) {
		cloud, conf := serveFleet(t, awkwardFleet("ap-guangzhou"))
		cloud.Always("", "", cloudsim.Error(`AuthFailure."\`+"\n", "no"))
		checkStrictly(t, start(t, conf, once), "")
	})
	t.Run("no text", func(t *testing.T) {
		cloud, conf := serveFleet(t, awkwardFleet("ap-guangzhou"))
		cloud.Always("", "", noText())
		checkStrictly(t, start(t, conf, once), "", "?name[]=datahub_task_status&name[]=connect_resource_status&name[]=ckafka_refreshes_total")
	})
	t.Run("accounts", func(t *testing.T) {
		_, conf := manyAccounts(t, 0, 0, "region = ap-guangzhou, ap-shanghai\n[account.prod]\nsecret_id = AKIDcommon\nsecret_key = key-of-common\n"+
			"[account.生产]\nsecret_id = AKIDcommon\nsecret_key = wrong\n")
		checkStrictly(t, start(t, conf, once), "", "?account=prod", "?account=prod&region=ap-shanghai", "?region=ap-guangzhou&region=ap-shanghai")
	})
}

// checkStrictly reads all paths with each query.
func checkStrictly(t *testing.T, e *exporter, queries ...string) {
	t.Helper()
	for _, path := range []string{source.TaskKind().Path, source.ConnectionKind().Path, "/metrics"} {
		for _, query := range queries {
			want := readPath(t, e, path+query, "", formats(path)["*/*"], "identity")
			if len(want) == 0 && query != "?name[]=none" {
				t.Errorf("%s: no series", path+query)
			}
			for accept, contentType := range formats(path) {
				for _, encoding := range []string{"identity", "gzip", "zstd"} {
					have := readPath(t, e, path+query, accept, contentType, encoding)
					if diff := cmp.Diff(want, have); diff != "" && path != "/metrics" { // which counts its scrapes
						t.Errorf("%s as %s, %s (-text +this):\n%s", path+query, accept, encoding, diff)
					}
				}
			}
		}
	}
}

// formats returns what a scrape of the path may ask for, and how it is answered.
func formats(path string) map[string]string {
	const (
		text        = "text/plain; version=0.0.4; charset=utf-8; escaping="
		openMetrics = "application/openmetrics-text; version="
		protobuf    = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding="
	)
	formats := map[string]string{
		"*/*":                          text + "underscores",
		"text/html":                    text + "underscores",
		"text/plain;version=1.0.0":     text + "underscores",
		openMetrics + "2.0.0":          text + "underscores",
		"application/openmetrics-text": openMetrics + "0.0.1; charset=utf-8; escaping=underscores",
		openMetrics + "0.0.1":          openMetrics + "0.0.1; charset=utf-8; escaping=underscores",
		protobuf + "text":              protobuf + "text; escaping=underscores",
		protobuf + "compact-text":      protobuf + "compact-text; escaping=underscores",
	}
	for _, escaping := range []string{"allow-utf-8", "underscores", "dots", "values"} {
		formats["text/plain; escaping="+escaping] = text + escaping
		formats[openMetrics+"1.0.0; escaping="+escaping] = openMetrics + "1.0.0; charset=utf-8; escaping=" + escaping
		formats[protobuf+"delimited; escaping="+escaping] = protobuf + "delimited; escaping=" + escaping
	}
	if path == "/metrics" {
		for accept := range formats {
			if strings.Contains(accept, "openmetrics") {
				formats[accept] = text + "underscores"
			}
		}
	}
	return formats
}

// readPath scrapes a path and returns its series.
func readPath(t *testing.T, e *exporter, path, accept, contentType, encoding string) map[string]float64 {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", accept)
	request.Header.Set("Accept-Encoding", encoding)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	have := response.Header.Get("Content-Type")
	if response.StatusCode != http.StatusOK || have != contentType {
		t.Fatalf("%s as %s: want 200 and %s, have %s and %s", path, accept, contentType, response.Status, have)
	}
	series, err := readResponse(response)
	if err != nil {
		t.Errorf("%s as %s, %s: %v", path, accept, encoding, err)
	}
	return series
}

// readResponse unpacks a response and reads it strictly by its content type.
func readResponse(response *http.Response) (map[string]float64, error) {
	var body io.Reader = response.Body
	var err error
	switch response.Header.Get("Content-Encoding") {
	case "gzip":
		body, err = gzip.NewReader(body)
	case "zstd":
		var reader *zstd.Decoder
		if reader, err = zstd.NewReader(body, zstd.WithDecoderConcurrency(1)); err == nil {
			defer reader.Close()
		}
		body = reader
	}
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	format := expfmt.Format(response.Header.Get("Content-Type")).FormatType()
	if format == expfmt.TypeTextPlain {
		return readStrictly(string(content), plainText)
	}
	if format == expfmt.TypeOpenMetrics {
		return readStrictly(string(content), openMetrics)
	}
	return readProtobuf(content, format)
}

// beginning is where a family begins in the text forms of protobuf.
var beginning = regexp.MustCompile(`(?m)^name:`)

// readProtobuf reads the families, and then strictly what they are as text.
func readProtobuf(content []byte, format expfmt.FormatType) (map[string]float64, error) {
	var families []*dto.MetricFamily
	if format == expfmt.TypeProtoDelim {
		for rest := bytes.NewReader(content); rest.Len() > 0; {
			families = append(families, &dto.MetricFamily{})
			if err := protodelim.UnmarshalFrom(rest, families[len(families)-1]); err != nil {
				return nil, err
			}
		}
	} else {
		begins := append(beginning.FindAllIndex(content, -1), []int{len(content)})
		for i := range begins[1:] {
			families = append(families, &dto.MetricFamily{})
			if err := prototext.Unmarshal(content[begins[i][0]:begins[i+1][0]], families[i]); err != nil {
				return nil, err
			}
		}
	}
	var text bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&text, family); err != nil {
			return nil, err
		}
	}
	return readStrictly(text.String(), plainText)
}
