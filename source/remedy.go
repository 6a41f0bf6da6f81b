package source

// Remedy says what to do about a failure. Both texts are empty if the person who
// runs the exporter can do nothing.
type Remedy struct{ English, Chinese string }

// Remedy returns what the person who runs the exporter can do about e.
func (e *Error) Remedy() Remedy {
	switch {
	case e.Advice != Remedy{}:
		return e.Advice
	case e.Class == Server && e.Final:
		return remedies[Decode]
	}
	return remedies[e.Class]
}

// remedies has the remedy of each class.
var remedies = map[Class]Remedy{
	Auth: {
		"check secret_id, secret_key and token in the configuration file; if they are not there, the log line Watching at startup says where the credential comes from",
		"检查配置文件中的 secret_id、secret_key 和 token；如果没有写在文件中，启动日志中 Watching 一行写明了凭证的来源",
	},
	Permission: {
		"grant the user the policy QcloudCkafkaReadOnlyAccess",
		"给该子用户授予 QcloudCkafkaReadOnlyAccess 策略",
	},
	Parameter: {
		"check region and endpoint in the configuration file; if the message names another parameter, contact Tencent Cloud support with the request_id",
		"检查配置文件中的 region 和 endpoint；如果报错指出的是其他参数，带上 request_id 向腾讯云提交工单",
	},
	Throttled: {
		"other callers use the account's quota, too; lower --ckafka.qps or raise --ckafka.min-interval",
		"该账号的接口配额还被其他程序占用；调低 --ckafka.qps，或调大 --ckafka.min-interval",
	},
	Network: {
		"check endpoint, DNS, firewall and proxy (HTTPS_PROXY) on the way to the API",
		"检查到云 API 的网络：endpoint、DNS、防火墙和代理（HTTPS_PROXY）",
	},
	Timeout: {
		"no complete response arrived in time; check endpoint, firewall and proxy, or if the API is only slow, raise --ckafka.timeout and scrape_timeout with it",
		"规定时间内没有收到完整的响应；检查 endpoint、防火墙和代理；如果云 API 只是响应慢，调大 --ckafka.timeout，并同时调大 scrape_timeout",
	},
	Decode: {
		"the response is not in the API's documented format; check endpoint and proxy",
		"返回内容不是云 API 文档中的格式；检查 endpoint 和代理是否指向云 API",
	},
	Server: {
		"the API or a gateway in front of it fails; if it lasts, contact Tencent Cloud support with the request_id",
		"云 API 或其网关内部出错；如果持续出现，带上 request_id 向腾讯云提交工单",
	},
}
