"""The check that services survive kill -9 finds the fault of builds that are broken on purpose."""

import tempfile
import unittest

from support import killing
from support.broken_builds import BrokenBuilds
from support.harness import ROOT, backends

SEED = 20261122
BROKEN = sorted((ROOT / "tests/fault/broken").glob("*.patch"))
BROKEN_MOMENTS = 6
BROKEN_SECONDS_MOST = 1.2  # between two kills, so that a sync gets far enough to be broken
BROKEN_ROUNDS = 40  # at most, until the fault is seen


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
