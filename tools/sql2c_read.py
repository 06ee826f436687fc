"""Reads .sql files and refuses, with file and line, what is wrong with them. See tools/sql2c.py."""

import hashlib
import re
from dataclasses import dataclass, field

from sql2c_tokens import (
    Token,
    first_table,
    item_name,
    main_verb,
    result_lists,
    significant,
    tokenize,
)

DIALECTS = {"sqlite": "DB_SQLITE", "postgres": "DB_POSTGRES"}
SQLID_DIGITS = "0123456789abcdfghjkmnpqrstuvwxyz"
WRITING = {"INSERT", "UPDATE", "DELETE"}
MOST_FIELDS = 255  # param_count, column_count and bind_count are one byte in db/catalogue.h

C_KEYWORDS = set(
    """auto break case char const continue default do double else enum extern float for goto if
    inline int long register restrict return short signed sizeof static struct switch typedef
    union unsigned void volatile while bool true false asm typeof errno""".split()
)
# Names that the generated functions use for themselves.
OWN_NAMES = {"db", "err", "values", "ret_row", "ret_cursor", "ret_changes"}


@dataclass(frozen=True)
class Type:
    c_type: str
    suffix: str  # of the C name: the unit
    constant: str
    sql: str  # PostgreSQL's name


TYPES = {
    "int": Type("int64_t", "", "DB_INT", "bigint"),
    "money": Type("int64_t", "_cents", "DB_MONEY", "numeric"),
    "time": Type("int64_t", "_us", "DB_TIME", "timestamptz"),
    "bool": Type("bool", "", "DB_BOOL", "boolean"),
    "real": Type("double", "", "DB_REAL", "double precision"),
    "text": Type("const char *", "", "DB_TEXT", "text"),
    "now": Type("", "", "DB_NOW", "timestamptz"),
}


class SqlError(Exception):
    """A fault in a .sql file; the text starts with file:line."""

    def __init__(self, file, line, message):
        super().__init__(f"{file}:{line}: {message}")


@dataclass
class Field:
    """A parameter or a result column."""

    name: str
    type: str
    is_nullable: bool

    @property
    def c_name(self):
        return self.name + TYPES[self.type].suffix


@dataclass
class Variant:
    text: str
    line: int
    bind_order: list = field(default_factory=list)  # placeholder -> parameter

    @property
    def sql_id(self):
        return sql_id_of(self.text)


@dataclass
class Statement:
    name: str
    file: str
    line: int
    docs: list = field(default_factory=list)
    params: list = field(default_factory=list)
    columns: list = field(default_factory=list)
    texts: dict = field(default_factory=dict)  # dialect or None (all others) -> Variant, as written
    variants: dict = field(default_factory=dict)  # dialect -> Variant, as sent
    batch: Variant = None  # for many rows at once on PostgreSQL; None: row by row
    operation: str = ""
    collection: str = ""
    is_read_only: bool = False

    def fail(self, message, line=None):
        raise SqlError(self.file, line or self.line, f"{self.name}: {message}")

    @property
    def c_params(self):
        """Those that the caller gives; the session binds the time of the transaction itself."""
        return [param for param in self.params if param.type != "now"]


@dataclass
class Script:
    version: int
    name: str
    file: str
    is_seed: bool
    checksums: dict  # dialect -> SHA-256 of the file without the other dialects' sections
    texts: dict  # dialect -> text


def sql_id_of(text):
    """Oracle's SQL_ID: see src/db/sqlid.h."""
    digest = hashlib.md5(text.encode() + b"\0").digest()
    high = int.from_bytes(digest[8:12], "little")
    number = high << 32 | int.from_bytes(digest[12:16], "little")
    return "".join(SQLID_DIGITS[number >> shift & 31] for shift in range(60, -1, -5))


# --- reading statement files ----------------------------------------------------------------

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


def has_null_field(column):
    return column.is_nullable and column.type != "text"


# --- checking and rewriting -----------------------------------------------------------------


