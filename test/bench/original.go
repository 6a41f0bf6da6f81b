package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"

	ckafka "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/ckafka/v20190819"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
)

// original does what the replaced exporter did: a new SDK client for every page,
// one page after another, and an exposition built by concatenating strings.
type original struct {
	cloud *cloud
	// transports are those of its clients, each of which leaves a connection open.
	transports []*http.Transport
}

// scrape returns the exposition of a region.
func (o *original) scrape(ctx context.Context, region string) string {
	exposition := fmt.Sprintf("datahub_task_error_count{region=%q} 0\n", region)
	for offset, total := int64(0), int64(1); offset < total; offset += 100 {
		result := typedCall(ctx, o.client(region), offset)
		total = *result.TotalCount
		for _, task := range result.TaskList {
			exposition += fmt.Sprintf("datahub_task_status{region=%q,TaskId=%q,TaskName=%q} %d\n", //nolint:perfsprint // as the original did
				region, *task.TaskId, *task.TaskName, *task.Status)
		}
	}
	return exposition
}

// client returns an SDK client for a region, with a transport like the SDK's own.
func (o *original) client(region string) *ckafka.Client {
	settings := profile.NewClientProfile()
	settings.HttpProfile.Scheme, settings.HttpProfile.Endpoint = "HTTP", o.cloud.address
	client := must(ckafka.NewClient(common.NewCredential(secretID, secretKey), region, settings))
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:revive // it has this type
	client.WithHttpTransport(transport)
	o.transports = append(o.transports, transport)
	return client
}

// close closes what the clients left open, so that it is not in the heap while the
// exporter is measured.
func (o *original) close() {
	for _, transport := range o.transports {
		transport.CloseIdleConnections()
	}
	o.transports = nil
}

// typedCall fetches a page the way the SDK does.
func typedCall(ctx context.Context, client *ckafka.Client, offset int64) *ckafka.DescribeDatahubTasksRes {
	request := ckafka.NewDescribeDatahubTasksRequest()
	request.Offset, request.Limit = common.Int64Ptr(offset), common.Int64Ptr(100)
	return must(client.DescribeDatahubTasksWithContext(ctx, request)).Response.Result
}

// serveOriginal is the main function of the process that runs the original.
func serveOriginal(args []string) {
	of := &original{cloud: &cloud{fleet{regions: 1}, &child{}}}
	flags := flag.NewFlagSet("bench original", flag.ContinueOnError)
	flags.StringVar(&of.cloud.address, "cloud", "", "address of the cloud")
	check(flags.Parse(args))
	listener := must(new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0"))
	defer listener.Close()
	go func() {
		_ = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { //nolint:gosec // as the original did
			fmt.Fprint(w, of.scrape(r.Context(), of.cloud.names()[0]))
		}))
	}()
	untilOrphaned(listener.Addr().String())
}
