package web

import "datahub_exporter/source"

// words are the texts of the page in one language.
type words struct {
	// Tag is the language, as in the attribute lang; Other is the tag of the other
	// language, and OtherName its name in that language.
	Tag, Other, OtherName string

	Title, Skip                           string
	Search, SearchHint, State             string
	NotRunning, Running, Clear            string
	Sources, Links, Series, Docs, Health  string
	JSON, Updated, Lost, NoScript, Remedy string

	Conditions         map[source.Condition]string
	Kinds, KindPlurals map[string]string // by source.Kind's Name
	Classes            map[source.Class]string
	Reasons            map[string]string // by reason.Reason's Word

	// The column heads.
	Item, Diagnosis string

	// Texts about an item.
	Stalled, NeverCommitted, Lag, Console, Runbook, RunbookPath, Silence string
	Via, Warning, NoName, Code, NoStatus, FromStart, TaskCount           string

	// Texts about the changes.
	Changes, Appeared, Gone, Lasted string

	// Texts about the sources.
	Fresh, Failing, Waiting, Listed, ListedOf, Kept, NothingKnown, Stale string
	Ago, LastSuccess, Never, AllFresh, SomeFail                          string

	// Texts about the lists.
	All, Found, Limit, Behind, AllRunning, NoMatches, NotAllKnown, NoItems string

	Seconds, Minutes, Hours, Days string
}

func english() *words {
	return &words{
		Tag: "en", Other: "zh-CN", OtherName: "中文",
		Title: "CKafka connectors", Skip: "Skip to items that are not running", Sources: "Sources", Search: "Search", SearchHint: "/ name, ID, region, message …", State: "State", Clear: "Clear the filter",
		Links: "Links", Series: "Series", Docs: "Docs", Health: "Health", JSON: "This page as JSON", NotRunning: "Not running", Running: "Running",
		Conditions: map[source.Condition]string{
			source.Failed: "Failed", source.Unknown: "Unknown", source.Paused: "Paused",
			source.Changing: "Changing", source.Running: "Running",
		},
		Kinds:       map[string]string{"task": "task", "connection": "connection"},
		KindPlurals: map[string]string{"task": "tasks", "connection": "connections"},
		Classes: map[source.Class]string{
			source.Throttled: "The API throttles the calls", source.Auth: "The API refuses the credential", source.Permission: "The credential lacks a permission",
			source.Parameter: "The API refuses a parameter", source.Server: "The API fails", source.Network: "The API cannot be reached",
			source.Timeout: "The API does not respond in time", source.Decode: "The response is not from the API",
		},
		Reasons: map[string]string{},
		Item:    "Item", Diagnosis: "What the cloud says, and what to do",
		Remedy: "What to do", Warning: "Warning", NoName: "no name", Via: "via", Code: "code %v", NoStatus: "the API returned no status",
		Stalled: "Running, but nothing committed for %s; %d messages wait (stalled partitions: %d).", NeverCommitted: "Running, but its consumer group has never committed an offset, although there are messages.", Lag: "Lag: %d messages", Console: "Console", Runbook: "Runbook", RunbookPath: "docs/operations.md", Silence: "Silence",
		FromStart: "since before the start", TaskCount: "Tasks: %d",
		Changes: "Changes", Appeared: "new: ", Gone: "no longer listed", Lasted: "after %s",
		Fresh: "up", Failing: "failing", Waiting: "no response yet", Listed: "%d listed", ListedOf: "%d of %v listed", Kept: "%d kept that are missing from the last listing",
		NothingKnown: "nothing is known", Stale: "showing data from then", Ago: "%s ago", LastSuccess: "last success", Never: "no success since the start",
		AllFresh: "all regions up, oldest answer %s ago", SomeFail: "%d of %d refreshes failed",
		All: "%d items", Found: "%d of %d items", Limit: "The first %d of %d are shown. Narrow them with the filter; the JSON has all.",
		Behind: "%d, %d of them behind a failed connection", AllRunning: "All known items are running.", NoMatches: "No items match the filter.",
		NotAllKnown: "Not everything is known: a refresh failed, or has not finished yet.", NoItems: "None known.",
		Updated: "updated", Lost: "The exporter does not respond. This page shows the status at the time below, which may have changed.",
		NoScript: "Without JavaScript the page does not refresh itself.",
		Seconds:  "%d s", Minutes: "%d min", Hours: "%d h %d min", Days: "%d d %d h",
	}
}

