package credential

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// MetadataHost is where a virtual machine of the cloud requests its metadata. It
// responds only on the machine's own network, in the clear: no proxy may see a call
// to it.
const MetadataHost = "metadata.tencentyun.com"

const rolePath = "http://" + MetadataHost + "/latest/meta-data/cam/security-credentials/"

// noMachineRole says what to do if the machine has no role or does not belong to
// the cloud. The machine's role is the last source that is tried.
const noMachineRole = "configure a credential, or bind a role to this virtual machine"

var roleName = regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]{1,128}$`)

// machineRole is the role of the virtual machine that the exporter runs on.
type machineRole struct {
	caller
	now func() time.Time
}

// Retrieve requests the name of the role and then its credential.
func (m machineRole) Retrieve(ctx context.Context) (Values, error) {
	var name string
	err := m.get(ctx, "", func(body []byte) error {
		if name = strings.TrimSpace(string(body)); !roleName.MatchString(name) {
			return errors.New("the response is not a role name")
		}
		return nil
	})
	if err != nil {
		return Values{}, fmt.Errorf("get the role of this machine: %w; %s", err, noMachineRole)
	}
	var answer struct {
		session
		ExpiredTime int64
		Code        string
	}
	err = m.get(ctx, name, func(body []byte) error {
		// The JSON library's error may quote the response, so it is dropped.
		if json.Unmarshal(body, &answer) != nil || answer.Code != "Success" {
			return errNoCredential
		}
		return nil
	})
	if err != nil {
		return Values{}, fmt.Errorf("get the credential of this machine's role: %w; %s", err, noMachineRole)
	}
	return answer.values(answer.ExpiredTime, m.now())
}

// get requests name under the path of the role, and decodes the response.
func (m machineRole) get(ctx context.Context, name string, decode func([]byte) error) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, rolePath+name, nil)
	if err != nil {
		return fmt.Errorf("prepare call: %w", err)
	}
	return m.do("CvmRole", func() error {
		response, err := m.transport.RoundTrip(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return err
		}
		return decode(body)
	})
}
