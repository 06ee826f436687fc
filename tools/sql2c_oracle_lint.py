"""What a text for Oracle 19c may not hold: found here, so that it stops the build and not a request. Each finder gives
the token in fault or None. See tools/sql2c.py."""

from sql2c_tokens import AFTER_LIST, item_name, next_word

NAME_BYTES = 128  # Database SQL Language Reference 19c, "Database Object Names": with COMPATIBLE from 12.2 on

# V$RESERVED_WORDS with RESERVED = 'Y': as a bind each is ORA-01745.
RESERVED = frozenset(
    """access add all alter and any as asc audit between by char check cluster column column_value
    comment compress connect create current date decimal default delete desc distinct drop else
    exclusive exists file float for from grant group having identified immediate in increment index
    initial insert integer intersect into is level like lock long maxextents minus mlslabel mode modify
    nested_table_id noaudit nocompress not nowait null number of offline on online option or order
    pctfree prior public raw rename resource revoke row rowid rownum rows select session set share size
    smallint start successful synonym sysdate table then to trigger uid union unique update user
    validate values varchar varchar2 view whenever where with""".split()
)
# Of these what no query, change or block of ours has a use for: it can only be meant as a name.
ONLY_NAMES = frozenset(
    word.upper() for word in RESERVED
    & set("""access audit cluster column comment compress exclusive file identified immediate increment index initial
    level lock long maxextents mlslabel mode modify noaudit nocompress offline online option pctfree public raw rename
    resource revoke session share size start successful synonym trigger uid validate view whenever""".split()))
# And where they are none.
KEYWORD_BEHIND = {"IMMEDIATE": "EXECUTE", "VIEW": "REPLACE"}
TYPE_WORDS = {"CHAR", "DATE", "DECIMAL", "FLOAT", "INTEGER", "NUMBER", "RAW", "SMALLINT", "VARCHAR", "VARCHAR2"}

AGGREGATES = {"AVG", "COUNT", "LISTAGG", "MAX", "MIN", "SUM"}
FUNCTIONS = AGGREGATES | set(
    """ABS CAST CEIL COALESCE DECODE EXTRACT FLOOR GREATEST INSTR JSON_TABLE JSON_VALUE LEAST LENGTH LOWER LPAD
    FROM_TZ LTRIM MOD NULLIF NUMTODSINTERVAL NVL NVL2 RANK RAWTOHEX REGEXP_LIKE REPLACE ROUND ROW_NUMBER RPAD RTRIM SIGN SUBSTR
    SYS_CONTEXT SYS_EXTRACT_UTC SYS_GUID TO_CHAR TO_CLOB TO_NUMBER TO_TIMESTAMP TRANSLATE TRIM TRUNC UPPER
    NUMBER VARCHAR2 TIMESTAMP
    DISPLAY RETURN_RESULT SLEEP SQL_ID""".split())  # the last four of packages: DBMS_XPLAN, DBMS_SQL, DBMS_SESSION, DBMS_SQL_TRANSLATOR
# Behind these a bracket opens that no function has.
BEFORE_BRACKETS = set(
    """ALL AND ANY AS BY CASE COLUMNS ELSE EXISTS FROM IF IN INSERT INTO IS JOIN LATERAL LOOP NOT ON OR OVER
    SELECT SET TABLE THEN UNION USING VALUES WHEN WHERE WITH""".split())
COMPARISONS = {"=", "<", ">", "<=", ">=", "<>", "!="}


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


def truth(tokens):
    return next((token for token in tokens if token.word in ("TRUE", "FALSE")), None)


def reserved_name(tokens):
    for at, token in enumerate(tokens):
        if token.kind != "word" or token.text.lower() not in RESERVED:
            continue
        ahead = tokens[at - 1] if at > 0 else None
        after = tokens[at + 1] if at + 1 < len(tokens) else None
        is_named = ahead is not None and ahead.word == "AS" and token.word not in TYPE_WORDS | {"SELECT"}
        is_part = (ahead is not None and ahead.text == ".") or (after is not None and after.text == ".")
        is_keyword = ahead is not None and ahead.word == KEYWORD_BEHIND.get(token.word)
        if is_named or is_part or (token.word in ONLY_NAMES and not is_keyword):
            return token
    return None


