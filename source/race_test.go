//go:build race

package source

// underRace: sync.Pool forgets at random what it is given, so that what the tests
// allocate is not what the program allocates.
const underRace = true
