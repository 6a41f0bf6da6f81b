package config

import (
	"fmt"

	"datahub_exporter/source/ckafka"
)

// accounts returns the accounts that the file describes: those of the sections
// [account.NAME], with defaults from [common], or else the one of [common].
func (m model) accounts() ([]ckafka.Account, error) {
	common := m.sections[commonName]
	var accounts []ckafka.Account
	for _, name := range m.order {
		label, isAccount := accountName(name)
		if !isAccount {
			continue
		}
		account, err := scope{own: m.sections[name], common: common}.account(label)
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, account)
	}
	if accounts != nil {
		return accounts, common.judge()
	}
	if len(common.values) == 0 {
		return nil, fmt.Errorf("section [%s] is missing or empty; write it, with %s, %s and %s",
			commonName, secretIDName, secretKeyName, regionName)
	}
	account, err := scope{own: common}.account(commonName)
	if err != nil {
		return nil, err
	}
	return []ckafka.Account{account}, nil
}

// A scope is the section of an account and the section with the defaults.
type scope struct{ own, common section }

// of returns the section whose value of a key counts. A key that is present but
// empty counts, so that an account can override a default.
func (s scope) of(key string) section {
	_, own := s.own.values[key]
	if _, common := s.common.values[key]; common && !own {
		return s.common
	}
	return s.own
}

func (s scope) account(name string) (ckafka.Account, error) {
	account := ckafka.Account{Name: name}
	var err error
	if account.Credential, err = s.credential(); err != nil {
		return ckafka.Account{}, err
	}
	if account.Regions, err = s.of(regionName).regions(); err != nil {
		return ckafka.Account{}, err
	}
	account.Endpoint, err = s.of(endpointName).endpoint(endpointName)
	return account, err
}

// judge returns an error for defaults that are wrong, even if no account uses them.
func (s section) judge() error {
	defaults := scope{own: s}
	if _, err := defaults.keys(); err != nil {
		return err
	}
	if _, err := defaults.roleKeys(); err != nil {
		return err
	}
	if _, given := s.values[regionName]; given {
		if _, err := s.regions(); err != nil {
			return err
		}
	}
	for _, key := range []string{endpointName, stsEndpointName} {
		if _, err := s.endpoint(key); err != nil {
			return err
		}
	}
	return nil
}
