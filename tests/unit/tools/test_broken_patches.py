"""tests/fault/broken: each build that is broken on purpose can still be made of this tree. That its fault is
found is looked at by tests/fault/test_broken_builds.py and test_broken_promises.py, which take long."""

import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent.parent


class BrokenPatches(unittest.TestCase):
    def test_every_patch_applies(self):
        patches = sorted((ROOT / "tests/fault/broken").rglob("*.patch"))
        self.assertTrue(patches)
        for patch in patches:
            with self.subTest(patch.name):
                done = subprocess.run(["patch", "-p1", "--dry-run", "--fuzz=3", "-i", patch], cwd=ROOT,
                                      capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_broken_promise_is_one_of_docs_security(self):
        promises = (ROOT / "docs/security.md").read_text(encoding="utf-8")
        for patch in sorted((ROOT / "tests/fault/broken/promises").glob("*.patch")):
            test = re.search(r"^Test: (.*)$", patch.read_text(encoding="utf-8"), re.MULTILINE)[1]
            self.assertIn(f"`{test}`", promises, patch.name)


if __name__ == "__main__":
    unittest.main()
