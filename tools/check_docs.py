#!/usr/bin/env python3
"""Checks documents against the program: links that lead nowhere, files that the tree does not have,
tests that docs/security.md names and nobody has, and what the program prints (OCTO_BIN, else build/):
docs/config.md and the tables of routes in docs/security.md, and what tests declare: a table of docs/oracle.md.
With --write all of these are made anew."""

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


def page_with(path, title, lines):
    """The page with these lines between the two marks of that title."""
    before, begin, rest = path.read_text(encoding="utf-8").partition(f"<!-- {title} -->\n")
    _, end, after = rest.partition("<!-- end of it -->\n")
    return before + begin + "\n" + lines + "\n" + end + after


def endings_of_calls(text):
    """The table that tests/unit/ora/endings.def declares."""
    yield "| while | the connection ends | the server is silent | it says what cannot be | at the latest after |"
    yield "| --- | --- | --- | --- | --- |"
    for what, *kinds, breaks in re.findall(r'^ENDING\(\w+, "([^"]+)", (\w+), (\w+), (\w+), (\w+)\)$', text, re.M):
        limit = "`call_ms`, and as long again, up to 5 s, for a break" if breaks == "true" else "`connect_ms`"
        yield "| " + " | ".join([what, *("it returns" if kind == "NONE" else f"`OCTO_ORA_{kind}`" for kind in kinds), limit]) + " |"


def pages_as_declared():
    """Each page that holds a table of the tests': its path, what it should hold, where the table is declared."""
    declared = ROOT / "tests/unit/ora/endings.def"
    title = str(declared.relative_to(ROOT))
    lines = "".join(f"{line}\n" for line in endings_of_calls(declared.read_text(encoding="utf-8")))
    yield ROOT / "docs/oracle.md", page_with(ROOT / "docs/oracle.md", title, lines), f"{title} declares"


def pages_as_printed(binary):
    """Each page that the program prints, or a part of: its path, what it should hold, what prints it."""
    def printed(command):
        return subprocess.run([binary, *command.split()], capture_output=True, text=True, check=True).stdout

    yield ROOT / "docs/config.md", printed("config --markdown"), "`octo config --markdown` prints"
    security = ROOT / "docs/security.md"
    title = "octo routes --markdown"
    yield security, page_with(security, title, printed("routes --markdown")), f"`{title}` prints"


def differing_pages(pages, is_written):
    for path, text, source in pages:
        if text == path.read_text(encoding="utf-8"):
            continue
        if is_written:
            path.write_text(text, encoding="utf-8")
        else:
            yield f"{path.relative_to(ROOT)} differs from what {source}: tools/check_docs.py --write"


def main():
    findings = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        findings += broken_links(path)
    findings += unheld_promises(ROOT / "docs/security.md")
    is_written = sys.argv[1:] == ["--write"]
    findings += differing_pages(pages_as_declared(), is_written)
    binary = pathlib.Path(os.environ.get("OCTO_BIN", ROOT / "build/src/app/octo"))
    if binary.exists():
        findings += differing_pages(pages_as_printed(binary), is_written)
    for line in findings:
        print(line)
    print(f"docs: {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
