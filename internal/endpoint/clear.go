package endpoint

import (
	"net/netip"
	"strings"
)

// InTheClear reports whether data sent to e crosses a network unencrypted: its
// scheme is http, and its host is not known to be this machine.
func (e Endpoint) InTheClear() bool { return e.Scheme == "http" && !isLoopback(e.Host) }

// isLoopback resolves no names other than localhost.
func isLoopback(hostPort string) bool {
	host, _, _ := strings.Cut(hostPort, ":")
	if bracketed, found := strings.CutPrefix(hostPort, "["); found {
		host, _, _ = strings.Cut(bracketed, "]")
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}
