package credential

import (
	"context"
	"fmt"
	"os"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"

	"datahub_exporter/internal/secret"
)

// profile is the path of the SDKs' own file. The SDK reads its default profile.
type profile string

// Retrieve lets the SDK read the file, after checking it: the SDK would wait for a
// pipe. The SDK's errors may quote lines of the file, so they are dropped.
func (p profile) Retrieve(context.Context) (Values, error) {
	if _, err := secret.ReadRegularFile(string(p), maxFile); err != nil {
		return Values{}, fmt.Errorf("profile file %s: %w", string(p), err)
	}
	if path, set := os.LookupEnv(profileVariable); set && path == "" {
		return Values{}, fmt.Errorf("%s is set but empty, which the SDK refuses; unset it", profileVariable)
	}
	var values Values
	read, err := common.DefaultProfileProvider().GetCredential()
	if err == nil {
		id, key, token := read.GetCredential()
		values, err = parseAll([3]string{"secret_id", "secret_key", "token"}, [3]string{id, key, token})
		if err != nil {
			return Values{}, fmt.Errorf("profile file %s: %w", string(p), err)
		}
	}
	if values.ID.Reveal() == "" || values.Key.Reveal() == "" {
		return Values{}, fmt.Errorf("profile file %s: has no credential; write secret_id and secret_key under [default]", string(p))
	}
	return values, nil
}
