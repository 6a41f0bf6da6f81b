package cloudsim

// paramPrefixes maps the type of an end or of a connection to the prefix of the
// name of its parameters.
var paramPrefixes = map[string]string{
	"CLICKHOUSE": "ClickHouse", "CLS": "Cls", "COS": "Cos", "CTSDB": "Ctsdb", "DORIS": "Doris", "DTS": "Dts",
	"EB": "EventBus", "ES": "Es", "KAFKA": "Kafka", "MARIADB": "MariaDB", "MONGODB": "MongoDB", "MQTT": "Mqtt",
	"MYSQL": "MySQL", "POSTGRESQL": "PostgreSQL", "SCF": "Scf", "SQLSERVER": "SQLServer", "TDW": "Tdw",
	"TDSQL_C_MYSQL": "MySQL", "TDSQL_C_POSTGRESQL": "PostgreSQL", "TOPIC": "Topic",
}

// endParams and connectParams are the parameters of each end of a task and of each
// connection. All are null except the one for its type.
var (
	endParams = []string{
		"ClickHouseParam", "ClsParam", "CosParam", "CtsdbParam", "DtsParam", "EsParam", "EventBusParam", "KafkaParam",
		"MariaDBParam", "MongoDBParam", "MqttParam", "MySQLParam", "PostgreSQLParam", "SQLServerParam", "ScfParam",
		"TdwParam", "TopicParam",
	}
	connectParams = []string{
		"ClickHouseConnectParam", "CtsdbConnectParam", "DorisConnectParam", "DtsConnectParam", "EsConnectParam",
		"KafkaConnectParam", "MariaDBConnectParam", "MongoDBConnectParam", "MqttConnectParam", "MySQLConnectParam",
		"PostgreSQLConnectParam", "SQLServerConnectParam",
	}
)

// end returns one end of a task. resource is the connection that it uses, "" if it
// uses none.
func end(item Item, kind, resource string) map[string]any {
	rendered := map[string]any{"Type": kind}
	for _, name := range endParams {
		rendered[name] = nil
	}
	if prefix := paramPrefixes[kind]; prefix != "" {
		rendered[prefix+"Param"] = endParam(item, prefix, resource)
	}
	return rendered
}

// endParam returns the fields that matter to a reader. An end without a connection
// names a resource of its own, such as a topic, in the field where others name
// their connection. The API really does this, and it is a trap for joins.
func endParam(item Item, prefix, resource string) map[string]any {
	if resource == "" {
		resource = topicResource(item)
	}
	switch prefix {
	case "Cos":
		return map[string]any{"BucketName": resource, "Region": "ap-guangzhou", "AggregateBatchSize": 1024}
	case "Scf":
		return map[string]any{"FunctionName": resource, "Namespace": "default", "Qualifier": "$LATEST"}
	case "Tdw":
		return map[string]any{"Bid": resource, "Tid": item.ID, "TdwHost": "10.12.0.9", "TdwPort": 8099}
	case "Topic":
		return map[string]any{"Resource": resource, "OffsetType": "latest", "StartTime": 0}
	case "Kafka":
		return map[string]any{"Resource": resource, "Topic": "events", "PartitionNum": 6, "SelfBuilt": false}
	case "Dts":
		return map[string]any{
			"Resource": resource, "Ip": "10.12.3.8", "Port": 3306, "Topic": "events", "GroupId": "consumer",
			"GroupUser": DatabaseUser, "GroupPassword": DatabasePassword,
		}
	case "MongoDB", "Es", "ClickHouse", "Mqtt":
		return map[string]any{
			"Resource": resource, "Ip": "10.12.3.8", "Port": 27017, "SelfBuilt": true,
			"UserName": DatabaseUser, "Password": DatabasePassword,
		}
	}
	return map[string]any{"Resource": resource, "Database": "shop", "Table": "shop.orders"}
}

// topicResource returns the resource of an end without a connection.
func topicResource(item Item) string { return "1250000000-" + item.ID }

// connectParam returns the address and the credential of a connection. Only Kafka's
// has no credential.
func connectParam(prefix string) map[string]any {
	switch prefix {
	case "Kafka":
		return map[string]any{"Resource": "ckafka-8w3kq5zr", "SelfBuilt": false, "BrokerAddress": "10.12.3.8:9092"}
	case "Mqtt":
		return map[string]any{"Resource": "mqtt-8w3kq5zr", "UserName": DatabaseUser, "Password": DatabasePassword}
	}
	return map[string]any{
		"Resource": "cdb-8w3kq5zr", "ServiceVip": "10.12.3.8", "UniqVpcId": "vpc-5ugb0qpl", "Port": 3306,
		"UserName": DatabaseUser, "Password": DatabasePassword,
	}
}