def long_name(tokens):
    return next((token for token in tokens if token.kind in ("word", "quoted", "bind")
                 and len(token.text.strip('":').encode()) > NAME_BYTES), None)


def clauses(tokens):
    """With each token the word that began its clause, in the same brackets."""
    begins = {"SELECT", "FROM", "JOIN", "WHERE", "ON", "GROUP", "HAVING", "ORDER", "SET", "RETURNING", "USING", "INTO",
              "UPDATE", "DELETE", "WITH", "VALUES", "COLUMNS", "FOR"}
    open_at = [""]
    for at, token in enumerate(tokens):
        while token.depth + 1 < len(open_at):
            open_at.pop()
        while token.depth + 1 > len(open_at):
            opened = tokens[at - 2].word if at > 1 else ""
            open_at.append("CAST" if opened == "CAST" else "")
        if token.word in begins:
            open_at[token.depth] = token.word
        yield token, open_at[token.depth]


def alias_of_table(tokens):
    return next((token for token, clause in clauses(tokens)
                 if token.word == "AS" and clause in ("FROM", "JOIN", "USING", "INTO", "UPDATE", "DELETE")), None)


def unknown_function(tokens):
    for at in range(len(tokens) - 1):
        token = tokens[at]
        if token.kind != "word" or tokens[at + 1].text != "(" or token.word in FUNCTIONS | BEFORE_BRACKETS:
            continue
        if at > 0 and tokens[at - 1].word in ("INTO", "TABLE"):
            continue
        is_common = at > 0 and (tokens[at - 1].word == "WITH" or tokens[at - 1].text == ",") and tokens[0].word in (
            "WITH", "INSERT", "MERGE") and token.text.islower()
        if not is_common:
            return token
    return None


def rows_of_values(tokens):
    for at, token in enumerate(tokens):
        if token.word == "VALUES":
            for other, after in zip(tokens[at + 1:], tokens[at + 2:]):
                if other.text == ")" and other.depth == token.depth and after.text == ",":
                    return after
    return None


def locked_page(tokens):
    """ORA-02014."""
    for at, token in enumerate(tokens):
        if token.word == "FETCH" and (next_word(tokens, at, {"FOR"}) is not None):
            return token
    return None


def merge_returns(tokens):
    """Not before 23ai, nor does an INSERT of what a SELECT gives."""
    starts = [at for at, token in enumerate(tokens) if token.word in ("INSERT", "MERGE") and
              (at == 0 or tokens[at - 1].word in ("", "BEGIN", "LOOP", "THEN", "ELSE"))]
    for start in starts:
        end = next((at for at in range(start, len(tokens)) if tokens[at].text == ";"), len(tokens))
        words = [token.word for token in tokens[start:end] if token.depth == tokens[start].depth]
        if "RETURNING" in words and (words[0] == "MERGE" or "SELECT" in words):
            return next(token for token in tokens[start:end] if token.word == "RETURNING")
    return None


def foreign_change(tokens):
    """UPDATE ... FROM, and WITH before a change."""
    first = tokens[0].word
    if first == "WITH":
        return next((token for token in tokens if token.depth == 0 and token.word in ("UPDATE", "INSERT", "DELETE")),
                    None)
    if first != "UPDATE":
        return None
    return next((token for token in tokens if token.depth == 0 and token.word == "FROM"), None)


def selects(tokens):
    """Where each SELECT stands, and the items of its list."""
    for at, token in enumerate(tokens):
        if token.word == "SELECT":
            yield at, items_from(tokens, at + 1, token.depth)


def items_from(tokens, at, depth):
    """The list that begins at tokens[at], in brackets of that depth."""
    items = [[]]
    for token in tokens[at:]:
        if token.depth < depth or (token.depth == depth and (token.word in AFTER_LIST or token.text == ";")):
            break
        if token.depth == depth and token.text == ",":
            items.append([])
        else:
            items[-1].append(token)
    return items


def condition_as_value(tokens):
    for at, items in selects(tokens):
        for item in items:
            cases = 0
            for token in item:
                cases += (token.word == "CASE") - (token.word == "END")
                if cases == 0 and token.depth == tokens[at].depth and (
                        token.text in COMPARISONS or token.word in ("EXISTS", "LIKE", "IN", "BETWEEN", "NOT")):
                    return token
    return next((token for token, clause in clauses(tokens) if clause == "CAST" and token.text in COMPARISONS), None)


