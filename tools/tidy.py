#!/usr/bin/env python3
"""Checks the rules of the house that no compiler knows.

Layering: a directory of src/ includes only what LAYERS allows; a database engine only core and the
contract of engines, and nobody an engine; a private header stays in its directory. Foreign headers: each library's
header appears only where OWNERS says. Banned functions; functions over 70 lines; files over 800
lines, tests and tools too; statements (SQL) only in .sql files, and none there that nobody calls. One line
per breach, with the name of the rule; exit 1 if there is any.
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
    "otlp": {"core", "trace", "net"},
    "db": {"core", "trace"},
    "store": {"core", "trace", "otlp", "db"},
    "http": {"core", "trace"},
    "service": {"core", "trace", "db", "http", "net", "otlp"},
    "shop": {"core", "trace", "db", "http", "net", "service"},
    "crm": {"core", "trace", "db", "http", "net", "service"},
    "console": {"core", "trace", "otlp", "db", "http", "net", "service", "store"},
    "ora": set(),
    "app": {"core", "trace", "db", "http", "net", "otlp", "service", "shop", "crm", "console", "store",
            "ora"},
}

# Header of a library -> the files that may include it.
OWNERS = {
    r"sqlite3\.h": r"src/db/sqlite/\w+\.[ch]",
    r"libpq-fe\.h": r"src/db/postgres/\w+\.[ch]",
    r"octo/ora\.h": r"src/(ora|app|db/oracle)/\w+\.[ch]",
    r"octo/otlp\.h": r"src/otlp/library\.c",
    r"curl/.*": r"src/net/(http_client|http_fetch|http_post|curl)\.c",
    r"openssl/.*": r"src/net/tls\w*\.[ch]|src/db/postgres/wire\.c|src/ora/(certificate|connect|logon|session|tls|token|verifier|wallet\w*)\.[ch]",
    r"jansson\.h": r"src/http/\w+\.[ch]",
    r"hpdf\.h": r"src/crm/invoice_pdf\.c",
    r"expat\.h": r"src/http/xml_in\.c",
    r"nettle/.*": r"src/core/digest\.c",
    r"argon2\.h": r"src/service/password\.c|src/service/auth\.c",
    r"zlib\.h": r"src/core/gzip\.c|src/http/gunzip\.c",
}

# A database engine has a directory of its own in src/db, and all share db/engine; what they may
# include of ours beside that and core.
SHARED = "engine"
ENGINES = {path.name for path in (ROOT / "src/db").iterdir() if path.is_dir()} - {SHARED}
CONTRACT = {"db/backend.h", "db/catalogue.h", "db/diagnose.h", "db/execution.h", "db/filled_texts.h",
            "db/tags.h", "db/value.h"}
# The door to the engines, for the layer itself and for commands that look behind it.
DOOR = {"db/backend.h", "db/engines.h"}

# Statements, generated from sql/, and files of web/ belong to one directory of src/; the commands may list them all.
GENERATED = {
    "web_assets.h": {"http", "service", "shop", "crm", "console"},
    "sql_core.h": {"service"},
    "sql_db.h": {"db"},
    **{f"sql_db_{engine}.h": {f"db/{engine}"} for engine in ENGINES},
    "sql_shop.h": {"shop"},
    "sql_crm.h": {"crm"},
    "sql_store.h": {"store"},
    "sql_sums.h": {"store"},
    "sql_metrics.h": {"store"},
    "sql_core_catalogue.h": {"service", "app"},
    "sql_shop_catalogue.h": {"shop", "app"},
    "sql_crm_catalogue.h": {"crm", "app"},
    "sql_store_catalogue.h": {"store", "app"},
    "sql_sums_catalogue.h": {"store", "app"},
    "sql_metrics_catalogue.h": {"store", "app"},
    "sql_db_catalogue.h": {"db", "app"},
}

BANNED = r"\b(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|gets|rand|srand|sleep|usleep)\s*\("
HEAP_OWNERS = r"src/core/\w+\.[ch]|src/ora/heap\.c"
HEAP = r"\b(malloc|calloc|realloc|strdup|strndup|asprintf)\s*\("
SQL_TEXT = r'"\s*(SELECT\s.+\sFROM\s|INSERT INTO\s|UPDATE\s\w+\sSET\s|DELETE FROM\s|CREATE TABLE\s)'
SQL_OWNERS = r"src/ora/zone\.c"  # the driver's own question, in a room that needs nothing of the house
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 800

breaches = []


def breach(path, line, rule, text):
    breaches.append(f"{path.relative_to(ROOT)}:{line}: {rule}: {text}")


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
                breach(path, number, "generated", f"{user} must not use {ours}")
            return
        target = ours.split("/")[0]
        if "/" not in ours or target not in LAYERS:
            breach(path, number, "layer", f'include "{ours}" does not name a layer')
        elif target != layer and target not in LAYERS[layer]:
            breach(path, number, "layer", f"{layer} must not include {target}")
        elif ours.endswith("_priv.h") and path.parent != ROOT / "src" / pathlib.Path(ours).parent:
            breach(path, number, "private header", f"{ours} is {pathlib.Path(ours).parent}'s own")
        else:
            check_engines(path, layer, number, pathlib.Path(ours))
        return
    for header, owner in OWNERS.items():
        if re.fullmatch(header, foreign) and not re.fullmatch(owner, str(path.relative_to(ROOT))):
            breach(path, number, "foreign header", f"<{foreign}> belongs to {owner}")


def check_engines(path, layer, number, ours):
    rooms = ENGINES | {SHARED}
    engine = path.parent.name if layer == "db" and path.parent.name in rooms else None
    room = ours.parts[1] if ours.parts[0] == "db" and ours.parts[1] in rooms else None
    if room and room != engine and (room != SHARED or engine is None):
        breach(path, number, "engine", f"{ours} is an engine's own: db/backend.h is its door")
    elif engine and not room and ours.parts[0] != "core" and str(ours) not in CONTRACT:
        breach(path, number, "engine", f"an engine must not include {ours}")
    elif str(ours) in DOOR and layer not in ("db", "app"):
        breach(path, number, "engine", f"{layer} must not include {ours}: db/db.h is for all")


def check_functions(path, lines):
    start = None
    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start:
            if number - start - 1 > FUNCTION_LINES_MAX:
                breach(path, start, "length", f"function of {number - start - 1} lines")
            start = None


def check_length(path, lines):
    if len(lines) > FILE_LINES_MAX:
        breach(path, 1, "length", f"file of {len(lines)} lines: two subjects in one room")


def check_source(path):
    layer = path.relative_to(ROOT / "src").parts[0]
    if layer not in LAYERS:
        breach(path, 1, "layer", f"{layer} is none")
        return
    text = path.read_text(encoding="utf-8")
    if not text.startswith("/*") and not (path.suffix == ".c" and path.with_suffix(".h").exists()):
        breach(path, 1, "purpose", "the file does not say what it is for")
    code = without_comments(text).splitlines()
    for number, line in enumerate(code, 1):
        check_includes(path, layer, number, line)
        if re.search(BANNED, line):
            breach(path, number, "banned function", re.search(BANNED, line).group(1))
        if re.search(HEAP, line) and not re.fullmatch(HEAP_OWNERS, str(path.relative_to(ROOT))):
            breach(path, number, "bare heap call", f"{re.search(HEAP, line).group(1)} belongs to {HEAP_OWNERS}")
        if re.search(SQL_TEXT, line, re.I) and not re.fullmatch(SQL_OWNERS, str(path.relative_to(ROOT))):
            breach(path, number, "SQL in C", "it belongs into sql/")
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"\b(TODO|FIXME|XXX)\b", line):
            breach(path, number, "unfinished work", line.strip())
    check_length(path, code)
    if path.suffix == ".c":
        check_functions(path, code)


def check_statements(sources):
    """One that no C calls has been seen by no test, and every database prepares it for nobody."""
    called = {word for path in sources
              for word in re.findall(r"\bsql_\w+", without_comments(path.read_text(encoding="utf-8")))}
    for path in sorted((ROOT / "sql").rglob("*.sql")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            name = re.match(r"-- name: (\w+)", line)
            if name and not any(re.fullmatch(rf"sql_(\w+__)?{name[1]}(_open|_count|_batch|_open_batch)?", word)
                                for word in called):
                breach(path, number, "unused statement", f"nothing in src/ calls sql_{name[1]}()")


def check_format(paths):
    result = subprocess.run(["clang-format", "--dry-run", "--Werror", *map(str, paths)],
                            capture_output=True, text=True, check=False)
    for line in result.stderr.splitlines():
        match = re.match(r"(.+?):(\d+):\d+: error: ", line)
        if match:
            breach(pathlib.Path(match.group(1)), match.group(2), "layout", "not as clang-format lays it out")


def main():
    sources = sorted((ROOT / "src").rglob("*.[ch]"))
    for path in sources:
        check_source(path)
    check_statements(sources)
    others = [p for d in ("tests", "bench", "tools", "docs") for p in sorted((ROOT / d).rglob("*"))
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
