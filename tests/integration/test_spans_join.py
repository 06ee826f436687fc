"""Spans joined with what PostgreSQL logged, under mixed load into which deadlocks, unique violations, cancelled
statements and killed sessions are thrown: every logged execution has its span, every span that says it ran has
its execution, every failed execution's span bears the error and no other does.

OCTO_JOIN_SECONDS makes it look longer. However the load falls out, the counts must agree.
"""

import collections
import itertools
import json
import os
import pathlib
import tempfile
import threading
import time
import unittest

from support import postgres
from support.harness import IS_POSTGRES, Instance, checkout_body, patience
from support.mixed_load import GOOD, MixedLoad
from support.server_log import UNRECORDED, Key, ServerLog

SECONDS = float(os.environ.get("OCTO_JOIN_SECONDS", "12"))
CONNECTIONS = 16
BUYERS = 2  # of them: want the two products that Trouble has its hands on
SETTINGS = {"log_statement": "all", "log_destination": "jsonlog", "logging_collector": "on",
            "log_filename": "server.log", "log_rotation_age": "0", "log_rotation_size": "0",
            "log_parameter_max_length": "0", "deadlock_timeout": "300ms"}
DEADLOCK, UNIQUE, CANCELLED = "40P01", "23505", "57014"


class RoughLoad(MixedLoad):
    """For so long, and until `is_enough`. Also asks for what collides, and with traces that are not sampled."""

    good = GOOD + (500, 502, 503)

    def __init__(self, instance, connections, seconds):
        super().__init__(instance, connections, 0)
        self.end = time.monotonic() + seconds
        self.is_enough = threading.Event()

    def goes_on(self):
        return time.monotonic() < self.end or not self.is_enough.is_set()

    def turns(self):
        return itertools.takewhile(lambda _: self.goes_on(), itertools.count())

    def one_request(self, chance, name, shop, crm, operator):
        what = chance.randrange(12)
        if int(name.partition("-")[0]) < BUYERS:
            self.send(shop, "POST", "/api/shop/checkout", checkout_body(f"{name}@example.com", [
                {"product_id": 1, "quantity": 1}, {"product_id": 2, "quantity": 1}]))
        elif what == 0:
            self.send(crm, "POST", "/api/customers", {
                "name": "Twice", "email": f"twice-{chance.randrange(8)}@example.com"})
        elif what == 1:
            lines = [{"sku": f"NEW-{chance.randrange(4000)}", "quantity": 1, "unit_price": 1} for _ in range(4)]
            self.send(crm, "POST", "/api/orders", {"customer_id": 1, "items": lines})
        elif what == 2:
            self.send(shop, "GET", f"/api/products/{chance.randrange(1, 57)}", flags="00")
        else:
            super().one_request(chance, name, shop, crm, operator)


class Trouble(threading.Thread):
    """Holds a product's row that buyers want, and deals with those who wait for it in turn: crosses their way, so
    that the server ends a deadlock, cancels them, kills their session. Also cancels and kills at any moment."""

    def __init__(self, cluster, database, load):
        super().__init__()
        self.cluster = cluster
        self.database = database
        self.load = load
        self.done = collections.Counter()
        self.failure = None

    def run(self):
        try:
            with self.cluster.talk("postgres", self.database.name) as holder, \
                    self.cluster.talk("postgres", self.database.name) as eye:
                holder.ask("SET deadlock_timeout = '20s'; SET search_path = octo_shop")
                for fate in itertools.cycle((self.cross, self.cancel, self.kill, self.at_random)):
                    if not self.load.goes_on():
                        return
                    fate(holder, eye)
                    if all(self.done[what] > 1 for what in ("cross", "cancel", "kill")):
                        self.load.is_enough.set()
        except BaseException as failure:  # pylint: disable=broad-except
            self.failure = failure
        finally:
            self.load.is_enough.set()

    def one_that_waits(self, holder, eye):
        """Who waits for the second product while the holder has it; None: nobody does."""
        me = holder.ask("BEGIN; UPDATE products SET stock = stock WHERE id = 2; SELECT pg_backend_pid()")[0][0]
        deadline = time.monotonic() + patience(2)
        while time.monotonic() < deadline:
            found = eye.ask(f"SELECT pid FROM pg_stat_activity WHERE {me} = ANY(pg_blocking_pids(pid)) LIMIT 1")
            if found:
                return found[0][0]
            time.sleep(0.01)
        return None

    def cross(self, holder, eye):
        if self.one_that_waits(holder, eye):
            holder.ask("DO $$ BEGIN UPDATE products SET stock = stock WHERE id = 1; "
                       "EXCEPTION WHEN deadlock_detected THEN NULL; END $$")
            self.done["cross"] += 1
        holder.ask("ROLLBACK")

    def cancel(self, holder, eye):
        self.end_one(holder, eye, "cancel", "pg_cancel_backend")

    def kill(self, holder, eye):
        self.end_one(holder, eye, "kill", "pg_terminate_backend")

    def end_one(self, holder, eye, what, function):
        waiting = self.one_that_waits(holder, eye)
        if waiting:
            eye.ask(f"SELECT {function}({waiting})")
            self.done[what] += 1
        holder.ask("ROLLBACK")

    def at_random(self, _, eye):
        for function in ("pg_cancel_backend", "pg_terminate_backend"):
            eye.ask(f"SELECT {function}(pid) FROM (SELECT pid FROM pg_stat_activity "
                    "WHERE usename IN ('octo_shop', 'octo_crm') AND state <> 'idle' "
                    "ORDER BY random() LIMIT 1) AS one")


