"""Makes a statement's text for Oracle 19c from the one for all engines or for PostgreSQL, by rules. What no rule
knows stays as it is and is left to the checks, which refuse what Oracle does not read. See tools/sql2c.py.

    LIMIT :n OFFSET :m              OFFSET :m ROWS FETCH NEXT :n ROWS ONLY
    SELECT without FROM             FROM dual
    RETURNING a, b                  RETURNING a, b INTO :a, :b
    INSERT ... SELECT ... RETURNING a block with a loop, since only one row's INSERT returns
    ON CONFLICT (k) DO ...          MERGE on these columns; where the row is given, a block that reads it then
    :is_x, where a condition stands :is_x = 1
    name >= :a, which may be ''      (name >= :a OR :a IS NULL)
    a condition as a bool column    CASE WHEN ... THEN 1 ELSE 0 END
    statement_timestamp()           SYS_EXTRACT_UTC(SYSTIMESTAMP)
    :n * interval '1 day'           NUMTODSINTERVAL(:n, 'DAY')
    FOR NO KEY UPDATE OF t          FOR UPDATE OF t.column
    CAST(a AS bigint)               CAST(a AS NUMBER(19))
    WITH RECURSIVE, EXCEPT          WITH, MINUS
    a column or bind called size    "SIZE", :p_size
"""

import re
from dataclasses import replace

from sql2c_oracle_lint import RESERVED
from sql2c_tokens import AFTER_LIST, item_name, main_verb, next_word, significant, split_list, tokenize

LINE = 100  # characters
CLOCKS = {"STATEMENT_TIMESTAMP", "CLOCK_TIMESTAMP"}
CLOCK = "SYS_EXTRACT_UTC(SYSTIMESTAMP)"  # whatever zone the database's machine and the session have
TYPES = {"BIGINT": "NUMBER(19)", "INT": "NUMBER(19)", "TEXT": "VARCHAR2(4000)", "DOUBLE PRECISION": "BINARY_DOUBLE"}
PERIOD = re.compile(r"'(\d+) (second|minute|hour|day)s?'$")
# Reserved words that no text of ours means as such, but as names of columns.
NAMES = RESERVED & {"size", "comment", "level", "mode", "number", "resource", "session", "file", "date", "access",
                           "start", "option", "share", "cluster", "audit", "row", "validate"}
OPENERS = {"AND", "AS", "ELSE", "EXISTS", "FROM", "IN", "NOT", "OR", "SELECT", "THEN", "WHEN", "WHERE"}
CONDITIONAL = {"WHEN", "AND", "OR", "NOT", "WHERE", "ON"}  # a condition follows


def derived(statement, written):
    """The text for Oracle, as it would be written below `-- oracle:`."""
    text = written.text
    for rule in (clock, periods, row_locks, small_words, types, names, bool_binds, empty_starts):
        text = rule(statement, text)
    text = every_select(statement, text, bool_columns)
    text = every_select(statement, text, from_dual)
    text = page_clauses(text)
    return gives(statement, text)


def joined(tokens):
    return "".join(token.text for token in tokens).strip()


def replaced(text, found):
    """`found` gives, for a place among the text's tokens, how many of them another text stands for."""
    tokens = tokenize(text)
    out = []
    at = 0
    while at < len(tokens):
        taken = found(tokens, at)
        if taken is None:
            out.append(tokens[at].text)
            at += 1
        else:
            count, other = taken
            out.append(other)
            at += count
    return "".join(out)


def follows(tokens, at, *words):
    """How many tokens from `at` on are these words or marks, with what is blank between them; 0: they are others."""
    place = at
    for number, word in enumerate(words):
        if number > 0:
            while place < len(tokens) and tokens[place].kind in ("blank", "comment"):
                place += 1
        if place >= len(tokens) or (tokens[place].word or tokens[place].text) != word:
            return 0
        place += 1
    return place - at


def before(tokens, at):
    """The token in front, blanks apart; None: there is none."""
    return next((token for token in reversed(tokens[:at]) if token.kind not in ("blank", "comment")), None)


def clock(_, text):
    def found(tokens, at):
        count = max(follows(tokens, at, name, "(", ")") for name in CLOCKS)
        return (count, CLOCK) if count else None

    return replaced(text, found)


def periods(_, text):
    """Only `interval '1 day'` and its kind, alone or times a bind."""
    def period(tokens, at, factor):
        count = follows(tokens, at, "INTERVAL")
        place = at + count + 1
        known = PERIOD.match(tokens[place].text) if count and place < len(tokens) else None
        if known is None:
            return None
        number = known[1] if factor is None else factor if known[1] == "1" else f"{factor} * {known[1]}"
        return place + 1 - at, f"NUMTODSINTERVAL({number}, '{known[2].upper()}')"

    def found(tokens, at):
        if tokens[at].kind != "bind":
            return period(tokens, at, None)
        start = follows(tokens, at, tokens[at].text, "*", "INTERVAL")
        taken = period(tokens, at + start - 1, tokens[at].text) if start else None
        return None if taken is None else (start - 1 + taken[0], taken[1])

    return replaced(text, found)


