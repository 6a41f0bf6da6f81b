package secret

// ReadWithin is ReadFile with another timeout.
var ReadWithin = readWithin
