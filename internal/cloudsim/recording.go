package cloudsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// longestRecorded is the maximum number of bytes of a recorded response: twice the
// limit for a response, because it is indented.
const longestRecorded = 4 << 20

// recordedName matches the name of a file of a recording: account, region, action
// and offset.
var recordedName = regexp.MustCompile(`^account-([1-9][0-9]{0,4})_([a-z][a-z0-9-]{1,31})_(Describe[A-Za-z]{1,40})_([0-9]{1,9})\.json$`)

// A Recording holds recorded responses of the API. A [Server] that has it as its
// Fleet serves them once Always has set its Fault for all calls. Accounts returns
// the credentials to use.
type Recording struct {
	accounts map[int]map[string]bool // their regions, by account number
	pages    map[recordedCall][]byte
}

// recordedCall is the call that a recorded response belongs to.
type recordedCall struct {
	account        int
	region, action string
	offset         int
}

// A RecordedAccount is an account whose responses are in a recording.
type RecordedAccount struct {
	// Name is the name in the recording, such as account-1.
	Name string
	// SecretID and SecretKey are the credential to call as that account.
	SecretID, SecretKey string
	// Regions are the recorded regions, in alphabetical order.
	Regions []string
}

// LoadRecording reads a recording. All files in the folder must belong to it,
// except those whose names begin with a dot.
func LoadRecording(folder fs.FS) (*Recording, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, err
	}
	r := &Recording{accounts: map[int]map[string]bool{}, pages: map[recordedCall][]byte{}}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		if err := r.load(folder, entry); err != nil {
			return nil, fmt.Errorf("file %s: %w", entry.Name(), err)
		}
	}
	if len(r.pages) == 0 {
		return nil, errors.New("it holds no recorded answer; name a folder that --check.record has filled")
	}
	return r, nil
}

func (r *Recording) load(folder fs.FS, entry fs.DirEntry) error {
	match := recordedName.FindStringSubmatch(entry.Name())
	info, err := entry.Info()
	switch {
	case match == nil:
		return errors.New("has not the name of a recorded answer, such as account-1_ap-guangzhou_DescribeDatahubTasks_0.json; remove it")
	case err != nil:
		return err
	case !info.Mode().IsRegular() || info.Size() > longestRecorded:
		return fmt.Errorf("is not a regular file of %d MiB at the most", longestRecorded>>20)
	}
	text, err := fs.ReadFile(folder, entry.Name())
	if err != nil {
		return err
	}
	var body bytes.Buffer
	if json.Compact(&body, text) != nil {
		return errors.New("is not JSON")
	}
	account, _ := strconv.Atoi(match[1]) // the pattern allows only digits
	offset, _ := strconv.Atoi(match[4])
	r.pages[recordedCall{account, match[2], match[3], offset}] = body.Bytes()
	if r.accounts[account] == nil {
		r.accounts[account] = map[string]bool{}
	}
	r.accounts[account][match[2]] = true
	return nil
}

// Accounts returns the accounts in the order of their numbers.
func (r *Recording) Accounts() []RecordedAccount {
	var accounts []RecordedAccount
	for _, number := range slices.Sorted(maps.Keys(r.accounts)) {
		name := fmt.Sprintf("account-%d", number)
		accounts = append(accounts, RecordedAccount{
			Name: name, SecretID: "recorded-" + name, SecretKey: "recorded-secret-key",
			Regions: slices.Sorted(maps.Keys(r.accounts[number])),
		})
	}
	return accounts
}

// Items implements [Fleet]. It knows the regions and leaves the responses to Fault.
func (r *Recording) Items(_, region string, _ time.Time) (items []Item, known bool) {
	for _, regions := range r.accounts {
		known = known || regions[region]
	}
	return nil, known
}

// Fault responds with what was recorded for the calling account. For a page that
// was not recorded it sends the first one without its items.
func (r *Recording) Fault(a *Answer) {
	account, _ := strconv.Atoi(strings.TrimPrefix(a.SecretID, "recorded-account-"))
	call := recordedCall{account, a.Call.Region, a.Call.Action, a.Call.Offset}
	body, recorded := r.pages[call]
	if !recorded {
		call.offset = 0
		body, recorded = r.pages[call]
		body = withoutItems(body, wireLists[call.action].list)
	}
	if !recorded {
		a.Code, a.Message = "InternalError", "The recording has no answer to this call."
		return
	}
	a.Body = body
}

// withoutItems returns a recorded response with an empty list.
func withoutItems(body []byte, list string) []byte {
	var document map[string]map[string]any
	if json.Unmarshal(body, &document) != nil {
		return body
	}
	result, listed := document["Response"]["Result"].(map[string]any)
	if !listed {
		return body // an error
	}
	result[list] = []any{}
	empty, err := json.Marshal(document)
	if err != nil {
		return body // unreachable: it came from JSON
	}
	return empty
}
