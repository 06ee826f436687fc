"""The dialects of SQL: how each wants its binds and what it cannot read. See tools/sql2c.py."""

from dataclasses import dataclass

from sql2c_tokens import next_word

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


def word(*words):
    """Finds these words, one after another."""

    def find(tokens):
        for at, token in enumerate(tokens):
            if token.word == words[0] and [each.word for each in tokens[at:at + len(words)]] == list(words):
                return token
        return None

    return find


def piece(text):
    def find(tokens):
        return next((token for token in tokens if token.text == text), None)

    return find


def select_of_nothing(tokens):
    """A SELECT, also one in brackets, without FROM."""
    for at, token in enumerate(tokens):
        if token.word == "SELECT" and next_word(tokens, at, {"FROM"}) is None:
            return token
    return None


ORACLE_LACKS = (
    (word("LIMIT"), "LIMIT", "OFFSET :m ROWS FETCH NEXT :n ROWS ONLY"),
    (word("ON", "CONFLICT"), "ON CONFLICT", "MERGE INTO"),
    (piece("::"), "the cast ::", "CAST(a AS type)"),
    (piece("''"), "a text of no characters, which is null there,", "IS NULL or a word"),
    (select_of_nothing, "SELECT without FROM", "FROM dual"),
)

# V$RESERVED_WORDS with RESERVED = 'Y': as a bind each is ORA-01745.
ORACLE_RESERVED = frozenset(
    """access add all alter and any as asc audit between by char check cluster column column_value
    comment compress connect create current date decimal default delete desc distinct drop else
    exclusive exists file float for from grant group having identified immediate in increment index
    initial insert integer intersect into is level like lock long maxextents minus mlslabel mode modify
    nested_table_id noaudit nocompress not nowait null number of offline on online option or order
    pctfree prior public raw rename resource revoke row rowid rownum rows select session set share size
    smallint start successful synonym sysdate table then to trigger uid union unique update user
    validate values varchar varchar2 view whenever where with""".split()
)

DIALECTS = {
    "sqlite": Dialect("DB_SQLITE", BY_NAME),
    "postgres": Dialect("DB_POSTGRES", BY_NUMBER, has_clock=True),
    "oracle": Dialect("DB_ORACLE", BY_PLACE, has_clock=True, returns_into=True, lacks=ORACLE_LACKS,
                      reserved=ORACLE_RESERVED),
}
