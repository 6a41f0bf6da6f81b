package instrument

import "sync"

// maxCodes is how many different codes the calls are counted by. The vendor
// documents fewer than 40 of the two list calls; nobody bounds those that a gateway
// may invent.
const maxCodes = 64

// codes bounds the values of the label code. Everything else that the exporter
// counts by, the configuration bounds.
type codes struct {
	mu   sync.Mutex
	seen map[string]bool
}

// label returns the code, or "other" for one that comes after maxCodes others.
func (c *codes) label(code string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.seen[code]:
		return code
	case len(c.seen) == maxCodes:
		return "other"
	case c.seen == nil:
		c.seen = map[string]bool{}
	}
	c.seen[code] = true
	return code
}
