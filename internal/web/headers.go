package web

import "net/http"

const policyHeader = "Content-Security-Policy"

// What a browser may do with a response: nothing; or what the page needs, which is
// to load its own style sheet and script, ask its own server and send its own form.
const (
	closedPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	pagePolicy   = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

// withDefaultHeaders forbids the browser everything, so that text from the API can do
// no harm, and no other site can show or read a response. No cache may store one.
// Headers that the operator set in --web.config.file stay.
func withDefaultHeaders(next http.Handler) http.Handler {
	defaults := map[string]string{
		"Cache-Control":                "no-store",
		policyHeader:                   closedPolicy,
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"Referrer-Policy":              "no-referrer",
		"Cross-Origin-Resource-Policy": "same-origin",
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range defaults {
			if w.Header().Get(name) == "" {
				w.Header().Set(name, value)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// withPagePolicy allows the page what it needs, unless the operator has set a policy.
func withPagePolicy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if w.Header().Get(policyHeader) == closedPolicy {
			w.Header().Set(policyHeader, pagePolicy)
		}
		next.ServeHTTP(w, r)
	})
}
