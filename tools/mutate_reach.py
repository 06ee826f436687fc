"""Tells which functions a test enters, so that it is not asked about a change that it never meets. See
tools/mutate.py.

A second build of the checkout notes each function that is entered (mutate_reach.c). What a test enters is
found out once for a checkout, by running it there without any change.
"""

import os
import pathlib
import re
import shutil
import subprocess

import mutate_c
import mutate_sql
from mutate_build import ninja

NOTES = pathlib.Path(__file__).with_suffix(".c")


def function_of(words, first):
    """The name before the brackets that stand before the body; None where something else does."""
    depth = 0
    for i in range(first - 1, 0, -1):
        depth += words[i].text == ")"
        depth -= words[i].text == "("
        if depth == 0:
            return words[i - 1].text if words[i - 1].kind == "name" else None
    return None


def functions_at(source, places):
    """The functions' names around these places; None for one that is in no body."""
    words = mutate_c.words_of(source)
    around = [(words[first].start, words[last].end, function_of(words, first))
              for first, last in mutate_c.bodies(words)]
    return [next((name for start, end, name in around if start <= place < end), None) for place in places]


class Reach:
    """The build that notes, and the names of what it has noted: (path in the checkout, function)."""

    def __init__(self, root, home, options):
        self.root = root
        self.build = home / "reach"
        self.folder = home / "reached"
        self.options = options
        self.known = {}  # a program's path: its functions by where they begin

    def make(self, compiler):
        """What ninja says when it fails, None otherwise."""
        self.known = {}
        if not (self.build / "build.ninja").exists():
            self.begin()  # meson runs a program of its own
            notes = self.build.with_suffix(".o")
            subprocess.run([*compiler, "-O1", "-fPIC", f'-DREACHED_DIR="{self.folder}"', "-c", NOTES, "-o", notes],
                           check=True)
            subprocess.run(["meson", "setup", self.build, self.root, *self.options,
                            "-Dc_args=-finstrument-functions -g1", f"-Dc_link_args={notes}"],
                           check=True, capture_output=True, env=dict(os.environ, CC=" ".join(compiler)))
        return ninja(self.build, "all", "meson-test-prereq")

    def begin(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()

    def end(self, *targets):
        """What was entered since begin() in these programs of the build, all their processes together; None when some
        other was noted, or none."""
        programs = {pathlib.Path(target).name: self.build / target for target in targets}
        noted = list(self.folder.iterdir())
        if not noted or not programs.keys() >= {path.name for path in noted}:
            return None
        return {function for path in noted for function in self.entered(programs[path.name], path.read_bytes())}

    def entered(self, program, noted):
        known = self.functions(program)
        return {known[match.start()] for match in re.finditer(b"\1", noted) if match.start() in known}

    def functions(self, program):
        if program not in self.known:
            lines = subprocess.run(["nm", "--defined-only", program], check=True, capture_output=True,
                                   text=True).stdout.splitlines()
            begins = sorted({fields[0] for fields in map(str.split, lines) if fields[1] in "tT"})
            said = subprocess.run(["addr2line", "-f", "-e", program], check=True, capture_output=True, text=True,
                                  input="\n".join(begins)).stdout.splitlines()
            self.known[program] = {int(begin, 16): self.key(name, place)
                                   for begin, name, place in zip(begins, said[::2], said[1::2])}
        return self.known[program]

    def key(self, name, place):
        path = pathlib.Path(place.rsplit(":", maxsplit=1)[0])
        return (os.path.relpath(os.path.normpath(self.build / path), self.root), name)

    def touched(self, mutant, known):
        """The functions that have the change, of which a test that meets it enters one; None: it cannot be told, since
        one of them is not among those that are known to be noted."""
        found = (self.users_of(mutant) if mutant.path.endswith(".sql") else
                 {(mutant.path, functions_at(mutant.source, [mutant.change.start])[0])})
        return found if found and found <= known else None

    def users_of(self, mutant):
        """The functions that name the statement."""
        name = mutate_sql.name_at(mutant.source, mutant.change.start)
        word = re.compile(rf"\bsql_(?:\w+__)?{name}(?:_\w+)?\b")
        found = set()
        for path in (*self.root.glob("src/**/*.c"), *self.root.glob("src/**/*.h")):
            source = path.read_text(encoding="utf-8")
            places = [match.start() for match in word.finditer(source)]
            shown = str(path.relative_to(self.root))
            found.update((shown, function) for function in (functions_at(source, places) if places else []))
        return found
