"""Asks the tests about a mutant, in a copy of the checkout. See tools/mutate.py.

The copy has one build directory, whose programs are built anew as far as a change reaches. A program whose
bytes are the same as without the change has nothing of it and is not asked. What a mutant does is anybody's
guess, kill(-1) included, so tests run in a process namespace of their own, which ends with all that they
have started.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
HOME = ROOT / "build-mutate"
OPTIONS = ("-Dtests=true", "-Dwerror=false", "-Doptimization=1", "-Ddebug=false")
NAMESPACE = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-current-user"]),
             "--pid", "--fork", "--kill-child", "--mount-proc"]
MEMORY_MOST = 8 << 30  # bytes that one process may ask for
SECONDS_MORE = 60  # that a test may take beyond ten times what it took before
OTHERS = ["unit", "fuzz", "conformance"]  # suites of the C programs that are asked

# What of tests/integration is asked about a file, by where it is: on SQLite, and on PostgreSQL.
AREAS = {
    "src/app/": ("commands doctor password supervision views", "doctor doctor_tls views"),
    "src/core/": ("commands contract catalogue_and_checkout", ""),
    "src/crm/": ("crm contract correlation order_feed order_sync", "order_feed postgres_locks"),
    "src/db/postgres/": ("", "postgres postgres_fit postgres_sessions postgres_tags postgres_records "
                             "postgres_round_trips spans_join"),
    "src/db/": ("catalogue_and_checkout full_disk views tracing",
                "catalogue_and_checkout postgres_sessions spans_join"),
    "src/http/": ("contract garbage pages tracing", ""),
    "src/net/": ("order_feed tracing", "doctor_tls"),
    "src/service/": ("audit contract crm pages password tracing", "audit postgres_locks"),
    "src/shop/": ("catalogue_and_checkout contract correlation order_sync pages",
                  "catalogue_and_checkout postgres_locks"),
    "src/trace/": ("tracing correlation spans_join", "spans_join"),
    "sql/core/": ("audit contract crm empty_texts password pages", "audit contract crm empty_texts"),
    "sql/crm/": ("crm contract correlation order_feed order_sync", "crm order_feed order_sync postgres_locks"),
    "sql/db/": ("commands", "postgres postgres_sessions"),
    "sql/shop/": ("catalogue_and_checkout contract correlation order_sync pages",
                  "catalogue_and_checkout contract order_sync postgres_locks"),
}


def modules_of(path, backends=""):
    """(backend, module) of the integration tests of that area, of these backends where some are named."""
    area = max((prefix for prefix in AREAS if path.startswith(prefix)), key=len)
    return [(backend, "test_" + name) for backend, names in zip(("sqlite", "postgres"), AREAS[area])
            for name in names.split() if not backends or backend in backends]


def mirrored(path, names):
    """Of the names of unit tests those that mirror this file: its own, and those that begin with its name."""
    parts = pathlib.PurePath(path).with_suffix("").parts
    own = f"{parts[1]}-{parts[-1]}"
    if parts[0] == "sql" and parts[1] == "core":
        own = f"service-{parts[-1]}"
    inner = f"{parts[1]}-{parts[-2]}"  # src/db/sqlite/values.c may be tested as db-sqlite
    found = [name for name in names if name == own or name.startswith(own + "_")]
    return found or [name for name in names if len(parts) > 3 and name.startswith(inner)]


class Copy:
    """The checkout as it is, beside it. Files that are the same keep their times, so little is built anew."""

    def __init__(self):
        self.root = HOME / "checkout"
        self.build = HOME / "build"
        self.octo = HOME / "octo"  # without any change

    def bring_up_to_date(self):
        listed = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, check=True,
                                capture_output=True, text=True).stdout.split("\0")
        names = {name for name in listed if (ROOT / name).is_file()}
        for path in [path for path in self.root.rglob("*") if path.is_file()]:
            if str(path.relative_to(self.root)) not in names and "__pycache__" not in path.parts:
                path.unlink()
        for name in names:
            here, there = ROOT / name, self.root / name
            if not there.exists() or there.read_bytes() != here.read_bytes():
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(here, there)

    def make(self, *targets):
        """What ninja says when it fails, None otherwise."""
        if not (self.build / "build.ninja").exists():
            subprocess.run(["meson", "setup", self.build, self.root, *OPTIONS], check=True, capture_output=True,
                           env=dict(os.environ, CC="gcc"))
        done = subprocess.run(["ninja", "-C", self.build, *targets], check=False, text=True, errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout if done.returncode != 0 else None

    def make_all(self):
        return self.make("all", "meson-test-prereq")


def has_namespaces():
    return subprocess.run([*NAMESPACE, "true"], check=False, capture_output=True).returncode == 0


def run_alone(command, seconds, environment, folder):
    """Runs a test to its end, or ends it. Returns whether it passed and what it said at last."""
    limits = f"ulimit -v {MEMORY_MOST >> 10}; " + ' "$@"; exit $?'
    with tempfile.TemporaryFile("w+", errors="replace") as words:
        # The shell is the first process of the namespace, which signals of its own do not end.
        with subprocess.Popen([*NAMESPACE, "sh", "-c", limits, "sh", *map(str, command)], cwd=folder,
                              env=dict(os.environ, **environment), stdin=subprocess.DEVNULL, stdout=words,
                              stderr=subprocess.STDOUT, start_new_session=True) as process:
            code = None
            try:
                code = process.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
            finally:
                if code is None:
                    os.killpg(process.pid, signal.SIGKILL)
        words.seek(0)
        said = words.read()
    return code == 0, "no end" if code is None else reason_of(said, code)


def reason_of(said, code):
    """The first case that failed, else how the program ended."""
    case = re.search(r"^not ok \d+ (?:- )?(\S+)|^(?:FAIL|ERROR): (.+)$", said, re.MULTILINE)
    return (case[1] or case[2]) if case else f"exit code {code}"


class Program:
    """A C test program of the build."""

    def __init__(self, test, copy):
        self.name = test["name"]
        self.command = test["cmd"]
        self.environment = test["env"]
        self.copy = copy
        self.path = pathlib.Path(self.command[0])
        self.target = str(self.path.relative_to(copy.build))
        self.digest = None  # without any change
        self.seconds = 0.0

    def digest_now(self):
        return hashlib.sha256(self.path.read_bytes()).digest()

    def ask(self):
        limit = 10 * self.seconds + SECONDS_MORE
        return run_alone(self.command, limit, self.environment, self.copy.build)

    def learn(self):
        """What it is and takes without any change; false when it fails even so."""
        self.digest = self.digest_now()
        since = time.monotonic()
        self.seconds = 600.0
        passed, _ = self.ask()
        self.seconds = time.monotonic() - since
        return passed


class Module:
    """A module of tests/integration on one backend."""

    def __init__(self, backend, name, copy):
        self.name = f"{name} ({backend})"
        self.copy = copy
        self.command = ["python3", "-B", "-m", "unittest", "--failfast", name]
        self.environment = {"OCTO_TEST_BACKEND": backend,
                            "PYTHONPATH": os.pathsep.join(str(copy.root / part) for part in ("tests", "tools"))}
        self.seconds = None

    def run(self, octo, seconds):
        return run_alone(self.command, seconds, dict(self.environment, OCTO_BIN=str(octo)),
                         self.copy.root / "tests/integration")

    def learn(self):
        since = time.monotonic()
        passed, _ = self.run(self.copy.octo, 1200)
        self.seconds = time.monotonic() - since if passed else 0.0
        return passed

    def ask(self):
        """Twice, since what fails once may have failed by something else."""
        octo = self.copy.build / "src/app/octo"
        passed, reason = self.run(octo, 10 * self.seconds + SECONDS_MORE)
        if not passed:
            passed, reason = self.run(octo, 10 * self.seconds + SECONDS_MORE)
        return passed, reason


class Tests:
    """All that can be asked, in the order of asking."""

    def __init__(self, copy, say):
        self.copy = copy
        self.say = say
        self.programs = []
        self.modules = {}
        self.plain_octo = None

    def prepare(self):
        """Builds without any change and leaves out what fails. Returns what ninja said when it failed."""
        self.copy.bring_up_to_date()
        self.say("building without any change")
        wrong = self.copy.make_all()
        if wrong:
            return wrong
        octo = self.copy.build / "src/app/octo"
        shutil.copy(octo, self.copy.octo)
        self.plain_octo = octo.read_bytes()
        tests = json.loads((self.copy.build / "meson-info/intro-tests.json").read_text(encoding="utf-8"))
        programs = [Program(test, self.copy) for suite in OTHERS for test in tests
                    if any(name.split(":")[-1] == suite for name in test["suite"])]
        self.say(f"running {len(programs)} programs without any change")
        for program in programs:
            if program.learn():
                self.programs.append(program)
            else:
                self.say(f"{program.name} fails without any change and is not asked")
        return None

    def module(self, backend, name):
        """None when it fails without any change."""
        if (backend, name) not in self.modules:
            module = Module(backend, name, self.copy)
            self.modules[backend, name] = module if module.learn() else None
            if self.modules[backend, name] is None:
                self.say(f"{module.name} fails without any change and is not asked")
        return self.modules[backend, name]

    def judge(self, mutant):
        """(verdict, by, asked): "killed", "survived", "same program" or "not built"; by whom it was killed; the
        names of the tests that ran."""
        path = self.copy.root / mutant.path
        path.write_text(mutant.text, encoding="utf-8")
        try:
            return self.ask_all(mutant)
        finally:
            path.write_text(mutant.source, encoding="utf-8")

    def ask_all(self, mutant):
        asked = []
        near = [program for program in self.programs
                if program.name in mirrored(mutant.path, [each.name for each in self.programs])]
        if near and self.copy.make(*(program.target for program in near)):
            return "not built", None, asked
        for test in self.in_order(near):
            if test is None:
                return "not built", None, asked
            asked.append(test.name)
            passed, reason = test.ask()
            if not passed:
                return "killed", f"{test.name}: {reason}", asked
        for backend, name in modules_of(mutant.path, mutant.backends) if self.is_octo_changed() else []:
            test = self.module(backend, name)
            if test is None:
                continue
            asked.append(test.name)
            passed, reason = test.ask()
            if not passed:
                return "killed", f"{test.name}: {reason}", asked
        return ("survived" if asked else "same program"), None, asked

    def is_octo_changed(self):
        return (self.copy.build / "src/app/octo").read_bytes() != self.plain_octo

    def in_order(self, near):
        """The programs that have something of the change, the mirrored ones first; None where the rest cannot be
        built."""
        yield from (program for program in near if program.digest_now() != program.digest)
        if self.copy.make_all():
            yield None
            return
        yield from (program for program in self.programs
                    if program not in near and program.digest_now() != program.digest)


