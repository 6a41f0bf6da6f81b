package config

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/internal/secret"
)

func inSection(section string, err error) error {
	return fmt.Errorf("section [%s]: %w", section, err)
}

func inKey(section, key string, err error) error {
	return fmt.Errorf("section [%s], key %s: %w", section, key, err)
}

// maxTold is how many faults an error tells.
const maxTold = 10

// joined returns the failures that are not nil as one of one line, or nil.
func joined(failures ...error) error {
	var told []string
	more := 0
	for _, err := range failures {
		switch {
		case err == nil:
		case len(told) == maxTold:
			more++
		default:
			told = append(told, err.Error())
		}
	}
	switch {
	case told == nil:
		return nil
	case more > 0:
		told = append(told, fmt.Sprintf("%d more", more))
	}
	return errors.New(strings.Join(told, "; also: "))
}

// required returns a credential that must be present.
func (s section) required(key, what string) (secret.Value, error) {
	if err := s.require(key, what); err != nil {
		return secret.Value{}, err
	}
	return s.secret(key)
}

// require returns an error if a key is missing or empty; what describes its value.
func (s section) require(key, what string) error {
	value, found := s.values[key]
	switch {
	case !found:
		return inSection(s.name, fmt.Errorf("key %s is missing; add it, with %s", key, what))
	case strings.TrimSpace(value) == "": // quoted spaces
		return inKey(s.name, key, fmt.Errorf("is empty; write %s", what))
	}
	return nil
}

// secret returns a credential, empty if there is none.
func (s section) secret(key string) (secret.Value, error) {
	value, err := credential.Parse(s.values[key])
	if errors.Is(err, credential.ErrCharacter) {
		err = fmt.Errorf("%w, and comments on lines of their own", err)
	}
	if err != nil {
		return secret.Value{}, inKey(s.name, key, err)
	}
	return value, nil
}

// endpoint returns the address under a key, zero if there is none.
func (s section) endpoint(key string) (endpoint.Endpoint, error) {
	return optional(s, key, endpoint.Parse)
}

// optional reads one value, the zero value if it is empty or missing.
func optional[T any](s section, key string, read func(string) (T, error)) (value T, err error) {
	text := s.values[key]
	if text == "" {
		return value, nil
	}
	if value, err = read(text); err != nil {
		return value, inKey(s.name, key, err)
	}
	return value, nil
}

func parseDuration(value string) (time.Duration, error) {
	duration, err := time.ParseDuration(value)
	if err != nil || duration <= 0 {
		return 0, fmt.Errorf("%q is not a duration greater than 0; write it as 60s or 1m", value)
	}
	return duration, nil
}