def row_locks(_, text):
    """Oracle has one lock for a row, and wants a column where PostgreSQL wants a table."""
    def found(tokens, at):
        count = follows(tokens, at, "FOR", "NO", "KEY", "UPDATE") or follows(tokens, at, "FOR", "UPDATE")
        if not count:
            return None
        of = follows(tokens, at + count + 1, "OF")
        if not of:
            return count, "FOR UPDATE"
        table = tokens[at + count + 1 + of + 1]
        column = next(column.text for name, point, column in zip(tokens, tokens[1:], tokens[2:])
                      if name.text == table.text and point.text == ".")
        return count + 1 + of + 2, f"FOR UPDATE OF {table.text}.{column}"

    return replaced(text, found)


def small_words(_, text):
    def found(tokens, at):
        for words, other in ((("WITH", "RECURSIVE"), "WITH"), (("EXCEPT",), "MINUS"),
                             (("ON", "TRUE"), "ON 1 = 1")):
            count = follows(tokens, at, *words)
            if count:
                return count, other
        return None

    return replaced(text, found)


def types(_, text):
    """Of CAST."""
    def found(tokens, at):
        ahead = before(tokens, at)
        if ahead is None or ahead.word != "AS":
            return None
        for name, other in TYPES.items():
            count = follows(tokens, at, *name.split())
            if count and follows(tokens, at + count, ")"):
                return count, other
        return None

    return replaced(text, found)


def names(_, text):
    def found(tokens, at):
        if tokens[at].kind == "bind" and tokens[at].text[1:] in RESERVED:
            return 1, f":p_{tokens[at].text[1:]}"
        if tokens[at].kind == "word" and tokens[at].text in NAMES:  # ours are in small letters, keywords in capitals
            return 1, f'"{tokens[at].text.upper()}"'
        return None

    return replaced(text, found)


def bool_binds(statement, text):
    bools = {f":{param.name}" for param in statement.params if param.type == "bool"}

    def stands_alone(tokens, at):
        following = significant(tokens[at:at + 3])
        after = following[0] if following else None
        return after is None or after.text == ")" or after.word in {"THEN", "AND", "OR", "WHEN"}

    def found(tokens, at):
        negated = follows(tokens, at, "NOT")
        if negated and tokens[at + 2].text in bools and stands_alone(tokens, at + 3):
            return 3, f"{tokens[at + 2].text} = 0"
        ahead = before(tokens, at)
        if tokens[at].text in bools and stands_alone(tokens, at + 1) and ahead is not None and (
                ahead.word in CONDITIONAL or ahead.text == "("):
            return 1, f"{tokens[at].text} = 1"
        return None

    return replaced(text, found)


def empty_starts(statement, text):
    """Every text is behind the one of no characters, which is NULL there: where a list begins."""
    for param in statement.params:
        if param.type == "text" and not param.is_filled and not param.is_nullable:
            text = re.sub(rf"([\w.]+) (>=?) :{param.name}\b", rf"(\1 \2 :{param.name} OR :{param.name} IS NULL)", text)
    return text


# --- SELECTs ---


def every_select(statement, text, rule):
    """The rule is shown each SELECT with what is behind it, the last one first, and gives another text for
    both or None."""
    tokens = tokenize(text)
    for at in reversed([at for at, token in enumerate(tokens) if token.word == "SELECT"]):
        other = rule(statement, tokens, at)
        if other is not None:
            tokens = tokenize(joined_as_is(tokens[:at]) + other)
    return joined_as_is(tokens)


def joined_as_is(tokens):
    return "".join(token.text for token in tokens)


def end_of_list(tokens, at):
    """Behind the last column of the SELECT at tokens[at]."""
    place = at + 1
    while place < len(tokens):
        token = tokens[place]
        is_end = token.depth < tokens[at].depth or (token.depth == tokens[at].depth and token.word in AFTER_LIST)
        if is_end and not (token.word == "FROM" and before(tokens, place).word == "DISTINCT"):
            break
        place += 1
    while tokens[place - 1].kind == "blank":
        place -= 1
    return place


def from_dual(_, tokens, at):
    if next_word(tokens, at, {"FROM"}) is not None:
        return None
    end = end_of_list(tokens, at)
    is_long = "\n" in joined_as_is(tokens[at:end])
    indent = "\n" + " " * (column_of(tokens, at) + 2) if is_long else " "
    return joined_as_is(tokens[at:end]) + f"{indent}FROM dual" + joined_as_is(tokens[end:])


