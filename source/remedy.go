package source

import (
	"errors"
	"net"
)

// Remedy says what to do about a failure. Both texts are empty if the person who
// runs the exporter can do nothing.
type Remedy struct{ English, Chinese string }

// Remedy returns what the person who runs the exporter can do about e.
func (e *Error) Remedy() Remedy {
	switch {
	case e.Code == signatureExpired:
		return Remedy{
			"correct this machine's clock: it may be off by at most five minutes",
			"校准本机时钟：与标准时间相差不能超过 5 分钟",
		}
	case e.unsigned && e.Code != "":
		return Remedy{
			"check role_arn and external_id, that the role trusts the credential, and that the credential has sts:AssumeRole",
			"检查 role_arn 和 external_id 是否正确、角色的信任策略是否允许该凭证扮演、该凭证是否有 sts:AssumeRole 权限",
		}
	case e.unsigned:
		return Remedy{
			"correct what the error names, or write secret_id and secret_key into the configuration file, set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or bind a role to this machine",
			"按错误信息修正，或在配置文件中写 secret_id 和 secret_key，或设置 TENCENTCLOUD_SECRET_ID 和 TENCENTCLOUD_SECRET_KEY，或给本机绑定角色",
		}
	case certificateFault(e.cause) != "":
		return Remedy{
			"if a proxy intercepts TLS, add its CA to this machine's certificates (SSL_CERT_FILE); otherwise check endpoint and clock",
			"如果代理会解密 TLS，把代理的 CA 证书加入本机信任列表（SSL_CERT_FILE）；否则检查 endpoint 和本机时钟",
		}
	case e.byProxy():
		return Remedy{
			"check HTTPS_PROXY, or HTTP_PROXY for an http:// endpoint: its address and password, and that the proxy allows the API's host; or list that host in NO_PROXY",
			"检查 HTTPS_PROXY（http:// 的 endpoint 用 HTTP_PROXY）的地址和密码，并确认代理放行云 API 的域名；或把该域名加入 NO_PROXY",
		}
	case e.unresolved():
		return Remedy{
			"check endpoint and this machine's DNS; inside a VPC, endpoint may have to be https://ckafka.internal.tencentcloudapi.com",
			"检查 endpoint 和本机 DNS；在 VPC 内 endpoint 可能需要设为 https://ckafka.internal.tencentcloudapi.com",
		}
	case e.Class == Server && e.final:
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
		"check region and endpoint in the configuration file",
		"检查配置文件中的 region 和 endpoint",
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
		"the API or the network to it is slow; check endpoint and proxy, or raise --ckafka.timeout and scrape_timeout with it",
		"云 API 或到它的网络太慢；检查 endpoint 和代理，或调大 --ckafka.timeout，并同时调大 scrape_timeout",
	},
	Decode: {
		"the response is not in the API's documented format; check endpoint and proxy",
		"返回内容不是云 API 文档中的格式；检查 endpoint 和代理是否指向云 API",
	},
	Server: {
		"the API or a gateway in front of it fails; if it lasts, contact Tencent Cloud support with the request_id",
		"云 API 或其网关内部出错；如果持续出现，带上 request_id 向腾讯云提工单",
	},
}

// byProxy reports whether the failure is that of a proxy, or of the connection to
// it.
func (e *Error) byProxy() bool {
	if e.proxied {
		return true
	}
	operation, ok := errors.AsType[*net.OpError](e.cause)
	return ok && operation.Op == "proxyconnect"
}

// unresolved reports whether a host name could not be resolved.
func (e *Error) unresolved() bool {
	_, ok := errors.AsType[*net.DNSError](e.cause)
	return ok
}
