#!/usr/bin/env python3
"""Checks the rules of the house that no compiler knows.

Layering: a directory of src/ includes only what LAYERS allows; a database engine only core and the
contract of engines, and nobody an engine; a private header stays in its directory. Foreign headers: each library's
header appears only where OWNERS says. Banned functions; functions over 70 lines; files over 800
lines, tests and tools too; statements (SQL) only in .sql files. One line per breach, exit 1 if there
is any.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

LAYERS = {
    "core": set(),
    "trace": {"core"},
    "net": {"core", "trace"},
    "db": {"core", "trace"},
    "http": {"core", "trace"},
    "service": {"core", "trace", "db", "http", "net"},
    "shop": {"core", "trace", "db", "http", "net", "service"},
    "crm": {"core", "trace", "db", "http", "net", "service"},
    "app": {"core", "trace", "db", "http", "net", "service", "shop", "crm"},
}

# Header of a library -> the files that may include it.
OWNERS = {
    r"sqlite3\.h": r"src/db/sqlite/\w+\.[ch]",
    r"libpq-fe\.h": r"src/db/postgres/\w+\.[ch]",
    r"curl/.*": r"src/net/http_client\.c",
    r"openssl/.*": r"src/net/tls\w*\.[ch]|src/db/postgres/wire\.c",
    r"microhttpd\.h": r"src/http/\w+\.[ch]",
    r"jansson\.h": r"src/http/\w+\.[ch]",
    r"nettle/.*": r"src/core/digest\.c",
    r"argon2\.h": r"src/service/password\.c|src/service/auth\.c",
    r"zlib\.h": r"src/http/\w+\.c",
}

# A database engine has a directory of its own in src/db, and all share db/engine; what they may
# include of ours beside that and core.
ENGINES = {"sqlite", "postgres"}
SHARED = "engine"
CONTRACT = {"db/backend.h", "db/catalogue.h", "db/diagnose.h", "db/execution.h", "db/filled_texts.h",
            "db/tags.h", "db/value.h"}

# Statements, generated from sql/, belong to one directory of src/; the commands may list them all.
GENERATED = {
    "sql_core.h": {"service"},
    "sql_db.h": {"db"},
    "sql_db_sqlite.h": {"db/sqlite"},
    "sql_db_postgres.h": {"db/postgres"},
    "sql_shop.h": {"shop"},
    "sql_crm.h": {"crm"},
    "sql_core_catalogue.h": {"service", "app"},
    "sql_shop_catalogue.h": {"shop", "app"},
    "sql_crm_catalogue.h": {"crm", "app"},
    "sql_db_catalogue.h": {"app"},
}

BANNED = r"\b(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|gets|rand|srand|sleep|usleep)\s*\("
HEAP = r"\b(malloc|calloc|realloc|strdup|strndup|asprintf)\s*\("
SQL_TEXT = r'"\s*(SELECT\s.+\sFROM\s|INSERT INTO\s|UPDATE\s\w+\sSET\s|DELETE FROM\s|CREATE TABLE\s)'
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 800

breaches = []


def breach(path, line, text):
    breaches.append(f"{path.relative_to(ROOT)}:{line}: {text}")


def without_comments(text):
    """The text with comments blanked, line numbers kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    return re.sub(r"/\*.*?\*/|//[^\n]*", blank, text, flags=re.S)


def check_includes(path, layer, number, line):
    match = re.match(r'\s*#include\s+(?:"([^"]+)"|<([^>]+)>)', line)
    if not match:
        return
    ours, foreign = match.groups()
    if ours:
        if ours in GENERATED:
            user = path.parent.relative_to(ROOT / "src").as_posix()
            if user not in GENERATED[ours] | {"app"}:
                breach(path, number, f"{user} must not use {ours}")
            return
        target = ours.split("/")[0]
        if "/" not in ours or target not in LAYERS:
            breach(path, number, f'include "{ours}" does not name a layer')
        elif target != layer and target not in LAYERS[layer]:
            breach(path, number, f"layer {layer} must not include {target}")
        elif ours.endswith("_priv.h") and path.parent != ROOT / "src" / pathlib.Path(ours).parent:
            breach(path, number, f"{ours} is private to {pathlib.Path(ours).parent}")
        else:
            check_engines(path, layer, number, pathlib.Path(ours))
        return
    for header, owner in OWNERS.items():
        if re.fullmatch(header, foreign) and not re.fullmatch(owner, str(path.relative_to(ROOT))):
            breach(path, number, f"<{foreign}> belongs to {owner}")


def check_engines(path, layer, number, ours):
    rooms = ENGINES | {SHARED}
    engine = path.parent.name if layer == "db" and path.parent.name in rooms else None
    room = ours.parts[1] if ours.parts[0] == "db" and ours.parts[1] in rooms else None
    if room and room != engine and (room != SHARED or engine is None):
        breach(path, number, f"{ours} belongs to an engine: db/backend.h is its door")
    elif engine and not room and ours.parts[0] != "core" and str(ours) not in CONTRACT:
        breach(path, number, f"an engine must not include {ours}")


def check_functions(path, lines):
    start = None
    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start:
            if number - start - 1 > FUNCTION_LINES_MAX:
                breach(path, start, f"function of {number - start - 1} lines")
            start = None


def check_length(path, lines):
    if len(lines) > FILE_LINES_MAX:
        breach(path, 1, f"file of {len(lines)} lines: two subjects in one room")


def check_source(path):
    layer = path.relative_to(ROOT / "src").parts[0]
    if layer not in LAYERS:
        breach(path, 1, f"{layer} is not a layer")
        return
    text = path.read_text(encoding="utf-8")
    if not text.startswith("/*") and not (path.suffix == ".c" and path.with_suffix(".h").exists()):
        breach(path, 1, "the file does not say what it is for")
    code = without_comments(text).splitlines()
    for number, line in enumerate(code, 1):
        check_includes(path, layer, number, line)
        if re.search(BANNED, line):
            breach(path, number, "banned function: " + re.search(BANNED, line).group(1))
        if layer != "core" and re.search(HEAP, line):
            breach(path, number, "bare heap call outside core: " + re.search(HEAP, line).group(1))
        if re.search(SQL_TEXT, line, re.I):
            breach(path, number, "SQL belongs into sql/")
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"\b(TODO|FIXME|XXX)\b", line):
            breach(path, number, "unfinished work")
    check_length(path, code)
    if path.suffix == ".c":
        check_functions(path, code)


def check_format(paths):
    result = subprocess.run(["clang-format", "--dry-run", "--Werror", *map(str, paths)],
                            capture_output=True, text=True, check=False)
    for line in result.stderr.splitlines():
        match = re.match(r"(.+?):(\d+):\d+: error: ", line)
        if match:
            breach(pathlib.Path(match.group(1)), match.group(2), "not as clang-format lays it out")


def main():
    sources = sorted((ROOT / "src").rglob("*.[ch]"))
    for path in sources:
        check_source(path)
    others = [p for d in ("tests", "bench", "tools") for p in sorted((ROOT / d).rglob("*"))
              if p.suffix in (".c", ".h", ".py") and "node_modules" not in p.parts]
    for path in others:
        check_length(path, path.read_text(encoding="utf-8").splitlines())
    check_format(sources + [p for p in others if p.suffix != ".py"])
    for line in breaches:
        print(line)
    print(f"tidy: {len(sources)} files, {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
