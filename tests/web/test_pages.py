"""The pages of web/, judged by npm's tools and in Debian's Chromium: types, texts of numbers, and each application.

A test here is a file of this directory that node runs; what it says is shown where it fails. `OCTO_BIN` is the program,
`OCTO_CHROMIUM` the browser; pictures of the pages are left in build-test/pictures.
"""

import os
import shutil
import subprocess
import unittest
from pathlib import Path

from support import npm

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BEGIN = "# Subtest: "
PLAN = "1.."


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        npm.need(HERE)

    def start(self, *arguments):
        program = os.environ.get("OCTO_BIN", str(ROOT / "build/src/app/octo"))
        return subprocess.Popen(["node", *arguments], cwd=HERE, env=dict(os.environ, OCTO_BIN=program), text=True,
                                errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def node(self, *arguments):
        with self.start(*arguments) as process:
            said = process.stdout.read()
        self.assertEqual(process.returncode, 0, said)

    def node_cases(self, file):
        """A sub-test for each case of the file, told when the next one begins; TAP says behind a case what was wrong."""
        failed = 0
        said = []
        with self.start("--test-reporter=tap", file) as process:
            for line in process.stdout:
                print(line, end="")
                if line.startswith((BEGIN, PLAN)):
                    failed += self.tell_case(said)
                    said = []
                said.append(line)
        if not failed:
            self.assertEqual(process.returncode, 0, "".join(said))

    def tell_case(self, said):
        """Whether it failed. What comes before the first is none."""
        failed = any(line.startswith("not ok ") for line in said)
        if said and said[0].startswith(BEGIN):
            with self.subTest(said[0].removeprefix(BEGIN).strip()):
                if failed:
                    self.fail("".join(said))
        return failed

    def test_types(self):
        self.node("node_modules/typescript/bin/tsc", "-p", ".")

    def test_without_a_page(self):
        self.node("--test", "format.test.mjs", "console.test.mjs", "traces.test.mjs")

    def browse(self, name):
        if not shutil.which(os.environ.get("OCTO_CHROMIUM", "chromium")):
            self.skipTest("there is no Chromium")
        self.node_cases(f"{name}.mjs")

    def test_console(self):
        self.browse("console")

    def test_shop(self):
        self.browse("shop")

    def test_crm(self):
        self.browse("crm")

    def test_sso(self):
        self.browse("sso")

    def test_minute(self):
        self.browse("minute")

    def test_drawings(self):
        self.node(str(ROOT / "tools/illustrate/run.mjs"), "--check")


if __name__ == "__main__":
    unittest.main()
