#!/usr/bin/env python3
"""All integration tests on the listener that poses as Oracle, in each of its poses, as a table. By hand: of what is about
both services on any engine, CI runs a few there.

    tests/by_hand/oracle.py [--poses 19c,23ai] [MODULE...]

Modules about another engine or about what is installed are left out. The program and the listener are those of
build-test (./octo test oracle builds them), or what OCTO_BIN and OCTO_TEST_BUILD say; what a module said that failed
stands in build-test/oracle. The exit status is 1 where one did.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests/integration"
SAID = ROOT / "build-test/oracle"
ABOUT_OTHERS = re.compile("test_(postgres|pgbouncer|doctor_tls|installed|units)")
MINUTES_MOST = 15  # then it hangs
SUMMARY = re.compile(r"^Ran (\d+) tests? in [\d.]+s\n\n(\w+)(?: \((.*)\))?", re.MULTILINE)


def run(module, pose):
    """Its row of the table, and whether it is well."""
    began = time.monotonic()
    where = {"OCTO_TEST_BACKEND": "oracle", "OCTO_TEST_POSE": pose, "PYTHONPATH": f"{ROOT}/tests:{ROOT}/tools",
             "OCTO_BIN": os.environ.get("OCTO_BIN", f"{ROOT}/build-test/src/app/octo")}
    said = SAID / f"{module}.{pose}.log"
    with open(said, "w", encoding="utf-8") as log:
        try:
            code = subprocess.run([sys.executable, "-B", "-m", "unittest", "-v", module], cwd=FOLDER, env=os.environ | where,
                                  stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=MINUTES_MOST * 60,
                                  check=False).returncode
        except subprocess.TimeoutExpired:
            code = -1
    found = SUMMARY.search(said.read_text(encoding="utf-8", errors="replace"))
    count, what, more = found.groups() if found else ("-", "HANGS" if code == -1 else "ENDS", None)
    return f"{module:32} {pose:5} {count:>4} tests {time.monotonic() - began:6.1f} s  {what} {more or ''}".rstrip(), code == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--poses", default="19c,23ai")
    parser.add_argument("modules", nargs="*")
    asked = parser.parse_args()
    SAID.mkdir(parents=True, exist_ok=True)
    modules = asked.modules or sorted(path.stem for path in FOLDER.glob("test_*.py") if not ABOUT_OTHERS.match(path.stem))
    all_well = True
    for module in modules:
        for pose in asked.poses.split(","):
            row, is_well = run(module, pose)
            print(row, flush=True)
            all_well = all_well and is_well
    return 0 if all_well else 1


if __name__ == "__main__":
    sys.exit(main())
