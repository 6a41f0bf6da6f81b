package cloudsim

import (
	"slices"
	"time"
)

const (
	guangzhou = "ap-guangzhou"
	shanghai  = "ap-shanghai"

	ordersMySQL     = "resource-7vkq2m9a"
	usersPostgreSQL = "resource-b4x8n3zr"
	searchES        = "resource-k9p2w6ed"
	stockMongoDB    = "resource-q5t7y3hj"
	warehouse       = "resource-z8c4v6ln"
)

// Messages of the failures in the story, worded like those of the databases and of
// Kafka Connect.
const (
	accessDenied = "Access denied for user 'datahub'@'10.12.3.21' (using password: YES), " +
		"需要 REPLICATION SLAVE, REPLICATION CLIENT 权限"
	connRefused = "Connection to 10.12.4.17:5432 refused. Check that the hostname and port are correct and that the " +
		"postmaster is accepting TCP/IP connections."
	slotLost = "org.apache.kafka.connect.errors.ConnectException: Could not obtain a replication connection\n" +
		"\tat io.debezium.connector.postgresql.PostgresConnectorTask.start(PostgresConnectorTask.java:126)\n" +
		"Caused by: org.postgresql.util.PSQLException: Connection to 10.12.4.17:5432 refused."
	outOfMemory = "Code: 241. DB::Exception: Memory limit (total) exceeded: would use 28.11 GiB, maximum: 27.94 GiB. " +
		"(MEMORY_LIMIT_EXCEEDED)"
)

// Statuses of tasks, as numbered by the API.
const (
	createFailed = -1
	creating     = 0
	running      = 1
	deleting     = 2
	pausing      = 5
	paused       = 6
	resuming     = 8
	resumeFailed = 9
)

// Statuses of connections. The same numbers mean something else for tasks.
const (
	updating = 5
	abnormal = 7
)

// demoLives returns all items of the demonstration, in the order of the listing.
func demoLives() []life {
	return slices.Concat(connections(), guangzhouTasks(), shanghaiTasks())
}

func connections() []life {
	return []life{
		connectionLife(guangzhou, ordersMySQL, "订单库 orders-mysql-prod", "MYSQL", "trade", "lin", phase{0, running, ""}),
		connectionLife(guangzhou, usersPostgreSQL, "users-postgresql", "POSTGRESQL", "growth", "wang",
			phase{0, running, ""}, phase{minutes(1), abnormal, connRefused}, phase{minutes(3), running, ""}),
		connectionLife(guangzhou, searchES, "搜索集群 es-search", "ES", "growth", "zhao",
			phase{0, running, ""}, phase{minutes(7), updating, ""}, phase{minutes(7.5), running, ""}),
		connectionLife(shanghai, stockMongoDB, "inventory-mongodb", "MONGODB", "trade", "lin", phase{0, running, ""}),
		connectionLife(shanghai, warehouse, "数仓 clickhouse-dw", "CLICKHOUSE", "数据平台", "chen", phase{0, running, ""}),
	}
}

