"""The launcher `octo` in a checkout of a few files: dpkg-query, apt-get, meson and ninja are scripts that
write down that they were called, and a package or a build is a file."""

import os
import pathlib
import pty
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
NOBODY = 65534
SYSTEM_TOOLS = ("bash", "sh", "cat", "chmod", "cp", "dirname", "env", "flock", "mkdir", "mv", "readlink", "rm", "sed",
                "sleep", "stat", "touch")
HEAD = f"""#!{shutil.which("bash")}
set -eu
echo "$(basename "$0") $*" >>"$FAKE/calls"
"""
FAKES = {
    "dpkg-query": 'for p in "$@"; do [ ! -e "$FAKE/installed/$p" ] || echo "$p=install ok installed"; done',
    "apt-get": """
case " $* " in *" install "*) echo "Setting up gcc" ;; *" download "*) ;; *) exit 0 ;; esac
[ ! -e "$FAKE/no-network" ] || { echo "E: Unable to fetch some archives"; exit 100; }
case " $* " in *" download "*) for p in "${@:3}"; do touch "$p.deb"; done; exit ;; esac
echo "pmstatus:gcc:45.5:Unpacking gcc (amd64)" >&3
for p in "$@"; do [ "${p#-}" != "$p" ] || touch "$FAKE/installed/$p"; done""",
    "dpkg-deb": 'mkdir -p "$3/usr/share/nodejs/${2%.deb}"',
    "meson": 'mkdir -p "$2"; echo "$3" >"$2/build.ninja"',
    # Builds what its build directory was set up for, as the real one does. Held up, it waits for a word.
    "ninja": """
cd "$2"; source=$(cat build.ninja)
[ ! src/app/octo -nt "$source/main.c" ] || { echo "ninja: no work to do."; exit; }
[ "$3" != -n ] || { echo "[1/2] cc"; exit; }
[ ! -e "$FAKE/held-up" ] || read -r _ <"$FAKE/held-up"
echo "[1/2] cc"
[ ! -e "$source/broken" ] || { echo "FAILED: main.c is broken"; exit 1; }
mkdir -p src/app; cp "$source/main.c" src/app/octo; chmod 755 src/app/octo; touch src/app/octo
echo "[2/2] ld" """,
    "python3": "true",
    "id": 'case "$1" in -u) echo "${FAKE_UID:-0}" ;; *) echo somebody ;; esac',
    "basename": 'echo "${1##*/}"',
}
PROGRAM = """#!/bin/sh
echo "octo runs: $*"
"""


class Checkout(unittest.TestCase):
    def setUp(self):
        self.fake = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="octo launcher ")))
        self.fake.chmod(0o755)
        self.root = self.fake / "a checkout"
        for name in ("octo", "src/app/commands.def", "tests/usage.txt"):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.root / name)
        self.write(self.root / "main.c", PROGRAM)
        tools = self.fake / "bin"
        tools.mkdir()
        for name in SYSTEM_TOOLS:
            (tools / name).symlink_to(shutil.which(name))
        for name, text in FAKES.items():
            head = HEAD if name not in ("id", "basename") else HEAD.rsplit("\n", 2)[0] + "\n"
            self.write(tools / name, head + text + "\n")
        (self.fake / "installed").mkdir()
        (self.fake / "calls").touch()
        for open_to_all in (self.fake / "installed", self.fake / "calls"):
            open_to_all.chmod(0o777)
        self.environment = {"PATH": str(tools), "FAKE": str(self.fake), "HOME": str(self.fake)}

    def write(self, path, text):
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def octo(self, *arguments, **options):
        environment = dict(self.environment, **options.pop("environment", {}))
        return subprocess.run([self.root / "octo", *arguments], env=environment, text=True, check=False,
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=60, **options)

    def calls(self):
        """The tools that were called since the last look, with the first argument; of apt-get the verb."""
        path = self.fake / "calls"
        found = []
        for line in path.read_text(encoding="utf-8").splitlines():
            words = line.split()
            verb = next((word for word in ("update", "install", "download") if word in words), None)
            found.append(" ".join([words[0], verb if words[0] == "apt-get" else words[1]]))
        path.write_text("", encoding="utf-8")
        return found

    def ran(self, done, *arguments):
        self.assertEqual((done.returncode, done.stdout), (0, f"octo runs: {' '.join(arguments)}\n"), done.stderr)


