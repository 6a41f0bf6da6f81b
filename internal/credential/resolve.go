package credential

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// The variables that the SDKs read.
const (
	idVariable      = "TENCENTCLOUD_SECRET_ID"
	keyVariable     = "TENCENTCLOUD_SECRET_KEY"
	tokenVariable   = "TENCENTCLOUD_TOKEN"
	profileVariable = "TENCENTCLOUD_CREDENTIALS_FILE"

	podRegionVariable   = "TKE_REGION"
	podProviderVariable = "TKE_PROVIDER_ID"
	podTokenVariable    = "TKE_WEB_IDENTITY_TOKEN_FILE"
	podRoleVariable     = "TKE_ROLE_ARN"
)

// found is a credential from the environment. Besides source, at most one of its
// fields is set.
type found struct {
	source      string
	environment Values // of the standard variables
	profile     string // path of the profile file
	pod         pod
}

// pod is what TKE sets for a pod whose service account has a role.
type pod struct{ region, provider, tokenFile, role string }

// Resolve returns the options with what the environment has for an account whose
// own keys name no credential: the standard variables, the profile file of the
// SDKs, or the variables of a TKE pod. It makes no call. If only some of the
// variables that belong together are set, the error says which.
//
// The variables of a pod have priority over the role of the machine: somebody gave
// that pod a role of its own, whereas all pods on the machine share the machine's.
func (o Options) Resolve(getenv func(string) string) (Options, error) {
	o.found = found{}
	if o.base() != fromMachine {
		return o, nil
	}
	for _, find := range []func(func(string) string) (found, error){findEnvironment, findProfile, findPod} {
		var err error
		if o.found, err = find(getenv); err != nil {
			return Options{}, err
		}
		if o.found.source != "" {
			break
		}
	}
	return o, nil
}

func findEnvironment(getenv func(string) string) (found, error) {
	values, err := parseAll([3]string{idVariable, keyVariable, tokenVariable},
		[3]string{getenv(idVariable), getenv(keyVariable), getenv(tokenVariable)})
	if err != nil {
		return found{}, err
	}
	id, key := values.ID.Reveal(), values.Key.Reveal()
	switch {
	case id == "" && key == "":
		return found{}, nil
	case key == "":
		return found{}, fmt.Errorf("%s is set without %s; set both, or neither", idVariable, keyVariable)
	case id == "":
		return found{}, fmt.Errorf("%s is set without %s; set both, or neither", keyVariable, idVariable)
	}
	return found{source: fromEnvironment, environment: values}, nil
}

// findProfile looks for the file where the SDKs do. A file that exists is used, even
// if it is invalid: it was meant to be used, and must not be ignored silently.
func findProfile(getenv func(string) string) (found, error) {
	path := strings.TrimSpace(getenv(profileVariable))
	if path == "" {
		home := getenv(homeVariable())
		if home == "" {
			return found{}, nil
		}
		path = filepath.Join(home, ".tencentcloud", "credentials")
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return found{}, nil
		}
	}
	return found{source: fromProfile, profile: path}, nil
}

func homeVariable() string {
	if runtime.GOOS == "windows" {
		return "USERPROFILE"
	}
	return "HOME"
}

func findPod(getenv func(string) string) (found, error) {
	var set pod
	parts := []struct {
		variable string
		value    *string
	}{
		{podRegionVariable, &set.region}, {podProviderVariable, &set.provider}, {podTokenVariable, &set.tokenFile}, {podRoleVariable, &set.role},
	}
	for _, part := range parts {
		*part.value = strings.TrimSpace(getenv(part.variable))
	}
	if set == (pod{}) {
		return found{}, nil
	}
	for _, part := range parts {
		switch _, err := Parse(*part.value); {
		case *part.value == "":
			return found{}, fmt.Errorf("%s is not set, but other TKE variables are; set all of %s, %s, %s and %s, or none",
				part.variable, podRegionVariable, podProviderVariable, podTokenVariable, podRoleVariable)
		case err != nil && part.value != &set.tokenFile: // a path may have a space
			return found{}, fmt.Errorf("%s %w", part.variable, err)
		}
	}
	return found{source: fromPod, pod: set}, nil
}