def aggregate_beside_query(tokens):
    """ORA-00937."""
    for at, items in selects(tokens):
        if next_word(tokens, at, {"GROUP"}) is not None:
            continue
        below = [token for item in items for token in item]
        inner = next((token for token in below if token.word == "SELECT"), None)
        if inner is None:
            continue
        outside = 0
        for place, token in enumerate(below[:-1]):
            if token.word == "SELECT":
                outside = token.depth
            if outside and token.depth < outside:
                outside = 0
            if not outside and token.word in AGGREGATES and below[place + 1].text == "(":
                return inner
    return None


def group_by_alias(tokens):
    for at, items in selects(tokens):
        group = next_word(tokens, at, {"GROUP"})
        if group is None:
            continue
        aliases = {item[-1].text for item in items if len(item) > 2 and item[-2].word == "AS"}
        paths = {item[-1].text for item in items
                 if item and all(each.kind == "word" or each.text == "." for each in item)}
        for item in items_from(tokens, group + 2, tokens[at].depth):
            if len(item) == 1 and item[0].text in aliases - paths:
                return item[0]
    return None


def same_names_in_page(tokens):
    """ORA-00918."""
    for at, items in selects(tokens):
        if next_word(tokens, at, {"FETCH"}) is None:
            continue
        seen = set()
        for item in items:
            name = item_name(item)
            if name in seen:
                return item[-1]
            if name:
                seen.add(name)
    return None


LACKS = (
    (word("LIMIT"), "LIMIT", "OFFSET :m ROWS FETCH NEXT :n ROWS ONLY"),
    (word("ON", "CONFLICT"), "ON CONFLICT", "MERGE INTO"),
    (piece("::"), "the cast ::", "CAST(a AS type)"),
    (piece("''"), "a text of no characters, which is null there,", "IS NULL or a word"),
    (select_of_nothing, "SELECT without FROM", "FROM dual"),
    (truth, "boolean in SQL before 23ai", "1 or 0"),
    (reserved_name, "such a name, which is a reserved word,", "another, or one in double quotes and capitals,"),
    (long_name, f"names of more than {NAME_BYTES} bytes", "a shorter one"),
    (alias_of_table, "AS before a table's alias", "the alias alone"),
    (rows_of_values, "several rows of VALUES before 23ai", "one row, which goes as an array,"),
    (locked_page, "page clause under FOR UPDATE", "the page in a subquery, or a block,"),
    (merge_returns, "RETURNING of MERGE, or of an INSERT from SELECT, before 23ai", "a block"),
    (foreign_change, "UPDATE from other tables before 23ai, or WITH in front", "MERGE INTO or a subquery"),
    (word("WITH", "RECURSIVE"), "WITH RECURSIVE", "WITH"),
    (word("EXCEPT"), "EXCEPT before 21c", "MINUS"),
    (piece("'epoch'"), "time called 'epoch'", "TIMESTAMP '1970-01-01 00:00:00'"),
    (word("EPOCH"), "EXTRACT(EPOCH ...)", "EXTRACT(DAY FROM a - b) and its kind"),
    (word("AT", "TIME", "ZONE"), "zone in a TIMESTAMP", "the time itself, which is UTC,"),
    (word("COLLATE"), "COLLATE of PostgreSQL's", "what compares as bytes, which is the rule,"),
    (word("ILIKE"), "ILIKE", "lower(a) LIKE b"),
    (word("IS", "DISTINCT"), "IS DISTINCT FROM before 23ai", "DECODE(a, b, 0, 1) = 1"),
    (word("FILTER"), "FILTER", "count(CASE WHEN a THEN 1 END)"),
    (condition_as_value, "condition as a column", "CASE WHEN a THEN 1 ELSE 0 END"),
    (aggregate_beside_query, "aggregate beside a subquery in one list", "both as subqueries, FROM dual,"),
    (group_by_alias, "GROUP BY of a column's alias before 23ai", "the expression"),
    (same_names_in_page, "page of columns of the same name", "AS and another name"),
    (unknown_function, "function that tools/sql2c_oracle_lint.py knows by this name", "another, or add it there,"),
)
