package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// language is how the demo speaks to the user: the names of the templates for title
// and text, what stands before the link to the page, and what it prints at the start.
type language struct{ title, text, page, story string }

var languages = map[string]language{
	"en": {"ckafka.title.en", "ckafka.text.en", "Page: ", `
Status page    http://%s/
Prometheus     http://%s/
Alertmanager   http://%s/

What happens, by the time since the start:
  0:30   the alerts of two tasks that have failed; one recovers, which is told at 2:30
  1:00   a connection breaks, and the two tasks that use it fail: one message
  3:00   it recovers, which is told at 4:00
 20:00   the alert of a task that runs but has moved nothing since 2:00
To shorten the wait, scrapes and evaluations are 10 seconds apart here, not a minute, Alertmanager holds a
message back for 5 seconds, not for up to 2 minutes, and the alert of a failure ends 30 seconds after it, not
7 minutes. Ctrl-C ends everything.
`},
	"zh": {"ckafka.title", "ckafka.long", "状态页：", `
状态页         http://%s/?lang=zh-CN
Prometheus     http://%s/
Alertmanager   http://%s/

剧情（启动后的时间）：
  0:30   两个任务早已失败，各收到一条告警；其中一个随后恢复，2:30 收到恢复消息
  1:00   一个连接断开，使用它的两个任务随之失败：只发一条消息
  3:00   连接恢复，4:00 收到恢复消息
 20:00   一个任务显示运行中，却从 2:00 起一直没有提交位点，收到告警
为了少等，这里每 10 秒抓取和评估一次（平时 1 分钟），Alertmanager 攒 5 秒就发（平时最长 2 分钟），失败类告警在故障
排除 30 秒后恢复（平时 7 分钟）。按 Ctrl-C 全部结束。
`},
}

// printMessages prints each message that arrives until ctx ends.
func printMessages(ctx context.Context, listener net.Listener) error {
	start := time.Now()
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown, err := message(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		after := time.Since(start).Round(time.Second)
		fmt.Printf("\n── %d:%02d → %s ──\n%s", after/time.Minute, after%time.Minute/time.Second, strings.TrimPrefix(r.URL.Path, "/"), shown)
		_, _ = io.WriteString(w, "ok") // as Slack answers
	})}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("receive messages: %w", err)
	}
	return nil
}

// markdownLink matches a link in Markdown.
var markdownLink = regexp.MustCompile(`\[([^\]]+)\]\(([^)]+)\)`)

// message decodes a message for Slack and returns it as a phone shows it: the title,
// the text without its markup, and the footer.
func message(body io.Reader) (string, error) {
	var sent struct {
		Attachments []struct{ Title, Text, Footer string }
	}
	if err := json.NewDecoder(body).Decode(&sent); err != nil {
		return "", fmt.Errorf("decode message: %w", err)
	}
	var shown strings.Builder
	for _, attachment := range sent.Attachments {
		// The Chinese text begins with the title.
		text := strings.TrimSpace(strings.TrimPrefix(attachment.Text, attachment.Title))
		text = markdownLink.ReplaceAllString(strings.ReplaceAll(text, "**", ""), "$1：$2")
		fmt.Fprintf(&shown, "%s\n  %s\n  %s\n", attachment.Title, strings.ReplaceAll(text, "\n", "\n  "), attachment.Footer)
	}
	return shown.String(), nil
}
