"""Faults that drivers for Oracle had in the field are seen by a test of ours: a build that has one of them fails the test
that its patch names."""

import re
import subprocess
import tempfile
import unittest

from support.broken_builds import BrokenBuilds
from support.harness import ROOT, patience

PATCHES = sorted((ROOT / "tests/fault/broken/driver").glob("*.patch"))
TEST = re.compile(r"^Test: ora-(\w+)$", re.MULTILINE)


class Driver(unittest.TestCase):
    def test_its_tests_notice_when_it_is_broken(self):
        self.assertGreaterEqual(len(PATCHES), 10)
        builds = BrokenBuilds(self.enterContext(tempfile.TemporaryDirectory()))
        for patch in PATCHES:
            test = TEST.search(patch.read_text(encoding="utf-8"))[1]
            with self.subTest(patch.name), builds.executable(patch, f"tests/unit/ora/test-ora-{test}") as executable:
                done = subprocess.run([executable], capture_output=True, check=False, timeout=patience(60))
                self.assertNotEqual(done.returncode, 0, "the test does not see what this build breaks")


if __name__ == "__main__":
    unittest.main()
