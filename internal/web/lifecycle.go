package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// Reload reads the configuration again. Its note says what in it needs a restart;
// it may be empty.
type Reload func(context.Context) (note string, err error)

// lifecycle answers POST and PUT of /-/reload as Prometheus does: with a reload, or
// with 403 if reload is nil.
func lifecycle(reload Reload) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodPost && r.Method != http.MethodPut:
			w.Header().Set("Allow", "POST, PUT")
			http.Error(w, "Only POST or PUT requests allowed", http.StatusMethodNotAllowed)
			return
		case reload == nil:
			http.Error(w, "Lifecycle API is not enabled: start the exporter with --web.enable-lifecycle, or send it SIGHUP.", http.StatusForbidden)
			return
		}
		// A client that hangs up does not stop a reload halfway.
		note, err := reload(context.WithoutCancel(r.Context()))
		if err != nil {
			http.Error(w, fmt.Sprintf("failed to reload config: %v", err), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if note != "" {
			_, _ = io.WriteString(w, note+"\n")
		}
	})
}
