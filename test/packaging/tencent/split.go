package main

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// group is a group of rules, in their order.
type group struct {
	Name  string
	Rules []yaml.Node
}

// split returns files by their names. Each has the recording rules or the alerts of
// one group, because TMP takes them in different places.
func split(rules []byte) (map[string][]byte, error) {
	var all struct{ Groups []group }
	decoder := yaml.NewDecoder(bytes.NewReader(rules))
	decoder.KnownFields(true)
	if err := decoder.Decode(&all); err != nil {
		return nil, fmt.Errorf("read the rules: %w", err)
	}
	made := map[string][]byte{}
	for _, whole := range all.Groups {
		for kind, place := range map[string]string{"record": "预聚合 > 新建预聚合", "alert": "告警管理 > 新建告警策略 > YAML 编辑"} {
			part := group{Name: whole.Name + "-" + kind}
			for _, rule := range whole.Rules {
				if rule.Content[0].Value == kind {
					part.Rules = append(part.Rules, *plain(&rule))
				}
			}
			if len(part.Rules) == 0 {
				continue
			}
			text, err := encoded(part, place)
			if err != nil {
				return nil, fmt.Errorf("write %s: %w", part.Name, err)
			}
			made[part.Name+".yml"] = text
		}
	}
	return made, nil
}

// encoded returns a group as a file that says which place of the console takes it.
func encoded(part group, place string) ([]byte, error) {
	var text bytes.Buffer
	text.WriteString("# Made from deploy/prometheus/rules-recommended.yml by make packaging.\n# 由 make packaging 从推荐规则生成：录入 TMP 时可以修改，但不要改这个文件本身。\n# 录入 TMP：" + place + "\n")
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	err := encoder.Encode(part)
	return text.Bytes(), err
}

// plain returns a copy without comments, anchors and aliases: each rule has to make
// sense alone.
func plain(node *yaml.Node) *yaml.Node {
	if node.Alias != nil {
		node = node.Alias
	}
	copied := yaml.Node{Kind: node.Kind, Style: node.Style, Tag: node.Tag, Value: node.Value}
	for _, each := range node.Content {
		copied.Content = append(copied.Content, plain(each))
	}
	return &copied
}
