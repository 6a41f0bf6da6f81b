package web

import (
	"strings"
	"testing"
)

// An account takes no more places than it leaves free, so that none can keep the
// others out; clients without an account share all places.
func TestPlacesByAccount(t *testing.T) {
	const most = 12
	tests := map[string]struct {
		accounts []string       // each asks until it is refused
		want     map[string]int // places that each has taken
	}{
		"no passwords":       {[]string{"", ""}, map[string]int{"": 12}},
		"one account":        {[]string{"a"}, map[string]int{"a": 6}},
		"two":                {[]string{"a", "b"}, map[string]int{"a": 6, "b": 3}},
		"four":               {[]string{"a", "b", "c", "d"}, map[string]int{"a": 6, "b": 3, "c": 2, "d": 1}},
		"as many as will do": {[]string{"a", "b", "c", "d", "e"}, map[string]int{"a": 6, "b": 3, "c": 2, "d": 1, "e": 0}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			places := &places{most: most, by: map[string]int{}}
			for _, account := range test.accounts {
				var refusal string
				for refusal = places.take(account); refusal == ""; refusal = places.take(account) {
				}
				if full := places.taken == most; strings.Contains(refusal, "more than 12") != full {
					t.Errorf("%q, with %d places taken: %s", account, places.taken, refusal)
				}
			}
			for account, want := range test.want {
				if have := places.by[account]; have != want {
					t.Errorf("%q: want %d places, have %d", account, want, have)
				}
				for range want {
					places.free(account)
				}
			}
			if places.taken != 0 || len(places.by) != 0 {
				t.Errorf("after all: want nothing taken, have %d by %v", places.taken, places.by)
			}
		})
	}
}
