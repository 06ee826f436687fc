"""What clients are promised is there."""

import re
import subprocess
import unittest

from support.harness import OCTO
from support.promised import PROMISED, rows


class Promised(unittest.TestCase):
    def test_each_operation_is_there(self):
        printed = subprocess.run([OCTO, "routes"], check=True, capture_output=True, text=True).stdout
        there = {(service, method, re.sub(r"\{[^}]*\}", "{}", path))
                 for service, method, path in (line.split()[:3] for line in printed.splitlines())}
        promised = rows(PROMISED)
        self.assertGreater(len(promised), 200)
        self.assertEqual(sorted(promised - there), [], "promised, and missing")


if __name__ == "__main__":
    unittest.main()
