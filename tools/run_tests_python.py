"""Runs unittest modules in processes of their own and hears of each case as it goes. See
tools/run_tests.py.

    run_tests_python.py EVENTS FOLDER PATTERN FIRST MODULE...

is such a process: it runs their cases from the one of that number on and writes a line of JSON to the
descriptor EVENTS for each thing that happens. What the tests and their programs print goes to a file; a
failed case shows what came while it ran. One that hangs is ended with its process, which says first where
it was; another process goes on with the next one.
"""

import faulthandler
import itertools
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from run_tests_limit import CASE_SECONDS, Watched, limit
from run_tests_report import Choice, last_lines

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORDS_MOST = 60  # lines that the tests printed, of a failure


def modules_of(folder):
    return sorted(path.stem for path in (ROOT / folder).glob("test_*.py"))


def run_modules(folder, modules, tally, choice, environment=(), label="", who=""):
    """Runs them one after another; `label` tells the cases from those of the same names elsewhere, `who` the process
    from others that run."""
    who = who or label or folder
    environment = dict(os.environ, **dict(environment))
    first = 0
    with tally.doing(who):
        while first is not None:
            run = Run(tally, who, label)
            first = run.go([str(ROOT / folder), choice.pattern or "", str(first), *modules], environment)


class Run:
    """A process of cases."""

    def __init__(self, tally, who, label):
        self.tally = tally
        self.who = who
        self.label = label
        self.now = None  # what it is at, by the name it fails by
        self.place = 0  # where what that prints begins
        self.next = None  # number of the case behind it

    def go(self, arguments, environment):
        """The number of the case with which another process goes on; None: there is none."""
        self.tally.at(self.who, "begins")
        reading, writing = os.pipe()
        with tempfile.TemporaryFile("w+", errors="replace") as words, os.fdopen(reading, "rb") as events:
            child = subprocess.Popen([sys.executable, "-B", "-u", __file__, str(writing), *arguments], cwd=ROOT,
                                     env=environment, pass_fds=[writing], stdin=subprocess.DEVNULL, stdout=words,
                                     stderr=words)
            os.close(writing)
            watched = Watched(child, events, limit(CASE_SECONDS["OCTO_SLOW_BUILD" in environment]), is_renewed=True,
                              last_words=signal.SIGABRT)
            for line in watched:
                self.hear(words, **json.loads(line))
            if watched.is_late:
                self.fail(words, watched.reason())
                return self.next
            if child.returncode not in (0, 1) or self.now is not None:
                self.fail(words, f"its process ended with {child.returncode}")
            return None

    def hear(self, words, kind, name, **more):
        if kind in ("enters", "starts", "leaves"):
            self.now = None if kind == "leaves" else name + (" (its set-up)" if kind == "enters" else "")
            self.place = more["printed"]
            self.next = more["next"]
            self.tally.at(self.who, name)
        elif kind == "part":
            self.tally.at(self.who, f"after {name}")
        elif kind == "passed":
            self.tally.add_passed()
        elif kind == "skipped":
            self.tally.add_skipped(more["text"])
        elif kind == "failed":
            self.tally.add_failed(self.labelled(name), more["text"] + words_since(words, self.place))
        elif kind == "took":
            self.tally.took(self.labelled(name), more["seconds"])
            self.now = f"{name} (the end of it or of its class)"

    def fail(self, words, reason):
        self.tally.add_failed(self.labelled(self.now or self.who), reason + words_since(words, self.place))

    def labelled(self, name):
        return name + (f" ({self.label})" if self.label else "")


def words_since(words, place):
    os.lseek(words.fileno(), place, os.SEEK_SET)
    with os.fdopen(os.dup(words.fileno()), "rb") as reader:
        text = reader.read().decode(errors="replace").strip()
    return f"\nprinted meanwhile:\n{last_lines(text, WORDS_MOST)}" if text else ""


class Telling(unittest.TestResult):
    """Tells each event to a descriptor. A case whose sub-tests fail has failed once for each."""

    def __init__(self, events, numbers):
        super().__init__()
        self.events = events
        self.numbers = numbers  # of the cases
        self.is_decided = False
        self.started = 0.0

    def tell(self, kind, test, **more):
        name = test.id() if hasattr(test, "id") else str(test)
        print(json.dumps({"kind": kind, "name": name, **more}), file=self.events, flush=True)

    def forget_module(self):
        """A suite of a class ends its module's fixture too; the next class of the module sets it up anew."""
        self._previousTestClass = None

    def startTest(self, test):
        super().startTest(test)
        self.is_decided = False
        self.started = time.monotonic()
        self.tell("starts", test, printed=printed(), next=self.numbers[test] + 1)

    def stopTest(self, test):
        super().stopTest(test)
        if not self.is_decided:
            self.tell("passed", test)
        self.tell("took", test, seconds=time.monotonic() - self.started)

    def fails(self, test, error):
        self.is_decided = True
        self.tell("failed", test, text=self._exc_info_to_string(error, test))

    def addError(self, test, error):
        super().addError(test, error)
        self.fails(test, error)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.fails(test, error)

    def addSubTest(self, test, part, error):
        super().addSubTest(test, part, error)
        if error is None:
            self.tell("part", part)
        else:
            self.is_decided = True
            self.tell("failed", part, text=self._exc_info_to_string(error, test))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.is_decided = True
        self.tell("skipped", test, text=reason)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.is_decided = True
        self.tell("failed", test, text="it passed although it was expected to fail")


def cases_of(suite):
    for each in suite:
        if isinstance(each, unittest.TestSuite):
            yield from cases_of(each)
        else:
            yield each


def printed():
    return os.fstat(sys.stdout.fileno()).st_size


def main(events, folder, pattern, first, *modules):
    faulthandler.enable()
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools"), folder]
    choice = Choice(pattern or None)
    found = cases_of(unittest.TestLoader().loadTestsFromNames(modules))
    # A module that cannot be read is a case of this class, and fails whatever was chosen.
    cases = [case for case in found if case.id() in choice or type(case).__name__ == "_FailedTest"]
    numbers = {case: number for number, case in enumerate(cases)}
    with os.fdopen(int(events), "w", encoding="utf-8") as stream:
        telling = Telling(stream, numbers)
        for kind, group in itertools.groupby(cases[int(first):], type):
            group = list(group)
            name = f"{kind.__module__}.{kind.__qualname__}"
            telling.tell("enters", name, printed=printed(), next=numbers[group[-1]] + 1)
            unittest.TestSuite(group).run(telling)
            telling.forget_module()
            telling.tell("leaves", name, printed=printed(), next=numbers[group[-1]] + 1)
    return 0 if telling.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
