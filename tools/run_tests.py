#!/usr/bin/env python3
"""Runs the suites of ./octo test and counts.

Each suite is a function that returns (passed, failed); what it runs prints its own failures. The
last line is "N passed, N failed"; the exit code is 1 when anything failed or nothing ran.

Tests of the whole program run build/src/app/octo, which the launcher has built as users get it, and
those under sanitizers a build of their own.

Services under test wait more than they work. What only compiles and computes is done ahead in that
time, one thing after another and at the lowest priority, so that no test has to stand back for it.
"""

import argparse
import concurrent.futures
import functools
import os
import pathlib
import subprocess
import sys
import threading
import time
import unittest
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
FUZZ_SECONDS = 5  # of each target
SLOWEST = 5  # cases that are named after a run
MESON_SUITES = ["unit", "conformance", "fuzz", "load"]


def run(command, **options):
    return subprocess.run(list(map(str, command)), cwd=ROOT, check=False, **options)


def build(name, setup=(), compiler="gcc", targets=()):
    """Configures the build directory when it is new and builds it. Returns its directory, None on failure."""
    directory = ROOT / name
    if not (directory / "build.ninja").exists():
        env = dict(os.environ, CC=compiler)
        done = run(["meson", "setup", directory, "-Dtests=true", *setup], env=env, capture_output=True, text=True)
        if done.returncode != 0:
            print(done.stdout, done.stderr)
            return None
    done = run(["ninja", "-C", directory, *targets], capture_output=True, text=True)
    if done.returncode != 0:
        print(done.stdout[-20000:], done.stderr)
        return None
    return directory


def programs(directory):
    """Builds the test programs too."""
    if directory is None:
        return False
    done = run(["ninja", "-C", directory, "meson-test-prereq"], capture_output=True, text=True)
    if done.returncode != 0:
        print(done.stdout[-20000:])
    return done.returncode == 0


def meson_tests(directory, suites, environment=None, timeout_factor=1):
    """Runs meson's tests of these suites; counts single cases, not programs."""
    if directory is None:
        return 0, 1
    command = ["meson", "test", "-C", directory, "--no-rebuild", "--print-errorlogs",
               "-t", timeout_factor]
    if not programs(directory):
        return 0, 1
    for suite in suites:
        command += ["--suite", suite]
    done = run(command, env=dict(os.environ, **(environment or {})), capture_output=True, text=True)
    passed = failed = 0
    report = directory / "meson-logs" / "testlog.junit.xml"
    for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is None:
            passed += 1
    if done.returncode != 0:
        print(done.stdout[-20000:])
        failed = max(failed, 1)
    return passed, failed


def python_tests(folder, environment=None, stderr=None):
    """Runs the unittest modules of a folder in this process's child and counts its cases."""
    command = [sys.executable, __file__, "--python-tests", ROOT / folder]
    env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", **(environment or {}))
    done = run(command, env=env, stdout=subprocess.PIPE, stderr=stderr, text=True)
    if stderr is not None:
        sys.stderr.write(done.stderr)
    try:
        passed, failed = map(int, done.stdout.strip().splitlines()[-1].split())
    except (IndexError, ValueError):
        return 0, 1
    return passed, failed


class TimedResult(unittest.TextTestResult):
    """Keeps how long each case took."""

    def startTestRun(self):
        super().startTestRun()
        self.seconds = {}

    def startTest(self, test):
        super().startTest(test)
        self.seconds[test.id()] = -time.monotonic()

    def stopTest(self, test):
        super().stopTest(test)
        self.seconds[test.id()] += time.monotonic()


def python_tests_here(folder):
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools"), folder]
    tests = unittest.TestLoader().discover(folder, pattern="test_*.py", top_level_dir=folder)
    result = unittest.TextTestRunner(stream=sys.stderr, verbosity=2,
                                     resultclass=TimedResult).run(tests)
    for name in sorted(result.seconds, key=result.seconds.get, reverse=True)[:SLOWEST]:
        print(f"{result.seconds[name]:6.1f} s {name}", file=sys.stderr)
    failed = len(result.failures) + len(result.errors)
    print(result.testsRun - failed - len(result.skipped), failed)
    return 1 if failed else 0


def command_suite(*commands):
    """One case per command: it passes when the command exits 0."""
    passed = failed = 0
    for command in commands:
        if run(command).returncode == 0:
            passed += 1
        else:
            failed += 1
    return passed, failed


def add(*counts):
    return sum(c[0] for c in counts), sum(c[1] for c in counts)


def suite_style():
    return command_suite([sys.executable, "tools/tidy.py"], [sys.executable, "tools/check_docs.py"])


def suite_unit():
    directory = build("build-test", ["--buildtype=release"])
    return add(meson_tests(directory, MESON_SUITES),
               python_tests("tests/unit/tools"), python_tests("tests/unit/sql"))


def suite_integration():
    return python_tests("tests/integration")


def suite_postgres():
    """The same tests, on a server that is started for them."""
    return python_tests("tests/integration", {"OCTO_TEST_BACKEND": "postgres"})


def suite_fault():
    return python_tests("tests/fault")


