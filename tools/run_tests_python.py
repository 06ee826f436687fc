"""Runs unittest modules in processes of their own and hears of each case as it goes. See
tools/run_tests.py.

    run_tests_python.py EVENTS FOLDER PATTERN MODULE...

is such a process: it writes a line of JSON to the descriptor EVENTS for each thing that happens. What
the tests and their programs print goes to a file; a failed case shows what came while it ran.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

from run_tests_report import Choice, last_lines

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORDS_MOST = 60  # lines that the tests printed, of a failure


def modules_of(folder):
    return sorted(path.stem for path in (ROOT / folder).glob("test_*.py"))


def run_modules(folder, modules, tally, choice, environment=(), label="", who=""):
    """Runs them one after another; `label` tells the cases from those of the same names elsewhere, `who` the process
    from others that run."""
    who = who or label or folder
    reading, writing = os.pipe()
    with tempfile.TemporaryFile("w+", errors="replace") as words:
        child = subprocess.Popen(
            [sys.executable, "-B", "-u", __file__, str(writing), str(ROOT / folder), choice.pattern or "", *modules],
            cwd=ROOT, env=dict(os.environ, **dict(environment)), pass_fds=[writing],
            stdin=subprocess.DEVNULL, stdout=words, stderr=words)
        os.close(writing)
        place = 0
        now = None
        with os.fdopen(reading, encoding="utf-8") as events, tally.doing(who):
            for line in events:
                event = json.loads(line)
                kind, name = event["kind"], event["name"] + (f" ({label})" if label else "")
                if kind == "starts":
                    place, now = event["printed"], name
                    tally.at(who, event["name"])
                elif kind == "passed":
                    tally.add_passed()
                elif kind == "skipped":
                    tally.add_skipped(event["text"])
                elif kind == "failed":
                    tally.add_failed(name, event["text"] + words_since(words, place))
                elif kind == "took":
                    tally.took(name, event["seconds"])
                    now = None
        code = child.wait()
        if code not in (0, 1) or now is not None:
            tally.add_failed(now or label or folder,
                             f"its process ended with {code}{words_since(words, place)}")


def words_since(words, place):
    os.lseek(words.fileno(), place, os.SEEK_SET)
    with os.fdopen(os.dup(words.fileno()), "rb") as reader:
        text = reader.read().decode(errors="replace").strip()
    return f"\nprinted meanwhile:\n{last_lines(text, WORDS_MOST)}" if text else ""


class Telling(unittest.TestResult):
    """Tells each event to a descriptor. A case whose sub-tests fail has failed once for each."""

    def __init__(self, events):
        super().__init__()
        self.events = events
        self.is_decided = False
        self.started = 0.0

    def tell(self, kind, test, **more):
        name = test.id() if hasattr(test, "id") else str(test)
        print(json.dumps({"kind": kind, "name": name, **more}), file=self.events, flush=True)

    def startTest(self, test):
        super().startTest(test)
        self.is_decided = False
        self.started = time.monotonic()
        self.tell("starts", test, printed=os.fstat(sys.stdout.fileno()).st_size)

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
        if error is not None:
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


def main(events, folder, pattern, *modules):
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools"), folder]
    choice = Choice(pattern or None)
    found = cases_of(unittest.TestLoader().loadTestsFromNames(modules))
    # A module that cannot be read is a case of this class, and fails whatever was chosen.
    suite = unittest.TestSuite(case for case in found
                               if case.id() in choice or type(case).__name__ == "_FailedTest")
    with os.fdopen(int(events), "w", encoding="utf-8") as stream:
        result = suite.run(Telling(stream))
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
