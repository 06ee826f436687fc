"""kill -9 of shop, CRM or both at seeded random moments loses nothing and doubles nothing; the same
check finds the fault of builds that are broken on purpose."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from support import killing
from support.harness import OCTO, ROOT, backends

MOMENTS = {"sqlite": 200, "postgres": 40}  # OCTO_KILL_MOMENTS is for both
SEED = 20261122
BROKEN = sorted((ROOT / "tests/fault/broken").glob("*.patch"))
BROKEN_MOMENTS = 6
BROKEN_SECONDS_MOST = 1.2  # between two kills, so that a sync gets far enough to be broken
BROKEN_ROUNDS = 6  # until the fault is seen


def build_broken(patch, folder):
    """A build of the tree with this patch in it; the executable."""
    source = pathlib.Path(folder) / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(
        ".git", "build*", "var", "node_modules", "__pycache__"))
    subprocess.run(["patch", "-p1", "--fuzz=3", "-i", patch], cwd=source, check=True,
                   capture_output=True)
    build = pathlib.Path(folder) / "build"
    subprocess.run(["meson", "setup", build, source, "--buildtype=debug"], check=True,
                   capture_output=True)
    subprocess.run(["ninja", "-C", build, "src/app/octo"], check=True, capture_output=True)
    return str(build / "src/app/octo")


class Kill(unittest.TestCase):
    def test_nothing_is_lost_and_nothing_is_doubled(self):
        for backend, on_server in backends():
            with self.subTest(backend):
                moments = int(os.environ.get("OCTO_KILL_MOMENTS", MOMENTS[backend]))
                wrong = killing.run(OCTO, moments, SEED, on_server)
                self.assertEqual(wrong, [], f"{len(wrong)} findings")

    def test_the_check_finds_builds_that_are_broken(self):
        self.assertTrue(BROKEN)
        for patch in BROKEN:
            with tempfile.TemporaryDirectory() as folder:
                executable = build_broken(patch, folder)
                for backend, on_server in backends():
                    with self.subTest(f"{patch.name} on {backend}"):
                        self.assertTrue(
                            any(killing.run(executable, BROKEN_MOMENTS, SEED + number, on_server,
                                            BROKEN_SECONDS_MOST) for number in range(BROKEN_ROUNDS)),
                            "the check does not see what this build breaks")


if __name__ == "__main__":
    unittest.main()
