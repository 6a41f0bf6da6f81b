package cloudsim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// service, version, algorithm and terminator are fixed parts of each
	// request to CKafka.
	service    = "ckafka"
	version    = "2019-08-19"
	algorithm  = "TC3-HMAC-SHA256"
	terminator = "tc3_request"
	// signedHeaders are those that a signature must cover. The cloud accepts more,
	// but no known client sends more.
	signedHeaders = "content-type;host"
	// maxBody is the cloud's limit for a request signed with TC3-HMAC-SHA256,
	// 10 MB.
	maxBody = 10 << 20
	// maxSkew is how many seconds a request's timestamp may be off.
	maxSkew = 300
)

// refusal is an API error.
type refusal struct{ code, message string }

func refuse(code, format string, args ...any) *refusal {
	return &refusal{code, fmt.Sprintf(format, args...)}
}

// request is one HTTP request, with what the checks find out about it.
type request struct {
	*http.Request
	body          []byte
	call          Call
	authorization authorization
	timestamp     int64
	pageRefusal   *refusal
	query         groupQuery
	result        map[string]any // of a call that lists no items
	listing       []Item
	key           key      // that signed it
	session       *session // the one that is handed out
	// plain and status are the response of the metadata service.
	plain  []byte
	status int
}

// newRequest reads from a request what Calls returns even if it is refused.
func newRequest(r *http.Request, body []byte) *request {
	q := &request{Request: r, body: body}
	q.call = Call{Action: r.Header.Get("X-TC-Action"), Region: r.Header.Get("X-TC-Region"), Connection: r.RemoteAddr}
	if describes(q.call.Action) {
		q.query, q.pageRefusal = readGroupQuery(body)
		q.call.Offset, q.call.Limit, q.call.Group = q.query.Offset, q.query.Limit, q.query.Group
	} else {
		q.call.Offset, q.call.Limit, q.pageRefusal = readPage(body)
	}
	if strings.HasPrefix(r.URL.Path, metadataPath) {
		q.call.Action = MachineRole
	}
	return q
}

// verify runs the checks in the cloud's order and returns the first refusal, or
// nil. It must be called with the lock held.
func (s *Server) verify(q *request) *refusal {
	for _, check := range s.checks(q.call.Action) {
		if refused := check(q); refused != nil {
			return refused
		}
	}
	return nil
}

func (s *Server) checks(action string) []func(*request) *refusal {
	signed := []func(*request) *refusal{
		checkProtocol, checkAuthorization, checkTimestamp, s.checkSecretID, s.checkToken, s.checkSignature,
	}
	switch action {
	case MachineRole:
		return []func(*request) *refusal{s.machineRole}
	case AssumeRoleWithWebIdentity:
		return []func(*request) *refusal{checkProtocol, checkTimestamp, checkVersion, s.assumeWithToken}
	case AssumeRole:
		return append(signed, checkVersion, s.assume)
	}
	if describes(action) {
		return append(signed, checkVersion, s.checkRegion, s.checkQuota, s.describe)
	}
	return append(signed, checkAction, checkVersion, s.checkRegion, s.checkQuota, checkPage)
}

func checkProtocol(q *request) *refusal {
	mediaType, _, _ := mime.ParseMediaType(q.Header.Get("Content-Type"))
	switch {
	case q.Method != http.MethodPost || q.URL.Path != "/" || mediaType != "application/json":
		return refuse("UnsupportedProtocol", "Only POST / with application/json is served.")
	case len(q.body) > maxBody:
		return refuse("RequestSizeLimitExceeded", "The request size exceeds the limit of 10 MB.")
	}
	return nil
}

// authorization is the parsed Authorization header.
type authorization struct{ secretID, date, signature string }

func checkAuthorization(q *request) *refusal {
	service, _ := api(q.call.Action)
	parsed, ok := parseAuthorization(q.Header.Get("Authorization"), service)
	if !ok {
		return refuse("AuthFailure.InvalidAuthorization",
			"The Authorization header does not conform to the form of %s.", algorithm)
	}
	q.authorization = parsed
	return nil
}

