// Package recording writes API responses as files for a bug report. Structure,
// numbers and enumerations are as they arrived; every other text is replaced by a
// stand-in.
//
// It knows the names of the API's fields, but not who made the calls.
package recording

import (
	"errors"
	"fmt"
	"os"
	"sync"
)

// A Recorder writes one recording. It is safe for concurrent use. Its user must
// call Close.
type Recorder struct {
	folder   *os.Root
	accounts map[string]string // their names in the recording

	mu       sync.Mutex
	standIns standIns
	failures []error
}

// Create returns a Recorder for a folder, which must be empty or not exist yet. The
// recording shows only how many accounts there are.
func Create(folder string, accounts []string) (*Recorder, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("create folder of the recording: %w", err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("read folder of the recording: %w", err)
	}
	if len(entries) > 0 {
		return nil, fmt.Errorf("folder %s is not empty; name a new one for the recording, or empty it", folder)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("open folder of the recording: %w", err)
	}
	r := &Recorder{folder: root, accounts: map[string]string{}, standIns: newStandIns()}
	for i, account := range accounts {
		r.accounts[account] = fmt.Sprintf("account-%d", i+1)
	}
	return r, nil
}

// Close ends the recording. The files remain.
func (r *Recorder) Close() { _ = r.folder.Close() }

// Add writes the response to one call, the page at an offset or, for a call that lists
// no items, its number; the newest one counts.
// Err reports whether that failed.
func (r *Recorder) Add(account, region, action string, offset int64, body []byte) {
	name := fmt.Sprintf("%s_%s_%s_%d.json", r.accounts[account], region, action, offset)
	r.mu.Lock()
	defer r.mu.Unlock()
	text, err := r.standIns.anonymize(body)
	if err == nil {
		err = r.write(name, text)
	}
	if err != nil {
		r.failures = append(r.failures, fmt.Errorf("record %s: %w", name, err))
	}
}

// Err returns what could not be recorded, or nil.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(r.failures...)
}

func (r *Recorder) write(name string, text []byte) error {
	file, err := r.folder.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}
