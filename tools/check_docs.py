#!/usr/bin/env python3
"""Checks documents against the program: links that lead nowhere, files that the tree does not have,
tests that docs/security.md names and nobody has, and what the program prints (OCTO_BIN, else build/):
docs/config.md and the tables of routes in docs/security.md. With --write both are made anew."""

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


def test_names():
    """Of all tests, as "test_audit.py test_rows_cannot_be_changed" and "test_auth.c auth__dead_sessions__are_refused"."""
    for path in (ROOT / "tests").rglob("*"):
        rule = {".py": r"^    def (test_\w+)\(", ".c": r"^static void (\w+__\w+)\(void \*\*state\)"}.get(path.suffix)
        if rule:
            yield from (f"{path.name} {name}" for name in re.findall(rule, path.read_text(encoding="utf-8"), re.M))


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def unheld_promises(path):
    """Rows of tables with a column "held by" that have no test there, or one that is not in the tree."""
    known = set(test_names())
    name = path.relative_to(ROOT)
    column, has_table = None, False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.startswith("|"):
            column = None
        elif "held by" in cells(line):
            column, has_table = cells(line).index("held by"), True
        elif column is not None and not line.startswith("| --- |"):
            held_by = re.findall(r"`([^`]+)`", cells(line)[column]) or ["(none)"]
            yield from (f"{name}:{number}: no such test: {test}" for test in held_by if test not in known)
    if not has_table:
        yield f"{name}: no table of promises"


def pages_as_printed(binary):
    """Each page that the program prints, or a part of: its path, what it should hold, the command that prints it."""
    def printed(command):
        return subprocess.run([binary, *command.split()], capture_output=True, text=True, check=True).stdout

    yield ROOT / "docs/config.md", printed("config --markdown"), "octo config --markdown"
    security = ROOT / "docs/security.md"
    before, begin, rest = security.read_text(encoding="utf-8").partition("<!-- octo routes --markdown -->\n")
    _, end, after = rest.partition("<!-- end of it -->\n")
    yield security, before + begin + "\n" + printed("routes --markdown") + "\n" + end + after, "octo routes --markdown"


def differing_pages(binary, is_written):
    for path, text, command in pages_as_printed(binary):
        if text == path.read_text(encoding="utf-8"):
            continue
        if is_written:
            path.write_text(text, encoding="utf-8")
        else:
            yield f"{path.relative_to(ROOT)} differs from what `{command}` prints: tools/check_docs.py --write"


def main():
    findings = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        findings += broken_links(path)
    findings += unheld_promises(ROOT / "docs/security.md")
    binary = pathlib.Path(os.environ.get("OCTO_BIN", ROOT / "build/src/app/octo"))
    if binary.exists():
        findings += differing_pages(binary, sys.argv[1:] == ["--write"])
    for line in findings:
        print(line)
    print(f"docs: {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