func guangzhouTasks() []life {
	return []life{
		sourceLife(guangzhou, "task-n3k8x2p7", "orders-cdc-to-kafka", "MYSQL", ordersMySQL,
			phase{0, running, ""}, phase{minutes(5.75), pausing, ""}, phase{minutes(6), paused, ""},
			phase{minutes(8.75), resuming, ""}, phase{minutes(9), running, ""}),
		sourceLife(guangzhou, "task-r7d4m9q2", "退款流水 refunds-cdc", "MYSQL", ordersMySQL, phase{0, running, ""}),
		sourceLife(guangzhou, "task-u2h6v8c5", "用户画像同步", "POSTGRESQL", usersPostgreSQL,
			phase{0, running, ""}, phase{minutes(1.5), resuming, ""}, phase{minutes(2), resumeFailed, slotLost},
			phase{minutes(3.5), resuming, ""}, phase{minutes(4), running, ""}),
		sourceLife(guangzhou, "task-e5j9b3w8", "user-login-events", "POSTGRESQL", usersPostgreSQL,
			phase{0, running, ""}, phase{minutes(1.75), resuming, ""}, phase{minutes(2.5), resumeFailed, slotLost},
			phase{minutes(3.5), resuming, ""}, phase{minutes(4.25), running, ""}),
		sinkLife(guangzhou, "task-c8s3g7k4", "clickstream-to-es", "ES", searchES, phase{0, running, ""}),
		sinkLife(guangzhou, "task-f6a2t9y3", "风控特征入库 risk-features", "ES", searchES, phase{0, paused, ""}),
		sourceLife(guangzhou, "task-p4w7z5n8", "优惠券核销 coupon-cdc", "MYSQL", ordersMySQL,
			phase{0, creating, ""}, phase{minutes(2), running, ""},
			phase{minutes(11), deleting, ""}, phase{minutes(11.5), gone, ""}),
		sourceLife(guangzhou, "task-h9q5r2d6", "历史订单回溯 orders-backfill", "MYSQL", ordersMySQL,
			phase{0, createFailed, accessDenied}),
	}
}

func shanghaiTasks() []life {
	return []life{
		sourceLife(shanghai, "task-m2x6k8v4", "库存变更 inventory-cdc", "MONGODB", stockMongoDB, phase{0, running, ""}),
		sinkLife(shanghai, "task-w5b9j3s7", "dwd-orders-to-clickhouse", "CLICKHOUSE", warehouse,
			phase{0, resumeFailed, outOfMemory}, phase{minutes(1.75), resuming, ""}, phase{minutes(2.25), running, ""},
			phase{minutes(10.5), pausing, ""}, phase{minutes(10.75), paused, ""}, phase{minutes(11.5), resuming, ""}),
		sinkLife(shanghai, "task-y7n4c2f9", "审计日志归档 audit-to-cos", "COS", "", phase{0, running, ""}),
		sourceLife(shanghai, "task-t3v8p6h5", "tmp-supplier-import", "MONGODB", stockMongoDB,
			phase{0, running, ""}, phase{minutes(8), deleting, ""}, phase{minutes(8.5), gone, ""},
			phase{minutes(10.5), creating, ""}, phase{minutes(11.5), running, ""}),
		sinkLife(shanghai, "task-d6k2z9g8", "大促看板 promo-dashboard", "CLICKHOUSE", warehouse,
			phase{0, gone, ""}, phase{minutes(4), creating, ""}, phase{minutes(5), running, ""},
			phase{minutes(9.5), deleting, ""}, phase{minutes(10), gone, ""}),
	}
}

func connectionLife(region, id, name, kind, team, owner string, phases ...phase) life {
	tags := []any{map[string]any{"TagKey": "team", "TagValue": team}, map[string]any{"TagKey": "owner", "TagValue": owner}}
	item := Item{ID: id, Name: name, Type: kind, Fields: map[string]any{"Tags": tags}}
	return life{DescribeConnectResources, region, item, phases}
}

// taskFields are the fields that newer tasks have: their limits.
func taskFields() map[string]any {
	return map[string]any{"TaskMax": 2, "SyncThrottleLimit": 20, "AutoExpandFlag": false}
}

func sourceLife(region, id, name, source, resource string, phases ...phase) life {
	item := Item{ID: id, Name: name, Type: "SOURCE", Source: source, Target: "TOPIC", Resource: resource, Fields: taskFields()}
	return life{DescribeDatahubTasks, region, item, phases}
}

func sinkLife(region, id, name, target, resource string, phases ...phase) life {
	item := Item{ID: id, Name: name, Type: "SINK", Source: "TOPIC", Target: target, Resource: resource, Fields: taskFields()}
	return life{DescribeDatahubTasks, region, item, phases}
}

func minutes(n float64) time.Duration { return time.Duration(n * float64(time.Minute)) }
