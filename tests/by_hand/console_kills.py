#!/usr/bin/env python3
"""Does the console keep what it acknowledged, and sum up what it keeps, however often it is killed?

    tests/by_hand/console_kills.py [--kills N] [--senders N] [--seed N]

Senders (4) tell a console of statements, in requests of up to 64 spans, some of which reach over the border of a minute;
meanwhile it is killed with SIGKILL and started again, N times (200), at moments that the seed draws, so that some come
while spans are stored and some while they are summed up. A request that was not answered is sent again, as OpenTelemetry's
exporters do. At the end each acknowledged span has to be there, once, and the active time of each minute, by statement, has
to be what the spans in the files have of it, to the nanosecond: that is counted here, from their rows, without the console's
own sums. Prints both; the exit code is 1 where anything is missing or differs.
"""

import argparse
import collections
import contextlib
import http.client
import pathlib
import random
import sqlite3
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "integration"), str(HERE.parent.parent / "tools")]

from support.sqlid import sql_id  # noqa: E402
from test_console import Console, attribute, request, span  # noqa: E402

SECOND = 10**9
MINUTE = 60 * SECOND
TEXTS = [f"SELECT {number} AS one" for number in range(5)]


class Sender(threading.Thread):
    """Sends spans until it is stopped; `acknowledged` are the ids of those that were answered with 200."""

    def __init__(self, console, number, seed):
        super().__init__()
        self.console = console
        self.number = number
        self.chance = random.Random(seed)
        self.acknowledged = []
        self.stopping = threading.Event()
        self.count = 0

    def batch(self):
        spans = []
        for _ in range(self.chance.randrange(1, 65)):
            self.count += 1
            begun = time.time_ns() - self.chance.randrange(3 * MINUTE)
            length = self.chance.choice((self.chance.randrange(1, SECOND), self.chance.randrange(1, 2 * MINUTE)))
            spans.append(span(f"{self.number:04x}{self.count:012x}", f"{self.number + 1:016x}{self.count:016x}", kind=3,
                              name="one", startTimeUnixNano=str(begun), endTimeUnixNano=str(begun + length), attributes=[
                                  attribute("db.query.text", self.chance.choice(TEXTS)), attribute("db.module", "octo"),
                                  attribute("db.action", "GET /")]))
        return spans

    def run(self):
        while not self.stopping.is_set():
            spans = self.batch()
            body = request(*spans, service="killed")
            while not self.is_taken(body):
                time.sleep(0.01)  # it is being started
            self.acknowledged += [one["spanId"] for one in spans]

    def is_taken(self, body):
        with contextlib.suppress(OSError, http.client.HTTPException):
            answer = self.console.send(body)
            return answer.status == 200 and answer.json == {}
        return False


def stored(console):
    """Of each span in the files its id, SQL_ID, begin and end."""
    for path in console.files():
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
            yield from file.execute("SELECT span_id, sql_id, start_ns, start_ns + duration_ns FROM spans")


def integral(rows):
    """By SQL_ID and minute how long its spans lasted within that."""
    active = collections.Counter()
    for _, statement, begun, ended in rows:
        while begun < ended:
            until = min(ended, (begun // MINUTE + 1) * MINUTE)
            active[statement, begun // MINUTE * 60] += until - begun
            begun = until
    return active


def summed(console):
    """The same as the console has it."""
    console.ask("/api/statements")  # which sums up what there is first
    with contextlib.closing(sqlite3.connect(f"file:{console.data}/traces/sums.db?mode=ro", uri=True)) as file:
        return collections.Counter({(statement, start): active for statement, start, active in file.execute(
            "SELECT sql_id, start_s, sum(active_ns) FROM sums JOIN subjects ON id = subject "
            "WHERE length_s = 60 AND sql_id <> '' GROUP BY 1, 2")})


def judge(console, senders):
    """What is wrong."""
    rows = list(stored(console))
    ids = collections.Counter(one[0] for one in rows)
    acknowledged = [one for sender in senders for one in sender.acknowledged]
    missing = [one for one in acknowledged if one not in ids]
    doubled = [one for one, count in ids.items() if count > 1]
    expected, found = integral(rows), summed(console)
    differing = [key for key in expected.keys() | found.keys() if expected[key] != found[key]]
    print(f"{len(acknowledged)} spans acknowledged, {len(rows)} stored, {len(missing)} missing, {len(doubled)} twice")
    print(f"active time {sum(expected.values())} ns by the spans, {sum(found.values())} ns by the sums, of "
          f"{len(expected)} minutes and statements {len(differing)} differ")
    return bool(missing or doubled or differing) or {one[1] for one in rows} != {sql_id(text) for text in TEXTS}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--senders", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with Console() as console:
        senders = [Sender(console, number, options.seed * 1000 + number) for number in range(options.senders)]
        for sender in senders:
            sender.start()
        for number in range(options.kills):
            time.sleep(chance.random())  # at any moment of its work
            console.service.kill()
            console.service.start()
            if (number + 1) % 20 == 0:
                print(f"killed {number + 1} times, {sum(len(sender.acknowledged) for sender in senders)} spans", flush=True)
        for sender in senders:
            sender.stopping.set()
        for sender in senders:
            sender.join()
        return int(judge(console, senders))


if __name__ == "__main__":
    sys.exit(main())
