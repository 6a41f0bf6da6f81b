package web

import (
	"io/fs"
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// compressed compresses large responses for clients that accept it.
func compressed(next http.Handler) http.Handler { return gzhttp.GzipHandler(next) }

// file serves a file that is part of the program.
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
