package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is a real headless Chromium.
type browser struct{ context.Context }

// startBrowser starts a browser that runs until the test ends.
func startBrowser(t testing.TB) browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(tool(t, "chromium")),
		chromedp.NoSandbox, // tests may run as root
		chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(2*patience),
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, _ := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil { // waits until it has ended
			t.Errorf("end the browser: %v", err)
		}
	})
	if err := chromedp.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return browser{ctx}
}

// looks is how a reader's browser is set up. The zero value is a wide, light window
// in English.
type looks struct {
	width    int64
	dark     bool
	language string
	noScript bool
}

// tab is a page of the exporter in a browser. Any mistake in it fails the test.
type tab struct {
	context.Context
	origin string

	mu       sync.Mutex
	mistakes []string
}

// open opens a path of the exporter and waits until it has loaded.
func (b browser) open(t testing.TB, e *exporter, path string, looks looks) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.Context)
	t.Cleanup(cancel)
	opened := &tab{Context: ctx, origin: "http://" + e.address}
	if err := chromedp.Run(ctx); err != nil { // opens the tab, which would close with the context if that had a deadline
		t.Fatal(err)
	}
	chromedp.ListenTarget(ctx, opened.watch)
	t.Cleanup(func() { opened.requireNoMistake(t) })
	width, language, scheme := max(looks.width, 390), looks.language, "light"
	if looks.width == 0 {
		width = 1400
	}
	if language == "" {
		language = "en"
	}
	if looks.dark {
		scheme = "dark"
	}
	opened.run(t,
		network.Enable(), cdplog.Enable(), runtime.Enable(), page.Enable(),
		emulation.SetDeviceMetricsOverride(width, 800, 1, looks.width == 390),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
		emulation.SetUserAgentOverride("Chromium").WithAcceptLanguage(language),
		emulation.SetScriptExecutionDisabled(looks.noScript),
		page.BringToFront(), // the timers of a hidden page are slow
		chromedp.Navigate(opened.origin+path),
	)
	return opened
}

// watch records requests to other origins, console errors, exceptions and dialogs
// as mistakes.
func (b *tab) watch(event any) {
	var mistake string
	switch event := event.(type) {
	case *network.EventRequestWillBeSent:
		if url := event.Request.URL; !strings.HasPrefix(url, b.origin+"/") && !strings.HasPrefix(url, "data:") {
			mistake = "request for " + url
		}
	case *runtime.EventConsoleAPICalled:
		mistake = fmt.Sprintf("console.%s %v", event.Type, event.Args)
	case *runtime.EventExceptionThrown:
		mistake = "exception " + event.ExceptionDetails.Error()
	case *cdplog.EventEntryAdded:
		if strings.HasSuffix(event.Entry.URL, "/favicon.ico") {
			return // a document names no icon, and the browser looks for one
		}
		mistake = fmt.Sprintf("%s of %s: %s", event.Entry.Level, event.Entry.Source, event.Entry.Text)
	case *page.EventJavascriptDialogOpening:
		mistake = "dialog " + event.Message
	}
	if mistake == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mistakes = append(b.mistakes, mistake)
}

func (b *tab) requireNoMistake(t testing.TB) {
	t.Helper()
	for _, mistake := range b.forget() {
		t.Errorf("in the browser: %s", mistake)
	}
}

// forget returns the mistakes so far, which then count as expected.
func (b *tab) forget() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	mistakes := b.mistakes
	b.mistakes = nil
	return mistakes
}

func (b *tab) run(t testing.TB, actions ...chromedp.Action) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.Context, 2*patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatalf("in the browser: %v", err)
	}
}

// value returns the value of a JavaScript expression.
func value[T any](t testing.TB, b *tab, expression string) T {
	t.Helper()
	worth, err := evaluate[T](b, expression)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return worth
}

func evaluate[T any](b *tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(b.Context, 2*patience)
	defer cancel()
	var text string
	var worth T
	if err := chromedp.Run(ctx, chromedp.Evaluate("JSON.stringify("+expression+")", &text)); err != nil {
		return worth, err
	}
	err := json.Unmarshal([]byte(text), &worth)
	return worth, err
}

// becomes waits until an expression has a value, on this page or, during a
// navigation, on the next one. It is patient: an open page refreshes every 15
// seconds.
func becomes[T comparable](t testing.TB, b *tab, expression string, want T) {
	t.Helper()
	deadline := time.Now().Add(3 * patience)
	for {
		have, err := evaluate[T](b, expression)
		if err == nil && have == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: want %v, have %v, %v", expression, want, have, err)
		}
		time.Sleep(glance)
	}
}

// press presses keys one after another.
func (b *tab) press(t testing.TB, keys ...string) {
	t.Helper()
	for _, key := range keys {
		b.run(t, chromedp.KeyEvent(key))
	}
}
