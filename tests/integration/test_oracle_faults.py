"""What a purchase and a run of the synchronisation make of an ORA error, a cut and a stall at each of their round
trips: as docs/oracle.md declares it, with no order lost or doubled. Runs where OCTO_TEST_BACKEND is oracle.

Of each place in the table one round trip is tried, chosen by a seed, of those that stall a few; with
OCTO_ORA_FAULTS=all each of them."""

import dataclasses
import os
import random
import re
import secrets
import sys
import time
import unittest

from support import killing
from support.harness import IS_ORACLE, ROOT, Instance, checkout_body, patience

IS_WHOLE = os.environ.get("OCTO_ORA_FAULTS") == "all"
SEED = 20261130
STALL_MS = 3000  # a request's time where the server stalls
PLACES = ("statement", "commit"), ("lease", "reading", "chunk", "commit", "end")
NEVER_ENDS = ("stall", "stall-behind")
WORDS = {"the connection ends": "cut", "it ends behind the call": "cut-behind", "no answer": "stall",
         "none behind the call": "stall-behind"}  # for the listener


def tables():
    """Those of the document: of calls, and of connecting. Each a list of rows of cells."""
    text = (ROOT / "docs/oracle.md").read_text(encoding="utf-8")
    of_both = text.partition("<!-- tests/integration/test_oracle_faults.py -->")[2].partition("<!-- end of it -->")[0]
    return [[[cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in table.strip().splitlines()[2:]]
            for table in re.findall(r"(?:^\|.*\n)+", of_both, re.MULTILINE)]


def declared(cell):
    """Statuses and codes that a cell tells, as 503 `deadline`."""
    return [(int(status), code or None) for status, code in re.findall(r"(\d{3})(?: `?(\w+)`?)?(?: or |$)", cell)]


def faults(names):
    """For the listener: 00054, 00060 are numbers, others words."""
    return [int(name) for name in names.split(", ")] if names[0].isdigit() else [WORDS[names]]


def told(answer):
    return answer.status, answer.json.get("code")


def trace_header(trace):
    return {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}


class Shopping:
    """Purchases and runs of the synchronisation, one after another, and what became of them."""

    def __init__(self, case, **environment):
        self.octo = case.enterContext(Instance(**environment))
        self.listeners = self.octo.database.listeners
        self.octo.shop.execute("UPDATE products SET stock = ?", killing.STOCK)
        self.acknowledged = {}

    def buy(self, key, trace=None):
        with self.octo.shop.client() as client:
            answer = client.post("/api/shop/checkout", checkout_body(notes=key), headers={
                "Idempotency-Key": key, **trace_header(trace or secrets.token_hex(16))})
        if answer.status == 200:
            self.acknowledged[key] = answer.json["order_id"]
        return answer

    def synchronise(self, trace=None):
        with self.octo.crm.client(internal=True) as client:
            return client.post("/api/orders/sync", {}, headers=trace_header(trace or secrets.token_hex(16)))

    def new_key(self):
        return f"kill-{secrets.token_hex(8)}"

    def check(self, case):
        """The books of both, when all is over."""
        wrong = []
        killing.check_shop(self.octo.shop, self.acknowledged, wrong)
        killing.check_crm(self.octo, wrong)
        case.assertEqual(wrong, [])


@dataclasses.dataclass(frozen=True)
class Call:
    """One of an undisturbed request: its number, how many commits are before it, and its letter."""

    number: int
    commits: int
    letter: str

    @classmethod
    def of(cls, kinds, number):
        return cls(number, kinds[:number - 1].count("c"), kinds[number - 1:number])


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@unittest.skipUnless(IS_ORACLE, "runs once, with the tests on Oracle")
class Calls(unittest.TestCase):
    """What is met in a session that is there."""

    @classmethod
    def setUpClass(cls):
        cls.rows = tables()[0]
        cls.chance = random.Random(SEED)
        cls.counted = 0
        cls.slowest = (0, "none")  # milliseconds behind its deadline, and what

    @classmethod
    def tearDownClass(cls):
        print(f"\n{cls.counted} faults in calls; the latest answer came {cls.slowest[0]:.0f} ms behind its deadline: "
              f"{cls.slowest[1]}", file=sys.stderr)

    def watched(self, listener, act, at=None, fault=None):
        """The answer of `act`, which gets a trace; the letters of its calls, and whose session met the fault."""
        trace = secrets.token_hex(16)
        listener.say("watch", trace)
        if fault:
            listener.say("at", at, fault)
        answer = act(trace)
        calls = listener.say("calls")
        listener.say("watch")
        return answer, calls[0], int(calls[1])

    def chosen(self, calls):
        return calls if IS_WHOLE else [self.chance.choice(calls)]

    def check_session(self, pid, is_kept):
        deadline = time.monotonic() + patience(60)
        while not is_kept and not is_gone(pid):
            self.assertLess(time.monotonic(), deadline, "the session is not given up")
            time.sleep(0.01)
        self.assertEqual(is_gone(pid), not is_kept)

    # --- a purchase ---

    def of_purchase(self, shopping):
        """Numbers of the calls at each place."""
        listener = shopping.listeners["shop"]
        shopping.buy(shopping.new_key())
        _, kinds, _ = self.watched(listener, lambda trace: shopping.buy(shopping.new_key(), trace))
        self.assertRegex(kinds, "^s+c$")
        return self.by_place(kinds, {"statement": range(1, len(kinds)), "commit": [len(kinds)]})

    @staticmethod
    def by_place(kinds, numbers):
        return {place: [Call.of(kinds, number) for number in each] for place, each in numbers.items()}

    def buy_with_fault(self, shopping, call, fault, cell, is_kept):
        """Until the fault is met: a busy machine may let the time be over before. Then bought again."""
        deadline = time.monotonic() + patience(120)
        kinds = ""
        while Call.of(kinds, call.number) != call:
            self.assertLess(time.monotonic(), deadline, f"never met: {kinds}")
            key = shopping.new_key()
            begun = time.monotonic()
            answer, kinds, pid = self.watched(shopping.listeners["shop"], lambda trace, key=key: shopping.buy(key, trace),
                                              call.number, fault)
            self.note_time(begun, fault, kinds)
            self.settle(shopping, key)
            kinds = kinds if pid else ""
        self.assertIn(told(answer), declared(cell), (answer, kinds))
        self.check_session(pid, is_kept)

    def settle(self, shopping, key):
        """The same purchase with the same key, as often as it takes: once is enough where nothing stalls."""
        deadline = time.monotonic() + patience(120)
        while shopping.buy(key).status != 200:
            self.assertLess(time.monotonic(), deadline)

    def note_time(self, begun, fault, kinds):
        type(self).counted += 1
        if fault in NEVER_ENDS:
            late_ms = (time.monotonic() - begun) * 1000 - STALL_MS
            type(self).slowest = max(self.slowest, (late_ms, f"{fault} at {kinds}"))

    # --- a run of the synchronisation ---

    def of_run(self, shopping):
        """The same of a run with one order to store."""
        shopping.synchronise()
        shopping.buy(shopping.new_key())
        _, kinds, _ = self.watched(shopping.listeners["crm"], shopping.synchronise)
        self.assertRegex(kinds, "^sscss+csc$")
        last = len(kinds)
        return self.by_place(kinds, {"lease": [1, 2], "reading": [4], "chunk": range(5, last - 2),
                                     "commit": [3, last - 2], "end": [last - 1, last]})

    def synchronise_with_fault(self, shopping, call, fault, cell, is_kept):
        """Until the fault is met at its place: a run that finds more orders has more calls before."""
        deadline = time.monotonic() + patience(120)
        kinds = ""
        while Call.of(kinds, call.number) != call:
            self.assertLess(time.monotonic(), deadline, f"never met: {kinds}")
            self.settle(shopping, shopping.new_key())
            begun = time.monotonic()
            answer, kinds, pid = self.watched(shopping.listeners["crm"], shopping.synchronise, call.number, fault)
            self.note_time(begun, fault, kinds)
            self.catch_up(shopping)
            kinds = kinds if pid else ""
        self.assertIn(told(answer), declared(cell), (answer, kinds))
        self.check_session(pid, is_kept)

    def catch_up(self, shopping):
        """By itself, when the lease has ended."""
        deadline = time.monotonic() + patience(120)
        while (again := shopping.synchronise()).status != 200:
            self.assertLess(time.monotonic(), deadline, again)
            time.sleep(0.05)

    # --- all of the table ---

    def go_through(self, shopping, rows, of_what, act, places, first):
        """Cells from `first` on are of these places, the last one is of the session."""
        calls = of_what(shopping)
        for names, *cells in rows:
            for fault in faults(names):
                for place, cell in self.chosen_places(fault, list(zip(places, cells[first:]))):
                    for call in self.chosen(calls[place]):
                        with self.subTest(fault=fault, place=place, call=call):
                            act(shopping, call, fault, cell, cells[-1] == "goes on")

    def chosen_places(self, fault, places):
        """Each stall takes its time."""
        return places if IS_WHOLE or fault not in NEVER_ENDS else [self.chance.choice(places)]

    def go_through_purchases(self, shopping, rows):
        self.go_through(shopping, rows, self.of_purchase, self.buy_with_fault, PLACES[0], 0)

    def go_through_runs(self, shopping, rows):
        self.go_through(shopping, rows, self.of_run, self.synchronise_with_fault, PLACES[1], len(PLACES[0]))

    def rows_that_stall(self, is_so):
        return [row for row in self.rows if (faults(row[0])[0] in NEVER_ENDS) == is_so]

    def test_what_is_answered_or_cut(self):
        shopping = Shopping(self, ORDERS_SYNC_LEASE_SECONDS="1")
        self.go_through_purchases(shopping, self.rows_that_stall(False))
        self.go_through_runs(shopping, self.rows_that_stall(False))
        shopping.check(self)

    def test_what_stalls(self):
        shopping = Shopping(self, ORDERS_SYNC_LEASE_SECONDS="1", OCTO_REQUEST_TIMEOUT_MS=str(STALL_MS))
        self.go_through_purchases(shopping, self.rows_that_stall(True))
        self.go_through_runs(shopping, self.rows_that_stall(True))
        shopping.check(self)


@unittest.skipUnless(IS_ORACLE, "runs once, with the tests on Oracle")
class Connecting(unittest.TestCase):
    """What is met by who opens a session, when those that were there have been ended."""

    def meet(self, shopping, service, fault):
        shopping.listeners[service].say("open", fault)
        shopping.listeners[service].say("end")

    def both(self, shopping):
        return {"shop": lambda: shopping.buy(shopping.new_key()), "crm": shopping.synchronise}

    def test_who_connects(self):
        shopping = Shopping(self, OCTO_REQUEST_TIMEOUT_MS=str(STALL_MS), DB_POOL_TIMEOUT_MS="1000",
                            ORDERS_SYNC_LEASE_SECONDS="1")
        chance = random.Random(SEED)
        for names, *cells in tables()[1]:
            together = faults(names)
            for fault in together if IS_WHOLE else [chance.choice(together)]:
                for (service, act), cell in zip(self.both(shopping).items(), cells):
                    with self.subTest(fault=fault, service=service):
                        self.meet(shopping, service, fault)
                        self.assertIn(told(act()), declared(cell))
                        self.come_back(shopping, service, act, cells[-1])
        shopping.check(self)

    def come_back(self, shopping, service, act, how):
        shopping.listeners[service].say("open", "none")
        if how != "by itself":
            self.assertEqual(told(act()), (500, "config"))  # nobody is let in for a while
            process = getattr(shopping.octo, service)
            process.kill()
            process.start()
        deadline = time.monotonic() + patience(60)
        while (answer := act()).status != 200:
            self.assertLess(time.monotonic(), deadline, answer)
            time.sleep(0.05)


if __name__ == "__main__":
    unittest.main()
