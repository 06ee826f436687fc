"""tests/fresh/documents.py: which commands a document has, and that ours keep its rules."""

import pathlib
import tempfile
import unittest

from fresh import documents

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent.parent


def read(text):
    with tempfile.NamedTemporaryFile("w", suffix=".md") as file:
        file.write(text)
        file.flush()
        return documents.read(file.name, "x.md")


class Documents(unittest.TestCase):
    def test_blocks_of_commands(self):
        found = read("# A\n```\none\n\n# two is next\ntwo 'x\n  y' \\\n  z\n```\ntext\n"
                     "```sh\nthree\n```\n```json\n{}\n```\n")
        self.assertEqual([(c.where, c.text) for c in found], [
            ("x.md:3", "one"), ("x.md:6", "two 'x\n  y' \\\n  z"), ("x.md:12", "three")])

    def test_a_here_document_is_one_command(self):
        found = read("```\ncat <<END\none\ntwo\nEND\ncat\n```\n")
        self.assertEqual([c.text for c in found], ["cat <<END\none\ntwo\nEND", "cat"])

    def test_prompts_and_what_is_printed(self):
        found = read("```\n$ one\nfirst line\n...\nlast\n$ two\n```\n")
        self.assertEqual([(c.text, c.expected) for c in found], [("one", ["first line", "...", "last"]), ("two", [])])

    def test_comments(self):
        found = read("```\none 'a # b'  # 4f2x\ntwo # says many things\nthree '#' x#y\n```\n")
        self.assertEqual([(c.text, c.expected) for c in found], [
            ("one 'a # b'", ["4f2x"]), ("two", []), ("three '#' x#y", [])])

    def test_what_is_not_run(self):
        found = read("<!-- not run: needs a printer -->\n```\none\n```\n## B\n"
                     "```\nsudo two\n```\n```\nthree\n```\n")
        self.assertEqual([(c.not_run, c.needs_root, c.section) for c in found], [
            ("needs a printer", False, ""), ("", True, "B"), ("", False, "B")])

    def test_those_that_go_on(self):
        found = read("```\nOCTO_X=1 ./octo up --data x\nocto shop\n./octo up --help\n./octo sessions --watch\n"
                     "./octo sync\n```\n")
        self.assertEqual([(c.stays, c.watches) for c in found], [
            (True, False), (True, False), (False, False), (False, True), (False, False)])

    def test_half_a_command_is_a_fault(self):
        self.assertRaisesRegex(ValueError, "x.md:2", read, "```\none 'two\n```\n")

    def test_what_is_missing_in_the_output(self):
        for expected, output, line in (([], "", None), (["a b"], "x a   b y\n", None), (["a", "b"], "a\nb\n", None),
                                       (["b", "a"], "a\nb\n", "a"), (["a", "...", "c"], "a\nb\nc\n", None),
                                       (["d"], "a\n", "d")):
            self.assertEqual(documents.missing(expected, output), line, expected)

    def test_ours(self):
        for name in ("README.md", "docs/operations.md"):
            commands = documents.read(ROOT / name, name)
            self.assertEqual([c.where for c in commands if c.text.startswith("octo ") and not c.not_run], [],
                             "a checkout's command is ./octo")
        self.assertIn("./octo up", [c.text for c in documents.read(ROOT / "README.md", "README.md")])


if __name__ == "__main__":
    unittest.main()
