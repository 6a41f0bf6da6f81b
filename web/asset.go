package web

import (
	"io/fs"
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// policy lets the page load its own style sheet and script, ask its own server
// and send its own form, and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guarded forbids a browser what the page does not need, so that a text of others
// that got past the template would still do nothing.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// compressed compresses what is large for those who accept it.
func compressed(next http.Handler) http.Handler { return gzhttp.GzipHandler(next) }

// file answers with a file that is part of the program.
func file(files fs.FS, name, contentType, cacheControl string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Cache-Control", cacheControl)
		_, _ = w.Write(content)
	})
}
