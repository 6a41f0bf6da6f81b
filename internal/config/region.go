package config

import (
	"fmt"
	"regexp"
	"strconv"
)

// longestRegion is the maximum length of a region in bytes. It is shorter than a
// SecretKey (32 characters) and a SecretId (36): a longer value may be one of them
// and is not repeated.
const longestRegion = 24

var regionPattern = regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)+$`)

// checkRegion returns an error unless region has the form of a Tencent Cloud
// region: ap-guangzhou, ap-shanghai-fsi, na-siliconvalley. Only the API knows
// whether such a region exists. The error quotes the value only if it is too short
// to be a credential.
func checkRegion(region string) error {
	const form = "write the API's name of one, such as ap-guangzhou"
	switch {
	case len(region) > longestRegion:
		return fmt.Errorf("a value of %d bytes is not a region; %s", len(region), form)
	case !regionPattern.MatchString(region):
		return fmt.Errorf("%s is not a region; %s", strconv.Quote(region), form)
	}
	return nil
}
