"""What clients are promised is there, but for what is said to be absent; nothing else is."""

import re
import subprocess
import unittest

from support.harness import OCTO
from support.promised import ABSENT, PROMISED, rows


class Promised(unittest.TestCase):
    def test_each_operation_is_there_or_named_as_absent(self):
        printed = subprocess.run([OCTO, "routes"], check=True, capture_output=True, text=True).stdout
        there = {(service, method, re.sub(r"\{[^}]*\}", "{}", path))
                 for service, method, path in (line.split()[:3] for line in printed.splitlines())}
        promised, absent = rows(PROMISED), rows(ABSENT)
        self.assertGreater(len(there), 100)
        self.assertEqual(promised - there - absent, set(), "promised, gone, and not said to be absent")
        self.assertEqual(absent & there, set(), "said to be absent, and there")
        self.assertEqual(absent - promised, set(), "said to be absent, and not promised")


if __name__ == "__main__":
    unittest.main()