func chinese() *words {
	return &words{
		Tag: "zh-CN", Other: "en", OtherName: "English",
		Title: "CKafka 连接器", Skip: "跳到未运行的任务和连接", Sources: "采集状态", Search: "搜索", SearchHint: "/ 名称、ID、地域、报错内容…", State: "状态", Clear: "清除筛选",
		Links: "链接", Series: "监控指标", Docs: "文档", Health: "健康检查", JSON: "本页的 JSON", NotRunning: "未运行", Running: "运行中",
		Conditions: map[source.Condition]string{
			source.Failed: "失败", source.Unknown: "未知", source.Paused: "已暂停",
			source.Changing: "变更中", source.Running: "运行中",
		},
		Kinds:       map[string]string{"task": "任务", "connection": "连接"},
		KindPlurals: map[string]string{"task": "任务", "connection": "连接"},
		Classes: map[source.Class]string{
			source.Throttled: "云 API 限频", source.Auth: "云 API 拒绝了密钥", source.Permission: "密钥缺少权限",
			source.Parameter: "云 API 拒绝了请求参数", source.Server: "云 API 内部出错", source.Network: "无法连接云 API",
			source.Timeout: "云 API 响应超时", source.Decode: "响应内容不是云 API 的格式",
		},
		Reasons: map[string]string{
			"isolated_arrears": "欠费隔离", "position_lost": "续传位点丢失", "conflict": "ID、复制槽或主键冲突", "tls": "TLS 证书问题",
			"quota_or_disk": "资源或配额不足", "access_denied": "账号密码错误或权限不足", "schema_or_conversion": "字段或类型不匹配",
			"object_missing": "对象不存在", "connection_refused": "无法连接", "timeout": "超时", "configuration": "配置不符合要求",
			"other": "其他",
		},
		Item: "任务 / 连接", Diagnosis: "云端报错与处理建议",
		Remedy: "处理建议", Warning: "警告", NoName: "未命名", Via: "连接", Code: "状态码 %v", NoStatus: "接口未返回状态",
		Stalled: "运行中，但已 %s没有提交消费位点，堆积 %d 条消息（停滞分区 %d 个）。", NeverCommitted: "运行中，但消费组从未提交过消费位点，而 Topic 中已有消息。", Lag: "堆积 %d 条消息", Console: "打开控制台", Runbook: "处理手册", RunbookPath: "docs/zh-CN/operations.md", Silence: "静默",
		FromStart: "exporter 启动前至今", TaskCount: "%d 个任务",
		Changes: "状态变化", Appeared: "新增：", Gone: "已不在列表中", Lasted: "此前状态持续 %s",
		Fresh: "正常", Failing: "采集失败", Waiting: "等待首次采集", Listed: "%d 个", ListedOf: "接口报告 %[2]v 个，只列出 %[1]d 个", Kept: "另有 %d 个未出现在最近一次列表中，沿用之前的状态",
		NothingKnown: "当前状态未知", Stale: "页面显示的是当时的状态", Ago: "%s前", LastSuccess: "最近一次成功", Never: "启动后还没有成功过",
		AllFresh: "所有地域采集正常，最旧的是 %s前的", SomeFail: "%[2]d 项采集中有 %[1]d 项失败",
		All: "共 %d 个任务和连接", Found: "共 %[2]d 个，符合条件 %[1]d 个", Limit: "共 %[2]d 个，仅显示前 %[1]d 个。请用筛选缩小范围；JSON 中有全部内容。",
		Behind: "%d 个，其中 %d 个因连接失败", AllRunning: "已知的任务和连接全部在运行。", NoMatches: "没有符合筛选条件的任务或连接。",
		NotAllKnown: "部分状态未知：采集失败，或首次采集尚未完成。", NoItems: "没有已知的任务或连接。",
		Updated: "更新于", Lost: "exporter 没有响应。页面内容停留在下面的更新时间，可能已经变化。",
		NoScript: "未启用 JavaScript，页面不会自动刷新。",
		Seconds:  "%d 秒", Minutes: "%d 分钟", Hours: "%d 小时 %d 分", Days: "%d 天 %d 小时",
	}
}

// chineseNames are the console's names of regions and of types of tasks.
var chineseNames = map[string]string{
	"SOURCE": "数据接入", "SINK": "数据流出",
	"ap-guangzhou": "广州", "ap-shanghai": "上海", "ap-nanjing": "南京", "ap-beijing": "北京", "ap-chengdu": "成都", "ap-chongqing": "重庆",
	"ap-hongkong": "中国香港", "ap-singapore": "新加坡", "ap-jakarta": "雅加达", "ap-seoul": "首尔", "ap-tokyo": "东京", "ap-bangkok": "曼谷",
	"ap-mumbai": "孟买", "eu-frankfurt": "法兰克福", "na-siliconvalley": "硅谷", "na-ashburn": "弗吉尼亚", "na-toronto": "多伦多",
	"sa-saopaulo": "圣保罗", "ap-beijing-fsi": "北京金融", "ap-shanghai-fsi": "上海金融", "ap-shenzhen-fsi": "深圳金融",
}
