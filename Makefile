# make            builds the exporter
# make test       what the README says
# make dashboard  makes the Grafana dashboard anew
# make e2e        the end-to-end tests, on a real Prometheus, Alertmanager, collector and browser; builds those first, once
# make bench      renews the table and the picture of docs/performance.md, in three minutes on an idle machine
.PHONY: build test dashboard race lint e2e soak bench

build:
	go build -o datahub_exporter main.go

test:
	go test ./...

dashboard:
	cd deploy/grafana/dashboard && go run . > ../datahub_exporter.json && go test ./...

race:
	CGO_ENABLED=1 go test -race ./...

lint:
	gofmt -l . | (! grep .)
	go vet ./...
	cd e2e && go vet ./...
	cd bench && go vet ./...
	cd deploy/grafana/dashboard && go vet ./...
	golangci-lint run ./...
	cd e2e && golangci-lint run ./...
	cd bench && golangci-lint run ./...
	cd deploy/grafana/dashboard && golangci-lint run ./...
	shellcheck .ci/run e2e/tools.sh

e2e:
	e2e/tools.sh
	cd e2e && go test -count=1 -timeout 25m ./...

soak:
	go test -tags soak -run 'TestSoak|TestHugeAnswer|TestCrowd' -timeout 30m .

bench:
	cd bench && go run . -docs ../docs
