package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// exposure is the worst score that the unit may have; 0 is the best and 10 the
// worst.
const exposure = 2.0

const units = "../../deploy/systemd"

// unitFolder returns a copy of the units with a program that exists, so that
// systemd-analyze can complain only about the units.
func unitFolder(t *testing.T, dropIn string) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"datahub_exporter.service", "datahub_exporter.socket"} {
		write(t, filepath.Join(folder, name), strings.ReplaceAll(read(t, filepath.Join(units, name)), "/usr/bin/datahub_exporter", "/bin/true"))
	}
	if dropIn != "" {
		text := strings.ReplaceAll(read(t, filepath.Join(units, dropIn)), "/usr/bin/datahub_exporter", "/bin/true")
		write(t, filepath.Join(folder, "datahub_exporter.service.d", dropIn), text)
	}
	return folder
}

// systemdAnalyze runs systemd-analyze on the units of a folder and returns its
// output.
func systemdAnalyze(t *testing.T, folder string, args ...string) string {
	t.Helper()
	program, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Fatalf("%v: install systemd", err)
	}
	command := exec.CommandContext(t.Context(), program, args...)
	command.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+folder+":")
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("systemd-analyze %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// systemd logs an unknown key but does not fail.
func TestUnitsAreVerified(t *testing.T) {
	for name, dropIn := range map[string]string{"as they are": "", "with an encrypted file": "encrypted-credential.conf"} {
		t.Run(name, func(t *testing.T) {
			folder := unitFolder(t, dropIn)
			out := systemdAnalyze(t, folder, "verify", "--man=no", filepath.Join(folder, "datahub_exporter.service"), filepath.Join(folder, "datahub_exporter.socket"))
			for line := range strings.Lines(out) {
				if strings.Contains(line, "datahub_exporter") {
					t.Error(strings.TrimSpace(line))
				}
			}
		})
	}
}

// TestUnitsAreVerified would notice a mistake.
func TestVerifyFindsFault(t *testing.T) {
	folder := unitFolder(t, "")
	path := filepath.Join(folder, "datahub_exporter.service")
	write(t, path, strings.Replace(read(t, path), "ProtectHome=", "ProtectHomes=", 1))
	if out := systemdAnalyze(t, folder, "verify", "--man=no", path); !strings.Contains(out, "datahub_exporter") || !strings.Contains(out, "ProtectHomes") {
		t.Errorf("want a complaint of ProtectHomes, have:\n%s", out)
	}
}

func TestUnitIsHardened(t *testing.T) {
	folder := unitFolder(t, "")
	out := systemdAnalyze(t, folder, "security", "--offline=true", filepath.Join(folder, "datahub_exporter.service"))
	match := regexp.MustCompile(`exposure level for \S+: ([0-9.]+)`).FindStringSubmatch(out)
	if match == nil {
		t.Fatalf("no exposure level in:\n%s", out)
	}
	have, err := strconv.ParseFloat(match[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("exposure %v", have)
	if have > exposure {
		t.Errorf("exposure: want at most %v, have %v:\n%s", exposure, have, out)
	}
}

// The unit's memory limits leave room above what the soak test permits.
func TestUnitHasMemoryForTheSoak(t *testing.T) {
	number := func(pattern, text string) int {
		match := regexp.MustCompile(pattern).FindStringSubmatch(text)
		if match == nil {
			t.Fatalf("nothing matches %s", pattern)
		}
		value, err := strconv.Atoi(match[1])
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	unit := read(t, filepath.Join(units, "datahub_exporter.service"))
	soak := number(`scaleMemory = (\d+) \* megabyte`, read(t, "../../internal/app/scale_soak_test.go"))
	high, most := number(`(?m)^MemoryHigh=(\d+)M$`, unit), number(`(?m)^MemoryMax=(\d+)M$`, unit)
	garbage := number(`(?m)^Environment=GOMEMLIMIT=(\d+)MiB$`, unit)
	if soak >= garbage || garbage >= high || high >= most {
		t.Errorf("want the soak's %d MiB < GOMEMLIMIT %d < MemoryHigh %d < MemoryMax %d", soak, garbage, high, most)
	}
}
