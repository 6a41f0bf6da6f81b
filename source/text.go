package source

import "datahub_exporter/textline"

// cleanLine makes a text that the API sent fit for a log or a label.
func cleanLine(text string) string { return textline.Clean(text) }
