"""As much of SQL as tools/sql2c.py must understand: tokens, verb, table, the result's list."""

import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?\*/)
      | (?P<string>[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\$(?P<tag>[A-Za-z_]*)\$.*?\$(?P=tag)\$)
      | (?P<quoted>"(?:[^"]|"")*"|`[^`]*`)
      | (?P<cast>::)
      | (?P<bind>:[A-Za-z_][A-Za-z0-9_]*)
      | (?P<word>[A-Za-z_][A-Za-z0-9_$]*)
      | (?P<number>\d[\w.]*)
      | (?P<blank>\s+)
      | (?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
VERBS = {"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "VALUES"}
AFTER_LIST = set("FROM WHERE GROUP HAVING WINDOW ORDER LIMIT OFFSET FETCH FOR".split())
COMPOUND = set("UNION INTERSECT EXCEPT MINUS".split())
AFTER_LIST |= COMPOUND | {"INTO"}
NO_TABLES = {"DUAL", "SYS.DUAL"}  # where Oracle selects from nothing


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    depth: int  # of brackets around it
    line: int = 0  # counted from the text's first

    @property
    def word(self):
        return self.text.upper() if self.kind == "word" else ""


def tokenize(text):
    """Every piece of the text, white space and comments too: joined again it is the text."""
    tokens = []
    depth = 0
    line = 0
    for found in TOKEN.finditer(text):
        piece = found[0]
        kind = next(name for name, value in found.groupdict().items() if value and name != "tag")
        depth -= kind == "mark" and piece in ")]"
        tokens.append(Token(kind, piece, depth, line))
        line += piece.count("\n")
        depth += kind == "mark" and piece in "(["
    return tokens


def significant(tokens):
    return [token for token in tokens if token.kind not in ("blank", "comment")]


def main_verb(tokens):
    """The first keyword; below WITH the verb that the common tables are for."""
    first = tokens[0].word
    if first != "WITH":
        return first
    top = (token.word for token in tokens if token.depth == 0)
    return next((word for word in top if word in VERBS), "WITH")


def common_tables(tokens):
    """Names that WITH introduces: those before `AS (` or before a column list and `AS`."""
    names = set()
    if tokens[0].word != "WITH":
        return names
    top = [token for token in tokens if token.depth == 0]
    for before, token in zip(top, top[1:]):
        if before.word in ("WITH", "RECURSIVE") or before.text == ",":
            names.add(token.text)
    return names


def first_table(tokens):
    """The first table after FROM, INTO or UPDATE, outside brackets if there is one there."""
    skipped = common_tables(tokens)
    for depth in (0, None):
        for i, token in enumerate(tokens[:-1]):
            if depth is not None and token.depth != depth:
                continue
            before = tokens[i - 1].word if i > 0 else ""
            if token.word not in ("FROM", "INTO", "UPDATE", "JOIN"):
                continue
            if before in ("FOR", "DO", "DISTINCT"):  # no table follows
                continue
            name = table_at(tokens, i + 1, token.word in ("FROM", "JOIN"))
            if name and name not in skipped and name.upper() not in NO_TABLES:
                return name
    return ""


def table_at(tokens, i, is_source):
    """The name at tokens[i], with its schema; "" for a table function or a subquery."""
    if tokens[i].word == "OR":  # UPDATE OR IGNORE
        i += 2
    parts = []
    while i < len(tokens) and tokens[i].kind in ("word", "quoted"):
        parts.append(tokens[i].text.strip('"`'))
        if i + 1 >= len(tokens) or tokens[i + 1].text != ".":
            break
        i += 2
    is_call = is_source and i + 1 < len(tokens) and tokens[i + 1].text == "("
    return "" if is_call else ".".join(parts)


def result_lists(tokens):
    """The item lists that make the result: RETURNING's, or each SELECT's of a compound one."""
    start_word = "SELECT" if main_verb(tokens) == "SELECT" else "RETURNING"
    return [
        split_list(tokens, i + 1)
        for i, token in enumerate(tokens)
        if token.depth == 0 and token.word == start_word
    ]


def next_word(tokens, i, words):
    """Where one of the words stands behind tokens[i], in the same brackets and part of a compound query."""
    depth = tokens[i].depth
    for at in range(i + 1, len(tokens)):
        token = tokens[at]
        if token.depth < depth or (token.depth == depth and token.word in COMPOUND):
            return None
        is_operator = token.word == "FROM" and tokens[at - 1].word == "DISTINCT"
        if token.depth == depth and token.word in words and not is_operator:
            return at
    return None


def split_list(tokens, i):
    """Items of the list at tokens[i:], split at top-level commas; tokens inside brackets too."""
    if i < len(tokens) and tokens[i].word in ("DISTINCT", "ALL"):
        i += 1
    items = [[]]
    for at in range(i, len(tokens)):
        token = tokens[at]
        is_operator = token.word == "FROM" and tokens[at - 1].word == "DISTINCT"
        if token.depth == 0 and token.word in AFTER_LIST and not is_operator:
            break
        if token.depth == 0 and token.text == ",":
            items.append([])
        else:
            items[-1].append(token)
    return items


def item_name(item):
    """What the column is called, where that can be seen: `x`, `t.x` or `... AS x`."""
    if not item or item[-1].kind != "word":
        return None
    if len(item) >= 2 and item[-2].word == "AS":
        return item[-1].text
    is_path = all(token.kind == "word" for token in item[::2]) and all(
        token.text == "." for token in item[1::2]
    )
    return item[-1].text if is_path and len(item) % 2 == 1 else None
