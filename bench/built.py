"""What benchmarks need of the tests, in a build directory of its own: the listener that poses as Oracle's (tests/support/tnsd).
Import it before anything of tests/support that looks for that."""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build-bench"
os.environ["OCTO_TEST_BUILD"] = str(BUILD)
sys.path.insert(0, str(ROOT / "tests"))


def build(*more):
    """As the launcher builds what is used."""
    if not (BUILD / "build.ninja").exists():
        subprocess.run(["meson", "setup", BUILD, ROOT, "--buildtype=release", "-Db_lto=true", "-Dtests=true"], check=True,
                       stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", BUILD, "tests/support/tnsd/tnsd", *more], check=True, stdout=subprocess.DEVNULL)
