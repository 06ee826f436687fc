"""Makes from an INSERT of one row the text that stores many rows at once. See tools/sql2c.py."""

import textwrap
from dataclasses import replace

from sql2c_model import TYPES
from sql2c_tokens import significant, tokenize

UNFIT_VALUES = {"SELECT", "DEFAULT", "WITH"}  # a subquery's names could hide a column; no default in SELECT


def batch_text(statement, written):
    """PostgreSQL's text with an array for each parameter, None where a row needs a statement of its own.

    INSERT INTO t (a, b) VALUES (:x, 'y') becomes
    INSERT INTO t (a, b) SELECT b.x, 'y' FROM unnest($1::bigint[]) AS b (x), and what follows stays. The
    time of the transaction is the same in all rows and stays a single value.
    """
    tokens = tokenize(written)
    parts = take_apart(tokens)
    if statement.columns or not statement.c_params or parts is None:
        return None
    head, values, tail = parts
    words = {token.word for token in values}
    # DO UPDATE refuses to touch a row twice in one statement. A bind after VALUES is no row's own.
    if words & UNFIT_VALUES or any(token.kind == "bind" or token.word == "UPDATE" for token in tail):
        return None
    number = {param.name: at for at, param in enumerate(statement.params, 1)}
    of_row = {param.name for param in statement.c_params}
    arrays = [f"${number[param.name]}::{TYPES[param.type].sql}[]" for param in statement.c_params]
    names = [param.name for param in statement.c_params]
    source = listed("  FROM unnest(", arrays) + listed("    AS b (", names)
    return joined(head) + "SELECT " + rewritten(values, number, of_row) + source + joined(tail)


def listed(head, items):
    """On new lines, which go on below the first item."""
    lines = textwrap.wrap(", ".join(items) + ")", width=100 - len(head))
    return f"\n{head}" + ("\n" + " " * len(head)).join(lines)


def take_apart(tokens):
    """What stands before VALUES, between its brackets and behind them; None: it is another statement."""
    if significant(tokens)[0].word != "INSERT":
        return None
    starts = [at for at, token in enumerate(tokens) if token.word == "VALUES" and token.depth == 0]
    if len(starts) != 1:
        return None
    brackets = [at for at, token in enumerate(tokens)
                if at > starts[0] and token.depth == 0 and token.kind == "mark"]
    if len(brackets) < 2 or tokens[brackets[0]].text != "(":
        return None
    first, last = brackets[:2]
    following = significant(tokens[last + 1:])
    if following and following[0].word != "ON":  # more rows
        return None
    return tokens[:starts[0]], tokens[first + 1:last], tokens[last + 1:]


def rewritten(values, number, of_row):
    pieces = []
    for token in values:
        name = token.text[1:]
        if token.kind != "bind":
            pieces.append(token.text)
        else:
            pieces.append(f"b.{name}" if name in of_row else f"${number[name]}")
    return "".join(pieces)


def joined(tokens):
    return "".join(token.text for token in tokens)


def add_batch(statement, required):
    """Gives the statement its text for many rows where it has one; another dialect than PostgreSQL needs
    none, since it runs in the same process."""
    written = statement.texts.get("postgres") or statement.texts.get(None)
    if "postgres" not in required or written is None:
        return
    text = batch_text(statement, written.text)
    if text is not None:
        single = statement.variants["postgres"]
        statement.batch = replace(single, text=text, bind_order=list(range(len(statement.params))))
