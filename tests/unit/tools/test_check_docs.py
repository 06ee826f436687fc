"""tools/check_docs.py: which promises of docs/security.md it takes for unheld."""

import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True

import check_docs

HEADING = "| promise | held by |\n| --- | --- |\n"
HELD = "| Rows stay | `test_audit.py test_rows_cannot_be_changed`, `test_auth.c auth__dead_sessions__are_refused` |\n"


class Promises(unittest.TestCase):
    def unheld(self, text):
        with tempfile.TemporaryDirectory(dir=ROOT / "tests") as folder:
            page = Path(folder) / "page.md"
            page.write_text(text, encoding="utf-8")
            return [line.split(": ", 1)[1] for line in check_docs.unheld_promises(page)]

    def test_tests_in_python_and_in_c_are_found(self):
        self.assertEqual(self.unheld(HEADING + HELD), [])

    def test_a_test_that_nobody_has_is_named(self):
        row = HELD.replace("test_rows_cannot", "test_rows_can_never").replace("test_auth.c", "test_audit.c")
        self.assertEqual(self.unheld(HEADING + HELD + row), [
            "no such test: test_audit.py test_rows_can_never_be_changed",
            "no such test: test_audit.c auth__dead_sessions__are_refused"])

    def test_every_table_of_promises_is_looked_at(self):
        other = "\nMore:\n\n| promise | held by | unless |\n| --- | --- | --- |\n| a | `test_audit.py test_none` | `b` |\n"
        free = "\n| who | what |\n| --- | --- |\n| a | `test_audit.py test_none` |\n"
        self.assertEqual(self.unheld(HEADING + HELD + other + free), ["no such test: test_audit.py test_none"])

    def test_a_promise_without_a_test_is_named(self):
        self.assertEqual(self.unheld(HEADING + HELD + "| Nothing breaks | trust us |\n"), ["no such test: (none)"])

    def test_a_page_without_promises_is_named(self):
        self.assertEqual(self.unheld("# Security\n\n| who | what |\n| --- | --- |\n| a | b |\n"),
                         ["no table of promises"])


if __name__ == "__main__":
    unittest.main()