@functools.cache  # it is done ahead, all of it
def suite_static():
    """The other compiler, clang-tidy and cppcheck. Any build of clang's will do."""
    directory = address_build()
    if directory is None:
        return 0, 1
    sources = [str(p) for p in sorted((ROOT / "src").rglob("*.c"))]
    checks = command_suite(
        [sys.executable, "tools/parallel_tidy.py", directory, *sources],
        ["cppcheck", "--quiet", "--enable=warning,style,performance,portability", "--std=c11",
         "--inline-suppr", "--error-exitcode=1", "--suppressions-list=tools/cppcheck.txt",
         "-D_GNU_SOURCE", "-Isrc", "-j2", "src"])
    return add((1, 0), checks)


def sanitized_build(name, sanitizers):
    return build(f"build-{name}", ["--buildtype=debugoptimized", f"-Db_sanitize={sanitizers}",
                                   "-Db_lundef=false"], compiler="clang")


def address_build():
    return sanitized_build("asan", "address,undefined")


def thread_build():
    return sanitized_build("tsan", "thread")


def sanitized(directory, environment):
    """The integration tests on both databases go side by side: they wait more than they work."""
    if directory is None:
        return 0, 1
    counts = meson_tests(directory, MESON_SUITES, environment, timeout_factor=5)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        sides = [pool.submit(python_tests, "tests/integration",
                             dict(environment, OCTO_SLOW_BUILD="1", OCTO_TEST_BACKEND=backend,
                                  OCTO_BIN=str(directory / "src/app/octo")), stderr=subprocess.PIPE)
                 for backend in ("sqlite", "postgres")]
    return add(counts, *(side.result() for side in sides))


def suite_asan():
    return sanitized(address_build(), {
        "ASAN_OPTIONS": "abort_on_error=1:detect_leaks=1",
        "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
        "LSAN_OPTIONS": "suppressions=" + str(ROOT / "tests/support/lsan.txt")})


def suite_tsan():
    return sanitized(thread_build(), {
        "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1:suppressions="
                        + str(ROOT / "tests/support/tsan.txt")})


def fuzz_programs():
    """The fuzz targets; None on failure."""
    names = [path.stem for path in sorted((ROOT / "tests/fuzz").glob("fuzz_*.c"))]
    directory = build("build-fuzz", ["--buildtype=debugoptimized", "-Dfuzzing=true"], compiler="clang",
                      targets=[f"tests/fuzz/{name}" for name in names])
    return [directory / "tests/fuzz" / name for name in names] if directory else None


def fuzz(target):
    corpus = ROOT / "tests/fuzz/corpus" / target.name
    directory = target.parent.parent.parent
    new_inputs = directory / "found" / target.name
    new_inputs.mkdir(parents=True, exist_ok=True)
    done = run([target, f"-max_total_time={FUZZ_SECONDS}", "-timeout=10", "-rss_limit_mb=2048",
                "-print_final_stats=0", "-verbosity=0",
                f"-artifact_prefix={directory}/crash-{target.name}-", new_inputs, corpus])
    return (1, 0) if done.returncode == 0 else (0, 1)


def suite_fuzz():
    targets = fuzz_programs()
    if not targets:
        return 0, 1
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return add(*pool.map(fuzz, targets))


# What it runs, what it is, what may be done ahead.
SUITES = {
    "style": (suite_style, "layout, layers, banned calls, generated documents"),
    "unit": (suite_unit, "unit and conformance tests, fuzz corpora, SQL tools"),
    "integration": (suite_integration, "both services over HTTP, as a user would run them"),
    "postgres": (suite_postgres, "the integration tests on PostgreSQL"),
    "fault": (suite_fault, "killed services and servers, broken builds, exhausted pools"),
    "static": (suite_static, "clang's warnings, clang-tidy, cppcheck", suite_static),
    "asan": (suite_asan, "unit tests and both integrations under AddressSanitizer and UBSan",
             lambda: programs(address_build())),
    "tsan": (suite_tsan, "unit tests and both integrations under ThreadSanitizer",
             lambda: programs(thread_build())),
    "fuzz": (suite_fuzz, f"each fuzz target for {FUZZ_SECONDS} seconds", fuzz_programs),
}


def stand_back():
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)


def main():
    if sys.argv[1:2] == ["--python-tests"]:
        return python_tests_here(sys.argv[2])
    parser = argparse.ArgumentParser(prog="octo test", description=__doc__.splitlines()[0])
    parser.add_argument("suite", nargs="*", help="suites to run; all without a name")
    parser.add_argument("--list", action="store_true", help="name the suites and stop")
    arguments = parser.parse_args()
    if arguments.list:
        for name, (_, text, *_) in SUITES.items():
            print(f"{name:12} {text}")
        return 0
    unknown = [name for name in arguments.suite if name not in SUITES]
    if unknown:
        parser.error(f"no suite named {', '.join(unknown)}: see --list")
    chosen = arguments.suite or list(SUITES)
    total_passed = total_failed = 0
    with concurrent.futures.ThreadPoolExecutor(1, initializer=stand_back) as background:
        ahead = {name: background.submit(work) for name in chosen for work in SUITES[name][2:]}
        for name in chosen:
            started = time.monotonic()
            if name in ahead:
                ahead[name].result()
            passed, failed = SUITES[name][0]()
            seconds = time.monotonic() - started
            print(f"{name}: {passed} ok, {failed} not ok, {seconds:.0f} s", flush=True)
            total_passed += passed
            total_failed += failed
    print(f"{total_passed} passed, {total_failed} failed")
    return 1 if total_failed or not total_passed else 0


if __name__ == "__main__":
    sys.exit(main())