// parseAuthorization parses "TC3-HMAC-SHA256 Credential=ID/DATE/ckafka/tc3_request,
// SignedHeaders=content-type;host, Signature=HEX", for ckafka or another service.
func parseAuthorization(header, service string) (parsed authorization, ok bool) {
	rest, formed := strings.CutPrefix(header, algorithm+" Credential=")
	credential, rest, found := strings.Cut(rest, ", SignedHeaders="+signedHeaders+", Signature=")
	scope := strings.Split(credential, "/")
	if !formed || !found || len(scope) != 4 || scope[2] != service || scope[3] != terminator {
		return authorization{}, false
	}
	return authorization{secretID: scope[0], date: scope[1], signature: rest}, true
}

func checkTimestamp(q *request) *refusal {
	header := q.Header.Get("X-TC-Timestamp")
	if header == "" {
		return refuse("MissingParameter", "The request is missing a required parameter `Timestamp`.")
	}
	timestamp, err := strconv.ParseInt(header, 10, 64)
	if err != nil {
		return refuse("InvalidParameter", "The value type of parameter `Timestamp` is not valid.")
	}
	now := q.call.Time.Unix()
	if timestamp < now-maxSkew || timestamp > now+maxSkew {
		return refuse("AuthFailure.SignatureExpire",
			"The provided credentials have expired: the timestamp %d is more than %d s off the server's %d.",
			timestamp, maxSkew, now)
	}
	q.timestamp = timestamp
	return nil
}

func (s *Server) checkSecretID(q *request) *refusal {
	known := false
	if q.key, known = s.keys[q.authorization.secretID]; !known {
		return refuse("AuthFailure.SecretIdNotFound",
			"The SecretId is not found, please ensure that your SecretId is correct.")
	}
	return nil
}

func (s *Server) checkToken(q *request) *refusal {
	expired := !q.key.expires.IsZero() && !q.call.Time.Before(q.key.expires)
	if q.Header.Get("X-TC-Token") != q.key.token || expired {
		return refuse("AuthFailure.TokenFailure", "The provided token is not valid or has expired.")
	}
	return nil
}

func (s *Server) checkSignature(q *request) *refusal {
	want := q.signature(q.key.secretKey)
	date := time.Unix(q.timestamp, 0).UTC().Format(time.DateOnly)
	if q.authorization.date != date || !hmac.Equal([]byte(want), []byte(q.authorization.signature)) {
		return refuse("AuthFailure.SignatureFailure",
			"The provided credentials could not be validated. Please check your signature is correct.")
	}
	return nil
}

// signature returns the signature that the request must have, computed over the
// body that actually arrived.
func (q *request) signature(secretKey string) string {
	canonical := strings.Join([]string{
		http.MethodPost, "/", "",
		"content-type:" + q.Header.Get("Content-Type"), "host:" + q.Host, "",
		signedHeaders, hash(q.body),
	}, "\n")
	service, _ := api(q.call.Action)
	scope := strings.Join([]string{q.authorization.date, service, terminator}, "/")
	text := strings.Join([]string{algorithm, strconv.FormatInt(q.timestamp, 10), scope, hash([]byte(canonical))}, "\n")
	key := []byte("TC3" + secretKey)
	for _, part := range []string{q.authorization.date, service, terminator, text} {
		key = keyedHash(key, part)
	}
	return hex.EncodeToString(key)
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func keyedHash(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func checkAction(q *request) *refusal {
	if _, known := wireLists[q.call.Action]; !known {
		return refuse("InvalidAction", "The action `%s` is invalid or not found.", q.call.Action)
	}
	return nil
}

func checkVersion(q *request) *refusal {
	_, version := api(q.call.Action)
	if got := q.Header.Get("X-TC-Version"); got != version {
		return refuse("NoSuchVersion", "The API version `%s` does not exist.", got)
	}
	return nil
}

func (s *Server) checkRegion(q *request) *refusal {
	if q.call.Region == "" {
		return refuse("MissingParameter", "The request is missing a required parameter `Region`.")
	}
	items, known := s.options.Fleet.Items(q.call.Action, q.call.Region, q.call.Time)
	if !known {
		return refuse("UnsupportedRegion", "The request does not support the region `%s`.", q.call.Region)
	}
	q.listing = items
	return nil
}

func (s *Server) checkQuota(q *request) *refusal {
	if !s.admit(target{q.call.Action, q.call.Region}, q.call.Time) {
		return refuse("RequestLimitExceeded",
			"Your current request times exceed the frequency limit `%d` for a second. Please reduce the frequency of calls.",
			s.options.QPS)
	}
	return nil
}

func checkPage(q *request) *refusal { return q.pageRefusal }
