"""Holds statements against what they declare and makes the texts that are sent. See tools/sql2c.py."""

from sql2c_model import Variant
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
