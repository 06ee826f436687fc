"""Runs the test programs of a build directory, as its meson.build files describe them. See
tools/run_tests.py.

Most speak TAP: a line for each case, and after that of a failed one why it failed. What a program
says before such a line, on its standard error too, belongs to the case of that line.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import signal
import subprocess

from run_tests_limit import PROGRAM_SECONDS, Watched, limit

VERDICT = re.compile(r"(not ok|ok) (\d+)(?: -)? (.*)")
PLAN = re.compile(r"1\.\.(\d+)")
SKIP = re.compile(r"# SKIP ?(.*)")
LINES_MOST = 120  # of what a program said before it died


def read_tests(directory, suites):
    """The tests of these suites; those that may take longest first."""
    tests = json.loads((directory / "meson-info/intro-tests.json").read_text(encoding="utf-8"))
    chosen = [test for test in tests if any(name.split(":")[-1] in suites for name in test["suite"])]
    return sorted(chosen, key=lambda test: -test["timeout"])


def may_thread(test):
    """In one that cannot begin a thread nothing races. It says so by what it imports."""
    return b"pthread_create" in pathlib.Path(test["cmd"][0]).read_bytes()


def targets_of(directory, tests):
    """What ninja has to build for them: the programs, and others that they start."""
    targets = json.loads((directory / "meson-info/intro-targets.json").read_text(encoding="utf-8"))
    wanted = {name for test in tests for name in test["depends"]}
    return tuple(os.path.relpath(target["filename"][0], directory) for target in targets if target["id"] in wanted)


class Program:
    """One run of a program."""

    def __init__(self, test, tally, environment, timeout):
        self.test = test
        self.tally = tally
        self.environment = dict(os.environ, **environment, **test["env"])
        self.timeout = timeout
        self.words = []  # since the last verdict
        self.failed = None  # name of a case whose reason is being read
        self.reason = []
        self.last = "the beginning"  # the case of the last verdict
        self.planned = self.seen = 0  # cases
        self.failures = 0

    def run(self):
        with self.tally.doing(self.test["name"]):
            process = subprocess.Popen(
                self.test["cmd"], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, start_new_session=True, cwd=self.test["workdir"])
            watched = Watched(process, process.stdout, self.timeout)
            read = self.read_tap if self.test["protocol"] == "tap" else self.words.extend
            with process.stdout:
                read(watched)
        self.conclude(process.returncode, watched)

    def read_tap(self, lines):
        for line in lines:
            verdict = VERDICT.fullmatch(line)
            if verdict:
                self.settle()
                self.take(verdict[1] == "ok", verdict[3])
            elif self.failed and line.startswith("# ") and not re.match(r"# (not )?ok - ", line):
                self.reason.append(line.removeprefix("# ").removeprefix("../"))  # of the path of a source
            elif re.match(r"1\.\.0 # SKIP", line):
                self.settle()
                self.tally.add_skipped(SKIP.search(line)[1])
            elif PLAN.fullmatch(line):
                self.planned = int(PLAN.fullmatch(line)[1])
            elif not re.match(r"# (not )?ok - ", line):
                self.settle()
                self.words.append(line)
        self.settle()

    def take(self, is_ok, name):
        skip = SKIP.match(name)
        self.seen += 1
        self.last = skip[1] if skip else name.split()[0]
        self.tally.at(self.test["name"], f"after {self.last}")
        if skip:
            self.tally.add_skipped(f"{self.test['name']} {skip[1]}")
        elif is_ok:
            self.tally.add_passed()
        else:
            # A case that could not begin has its reason on the same line.
            self.failed, *rest = name.split(maxsplit=1)
            self.reason = [*self.words, *rest]
        self.words = []

    def settle(self):
        """The reason of the last failed case is complete."""
        if self.failed:
            self.failures += 1
            self.tally.add_failed(f"{self.failed} ({self.test['name']})", "\n".join(self.reason))
            self.failed = None

    def conclude(self, code, watched):
        name = self.test["name"]
        said = "\n".join(self.words[-LINES_MOST:])
        if watched.is_late:
            self.tally.add_failed(name, f"{said}\nhangs after {self.last}: {watched.reason()}")
        elif code != 0 and self.failures == 0:
            how = f"exit code {code}" if code > 0 else f"signal {signal.Signals(-code).name}"
            self.tally.add_failed(name, f"{said}\nended with {how} after {self.last}")
        elif self.seen < self.planned:
            self.tally.add_failed(name, f"{said}\nended after {self.seen} of {self.planned} cases")
        elif self.test["protocol"] != "tap":
            self.tally.add_passed()


def chosen_environment(test, choice):
    """What makes the program run the chosen cases alone; None when it has none."""
    if not choice or test["name"] in choice:
        return {}
    if test["protocol"] != "tap" or not choice.is_in(pathlib.Path(test["cmd"][0]).read_bytes()):
        return None
    return {"OCTO_TEST_CASE": f"*{choice.pattern}*"}


def run_programs(directory, suites, tally, choice, environment=(), timeout_factor=1, names=None):
    """Runs the programs of these suites, or those of these names, as many at a time as there are cores."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = []
        for test in read_tests(directory, suites):
            chosen = chosen_environment(test, choice)
            if chosen is not None and (names is None or test["name"] in names):
                runs.append(pool.submit(Program(test, tally, dict(environment, **chosen),
                                                limit(max(PROGRAM_SECONDS, test["timeout"] * timeout_factor))).run))
        for run in runs:
            run.result()
