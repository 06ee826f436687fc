"""tests/fault/broken: each build that is broken on purpose can still be made of this tree. That its fault is
found is looked at by tests/fault/test_broken_builds.py, which takes long."""

import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent.parent


class BrokenPatches(unittest.TestCase):
    def test_every_patch_applies(self):
        patches = sorted((ROOT / "tests/fault/broken").glob("*.patch"))
        self.assertTrue(patches)
        for patch in patches:
            with self.subTest(patch.name):
                done = subprocess.run(["patch", "-p1", "--dry-run", "--fuzz=3", "-i", patch], cwd=ROOT,
                                      capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
