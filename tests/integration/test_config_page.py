"""What documents have from the program is what it prints."""

import re
import subprocess
import unittest

from support.harness import OCTO, ROOT


class ConfigPage(unittest.TestCase):
    def test_page_is_up_to_date(self):
        made = subprocess.run([OCTO, "config", "--markdown"], check=True, capture_output=True)
        self.assertEqual(made.stdout, (ROOT / "docs/config.md").read_bytes(),
                         "run: octo config --markdown > docs/config.md")

    def test_tables_of_routes_are_up_to_date(self):
        made = subprocess.run([OCTO, "routes", "--markdown"], check=True, capture_output=True, text=True)
        self.assertIn(f"<!-- octo routes --markdown -->\n\n{made.stdout}\n<!-- end of it -->\n",
                      (ROOT / "docs/security.md").read_text(encoding="utf-8"), "run: tools/check_docs.py --write")

    def test_help_names_every_setting(self):
        page = (ROOT / "docs/config.md").read_text(encoding="utf-8")
        names = set(re.findall(r"^\| `([A-Z][A-Z0-9_]+)`", page, re.MULTILINE))
        self.assertGreater(len(names), 20)
        shown = subprocess.run([OCTO, "config"], check=True, capture_output=True, text=True).stdout
        self.assertEqual({name for name in names if not re.search(rf"\b{name}\b", shown)}, set())


if __name__ == "__main__":
    unittest.main()
