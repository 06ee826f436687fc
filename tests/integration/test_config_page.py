"""docs/config.md is what the table of settings says."""

import subprocess
import unittest

from support.harness import OCTO, ROOT


class ConfigPage(unittest.TestCase):
    def test_page_is_up_to_date(self):
        made = subprocess.run([OCTO, "config", "--markdown"], check=True, capture_output=True)
        self.assertEqual(made.stdout, (ROOT / "docs/config.md").read_bytes(),
                         "run: octo config --markdown > docs/config.md")


if __name__ == "__main__":
    unittest.main()
