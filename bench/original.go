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

// original does what the exporter that this one replaces did: for each page a new
// client of the SDK, one page after the other, and an exposition of strings that
// are concatenated.
type original struct{ cloud *cloud }

// scrape returns the exposition of all regions.
func (o original) scrape(ctx context.Context) (string, error) {
	exposition := ""
	for _, region := range o.cloud.names() {
		failed := 0
		for offset, total := int64(0), int64(1); offset < total; offset += 100 {
			result, err := o.page(ctx, region, offset)
			if err != nil {
				return "", err
			}
			total = *result.TotalCount
			for _, task := range result.TaskList {
				exposition += fmt.Sprintf("datahub_task_status{region=%q,TaskId=%q,TaskName=%q} %d\n", region, *task.TaskId, *task.TaskName, *task.Status)
			}
		}
		exposition = fmt.Sprintf("datahub_task_error_count{region=%q} %d\n", region, failed) + exposition
	}
	return exposition, nil
}

func (o original) page(ctx context.Context, region string, offset int64) (*ckafka.DescribeDatahubTasksRes, error) {
	client, err := o.client(region)
	if err != nil {
		return nil, err
	}
	return typedCall(ctx, client, offset)
}

// client returns a client of the SDK for a region.
func (o original) client(region string) (*ckafka.Client, error) {
	settings := profile.NewClientProfile()
	settings.HttpProfile.Scheme, settings.HttpProfile.Endpoint = "HTTP", o.cloud.address
	return ckafka.NewClient(common.NewCredential(secretID, secretKey), region, settings)
}

// typedCall is the SDK's own way to a page.
func typedCall(ctx context.Context, client *ckafka.Client, offset int64) (*ckafka.DescribeDatahubTasksRes, error) {
	request := ckafka.NewDescribeDatahubTasksRequest()
	request.Offset, request.Limit = common.Int64Ptr(offset), common.Int64Ptr(100)
	response, err := client.DescribeDatahubTasksWithContext(ctx, request)
	if err != nil {
		return nil, err
	}
	return response.Response.Result, nil
}

// serveOriginal is the original as a process of its own.
func serveOriginal(args []string) error {
	of := original{&cloud{child: &child{}}}
	flags := flag.NewFlagSet("bench original", flag.ContinueOnError)
	flags.StringVar(&of.cloud.address, "cloud", "", "address of the cloud")
	flags.IntVar(&of.cloud.regions, "regions", 1, "regions of the one account")
	if err := flags.Parse(args); err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	go func() {
		_ = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { //nolint:gosec // as the original did
			exposition, err := of.scrape(r.Context())
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			fmt.Fprint(w, exposition)
		}))
	}()
	return untilOrphaned(listener.Addr().String())
}
