package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

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

// regions parses one region, or several separated by commas.
func (s section) regions() ([]string, error) {
	if err := s.require(regionName, "one region, such as ap-guangzhou, or several with commas between them"); err != nil {
		return nil, err
	}
	var regions []string
	for element := range strings.SplitSeq(s.values[regionName], ",") {
		region := strings.TrimSpace(element)
		if err := validateRegion(region, regions); err != nil {
			return nil, inKey(s.name, regionName, err)
		}
		regions = append(regions, region)
	}
	return regions, nil
}

func validateRegion(region string, before []string) error {
	switch {
	case region == "":
		return fmt.Errorf("region %d of the list is empty; remove a comma", len(before)+1)
	case slices.Contains(before, region):
		return fmt.Errorf("%q is given twice; remove one", region)
	}
	for _, character := range region {
		if strings.ContainsRune("，、；; ", character) {
			return fmt.Errorf("has %q between regions; write a comma (,)", character)
		}
	}
	return checkRegion(region)
}

// endpoint returns the address under a key, zero if there is none.
func (s section) endpoint(key string) (endpoint.Endpoint, error) {
	return optional(s, key, endpoint.Parse)
}
