package otlp_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/otlp"
	"datahub_exporter/internal/otlp/collectorsim"
)

func TestPushOverTLS(t *testing.T) { overBoth(t, pushOverTLS) }

func pushOverTLS(t *testing.T, over protocol) {
	certFile, keyFile := certificate(t)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(pair.Leaf)
	collector := collectorsim.StartWith(t, collectorsim.Options{HTTP: over == otlp.HTTP, TLS: &tls.Config{
		Certificates: []tls.Certificate{pair}, ClientCAs: trusted, ClientAuth: tls.RequireAndVerifyClientCert,
	}})
	secure := otlp.Endpoint{Scheme: "https", Host: collector.Address}
	variables := map[string]string{
		"ENDPOINT": "https://" + collector.Address, "CERTIFICATE": certFile, "CLIENT_CERTIFICATE": certFile, "CLIENT_KEY": keyFile,
	}
	tests := map[string]struct {
		options     otlp.Options
		environment map[string]string
		arrives     bool
	}{
		"both sides know each other":   {otlp.Options{Endpoint: secure, CAFile: certFile, CertFile: certFile, KeyFile: keyFile}, nil, true},
		"by the variables":             {otlp.Options{}, variables, true},
		"an authority we do not trust": {otlp.Options{Endpoint: secure, CertFile: certFile, KeyFile: keyFile}, nil, false},
		"we show no certificate":       {otlp.Options{Endpoint: secure, CAFile: certFile}, nil, false},
		"we speak in the clear":        {*over.at(collector.Address), variables, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for suffix, value := range test.environment {
				t.Setenv("OTEL_EXPORTER_OTLP_"+suffix, value)
			}
			test.options.Protocol = string(over)
			test.options.Interval, test.options.Timeout = never, 500*time.Millisecond
			if test.arrives {
				test.options.Timeout = patient
			}
			made := newPush(t, &test.options, os.Getenv, &log{})
			flush(t, provider(t, made, "tasks", one))
			want := map[bool]float64{true: 1}[test.arrives]
			if have := counters(t, made)[`datahub_exporter_otlp_pushes_total{pushed=tasks,result=success}`]; have != want {
				t.Errorf("pushes that succeeded: want %v, have %v", want, have)
			}
			if have := float64(len(collector.Pushes)); have != want {
				t.Errorf("pushes that arrived: want %v, have %v", want, have)
			}
			for len(collector.Pushes) > 0 {
				<-collector.Pushes
			}
		})
	}
}

// The scheme of the endpoint decides whether TLS is used, whatever INSECURE says.
func TestSchemeWinsOverInsecure(t *testing.T) { overBoth(t, pushThoughInsecure) }

func pushThoughInsecure(t *testing.T, over protocol) {
	certFile, keyFile := certificate(t)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan bool, 1000)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() {
		listener.Close()
		<-ended
	})
	go func() {
		defer close(ended)
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			secured := tls.Server(connection, &tls.Config{Certificates: []tls.Certificate{pair}})
			seen <- secured.Handshake() == nil
			connection.Close()
		}
	}()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "https://"+listener.Addr().String())
	t.Setenv("OTEL_EXPORTER_OTLP_INSECURE", "true")
	t.Setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", certFile)
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20t0ken")
	log := &log{}
	provider := provider(t, newPush(t, &otlp.Options{Protocol: string(over), Interval: never, Timeout: time.Second}, os.Getenv, log), "tasks", one)
	want := `level=WARN msg="OTEL_EXPORTER_OTLP_INSECURE=\"true\" is ignored: the scheme of the endpoint says whether TLS is used"`
	if diff := cmp.Diff(want, log.take()); diff != "" {
		t.Errorf("log (-want +have):\n%s", diff)
	}
	flush(t, provider)
	if !<-seen {
		t.Error("want a TLS handshake, have a push in the clear")
	}
}

// A certificate in a variable does not stop a push without TLS. The SDK would
// refuse it, but it may be meant for other programs.
func TestCertificateOfAVariableForAPushInTheClear(t *testing.T) {
	certFile, _ := certificate(t)
	t.Setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", certFile)
	overBoth(t, func(t *testing.T, over protocol) {
		collector := over.start(t)
		flush(t, provider(t, newPush(t, over.at(collector.Address), os.Getenv, &log{}), "tasks", one))
		if have := len(collector.Pushes); have != 1 {
			t.Errorf("want one push, have %d", have)
		}
	})
}
