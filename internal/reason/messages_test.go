package reason_test

// messages are what real servers, drivers and connectors say, with names and
// addresses changed.
var messages = []struct{ word, message string }{
	// MySQL, MariaDB, TDSQL and their Debezium connector.
	{"access_denied", "Access denied for user 'datahub'@'10.12.3.21' (using password: YES)"},
	{"access_denied", "java.sql.SQLSyntaxErrorException: Access denied for user 'datahub'@'%' to database 'shop'"},
	{"access_denied", "SELECT command denied to user 'datahub'@'10.12.3.21' for table 'orders'"},
	{"access_denied", "Access denied; you need (at least one of) the SUPER, REPLICATION CLIENT privilege(s) for this operation Error code: 1227; SQLSTATE: 42000."},
	{"access_denied", "Access denied; you need (at least one of) the REPLICATION SLAVE privilege(s) for this operation Error code: 1227; SQLSTATE: 42000."},
	{"access_denied", "null,  message from server: \"Host '10.12.3.21' is not allowed to connect to this MySQL server\""},
	{"access_denied", "java.sql.SQLNonTransientConnectionException: Public Key Retrieval is not allowed"},
	{"access_denied", "Unable to load authentication plugin 'caching_sha2_password'."},
	{"connection_refused", "null,  message from server: \"Host '10.12.3.21' is blocked because of many connection errors; unblock with 'mysqladmin flush-hosts'\""},
	{"connection_refused", "com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure\n\nThe last packet sent successfully to the server was 0 milliseconds ago. The driver has not received any packets from the server."},
	{"connection_refused", "java.io.IOException: Failed to connect to MySQL on 10.12.3.8:3306. Please make sure it's running."},
	{"connection_refused", "java.io.EOFException: Failed to read next byte from position 93021456"},
	{"connection_refused", "java.io.EOFException: Failed to read remaining 28 of 36 bytes from position 258280448. Block length: 210. Initial block length: 210."},
	{"connection_refused", "Unable to connect: Communications link failure"},
	{"position_lost", "io.debezium.DebeziumException: The connector is trying to read binlog starting at SourceInfo [currentGtid=null, currentBinlogFilename=mysql-bin.000054, currentBinlogPosition=95437458, currentRowNumber=0, serverId=0, sourceTime=null, threadId=-1, currentQuery=null, tableIds=[], databaseName=null], but this is no longer available on the server. Reconfigure the connector to use a snapshot when needed."},
	{"position_lost", "Could not find first log file name in binary log index file Error code: 1236; SQLSTATE: HY000."},
	{"position_lost", "The slave is connecting using CHANGE MASTER TO MASTER_AUTO_POSITION = 1, but the master has purged binary logs containing GTIDs that the slave requires. Error code: 1236; SQLSTATE: HY000."},
	{"position_lost", "Cannot replicate because the master purged required binary logs. Replicate the missing transactions from elsewhere, or provision a new slave from backup."},
	{"position_lost", "Client requested master to start replication from impossible position; the first event 'mysql-bin.000003' at 1073742, the last event read from '/data/mysql-bin.000003' at 4"},
	{"position_lost", "Error: connecting slave requested to start from GTID 0-1-3342, which is not in the master's binlog. Since the master's binlog contains GTIDs with higher sequence numbers, it probably means that the slave has diverged due to executing extra erroneous transactions"},
	{"position_lost", "io.debezium.DebeziumException: The db history topic or its content is fully or partially missing. Please check database schema history topic configuration and re-execute the snapshot."},
	{"conflict", "A slave with the same server_uuid/server_id as this slave has connected to the master; the first event 'mysql-bin.000012' at 4, the last event read from './mysql-bin.000012' at 120"},
	{"conflict", "java.sql.BatchUpdateException: Duplicate entry '10086' for key 'orders.PRIMARY'"},
	{"configuration", "The MySQL server is not configured to use a ROW binlog_format, which is required for this connector to work properly. Change the MySQL configuration to use a binlog_format=ROW and restart the connector."},
	{"configuration", "The MySQL server is not configured to use a FULL binlog_row_image, which is required for this connector to work properly. Change the MySQL configuration to use a binlog_row_image=FULL and restart the connector."},
	{"configuration", "Cannot read the binlog filename and position via 'SHOW MASTER STATUS'. Make sure your server is correctly configured"},
	{"schema_or_conversion", "io.debezium.DebeziumException: Encountered change event for table shop.orders whose schema isn't known to this connector"},
	{"schema_or_conversion", "io.debezium.text.ParsingException: DDL statement couldn't be parsed. Please open a Jira issue with the statement 'ALTER TABLE orders ...'\nno viable alternative at input 'ALTER TABLE'"},
	{"schema_or_conversion", "Data truncation: Data too long for column 'remark' at row 1"},
	{"schema_or_conversion", "java.sql.SQLException: Incorrect string value: '\\xF0\\x9F\\x9A\\x9A' for column 'name' at row 1"},
	{"schema_or_conversion", "java.sql.SQLSyntaxErrorException: Unknown column 'coupon_id' in 'field list'"},
	{"schema_or_conversion", "Column 'user_id' cannot be null"},
	{"object_missing", "java.sql.SQLSyntaxErrorException: Unknown database 'shop'"},
	{"object_missing", "Table 'shop.orders' doesn't exist"},
	{"quota_or_disk", "java.sql.SQLException: The table 'orders' is full"},
	{"quota_or_disk", "Data source rejected establishment of connection,  message from server: \"Too many connections\""},
	{"quota_or_disk", "Got a packet bigger than 'max_allowed_packet' bytes"},
	{"timeout", "com.mysql.cj.jdbc.exceptions.MySQLTransactionRollbackException: Lock wait timeout exceeded; try restarting transaction"},
	{"timeout", "io.debezium.jdbc.JdbcConnectionException: java.net.SocketTimeoutException: Read timed out"},
	{"tls", "Connections using insecure transport are prohibited while --require_secure_transport=ON."},

	// PostgreSQL and its Debezium connector.
	{"access_denied", "org.postgresql.util.PSQLException: FATAL: password authentication failed for user \"datahub\""},
	{"access_denied", "FATAL: no pg_hba.conf entry for replication connection from host \"10.12.3.21\", user \"datahub\", SSL off"},
	{"access_denied", "org.postgresql.util.PSQLException: ERROR: must be superuser or replication role to use replication slots"},
	{"access_denied", "ERROR: permission denied for table orders"},
	{"access_denied", "FATAL: role \"datahub\" does not exist"},
	{"position_lost", "org.postgresql.util.PSQLException: ERROR: requested WAL segment 00000001000000A50000003C has already been removed"},
	{"position_lost", "ERROR: can no longer get changes from replication slot \"datahub_orders\"\n  Detail: This slot has been invalidated because it exceeded the maximum reserved size."},
	{"position_lost", "org.postgresql.util.PSQLException: ERROR: replication slot \"datahub_orders\" does not exist"},
	{"conflict", "ERROR: replication slot \"datahub_orders\" is active for PID 12345"},
	{"conflict", "ERROR: duplicate key value violates unique constraint \"orders_pkey\"\n  Detail: Key (id)=(10086) already exists."},
	{"configuration", "ERROR: logical decoding requires wal_level >= logical"},
	{"configuration", "io.debezium.DebeziumException: Postgres server wal_level property must be 'logical' but is: 'replica'"},
	{"configuration", "ERROR: could not access file \"decoderbufs\": No such file or directory"},
	{"quota_or_disk", "ERROR: all replication slots are in use\n  Hint: Free one or increase max_replication_slots."},
	{"quota_or_disk", "FATAL: remaining connection slots are reserved for non-replication superuser connections"},
	{"quota_or_disk", "FATAL: sorry, too many clients already"},
	{"quota_or_disk", "ERROR: could not extend file \"base/16385/24601\": No space left on device"},
	{"connection_refused", "Connection to 10.12.4.17:5432 refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections."},
	{"connection_refused", "org.postgresql.util.PSQLException: FATAL: the database system is starting up"},
	{"connection_refused", "FATAL: terminating connection due to administrator command"},
	{"connection_refused", "org.postgresql.util.PSQLException: An I/O error occurred while sending to the backend."},
	{"object_missing", "ERROR: relation \"public.orders\" does not exist"},
	{"object_missing", "FATAL: database \"shop\" does not exist"},
	{"object_missing", "ERROR: publication \"dbz_publication\" does not exist"},
	{"schema_or_conversion", "ERROR: column \"coupon_id\" of relation \"orders\" does not exist"},
	{"schema_or_conversion", "ERROR: invalid input syntax for type integer: \"abc\""},
	{"schema_or_conversion", "ERROR: value too long for type character varying(32)"},
	{"timeout", "ERROR: canceling statement due to statement timeout"},
	{"tls", "org.postgresql.util.PSQLException: The server does not support SSL."},

	// MongoDB and its Debezium connector.
	{"position_lost", "Command failed with error 286 (ChangeStreamHistoryLost): 'PlanExecutor error during aggregation :: caused by :: Resume of change stream was not possible, as the resume point may no longer be in the oplog.' on server 10.12.5.3:27017"},
	{"position_lost", "org.apache.kafka.connect.errors.ConnectException: ResumeToken not found. Cannot create a change stream cursor"},
	{"position_lost", "Command failed with error 280 (ChangeStreamFatalError): 'cannot resume stream; the resume token was not found. {_data: \"8261\"}'"},
	{"access_denied", "Exception authenticating MongoCredential{mechanism=SCRAM-SHA-1, userName='datahub', source='admin', password=<hidden>, mechanismProperties=<hidden>}"},
	{"access_denied", "Command failed with error 13 (Unauthorized): 'not authorized on admin to execute command { aggregate: 1 }' on server 10.12.5.3:27017"},
	{"access_denied", "Timed out after 30000 ms while waiting to connect. Client view of cluster state is {type=UNKNOWN, servers=[{address=10.12.5.3:27017, type=UNKNOWN, state=CONNECTING, exception={com.mongodb.MongoSecurityException: Exception authenticating MongoCredential{userName='datahub'}}, caused by {com.mongodb.MongoCommandException: Command failed with error 18 (AuthenticationFailed)}}]"},
	{"connection_refused", "Timed out after 30000 ms while waiting to connect. Client view of cluster state is {type=UNKNOWN, servers=[{address=10.12.5.3:27017, type=UNKNOWN, state=CONNECTING, exception={com.mongodb.MongoSocketOpenException: Exception opening socket}, caused by {java.net.ConnectException: Connection refused (Connection refused)}}]"},
	{"connection_refused", "com.mongodb.MongoTimeoutException: Timed out while waiting for a server that matches ReadPreferenceServerSelector{readPreference=primary}. Client view of cluster state is {type=REPLICA_SET, servers=[]}"},
	{"configuration", "Command failed with error 40573 (Location40573): 'The $changeStream stage is only supported on replica sets' on server 10.12.5.3:27017"},
	{"conflict", "Write error: WriteError{code=11000, message='E11000 duplicate key error collection: shop.orders index: _id_ dup key: { _id: 1 }'}"},
	{"timeout", "Command failed with error 50 (MaxTimeMSExpired): 'operation exceeded time limit' on server 10.12.5.3:27017"},
	{"quota_or_disk", "Command failed with error 10334 (BSONObjectTooLarge): 'BSONObj size: 17825792 (0x1100000) is invalid. Size must be between 0 and 16793600(16MB)'"},

	// SQL Server and its Debezium connector.
	{"access_denied", "com.microsoft.sqlserver.jdbc.SQLServerException: Login failed for user 'datahub'. ClientConnectionId:8f3c1a52"},
	{"access_denied", "The SELECT permission was denied on the object 'change_tables', database 'shop', schema 'cdc'."},
	{"connection_refused", "The TCP/IP connection to the host 10.12.6.9, port 1433 has failed. Error: \"connect timed out. Verify the connection properties.\""},
	{"configuration", "The database 'shop' is not enabled for Change Data Capture. Ensure that the correct database context is set and retry the operation."},
	{"configuration", "SqlServer database shop do not enable cdc."},
	{"configuration", "No maximum LSN recorded in the database; please ensure that the SQL Server Agent is running"},
	{"position_lost", "An insufficient number of arguments were supplied for the procedure or function cdc.fn_cdc_get_all_changes_ ... ."},
	{"object_missing", "Invalid object name 'cdc.lsn_time_mapping'."},
	{"object_missing", "Cannot open database \"shop\" requested by the login. The login failed. ClientConnectionId:8f3c1a52"},
	{"quota_or_disk", "The transaction log for database 'shop' is full due to 'LOG_BACKUP'."},
	{"tls", "The driver could not establish a secure connection to SQL Server by using Secure Sockets Layer (SSL) encryption. Error: \"PKIX path building failed\"."},
	{"schema_or_conversion", "String or binary data would be truncated in table 'shop.dbo.orders', column 'remark'."},

	// Kafka and Kafka Connect.
	{"access_denied", "org.apache.kafka.common.errors.TopicAuthorizationException: Not authorized to access topics: [orders]"},
	{"access_denied", "org.apache.kafka.common.errors.SaslAuthenticationException: Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256"},
	{"access_denied", "org.apache.kafka.common.errors.GroupAuthorizationException: Not authorized to access group: connect-orders"},
	{"tls", "org.apache.kafka.common.errors.SslAuthenticationException: SSL handshake failed"},
	{"object_missing", "org.apache.kafka.common.errors.UnknownTopicOrPartitionException: This server does not host this topic-partition."},
	{"object_missing", "org.apache.kafka.common.errors.TimeoutException: Topic orders not present in metadata after 60000 ms."},
	{"position_lost", "org.apache.kafka.clients.consumer.OffsetOutOfRangeException: Fetch position FetchPosition{offset=18273} is out of range for partition orders-0"},
	{"quota_or_disk", "org.apache.kafka.common.errors.RecordTooLargeException: The message is 1343817 bytes when serialized which is larger than 1048576, which is the value of the max.request.size configuration."},
	{"timeout", "org.apache.kafka.common.errors.TimeoutException: Expiring 12 record(s) for orders-0:120000 ms has passed since batch creation"},
	{"timeout", "org.apache.kafka.clients.consumer.CommitFailedException: Offset commit cannot be completed since the consumer is not part of an active group for auto partition assignment; it is likely that the consumer was kicked out of the group."},
	{"connection_refused", "org.apache.kafka.common.errors.TimeoutException: Timed out waiting for a node assignment. Call: listTopics"},
	{"connection_refused", "org.apache.kafka.common.config.ConfigException: No resolvable bootstrap urls given in bootstrap.servers"},
	{"connection_refused", "Connection to node -1 (/10.12.3.8:9092) could not be established. Broker may not be available."},
	{"schema_or_conversion", "org.apache.kafka.connect.errors.DataException: JsonConverter with schemas.enable requires \"schema\" and \"payload\" fields and may not contain additional fields. If you are trying to deserialize plain JSON data, set schemas.enable=false in your converter configuration."},
	{"schema_or_conversion", "org.apache.kafka.common.errors.SerializationException: Unknown magic byte!"},
	{"schema_or_conversion", "org.apache.kafka.connect.errors.ConnectException: Table \"orders\" is missing fields ([SinkRecordField{schema=Schema{STRING}, name='note', isPrimaryKey=false}]) and auto-evolution is disabled"},
	{"object_missing", "org.apache.kafka.connect.errors.ConnectException: Table \"orders\" is missing and auto-creation is disabled"},
	{"configuration", "Connector configuration is invalid and contains the following 1 error(s):\nA value is required\nYou can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`"},
	{"access_denied", "Connector configuration is invalid and contains the following 1 error(s):\nUnable to connect: Access denied for user 'datahub'@'10.12.3.21' (using password: YES)"},

	// Elasticsearch and its sink.
	{"quota_or_disk", "Bulk request failed: [{\"type\":\"cluster_block_exception\",\"reason\":\"blocked by: [FORBIDDEN/12/index read-only / allow delete (api)];\"}]"},
	{"quota_or_disk", "index [orders] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];"},
	{"quota_or_disk", "Validation Failed: 1: this action would add [2] shards, but this cluster currently has [3000]/[3000] maximum normal shards open;"},
	{"quota_or_disk", "{\"type\":\"circuit_breaking_exception\",\"reason\":\"[parent] Data too large, data for [<http_request>] would be [2087772160/1.9gb], which is larger than the limit of [2040109465/1.8gb]\"}"},
	{"quota_or_disk", "{\"type\":\"es_rejected_execution_exception\",\"reason\":\"rejected execution of coordinating operation\"}"},
	{"quota_or_disk", "{\"type\":\"illegal_argument_exception\",\"reason\":\"Limit of total fields [1000] has been exceeded while adding new fields [1]\"}"},
	{"schema_or_conversion", "{\"type\":\"mapper_parsing_exception\",\"reason\":\"failed to parse field [price] of type [long] in document with id '10086'\"}"},
	{"schema_or_conversion", "{\"type\":\"strict_dynamic_mapping_exception\",\"reason\":\"mapping set to strict, dynamic introduction of [note] within [_doc] is not allowed\"}"},
	{"object_missing", "{\"type\":\"index_not_found_exception\",\"reason\":\"no such index [orders]\"}"},
	{"object_missing", "[{\"type\":\"index_closed_exception\",\"reason\":\"closed\",\"index\":\"orders-2024.11\"}]"},
	{"access_denied", "{\"type\":\"security_exception\",\"reason\":\"action [indices:data/write/bulk[s]] is unauthorized for user [datahub] on indices [orders]\"}"},
	{"access_denied", "{\"type\":\"security_exception\",\"reason\":\"unable to authenticate user [datahub] for REST request [/]\"}"},
	{"conflict", "{\"type\":\"version_conflict_engine_exception\",\"reason\":\"[10086]: version conflict, current version [3] is higher or equal to the one provided [2]\"}"},
	{"timeout", "org.apache.kafka.connect.errors.ConnectException: Flush timeout expired with unflushed records: 1817"},
	{"connection_refused", "java.net.UnknownHostException: es-k9p2w6ed.internal: Name or service not known"},
	{"connection_refused", "org.apache.http.ConnectionClosedException: Connection is closed"},

	// ClickHouse and its sink.
	{"quota_or_disk", "Code: 241. DB::Exception: Memory limit (total) exceeded: would use 28.11 GiB (attempt to allocate chunk of 4502728 bytes), maximum: 27.94 GiB. (MEMORY_LIMIT_EXCEEDED)"},
	{"quota_or_disk", "Code: 252. DB::Exception: Too many parts (300). Merges are processing significantly slower than inserts. (TOO_MANY_PARTS)"},
	{"quota_or_disk", "Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. (NOT_ENOUGH_SPACE)"},
	{"quota_or_disk", "Code: 202. DB::Exception: Too many simultaneous queries. Maximum: 100. (TOO_MANY_SIMULTANEOUS_QUERIES)"},
	{"object_missing", "Code: 60. DB::Exception: Table dwd.orders doesn't exist. (UNKNOWN_TABLE)"},
	{"object_missing", "Code: 81. DB::Exception: Database dwd doesn't exist. (UNKNOWN_DATABASE)"},
	{"access_denied", "Code: 516. DB::Exception: datahub: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)"},
	{"access_denied", "Code: 497. DB::Exception: datahub: Not enough privileges. To execute this query, it's necessary to have the grant INSERT(id, name) ON dwd.orders. (ACCESS_DENIED)"},
	{"schema_or_conversion", "Code: 53. DB::Exception: Cannot convert string abc to type UInt64. (TYPE_MISMATCH)"},
	{"schema_or_conversion", "Code: 16. DB::Exception: No such column coupon_id in table dwd.orders. (NO_SUCH_COLUMN_IN_TABLE)"},
	{"schema_or_conversion", "Code: 27. DB::Exception: Cannot parse input: expected '\\t' before: '[error' (CANNOT_PARSE_INPUT_ASSERTION_FAILED)"},
	{"timeout", "Code: 159. DB::Exception: Timeout exceeded: elapsed 30.2 seconds, maximum: 30. (TIMEOUT_EXCEEDED)"},
	{"connection_refused", "Code: 210. DB::NetException: Connection refused (10.12.7.2:9000). (NETWORK_ERROR)"},

	// What the CKafka console shows, according to the vendor's FAQ, and similar
	// messages in Chinese.
	{"access_denied", "Connection to 10.12.3.8 failed. Check whether the username and password are correct"},
	{"connection_refused", "Connection failed. Check whether the port is opened"},
	{"connection_refused", "createLink fail"},
	{"object_missing", "The table orders does not exist in the database"},
	{"object_missing", "The source CKafka instance does not exist"},
	{"object_missing", "The target CKafka instance does not exist"},
	{"access_denied", "Access denied for user 'datahub'@'10.12.3.21' (using password: YES), 需要 REPLICATION SLAVE, REPLICATION CLIENT 权限"},
	{"access_denied", "连接数据库失败，请检查用户名和密码是否正确"},
	{"access_denied", "账号没有 REPLICATION SLAVE 权限"},
	{"connection_refused", "连接失败，请检查端口是否开放"},
	{"connection_refused", "网络不通，请检查安全组"},
	{"object_missing", "目标 Topic 不存在"},
	{"object_missing", "源 CKafka 实例不存在"},
	{"position_lost", "binlog 文件 mysql-bin.000054 已被清理，任务无法续传"},
	{"isolated_arrears", "实例已欠费隔离"},
	{"isolated_arrears", "FailedOperation: instance is isolated"},
	{"quota_or_disk", "磁盘空间不足，实例已锁定"},
	{"quota_or_disk", "任务数已达上限"},
	{"timeout", "任务启动超时"},
	{"schema_or_conversion", "消息解析失败：不是合法的 JSON 格式"},
	{"configuration", "源库未开启 binlog"},
	{"tls", "证书已过期"},

	// Messages that say nothing: a state, a step, something unforeseen.
	{"other", ""},
	{"other", " "},
	{"other", "RUNNING"},
	{"other", "运行中"},
	{"other", "创建失败"},
	{"other", "FAILED"},
	{"other", "java.lang.NullPointerException"},
	{"other", "Internal error, please try again later"},
	{"other", "内部错误"},
}

