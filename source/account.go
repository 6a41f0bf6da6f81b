package source

import (
	"fmt"
	"regexp"
	"strconv"

	"datahub_exporter/credential"
	"datahub_exporter/endpoint"
)

// An Account is a credential and what it is to watch.
type Account struct {
	Name       string             // unique among the accounts
	Credential credential.Options // how its credential is held; API is Endpoint, whatever it says
	Regions    []string           // at least one, none twice; see ValidateRegion
	Endpoint   endpoint.Endpoint  // of the CKafka API; the zero value is the SDK's own
}

// longestRegion is the length in bytes above which a value is no region. It is
// shorter than a SecretKey (32 characters) and a SecretId (36): what is longer
// may be one and is not repeated.
const longestRegion = 24

var regionPattern = regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)+$`)

// ValidateRegion returns an error unless region has the form of a Tencent Cloud
// region: ap-guangzhou, ap-shanghai-fsi, na-siliconvalley. Whether such a region
// exists is for the API to say. The error quotes a value that is too short for a
// credential.
func ValidateRegion(region string) error {
	const form = "write the API's name of one, such as ap-guangzhou"
	switch {
	case len(region) > longestRegion:
		return fmt.Errorf("a value of %d bytes is not a region; %s", len(region), form)
	case !regionPattern.MatchString(region):
		return fmt.Errorf("%s is not a region; %s", strconv.Quote(region), form)
	}
	return nil
}
