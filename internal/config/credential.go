package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"time"

	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/secret"
)

var (
	rolePattern = regexp.MustCompile(`^qcs::cam::uin/[0-9]{1,20}:role(Name)?/[A-Za-z0-9_+=,.@/-]{1,256}$`)
	// externalIDPattern is the one that the cloud uses.
	externalIDPattern = regexp.MustCompile(`^[A-Za-z0-9_+=,.@:/-]{2,128}$`)
)

// credential returns where the credential comes from. If no key names one, the
// environment may.
func (s section) credential() (options credential.Options, _ error) {
	var failures [3]error
	options, failures[0] = s.keys()
	options.Role, failures[1] = s.role()
	options.STS, failures[2] = s.endpoint(stsEndpointName)
	return options, joined(failures[:]...)
}

// keys returns what the keys of a credential say.
func (s section) keys() (credential.Options, error) {
	inline, inFiles := s.hasAny(secretIDName, secretKeyName), s.hasAny(secretIDFileName, secretKeyFileName, tokenFileName)
	switch {
	case inline && inFiles:
		return credential.Options{}, inSection(s.name, fmt.Errorf("has both a credential and the files of one; keep %s and %s, or %s and %s",
			secretIDName, secretKeyName, secretIDFileName, secretKeyFileName))
	case inline:
		return s.inline()
	case s.values[tokenName] != "":
		return credential.Options{}, inKey(s.name, tokenName, fmt.Errorf("requires %s and %s; add them, or use %s with files",
			secretIDName, secretKeyName, tokenFileName))
	case inFiles:
		return s.inFiles()
	}
	return credential.Options{}, nil
}

// hasAny reports whether the section has one of the keys. An optional key that is
// empty counts as missing.
func (s section) hasAny(keys ...string) bool {
	for _, key := range keys {
		value, found := s.values[key]
		if found && (value != "" || key != tokenName && key != tokenFileName) {
			return true
		}
	}
	return false
}

func (s section) inline() (options credential.Options, _ error) {
	var failures [3]error
	options.SecretID, failures[0] = s.required(secretIDName, "the SecretId of an API key")
	options.SecretKey, failures[1] = s.required(secretKeyName, "the SecretKey of the same API key")
	options.Token, failures[2] = s.secret(tokenName)
	return options, joined(failures[:]...)
}

func (s section) inFiles() (options credential.Options, _ error) {
	var failures [3]error
	options.SecretIDFile, failures[0] = s.file(secretIDFileName)
	options.SecretKeyFile, failures[1] = s.file(secretKeyFileName)
	if s.values[tokenFileName] != "" {
		options.TokenFile, failures[2] = s.file(tokenFileName)
	}
	return options, joined(failures[:]...)
}

// file returns the path under a key, which must be absolute. So the log may name
// it, because no credential looks like one, and the exporter's working directory
// does not matter.
func (s section) file(key string) (string, error) {
	if err := s.require(key, "the path of a file with the bare value"); err != nil {
		return "", err
	}
	path := s.values[key]
	if !filepath.IsAbs(path) {
		return "", inKey(s.name, key, errors.New("is not an absolute path; write the path of a file, such as /run/secrets/"+key))
	}
	return path, nil
}

// role returns what the keys of a role say, even if there is no role.
func (s section) role() (role credential.Role, _ error) {
	var failures [3]error
	role.ARN, failures[0] = optional(s, roleName, parseRole)
	role.ExternalID, failures[1] = optional(s, externalIDName, parseExternalID)
	role.Duration, failures[2] = optional(s, roleDurationName, parseRoleDuration)
	return role, joined(failures[:]...)
}

func (s section) refuseWithoutRole() error {
	for _, key := range []string{externalIDName, roleDurationName} {
		if s.values[key] != "" {
			return inKey(s.name, key, fmt.Errorf("requires %s; add it, or remove this key", roleName))
		}
	}
	return nil
}

func parseRole(value string) (string, error) {
	if !rolePattern.MatchString(value) {
		return "", errors.New("is not a role ARN; write it as the console shows it, such as qcs::cam::uin/100000000001:roleName/monitor")
	}
	return value, nil
}

func parseExternalID(value string) (secret.Value, error) {
	if !externalIDPattern.MatchString(value) {
		return secret.Value{}, errors.New("is not an external ID; write 2 to 128 letters, digits or any of _+=,.@:/-")
	}
	return secret.New(value), nil
}

func parseRoleDuration(value string) (time.Duration, error) {
	duration, err := parseDuration(value)
	if err != nil {
		return 0, err
	}
	if duration < credential.MinDuration || duration > credential.MaxDuration {
		return 0, fmt.Errorf("%q is not between 5m and 12h; write it as 2h", value)
	}
	return duration.Truncate(time.Second), nil
}
