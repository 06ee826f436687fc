"""Reads .sql files and refuses, with file and line, what is wrong with their form. See tools/sql2c.py."""

import hashlib
import re

from sql2c_dialects import DIALECTS
from sql2c_model import (
    C_KEYWORDS,
    MOST_FIELDS,
    OWN_NAMES,
    TYPES,
    Field,
    Row,
    RowUse,
    Script,
    SqlError,
    Statement,
    Variant,
    has_null_field,
)

BEGIN_LINE = re.compile(r"-- (name|row):\s*(.*?)\s*$")
FIELDS_LINE = re.compile(r"-- (params|columns):\s*(.*?)\s*$")
MORE_LINE = re.compile(r"--\s{2,}(\S.*?)\s*$")
MARKER_LINE = re.compile(r"-- ([a-z][a-z0-9_]*(?:,\s*[a-z][a-z0-9_]*)*):\s*$")
DOC_LINE = re.compile(r"--\s?(.*?)\s*$")
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*$")
FIELD = re.compile(r"(\S+)\s+([a-z]+0?)(\??)$")
TEXT0 = "text0"  # a text that may be empty
WHOLE_ROW = re.compile(r"([a-z0-9_]+)\.\*$")


def read_text(path, shown):
    content = path.read_bytes()
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SqlError(shown, line, f"not UTF-8, {error.reason}: save the file as UTF-8") from None


def read_file(path, shown):
    """The rows and statements of one file; `shown` is its name in messages and in the catalogue."""
    readers = []
    for number, line in enumerate(read_text(path, shown).split("\n"), 1):
        if line.endswith("\r"):
            raise SqlError(shown, number, "line ends with a carriage return: end lines with a line feed alone")
        begins = BEGIN_LINE.match(line)
        if begins and begins[1] == "name":
            readers.append(StatementReader(Statement(begins[2], shown, number)))
        elif begins:
            readers.append(RowReader(Row(begins[2], shown, number)))
        elif readers:
            readers[-1].take(number, line)
        elif line.strip() and not line.startswith("--"):
            raise SqlError(shown, number, "text before the first `-- name:`: begin a statement with one, or "
                           "make it a comment")
    read = [reader.finish() for reader in readers]
    rows = [each for each in read if isinstance(each, Row)]
    return rows, [each for each in read if isinstance(each, Statement)]


class Header:
    """The comment lines that begin a row or a statement: what it is for and what it declares."""

    def __init__(self, subject):
        self.subject = subject
        self.fields = {}  # "params" and "columns" -> (line, declaration)
        self.open_fields = None  # the declaration that a following line may go on with

    def take_header(self, number, line):
        fields = FIELDS_LINE.match(line)
        more = MORE_LINE.match(line)
        if fields:
            if fields[1] in self.fields:
                self.subject.fail(f"a second `-- {fields[1]}:`: make one of both", number)
            self.fields[fields[1]] = (number, fields[2])
            self.open_fields = fields[1]
        elif self.open_fields and more:
            first, text = self.fields[self.open_fields]
            self.fields[self.open_fields] = (first, f"{text} {more[1]}")
        else:
            self.open_fields = None
            self.subject.docs.append(DOC_LINE.match(line)[1])

    def check_header(self, what):
        if not SNAKE.match(self.subject.name):
            self.subject.fail("the name must be snake_case: small letters and digits, parted by _")
        if not any(self.subject.docs):
            self.subject.fail(f"a line is missing that says what {what}: write a comment below its name")

    def declared(self, kind):
        """Fields, and names of rows where columns may be a whole row's."""
        if kind not in self.fields:
            return []
        number, text = self.fields[kind]
        members = [self.one_member(kind, number, part.strip()) for part in text.split(",")]
        c_names = []
        for member in members:
            c_names.append(member.c_name)
            if has_null_field(member):
                c_names.append(f"{member.c_name}_is_null")
        for name in c_names:
            if c_names.count(name) > 1:
                self.subject.fail(f"'{name}' twice in {kind}: call one otherwise", number)
        return members

    def one_member(self, kind, number, text):
        whole = WHOLE_ROW.match(text)
        if whole:
            if kind == "params" or isinstance(self.subject, Row):
                self.subject.fail(f"'{text}': only the columns of a statement may be a row's: name the "
                                  "fields here", number)
            return RowUse(whole[1], number)
        return self.one_field(kind, number, text)

    def one_field(self, kind, number, text):
        found = FIELD.match(text)
        if not found:
            self.subject.fail(f"expected `name type` in {kind}, not '{text}'", number)
        name, type_name, mark = found.groups()
        if not SNAKE.match(name):
            self.subject.fail(f"'{name}' is not snake_case: small letters and digits, parted by _", number)
        if type_name not in TYPES and type_name != TEXT0:
            known = ", ".join([*TYPES, TEXT0])
            self.subject.fail(f"unknown type '{type_name}' of {name} (known: {known})", number)
        if type_name == "now" and (kind == "columns" or mark):
            self.subject.fail(f"{name}: `now` is only for parameters and never null: say `time`, or leave ? out",
                              number)
        c_type = "text" if type_name == TEXT0 else type_name
        entry = Field(name, c_type, bool(mark), is_filled=type_name == "text")
        if entry.c_name in C_KEYWORDS or (kind == "params" and entry.c_name in OWN_NAMES):
            self.subject.fail(f"'{name}' cannot be a name in C here: choose another", number)
        return entry


