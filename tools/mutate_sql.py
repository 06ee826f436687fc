"""Finds what may be mutated in the named statements of a .sql file. See tools/mutate.py.

The lines of comments stay as they are: they name the statement, its parameters and its columns. A change
keeps the parameters that it can, since a statement that does not use one of its own is no statement.
"""

import re

from mutate_change import Change

WORD = re.compile(r"""
    (?P<skip>\s+|--[^\n]*)
  | (?P<text>'(?:[^']|'')*'|"[^"]*")
  | (?P<param>:[a-z_]\w*)
  | (?P<name>[A-Za-z_][\w.]*)
  | (?P<number>\d[\w.]*)
  | (?P<sign>::|<=|>=|<>|!=|\|\||->>|->|.)
""", re.VERBOSE | re.DOTALL)

RELATIONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "<>", "<>": "="}
SUMS = {"+": "-", "-": "+"}
LOGIC = {"AND": "OR", "OR": "AND"}
# What ends a condition or a list of assignments at its own depth.
ENDS = {"AND", "OR", "ORDER", "GROUP", "HAVING", "LIMIT", "OFFSET", "RETURNING", "FOR", "UNION", "WHERE", "JOIN",
        "LEFT", "CROSS", "INNER", "WINDOW", "THEN", "ELSE", "END", "WHEN", "ON", "FROM", "DO", "FETCH", "SET",
        "SELECT", "INSERT", "UPDATE", "DELETE", ";"}
CONDITIONS = {"WHERE", "AND", "OR", "HAVING"}


class Word:
    """One word or sign of a statement; words in capitals are the language's."""

    def __init__(self, kind, text, start):
        self.kind, self.text, self.start = kind, text, start
        self.depth = 0
        self.is_between = False  # the AND of BETWEEN x AND y

    @property
    def end(self):
        return self.start + len(self.text)


MARK = re.compile(r"^-- (?:name: \w+|(?P<dialects>[a-z]+(?:, [a-z]+)*):)$", re.MULTILINE)


def statements_of(source):
    """(start, end, dialects) of each statement's text, those of a dialect one by one; "" for all dialects."""
    marks = list(MARK.finditer(source))
    ends = [mark.start() for mark in marks[1:]] + [len(source)]
    for mark, end in zip(marks, ends):
        yield mark.end(), end, mark["dialects"] or ""


def name_at(source, place):
    """Of the statement at that place."""
    return re.findall(r"^-- name: (\w+)$", source[:place], re.MULTILINE)[-1]


def dialects_at(source, place):
    """Of the statement at that place."""
    return next((dialects for start, end, dialects in statements_of(source) if start <= place < end), "")


def words_of(source, start, end):
    words = [Word(match.lastgroup, match[0], match.start()) for match in WORD.finditer(source, start, end)
             if match.lastgroup != "skip"]
    depth, is_open = 0, False
    for word in words:
        depth -= word.text == ")"
        word.depth = depth
        depth += word.text == "("
        if word.text == "BETWEEN":
            is_open = True
        elif word.text == "AND" and is_open:
            word.is_between, is_open = True, False
    return words


def part_end(words, first, ends):
    """The index behind the part that begins at first: where its bracket closes or a word ends it."""
    depth = words[first].depth
    for i in range(first, len(words)):
        word = words[i]
        if word.depth < depth or (word.depth == depth and word.text in ends and not word.is_between):
            return i
    return len(words)


def is_join(words, i):
    return words[i].text == "ON" and words[i + 1].text != "CONFLICT"


def change_conditions(source, words, i):
    word = words[i]
    if not (word.text in CONDITIONS or is_join(words, i)) or word.is_between:
        return
    end = part_end(words, i + 1, ENDS)
    if end > i + 1:
        start, stop = words[i + 1].start, words[end - 1].end
        yield Change("predicate void", start, stop, f"(1 = 1 OR ({source[start:stop]}))")
    if word.text in LOGIC:
        yield Change("logic", word.start, word.end, LOGIC[word.text])


