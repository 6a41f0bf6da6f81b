package web

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"golang.org/x/text/language"

	"datahub_exporter/docs"
)

// statusPath serves the status as JSON.
const statusPath = "/api/v1/ckafka/status"

//go:embed page.html items.html page.css page.js
var assets embed.FS

// page is the status page and what belongs to it.
type page struct {
	status    *documentCache
	template  *template.Template
	languages language.Matcher
	words     []*words // in the order of the matcher's languages
	version   string
	// alertmanager is Options.AlertmanagerURL.
	alertmanager string
	paths        []string
	docs         map[string][]string // by language tag
}

func newPage(status *documentCache, paths []string, version string) (*page, error) {
	parsed, err := template.ParseFS(assets, "page.html", "items.html")
	if err != nil {
		return nil, fmt.Errorf("parse the page: %w", err)
	}
	p := &page{
		status: status, template: parsed, words: []*words{english(), chinese()},
		version: version, docs: map[string][]string{},
	}
	var tags []language.Tag
	for _, words := range p.words {
		tags = append(tags, language.Make(words.Tag))
		if p.docs[words.Tag], err = docs.In(words.Tag); err != nil {
			return nil, err
		}
	}
	p.languages = language.NewMatcher(tags)
	for _, path := range paths {
		p.paths = append(p.paths, strings.TrimPrefix(path, "/")) // relative, like all links of the page
	}
	return p, nil
}

// register adds the page's routes.
func (p *page) register(mux *http.ServeMux) {
	handle := func(path string, handler http.Handler) {
		mux.Handle("GET "+path, withPagePolicy(gzhttp.GzipHandler(handler)))
	}
	handle("/{$}", limited(maxPages, p))
	handle(statusPath, limited(maxPages, http.HandlerFunc(p.serveJSON)))
	handle("/page/page.css", file(assets, "page.css", "text/css; charset=utf-8"))
	handle("/page/page.js", file(assets, "page.js", "text/javascript; charset=utf-8"))
	served := map[string]bool{}
	for _, names := range p.docs {
		for _, name := range names {
			if !served[name] {
				handle("/docs/"+name, file(docs.Files, name, "text/plain; charset=utf-8"))
			}
			served[name] = true
		}
	}
}

// file serves an embedded file. It knows no ranges, in whose errors net/http drops the
// header that forbids caching.
func file(files fs.FS, name, contentType string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			http.Error(w, "read "+name+": "+err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(content)
	})
}

// ServeHTTP serves the page in the browser's language, or in that of the parameter
// lang, with the items that the parameters q and state select.
func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	chosen := query.Get("lang")
	_, index := language.MatchStrings(p.languages, chosen, r.Header.Get("Accept-Language"))
	document := p.status.get(r.Context(), maxAge(r.Header.Get("Cache-Control")))
	shown := &view{
		Words: p.words[index], Version: p.version, Paths: p.paths, Docs: p.docs[p.words[index].Tag],
		JSONPath: strings.TrimPrefix(statusPath, "/"), Alertmanager: p.alertmanager, Now: time.Now().UTC(),
		Filter: Filter{Text: query.Get("q"), State: query.Get("state")}, Chosen: chosen,
	}
	shown.fill(document)
	var rendered bytes.Buffer
	if err := p.template.ExecuteTemplate(&rendered, "page.html", shown); err != nil {
		http.Error(w, "render the page: "+err.Error(), http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", shown.Words.Tag)
	header.Add("Vary", "Accept-Language")
	_, _ = w.Write(rendered.Bytes())
}

// serveJSON serves the status of all items.
func (p *page) serveJSON(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, p.status.get(r.Context(), maxAge(r.Header.Get("Cache-Control"))))
}

func writeJSON(w http.ResponseWriter, value any) {
	encoded, err := json.Marshal(value)
	if err != nil {
		http.Error(w, "encode JSON: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(encoded, '\n'))
}