class Spans:
    """The SQL spans of both services. `ran` counts executions that are sure, `unknown` those of which the session's
    end left nobody knowing; `failed` counts the failures that the server named."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as lines:
            self.all = [json.loads(line) for line in lines]
        self.ran = collections.Counter()
        self.unknown = collections.Counter()
        self.failed = collections.Counter()
        self.not_run = 0
        self.names = {}
        self.without_reason = []
        for span in self.all:
            if "db.query.text" in span["attributes"]:
                self.take(span, span["attributes"])

    def take(self, span, attributes):
        key = Key(span["service"], span["trace_id"], attributes["db.query.text"])
        executions = attributes.get("db.executions", 1)
        is_unknown = attributes.get("db.outcome_unknown", False)
        state = attributes.get("db.response.status_code")
        self.names[key.text] = span["name"]
        self.not_run += executions == 0
        (self.unknown if is_unknown else self.ran)[key] += executions
        if is_unknown:
            return
        if state:
            self.failed[key, state] += 1
        elif span["status"] == "error" and executions > 0:
            self.without_reason.append(span)


class Joined(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not IS_POSTGRES:
            raise unittest.SkipTest("runs once, with the tests that have a server")
        cls.cluster = postgres.Cluster(**SETTINGS)
        cls.addClassCleanup(cls.cluster.stop)

    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="octo-join-"))
        self.trace_log = pathlib.Path(folder) / "spans.jsonl"
        self.database = postgres.Database(self.cluster)
        self.instance = self.enterContext(Instance(
            database=self.database, OCTO_TRACE_LOG=str(self.trace_log), OCTO_TRACE_LOG_MAX_MB="100000",
            ORDERS_SYNC_ENABLED="true", ORDERS_SYNC_INTERVAL_SECONDS="1", OCTO_PUSH_ORDERS="true",
            OCTO_IDLE_TIMEOUT_SECONDS="3600"))

    def wait_for_log(self):
        """A session's log is whole when the server has ended it, and has gone through its collector."""
        deadline = time.monotonic() + patience(60)
        with self.cluster.talk("postgres", "postgres") as talk:
            while talk.ask(f"SELECT 1 FROM pg_stat_activity WHERE datname = '{self.database.name}'"):
                self.assertLess(time.monotonic(), deadline, "the services' sessions do not end")
                time.sleep(0.02)
        self.cluster.run("postgres", "DO $$ BEGIN RAISE LOG 'this is the end'; END $$")
        path = pathlib.Path(self.cluster.directory, "data/log/server.json")
        while "this is the end" not in path.read_text(errors="replace"):
            self.assertLess(time.monotonic(), deadline, "the server's log does not end")
            time.sleep(0.02)
        return path

    def test_spans_and_executions_agree(self):
        self.database.execute("shop", "UPDATE products SET stock = 1000000 WHERE id IN (1, 2)", ())
        load = RoughLoad(self.instance, CONNECTIONS, SECONDS)
        trouble = Trouble(self.cluster, self.database, load)
        trouble.start()
        load.run()
        trouble.join()
        if trouble.failure:
            raise trouble.failure
        for service in (self.instance.shop, self.instance.crm):
            with service.client(internal=True) as client:
                self.assertRegex(client.get("/metrics").raw.decode(), r"(?m)^trace_spans_dropped_total 0$")
            self.assertEqual(service.stop(), 0)
        spans = Spans(self.trace_log)
        log = ServerLog(self.wait_for_log(), self.database.name, spans.names)
        self.tell(log, spans, load, trouble)
        self.check_executions(log, spans, load)
        self.check_failures(log, spans, load)
        self.check_shape(spans, load)

    @staticmethod
    def tell(log, spans, load, trouble):
        states = collections.Counter()
        for (_, state), count in log.failed.items():
            states[state] += count
        print(f"\n{len(load.requests)} requests ({len(load.unsampled)} not sampled), trouble {dict(trouble.done)}\n"
              f"log: {log.executed.total()} executions, {log.failed.total()} failures {dict(states)}, "
              f"{log.endings} sessions ended ({len(log.ended)} at work)\n"
              f"spans: {len(spans.all)}, {spans.ran.total()} executions, {spans.failed.total()} failures, "
              f"{spans.unknown.total()} executions unknown, {spans.not_run} statements not run")

    def check_executions(self, log, spans, load):
        recorded = {(span["service"], span["trace_id"]) for span in spans.all}
        logged = collections.Counter()
        for key, count in log.executed.items():
            if (key.service, key.trace) in recorded:
                logged[key] = count
            elif key.trace not in load.unsampled:
                self.assertIn(log.names[key.text], UNRECORDED, key)
        self.assertEqual(list((logged - spans.ran - spans.unknown).items())[:5], [], "without a span")
        excess = spans.ran - logged
        for key, count in excess.items():
            self.assertLessEqual(count, min(log.perhaps[key], spans.ran[key] - 1), ("without an execution", key))
        self.assertGreater(spans.ran.total(), len(load.requests))

    def check_failures(self, log, spans, load):
        failed = collections.Counter({
            (key, state): count for (key, state), count in log.failed.items()
            if key.trace not in load.unsampled and log.names[key.text] not in UNRECORDED})
        said = collections.Counter({
            (key, state): count for (key, state), count in spans.failed.items()
            if log.names[key.text] not in UNRECORDED})
        self.assertEqual(list((failed - said).items())[:5], [], "whose span bears no error")
        self.assertEqual(list((said - failed).items())[:5], [], "that did not fail")
        self.assertEqual(spans.without_reason[:5], [])
        ended = collections.Counter({key: count for key, count in log.ended.items()
                                     if key.trace not in load.unsampled})
        self.assertEqual(list((ended - spans.unknown).items())[:5], [], "which a session died of")
        states = {state for _, state in said}
        self.assertLessEqual({DEADLOCK, UNIQUE, CANCELLED}, states)
        self.assertGreater(log.endings, 0)
        self.assertGreater(spans.not_run, 0)

    def check_shape(self, spans, load):
        """A trace has one root, or a caller's; work that did nothing and probes have no spans."""
        ids = {(span["trace_id"], span["span_id"]) for span in spans.all}
        self.assertEqual(len(ids), len(spans.all))
        roots = collections.Counter()
        for span in spans.all:
            trace, parent = span["trace_id"], span["parent_span_id"]
            self.assertNotIn(trace, load.unsampled)
            if parent == "" or (trace, parent) not in ids:
                self.assertTrue(parent == "" or (span["kind"] == "server" and trace in load.requests), span)
                roots[trace] += 1
        self.assertEqual(set(roots.values()), {1})
        due = {span["parent_span_id"] for span in spans.all if span["name"] == "db.write"}
        for span in spans.all:
            self.assertNotIn(span["name"], ("GET /health", "GET /ready", "GET /metrics"))
            if span["name"] == "BG outbox":  # only of a look that found something
                self.assertTrue(span["status"] == "error" or span["span_id"] in due, span)


if __name__ == "__main__":
    unittest.main()
