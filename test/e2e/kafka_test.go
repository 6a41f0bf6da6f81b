package e2e

import (
	"context"
	"maps"
	"net"
	"slices"
	"strconv"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"
)

const kafkaTopic = "datahub_exporter"

// While the brokers are away, the gateway is killed. Once both are back, everything
// that the gateway accepted is in the topic, in order.
func TestGatewayWritesToKafka(t *testing.T) {
	t.Parallel()
	broker := freeAddress(t)
	gateway := startTier(t, []string{"KAFKA_BROKERS=[" + broker + "]"}, gatewayConfig, kafkaConfig)
	agent := startAgent(t, gateway)
	changes := startChanges(t, agent)
	for _, status := range []int64{1, 2, 6} {
		changes.become(t, status)
	}
	changes.exporter.kill()
	agent.awaitQueue(t, drained)
	gateway.awaitQueue(t, holding)
	gateway.kill()

	startKafka(t, broker)
	gateway.run(t)
	changes.push(t, agent)
	changes.become(t, 7)
	awaitTopic(t, broker, changes.told)
}

// startKafka starts a broker that speaks the Kafka protocol and has the topic.
func startKafka(t *testing.T, address string) {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, kafkaTopic),
		kfake.ListenFn(func(network, _ string) (net.Listener, error) { return net.Listen(network, address) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
}

// awaitTopic reads a topic until it has these statuses of the task, in order of
// time.
func awaitTopic(t *testing.T, broker string, want []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumeTopics(kafkaTopic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	told, have := map[uint64]string{}, []string(nil)
	for !slices.Equal(have, want) {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("statuses: want %v, have %v: %v", want, have, err)
		}
		fetches.EachRecord(func(record *kgo.Record) { readStatuses(t, record.Value, told) })
		have = nil
		for _, at := range slices.Sorted(maps.Keys(told)) {
			have = append(have, told[at])
		}
		have = slices.Compact(have)
	}
}

// readStatuses adds the task's statuses in a message, by time.
func readStatuses(t *testing.T, message []byte, told map[uint64]string) {
	t.Helper()
	var pushed metricspb.MetricsData
	if err := proto.Unmarshal(message, &pushed); err != nil {
		t.Fatal(err)
	}
	for _, resource := range pushed.GetResourceMetrics() {
		for _, scope := range resource.GetScopeMetrics() {
			for _, metric := range scope.GetMetrics() {
				if metric.GetName() != "datahub_task_status" {
					continue
				}
				for _, point := range metric.GetGauge().GetDataPoints() {
					told[point.GetTimeUnixNano()] = strconv.FormatFloat(point.GetAsDouble(), 'f', -1, 64)
				}
			}
		}
	}
}
