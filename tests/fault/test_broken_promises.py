"""Promises of docs/security.md are held by their tests: a build without the guard fails the test that it names.

Each patch of tests/fault/broken/promises takes one guard away and says which test has to notice. A build for each of
them takes minutes, so every eighth is tried; all of them with OCTO_PROMISES=all.
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest

from support.broken_builds import BrokenBuilds
from support.harness import ROOT, patience

PATCHES = sorted((ROOT / "tests/fault/broken/promises").glob("*.patch"))
TRIED = PATCHES if os.environ.get("OCTO_PROMISES") == "all" else PATCHES[::8]
TEST = re.compile(r"^Test: (test_\w+)\.py (test_\w+)$", re.MULTILINE)


class Promises(unittest.TestCase):
    def test_their_tests_notice_when_they_are_broken(self):
        self.assertGreaterEqual(len(PATCHES), 10)
        builds = BrokenBuilds(self.enterContext(tempfile.TemporaryDirectory()))
        for patch in TRIED:
            module, name = TEST.search(patch.read_text(encoding="utf-8")).groups()
            with self.subTest(patch.name), builds.executable(patch) as executable:
                done = subprocess.run(
                    [sys.executable, "-B", "-m", "unittest", "-k", name, f"integration.{module}"], cwd=ROOT / "tests",
                    env={**os.environ, "OCTO_BIN": executable, "OCTO_TEST_BACKEND": "sqlite"}, check=False,
                    capture_output=True, text=True, timeout=patience(600))
                self.assertRegex(done.stderr, rf"(?m)^(FAIL|ERROR): ({name}|tearDownClass) ",
                                 "the test does not see what this build breaks")


if __name__ == "__main__":
    unittest.main()
