package otlp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
)

// NewResource describes who pushes: service.name, service.version,
// service.instance.id, cloud.provider and host.name. The instance is the host with
// the addresses that the exporter listens on, so it is the same after a restart.
// OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME take precedence; what cannot be read
// of them is a warning in the log, and left out.
func NewResource(version string, addresses []string, log *slog.Logger) (*resource.Resource, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("describe resource: %w", err)
	}
	described, err := resource.New(context.Background(),
		resource.WithTelemetrySDK(),
		resource.WithAttributes(
			attribute.String("service.name", "datahub_exporter"),
			attribute.String("service.version", version),
			attribute.String("service.instance.id", host+"/"+strings.Join(addresses, ",")),
			attribute.String("host.name", host),
			attribute.String("cloud.provider", "tencent_cloud"),
		),
		resource.WithFromEnv(),
	)
	if errors.Is(err, resource.ErrPartialResource) {
		log.Warn("OTEL_RESOURCE_ATTRIBUTES cannot be read completely; write KEY=VALUE,KEY=VALUE")
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("describe resource: %w", err)
	}
	return described, nil
}