class Asking(Checkout):
    def test_where_nothing_is_built__installs_and_builds_nothing(self):
        for arguments, words in ((["--help"], ["usage: octo", "  up ", "  test ", "  bench ", "  mutate "]),
                                 (["-h"], ["usage: octo"]), (["help"], ["usage: octo"]),
                                 (["up", "--help"], ["usage: octo", "./octo up"]),
                                 (["sqlid", "-h"], ["usage: octo"]),
                                 (["bench", "--quick", "--help"], []),
                                 (["mutate", "--help"], []),
                                 (["test", "--help"], ["usage: octo test", "--case"]),
                                 (["test", "unit", "-h"], ["usage: octo test"]),
                                 (["test", "--list"], ["style  ", "tsan  "])):
            done = self.octo(*arguments)
            self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
            for word in words:
                self.assertIn(word, done.stdout, arguments)
            self.assertEqual([call for call in self.calls() if not call.startswith("python3")], [], arguments)
            self.assertFalse((self.root / "build").exists(), arguments)

    def test_wrong_usage__installs_and_builds_nothing(self):
        for arguments, word in (([], "usage: octo"), (["sesions"], "unknown command 'sesions'"),
                                (["--data"], "unknown command '--data'"), ([".*"], "unknown command '.*'")):
            done = self.octo(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertIn(word, done.stderr)
            self.assertIn("sessions", done.stderr)
            self.assertEqual(self.calls(), [])

    def test_where_it_is_built__the_program_answers_as_it_is(self):
        self.octo("up")
        self.calls()
        self.write(self.root / "main.c", PROGRAM.replace("runs", "would be built anew"))
        for arguments in (["--help"], ["up", "--help"], ["sesions"]):
            self.ran(self.octo(*arguments), *arguments)
            self.assertEqual(self.calls(), [])

    def test_usage__names_what_the_program_names(self):
        program = os.environ.get("OCTO_BIN", ROOT / "build/src/app/octo")
        if not os.access(program, os.X_OK):
            self.skipTest("the program is not built")
        its = subprocess.run([program, "--help"], text=True, capture_output=True, check=True).stdout
        self.assertEqual(self.octo("--help").stdout.split("\n\n")[:2], its.split("\n\n")[:2])


class Building(Checkout):
    def test_first_time__installs_sets_up_builds_and_says_so(self):
        done = self.octo("up", "--data", "a b")
        self.ran(done, "up", "--data", "a b")
        self.assertRegex(done.stderr, r"installing \d+ packages.*libjansson-dev")
        self.assertIn("about a minute", done.stderr)
        self.assertNotIn("Setting up gcc", done.stderr)
        self.assertEqual([call for call in self.calls() if not call.startswith("dpkg")],
                         ["apt-get update", "apt-get install", "apt-get download", "meson setup", "ninja -C"])
        self.assertEqual({path.name for path in (self.root / "build-react/usr/share/nodejs").iterdir()},
                         {"node-react", "node-react-dom", "node-scheduler"})

    def test_react_is_installed__its_files_are_not_fetched(self):
        for name in ("node-react", "node-react-dom", "node-scheduler"):
            (self.fake / "installed" / name).touch()
        self.octo("up")
        self.assertNotIn("apt-get download", self.calls())
        self.assertFalse((self.root / "build-react").exists())

    def test_later__looks_once_and_says_nothing(self):
        self.octo("up")
        self.calls()
        done = self.octo("version")
        self.ran(done, "version")
        self.assertEqual(done.stderr, "")
        self.assertEqual(self.calls(), ["dpkg-query -W", "ninja -C"])

    def test_mutate__installs_what_tests_need_and_builds_elsewhere(self):
        done = self.octo("mutate", "--seed", "1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue((self.fake / "installed/libcmocka-dev").exists())
        calls = [call for call in self.calls() if not call.startswith("dpkg")]
        self.assertEqual(calls, ["apt-get update", "apt-get install", "python3 -B"])

    def test_bench__runs_no_script_of_a_package_and_builds_what_it_has(self):
        """A script may fetch a program that no hash of the lock file covers."""
        peer = self.root / "bench/peer/node_modules/better-sqlite3"
        peer.mkdir(parents=True)
        self.write(self.fake / "bin/npm", HEAD)
        done = self.octo("bench")
        self.assertEqual(done.returncode, 0, done.stderr)
        calls = [line.split() for line in (self.fake / "calls").read_text(encoding="utf-8").splitlines()]
        found = [" ".join(words[1:]) for words in calls if words[0] == "npm"]
        self.assertEqual(found, [f"ci --prefix {self.root}/bench/peer --ignore-scripts --no-audit --no-fund",
                                 "run build-release"])

    def test_changed_source__is_built(self):
        self.octo("up")
        self.write(self.root / "main.c", PROGRAM.replace("runs", "is newer and runs"))
        os.utime(self.root / "main.c", ns=(2**62, 2**62))
        self.assertEqual(self.octo("version").stdout, "octo is newer and runs: version\n")

    def test_broken_source__is_shown_and_ends_it(self):
        (self.root / "broken").touch()
        done = self.octo("up")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("FAILED: main.c is broken", done.stderr)
        self.assertNotIn("[1/2]", done.stderr)

    def test_packages_that_cannot_be_had__are_told_with_the_reason(self):
        (self.fake / "no-network").touch()
        done = self.octo("up")
        self.assertEqual(done.returncode, 1)
        self.assertIn("E: Unable to fetch some archives", done.stderr)
        self.assertNotIn("meson setup", self.calls())

    def test_neither_root_nor_sudo__names_the_packages(self):
        done = self.octo("up", environment={"FAKE_UID": "1000"})
        self.assertEqual(done.returncode, 1)
        self.assertIn("libjansson-dev", done.stderr)
        self.assertNotIn("apt-get install", self.calls())

    def test_only_what_is_handy_is_missing__nobody_is_refused(self):
        self.octo("up")
        self.calls()
        (self.fake / "installed/curl").unlink()
        self.ran(self.octo("version", environment={"FAKE_UID": "1000"}), "version")
        self.assertNotIn("apt-get install", self.calls())
        self.ran(self.octo("version"), "version")
        self.assertTrue((self.fake / "installed/curl").exists())

    def test_terminal__shows_progress_in_one_line(self):
        ours, theirs = pty.openpty()
        with os.fdopen(ours, "rb", buffering=0) as terminal:
            done = subprocess.run([self.root / "octo", "up"], env=self.environment, stderr=theirs, check=False,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=60)
            os.close(theirs)
            seen = b""
            try:
                while part := terminal.read(4096):
                    seen += part
            except OSError:  # how a terminal ends
                pass
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"\r\033[Kocto: installing 45 %, Unpacking gcc (amd64)", seen)
        self.assertIn(b"\r\033[Kocto: building 1 of 2", seen)


class Moving(Checkout):
    def setUp(self):
        super().setUp()
        self.octo("up")
        self.calls()

    def test_moved__is_set_up_anew_and_builds(self):
        old, self.root = self.root, self.fake / "another place"
        old.rename(self.root)
        done = self.octo("version")
        self.ran(done, "version")
        self.assertIn(f"was at {old}", done.stderr)
        self.assertIn("meson setup", self.calls())
        self.ran(self.octo("version"), "version")
        self.assertNotIn("meson setup", self.calls())

    def test_copied__builds_its_own_source(self):
        old, self.root = self.root, self.fake / "copy"
        shutil.copytree(old, self.root)
        self.write(self.root / "main.c", PROGRAM.replace("octo", "the copy"))
        self.assertEqual(self.octo("version").stdout, "the copy runs: version\n")
        self.root = old
        self.ran(self.octo("version"), "version")

    def test_reached_by_a_link__is_the_same_place(self):
        link = self.fake / "link"
        link.symlink_to(self.root)
        self.root = link
        self.ran(self.octo("version"), "version")
        self.assertEqual(self.calls(), ["dpkg-query -W", "ninja -C"])

    def test_found_by_a_path_of_the_shell__is_the_same_place(self):
        self.ran(self.octo("up"), "up")
        done = subprocess.run([shutil.which("bash"), "a checkout/octo", "up"], cwd=self.fake, text=True, check=False,
                              env=dict(self.environment, CDPATH=str(self.fake)), capture_output=True)
        self.ran(done, "up")
        self.assertEqual(done.stderr, "")

    def test_named_by_a_link__is_the_same_place(self):
        self.root = self.fake / "somebody's bin"
        self.root.mkdir()
        (self.root / "octo").symlink_to(self.fake / "a checkout/octo")
        self.ran(self.octo("version"), "version")
        self.assertEqual(self.calls(), ["dpkg-query -W", "ninja -C"])

    def test_half_set_up__is_set_up_anew(self):
        (self.root / "build/build.ninja").unlink()
        self.ran(self.octo("version"), "version")
        self.assertIn("meson setup", self.calls())


class OneAtATime(Checkout):
    def test_second_one__waits_and_says_for_whom(self):
        os.mkfifo(self.fake / "held-up")
        first = subprocess.Popen([self.root / "octo", "up"], env=self.environment, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with first, open(self.fake / "held-up", "w", encoding="utf-8") as word:  # the build has begun
            second = subprocess.Popen([self.root / "octo", "version"], env=self.environment, text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            with second:
                line = second.stderr.readline()
                self.assertIn(f"waiting for ./octo up (process {first.pid})", line)
                self.assertIsNone(first.poll())
                (self.fake / "held-up").unlink()
                word.write("go\n")
                word.flush()
                self.assertEqual(second.communicate(timeout=60)[0], "octo runs: version\n")
            self.assertEqual(first.communicate(timeout=60)[0], "octo runs: up\n")
        self.assertEqual(self.calls().count("meson setup"), 1)

    def test_no_locks_to_be_had__goes_on_and_says_so(self):
        (self.fake / "bin/flock").unlink()
        self.write(self.fake / "bin/flock", f"{HEAD}echo 'flock: 9: Bad file descriptor' >&2; exit 65\n")
        done = self.octo("up")
        self.ran(done, "up")
        self.assertIn("no lock", done.stderr)

    def test_a_service_that_runs__holds_nobody_up(self):
        os.mkfifo(self.fake / "end")
        self.write(self.root / "main.c", f'#!/bin/sh\n[ "$1" != up ] || read -r _ <"{self.fake}/end"\necho "$1"\n')
        service = subprocess.Popen([self.root / "octo", "up"], env=self.environment, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        with service, open(self.fake / "end", "w", encoding="utf-8") as word:  # it serves
            self.assertEqual(self.octo("version").stdout, "version\n")
            word.write("go\n")


class AnothersCheckout(Checkout):
    """The one who runs it may not write there."""

    def as_a_guest(self, *arguments):
        if os.geteuid() == 0:
            return self.octo(*arguments, user=NOBODY, group=NOBODY, extra_groups=[])
        parts = [self.root, *(path for path in [self.root / "build"] if path.exists())]
        for path in parts:
            path.chmod(0o555)
        try:
            return self.octo(*arguments)
        finally:
            for path in parts:
                path.chmod(0o755)

    def test_built__is_used_as_it_is(self):
        self.octo("up")
        done = self.as_a_guest("version")
        self.ran(done, "version")
        self.assertEqual(done.stderr, "")

    def test_not_built__says_whose_it_is_and_what_to_do(self):
        done = self.as_a_guest("version")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^octo: .*a checkout belongs to \w+ and .* a clone of your own\n$")

    def test_built_but_old__says_so_too(self):
        self.octo("up")
        os.utime(self.root / "main.c", ns=(2**62, 2**62))
        self.assertRegex(self.as_a_guest("version").stderr, r"^octo: .*belongs to .*\n$")

    def test_tests__need_a_place_to_build_in(self):
        self.octo("up")
        for command in ("test", "bench", "mutate"):
            done = self.as_a_guest(command)
            self.assertEqual(done.returncode, 1)
            self.assertIn("belongs to", done.stderr)


if __name__ == "__main__":
    unittest.main()
