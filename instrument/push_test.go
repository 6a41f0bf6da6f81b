package instrument_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/sdk/resource"
	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	otlpcommon "go.opentelemetry.io/proto/otlp/common/v1"
	otlpmetrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	_ "google.golang.org/grpc/encoding/gzip" // so that the receiver takes it
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"

	"datahub_exporter/endpoint"
	"datahub_exporter/instrument"
	"datahub_exporter/secret"
	"datahub_exporter/source"
)

// receiver is an OTLP receiver that keeps what it was sent.
type receiver struct {
	collector.UnimplementedMetricsServiceServer
	address string
	pushes  chan push
}

type push struct {
	request *collector.ExportMetricsServiceRequest
	headers metadata.MD
}

func newReceiver(t *testing.T, options ...grpc.ServerOption) *receiver {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{address: listener.Addr().String(), pushes: make(chan push, 1000)}
	server := grpc.NewServer(options...)
	collector.RegisterMetricsServiceServer(server, r)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		server.Stop()
		<-served
	})
	return r
}

// Export implements the service.
func (r *receiver) Export(ctx context.Context, request *collector.ExportMetricsServiceRequest) (*collector.ExportMetricsServiceResponse, error) {
	headers, _ := metadata.FromIncomingContext(ctx)
	r.pushes <- push{request, headers}
	return &collector.ExportMetricsServiceResponse{}, nil
}

func (r *receiver) next(t *testing.T) push {
	t.Helper()
	select {
	case push := <-r.pushes:
		return push
	case <-time.After(20 * time.Second):
		t.Fatal("no push arrived")
		return push{}
	}
}

// pushing returns a bridge's exposition of one task and one outage that pushes as
// the options say, ten times a second.
func pushing(t *testing.T, options instrument.PushOptions, onPush func(error)) *instrument.Exposition {
	t.Helper()
	options.Interval = 100 * time.Millisecond
	described, err := instrument.NewResource("1.2.3", []string{"0.0.0.0:48080"})
	if err != nil {
		t.Fatal(err)
	}
	push, err := instrument.NewPush(options, described, onPush)
	if err != nil {
		t.Fatal(err)
	}
	of := func(region string, snapshot source.Snapshot) ask {
		snapshot.Target = source.Target{Region: region, Action: source.Tasks}
		return func(context.Context) *source.Snapshot { return &snapshot }
	}
	listing := &source.Listing{Items: []source.Item{{ID: "a", Name: "订单 \"x\"\n", Status: 6}}, Reported: 1}
	exposition, err := instrument.NewExposition(instrument.Kinds()[tasks], instrument.NewLabels(1), asked{
		of("ap-guangzhou", source.Snapshot{LastSuccess: time.Unix(1_700_000_000, 0), Listing: listing}),
		of("ap-shanghai", source.Snapshot{Failures: 11}),
	}, push, quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ended, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = exposition.Shutdown(ended)
	})
	return exposition
}

func ignore(error) {}

func plain(r *receiver) instrument.PushOptions {
	return instrument.PushOptions{Endpoint: endpoint.Endpoint{Scheme: "http", Host: r.address}}
}

func TestPushHoldsTheSameSeries(t *testing.T) {
	receiver := newReceiver(t)
	pushing(t, plain(receiver), ignore)
	var series []string
	for _, metric := range metricsOf(receiver.next(t)) {
		if metric.GetUnit() != "" {
			t.Errorf("%s has the unit %q, which would become a suffix", metric.GetName(), metric.GetUnit())
		}
		for _, point := range metric.GetGauge().GetDataPoints() {
			series = append(series, line(metric.GetName(), point))
		}
	}
	slices.Sort(series)
	want := []string{
		`datahub_task_error_count{region="ap-guangzhou"} 0`,
		`datahub_task_error_count{region="ap-shanghai"} 11`,
		`datahub_task_items_reported{region="ap-guangzhou"} 1`,
		`datahub_task_items{region="ap-guangzhou"} 1`,
		`datahub_task_last_success_timestamp_seconds{region="ap-guangzhou"} 1.7e+09`,
		`datahub_task_last_success_timestamp_seconds{region="ap-shanghai"} 0`,
		`datahub_task_status{TaskId="a",TaskName="订单 \"x\"\n",region="ap-guangzhou"} 6`,
		`datahub_task_up{region="ap-guangzhou"} 1`,
		`datahub_task_up{region="ap-shanghai"} 0`,
	}
	if diff := cmp.Diff(want, series); diff != "" {
		t.Errorf("series (-want +have):\n%s", diff)
	}
}

