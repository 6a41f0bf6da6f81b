package cloudsim_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"datahub_exporter/internal/cloudsim"
)

// FuzzServer checks that every request gets an envelope, and that a valid signature
// is accepted over any body.
func FuzzServer(f *testing.F) {
	f.Add(true, "POST", "/", "application/json", "", "", tasks, "2019-08-19", guangzhou, []byte(`{"Offset":1,"Limit":1}`))
	f.Add(true, "POST", "/", "application/json", "", "", connections, "2019-08-19", guangzhou, []byte(`{"Limit":1e3}`))
	f.Add(false, "GET", "/x", "text/plain", "TC3-HMAC-SHA256 Credential=a/b/ckafka/tc3_request, SignedHeaders=content-type;"+
		"host, Signature=", "-9223372036854775808", "", "", "", []byte(nil))
	f.Fuzz(func(
		t *testing.T, signed bool,
		method, path, contentType, authorization, timestamp, action, version, region string, body []byte,
	) {
		clock, inventory := newClock(), cloudsim.NewInventory(guangzhou)
		inventory.Set(tasks, guangzhou, cloudsim.Item{ID: "task-a"}, cloudsim.Item{ID: "task-b"})
		server := cloudsim.New(cloudsim.Options{SecretID: testID, SecretKey: testKey, Fleet: inventory, Now: clock.Now})
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.Method, r.URL.Path = method, path
		for name, value := range map[string]string{
			"Content-Type": contentType, "Authorization": authorization, "X-TC-Timestamp": timestamp,
			"X-TC-Action": action, "X-TC-Version": version, "X-TC-Region": region,
		} {
			r.Header.Set(name, value)
		}
		if signed {
			signAt(r, string(body), clock.Now())
		}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		var have reply
		if err := json.Unmarshal(w.Body.Bytes(), &have); err != nil || w.Code != http.StatusOK || have.Response.RequestID == "" {
			t.Fatalf("want an envelope, have %d %s", w.Code, w.Body)
		}
		if refused := strings.HasPrefix(have.code(), "AuthFailure"); signed && refused {
			t.Errorf("a good signature was refused: %+v", have.Response.Error)
		}
	})
}