def check_shape(statement, tokens, line):
    """Holds the result's list against the declared columns."""
    if main_verb(tokens) == "VALUES":
        return
    lists = result_lists(tokens)
    declared = [column.name for column in statement.columns]
    if declared and not lists:
        statement.fail("columns are declared, but the text gives no rows", line)
    if lists and not declared:
        statement.fail("the text gives rows, but no columns are declared", line)
    for items in lists:
        for item in items:
            if item and item[-1].text == "*" and item[-1].depth == 0:
                statement.fail("`*` in the result: name the columns", line)
        if len(items) != len(declared):
            statement.fail(
                f"the text gives {len(items)} columns, {len(declared)} are declared", line
            )
    # A column may be called anything, but a declared name at another place is a mix-up.
    for at, item in enumerate(lists[0] if lists else []):
        name = item_name(item)
        if name in declared and declared[at] != name and declared.count(name) == 1:
            statement.fail(f"column {at + 1} is '{name}' in the text, but '{declared[at]}'"
                           " is declared there", line)


def check_text(statement, tokens, dialect, line):
    """What no text may hold."""
    if tokens[-1].kind == "comment":
        statement.fail("a comment at the end of the text would be sent with it", line)
    for token, after in zip(tokens, tokens[1:] + [Token("blank", "", 0)]):
        if token.kind != "mark":
            continue
        if token.text in "'\"`":
            statement.fail(f"a {token.text} is never closed", line)
        if token.text == ";":
            statement.fail("a semicolon: one statement, without an end mark", line)
        is_number = token.text == "$" and after.kind == "number"
        if is_number or (token.text == "?" and dialect != "postgres"):
            statement.fail("binds are written :name", line)
    opened = sum(token.kind == "mark" and token.text == "(" for token in tokens)
    closed = sum(token.kind == "mark" and token.text == ")" for token in tokens)
    if opened != closed:
        statement.fail("brackets do not match", line)


def placeholder_order(statement, tokens, dialect, line):
    """Parameters in the order in which their binds first appear. A text for a server may ask its clock
    instead of `now`."""
    which = f"variant {dialect}: " if dialect else ""
    known = {param.name: at for at, param in enumerate(statement.params)}
    order = []
    for token in tokens:
        if token.kind == "bind":
            if token.text[1:] not in known:
                statement.fail(f"{which}bind {token.text} is not declared", line)
            if known[token.text[1:]] not in order:
                order.append(known[token.text[1:]])
    for name, at in known.items():
        is_server_time = dialect == "postgres" and statement.params[at].type == "now"
        if at not in order and not is_server_time:
            statement.fail(f"{which}parameter '{name}' is not used", line)
    return order


def as_sent(statement, tokens, dialect, order):
    """The variant for one dialect: PostgreSQL knows binds by number only."""
    if dialect != "postgres":
        return "".join(token.text for token in tokens), order
    number = {param.name: at for at, param in enumerate(statement.params, 1)}
    pieces = [
        f"${number[token.text[1:]]}" if token.kind == "bind" else token.text for token in tokens
    ]
    return "".join(pieces), list(range(len(statement.params)))


def complete(statement, required):
    """Checks every text of a statement and makes the variants of the required dialects."""
    for written_for, written in statement.texts.items():
        tokens = tokenize(written.text)
        check_text(statement, tokens, written_for, written.line)
        order = placeholder_order(statement, tokens, written_for, written.line)
        words = significant(tokens)
        check_shape(statement, words, written.line)
        if not statement.operation:
            statement.operation = main_verb(words)
            statement.collection = first_table(words)
            statement.is_read_only = statement.operation == "SELECT" and not any(
                token.word in WRITING for token in words
            )
        for dialect in required:
            if written_for == dialect or (written_for is None and dialect not in statement.texts):
                text, binds = as_sent(statement, tokens, dialect, order)
                statement.variants[dialect] = Variant(text, written.line, binds)
    for dialect in required:
        if dialect not in statement.variants:
            statement.fail(f"the {dialect} variant is missing")


def check_unique(statements):
    """Neither two statements nor the functions made for two may have the same name."""
    seen = {}
    for statement in statements:
        for name in function_names(statement):
            if name in seen:
                other = seen[name]
                what = "is also" if other.name == statement.name else f"collides ({name}) with"
                statement.fail(f"the name {what} at {other.file}:{other.line}")
            seen[name] = statement


def function_names(statement):
    kinds = ["", "_open", "_next"] if statement.columns else ["", "_count"]
    if not statement.columns and statement.c_params:
        kinds += ["_args", "_batch"]
    return [f"sql_{statement.name}{kind}" for kind in kinds]


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