class RowReader(Header):
    """Takes the lines of a row, which has no text."""

    def take(self, number, line):
        if line.strip() and not line.startswith("--"):
            self.subject.fail("a row has no text: begin a statement with `-- name:`", number)
        if line.strip():
            self.take_header(number, line)

    def finish(self):
        row = self.subject
        self.check_header("the row is")
        if "params" in self.fields:
            row.fail("a row has no parameters: declare them in statements", self.fields["params"][0])
        row.columns = self.declared("columns")
        if not row.columns:
            row.fail("its `-- columns:` are missing: declare at least one")
        return row


class StatementReader(Header):
    """Takes the lines of one statement, first the header and then the text of each variant."""

    def __init__(self, statement):
        super().__init__(statement)
        self.dialects = None
        self.lines = {}  # dialects, or None for all others -> (first line's number, lines)

    def take(self, number, line):
        marker = MARKER_LINE.match(line)
        fields = FIELDS_LINE.match(line)
        if fields and self.lines:
            self.subject.fail(f"`-- {fields[1]}:` must stand above the text: move it there", number)
        if marker:
            self.take_marker(number, marker[1])
        elif self.lines or not line.startswith("--"):
            if self.lines or line.strip():
                self.lines.setdefault(self.dialects, (number, []))[1].append(line)
        else:
            self.take_header(number, line)

    def take_marker(self, number, names):
        dialects = marked_dialects(names, self.subject.fail, number)
        for dialect in dialects:
            if any(dialect in known for known in self.lines if known):
                self.subject.fail(f"a second {dialect} variant: one text per dialect", number)
        self.dialects = tuple(dialects)
        self.lines[self.dialects] = (number + 1, [])

    def finish(self):
        statement = self.subject
        self.check_header("the statement does")
        statement.params = self.declared("params")
        statement.members = self.declared("columns")
        if len(statement.params) > MOST_FIELDS:
            statement.fail(f"more than {MOST_FIELDS} params: give some as a JSON text", self.fields["params"][0])
        for dialects, (number, lines) in self.lines.items():
            number += next((at for at, line in enumerate(lines) if line), 0)
            text = "\n".join(lines).strip("\n").rstrip()
            if not text:
                statement.fail("the text is empty: write it or take the mark away", number)
            for dialect in dialects or (None,):
                statement.texts[dialect] = Variant(text, number)
        if not statement.texts:
            statement.fail("the text is missing: write it below the comments")
        return statement


def marked_dialects(names, fail, number):
    """Those of a mark: `sqlite` or `sqlite, postgres`."""
    dialects = [name.strip() for name in names.split(",")]
    for dialect in dialects:
        if dialect not in DIALECTS:
            fail(f"unknown dialect '{dialect}' (known: {', '.join(DIALECTS)}): name one, or end the comment "
                 "otherwise than with a colon", number)
        if dialects.count(dialect) > 1:
            fail(f"{dialect} twice in one mark: once is enough", number)
    return dialects


# --- schema and seed scripts ----------------------------------------------------------------

SCRIPT_NAME = re.compile(r"(\d{4})_[a-z0-9_]+$")


def read_script(path, shown, required):
    found = SCRIPT_NAME.match(path.stem)
    if not found or int(found[1]) == 0:
        raise SqlError(shown, 1, "a script is called NNNN_name.sql, from 0001 on")
    lines = {dialect: [] for dialect in DIALECTS}
    marked = {dialect: [] for dialect in DIALECTS}  # the same with the marks
    wanted = set(DIALECTS)

    def fail(message, at):
        raise SqlError(shown, at, message)

    for number, line in enumerate(read_text(path, shown).splitlines(keepends=True), 1):
        marker = MARKER_LINE.match(line)
        if marker and marker[1] == "all":
            wanted = set(DIALECTS)
        elif marker:
            wanted = set(marked_dialects(marker[1], fail, number))
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
        marked={dialect for dialect in DIALECTS if lines[dialect] != marked[dialect]},
    )


CLOB_TABLE = re.compile(r"^CREATE TABLE (\w+) \((.*?)^\)", re.MULTILINE | re.DOTALL)
CLOB_COLUMN = re.compile(r"^\s*(\w+)\s+CLOB\b", re.MULTILINE)


def clob_columns(scripts):
    """Pairs of table and column, as the scripts for Oracle make them."""
    return {(table, column) for script in scripts
            for table, body in CLOB_TABLE.findall(script.texts.get("oracle", ""))
            for column in CLOB_COLUMN.findall(body)}


def checksum_of(text):
    # The blank line in front of another dialect's section is not part of this one's.
    return hashlib.sha256((text.rstrip("\n") + "\n").encode()).hexdigest()


def check_versions(scripts):
    for before, script in zip(scripts, scripts[1:]):
        if before.version == script.version:
            raise SqlError(script.file, 1, f"version {script.version} is also {before.file}: take the next "
                           "free number")
