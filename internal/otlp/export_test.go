package otlp

import "time"

// RetryAfter makes the push retry after this pause for the first time.
func RetryAfter(p *Push, pause time.Duration) { p.firstRetry = pause }
