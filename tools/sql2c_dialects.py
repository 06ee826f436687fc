"""The dialects of SQL: how each wants its binds and what it cannot read. See tools/sql2c.py."""

from dataclasses import dataclass

from sql2c_oracle_lint import LACKS, RESERVED

# How often a parameter is bound, and how its binds are written in the text that is sent.
BY_NAME = "by name"  # once, however often its :name stands there
BY_NUMBER = "by number"  # once, as $1
BY_PLACE = "by place"  # once for each place where its :name stands


@dataclass(frozen=True)
class Dialect:
    constant: str  # in db/catalogue.h
    binds: str
    has_clock: bool = False  # a text may ask the server's clock instead of `now`
    returns_into: bool = False  # RETURNING a INTO :a gives its columns in binds, and nothing else does
    lacks: tuple = ()  # (finder in the text, what it is, what to write instead)
    reserved: frozenset = frozenset()  # words that no bind may be called


DIALECTS = {
    "sqlite": Dialect("DB_SQLITE", BY_NAME),
    "postgres": Dialect("DB_POSTGRES", BY_NUMBER, has_clock=True),
    "oracle": Dialect("DB_ORACLE", BY_PLACE, has_clock=True, returns_into=True, lacks=LACKS,
                      reserved=RESERVED),
}
