package web

// NewDocument is for tests of the document from outside.
var NewDocument = newDocument
