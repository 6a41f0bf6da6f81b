package web

import (
	"net"
	"net/http"
	"slices"
	"sync"
)

// connections bounds how many connections are open. A new one beyond the limit
// replaces the one that has been without a request for the longest time, so that
// connections without requests lock nobody out; if all are in use, the new one is
// closed. Its state method is an http.Server's ConnState.
type connections struct {
	limit int

	mu    sync.Mutex
	count int
	// waiting are the connections without a request, the longest waiting first:
	// idle ones, and those that have not sent a header yet.
	waiting []net.Conn
}

// connectionLimit returns how many connections may be open at once in a process
// with that many descriptors, where 0 means unknown. Half of them stay free for the
// exporter itself.
func connectionLimit(descriptors int) int {
	if descriptors == 0 {
		return maxConnections
	}
	return min(maxConnections, descriptors/2)
}

func (c *connections) state(connection net.Conn, state http.ConnState) {
	if surplus := c.record(connection, state); surplus != nil {
		_ = surplus.Close() // outside the lock, because the server reports the close
	}
}

// record returns the connection to close, if any.
func (c *connections) record(connection net.Conn, state http.ConnState) net.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = slices.DeleteFunc(c.waiting, func(waiting net.Conn) bool { return waiting == connection })
	switch state {
	case http.StateNew:
		c.count++
		c.waiting = append(c.waiting, connection)
	case http.StateIdle:
		c.waiting = append(c.waiting, connection)
	case http.StateActive:
	case http.StateClosed, http.StateHijacked:
		c.count--
	}
	if state != http.StateNew || c.count <= c.limit {
		return nil
	}
	longest := c.waiting[0]
	c.waiting = c.waiting[1:]
	return longest
}
