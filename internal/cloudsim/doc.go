// Package cloudsim is a stand-in for Tencent Cloud's CKafka API over real HTTP. It
// checks signatures, regions, quota and paging as the cloud does, lists a fleet of
// connector tasks and connections, and hands out sessions of roles as STS and the
// metadata service do. On request it fails in every way in which a cloud or a
// network can. The demonstration and the tests run on it.
//
// It must not know its callers: it imports neither the client that calls it nor the
// vendor's SDK. It restates the wire format from the vendor's API documents, so
// that one misreading cannot hide on both sides.
//
// It never logs; [Server.Calls] returns the calls that it has received.
package cloudsim
