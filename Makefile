# make            builds the exporter
# make demo       shows the whole chain on a simulated cloud: exporter, Prometheus, Alertmanager and messages
# make test       runs the tests, as the README says
# make dashboard  regenerates the Grafana dashboard in both languages
# make e2e        runs the end-to-end tests with a real Prometheus, Alertmanager, collector and browser; builds those once
# make bench      updates the table and the picture of docs/performance.md, in three minutes on an idle machine
# make chart      regenerates the Helm chart's copies, its golden files and the plain manifests
# make packaging  tests what users install; as root, also on a separate machine with systemd
# make race       runs the tests under the race detector; needs a C compiler
# make lint       runs gofmt, go vet, golangci-lint and shellcheck
# make soak       scrapes 10,000 times while 15 % of the calls fail, and measures memory and progress
.PHONY: build demo test chart packaging dashboard race lint e2e soak bench

build:
	go build -o datahub_exporter main.go

demo:
	go run ./deploy/demo

test:
	go test ./...

dashboard:
	cd deploy/grafana/dashboard && go run . && go test ./...

chart:
	cd deploy/helm/check && go test -count=1 . -update && go test -count=1 .

packaging:
	cd test/packaging && go run ./manuals && go run ./licenses && go run ./tencent && go test -count=1 ./...

race:
	CGO_ENABLED=1 go test -race ./...

lint:
	gofmt -l . | (! grep .)
	go vet ./...
	cd test/e2e && go vet ./...
	cd test/bench && go vet ./...
	cd deploy/grafana/dashboard && go vet ./...
	cd deploy/helm/check && go vet ./...
	cd test/packaging && go vet ./...
	golangci-lint run ./...
	cd test/e2e && golangci-lint run ./...
	cd test/bench && golangci-lint run ./...
	cd deploy/grafana/dashboard && golangci-lint run ./...
	cd deploy/helm/check && golangci-lint run ./...
	cd test/packaging && golangci-lint run ./...
	shellcheck .ci/run test/e2e/tools.sh deploy/package/*.sh

e2e:
	test/e2e/tools.sh
	cd test/e2e && go test -count=1 -timeout 25m ./...

soak:
	go test -tags soak -run 'TestSoak|TestHugeAnswer|TestCrowd|TestManyAccountsMemory|TestAbortedScrapes|TestUnreadScrapes|TestProgressCost' -timeout 30m -v ./internal/app

bench:
	cd test/bench && go run . -docs ../../docs
