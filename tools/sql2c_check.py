"""Holds statements against what they declare and makes the texts that are sent. See tools/sql2c.py."""

from dataclasses import replace

from sql2c_model import MOST_FIELDS, Field, Variant
from sql2c_tokens import (
    Token,
    first_table,
    item_name,
    main_verb,
    result_lists,
    significant,
    tokenize,
)

WRITING = {"INSERT", "UPDATE", "DELETE"}


def take_rows(statement, rows):
    """Puts the declared rows' columns where the statement names them; `rows` by name."""
    for member in statement.members:
        if isinstance(member, Field):
            statement.columns.append(member)
            continue
        member.row = rows.get(member.name)
        if member.row is None:
            statement.fail(f"'{member.name}.*': there is no such row: declare it with "
                           f"`-- row: {member.name}`", member.line)
        member.row.is_used = True
        within = "" if len(statement.members) == 1 else member.name
        statement.columns += [replace(column, within=within) for column in member.row.columns]
    if len(statement.columns) > MOST_FIELDS:
        statement.fail(f"more than {MOST_FIELDS} columns")


def check_rows_used(rows):
    """Those of sql/core may be for one of the services alone."""
    for row in rows:
        if not row.is_used and not row.file.startswith("sql/core/"):
            row.fail(f"no statement's columns name it: write `{row.name}.*` there or take it away")


def check_shape(statement, tokens, line):
    """Holds the result's list against the declared columns."""
    if main_verb(tokens) == "VALUES":
        return
    lists = [items for items in result_lists(tokens) if items != [[]]]  # a SELECT of no columns
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


def check_unique(rows, statements):
    """No two rows or statements, nor what is made for two of them, may have the same name."""
    seen = {}
    for each in [*rows, *statements]:
        for name in each.made_names():
            if name in seen:
                other = seen[name]
                what = "is also" if other.name == each.name else f"collides ({name}) with"
                each.fail(f"the name {what} at {other.file}:{other.line}")
            seen[name] = each
