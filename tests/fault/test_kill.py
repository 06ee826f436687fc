"""kill -9 of shop, CRM or both at 200 seeded random moments loses nothing and doubles nothing; the same
check finds the fault of builds that are broken on purpose."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from support import killing
from support.harness import OCTO, ROOT

MOMENTS = int(os.environ.get("OCTO_KILL_MOMENTS", "200"))
SEED = 20261122
BROKEN = sorted((ROOT / "tests/fault/broken").glob("*.patch"))
BROKEN_MOMENTS = 40


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
        wrong = killing.run(OCTO, MOMENTS, SEED)
        self.assertEqual(wrong, [], f"{len(wrong)} findings")

    def test_the_check_finds_builds_that_are_broken(self):
        self.assertTrue(BROKEN)
        for patch in BROKEN:
            with self.subTest(patch.name), tempfile.TemporaryDirectory() as folder:
                wrong = killing.run(build_broken(patch, folder), BROKEN_MOMENTS, SEED)
                self.assertTrue(wrong, "the check does not see what this build breaks")


if __name__ == "__main__":
    unittest.main()
