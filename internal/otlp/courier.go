package otlp

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/protobuf/proto"
)

const (
	// maxBody is the most bytes of one request before compression, unless a single
	// data point has more: nginx accepts no more by default.
	maxBody = 1 << 20
	// maxAnswer is the most bytes of a response that are read, the same as in gRPC.
	maxAnswer = 4 << 20

	protobufType = "application/x-protobuf"
)

// courier is a RoundTripper that delivers a push of the SDK: in parts if it is
// large, and compressed if configured. It reads all responses, up to a limit, and
// returns one to the SDK, which knows when to retry.
type courier struct {
	next     http.RoundTripper
	compress bool
}

// RoundTrip sends all parts, even after one fails. The first error is the push's
// error.
func (c courier) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	_ = request.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("read the push: %w", err)
	}
	parts, err := partsOf(body)
	if err != nil {
		return nil, err
	}
	var first error
	whole := &collector.ExportMetricsServiceResponse{}
	for _, part := range parts {
		answer, err := c.deliver(request, part)
		if err != nil && first == nil {
			first = err
		}
		addRejected(whole, answer.GetPartialSuccess())
	}
	keepOutcome(request.Context(), first)
	if refused, ok := errors.AsType[*refusal](first); ok {
		return refused.response(request), nil
	}
	if first != nil {
		return nil, first
	}
	return accepted(request, whole)
}

// partsOf splits a push that is larger than maxBody.
func partsOf(body []byte) ([][]byte, error) {
	if len(body) <= maxBody {
		return [][]byte{body}, nil
	}
	whole := &collector.ExportMetricsServiceRequest{}
	if err := proto.Unmarshal(body, whole); err != nil {
		return nil, fmt.Errorf("split the push: %w", err)
	}
	var parts [][]byte
	for _, part := range split(whole, maxBody) {
		written, err := proto.Marshal(part)
		if err != nil {
			return nil, fmt.Errorf("split the push: %w", err)
		}
		parts = append(parts, written)
	}
	return parts, nil
}

// deliver sends one part and reads the response.
func (c courier) deliver(whole *http.Request, part []byte) (*collector.ExportMetricsServiceResponse, error) {
	request := whole.Clone(whole.Context())
	if c.compress {
		part = compressed(part)
		request.Header.Set("Content-Encoding", "gzip")
	}
	request.Body, request.GetBody = io.NopCloser(bytes.NewReader(part)), nil
	request.ContentLength = int64(len(part))
	response, err := c.next.RoundTrip(request)
	if err != nil {
		return nil, brokenBy(request.Context(), err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return nil, refusedWith(response, body)
	}
	switch {
	case err != nil:
		return nil, brokenBy(request.Context(), err)
	case len(body) > maxAnswer:
		return nil, fmt.Errorf("the answer is larger than %d MiB", maxAnswer>>20)
	}
	return answered(response, body)
}

// compressed returns a part compressed with gzip: writing to memory cannot fail.
func compressed(part []byte) []byte {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = writer.Write(part)
	_ = writer.Close()
	return packed.Bytes()
}

// answered reads the response to a part that was accepted. Many receivers send
// none. An HTML page is a refusal: a login page or another program answers at the
// endpoint, and what is sent there is lost.
func answered(response *http.Response, body []byte) (*collector.ExportMetricsServiceResponse, error) {
	answer := &collector.ExportMetricsServiceResponse{}
	switch typeOf(response) {
	case protobufType:
		if err := proto.Unmarshal(body, answer); err != nil {
			return nil, errors.New("the answer is not OTLP, though it says so")
		}
	case "text/html":
		return nil, &refusal{status: response.StatusCode, from: response.Request.URL, message: "a page for people"}
	}
	return answer, nil
}

// typeOf returns the media type of a response, without its parameters.
func typeOf(response *http.Response) string {
	name, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	return strings.ToLower(name)
}

// accepted returns one response to the SDK that stands for those to all parts.
func accepted(request *http.Request, answer *collector.ExportMetricsServiceResponse) (*http.Response, error) {
	body, err := proto.Marshal(answer)
	if err != nil { // a text is not UTF-8, which Unmarshal refuses, too
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return answerWith(request, http.StatusOK, http.Header{"Content-Type": {protobufType}}, body), nil
}

func answerWith(request *http.Request, status int, header http.Header, body []byte) *http.Response {
	return &http.Response{
		Status: http.StatusText(status), StatusCode: status, Header: header, Body: io.NopCloser(bytes.NewReader(body)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(body)), Request: request,
	}
}
