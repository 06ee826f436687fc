#!/usr/bin/env python3
"""Checks documents against the program: links that lead nowhere, files that the tree does not have,
and docs/config.md against what `octo config --markdown` prints (OCTO_BIN, else build/)."""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def broken_links(path):
    text = path.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", line):
            if "://" not in target and not (path.parent / target).exists():
                yield f"{path.relative_to(ROOT)}:{number}: no such file: {target}"


def main():
    findings = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        findings += broken_links(path)
    binary = pathlib.Path(os.environ.get("OCTO_BIN", ROOT / "build/src/app/octo"))
    if binary.exists():
        printed = subprocess.run([binary, "config", "--markdown"], capture_output=True, text=True,
                                 check=False).stdout
        if printed != (ROOT / "docs/config.md").read_text(encoding="utf-8"):
            findings.append("docs/config.md differs from what `octo config --markdown` prints")
    for line in findings:
        print(line)
    print(f"docs: {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