def column_of(tokens, at):
    return len(joined_as_is(tokens[:at]).rpartition("\n")[2])


def bool_columns(statement, tokens, at):
    """A column that is declared bool is 0 or 1, so a condition becomes one of them."""
    bools = {column.name for column in statement.columns if column.type == "bool"}
    if not bools or tokens[at].depth > 0:
        return None
    out = []
    place = at + 1
    end = end_of_list(tokens, at)
    while place < end:
        stop = place
        while stop < end and not (tokens[stop].text == "," and tokens[stop].depth == tokens[at].depth):
            stop += 1
        out.append(bool_column(tokens[place:stop], bools))
        place = stop + 1
    return "SELECT" + ",".join(out) + joined_as_is(tokens[end:])


def bool_column(item, bools):
    words = significant(item)
    name = item_name(words)
    if name not in bools or len(words) < 5 or words[-2].word != "AS" or words[0].word == "CASE":
        return joined_as_is(item)
    last = max(place for place, token in enumerate(item) if token.word == "AS")
    lead = joined_as_is(item[:1]) if item[0].kind == "blank" else ""
    condition = joined(item[:last])
    return f"{lead}CASE WHEN {condition} THEN 1 ELSE 0 END AS {name}"


def page_clauses(text):
    """LIMIT and OFFSET with one number or bind each, wherever they stand."""
    def found(tokens, at):
        if not follows(tokens, at, "LIMIT"):
            return None
        most = tokens[at + 2].text
        skipped = follows(tokens, at + 4, "OFFSET")
        if skipped:
            return 4 + skipped + 2, f"OFFSET {tokens[at + 6].text} ROWS FETCH NEXT {most} ROWS ONLY"
        return 3, f"FETCH FIRST {most} ROWS ONLY"

    return replaced(text, found)


# --- what a write gives, and what it does where there is a row already ---


def expected_outs(statement):
    """A bind receives or gives, so one that a parameter has the name of is called :ret_<name>; so is one that
    may not be called as it is."""
    taken = {param.name for param in statement.params} | RESERVED
    return [f":ret_{column.name}" if column.name in taken else f":{column.name}" for column in statement.columns]


class Write:
    """An INSERT, UPDATE or DELETE, taken apart."""

    def __init__(self, text):
        self.tokens = tokenize(text)
        top = {}
        for at, token in enumerate(self.tokens):
            if token.depth == 0 and token.word in ("VALUES", "SELECT", "RETURNING"):
                top.setdefault(token.word, at)
            if token.depth == 0 and token.word == "CONFLICT":
                top.setdefault("CONFLICT", at - 2)
        self.values = top.get("VALUES")
        self.query = top.get("SELECT") if self.values is None else None
        self.returning = top.get("RETURNING")
        self.conflict = top.get("CONFLICT")
        self.end = next(at for at in (self.conflict, self.returning, len(self.tokens)) if at is not None)

    def head(self):
        """The text before what is done about conflicts and what is given."""
        return joined(self.tokens[:self.end])

    def items(self):
        """What is given, without names."""
        given = []
        for item in split_list(significant(self.tokens[self.returning:]), 1):
            if len(item) > 2 and item[-2].word == "AS":
                item = item[:-2]
            given.append(spaced(item))
        return given

    def table(self):
        return significant(self.tokens)[2].text

    def columns(self):
        words = significant(self.tokens)
        return [spaced(item) for item in in_brackets(words, 3)]

    def sources(self):
        """What each column gets."""
        if self.values is not None:
            return [spaced(item) for item in in_brackets(significant(self.tokens[self.values:]), 1)]
        items = split_list(significant(self.tokens[self.query:self.end]), 1)
        return [spaced(item[:-2] if len(item) > 2 and item[-2].word == "AS" else item) for item in items]


def in_brackets(words, at):
    """The list in the brackets that open at words[at]."""
    depth = words[at].depth
    items = [[]]
    for token in words[at + 1:]:
        if token.depth == depth and token.text == ")":
            break
        if token.depth == depth + 1 and token.text == ",":
            items.append([])
        else:
            items[-1].append(token)
    return items


def spaced(tokens):
    """Tokens in one line, without the blanks that they were written with."""
    out = ""
    for token in tokens:
        ahead = re.split(r"\W", out)[-1].upper()
        is_call = token.text == "(" and ahead != "" and ahead not in OPENERS
        glued = not out or token.text in (".", ",", ")") or out.endswith((".", "(")) or is_call
        out += token.text if glued else f" {token.text}"
    return out


