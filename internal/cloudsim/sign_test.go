package cloudsim_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The credential of the vendor's example of TC3-HMAC-SHA256.
const (
	testID  = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"
	testKey = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
)

// signing is everything that a TC3 signature depends on. It follows the
// specification, not the verifier.
type signing struct {
	id, key, service, host, contentType, payload string
	timestamp                                    int64
}

func (s signing) authorization() string {
	date := time.Unix(s.timestamp, 0).UTC().Format("2006-01-02")
	canonicalRequest := fmt.Sprintf("POST\n/\n\ncontent-type:%s\nhost:%s\n\ncontent-type;host\n%x",
		s.contentType, s.host, sha256.Sum256([]byte(s.payload)))
	credentialScope := date + "/" + s.service + "/tc3_request"
	stringToSign := fmt.Sprintf("TC3-HMAC-SHA256\n%d\n%s\n%x",
		s.timestamp, credentialScope, sha256.Sum256([]byte(canonicalRequest)))
	secretDate := hmacSHA256([]byte("TC3"+s.key), date)
	secretService := hmacSHA256(secretDate, s.service)
	secretSigning := hmacSHA256(secretService, "tc3_request")
	return fmt.Sprintf("TC3-HMAC-SHA256 Credential=%s/%s, SignedHeaders=content-type;host, Signature=%x",
		s.id, credentialScope, hmacSHA256(secretSigning, stringToSign))
}

func hmacSHA256(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// TestSignerAgainstVendor checks the signer of these tests against the example in
// the vendor's documents.
func TestSignerAgainstVendor(t *testing.T) {
	have := signing{
		id: testID, key: testKey, service: "cvm", host: "cvm.tencentcloudapi.com",
		contentType: "application/json; charset=utf-8", timestamp: 1551113065,
		payload: `{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`,
	}.authorization()
	want := "TC3-HMAC-SHA256 Credential=" + testID + "/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host, " +
		"Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
	if have != want {
		t.Errorf("want %s\nhave %s", want, have)
	}
}

// TestVerifierAgainstConstant sends a request to CKafka whose signature was
// computed by another program.
func TestVerifierAgainstConstant(t *testing.T) {
	c := newCloud(t, nil)
	c.clock.set(time.Unix(1551113065, 0))
	const body = `{"Offset":0,"Limit":100}`
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.http.URL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "ckafka.tencentcloudapi.com"
	for name, value := range map[string]string{
		"Content-Type": "application/json", "X-TC-Timestamp": "1551113065", "X-TC-Version": "2019-08-19",
		"X-TC-Action": tasks, "X-TC-Region": guangzhou,
		"Authorization": "TC3-HMAC-SHA256 Credential=" + testID + "/2019-02-25/ckafka/tc3_request, " +
			"SignedHeaders=content-type;host, " +
			"Signature=ce0e5047efe879930dc06aca7c369ab96cdcc4898cfb897b935cbc2522f4f8a8",
	} {
		r.Header.Set(name, value)
	}
	if have := c.do(t, r); have.code() != "" {
		t.Errorf("want no error, have %+v", have.Response.Error)
	}
}
