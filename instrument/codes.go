package instrument

import "sync"

// maxCodes is how many different codes the calls are counted by. The vendor
// documents fewer than 40 for the two list calls, but a gateway may invent any number.
const maxCodes = 64

// codes bounds the values of the label code. The configuration bounds all other
// labels of the counters.
type codes struct {
	mu   sync.Mutex
	seen map[string]bool
}

// label returns the code, or "other" if it is new and there are maxCodes already.
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
