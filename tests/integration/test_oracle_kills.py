"""kill -9 of shop, CRM or the listeners that pose as Oracle, at seeded moments under purchases and runs of the
synchronisation: what was acknowledged is there once, in both. Runs where OCTO_TEST_BACKEND is oracle."""

import os
import unittest

from support import killing
from support.harness import IS_ORACLE, OCTO, SERVICES, scaled

MOMENTS = int(os.environ.get("OCTO_ORA_KILL_MOMENTS", scaled(10)))
SEED = 20261130


@unittest.skipUnless(IS_ORACLE, "runs once, with the tests on Oracle")
class Kills(unittest.TestCase):
    def test_nothing_is_lost_and_nothing_is_doubled(self):
        wrong = killing.run(OCTO, MOMENTS, SEED, SERVICES)
        self.assertEqual(wrong, [], f"{len(wrong)} findings")


if __name__ == "__main__":
    unittest.main()
