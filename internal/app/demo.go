package app

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/config"
	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
)

// demo is a made-up or recorded fleet on a loopback port of its own, and the
// configuration that watches it.
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
	log.Info("This is a demo: its tasks and connections are simulated", "cloud", address)
	return &demo{stop: stop, config: &config.Config{Accounts: []config.Account{{
		Name:       "demo",
		Credential: credential.Static(id, key, ""),
		Regions:    []string{"ap-guangzhou", "ap-shanghai"},
		Endpoint:   endpoint.Endpoint{Scheme: "http", Host: address},
	}}}}, nil
}

// startReplay starts the demo of a recording.
func startReplay(folder string, log *slog.Logger) (*demo, error) {
	recording, err := cloudsim.LoadRecording(os.DirFS(folder))
	if err != nil {
		return nil, fmt.Errorf("read recording %s of --demo.replay: %w", folder, err)
	}
	recorded := recording.Accounts()
	cloud := cloudsim.New(cloudsim.Options{SecretID: recorded[0].SecretID, SecretKey: recorded[0].SecretKey, Fleet: recording})
	cloud.Always("", "", recording.Fault)
	address, stop, err := cloud.Listen()
	if err != nil {
		return nil, fmt.Errorf("start demo cloud: %w", err)
	}
	var accounts []config.Account
	for _, account := range recorded {
		cloud.Grant(account.SecretID, account.SecretKey, "")
		accounts = append(accounts, config.Account{
			Name:       account.Name,
			Credential: credential.Static(account.SecretID, account.SecretKey, ""),
			Regions:    account.Regions,
			Endpoint:   endpoint.Endpoint{Scheme: "http", Host: address},
		})
	}
	log.Info("This is a demo: it replays a recording", "folder", folder, "cloud", address)
	return &demo{stop: stop, config: &config.Config{Accounts: accounts}}, nil
}
