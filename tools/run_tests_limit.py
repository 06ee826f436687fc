"""Ends what hangs in a run of ./octo test, and says what it was at. See tools/run_tests.py.

The limits only end what would never end: they are far above what a case takes on a machine that has
other things to do. OCTO_TEST_LIMIT gives another number of seconds, for all of them.
"""

import collections
import contextlib
import os
import pathlib
import selectors
import signal
import subprocess
import time

CASE_SECONDS = {False: 900, True: 1800}  # of a Python case; under a sanitizer
PROGRAM_SECONDS = 300  # of a C program, at least
COMMAND_SECONDS = 3600  # of a command that looks at the whole source
GRACE_SECONDS = 10  # to say where it is, before it is killed
COMMAND_MOST = 100  # characters of a command line


def limit(usual):
    return float(os.environ.get("OCTO_TEST_LIMIT") or usual)


class Watched:
    """The lines that come from a process by a pipe, until it ends or its time is up: of all of it, or since the
    last line (`is_renewed`). When it is up, `is_late` is set, `was_at` says what there was of the process and of all that
    it started, and they are dead. `last_words` is a signal at which it says more before that."""

    def __init__(self, process, pipe, seconds, is_renewed=False, last_words=None):
        self.process = process
        self.pipe = pipe
        self.seconds = seconds
        self.is_renewed = is_renewed
        self.last_words = last_words
        self.deadline = time.monotonic() + seconds
        self.is_late = False
        self.was_at = "nothing but its output, which somebody has open"

    def __iter__(self):
        rest = b""
        while piece := self.read_piece():
            *lines, rest = (rest + piece).split(b"\n")
            if lines and self.is_renewed:
                self.deadline = time.monotonic() + self.seconds
            for line in lines:
                yield line.decode(errors="replace")
        if rest:
            yield rest.decode(errors="replace")
        self.conclude()

    def read_piece(self):
        """Nothing: it was the last one, or the time is up. Whoever has the pipe open too may outlive the process."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.pipe, selectors.EVENT_READ)
            if selector.select(self.seconds_left()):
                return os.read(self.pipe.fileno(), 65536)
        self.is_late = True
        return b""

    def seconds_left(self):
        return max(0, self.deadline - time.monotonic())

    def conclude(self):
        if not self.is_late:
            try:
                self.process.wait(self.seconds_left())
            except subprocess.TimeoutExpired:
                self.is_late = True
        if self.is_late:
            self.end()

    def end(self):
        members = family(self.process.pid)
        self.was_at = "\n".join(filter(None, map(described, members))) or self.was_at
        if self.last_words:
            self.process.send_signal(self.last_words)
            self.wait_a_little()
        for member in members:
            with contextlib.suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)
        self.wait_a_little()

    def wait_a_little(self):
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE_SECONDS)

    def reason(self):
        return f"not done in {self.seconds:.0f} s, so it was killed; there were\n{self.was_at}"


def family(pid):
    """A process and all that came of it, parents first."""
    children = collections.defaultdict(list)
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = stat.read_text(errors="replace").rpartition(")")[2].split()[1]
            children[int(parent)].append(int(stat.parent.name))
    found = [pid]
    for member in found:
        found += children[member]
    return found


def described(pid):
    """Its command and its threads, each with its state; empty when it has ended."""
    process = pathlib.Path(f"/proc/{pid}")
    try:
        command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        threads = collections.Counter(map(thread_state, (process / "task").iterdir()))
    except OSError:
        return ""
    return command and f"process {pid} {command[:COMMAND_MOST]}: " + ", ".join(
        f"{count} of {thread}" if count > 1 else thread for thread, count in threads.items())


def thread_state(task):
    name, _, state = (task / "stat").read_text(errors="replace").partition("(")[2].rpartition(")")
    return f"{name} ({state.split()[0]})"
