package ckafka

import (
	"errors"
	"net"

	"datahub_exporter/source"
)

// What to do about failures of which more is known than their class.
var (
	clockAdvice = source.Remedy{
		English: "correct this machine's clock: it may be off by at most five minutes",
		Chinese: "校准本机时钟：与标准时间相差不能超过 5 分钟",
	}
	signatureAdvice = source.Remedy{
		English: "the signature does not fit: check that secret_key is that of secret_id, and that nothing on the way, such as a reverse proxy at endpoint, replaces the Host header",
		Chinese: "签名不匹配：检查 secret_key 与 secret_id 是否成对，以及途中（例如 endpoint 处的反向代理）有没有改写 Host 头",
	}
	roleAdvice = source.Remedy{
		English: "check role_arn and external_id, that the role trusts the credential, and that the credential has sts:AssumeRole",
		Chinese: "检查 role_arn 和 external_id 是否正确、角色的信任策略是否允许该凭证扮演、该凭证是否有 sts:AssumeRole 权限",
	}
	podAdvice = source.Remedy{
		English: "check the pod's service account: the role must trust the cluster's identity provider and this account; if the token has expired, Kubernetes no longer renews it, so recreate the pod",
		Chinese: "检查该 Pod 的 ServiceAccount：角色要信任集群的身份提供商和该账号；如果令牌已过期，说明 Kubernetes 没有再续期，重建 Pod",
	}
	durationAdvice = source.Remedy{
		English: "shorten role_duration, or raise the role's maximum session duration in CAM",
		Chinese: "调小 role_duration，或在访问管理（CAM）中调大该角色的最大会话时长",
	}
	stsQuotaAdvice = source.Remedy{
		English: "wait: STS limits how often roles are assumed, and other programs of the account use the quota, too; a longer role_duration needs fewer calls",
		Chinese: "稍等即可：STS 限制扮演角色的频率，该账号的其他程序也占用配额；调大 role_duration 可以减少调用",
	}
	stsServerAdvice = source.Remedy{
		English: "STS or a gateway in front of it fails, not CKafka; if it lasts, contact Tencent Cloud support with the request_id",
		Chinese: "出错的是 STS 或其网关，不是 CKafka；如果持续出现，带上 request_id 向腾讯云提交工单",
	}
	stsWayAdvice = source.Remedy{
		English: "check sts_endpoint, DNS, firewall and proxy (HTTPS_PROXY) on the way to STS; inside a VPC, sts_endpoint may have to be https://sts.internal.tencentcloudapi.com",
		Chinese: "检查到 STS 的网络：sts_endpoint、DNS、防火墙和代理（HTTPS_PROXY）；在 VPC 内 sts_endpoint 可能需要设为 https://sts.internal.tencentcloudapi.com",
	}
	noCredentialAdvice = source.Remedy{
		English: "correct what the error names, or write secret_id and secret_key into the configuration file, set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or bind a role to this machine",
		Chinese: "按错误信息修正，或在配置文件中写 secret_id 和 secret_key，或设置 TENCENTCLOUD_SECRET_ID 和 TENCENTCLOUD_SECRET_KEY，或给本机绑定角色",
	}
	certificateAdvice = source.Remedy{
		English: "if a proxy intercepts TLS, add its CA to this machine's certificates (SSL_CERT_FILE); otherwise check endpoint (sts_endpoint for a role) and clock",
		Chinese: "如果代理会解密 TLS，把代理的 CA 证书加入本机信任列表（SSL_CERT_FILE）；否则检查 endpoint（扮演角色时为 sts_endpoint）和本机时钟",
	}
	proxyAdvice = source.Remedy{
		English: "check HTTPS_PROXY, or HTTP_PROXY for an http:// endpoint: its address and password, and that the proxy allows the API's host; or list that host in NO_PROXY",
		Chinese: "检查 HTTPS_PROXY（http:// 的 endpoint 用 HTTP_PROXY）的地址和密码，并确认代理放行云 API 的域名；或把该域名加入 NO_PROXY",
	}
	nameAdvice = source.Remedy{
		English: "check endpoint and this machine's DNS; inside a VPC, endpoint may have to be https://ckafka.internal.tencentcloudapi.com",
		Chinese: "检查 endpoint 和本机 DNS；在 VPC 内 endpoint 可能需要设为 https://ckafka.internal.tencentcloudapi.com",
	}
)

// networkAdvice returns what to do about an error of the network. It is empty if no
// more is known than its class.
func networkAdvice(err error) source.Remedy {
	if certificateFault(err) != "" {
		return certificateAdvice
	}
	if operation, ok := errors.AsType[*net.OpError](err); ok && operation.Op == "proxyconnect" {
		return proxyAdvice
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return nameAdvice
	}
	return source.Remedy{}
}

// stsAdvice returns what to do about a failure of STS, or on the way to it, to issue a
// session of a role; pod is whether that is the role of a pod.
func stsAdvice(failure *source.Error, pod bool) source.Remedy {
	known := failure.Advice != source.Remedy{}
	switch {
	case failure.Code == "InvalidParameter.OverTimeError":
		return durationAdvice
	case failure.Class == source.Throttled:
		return stsQuotaAdvice
	case failure.Class == source.Server && !failure.Final:
		return stsServerAdvice
	case classOf(failure.Code) == source.Auth && (known || !pod):
		return failure.Advice // it is about the credential, not about the role
	case failure.Code != "" && pod:
		return podAdvice
	case failure.Code != "":
		return roleAdvice
	case known && failure.Advice != nameAdvice:
		return failure.Advice
	}
	return stsWayAdvice
}
