"""Holds statements against what they declare and makes the texts that are sent. See tools/sql2c.py."""

from dataclasses import replace

from sql2c_dialects import BY_NUMBER, BY_PLACE, DIALECTS
from sql2c_model import MOST_FIELDS, Field, Variant
from sql2c_tokens import (
    Token,
    first_table,
    item_name,
    main_verb,
    next_word,
    result_lists,
    significant,
    split_list,
    tokenize,
)

WRITING = {"INSERT", "UPDATE", "DELETE", "MERGE"}


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
        statement.fail(f"more than {MOST_FIELDS} columns: read some by a statement of their own")


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
        statement.fail("columns are declared, but the text gives no rows: take `-- columns:` away, or "
                       "write RETURNING", line)
    if lists and not declared:
        statement.fail("the text gives rows, but no columns are declared: write `-- columns:`", line)
    for items in lists:
        for item in items:
            if item and item[-1].text == "*" and item[-1].depth == 0:
                statement.fail("`*` in the result: name the columns", line)
        if len(items) != len(declared):
            statement.fail(
                f"the text gives {len(items)} columns, {len(declared)} are declared: make both the same", line
            )
    # A column may be called anything, but a declared name at another place is a mix-up.
    for at, item in enumerate(lists[0] if lists else []):
        name = item_name(item)
        if name in declared and declared[at] != name and declared.count(name) == 1:
            statement.fail(f"column {at + 1} is '{name}' in the text, but '{declared[at]}'"
                           " is declared there: put one of them in order", line)


def check_text(statement, tokens, dialect, line):
    """What no text may hold, and what this dialect cannot read."""
    if tokens[-1].kind == "comment":
        statement.fail("a comment at the end of the text would be sent with it: put it above",
                       line + tokens[-1].line)
    for token, after in zip(tokens, tokens[1:] + [Token("blank", "", 0)]):
        if token.kind != "mark":
            continue
        at = line + token.line
        if token.text in "'\"`":
            statement.fail(f"a {token.text} is never closed: close it, or take it away", at)
        if token.text == ";":
            statement.fail("a semicolon: one statement, without an end mark: take it away", at)
        is_number = token.text == "$" and after.kind == "number"
        if is_number or (token.text == "?" and DIALECTS[dialect].binds != BY_NUMBER):
            statement.fail("binds are written :name: name it, and declare it in `-- params:`", at)
    opened = sum(token.kind == "mark" and token.text == "(" for token in tokens)
    closed = sum(token.kind == "mark" and token.text == ")" for token in tokens)
    if opened != closed:
        statement.fail(f"brackets do not match: {opened} open, {closed} close", line)
    for find, what, instead in DIALECTS[dialect].lacks:
        found = find(significant(tokens))
        if found:
            statement.fail(f"{dialect} has no {what}: write {instead} in a text for it", line + found.line)


def check_bind_names(statement, dialect):
    for param in statement.params:
        if param.name in DIALECTS[dialect].reserved:
            statement.fail(f"{dialect} takes no bind of the name :{param.name}, a reserved word: call the "
                           "parameter otherwise")


def into_binds(statement, words, dialect, line):
    """The binds of RETURNING ... INTO, which receive the columns, where the dialect has them."""
    returning = next((at for at, token in enumerate(words)
                      if token.word == "RETURNING" and token.depth == 0), None)
    if returning is None:
        return []
    into = next_word(words, returning, {"INTO"})
    at = line + words[returning].line
    if into is None and DIALECTS[dialect].returns_into:
        names = ", ".join(expected_into(statement))
        statement.fail(f"{dialect} gives what a write returns in binds: end the text with INTO {names}", at)
    if into is None:
        return []
    if not DIALECTS[dialect].returns_into:
        statement.fail(f"RETURNING ... INTO is not {dialect}'s: leave INTO and its binds out, or put the text "
                       "below a mark of its own", at)
    given = ["".join(token.text for token in item) for item in split_list(words, into + 1)]
    if given != expected_into(statement):
        statement.fail(f"INTO {', '.join(given)}: the binds are the columns in their order, here "
                       f"{', '.join(expected_into(statement))}", line + words[into].line)
    return [token for token in words[into + 1:] if token.kind == "bind"]


