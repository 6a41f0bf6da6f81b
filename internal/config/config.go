package config

import (
	"context"
	"fmt"
	"slices"

	"datahub_exporter/internal/otlp"
)

// Sample says how to write the file.
const Sample = `Write one that only you can read (chmod 600):

    [common]
    secret_id  = the SecretId of a user with the policy QcloudCkafkaReadOnlyAccess
    secret_key = its SecretKey
    region     = ap-guangzhou
`

// A Config is the content of a valid file.
type Config struct {
	// Accounts has at least one account, each complete and valid: those of the
	// sections [account.NAME], or the one of [common] if there is none.
	Accounts []Account
	// OTLP is the section [otlp], nil if there is none.
	OTLP *otlp.Options
	// Warnings are lines for the log: the file can be used, but should be changed.
	Warnings []string
}

// Load reads and validates the file at path, which may be a pipe. Its error is one
// line and begins with "read configuration" and the path. For errors.Is it is
// fs.ErrNotExist if there is no such file, fs.ErrPermission if the file may not be
// read, and the cause of ctx if ctx ended first.
func Load(ctx context.Context, path string) (*Config, error) {
	config, err := load(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("read configuration %s: %w", path, err)
	}
	return config, nil
}

func load(ctx context.Context, path string) (*Config, error) {
	text, err := readText(ctx, path)
	if err != nil {
		return nil, err
	}
	file, err := parse(text)
	if err != nil {
		return nil, err
	}
	accounts, accountsErr := file.accounts()
	otlp, otlpErr := file.otlp()
	if err := joined(accountsErr, otlpErr); err != nil {
		return nil, err
	}
	warnings := slices.Concat(file.modeWarnings(path), file.commentWarnings(path), clearWarnings(accounts))
	return &Config{Accounts: accounts, OTLP: otlp, Warnings: warnings}, nil
}