func metricsOf(p push) []*otlpmetrics.Metric {
	var all []*otlpmetrics.Metric
	for _, resource := range p.request.GetResourceMetrics() {
		for _, scope := range resource.GetScopeMetrics() {
			all = append(all, scope.GetMetrics()...)
		}
	}
	return all
}

func line(name string, point *otlpmetrics.NumberDataPoint) string {
	var value any = point.GetAsDouble()
	if _, ok := point.GetValue().(*otlpmetrics.NumberDataPoint_AsInt); ok {
		value = point.GetAsInt()
	}
	return fmt.Sprintf("%s{%s} %v", name, labels(point.GetAttributes()), value)
}

func labels(attributes []*otlpcommon.KeyValue) string {
	var pairs []string
	for _, attribute := range attributes {
		pairs = append(pairs, fmt.Sprintf("%s=%q", attribute.GetKey(), attribute.GetValue().GetStringValue()))
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ",")
}

func TestPushSaysWhoPushes(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		environment map[string]string
		want        string
	}{
		"by default": {nil, fmt.Sprintf(`cloud.provider="tencent_cloud",host.name=%q,service.instance.id=%q,service.name="datahub_exporter",service.version="1.2.3"`,
			host, host+"/0.0.0.0:48080")},
		"the environment wins": {
			map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "host.name=h,service.instance.id=i,team=data", "OTEL_SERVICE_NAME": "ckafka"},
			`cloud.provider="tencent_cloud",host.name="h",service.instance.id="i",service.name="ckafka",service.version="1.2.3",team="data"`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for variable, value := range test.environment {
				t.Setenv(variable, value)
			}
			receiver := newReceiver(t)
			pushing(t, plain(receiver), ignore)
			attributes := receiver.next(t).request.GetResourceMetrics()[0].GetResource().GetAttributes()
			attributes = slices.DeleteFunc(attributes, func(attribute *otlpcommon.KeyValue) bool {
				return strings.HasPrefix(attribute.GetKey(), "telemetry.sdk.")
			})
			if diff := cmp.Diff(test.want, labels(attributes)); diff != "" {
				t.Errorf("resource (-want +have):\n%s", diff)
			}
		})
	}
}

func TestPushSendsHeadersAndCompression(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
	for compression, want := range map[string]string{"": "gzip", "gzip": "gzip", "none": "identity"} {
		t.Run(compression, func(t *testing.T) {
			compressions := make(compressions, 1000)
			receiver := newReceiver(t, grpc.StatsHandler(compressions))
			options := plain(receiver)
			options.Headers = map[string]secret.Value{"authorization": secret.New("Bearer t0ken")}
			options.Compression = compression
			pushing(t, options, ignore)
			if diff := cmp.Diff([]string{"Bearer t0ken"}, receiver.next(t).headers.Get("authorization")); diff != "" {
				t.Errorf("header (-want +have):\n%s", diff)
			}
			if have := <-compressions; have != want {
				t.Errorf("compression: want %q, have %q", want, have)
			}
		})
	}
}

// compressions is a stats.Handler that reports the compression of each call: gRPC
// keeps the header for itself.
type compressions chan string

func (c compressions) HandleRPC(_ context.Context, event stats.RPCStats) {
	if header, ok := event.(*stats.InHeader); ok {
		c <- header.Compression
	}
}

func (c compressions) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

