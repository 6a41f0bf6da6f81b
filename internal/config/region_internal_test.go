package config

import (
	"strings"
	"testing"
)

func TestValidateRegion(t *testing.T) {
	for _, region := range []string{"ap-guangzhou", "ap-shanghai-fsi", "na-siliconvalley", "ap-beijing-2", "eu-frankfurt", "ap-" + strings.Repeat("x", 21)} {
		if err := validateRegion(region); err != nil {
			t.Errorf("%s: %v", region, err)
		}
	}
	for region, quoted := range map[string]string{
		"":                      `""`,
		"ap-guangzhou`":         "\"ap-guangzhou`\"",
		"guangzhou":             `"guangzhou"`,
		"AP-guangzhou":          `"AP-guangzhou"`,
		"ap-guangzhou\n":        `"ap-guangzhou\n"`,
		"ap- guangzhou":         `"ap- guangzhou"`,
		"ap-":                   `"ap-"`,
		"ap--x":                 `"ap--x"`,
		"广州":                    `"广州"`,
		strings.Repeat("k", 32): "a value of 32 bytes is not a region",
		strings.Repeat("k", 24): `"kkkkkkkkkkkkkkkkkkkkkkkk"`,
		strings.Repeat("k", 25): "a value of 25 bytes is not a region", // may be a credential
		"ap-guang，ap-shang":     `"ap-guang，ap-shang"`,
	} {
		err := validateRegion(region)
		if err == nil || !strings.Contains(err.Error(), quoted) || !strings.Contains(err.Error(), "such as ap-guangzhou") {
			t.Errorf("%q: have %v", region, err)
		}
	}
}
