//go:build race

package source

// underRace is true: sync.Pool drops at random what it is given, so that what the
// tests allocate is not what the program allocates.
const underRace = true
