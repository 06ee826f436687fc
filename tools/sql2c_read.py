"""Reads .sql files and refuses, with file and line, what is wrong with their form. See tools/sql2c.py."""

import hashlib
import re

from sql2c_model import (
    C_KEYWORDS,
    DIALECTS,
    MOST_FIELDS,
    OWN_NAMES,
    TYPES,
    Field,
    Script,
    SqlError,
    Statement,
    Variant,
    has_null_field,
)

NAME_LINE = re.compile(r"-- name:\s*(.*?)\s*$")
FIELDS_LINE = re.compile(r"-- (params|columns):\s*(.*?)\s*$")
MORE_LINE = re.compile(r"--\s{2,}(\S.*?)\s*$")
MARKER_LINE = re.compile(r"-- ([a-z][a-z0-9_]*):\s*$")
DOC_LINE = re.compile(r"--\s?(.*?)\s*$")
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*$")
FIELD = re.compile(r"(\S+)\s+([a-z]+)(\??)$")


def read_text(path, shown):
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise SqlError(shown, 1, f"not UTF-8: {error.reason} at byte {error.start}") from None


def read_statements(path, shown):
    """All statements of one file; `shown` is its name in messages and in the catalogue."""
    statements = []
    statement = None
    lines = read_text(path, shown).split("\n")
    for number, line in enumerate(lines, 1):
        if line.endswith("\r"):
            raise SqlError(shown, number, "line ends with a carriage return")
        found = NAME_LINE.match(line)
        if found:
            statement = StatementReader(Statement(found[1], shown, number))
            statements.append(statement)
        elif statement is not None:
            statement.take(number, line)
        elif line.strip() and not line.startswith("--"):
            raise SqlError(shown, number, "text before the first `-- name:`")
    return [reader.finish() for reader in statements]


class StatementReader:
    """Takes the lines of one statement, first the header and then the text of each variant."""

    def __init__(self, statement):
        self.statement = statement
        self.fields = {}  # "params" and "columns" -> (line, declaration)
        self.open_fields = None  # the declaration that a following line may go on with
        self.dialect = None
        self.lines = {}  # dialect or None -> (first line's number, lines)

    def take(self, number, line):
        marker = MARKER_LINE.match(line)
        fields = FIELDS_LINE.match(line)
        if fields:
            self.take_fields(number, fields[1], fields[2])
        elif marker:
            self.take_marker(number, marker[1])
        elif self.lines or not line.startswith("--"):
            if self.lines or line.strip():
                self.lines.setdefault(self.dialect, (number, []))[1].append(line)
        elif self.open_fields and MORE_LINE.match(line):
            first, text = self.fields[self.open_fields]
            self.fields[self.open_fields] = (first, f"{text} {MORE_LINE.match(line)[1]}")
        else:
            self.open_fields = None
            self.statement.docs.append(DOC_LINE.match(line)[1])

    def take_fields(self, number, kind, text):
        if self.lines:
            self.statement.fail(f"`-- {kind}:` must stand above the text", number)
        if kind in self.fields:
            self.statement.fail(f"a second `-- {kind}:`", number)
        self.fields[kind] = (number, text)
        self.open_fields = kind

    def take_marker(self, number, dialect):
        if dialect not in DIALECTS:
            known = ", ".join(DIALECTS)
            self.statement.fail(f"unknown variant marker '{dialect}' (known: {known})", number)
        if dialect in self.lines:
            self.statement.fail(f"a second {dialect} variant", number)
        self.dialect = dialect
        self.lines[dialect] = (number + 1, [])

    def finish(self):
        statement = self.statement
        if not SNAKE.match(statement.name):
            statement.fail("the name must be snake_case")
        if not any(statement.docs):
            statement.fail("a line is missing that says what the statement does")
        statement.params = self.declared("params")
        statement.columns = self.declared("columns")
        for dialect, (number, lines) in self.lines.items():
            text = "\n".join(lines).strip("\n").rstrip()
            if not text:
                statement.fail("the text is empty", number)
            statement.texts[dialect] = Variant(text, number)
        if not statement.texts:
            statement.fail("the text is missing")
        return statement

    def declared(self, kind):
        if kind not in self.fields:
            return []
        number, text = self.fields[kind]
        fields = [self.one_field(kind, number, part.strip()) for part in text.split(",")]
        if len(fields) > MOST_FIELDS:
            self.statement.fail(f"more than {MOST_FIELDS} {kind}", number)
        c_names = [entry.c_name for entry in fields]
        c_names += [f"{entry.c_name}_is_null" for entry in fields if has_null_field(entry)]
        for name in c_names:
            if c_names.count(name) > 1:
                self.statement.fail(f"'{name}' twice in {kind}", number)
        return fields

    def one_field(self, kind, number, text):
        found = FIELD.match(text)
        if not found:
            self.statement.fail(f"expected `name type` in {kind}, not '{text}'", number)
        name, type_name, mark = found.groups()
        if not SNAKE.match(name):
            self.statement.fail(f"'{name}' is not snake_case", number)
        if type_name not in TYPES:
            known = ", ".join(TYPES)
            self.statement.fail(f"unknown type '{type_name}' of {name} (known: {known})", number)
        if type_name == "now" and (kind == "columns" or mark):
            self.statement.fail(f"{name}: `now` is only for parameters and never null", number)
        entry = Field(name, type_name, bool(mark))
        if entry.c_name in C_KEYWORDS or (kind == "params" and entry.c_name in OWN_NAMES):
            self.statement.fail(f"'{name}' cannot be a name in C here", number)
        return entry


# --- schema and seed scripts ----------------------------------------------------------------

SCRIPT_NAME = re.compile(r"(\d{4})_[a-z0-9_]+$")


def read_script(path, shown, required):
    found = SCRIPT_NAME.match(path.stem)
    if not found or int(found[1]) == 0:
        raise SqlError(shown, 1, "a script is called NNNN_name.sql, from 0001 on")
    lines = {dialect: [] for dialect in DIALECTS}
    marked = {dialect: [] for dialect in DIALECTS}  # the same with the marks
    wanted = set(DIALECTS)
    for number, line in enumerate(read_text(path, shown).splitlines(keepends=True), 1):
        marker = MARKER_LINE.match(line)
        if marker and marker[1] == "all":
            wanted = set(DIALECTS)
        elif marker and marker[1] in DIALECTS:
            wanted = {marker[1]}
        elif marker:
            raise SqlError(shown, number, f"unknown marker '{marker[1]}'")
        else:
            for dialect in wanted:
                lines[dialect].append(line)
        for dialect in wanted:
            marked[dialect].append(line)
    return Script(
        version=int(found[1]),
        name=path.stem,
        file=shown,
        is_seed=path.parent.name == "seed",
        checksums={dialect: checksum_of("".join(marked[dialect])) for dialect in required},
        texts={dialect: "".join(lines[dialect]) for dialect in required},
    )


def checksum_of(text):
    # The blank line in front of another dialect's section is not part of this one's.
    return hashlib.sha256((text.rstrip("\n") + "\n").encode()).hexdigest()


def check_versions(scripts):
    for before, script in zip(scripts, scripts[1:]):
        if before.version == script.version:
            raise SqlError(script.file, 1, f"version {script.version} is also {before.file}")
