// Package ckafka makes the calls to Tencent Cloud's CKafka API: the SDK signs and sends
// them, and the responses become pages of items and classified errors. It knows neither
// when to call nor what a page is used for.
package ckafka
