"""Finds what may be mutated in a C source. See tools/mutate.py.

No parser: words and signs are enough to tell a relation from a template or a deleted call from a
declaration, in C as the house writes it and clang-format lays it out. What it takes for code and is none
does not compile, and is counted as that.
"""

import re

from mutate_change import Change

WORD = re.compile(r"""
    (?P<skip>\s+|/\*.*?\*/|//[^\n]*|^[ \t]*\#(?:[^\n\\]|\\.)*)
  | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
  | (?P<name>[A-Za-z_]\w*)
  | (?P<number>\.?\d[\w.]*)
  | (?P<sign>->|\+\+|--|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|\.\.\.|.)
""", re.VERBOSE | re.MULTILINE | re.DOTALL)

RELATIONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
SUMS = {"+": "-", "-": "+", "+=": "-=", "-=": "+="}
LOGIC = {"&&": "||", "||": "&&"}
# Calls whose absence no result shows: memory that is given back, what is checked in a debug build, what is wiped.
UNSEEN_CALLS = re.compile(r"free|\w+_fini|\w+_free|assert|static_assert|_Static_assert|explicit_bzero|memset_explicit")
WORDS_OF_NO_VALUE = {"return", "case", "sizeof", "else", "do", "goto", "if", "while", "for", "switch"}
SETS = {"=", "+=", "-=", "*=", "/=", "|=", "&=", "^=", "%="}
# No values of a running program: they lay out data or say what a build is made of.
DECLARING = {"static_assert", "_Static_assert", "_Alignas"}


class Word:
    """One word or sign of the code; at the place start to end."""

    def __init__(self, kind, text, start):
        self.kind, self.text, self.start = kind, text, start

    @property
    def end(self):
        return self.start + len(self.text)

    @property
    def is_value(self):
        """May it end a value, so that a sign behind it has two sides?"""
        if self.kind == "name":
            return self.text not in WORDS_OF_NO_VALUE
        return self.kind in ("number", "text") or self.text in (")", "]")


def words_of(source):
    return [Word(match.lastgroup, match[0], match.start())
            for match in WORD.finditer(source) if match.lastgroup != "skip"]


def replaced(word, kind, text):
    return Change(kind, word.start, word.end, text)


def change_numbers(word):
    match = re.fullmatch(r"(\d+)([uUlL]*)", word.text)
    if not match or match[1].startswith("0") and match[1] != "0":
        return
    value = int(match[1])
    yield replaced(word, "constant by one", f"{value + 1}{match[2]}")
    if value > 1:
        yield replaced(word, "constant by one", f"{value - 1}{match[2]}")


def change_signs(before, word):
    if word.text in RELATIONS and before.is_value:
        yield replaced(word, "relation", RELATIONS[word.text])
    elif word.text in LOGIC:
        yield replaced(word, "logic", LOGIC[word.text])
    elif word.text in SUMS and before.is_value:
        yield replaced(word, "sum", SUMS[word.text])
    elif word.text == "!" and not before.is_value:
        yield replaced(word, "negation dropped", "")


def change_returns(words, i):
    if words[i].text == "return" and words[i + 2].text == ";" and words[i + 1].text in ("true", "false"):
        other = "false" if words[i + 1].text == "true" else "true"
        yield replaced(words[i + 1], "return swapped", other)


def statement_end(words, i):
    """The index of the semicolon of the statement that begins at i; None where a block comes first."""
    depth = 0
    for k in range(i, len(words)):
        if words[k].text in "([{":
            depth += 1
        elif words[k].text in ")]}":
            depth -= 1
            if depth < 0:
                return None
        elif words[k].text == ";" and depth == 0:
            return k
    return None


def closing(words, i):
    depth = 0
    for k in range(i, len(words)):
        depth += words[k].text in ("(", "[")
        depth -= words[k].text in (")", "]")
        if depth == 0:
            return k
    return len(words)


