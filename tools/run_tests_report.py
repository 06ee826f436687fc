"""Counts cases and shows them: what runs now, what failed and why. See tools/run_tests.py.

A suite's cases are told to its Tally, from any thread. The Report has all of them, shows a sign of
life of those that run, each failure when it happens, and everything that matters again at the end.
"""

import collections
import contextlib
import fnmatch
import re
import sys
import threading
import time
from dataclasses import dataclass

SIGN_OF_LIFE = {True: 1, False: 5}  # seconds; on a terminal one line is written over
LINE_MOST = 110
LONG_LINE = 300  # of a reason in the list at the end
REASON_LINES = 12  # of each failure in the list at the end


@dataclass(frozen=True)
class Failure:
    name: str
    reason: str


class Choice:
    """Which cases run: those whose name has the pattern in it; all without one. A run is whole when all suites are in it."""

    def __init__(self, pattern=None, is_whole=False):
        self.pattern = pattern
        self.is_whole = is_whole and pattern is None
        # Only the star is special, as it is to cmocka.
        self.glob = f"*{pattern}*".replace("[", "[[]").replace("?", "[?]") if pattern else None

    def __bool__(self):
        return self.pattern is not None

    def __contains__(self, name):
        return self.glob is None or fnmatch.fnmatchcase(name, self.glob)

    def is_in(self, data):
        """May a case of that name be in a program with these bytes?"""
        return self.glob is None or re.search(
            rb"\w*".join(re.escape(part.encode()) for part in self.pattern.split("*")), data)


class Tally:
    """The cases of one suite."""

    def __init__(self, name, show):
        self.name = name
        self.show = show
        self.lock = threading.Lock()
        self.passed = 0
        self.failures = []
        self.skips = collections.Counter()  # by reason
        self.seconds = {}
        self.running = {}  # who runs, what it is at

    def add_passed(self, count=1):
        with self.lock:
            self.passed += count

    def add_failed(self, name, reason):
        failure = Failure(name, reason.strip() or "no reason was given")
        with self.lock:
            self.failures.append(failure)
        self.show(f"FAILED {self.name}: {failure.name}\n{indented(failure.reason)}")

    def add_skipped(self, reason, count=1):
        with self.lock:
            self.skips[reason or "no reason was given"] += count

    def took(self, name, seconds):
        with self.lock:
            self.seconds[name] = seconds

    def at(self, who, what):
        with self.lock:
            self.running[who] = what

    @contextlib.contextmanager
    def doing(self, who, what=""):
        self.at(who, what)
        try:
            yield
        finally:
            with self.lock:
                del self.running[who]

    @property
    def counts(self):
        with self.lock:
            return self.passed, len(self.failures), sum(self.skips.values())

    def now(self):
        """What it is at, in a few words."""
        with self.lock:
            running = [f"{who} {what}".strip() for who, what in self.running.items()]
        return ", ".join(running) or "between two things"


def indented(text, by=4):
    return "\n".join(" " * by + line if line else "" for line in text.splitlines())


def last_lines(text, most=REASON_LINES):
    lines = [line if len(line) <= LONG_LINE else line[:LONG_LINE] + "..." for line in text.splitlines()]
    return "\n".join(["...", *lines[-most:]] if len(lines) > most else lines)


def counted(counts):
    return "{} passed, {} failed, {} skipped".format(*counts)


class Report:
    """A context manager; its thread shows signs of life while it lasts."""

    def __init__(self, out=sys.stdout):
        self.out = out
        self.is_terminal = out.isatty()
        self.lock = threading.Lock()
        self.tallies = {}
        self.started = {}  # of the suites that run
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.show_signs, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def show(self, text):
        with self.lock:
            print(("\r\033[K" if self.is_terminal else "") + text, file=self.out, flush=True)

    def show_signs(self):
        while not self.over.wait(SIGN_OF_LIFE[self.is_terminal]):
            for name, since in list(self.started.items()):
                done = sum(self.tallies[name].counts)
                line = f"{name}: {time.monotonic() - since:.0f} s, {done} cases, now {self.tallies[name].now()}"
                if len(line) > LINE_MOST:
                    line = line[:LINE_MOST - 3] + "..."
                if self.is_terminal:
                    with self.lock:
                        print("\r\033[K" + line, end="", file=self.out, flush=True)
                else:
                    self.show(line)

    def tally(self, name):
        """It may have begun ahead of its suite."""
        return self.tallies.setdefault(name, Tally(name, self.show))

    @contextlib.contextmanager
    def suite(self, name, text):
        tally = self.tally(name)
        self.show(f"{name} begins: {text}")
        since = self.started[name] = time.monotonic()
        try:
            yield tally
        finally:
            del self.started[name]
            self.show(f"{name}: {counted(tally.counts)}, {time.monotonic() - since:.0f} s")

    def total(self):
        return tuple(map(sum, zip((0, 0, 0), *(tally.counts for tally in self.tallies.values()))))

    def show_end(self, slowest):
        tallies = self.tallies.values()
        took = sorted(((seconds, tally.name, name) for tally in tallies
                       for name, seconds in tally.seconds.items() if seconds >= 1), reverse=True)
        if took:
            self.show("\nslowest:")
        for seconds, suite, name in took[:slowest]:
            self.show(f"  {seconds:6.1f} s  {suite}: {name}")
        if any(tally.skips for tally in tallies):
            self.show("\nskipped:")
        for tally in tallies:
            for reason, count in tally.skips.most_common():
                self.show(f"  {count:4}  {tally.name}: {reason}")
        if any(tally.failures for tally in tallies):
            self.show("\nfailed:")
        for tally in tallies:
            for failure in tally.failures:
                self.show(f"  {tally.name}: {failure.name}\n{indented(last_lines(failure.reason), 6)}")
        self.show("")
        self.show(counted(self.total()))
