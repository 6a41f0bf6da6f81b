package source

// Remedy says what to do about a failure. Both texts are empty where the person
// who runs the exporter can do nothing.
type Remedy struct{ English, Chinese string }

// Remedy returns what the person who runs the exporter can do about e.
func (e *Error) Remedy() Remedy {
	switch {
	case e.Code == signatureExpired:
		return Remedy{
			"set this machine's clock: it must be right to five minutes",
			"校准本机时钟：与标准时间相差不能超过 5 分钟",
		}
	case e.unsigned && e.Code != "":
		return Remedy{
			"check that role_arn and external_id are right, that the role trusts the credential and that this has sts:AssumeRole",
			"检查 role_arn 和 external_id 是否正确、角色的信任策略是否允许该凭证扮演、该凭证是否有 sts:AssumeRole 权限",
		}
	case e.unsigned:
		return Remedy{
			"there is no credential to ask the API with; the line about Watching at the start says in which way it is held",
			"没有可用于调用云 API 的凭证；启动日志中 Watching 一行写明了凭证的来源",
		}
	case certificateFault(e.cause, preparing) != "":
		return Remedy{
			"where a proxy opens TLS connections, add its authority to this machine's certificates (SSL_CERT_FILE); else check endpoint and clock",
			"如果代理会解密 TLS，把代理的 CA 证书加入本机信任列表（SSL_CERT_FILE）；否则检查 endpoint 和本机时钟",
		}
	case e.Class == Server && e.final:
		return remedies[Decode]
	}
	return remedies[e.Class]
}

// remedies are those of the classes.
var remedies = map[Class]Remedy{
	Auth: {
		"check secret_id, secret_key and token in the configuration file; if they are not there, the line about Watching at the start says where the credential comes from",
		"检查配置文件中的 secret_id、secret_key 和 token；如果没有写在文件中，启动日志中 Watching 一行写明了凭证的来源",
	},
	Permission: {
		"grant the user the policy QcloudCkafkaReadOnlyAccess",
		"给该子用户授予 QcloudCkafkaReadOnlyAccess 策略",
	},
	Parameter: {
		"check region and endpoint in the configuration file",
		"检查配置文件中的 region 和 endpoint",
	},
	Throttled: {
		"something else uses up the account's quota too; lower --ckafka.qps or raise --ckafka.min-interval",
		"该账号的接口配额还被其他程序占用；调低 --ckafka.qps，或调大 --ckafka.min-interval",
	},
	Network: {
		"check endpoint, name server, firewall and proxy (HTTPS_PROXY) on the way to the API",
		"检查到云 API 的网络：endpoint、DNS、防火墙和代理（HTTPS_PROXY）",
	},
	Timeout: {
		"the API or the way to it is slow; check endpoint and proxy, or raise --ckafka.timeout and the scrape_timeout with it",
		"云 API 或到它的网络太慢；检查 endpoint 和代理，或调大 --ckafka.timeout，并同时调大 scrape_timeout",
	},
	Decode: {
		"what answers is not the API as it is documented; check endpoint and proxy",
		"返回内容不是云 API 文档中的格式；检查 endpoint 和代理是否指向云 API",
	},
	Server: {
		"the API or a gateway before it fails; if it lasts, ask Tencent Cloud's support, with the request_id",
		"云 API 或其网关内部出错；如果持续出现，带上 request_id 向腾讯云提工单",
	},
}
