package ckafka_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

// A session requested for an hour is renewed before it expires, whoever scrapes,
// and no refresh fails for hours.
func TestSessionIsRenewedBeforeItExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, wire := rolesCloud(t)
		held := credential.Static(permanentID, permanentKey, "")
		held.Role = assuming
		set := watch(t, wire, held, source.Options{Timeout: 8 * time.Second})
		for range 10 * 60 {
			begin := time.Now()
			if have := set.Snapshots(t.Context(), source.Tasks)[0]; have.Err != nil || time.Since(begin) != 0 {
				t.Fatalf("have %v, after %v", have.Err, time.Since(begin))
			}
			time.Sleep(time.Minute)
		}
		// One for each half to three quarters of an hour.
		if have := len(cloud.Sessions()); have < 13 || have > 21 {
			t.Errorf("sessions in ten hours: have %d", have)
		}
	})
}

// A renewal that hangs does not affect the account until its session expires. Then
// a refresh fails in time and says why. It recovers when the cloud does.
func TestRenewalThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		cloud, wire := rolesCloud(t)
		held := credential.Static(permanentID, permanentKey, "")
		held.Role = assuming
		set := watch(t, wire, held, source.Options{Timeout: 8 * time.Second, Log: slog.New(slog.NewTextHandler(&log, nil))})
		refresh := func() (time.Duration, error) {
			begin := time.Now()
			err := set.Snapshots(t.Context(), source.Tasks)[0].Err
			return time.Since(begin), err
		}
		if _, err := refresh(); err != nil {
			t.Fatal(err)
		}
		cloud.Always(cloudsim.AssumeRole, "", cloudsim.Hang())
		for range 59 {
			time.Sleep(time.Minute)
			if took, err := refresh(); err != nil || took != 0 {
				t.Fatalf("while the session lasts: have %v after %v", err, took)
			}
		}
		time.Sleep(10 * time.Second) // until no renewal is in flight
		synctest.Wait()
		if have := log.String(); !strings.Contains(have, "Credential could not be renewed; the previous one is still valid") ||
			!strings.Contains(have, "assume role_arn: timeout: no complete answer before the deadline, from pipe") {
			t.Errorf("the log says nothing of it:\n%s", have)
		}
		time.Sleep(time.Minute)
		took, err := refresh()
		failure, _ := errors.AsType[*source.Error](err)
		if failure == nil || failure.Class != source.Timeout || took > 5*time.Second {
			t.Errorf("after the session: have %v after %v", err, took)
		}
		if want := "timeout: assume role_arn: no complete answer before the deadline, from pipe"; err == nil || err.Error() != want {
			t.Errorf("want %s, have %v", want, err)
		}
		cloud.Always(cloudsim.AssumeRole, "", nil)
		time.Sleep(time.Minute)
		if _, err := refresh(); err != nil {
			t.Errorf("with the cloud back: have %v", err)
		}
	})
}

// A session that the cloud ends early is renewed once it is refused, unless it has
// only just been issued.
func TestRefusedSessionIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, wire := rolesCloud(t)
		held := credential.Static(permanentID, permanentKey, "")
		held.Role = assuming
		set := watch(t, wire, held, source.Options{Timeout: time.Minute})
		up := func() bool { return set.Snapshots(t.Context(), source.Tasks)[0].Up() }
		if !up() {
			t.Fatal("want up")
		}
		time.Sleep(time.Minute)
		cloud.Revoke(cloud.Sessions()[0])
		if up() {
			t.Error("want a failure with the session that was ended")
		}
		if !up() {
			t.Error("want up with another session")
		}
		cloud.Always(cloudsim.DescribeDatahubTasks, "", cloudsim.Error("AuthFailure.TokenFailure", "no"))
		for range 10 {
			up()
			time.Sleep(time.Second)
		}
		if have := len(cloud.Sessions()); have != 2 {
			t.Errorf("sessions: want 2, have %d", have)
		}
	})
}

// A reload keeps the session of an account whose credential settings have not
// changed, and a refresh in flight ends with the credential that it began with.
func TestReloadKeepsSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, wire := rolesCloud(t)
		account := func(role time.Duration) ckafka.Account {
			held := credential.Static(permanentID, permanentKey, "")
			held.Role, held.STS = assuming, endpoint.Endpoint{Scheme: "http", Host: "sts"}
			held.Role.Duration = role
			return ckafka.Account{
				Name: "prod", Credential: held, Regions: []string{region}, Endpoint: endpoint.Endpoint{Scheme: "http", Host: "api"},
			}
		}
		transport := wire.transport()
		t.Cleanup(transport.CloseIdleConnections)
		set := open(t, []ckafka.Account{account(time.Hour)}, transport, source.Options{Timeout: 8 * time.Second})
		refresh := func() {
			t.Helper()
			time.Sleep(time.Minute)
			if have := set.Snapshots(t.Context(), source.Tasks)[0]; have.Err != nil {
				t.Errorf("have %v", have.Err)
			}
		}
		refresh()
		set.Reload([]ckafka.Account{account(time.Hour)})
		refresh()
		if have := len(cloud.Sessions()); have != 1 {
			t.Errorf("sessions, of a credential that is as it was: want 1, have %d", have)
		}
		set.Reload([]ckafka.Account{account(30 * time.Minute)})
		refresh()
		if have := len(cloud.Sessions()); have != 2 {
			t.Errorf("sessions, of another credential: want 2, have %d", have)
		}
		// Then a renewal is in flight of a credential that is removed.
		set.Reload([]ckafka.Account{account(20 * time.Minute)})
		cloud.Script(cloudsim.AssumeRole, "", cloudsim.Delay(2*time.Second))
		go func() {
			time.Sleep(time.Minute + time.Second)
			set.Reload([]ckafka.Account{account(10 * time.Minute)})
		}()
		refresh()
		for range 3 {
			set.Reload([]ckafka.Account{account(10 * time.Minute)})
			refresh()
		}
		if have := len(cloud.Sessions()); have != 4 {
			t.Errorf("sessions, after all: want 4, have %d", have)
		}
	})
}
