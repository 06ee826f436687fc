"""tools/assets.py: the table it makes of a directory, and what it refuses."""

import contextlib
import gzip
import io
import re
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True

import assets


class Table(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.web = Path(holder.name) / "web"
        self.out = Path(holder.name) / "out"
        self.web.mkdir()
        self.out.mkdir()

    def write(self, name, data):
        path = self.web / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def make(self):
        return assets.main(["--web", str(self.web), "--output", str(self.out), "--depfile", str(self.out / "d")])

    def bytes_in_c(self, name):
        text = (self.out / "web_assets.c").read_text(encoding="utf-8")
        numbers = re.search(rf"{name}\[\] = {{(.*?)}};", text, re.S).group(1)
        return bytes(int(number) for number in numbers.replace("\n", "").split(",") if number)

    def refused(self, message):
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            self.assertEqual(self.make(), 1)
        self.assertIn(message, said.getvalue())

    def test_a_file_is_there_whole_and_packed(self):
        data = b"body{color:red}" * 300 + bytes(range(256))
        self.write("page.css", data)
        self.assertEqual(self.make(), 0)
        self.assertEqual(self.bytes_in_c("page_css_bytes"), data)
        self.assertEqual(gzip.decompress(self.bytes_in_c("page_css_packed")), data)
        self.assertEqual(self.bytes_in_c("page_css_packed")[4:8], bytes(4), "a time would differ with each build")

    def test_what_gzip_makes_no_smaller_is_there_once(self):
        self.write("dot.svg", b"<svg/>")
        self.assertEqual(self.make(), 0)
        text = (self.out / "web_assets.c").read_text(encoding="utf-8")
        self.assertNotIn("dot_svg_packed", text)
        self.assertIn("{NULL, 0, NULL}", text)

    def test_the_lasting_name_changes_with_the_bytes_alone(self):
        names = []
        for data in (b"a", b"b", b"a"):
            self.write("docs/try-it.js", data)
            self.assertEqual(self.make(), 0)
            header = (self.out / "web_assets.h").read_text(encoding="utf-8")
            names.append(re.search(r'#define ASSET_DOCS_TRY_IT_JS "(/assets/docs/try-it\.[0-9a-f]{16}\.js)"', header)[1])
        self.assertEqual(names[0], names[2])
        self.assertNotEqual(names[0], names[1])

    def test_the_build_looks_again_when_a_file_changes_or_comes(self):
        self.write("docs/a.js", b"a")
        self.assertEqual(self.make(), 0)
        needs = (self.out / "d").read_text(encoding="utf-8").replace("\\\n", "").split()
        self.assertEqual(needs[1:], [str(self.web), str(self.web / "docs"), str(self.web / "docs/a.js")])

    def test_what_cannot_be_a_row_is_refused(self):
        self.refused("no assets")
        for name, message in (("Page.css", "small letters"), ("a b.css", "small letters"),
                              (".hidden.css", "small letters"), ("page.exe", "no media type is known for .exe")):
            self.write(name, b"x")
            self.refused(message)
            (self.web / name).unlink()
        self.write("page.css", b"")
        self.refused("page.css: the file is empty")

    def test_what_goes_into_bundles_is_no_file_of_its_own(self):
        for name in ("console/main.tsx", "kit/api.ts", "kit/kit.css", "kit/theme.js", "page.css"):
            self.write(name, b"x")
        bundle = self.out / "console.js"
        bundle.write_bytes(b"bundled")
        rows, inputs = assets.load(self.web, [bundle])
        self.assertEqual([asset.name for asset in rows], ["kit/theme.js", "page.css", "console.js"])
        self.assertIn(bundle, inputs)
        self.assertNotIn(self.web / "kit/api.ts", inputs)

    def test_two_files_of_one_c_name_are_refused(self):
        self.write("a-b.css", b"x")
        self.write("a_b.css", b"y")
        self.refused("have the same name: a_b_css")

    def test_the_files_of_the_project_are_all_there(self):
        rows, _ = assets.load(ROOT / "web")
        self.assertIn("page.css", [asset.name for asset in rows])


if __name__ == "__main__":
    unittest.main()