func (c compressions) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (c compressions) HandleConn(context.Context, stats.ConnStats)                       {}

// certificate makes a certificate for 127.0.0.1 that is its own authority, and
// writes it and its key as PEM.
func certificate(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: signed}, keyFile: {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

func TestPushOverTLS(t *testing.T) {
	certFile, keyFile := certificate(t)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(pair.Leaf)
	mutual := newReceiver(t, grpc.Creds(credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{pair}, ClientCAs: trusted, ClientAuth: tls.RequireAndVerifyClientCert,
	})))
	secure := endpoint.Endpoint{Scheme: "https", Host: mutual.address}
	tests := map[string]struct {
		options instrument.PushOptions
		err     string // "": it arrives
	}{
		"both sides know each other":   {instrument.PushOptions{Endpoint: secure, CAFile: certFile, CertFile: certFile, KeyFile: keyFile}, ""},
		"an authority we do not trust": {instrument.PushOptions{Endpoint: secure, CertFile: certFile, KeyFile: keyFile}, "certificate signed by unknown authority"},
		"we show no certificate":       {instrument.PushOptions{Endpoint: secure, CAFile: certFile}, "Unavailable"},
		"we speak in the clear":        {plain(mutual), "error reading server preface"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ended := make(chan error, 1000)
			test.options.Timeout = 3 * time.Second
			pushing(t, test.options, func(err error) { ended <- err })
			switch err := <-ended; {
			case test.err == "" && err != nil:
				t.Errorf("want a push that arrives, have %v", err)
			case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
				t.Errorf("want %q, have %v", test.err, err)
			}
		})
	}
}

func TestNewPushRefuses(t *testing.T) {
	certFile, keyFile := certificate(t)
	secure := endpoint.Endpoint{Scheme: "https", Host: "127.0.0.1:4317"}
	tests := map[string]struct {
		options instrument.PushOptions
		want    string
	}{
		"TLS in the clear":           {instrument.PushOptions{Endpoint: endpoint.Endpoint{Scheme: "http", Host: "x:1"}, CAFile: certFile}, "need an https endpoint"},
		"no authority":               {instrument.PushOptions{Endpoint: secure, CAFile: "/nowhere/ca.pem"}, "read ca_file: open /nowhere/ca.pem"},
		"an authority that is a key": {instrument.PushOptions{Endpoint: secure, CAFile: keyFile}, "holds no certificate in PEM"},
		"a certificate alone":        {instrument.PushOptions{Endpoint: secure, CertFile: certFile}, "need each other"},
		"a key alone":                {instrument.PushOptions{Endpoint: secure, KeyFile: keyFile}, "need each other"},
		"the wrong way round":        {instrument.PushOptions{Endpoint: secure, CertFile: keyFile, KeyFile: certFile}, "read cert_file"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := instrument.NewPush(test.options, resource.Empty(), ignore)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("want %q, have %v", test.want, err)
			}
		})
	}
}

func TestShutdownPushesOnceMore(t *testing.T) {
	receiver := newReceiver(t)
	options := plain(receiver)
	exposition := pushing(t, options, ignore)
	receiver.next(t)
	if err := exposition.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	sent := len(receiver.pushes)
	if sent == 0 {
		t.Error("nothing was pushed at the end")
	}
}

func TestShutdownEndsWithACollectorThatNeverAnswers(t *testing.T) {
	hole, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer hole.Close()
	accepted := make(chan struct{}, 1000)
	go func() {
		for {
			connection, err := hole.Accept()
			if err != nil {
				return
			}
			accepted <- struct{}{}
			defer connection.Close()
			go func() { _, _ = io.Copy(io.Discard, connection) }()
		}
	}()
	exposition := pushing(t, instrument.PushOptions{Endpoint: endpoint.Endpoint{Scheme: "http", Host: hole.Addr().String()}}, ignore)
	<-accepted
	begin := time.Now()
	ended, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_ = exposition.Shutdown(ended)
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("took %v, want what the context gives: 1s", took)
	}
}
