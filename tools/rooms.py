#!/usr/bin/env python3
"""Which file of a directory of src/, with all below it, knows which: a graph that shall have no circle.

A room is a .c file with its header. It knows another whose header it includes, and the one that defines a function or
an object which it uses, whatever header declares it: so a header that speaks for several files (db/db.h, db/db_priv.h)
hides nothing. Such a header, and one that another header includes, is a room of its own: it promises or describes, and
calls nobody.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DIRECTORIES = ("src/core", "src/trace", "src/net", "src/otlp", "src/db", "src/store", "src/http", "src/service",
               "src/shop", "src/crm", "src/console", "src/ora", "src/app")

COMMENT_OR_TEXT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"|' + r"'(?:[^'\\\n]|\\.)*'", re.S)
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
# Neither the name of a type nor a member.
NAME = re.compile(r"(?<!struct )(?<!enum )(?<!union )(?<!\.)(?<!->)\b[A-Za-z_]\w*")
# What begins in the first column and is not static; a function's body begins there too.
FUNCTION = re.compile(
    r"^(?!static\b|typedef\b|extern\b|#)[A-Za-z_][\w \t*]*?\b(\w+)\([^;{}]*\)[^;{}]*\n\{", re.M)
OBJECT = re.compile(r"^(?!static\b|typedef\b|extern\b|return\b|#)[A-Za-z_][\w \t*]*?\b(\w+)(?:\[[^\]\n]*\])*\s*=", re.M)
PROTOTYPE = re.compile(r"\b(\w+)\s*\([^;{}]*\)[^;{}()]*(?:\([^;{}()]*\))?;")
EXTERN = re.compile(r"^\s*extern\b[^;{}()]*?\b(\w+)(?:\[[^\]]*\])*;", re.M)


class Source:
    def __init__(self, path, base):
        text = path.read_text(encoding="utf-8")
        self.name = path.relative_to(base)
        self.includes = INCLUDE.findall(text)
        self.code = COMMENT_OR_TEXT.sub(" ", text)
        self.is_header = path.suffix == ".h"

    def defined(self):
        return set() if self.is_header else set(FUNCTION.findall(self.code)) | set(OBJECT.findall(self.code))

    def declared(self):
        outside = outside_braces(self.code)
        return set(PROTOTYPE.findall(outside)) | set(EXTERN.findall(outside)) if self.is_header else set()

    def used(self):
        """Names in code; a prototype uses nothing."""
        return set(NAME.findall(inside_braces(self.code) if self.is_header else self.code))


def split_braces(code):
    """What stands outside of all braces and what inside of any; macros stand inside."""
    outside, inside, depth = [], [], 0
    for line in re.sub(r"\\\n", " ", code).splitlines():
        if line.lstrip().startswith("#"):
            if not re.match(r"\s*#\s*undef\b", line):  # it names what it is not
                inside.append(line)
            continue
        for piece in re.split(r"([{}])", line):
            if piece == "{":
                depth += 1
            elif piece == "}":
                depth -= 1
            else:
                (inside if depth else outside).append(piece)
        outside.append("\n")
    return " ".join(outside), " ".join(inside)


def outside_braces(code):
    return split_braces(code)[0]


def inside_braces(code):
    return split_braces(code)[1]


def rooms_of(directory):
    """The sources, those of its subdirectories too, who defines what, and the name of the room of each source."""
    sources = [Source(path, directory.parent) for path in sorted(directory.rglob("*.[ch]"))]
    definer = {name: source.name.with_suffix("") for source in sources for name in source.defined()}
    described = {name for source in sources if source.is_header for name in source.includes}
    room = {}
    for source in sources:
        stem = source.name.with_suffix("")
        speaks_for = {definer[name] for name in source.declared() if name in definer}
        is_own = source.is_header and (speaks_for - {stem} or str(source.name) in described)
        room[source.name] = str(source.name if is_own else stem)
    return sources, definer, room


def graph_of(directory):
    """room -> the rooms of the directory that it knows"""
    sources, definer, room = rooms_of(directory)
    graph = {name: set() for name in room.values()}
    for source in sources:
        known = {room[pathlib.Path(name)] for name in source.includes if pathlib.Path(name) in room}
        known |= {str(definer[name]) for name in source.used() if name in definer}
        graph[room[source.name]] |= known - {room[source.name]}
    return graph


def circles(graph):
    """Sets of rooms that all know each other, by whatever way; each as a way round."""
    found = []
    below = {name: reachable(graph, name) for name in graph}
    left = set(graph)
    while left:
        name = min(left)
        members = {other for other in below[name] if name in below[other]}
        left -= members | {name}
        if members:
            found.append(way_round(graph, name, members))
    return found


def reachable(graph, start):
    seen, waiting = set(), list(graph[start])
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(graph[name])
    return seen


def way_round(graph, start, members):
    """A shortest way from the room back to itself."""
    ways = [[start]]
    while True:
        longer = []
        for way in ways:
            for name in sorted(graph[way[-1]] & members):
                if name == start:
                    return way + [start]
                if name not in way:
                    longer.append(way + [name])
        ways = longer


def circles_in(directory):
    """Each circle as text."""
    return [" -> ".join(way) for way in circles(graph_of(directory))]


def main():
    found = [f"{directory}: {way}" for directory in DIRECTORIES for way in circles_in(ROOT / directory)]
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
