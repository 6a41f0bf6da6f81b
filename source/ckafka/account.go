package ckafka

import (
	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
)

// An Account is a credential and the regions to watch with it.
type Account struct {
	Name       string             // unique among the accounts
	Credential credential.Options // where its credential comes from; its API is overridden by Endpoint
	Regions    []string           // at least one, no duplicates
	Endpoint   endpoint.Endpoint  // of the CKafka API; the zero value means the SDK's default
}