// traces are stack traces, in which the innermost cause with a phrase counts.
var traces = []struct{ word, message string }{
	{"connection_refused", `org.apache.kafka.connect.errors.ConnectException: Could not obtain a replication connection
	at io.debezium.connector.postgresql.PostgresConnectorTask.start(PostgresConnectorTask.java:126)
Caused by: org.postgresql.util.PSQLException: Connection to 10.12.4.17:5432 refused.`},
	{"quota_or_disk", `org.apache.kafka.connect.errors.ConnectException: Exiting WorkerSinkTask due to unrecoverable exception.
	at org.apache.kafka.connect.runtime.WorkerSinkTask.deliverMessages(WorkerSinkTask.java:628)
	at org.apache.kafka.connect.runtime.isolation.Plugins.lambda$withClassLoader$1(Plugins.java:181)
Caused by: java.lang.RuntimeException: Topic: [orders]
	at com.clickhouse.kafka.connect.sink.ClickHouseSinkTask.put(ClickHouseSinkTask.java:68)
Caused by: com.clickhouse.client.ClickHouseException: Code: 241. DB::Exception: Memory limit (total) exceeded: would use 7.21 GiB
	... 12 more`},
	{"schema_or_conversion", `org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler
	at org.apache.kafka.connect.runtime.errors.RetryWithToleranceOperator.execAndHandleError(RetryWithToleranceOperator.java:230)
Caused by: org.apache.kafka.connect.errors.DataException: Converting byte[] to Kafka Connect data failed due to serialization error:
Caused by: com.fasterxml.jackson.core.JsonParseException: Unrecognized token 'hello': was expecting ('true', 'false' or 'null')`},
	// The inner cause says nothing, so the outer one counts.
	{"connection_refused", `Communications link failure
Caused by: java.lang.RuntimeException: null
	at com.mysql.cj.protocol.a.NativeProtocol.readMessage(NativeProtocol.java:539)`},
	// A frame's names do not count as words of a cause.
	{"other", `java.lang.NullPointerException
	at org.example.TimeoutException.unauthorized(ConnectTimeout.java:12)`},
	{"other", "java.lang.NullPointerException at java.util.concurrent.TimeoutException.timeout(TimeoutException.java:12) at a.Quota.quota(Native Method)"},
	// The cause within a failed connection is that access is denied.
	{"access_denied", `org.apache.kafka.connect.errors.ConnectException: Unable to connect: Communications link failure
Caused by: java.sql.SQLException: Access denied for user 'datahub'@'%' (using password: YES)`},
}
