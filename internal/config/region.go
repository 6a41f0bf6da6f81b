package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxRegion is the maximum length of a region in bytes. It is shorter than a
// SecretKey (32 characters) and a SecretId (36): a longer value may be one of them
// and is not repeated.
const maxRegion = 24

var regionPattern = regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)+$`)

// regions parses one region, or several separated by commas.
func (s section) regions() ([]string, error) {
	if err := s.require(regionName, "one region, such as ap-guangzhou, or several separated by commas"); err != nil {
		return nil, err
	}
	var regions []string
	for element := range strings.SplitSeq(s.values[regionName], ",") {
		region := strings.TrimSpace(element)
		if err := validateElement(region, regions); err != nil {
			return nil, inKey(s.name, regionName, err)
		}
		regions = append(regions, region)
	}
	return regions, nil
}

// validateElement checks a region of a list, of which before are the ones so far.
func validateElement(region string, before []string) error {
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
	return validateRegion(region)
}

// validateRegion returns an error unless region has the form of a Tencent Cloud
// region: ap-guangzhou, ap-shanghai-fsi, na-siliconvalley. Only the API knows
// whether such a region exists. The error quotes the value only if it is too short
// to be a credential.
func validateRegion(region string) error {
	const form = "write its API name, such as ap-guangzhou"
	switch {
	case len(region) > maxRegion:
		return fmt.Errorf("a value of %d bytes is not a region; %s", len(region), form)
	case !regionPattern.MatchString(region):
		return fmt.Errorf("%s is not a region; %s", strconv.Quote(region), form)
	}
	return nil
}