def expected_into(statement):
    """A bind receives or gives, so one that a parameter has the name of is called :ret_<name>."""
    taken = {param.name for param in statement.params}
    return [f":ret_{column.name}" if column.name in taken else f":{column.name}"
            for column in statement.columns]


def placeholder_order(statement, tokens, received, dialect, line):
    """Parameters in the order of their placeholders: where each first appears, or wherever one does where
    the dialect counts places. A text for a server may ask its clock instead of `now`."""
    known = {param.name: at for at, param in enumerate(statement.params)}
    order = []
    for token in tokens:
        if token.kind != "bind" or token in received:
            continue
        if token.text[1:] not in known:
            statement.fail(f"{dialect} text: bind {token.text} is not declared: name it in `-- params:`",
                           line + token.line)
        if DIALECTS[dialect].binds == BY_PLACE or known[token.text[1:]] not in order:
            order.append(known[token.text[1:]])
    for name, at in known.items():
        may_ask_clock = DIALECTS[dialect].has_clock and statement.params[at].type == "now"
        if at not in order and not may_ask_clock:
            statement.fail(f"{dialect} text: parameter '{name}' is not used: use it or take it away", line)
    if len(order) + len(received) > MOST_FIELDS:
        statement.fail(f"{dialect} text: {len(order) + len(received)} binds, {MOST_FIELDS} are the most: give "
                       "some as a JSON text", line)
    return order


def as_sent(statement, tokens, dialect):
    """The text with the binds as the dialect writes them."""
    if DIALECTS[dialect].binds != BY_NUMBER:
        return "".join(token.text for token in tokens)
    number = {param.name: at for at, param in enumerate(statement.params, 1)}
    return "".join(f"${number[token.text[1:]]}" if token.kind == "bind" else token.text for token in tokens)


def variant_of(statement, written, dialect):
    """Checks the text that is written for a dialect and makes the one that it is sent."""
    tokens = tokenize(written.text)
    words = significant(tokens)
    check_text(statement, tokens, dialect, written.line)
    check_bind_names(statement, dialect)
    received = into_binds(statement, words, dialect, written.line)
    order = placeholder_order(statement, tokens, received, dialect, written.line)
    check_shape(statement, words, written.line)
    if DIALECTS[dialect].binds == BY_NUMBER:
        order = list(range(len(statement.params)))
    operation = main_verb(words)
    is_read_only = operation == "SELECT" and not any(token.word in WRITING for token in words)
    return Variant(as_sent(statement, tokens, dialect), written.line, order, operation,
                   first_table(words), is_read_only)


def complete(statement, required):
    """Checks the texts of a statement and makes the variants of the required dialects. A text with a mark
    is checked for its dialect whether that is required or not."""
    general = statement.texts.get(None)
    for dialect in DIALECTS:
        written = statement.texts.get(dialect) or (general if dialect in required else None)
        if dialect in required and written is None:
            statement.fail(f"the {dialect} variant is missing: write a text below `-- {dialect}:`, or one "
                           "without a mark for all")
        if written is not None:
            variant = variant_of(statement, written, dialect)
            if dialect in required:
                statement.variants[dialect] = variant


def check_unique(rows, statements):
    """No two rows or statements, nor what is made for two of them, may have the same name."""
    seen = {}
    for each in [*rows, *statements]:
        for name in each.made_names():
            if name in seen:
                other = seen[name]
                what = "is also" if other.name == each.name else f"collides ({name}) with"
                each.fail(f"the name {what} at {other.file}:{other.line}: choose another")
            seen[name] = each
