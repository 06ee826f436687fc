"""Holds statements against what they declare and makes the texts that are sent. See tools/sql2c.py."""

from dataclasses import replace

from sql2c_dialects import BY_NAME, BY_NUMBER, BY_PLACE, DIALECTS
from sql2c_model import MOST_FIELDS, Field, SqlError, Variant
from sql2c_oracle import derived, expected_outs
from sql2c_oracle_lint import RESERVED
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
BLOCKS = {"BEGIN", "DECLARE"}


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
    is_block = DIALECTS[dialect].returns_into and significant(tokens)[0].word in BLOCKS
    if tokens[-1].kind == "comment":
        statement.fail("a comment at the end of the text would be sent with it: put it above",
                       line + tokens[-1].line)
    for token, after in zip(tokens, tokens[1:] + [Token("blank", "", 0)]):
        if token.kind != "mark":
            continue
        at = line + token.line
        if token.text in "'\"`":
            statement.fail(f"a {token.text} is never closed: close it, or take it away", at)
        if token.text == ";" and not is_block:
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
            statement.fail(f"{dialect} has no {what}: write {instead} in a text for it (at {found.text})",
                           line + found.line)


def name_of(token):
    """Of a bind: a parameter whose name the dialect reserves is bound as :p_<name>."""
    name = token.text[1:]
    plain = name.removeprefix("p_")
    return plain if plain != name and plain in RESERVED else name


def check_bind_names(statement, words, dialect):
    for token in words:
        if token.kind == "bind" and token.text[1:].lower() in DIALECTS[dialect].reserved:
            statement.fail(f"{dialect} takes no bind of the name {token.text}, a reserved word: write "
                           f":p_{token.text[1:]}")


def into_binds(statement, words, dialect, line):
    """The binds of RETURNING ... INTO, which receive the columns, where the dialect has them."""
    returning = next((at for at, token in enumerate(words)
                      if token.word == "RETURNING" and token.depth == 0), None)
    if returning is None:
        return []
    into = next_word(words, returning, {"INTO"})
    at = line + words[returning].line
    if into is None and DIALECTS[dialect].returns_into:
        names = ", ".join(expected_outs(statement))
        statement.fail(f"{dialect} gives what a write returns in binds: end the text with INTO {names}", at)
    if into is None:
        return []
    if not DIALECTS[dialect].returns_into:
        statement.fail(f"RETURNING ... INTO is not {dialect}'s: leave INTO and its binds out, or put the text "
                       "below a mark of its own", at)
    given = ["".join(token.text for token in item) for item in split_list(words, into + 1)]
    if given != expected_outs(statement):
        statement.fail(f"INTO {', '.join(given)}: the binds are the columns in their order, here "
                       f"{', '.join(expected_outs(statement))}", line + words[into].line)
    return [token for token in words[into + 1:] if token.kind == "bind"]


def block_outs(statement, words, line):
    """The binds that a block gives its columns in: in their order, and behind all that it is given."""
    outs = expected_outs(statement)
    if not outs:
        statement.fail("a block does not say how many rows it has changed: let it give columns, or write a statement",
                       line)
    first = []
    for token in words:
        if token.kind == "bind" and token.text not in first:
            first.append(token.text)
    if first[len(first) - len(outs):] != outs:
        statement.fail(f"a block's last binds are its columns in their order, here {', '.join(outs)}: what comes "
                       "before goes into variables", line)
    return [token for token in words if token.kind == "bind" and token.text in outs]


def placeholder_order(statement, tokens, received, dialect, line, binds):
    """Parameters in the order of their placeholders: where each first appears, or wherever one does where
    the dialect counts places. A text for a server may ask its clock instead of `now`."""
    known = {param.name: at for at, param in enumerate(statement.params)}
    order = []
    for token in tokens:
        if token.kind != "bind" or token in received:
            continue
        if name_of(token) not in known:
            statement.fail(f"{dialect} text: bind {token.text} is not declared: name it in `-- params:`",
                           line + token.line)
        if binds == BY_PLACE or known[name_of(token)] not in order:
            order.append(known[name_of(token)])
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
    check_bind_names(statement, words, dialect)
    operation = main_verb(words)
    is_block = DIALECTS[dialect].returns_into and operation in BLOCKS
    binds = BY_NAME if is_block else DIALECTS[dialect].binds
    if is_block:
        received = block_outs(statement, words, written.line)
        operation = next((token.word for token in words if token.word in WRITING), "SELECT")
    else:
        received = into_binds(statement, words, dialect, written.line)
        check_shape(statement, words, written.line)
    order = placeholder_order(statement, tokens, received, dialect, written.line, binds)
    if binds == BY_NUMBER:
        order = list(range(len(statement.params)))
    is_read_only = operation == "SELECT" and not any(token.word in WRITING for token in words)
    variant = Variant(as_sent(statement, tokens, dialect), written.line, order, operation,
                      first_table(words), is_read_only, written.is_derived)
    if DIALECTS[dialect].returns_into:
        variant.is_block = is_block
        variant.gives_binds = bool(received)
        found = {token.word for token in words}
        variant.may_collide = "INSERT" in found and bool(found & {"MERGE", "UPDATE"})
        variant.lob_places = lob_places(statement, words, received, order)
    return variant


def lob_places(statement, words, received, order):
    """Texts that stand where a long one is no column's own value: in JSON_TABLE, and in what a MERGE reads."""
    places = []
    is_merge = words[0].word == "MERGE"
    ins = [(at, token) for at, token in enumerate(words) if token.kind == "bind" and token not in received]
    if len(ins) != len(order):  # of a block, where a name is one bind: the driver binds its long texts by itself
        return []
    for place, (at, token) in enumerate(ins):
        is_list = at > 1 and words[at - 1].text == "(" and words[at - 2].word == "JSON_TABLE"
        if statement.params[order[place]].type == "text" and (is_list or is_merge):
            places.append(place)
    return places


def find_lob_columns(statement, clobs):
    """Columns that come out of binds and are CLOBs; `clobs` are pairs of table and column."""
    variant = statement.variants.get("oracle")
    if variant is not None and variant.gives_binds:
        variant.lob_columns = [at for at, column in enumerate(statement.columns)
                               if (variant.collection, column.name) in clobs]


def text_for(statement, dialect):
    """As written for the dialect or for all; for one that has neither, made by rule from a text that there is.
    PostgreSQL is a server too, so its text goes before one that was written with a file in mind."""
    own = statement.texts.get(dialect)
    if own is not None or not DIALECTS[dialect].returns_into:
        return own or statement.texts.get(None)
    base = statement.texts.get("postgres") or statement.texts.get(None)
    if base is None:
        return None
    return Variant(derived(statement, base), base.line, is_derived=True)


def complete(statement, required, wanted=()):
    """Checks the texts of a statement and makes the variants of the required dialects, and of the wanted ones
    where it can; why it cannot is kept. A text with a mark is checked for its dialect whether that is asked for
    or not."""
    for dialect in DIALECTS:
        if dialect in required or dialect in statement.texts:
            take_variant(statement, dialect, dialect in (*required, *wanted))
        elif dialect in wanted:
            try:
                take_variant(statement, dialect, True)
            except SqlError as error:
                statement.missing[dialect] = str(error)


def take_variant(statement, dialect, is_kept):
    written = text_for(statement, dialect)
    if written is None:
        statement.fail(f"the {dialect} variant is missing: write a text below `-- {dialect}:`, or one "
                       "without a mark for all")
    variant = variant_of(statement, written, dialect)
    if is_kept:
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
