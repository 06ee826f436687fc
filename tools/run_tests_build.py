"""Sets up and builds the build directories of ./octo test. See tools/run_tests.py."""

import collections
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent
STEP = re.compile(r"\[(\d+)/(\d+)\]")
# Gold takes a fifth of the usual linker's time for 200 programs with a sanitizer's library in each.
LINKERS = {"clang": {"CC_LD": "gold"}}
BUILDING = collections.defaultdict(threading.Lock)  # by directory


def source_of(directory):
    """The checkout that a build directory was set up for; None when it is not set up."""
    try:
        info = json.loads((directory / "meson-info/meson-info.json").read_text(encoding="utf-8"))
        return pathlib.Path(info["directories"]["source"])
    except (OSError, ValueError, KeyError):
        return None


def set_up(directory, options, compiler):
    """What meson said when it could not; None when it could or had nothing to do. A directory that was moved
    or copied with its checkout still builds the old one, so it is set up anew, as is one of other options."""
    known = directory / "options.txt"
    wanted = "\n".join([compiler, *options])
    if source_of(directory) == ROOT and (directory / "build.ninja").exists() and known.exists() \
            and known.read_text(encoding="utf-8") == wanted:
        return None
    shutil.rmtree(directory, ignore_errors=True)
    done = subprocess.run(["meson", "setup", directory, ROOT, "-Dtests=true", *options],
                          env=dict(os.environ, CC=compiler, **LINKERS.get(compiler, {})), capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        return done.stdout + done.stderr
    known.write_text(wanted, encoding="utf-8")
    return None


def ninja(directory, targets, tally):
    """What ninja said when it failed, without its progress; None when it did not fail."""
    with subprocess.Popen(["ninja", "-C", directory, *targets], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace") as process:
        said = []
        for line in process.stdout:
            step = STEP.match(line)
            if step:
                tally.at(directory.name, f"{step[1]} of {step[2]}")
            else:
                said.append(line)
    return "".join(said) if process.returncode != 0 else None


@functools.cache
def build(name, options, compiler, targets, tally):
    """Builds the test programs, or these targets. Returns the directory, None on failure. Suites that go side by side
    want the same one."""
    directory = ROOT / name
    with tally.doing(name, "is set up"), BUILDING[name]:
        wrong = set_up(directory, options, compiler) or ninja(
            directory, targets or ["all", "meson-test-prereq"], tally)
    if wrong is None:
        return directory
    tally.add_failed(name, wrong)
    return None


def tests_build(tally):
    return build("build-test", ("-Doptimization=1", "-Ddebug=false"), "gcc", (), tally)


def sanitized_build(name, sanitizers, tally, *more, targets=()):
    """Lines are all that a sanitizer tells of, and the least optimizing compiles in three quarters of the time."""
    return build(f"build-{name}", ("-Doptimization=1", "-Ddebug=false", "-Dc_args=-gline-tables-only",
                                   f"-Db_sanitize={sanitizers}", "-Db_lundef=false", *more), "clang", targets, tally)


def address_build(tally, targets=()):
    """That of the fuzz targets too."""
    return sanitized_build("asan", "address,undefined", tally, "-Dfuzzing=true", targets=targets)


def thread_build(tally, targets=()):
    return sanitized_build("tsan", "thread", tally, targets=targets)


def fuzz_build(names, tally):
    return address_build(tally, tuple(f"tests/fuzz/{name}" for name in names))
