package otlp

import (
	"net/url"
	"strings"
)

// Collector returns where the pushes go, for the log: scheme and host, with the
// path over HTTP, or the path of a socket.
func (s *Settings) Collector() string {
	switch {
	case strings.HasPrefix(s.Target, "unix:"):
		socket, err := url.Parse(s.Target)
		if err != nil {
			return "unix"
		}
		return "unix:" + socket.Path
	case s.Secure:
		return "https://" + s.Target + s.Path
	default:
		return "http://" + s.Target + s.Path
	}
}
