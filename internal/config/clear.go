package config

import (
	"fmt"

	"datahub_exporter/source/ckafka"
)

// clearWarnings returns a warning for each account whose calls cross a network in
// the clear. It does not repeat the endpoint.
func clearWarnings(accounts []ckafka.Account) []string {
	var warnings []string
	for _, account := range accounts {
		if account.Credential.STS.InTheClear() {
			warnings = append(warnings, fmt.Sprintf("account %s has an http:// %s beyond this machine: the credentials that it hands out "+
				"cross the network in the clear; write https://", account.Name, stsEndpointName))
		}
		if account.Endpoint.InTheClear() {
			warnings = append(warnings, fmt.Sprintf("account %s has an http:// endpoint beyond this machine: its session token, "+
				"its signed calls and the answers cross the network in the clear; write https:// in key %s", account.Name, endpointName))
		}
	}
	return warnings
}