def change_signs(words, i):
    before, word = words[i - 1], words[i]
    if word.text in RELATIONS and not is_set(words, i):
        yield Change("relation", word.start, word.end, RELATIONS[word.text])
    elif word.text in SUMS and (before.kind in ("name", "number", "param") or before.text == ")"):
        yield Change("sum", word.start, word.end, SUMS[word.text])
    elif word.kind == "number" and word.text.isdigit():
        yield Change("constant by one", word.start, word.end, str(int(word.text) + 1))


def clause_of(words, i):
    """The word in capitals that began the clause of this one, at its own depth."""
    for k in range(i - 1, -1, -1):
        if words[k].depth < words[i].depth:
            return ""
        if words[k].depth == words[i].depth and words[k].text in ("SET", "WHERE", "ON", "SELECT", "HAVING", "WHEN",
                                                                  "RETURNING", "FROM", "VALUES"):
            return words[k].text
    return ""


def is_set(words, i):
    return words[i].text == "=" and clause_of(words, i) == "SET"


def change_order(words, i):
    if [word.text for word in words[i:i + 2]] != ["ORDER", "BY"]:
        return
    end = part_end(words, i + 2, ENDS - {"AND", "OR"})
    first = i + 2
    for k in range(i + 2, end + 1):
        is_last = k == end
        if is_last or (words[k].text == "," and words[k].depth == words[i].depth):
            last = words[k - 1]
            if last.text in ("DESC", "ASC"):
                yield Change("order turned", last.start, last.end, "ASC" if last.text == "DESC" else "DESC")
            elif k > first:
                yield Change("order turned", last.end, last.end, " DESC")
            first = k + 1


def change_conflict(words, i):
    """ON CONFLICT ... goes, and DO UPDATE ... becomes DO NOTHING."""
    if [word.text for word in words[i:i + 2]] == ["ON", "CONFLICT"]:
        end = part_end(words, i, {"RETURNING", ";"})
        yield Change("conflict part dropped", words[i].start, words[end - 1].end, "")
    elif [word.text for word in words[i:i + 2]] == ["DO", "UPDATE"]:
        end = part_end(words, i, {"RETURNING", ";"})
        yield Change("conflict part dropped", words[i].start, words[end - 1].end, "DO NOTHING")


def change_assignments(source, words, i):
    """SET a = x, b = y: one of them goes, or keeps its column where it has a parameter."""
    if words[i].text != "SET":
        return
    end = part_end(words, i + 1, ENDS - {"END", "WHEN", "THEN", "ELSE", "AND", "OR"})
    starts = [i + 1] + [k + 1 for k in range(i + 1, end) if words[k].text == "," and words[k].depth == words[i].depth]
    for number, first in enumerate(starts):
        last = (starts[number + 1] - 2) if number + 1 < len(starts) else end - 1
        if words[first + 1].text != "=":
            continue
        value = source[words[first + 2].start:words[last].end]
        if any(word.kind == "param" for word in words[first:last + 1]):
            yield Change("assignment void", words[first + 2].start, words[last].end,
                         f"CASE WHEN 1 = 1 THEN {words[first].text} ELSE {value} END")
        elif len(starts) > 1:
            start = words[first].start if number + 1 < len(starts) else words[first - 1].start
            stop = words[starts[number + 1]].start if number + 1 < len(starts) else words[last].end
            yield Change("assignment deleted", start, stop, "")


def change_locks(words, i):
    """FOR UPDATE, FOR NO KEY UPDATE OF p, FOR SHARE ... goes."""
    if words[i].text != "FOR" or i + 1 == len(words) or words[i + 1].text not in ("UPDATE", "NO", "SHARE", "KEY"):
        return
    end = part_end(words, i, {";"})
    yield Change("row lock dropped", words[i].start, words[end - 1].end, "")


def changes_of(source):
    """All changes of the named statements, in the order of their places."""
    found = []
    for start, end, _ in statements_of(source):
        words = words_of(source, start, end)
        for i in range(len(words)):
            found += change_conditions(source, words, i)
            found += change_signs(words, i)
            found += change_order(words, i)
            found += change_conflict(words, i)
            found += change_assignments(source, words, i)
            found += change_locks(words, i)
    return sorted(found, key=lambda change: (change.start, change.end, change.text))