def is_call(words, i, end):
    """name(...); or (void)name(...);"""
    if [word.text for word in words[i:i + 3]] == ["(", "void", ")"]:
        i += 3
    name = words[i]
    return (name.kind == "name" and name.text not in WORDS_OF_NO_VALUE and words[i + 1].text == "("
            and closing(words, i + 1) == end - 1 and not UNSEEN_CALLS.fullmatch(name.text))


def is_assignment(words, i, end):
    """place = value; and no declaration, which has two names one after the other, or a star between."""
    depth = 0
    for k in range(i, end):
        word = words[k]
        if word.text in SETS and depth == 0:
            place = words[i:k]
            return (place[0].kind == "name" or place[0].text in ("*", "(")) and not is_declaration(place)
        depth += word.text in ("(", "[", "{")
        depth -= word.text in (")", "]", "}")
    return False


def is_declaration(place):
    at_depth_0 = []
    depth = 0
    for word in place:
        depth -= word.text in (")", "]")
        if depth == 0:
            at_depth_0.append(word)
        depth += word.text in ("(", "[")
    return any(left.kind == "name" and (right.kind == "name" or right.text == "*")
               for left, right in zip(at_depth_0, at_depth_0[1:]))


def change_statements(source, words, i):
    """A call or an assignment that is a statement is deleted."""
    before = words[i - 1].text
    if before not in (";", "{", "}", ")", ":", "else") or before == ")" and not is_head(words, i - 1) \
            or before == ":" and not is_label(words, i - 1):
        return
    end = statement_end(words, i)
    if end is None or end == i:
        return
    # The lines below stay where they are, so that an assert there makes the same program.
    nothing = ";" + "\n" * source.count("\n", words[i].start, words[end].end)
    if is_call(words, i, end):
        yield Change("call deleted", words[i].start, words[end].end, nothing)
    elif is_assignment(words, i, end):
        yield Change("assignment deleted", words[i].start, words[end].end, nothing)


def is_head(words, i):
    """Does this bracket close the head of an if or a loop?"""
    depth = 0
    for k in range(i, -1, -1):
        depth += words[k].text == ")"
        depth -= words[k].text == "("
        if depth == 0:
            return k > 0 and words[k - 1].text in ("if", "while", "for")
    return False


def is_label(words, i):
    """Does this colon end a label, and not the first half of a choice between two values?"""
    for k in range(i - 1, -1, -1):
        if words[k].text in ("case", "default"):
            return True
        if words[k].text in (";", "{", "}", ")", "?"):
            return words[k].text in (";", "{", "}") and k == i - 2
    return False


def bodies(words):
    """Pairs of indices: the functions, from the brace in the first column to that which closes it."""
    start = depth = 0
    for i, word in enumerate(words):
        if word.text == "{":
            depth += 1
            if depth == 1:
                start = i
        elif word.text == "}":
            depth -= 1
            if depth == 0 and start > 0 and words[start - 1].text == ")":
                yield start, i


def loop_heads(words, first, last):
    """Indices of all words in the brackets of for (...), whose first and last part are no statements."""
    inside = set()
    for i in range(first, last):
        if words[i].text == "for":
            inside.update(range(i + 1, closing(words, i + 1) + 1))
    return inside


def changes_of(source):
    """All changes of the functions' bodies, in the order of their places."""
    words = words_of(source)
    found = []
    for first, last in bodies(words):
        heads = loop_heads(words, first, last)
        for i in range(first + 1, last):
            word = words[i]
            if any(near.text in DECLARING for near in words[max(first, i - 2):i + 1]):
                continue
            if word.kind == "number":
                found += change_numbers(word)
            elif word.kind == "sign":
                found += change_signs(words[i - 1], word)
            if word.kind == "name":
                found += change_returns(words, i)
            if i not in heads and word.kind in ("name", "sign"):
                found += change_statements(source, words, i)
    return found
