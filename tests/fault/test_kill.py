"""kill -9 of shop, CRM or both at seeded random moments loses nothing and doubles nothing."""

import os
import unittest

from support import killing
from support.harness import OCTO, backends

MOMENTS = {"sqlite": 80, "postgres": 40}  # OCTO_KILL_MOMENTS is for both
SEED = 20261122


class Kill(unittest.TestCase):
    def test_nothing_is_lost_and_nothing_is_doubled(self):
        for backend, on_server in backends():
            with self.subTest(backend):
                moments = int(os.environ.get("OCTO_KILL_MOMENTS", MOMENTS[backend]))
                wrong = killing.run(OCTO, moments, SEED, on_server)
                self.assertEqual(wrong, [], f"{len(wrong)} findings")


if __name__ == "__main__":
    unittest.main()
