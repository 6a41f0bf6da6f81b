// Package ckafka makes the calls to Tencent Cloud's CKafka API: the SDK signs and sends
// them, and what it gets becomes pages of items and classified errors. It knows neither
// when to call nor what becomes of a page.
package ckafka
