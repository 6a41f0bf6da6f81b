package setup

import (
	"fmt"
	"log/slog"
	"time"

	"datahub_exporter/config"
	"datahub_exporter/endpoint"
	"datahub_exporter/secret"
	"datahub_exporter/source"
	"datahub_exporter/source/cloudsim"
)

// demo is a made-up fleet behind a loopback port of its own, and the configuration
// that watches it.
type demo struct {
	config *config.Config
	stop   func()
}

func startDemo(log *slog.Logger) (*demo, error) {
	const id, key = "demo-secret-id", "demo-secret-key"
	cloud := cloudsim.New(cloudsim.Options{SecretID: id, SecretKey: key, Fleet: cloudsim.Demo(time.Now())})
	address, stop, err := cloud.Listen()
	if err != nil {
		return nil, fmt.Errorf("start demo cloud: %w", err)
	}
	log.Info("This is a demo: its tasks and connections are made up", "cloud", address)
	return &demo{stop: stop, config: &config.Config{Accounts: []source.Account{{
		Name:      "demo",
		SecretID:  secret.New(id),
		SecretKey: secret.New(key),
		Regions:   []string{"ap-guangzhou", "ap-shanghai"},
		Endpoint:  endpoint.Endpoint{Scheme: "http", Host: address},
	}}}}, nil
}
