package cloudsim

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Calls for a credential, as named in Call.Action. The last is a GET of the
// metadata service, which has no actions.
const (
	// AssumeRole hands out a session to the holder of a credential.
	AssumeRole = "AssumeRole"
	// AssumeRoleWithWebIdentity hands out a session to the holder of a Kubernetes
	// token.
	AssumeRoleWithWebIdentity = "AssumeRoleWithWebIdentity"
	// MachineRole returns the name of a machine's role, or hands out a session of
	// it.
	MachineRole = "CvmRole"
)

// metadataPath is where the metadata service names the role of the machine. It
// hands out its sessions below that path.
const metadataPath = "/latest/meta-data/cam/security-credentials/"

// stsService and stsVersion are fixed parts of each request to STS.
const (
	stsService = "sts"
	stsVersion = "2018-08-13"
)

// longestSession is the maximum duration of a session, in seconds.
const longestSession = 43200

// sessionName matches what the cloud accepts as RoleSessionName.
var sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,128}$`)

// isSTS reports whether an action belongs to STS.
func isSTS(action string) bool { return action == AssumeRole || action == AssumeRoleWithWebIdentity }

// api returns the service and the version of an action.
func api(action string) (name, current string) {
	if isSTS(action) {
		return stsService, stsVersion
	}
	return service, version
}

// assumption is the body of a call to STS.
type assumption struct {
	RoleArn, RoleSessionName, ExternalId string //nolint:revive // the wire's names
	ProviderId, WebIdentityToken         string //nolint:revive // the wire's names
	DurationSeconds                      int64
}

// readAssumption reads the body and checks what all assumptions have in common.
func readAssumption(q *request) (asked assumption, refused *refusal) {
	if err := json.Unmarshal(q.body, &asked); err != nil {
		return asked, refuse("InvalidParameter", "The request body is not valid JSON.")
	}
	switch {
	case !sessionName.MatchString(asked.RoleSessionName):
		return asked, refuse("InvalidParameter.SessionNameError", "The session name is not valid.")
	case asked.DurationSeconds < 1 || asked.DurationSeconds > longestSession:
		return asked, refuse("InvalidParameter.OverTimeError", "DurationSeconds is not in the range of 1 to %d.", longestSession)
	}
	return asked, nil
}

// assume is the last check of AssumeRole. It must be called with the lock held.
func (s *Server) assume(q *request) *refusal {
	asked, refused := readAssumption(q)
	if refused != nil {
		return refused
	}
	role, known := s.role(func(r Role) bool { return r.ARN == asked.RoleArn })
	switch {
	case !known:
		return refuse("InternalError.GetRoleError", "The role `%s` does not exist.", asked.RoleArn)
	case role.ExternalID != asked.ExternalId:
		return refuse("UnauthorizedOperation", "The role does not trust the caller, or not with this external ID.")
	}
	q.session = s.handOut(role, time.Duration(asked.DurationSeconds)*time.Second, q.call.Time)
	return nil
}

// assumeWithToken is the last check of AssumeRoleWithWebIdentity. It must be called
// with the lock held.
func (s *Server) assumeWithToken(q *request) *refusal {
	if have := q.Header.Get("Authorization"); have != "SKIP" {
		return refuse("AuthFailure.InvalidAuthorization", "The action takes no signature.")
	}
	asked, refused := readAssumption(q)
	if refused != nil {
		return refused
	}
	role, known := s.role(func(r Role) bool { return r.ARN == asked.RoleArn && r.ProviderID == asked.ProviderId })
	switch {
	case !known || role.ProviderID == "":
		return refuse("InternalError.GetRoleError", "The role `%s` does not exist.", asked.RoleArn)
	case role.WebIdentityToken != asked.WebIdentityToken:
		// Some services repeat what they were sent, so this one does, too.
		return refuse("InvalidParameter.WebIdentityTokenError", "The token %s is not valid.", asked.WebIdentityToken)
	}
	q.session = s.handOut(role, time.Duration(asked.DurationSeconds)*time.Second, q.call.Time)
	return nil
}

// machineRole responds for the metadata service. It must be called with the lock
// held.
func (s *Server) machineRole(q *request) *refusal {
	name := strings.TrimPrefix(q.URL.Path, metadataPath)
	role, known := s.role(func(r Role) bool { return r.Machine != "" && (name == "" || r.Machine == name) })
	switch {
	case q.Method != http.MethodGet:
		q.status = http.StatusMethodNotAllowed
	case !known:
		q.status = http.StatusNotFound
	case name == "":
		q.plain = []byte(role.Machine)
	default:
		q.plain, _ = json.Marshal(s.handOut(role, machineLifetime, q.call.Time).metadata())
	}
	return nil
}

func (s *Server) role(is func(Role) bool) (Role, bool) {
	i := slices.IndexFunc(s.options.Roles, is)
	if i < 0 {
		return Role{}, false
	}
	return s.options.Roles[i], true
}
