package otlp

import (
	"net"
	"time"
)

// RetryAfter makes the push retry after this pause for the first time.
func RetryAfter(p *Push, pause time.Duration) { p.firstRetry = pause }

// Dialer returns the dialer of the push, to be changed before its first provider.
func Dialer(p *Push) *net.Dialer { return &p.dialer }

// ConnectionsEndAt closes the connections of the push at an age.
func ConnectionsEndAt(p *Push, age time.Duration) { p.maxConnAge = age }
