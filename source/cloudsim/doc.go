// Package cloudsim is a stand-in for Tencent Cloud's CKafka API over real HTTP:
// it checks signatures, regions, quota and paging as the cloud does, lists a
// fleet of connector tasks and connections, hands out the sessions of roles as STS
// and the metadata service do, and breaks in every way a cloud or a network can, on
// request. A demonstration runs on it, and so do the tests.
//
// It must not know its callers: it imports neither the client that it is called
// by nor the vendor's SDK. The wire format is restated here from the vendor's
// API documents, so that one misreading cannot hide on both sides.
//
// It never logs; what was asked of it is told by [Server.Calls].
package cloudsim
