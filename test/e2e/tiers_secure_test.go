package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// A gateway that requires client certificates accepts data from an agent that has
// one, and nothing from others.
func TestGatewayTakesFromItsAgentsAlone(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	certificate, key := keyPairFiles(t, net.ParseIP(host))
	trusted, agentKey := keyPairFiles(t)
	foreign, foreignKey := keyPairFiles(t)
	gateway := startTier(t, []string{
		"BACKEND_ENDPOINT=http://" + freeAddress(t), "OTLP_LISTEN_ADDRESS=" + address, "OTLP_LISTEN_TLS=true",
		"OTLP_LISTEN_CERT_FILE=" + certificate, "OTLP_LISTEN_KEY_FILE=" + key, "OTLP_LISTEN_CLIENT_CA_FILE=" + trusted,
	}, gatewayConfig)
	agentWith := func(certificateOfAgent, keyOfAgent string) *tier {
		return startTier(t, []string{
			"OTLP_ONWARD_ENDPOINT=" + address, "OTLP_ONWARD_CA_FILE=" + certificate,
			"OTLP_ONWARD_CERT_FILE=" + certificateOfAgent, "OTLP_ONWARD_KEY_FILE=" + keyOfAgent,
		}, agentConfig)
	}

	for name, stranger := range map[string]*tier{"without a certificate": agentWith("", ""), "with a foreign one": agentWith(foreign, foreignKey)} {
		startChanges(t, stranger).become(t, 1)
		stranger.await(t, `Exporting failed`)
		if taken, _, err := gateway.tells(t, "otelcol_receiver_accepted_metric_points"); taken > 0 || err != nil {
			t.Errorf("an agent %s: want nothing taken, have %v points (%v)", name, taken, err)
		}
		stranger.awaitQueue(t, holding)
	}

	startChanges(t, agentWith(trusted, agentKey)).become(t, 1)
	eventually(t, func() error {
		taken, _, err := gateway.tells(t, "otelcol_receiver_accepted_metric_points")
		if err != nil || taken == 0 {
			return fmt.Errorf("the gateway took %v points: %w", taken, orNotYet(err))
		}
		return nil
	})
}

// keyPairFiles writes a self-signed certificate and its key.
func keyPairFiles(t testing.TB, more ...net.IP) (certificate, key string) {
	t.Helper()
	folder := t.TempDir()
	certificate, key = filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	signed, private := selfSigned(t, more...)
	for path, content := range map[string][]byte{certificate: signed, key: private} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certificate, key
}
