package reason

// table is tried from the top, so a reason stands above those whose phrases its
// messages may contain as well: a rejected certificate says "authentication", and
// so do the causes of many failed connections.
var table = []row{
	{
		Reason: Reason{
			Word:          "isolated_arrears",
			Remedy:        "Pay the overdue bill in the Billing Center; then restart the task in the CKafka console (Connector > Task list).",
			RemedyChinese: "到费用中心结清欠费，实例解除隔离后，在 CKafka 控制台“连接器 > 任务列表”重启任务。",
		},
		phrases: []string{
			"isolated", "arrears", "overdue", "insufficient balance",
			"欠费", "已隔离", "被隔离", "隔离中", "隔离状态", "余额不足", "已到期",
		},
	},
	{
		Reason: Reason{
			Word: "position_lost",
			Remedy: "The log that the task must continue from is gone: keep binlogs, WAL or oplog longer (MySQL: binlog retention; " +
				"PostgreSQL: max_slot_wal_keep_size; MongoDB: oplog size), then create the task anew with a full snapshot.",
			RemedyChinese: "续传所需的日志已被清理：先调大保留时长（MySQL binlog 保留时间、PostgreSQL max_slot_wal_keep_size、MongoDB oplog 大小），再新建任务重新全量同步。",
		},
		phrases: []string{
			// MySQL, MariaDB
			"no longer available on the server", "could not find first log file name", "has purged binary logs", "purged required binary logs",
			"requested to start from gtid", "is not in the master's binlog", "replication from impossible position", "start replication from position > file size",
			"history topic or its content is fully or partially missing", "schema history topic is missing", "db history topic is missing",
			// PostgreSQL
			"requested wal segment", "can no longer get changes from replication slot", "can no longer access replication slot", "this slot has been invalidated",
			// MongoDB
			"changestreamhistorylost", "may no longer be in the oplog", "resume token was not found", "resumetoken not found",
			"resume token not found", "oplog no longer contains", "invalidresumetoken", "cappedpositionlost",
			// SQL Server, for an LSN that the clean-up has passed
			"an insufficient number of arguments were supplied for the procedure or function cdc.fn_cdc_get",
			// Kafka
			"offsetoutofrange", "offset out of range", "offsets out of range", "out of range with no configured reset policy",
			"位点丢失", "位点不存在", "位点已失效", "位点已过期", "位点过期", "位点无效", "找不到位点",
			`replication slot "…" does not exist`, "binlog…清理", "binlog…过期", "binlog…清除", "binlog…被删", "binlog…不存在",
		},
	},
	{
		Reason: Reason{
			Word: "conflict",
			Remedy: "Find what else uses the same server ID, replication slot or name, and stop or rename one of the two; " +
				"for a duplicate key, compare the target's unique keys with the task's and choose upsert. Then restart the task.",
			RemedyChinese: "找出占用同一 server_id、复制槽或名称的另一方，停掉或改名；若为主键/唯一键重复，核对目标表唯一键与任务配置，插入模式选 upsert，并选主键；然后重启任务。",
		},
		phrases: []string{
			"same server_uuid/server_id", "same server_id", "same server id", "is active for pid",
			"duplicate entry", "duplicate key", "e11000", "version_conflict_engine_exception",
			"already exists", "already_exists", "已存在", "重复键", "主键冲突", "唯一键冲突",
		},
	},
	{
		Reason: Reason{
			Word: "tls",
			Remedy: "Check the certificate of the database or broker (issuer, host name, end of validity), " +
				"and that the connection's SSL setting in the CKafka console (Connector > Connection list) is what the server asks for. Then restart the task.",
			RemedyChinese: "检查数据库或 Broker 证书（签发者、域名、有效期），并核对 CKafka 控制台“连接器 > 连接列表”中该连接的 SSL 设置与服务端要求一致，然后重启任务。",
		},
		phrases: []string{
			"sslhandshake", "ssl handshake", "tls handshake", "handshake_failure", "sslexception", "sslauthenticationexception", "pkix path", "certpath",
			"certificate", "certification path", "does not support ssl", "ssl connection is required", "insecure transport",
			"could not establish a secure connection", "unsupported or unrecognized ssl message", "ssl error", "x509:", "ssl peer",
			"证书", "ssl握手", "ssl 握手",
		},
	},
	{
		Reason: Reason{
			Word: "quota_or_disk",
			Remedy: "Free or add what the message names (disk, memory, shards, parts, connections, message size) at the database, cluster or CKafka instance; " +
				"for Elasticsearch remove the read-only block afterwards. Then restart the task.",
			RemedyChinese: "按报错清理、扩容或调大限制（磁盘、内存、分片、part 数、连接数、消息大小）；ES 扩容后还需解除索引只读，再重启任务。",
		},
		phrases: []string{
			// Elasticsearch
			"flood-stage", "flood stage", "read-only-allow-delete", "read-only / allow delete", "maximum shards open", "maximum normal shards open",
			"limit of total fields", "circuit_breaking_exception", "es_rejected_execution_exception", "request entity too large",
			// ClickHouse
			"memory limit", "memory_limit_exceeded", "too many parts", "too_many_parts", "too many partitions", "too many simultaneous queries", "not enough space", "quota_exceeded",
			// MySQL, PostgreSQL, SQL Server, MongoDB
			"no space left", "disk full", "disk is full", "disk quota", "could not extend file", "too many connections", "too many clients",
			"remaining connection slots", "max_user_connections", "max_allowed_packet", "packet for query is too large", "all replication slots are in use",
			"max_wal_senders", "filegroup is full", "the table '…' is full", "transaction log for database '…' is full", "out of memory", "outofmemoryerror", "java heap space", "bsonobjecttoolarge", "over your space quota",
			// Kafka and the cloud
			"recordtoolarge", "max.request.size", "larger than the max message size", "message size the server will accept", "policyviolation",
			"kafkastorageexception", "quota", "limitexceeded", "rate exceeded", "throttl",
			"配额", "上限", "超过限制", "超出限制", "超限", "限流", "磁盘空间", "磁盘已满", "磁盘满", "空间不足", "内存不足", "连接数过多", "连接数已满",
		},
	},
	{
		Reason: Reason{
			Word: "access_denied",
			Remedy: "Check the user and password of the connection (Connector > Connection list) and grant what the task needs: MySQL SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT; " +
				"PostgreSQL REPLICATION and SELECT, and the host in pg_hba.conf; otherwise read or write on the object named. Then restart the task.",
			RemedyChinese: "核对“连接列表”里的用户名和密码，再补授权。PostgreSQL：REPLICATION、SELECT，pg_hba.conf 放行。MySQL：SELECT、RELOAD、SHOW DATABASES、REPLICATION SLAVE/CLIENT。其他：按报错授予读写权限。然后重启任务。",
		},
		phrases: []string{
			"access denied", "access_denied", "accessdenied", "access is denied", "permission denied", "permission was denied", "not authorized", "unauthorized", "authentication fail", "authenticationfail",
			"failed authentication", "authentication required", "requires authentication", "unable to authenticate", "exception authenticating",
			"authenticationexception", "authorizationexception", "authorization failed", "authorization_failed", "security_exception", "mongosecurityexception",
			"login failed for user", "no pg_hba.conf entry", "command denied to user", "not enough privileges", "privilege(s)", "insufficient privilege", "missing privileges", "lacks privileges", "not enough permission",
			`role "…" does not exist`, "does not have permission", "must be superuser", "must be owner of", "not allowed to connect", "public key retrieval is not allowed", "authentication plugin", "invalid username or password", "invalid credentials",
			"password is incorrect", "incorrect password", "wrong password", "password authentication", "username and password", "authfailure", "forbidden",
			"权限", "未授权", "授权失败", "密码错误", "密码不正确", "账号或密码", "用户名或密码", "用户名和密码", "账号和密码", "认证失败", "鉴权", "拒绝访问", "身份验证失败",
		},
	},
	{
		Reason: Reason{
			Word: "schema_or_conversion",
			Remedy: "Compare the record that the message names with the columns, mapping or types of the target, and with the task's data format; " +
				"change the target or the task's processing rules, or let the task skip bad records to a dead-letter topic. Then restart it.",
			RemedyChinese: "把报错中的数据与数据目标字段、mapping、类型及任务的数据格式逐一对照；修改目标表结构或任务的数据处理规则，或在“失败消息处理”中选丢弃或投递，然后重启任务。",
		},
		phrases: []string{
			// Kafka Connect, Debezium
			"dataexception", "serializationexception", "deserializ", "unknown magic byte", "jsonparseexception", "jsonconverter", "converting byte[]",
			"schema isn't known", "schema is not known", "schemabuilderexception", "schemaparseexception", "incompatible schema", "is missing fields",
			"parsingexception", "could not parse", "couldn't be parsed", "cannot parse", "failed to parse", "no viable alternative", "unrecognized token", "unexpected character",
			"classcastexception", "numberformatexception", "tolerance exceeded in error handler", "pk.mode", "error while processing event at offset",
			// Elasticsearch
			"mapper_parsing_exception", "document_parsing_exception", "strict_dynamic_mapping_exception", "mapper [", "illegal_argument_exception",
			// ClickHouse
			"type_mismatch", "type mismatch", "cannot_parse", "cannot convert", "no_such_column", "no such column", "missing columns", "unknown_identifier", "not_found_column",
			// MySQL, PostgreSQL, SQL Server, MongoDB
			"unknown column", "data truncat", "data too long", "data truncated", "value too long", "string or binary data would be truncated", "incorrect string value", "incorrect integer value",
			"incorrect datetime value", "incorrect decimal value", "out of range value for column", "out of range for type", "invalid input syntax", "invalid byte sequence", "cannot be null",
			"not-null constraint", "cannot insert the value null", "invalid column name", "conversion failed when converting", "error converting data type", "column count doesn't match", "but expression is of type", `column "…" does not exist`, "codecconfigurationexception",
			"解析失败", "解析错误", "格式错误", "格式不正确", "类型不匹配", "类型转换", "转换失败", "字段不匹配", "字段不存在", "列不存在", "反序列化", "序列化失败", "数据过长",
		},
	},
	{
		Reason: Reason{
			Word: "object_missing",
			Remedy: "Create or restore the object that the message names (database, table, collection, index, topic, connection), " +
				"or correct its name in the task (Connector > Task list); mind upper and lower case. Then restart the task.",
			RemedyChinese: "创建或恢复报错所指的对象（库、表、集合、索引、Topic、连接），或在“连接器 > 任务列表”中改正任务里的名称（注意大小写），然后重启任务。",
		},
		phrases: []string{
			"unknown database", "unknown_database", "unknown table", "unknown_table", "doesn't exist", "does not exist", "do not exist", "no such index", "no such table", "index_not_found",
			"index_closed_exception", "ns not found", "namespacenotfound", "collection not found", "table not found", "unknowntopicorpartition", "unknown_topic_or_partition",
			"does not host this topic-partition", "not present in metadata", "invalid object name", "could not find stored procedure", "requested by the login", "is missing and auto-creation is disabled",
			"resourcenotfound", "nosuchbucket", "nosuchkey", "not existed", "no tables",
			"不存在", "被删除", "未找到", "找不到",
		},
	},
	{
		Reason: Reason{
			Word: "connection_refused",
			Remedy: "Check that the database or broker runs and listens at the address in the message, that its security group and firewall admit the VPC and subnet of the connection, " +
				"and that the host name resolves there (Connector > Connection list). Once it can be reached again, restart the tasks that use it (Connector > Task list).",
			RemedyChinese: "确认数据库或 Broker 运行正常且监听报错中的地址，安全组、防火墙已放行该连接所在 VPC 子网，域名可解析；在“连接器 > 连接列表”核对 IP、端口与网络。连接恢复后，到任务列表重启受影响的任务。",
		},
		phrases: []string{
			"connection refused", "refused. check that the hostname", "connection to … refused", "connection to … failed", "connection failed", "createlink", "could not be established", "communications link failure", "connection reset", "connection is closed", "connection closed",
			"connection has been closed", "closed connection", "connection is not available", "connection attempt failed", "broken pipe", "no route to host", "network is unreachable", "network error", "network_error", "host unreachable", "host is down",
			"unknownhost", "unknown host", "name or service not known", "nodename nor servname", "temporary failure in name resolution", "no such host", "no resolvable bootstrap",
			"connect timed out", "connection timed out", "connecttimeout", "connection timeout", "connect timeout", "connection attempt timed out", "while waiting to connect", "timed out while waiting for a server",
			"timed out waiting for a node assignment", "failed to connect", "unable to connect", "could not connect", "cannot connect", "can't connect", "couldn't connect", "failed to establish",
			"tcp/ip connection to the host", "mongosocket", "exception opening socket", "broker may not be available", "brokernotavailable", "nodenotavailable", "noserveravailable", "no alive nodes", "networkexception",
			"i/o error occurred while sending to the backend", "failed to read next byte", "failed to read remaining", "unexpected end of stream", "lost connection", "server has gone away",
			"terminating connection", "the database system is", "blocked because of many connection errors", "all_connection_tries_failed",
			"无法连接", "连接失败", "连接异常", "连接超时", "连接被拒绝", "拒绝连接", "连接中断", "连接断开", "连接已断开", "连接不上", "连接不可用", "网络不通", "网络异常", "网络错误", "网络连接", "不可达", "域名解析",
		},
	},
	{
		Reason: Reason{
			Word: "timeout",
			Remedy: "Check load, slow queries and locks of the database or cluster at that time, and the bandwidth of the CKafka instance (Instance > Monitoring); " +
				"restart the task, with smaller batches if it times out again.",
			RemedyChinese: "查看报错时段数据库或集群的负载、慢查询、锁等待，以及 CKafka 实例监控中的带宽；重启任务，若再次超时则调小批量。",
		},
		phrases: []string{
			"timed out", "timeout", "time out", "time-out", "deadline exceeded", "ms has passed since", "commitfailedexception", "max.poll.interval.ms",
			"maxtimemsexpired", "operation exceeded time limit", "超时",
		},
	},
	{
		Reason: Reason{
			Word: "configuration",
			Remedy: "Set at the source what the message names (MySQL: binlog_format=ROW, binlog_row_image=FULL; PostgreSQL: wal_level=logical; MongoDB: a replica set; " +
				"SQL Server: CDC and the Agent on), or correct the task's settings. Then restart the task.",
			RemedyChinese: "按报错修正数据源的配置（MySQL：binlog_format=ROW、binlog_row_image=FULL；PostgreSQL：wal_level=logical；MongoDB：副本集；SQL Server：开启 CDC 与 Agent）或任务参数，然后重启任务。",
		},
		phrases: []string{
			"binlog_format", "binlog_row_image", "row binlog", "binary logging", "not using gtids", "show master status", "show binary log status", "log_bin", "log-bin",
			"wal_level", "logical decoding", "could not access file", "replica identity",
			"only supported on replica sets", "not a replica set", "not a member of a replica set", "without replication enabled",
			"not enabled for cdc", "cdc is not enabled", "do not enable cdc", "change data capture", "sql server agent", "no maximum lsn",
			"configuration is invalid", "configexception", "invalid configuration", "missing required configuration", "must be configured", "not configured", "invalid value",
			"invalidparameter", "unsupported", "not supported",
			"未开启", "未启用", "没有开启", "不支持", "配置错误", "配置有误", "参数错误", "参数不合法", "binlog格式", "binlog 格式",
		},
	},
}

// other is for a message with none of the phrases, such as the mere name of a
// state.
var other = Reason{
	Word: "other",
	Remedy: "Read the message and the steps of the item in the CKafka console (Connector), check the database, cluster or topic that it uses, then restart the task, or the tasks of the connection; " +
		"if it fails again, open a ticket with its ID and the message.",
	RemedyChinese: "在 CKafka 控制台“连接器”查看该任务或连接的报错与步骤，检查其数据源和数据目标，然后重启任务（连接则重启使用它的任务）；若仍失败，带上 ID 和云端报错提交工单。",
}