def gives(statement, text):
    verb = main_verb(significant(tokenize(text)))
    if verb not in ("INSERT", "UPDATE", "DELETE"):
        return text
    write = Write(text)
    outs = ", ".join(expected_outs(statement))
    if verb == "INSERT" and write.conflict is not None:
        return settled(statement, write, outs)
    if write.returning is None:
        return text
    if verb == "INSERT" and write.query is not None:
        return f"BEGIN\n{row_by_row(write, outs)}\nEND;"
    return f"{joined(write.tokens[:write.returning])}\nRETURNING {', '.join(write.items())} INTO {outs}"


def row_by_row(write, outs):
    """Only an INSERT of values returns what it stored."""
    columns = write.columns()
    head = "  FOR n IN (SELECT "
    named = [f"{source} AS {column}" for source, column in zip(write.sources(), columns)]
    source = joined(write.tokens[end_of_list(write.tokens, write.query):write.end])
    return "\n".join([
        listed(head, named, ""),
        indented(source, len(head) - len("FROM ")) + ") LOOP",
        listed(f"    INSERT INTO {write.table()} (", columns, ")"),
        listed("    VALUES (", [f"n.{column}" for column in columns], ")"),
        f"    RETURNING {', '.join(write.items())} INTO {outs};",
        "  END LOOP;"])


def listed(head, items, tail):
    """On as many lines as it takes, which go on below the first item."""
    lines = [head]
    for at, item in enumerate(items):
        piece = item + (tail if at == len(items) - 1 else ",")
        if lines[-1] != head and len(lines[-1]) + 1 + len(piece) > LINE:
            lines.append(" " * len(head) + piece)
        else:
            lines[-1] += piece if lines[-1] == head else f" {piece}"
    return "\n".join(lines)


def indented(text, by):
    """FROM that far, and what stands below it as far as it should be from that."""
    lines = text.split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()), default=0)
    return "\n".join([" " * by + lines[0], *(" " * (by - 1) + line[margin:] for line in lines[1:])])


def settled(statement, write, outs):
    """ON CONFLICT: a MERGE on the columns that are named. A row that is to be given is read behind it in a block;
    one that is only given when it is new is stored in one whose handler knows that there is one."""
    words = significant(write.tokens[write.conflict:])
    has_target = words[2].text == "("
    keys = [spaced(item) for item in in_brackets(words, 2)] if has_target else []
    does = next(at for at, token in enumerate(words) if token.word == "DO" and token.depth == 0)
    if words[does + 1].word == "NOTHING" and write.returning is not None:
        insert = (row_by_row(write, outs) if write.query is not None else
                  "  " + write.head().replace("\n", "\n  ") +
                  f"\n  RETURNING {', '.join(write.items())} INTO {outs};")
        return f"BEGIN\n{insert}\nEXCEPTION\n  WHEN DUP_VAL_ON_INDEX THEN NULL;\nEND;"
    if not has_target or write.values is None:
        return joined(write.tokens)  # of which columns, or of how many rows: a text of its own says it
    merge = merged(write, keys, words[does + 1:])
    if write.returning is None:
        return merge
    sources = dict(zip(write.columns(), write.sources()))
    found = " AND ".join(f"{key} = {sources[key]}" for key in keys)
    merge = merge.replace("\n", "\n  ")
    return (f"BEGIN\n  {merge};\n"
            f"  SELECT {', '.join(write.items())} INTO {outs}\n"
            f"    FROM {write.table()}\n"
            f"   WHERE {found};\nEND;")


def merged(write, keys, update):
    """`update` begins behind DO: NOTHING, or UPDATE SET and what follows."""
    table = write.table()
    columns = write.columns()
    head = "USING (SELECT "
    changes = []
    if update[0].word == "UPDATE":
        stop = next((at for at, token in enumerate(update) if token.word == "RETURNING"), len(update))
        changes = [assignments(update[2:stop])]
    return "\n".join([
        f"MERGE INTO {table}",
        listed(head, [f"{source} AS {column}" for source, column in zip(write.sources(), columns)],
               f"\n{' ' * (len(head) - len('FROM '))}FROM dual) n"),
        "   ON (" + " AND ".join(f"{table}.{key} = n.{key}" for key in keys) + ")",
        *changes,
        listed(" WHEN NOT MATCHED THEN INSERT (", columns, ")"),
        listed("      VALUES (", [f"n.{column}" for column in columns], ")")])


def assignments(words):
    """Those of DO UPDATE SET, and its WHERE; what was to be inserted is n's."""
    words = [replace(token, text="n") if token.text == "excluded" else token for token in words]
    where = next((at for at, token in enumerate(words) if token.word == "WHERE" and token.depth == 0), len(words))
    items = [[]]
    for token in words[:where]:
        if token.text == "," and token.depth == 0:
            items.append([])
        else:
            items[-1].append(token)
    text = listed(" WHEN MATCHED THEN UPDATE SET ", [spaced(item) for item in items], "")
    return text + (f"\n      {spaced(words[where:])}" if where < len(words) else "")
