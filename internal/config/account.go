package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
)

// An Account is a credential and the regions to watch with it.
type Account struct {
	Name       string             // unique among the accounts
	Credential credential.Options // where its credential comes from
	Regions    []string           // at least one, no duplicates, each of the form of one
	Endpoint   endpoint.Endpoint  // of the CKafka API; the zero value means the SDK's default
}

// accounts returns the accounts that the file describes: those of the sections
// [account.NAME], with defaults from [common], or else the one of [common].
func (m model) accounts() ([]Account, error) {
	common := m.sections[commonName]
	if !slices.ContainsFunc(m.order, isAccount) {
		if len(common.values) == 0 {
			return nil, fmt.Errorf("section [%s] is missing or empty; write it, with %s, %s and %s",
				commonName, secretIDName, secretKeyName, regionName)
		}
		account, err := common.account(commonName, section{})
		return []Account{account}, err
	}
	if err := common.validateDefaults(); err != nil {
		return nil, err
	}
	var accounts []Account
	var failures []error
	for _, name := range m.order {
		if !isAccount(name) {
			continue
		}
		account, err := m.sections[name].account(strings.TrimPrefix(name, accountPrefix), common)
		accounts, failures = append(accounts, account), append(failures, err)
	}
	return accounts, joined(failures...)
}

func (s section) account(name string, defaults section) (Account, error) {
	account := Account{Name: name}
	all := s.withDefaults(defaults)
	var failures [3]error
	account.Credential, failures[0] = all.credential()
	if failures[0] == nil && account.Credential.Role.ARN == "" {
		account.Credential.Role = credential.Role{} // without defaults for one
		failures[0] = s.refuseWithoutRole()
	}
	account.Regions, failures[1] = all.regions()
	account.Endpoint, failures[2] = all.endpoint(endpointName)
	return account, joined(failures[:]...)
}

// withDefaults returns the section with the defaults for the keys that it lacks. A
// key that is present but empty counts, so that an account can override a default.
// The keys of a credential belong together: a section with any of them takes none
// from the defaults.
func (s section) withDefaults(defaults section) section {
	values := maps.Clone(s.values)
	ownCredential := s.hasAny(credentialKeys()...)
	for key, value := range defaults.values {
		_, own := s.values[key]
		if slices.Contains(credentialKeys(), key) {
			own = ownCredential
		}
		if !own {
			values[key] = value
		}
	}
	return section{name: s.name, values: values}
}

// validateDefaults returns an error for defaults that are wrong, even if no account
// uses them. All that they lack may be missing.
func (s section) validateDefaults() error {
	var failures [3]error
	_, failures[0] = s.credential()
	if _, found := s.values[regionName]; found {
		_, failures[1] = s.regions()
	}
	_, failures[2] = s.endpoint(endpointName)
	return joined(failures[:]...)
}
