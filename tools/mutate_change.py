"""One change of a source, and what it makes of it. See tools/mutate.py."""

import dataclasses
import difflib


@dataclasses.dataclass(frozen=True)
class Change:
    """The text from start to end becomes another one."""

    kind: str
    start: int
    end: int
    text: str

    def made_in(self, source):
        return source[:self.start] + self.text + source[self.end:]


@dataclasses.dataclass(frozen=True)
class Mutant:
    """A change of one file, named by its path in the checkout."""

    path: str
    source: str
    change: Change
    backends: str = ""  # the only ones that have it

    @property
    def line(self):
        return self.source.count("\n", 0, self.change.start) + 1

    @property
    def text(self):
        return self.change.made_in(self.source)

    @property
    def diff(self):
        return "".join(difflib.unified_diff(self.source.splitlines(True), self.text.splitlines(True),
                                            "a/" + self.path, "b/" + self.path, n=1))
