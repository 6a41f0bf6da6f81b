package main

// language is a language of the dashboard.
type language string

const (
	inEnglish language = "en"
	inChinese language = "zh-CN"
)

func languages() []language { return []language{inEnglish, inChinese} }

// text returns the text in this language.
func (in language) text(english, chinese string) string {
	if in == inChinese {
		return chinese
	}
	return english
}

// file returns the name of the shipped file.
func (in language) file() string {
	return in.text("datahub_exporter.json", "datahub_exporter.zh-CN.json")
}
