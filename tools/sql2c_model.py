"""What tools/sql2c.py knows of statements and scripts."""

import hashlib
from dataclasses import dataclass, field

SQLID_DIGITS = "0123456789abcdfghjkmnpqrstuvwxyz"
MOST_FIELDS = 255  # param_count, column_count and bind_count are one byte in db/catalogue.h

C_KEYWORDS = set(
    """auto break case char const continue default do double else enum extern float for goto if
    inline int long register restrict return short signed sizeof static struct switch typedef
    union unsigned void volatile while bool true false asm typeof errno""".split()
)
# Names that the generated functions use for themselves.
OWN_NAMES = {"session", "err", "values", "ret_row", "ret_cursor", "ret_changes"}


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
    is_filled: bool = False  # a text that is never empty: `text`, and not `text0`
    within: str = ""  # member of the statement's struct that holds it: the row's name, or none

    @property
    def c_name(self):
        return self.name + TYPES[self.type].suffix

    @property
    def c_path(self):
        """From the statement's row struct."""
        return f"{self.within}.{self.c_name}" if self.within else self.c_name


@dataclass
class RowUse:
    """`product.*` among a statement's columns: all of the row's, in one member."""

    name: str
    line: int
    row: "Row" = None

    @property
    def c_name(self):
        return self.name


@dataclass
class Row:
    """Columns that several statements give, in one C struct."""

    name: str
    file: str
    line: int
    docs: list = field(default_factory=list)
    columns: list = field(default_factory=list)
    is_used: bool = False

    def fail(self, message, line=None):
        raise SqlError(self.file, line or self.line, f"row {self.name}: {message}")

    @property
    def struct(self):
        return f"struct sql_{self.name}_row"

    def made_names(self):
        """What C knows because of it."""
        return [self.struct, f"sql_{self.name}_next"]


@dataclass
class Variant:
    text: str
    line: int
    bind_order: list = field(default_factory=list)  # placeholder -> parameter
    operation: str = ""
    collection: str = ""
    is_read_only: bool = False
    is_derived: bool = False  # by the rules of sql2c_oracle.py
    # Oracle's alone, as in db/catalogue.h.
    is_block: bool = False
    gives_binds: bool = False
    may_collide: bool = False
    lob_places: list = field(default_factory=list)
    lob_columns: list = field(default_factory=list)

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
    members: list = field(default_factory=list)  # of its row struct: fields and whole rows
    columns: list = field(default_factory=list)  # the same, the rows taken apart
    texts: dict = field(default_factory=dict)  # dialect or None (all others) -> Variant, as written
    variants: dict = field(default_factory=dict)  # dialect -> Variant, as sent
    missing: dict = field(default_factory=dict)  # dialect -> why it has no text yet
    batch: Variant = None  # for many rows at once on PostgreSQL; None: row by row

    def fail(self, message, line=None):
        raise SqlError(self.file, line or self.line, f"{self.name}: {message}")

    @property
    def c_params(self):
        """Those that the caller gives; the session binds the time of the transaction itself."""
        return [param for param in self.params if param.type != "now"]

    @property
    def is_read_only(self):
        """Whatever the dialect."""
        return all(variant.is_read_only for variant in self.variants.values())

    @property
    def row(self):
        """The declared row that its columns are; None: it has a struct of its own, or no columns."""
        whole = len(self.members) == 1 and isinstance(self.members[0], RowUse)
        return self.members[0].row if whole else None

    @property
    def struct(self):
        return self.row.struct if self.row else f"struct sql_{self.name}_row"

    def made_names(self):
        """What C knows because of it."""
        kinds = ["", "_open"] if self.columns else ["", "_count"]
        if self.columns and not self.row:
            kinds.append("_next")
        if not self.columns and self.c_params:
            kinds += ["_args", "_batch"]
        own_struct = [self.struct] if self.columns and not self.row else []
        return own_struct + [f"sql_{self.name}{kind}" for kind in kinds]


@dataclass
class Script:
    version: int
    name: str
    file: str
    is_seed: bool
    checksums: dict  # dialect -> SHA-256 of the file without the other dialects' sections
    texts: dict  # dialect -> text
    marked: set  # dialects that have a section of their own


def sql_id_of(text):
    """Oracle's SQL_ID: see src/db/sqlid.h."""
    digest = hashlib.md5(text.encode() + b"\0").digest()
    high = int.from_bytes(digest[8:12], "little")
    number = high << 32 | int.from_bytes(digest[12:16], "little")
    return "".join(SQLID_DIGITS[number >> shift & 31] for shift in range(60, -1, -5))


def has_null_field(member):
    return isinstance(member, Field) and member.is_nullable and member.type != "text"
