# The image: a static program that does not run as root, and nothing else.
#
#   docker buildx build --platform linux/amd64,linux/arm64 -t datahub_exporter .
#
# Without Docker, test/packaging/image builds the same image from this file:
#
#   cd test/packaging && go run ./image -to ../../dist/image
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
# A mirror of modules, where Go's own cannot be reached.
ARG GOPROXY
RUN go mod download
COPY . .
# The compiler runs on the build machine's architecture, whatever the image is for.
ARG TARGETOS=linux TARGETARCH
ARG VERSION=dev REVISION=unknown CREATED=
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false \
    -ldflags="-s -w -X github.com/prometheus/common/version.Version=$VERSION -X github.com/prometheus/common/version.Revision=$REVISION -X github.com/prometheus/common/version.BuildDate=$CREATED" \
    -o /out/datahub_exporter .

FROM scratch
ARG VERSION=dev REVISION=unknown CREATED=
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /usr/local/go/lib/time/zoneinfo.zip /usr/share/zoneinfo.zip
COPY --from=build /out/datahub_exporter /usr/bin/datahub_exporter
ENV ZONEINFO=/usr/share/zoneinfo.zip
LABEL org.opencontainers.image.title="datahub_exporter" \
      org.opencontainers.image.description="Status of Tencent Cloud CKafka connectors for Prometheus" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED"
# Numeric, so that Kubernetes can verify that it is not root.
USER 65532:65532
EXPOSE 48080
ENTRYPOINT ["/usr/bin/datahub_exporter"]
CMD ["--conf=/etc/datahub_exporter/datahub_exporter.conf"]
