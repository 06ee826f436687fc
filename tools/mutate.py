#!/usr/bin/env python3
"""Changes the program in one place at a time and asks the tests whether they notice: ./octo mutate.

    octo mutate --seed S --count N [FILE...]

A mutant is one change: a relation, a sum, a constant by one, a call that is not made (mutate_c.py), a predicate
that holds always, an order turned round (mutate_sql.py). What is changed is a copy of the checkout in
build-mutate/. The tests that mirror the file are asked first, then all other C programs that the change has
reached, then the integration tests of that area (mutate_ask.py), of all of them those that enter the changed
function (mutate_reach.py); the first that fails has killed the mutant.
One that survives is a question: what could go wrong here that no test sees?
"""

import argparse
import collections
import fcntl
import pathlib
import random
import signal
import sys
import time

import mutate_c
import mutate_sql
from mutate_ask import HOME, OPTIONS, ROOT, Copy, Tests, has_namespaces
from mutate_change import Mutant
from mutate_reach import Reach

TRIES = 1000  # that are given to find another mutant, where files have few
KINDS_OF_FILES = {".c": mutate_c.changes_of, ".sql": mutate_sql.changes_of}


def files_of(root, names):
    """The files that may be changed: those named, else all sources and all named statements."""
    paths = [root / name for name in names] or [
        *root.glob("src/**/*.c"),
        *(path for path in root.glob("sql/**/*.sql") if path.parent.name not in ("schema", "seed"))]
    return sorted(str(path.resolve().relative_to(root)) for path in paths)


def changes_of(path, source):
    """Changes of a file by their kind."""
    kinds = collections.defaultdict(list)
    for change in KINDS_OF_FILES[pathlib.Path(path).suffix](source):
        kinds[change.kind].append(change)
    return kinds


def choose(root, names, seed, count):
    """The same for the same seed and sources. A file, then a kind of it, then one of its changes, so that neither
    long files nor the many constants get most of them."""
    chance = random.Random(seed)
    found = {}
    for name in files_of(root, names):
        source = (root / name).read_text(encoding="utf-8")
        kinds = changes_of(name, source)
        if kinds:
            found[name] = (source, kinds)
    chosen = {}
    for _ in range(count + TRIES):
        if len(chosen) == count or not found:
            break
        name = chance.choice(list(found))
        source, kinds = found[name]
        change = chance.choice(kinds[chance.choice(sorted(kinds))])
        backends = mutate_sql.dialects_at(source, change.start) if name.endswith(".sql") else ""
        chosen.setdefault((name, change), Mutant(name, source, change, backends))
    return list(chosen.values())


def show(number, count, mutant, verdict, by, asked):
    print(f"{number} of {count}  {verdict}  {mutant.path}:{mutant.line}  {mutant.change.kind}")
    for line in mutant.diff.splitlines()[2:]:
        print(f"    {line}")
    if by:
        print(f"    killed by {by}")
    print(f"    asked: {', '.join(asked) or 'nobody, since no test gets there'}\n", flush=True)


def show_end(judged, seconds):
    """What became of them, and the survivors once more."""
    verdicts = collections.Counter(verdict for _, verdict in judged)
    decided = verdicts["killed"] + verdicts["survived"]
    for mutant, verdict in judged:
        if verdict == "survived":
            print(f"survived: {mutant.path}:{mutant.line}  {mutant.change.kind}")
    share = f", {100 * verdicts['killed'] / decided:.0f} % of those that were asked about" if decided else ""
    print(f"{len(judged)} mutants in {seconds:.0f} s: {verdicts['killed']} killed{share}, "
          f"{verdicts['survived']} survived, {verdicts['same program']} make the same program, "
          f"{verdicts['not built']} cannot be built")


def say(text):
    print(f"octo mutate: {text}", file=sys.stderr, flush=True)


def read_arguments(words):
    parser = argparse.ArgumentParser(prog="octo mutate", description=__doc__.split("\n", maxsplit=1)[0],
                                     epilog="A survivor is a question, no failure: the exit code is 0.")
    parser.add_argument("--seed", type=int, required=True, help="the same seed makes the same mutants")
    parser.add_argument("--count", type=int, required=True, help="how many mutants")
    parser.add_argument("files", nargs="*", metavar="FILE",
                        help="under src/ or sql/; all of them without a name")
    arguments = parser.parse_args(words)
    for name in arguments.files:
        path = pathlib.Path(name).resolve()
        if not path.is_file() or not any(path.match(kind) for kind in ("*.c", "*.sql")) \
                or not path.is_relative_to(ROOT) or path.relative_to(ROOT).parts[0] not in ("src", "sql"):
            parser.error(f"{name} is no .c or .sql file under src/ or sql/")
    arguments.files = [str(pathlib.Path(name).resolve().relative_to(ROOT)) for name in arguments.files]
    return arguments


def take_turn():
    """There is one copy. The lock goes with the process."""
    HOME.mkdir(exist_ok=True)
    lock = open(HOME / "lock", "w", encoding="utf-8")  # pylint: disable=consider-using-with
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("waiting for another ./octo mutate in this checkout")
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def main():
    arguments = read_arguments(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and with us goes what we run
    if not has_namespaces():
        say("this machine gives us no process namespace (unshare), and without one a mutant may end any process")
        return 1
    with take_turn():
        copy = Copy()
        tests = Tests(copy, Reach(copy.root, HOME, OPTIONS), say)
        wrong = tests.prepare()
        if wrong:
            say(f"cannot build the checkout as it is:\n{wrong}")
            return 1
        mutants = choose(tests.copy.root, arguments.files, arguments.seed, arguments.count)
        since = time.monotonic()
        judged = []
        for number, mutant in enumerate(mutants, 1):
            verdict, by, asked = tests.judge(mutant)
            judged.append((mutant, verdict))
            show(number, len(mutants), mutant, verdict, by, asked)
        show_end(judged, time.monotonic() - since)
    return 0


if __name__ == "__main__":
    sys.exit(main())
