"""The check that services survive kill -9 finds the fault of builds that are broken on purpose."""

import contextlib
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from support import killing
from support.harness import ROOT, backends

SEED = 20261122
BROKEN = sorted((ROOT / "tests/fault/broken").glob("*.patch"))
BROKEN_MOMENTS = 6
BROKEN_SECONDS_MOST = 1.2  # between two kills, so that a sync gets far enough to be broken
BROKEN_ROUNDS = 40  # at most, until the fault is seen


class BrokenBuilds:
    """A copy of the tree that is built with one patch at a time; what no patch touches is compiled once."""

    def __init__(self, folder):
        self.source, self.build = pathlib.Path(folder, "source"), pathlib.Path(folder, "build")
        shutil.copytree(ROOT, self.source, ignore=shutil.ignore_patterns(
            ".git", "build*", "var", "node_modules", "__pycache__"))
        self.run("meson", "setup", self.build, self.source, "--buildtype=debug")

    def run(self, *command):
        done = subprocess.run(command, cwd=self.source, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{command}: {done.stdout[-5000:]}{done.stderr}")

    @contextlib.contextmanager
    def executable(self, patch):
        self.run("patch", "-p1", "--fuzz=3", "-i", patch)
        self.run("ninja", "-C", self.build, "src/app/octo")
        yield str(self.build / "src/app/octo")
        self.run("patch", "-p1", "--fuzz=3", "--reverse", "-i", patch)


class Broken(unittest.TestCase):
    def test_the_check_finds_builds_that_are_broken(self):
        self.assertTrue(BROKEN)
        builds = BrokenBuilds(self.enterContext(tempfile.TemporaryDirectory()))
        for patch in BROKEN:
            with builds.executable(patch) as executable:
                for backend, on_server in backends():
                    with self.subTest(f"{patch.name} on {backend}"):
                        self.assertTrue(
                            any(killing.run(executable, BROKEN_MOMENTS, SEED + number, on_server,
                                            BROKEN_SECONDS_MOST) for number in range(BROKEN_ROUNDS)),
                            "the check does not see what this build breaks")


if __name__ == "__main__":
    unittest.main()
