"""What an Oracle database shows of the services' sessions: as many as the pools may have and no more, and in V$SESSION and
V$SQL, as another program reads them under load, whose request each is at work for. Runs where OCTO_TEST_BACKEND is oracle.

OCTO_ORA_WATCH_SECONDS=60 has the load go on for so long."""

import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

from support import npm, tnsd
from support.harness import IS_ORACLE, Client, Instance, checkout_body, patience, scaled
from support.mixed_load import MixedLoad
from support.oracle import PASSWORD, SERVICES
from support.server_log import UNRECORDED
from support.sqlid import sql_id

SECONDS = float(os.environ.get("OCTO_ORA_WATCH_SECONDS", "0"))
CONNECTIONS = 12
REQUESTS_EACH = scaled(10)
LOOK_MS = 50
SEEN_ENOUGH = 20  # sessions at work
ROUNDS_MOST = 40
MODULES = {"shop": "octo-drone-shop", "crm": "enterprise-crm-portal"}
FULL = {"shop": 30, "crm": 45}  # sessions, of all pools
# What the engine says by itself (sql/db/oracle): within a request and with its tags, but in no span.
ENGINES = {sql_id(text) for text in ("SET TRANSACTION READ ONLY", *(
    f"{word}SAVEPOINT octo_{number}" for word in ("", "ROLLBACK TO ") for number in (1, 2, 3)))}
MORE = 5  # who wait beside those that a pool has sessions for

Tags = collections.namedtuple("Tags", "module action trace")


@unittest.skipUnless(IS_ORACLE, "runs once, with the tests on Oracle")
class FullPools(unittest.TestCase):
    """A table is locked for each pool, and more ask than it has sessions."""

    def setUp(self):
        self.octo = self.enterContext(Instance(OCTO_WORKER_THREADS="120", DB_EVENTS_POOL_TIMEOUT_MS="240000",
                                               DB_AUTH_POOL_TIMEOUT_MS="240000"))
        self.staff = self.enterContext(self.octo.crm.sign_in()).headers

    def lock(self, service, *tables):
        name = f"{self.octo.database.name}_{service}"
        talk = self.enterContext(self.octo.database.cluster.talk("postgres", name))
        talk.ask("BEGIN")
        for table in tables:
            talk.ask(f"LOCK TABLE app.{table} IN ACCESS EXCLUSIVE MODE")
        return talk

    def asked(self):
        """For each pool what asks for one of its sessions, and how often."""
        shop, crm = self.octo.shop, self.octo.crm

        def buy(number):
            with shop.client(timeout=240) as client:
                return client.post("/api/shop/checkout", checkout_body(f"{number}@example.com"))

        def view(number):
            with shop.client(timeout=240) as client:
                return client.post("/api/analytics/track", {"page": f"/{number}", "load_time_ms": 1})

        def look(_):
            with crm.client(internal=True, timeout=240) as client:
                return client.get("/api/customers?limit=1")

        def prove(_):
            with Client(crm.port, self.staff, timeout=240) as client:
                return client.get("/api/customers?limit=1")

        return ((buy, 15), (view, 15), (look, 30), (prove, 15))

    def sessions(self):
        return {service: tuple(map(int, self.octo.database.listeners[service].say("sessions"))) for service in SERVICES}

    def test_75_sessions_and_no_more(self):
        held = [self.lock("shop", "products", "page_views"), self.lock("crm", "customers", "user_sessions")]
        with concurrent.futures.ThreadPoolExecutor(75 + 4 * MORE) as pool:
            answers = {ask.__name__: [pool.submit(ask, number) for number in range(most + MORE)]
                       for ask, most in self.asked()}
            try:
                self.wait_until_full()
            finally:
                for talk in held:
                    talk.ask("COMMIT")
        for name, asked in answers.items():
            refused = [answer.result() for answer in asked if answer.result().status != 200]
            if name == "prove":  # more than the pool has sessions for are not let to it for long
                self.assertLessEqual(len(refused), MORE)
                refused = [answer for answer in refused if answer.json["code"] != "unavailable"]
            self.assertEqual(refused, [])
        most = {service: most for service, (_, most) in self.sessions().items()}
        self.assertEqual(most, FULL)
        print(f"\n{sum(most.values())} sessions at most, for {sum(map(len, answers.values()))} requests", file=sys.stderr)

    def wait_until_full(self):
        """All sessions are in use, and others wait for them; to the auth pool no more are admitted than it has."""
        deadline = time.monotonic() + patience(120)
        while True:
            counted = {service: now for service, (now, _) in self.sessions().items()}
            pools = json.loads(self.octo.octo("pools", "--json").stdout)["pools"]
            if counted == FULL and all(
                    pool["in_use"] == pool["size"] + pool["overflow"] and (pool["waiters"] or pool["name"] == "auth")
                    for pool in pools):
                return
            self.assertLess(time.monotonic(), deadline, (counted, pools))


class Watcher:
    """npm's driver, in a process of its own, at a service's listener."""

    def __init__(self, case, octo, service):
        listener = octo.database.listeners[service]
        self.service = service
        self.said = open(pathlib.Path(octo.data) / f"{service}.watched", "w+b")
        self.process = subprocess.Popen(
            ["node", "watch.js", f"localhost:{listener.port}/svc", f"octo_{service}", PASSWORD, str(LOOK_MS)],
            cwd=tnsd.DRIVERS, stdin=subprocess.PIPE, stdout=self.said)
        case.addCleanup(self.end)
        deadline = time.monotonic() + patience(60)
        while not self.looks():
            case.assertLess(time.monotonic(), deadline, "it never begins")
            time.sleep(0.02)

    def looks(self):
        """Those that are whole."""
        self.said.flush()
        text = pathlib.Path(self.said.name).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.said.close()


@unittest.skipUnless(IS_ORACLE, "runs once, with the tests on Oracle")
class Watched(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        npm.need(tnsd.DRIVERS)

    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="octo-watched-"))
        self.trace_log = pathlib.Path(folder) / "spans.jsonl"
        self.octo = self.enterContext(Instance(
            OCTO_TRACE_LOG=str(self.trace_log), ORDERS_SYNC_ENABLED="true", ORDERS_SYNC_INTERVAL_SECONDS="1",
            OCTO_PUSH_ORDERS="true"))
        self.load = MixedLoad(self.octo, CONNECTIONS, REQUESTS_EACH)

    def test_whose_session_each_is(self):
        watchers = [Watcher(self, self.octo, service) for service in SERVICES]
        until = time.monotonic() + SECONDS
        for _ in range(ROUNDS_MOST if SECONDS == 0 else sys.maxsize):
            self.load.run()
            if time.monotonic() >= until and min(map(self.seen_at_work, watchers)) >= SEEN_ENOUGH:
                break
        else:
            self.fail("nobody was seen at work")
        self.wait_for_rest(watchers)
        for service in (self.octo.shop, self.octo.crm):
            service.stop()
        for watcher in watchers:
            watcher.process.stdin.close()
            self.assertEqual(watcher.process.wait(patience(60)), 0)
        meant = self.spans()
        for watcher in watchers:
            self.judge(watcher, meant)

    @staticmethod
    def seen_at_work(watcher):
        return sum(row["SQL_ID"] is not None and row["CLIENT_IDENTIFIER"] is not None
                   for look in watcher.looks() for row in look.get("sessions", ()))

    def wait_for_rest(self, watchers):
        """Until a look finds all sessions idle and none with a tag: what clears them, nobody waits for."""
        deadline = time.monotonic() + patience(60)
        for watcher in watchers:
            while any(row["STATUS"] == "ACTIVE" or row["CLIENT_IDENTIFIER"] or row["ACTION"]
                      for row in watcher.looks()[-1].get("sessions", ({"STATUS": "ACTIVE"},))):
                self.assertLess(time.monotonic(), deadline, watcher.looks()[-1])
                time.sleep(0.05)

    def spans(self):
        """SQL_IDs by tags, as spans tell them."""
        found = collections.defaultdict(set)
        with open(self.trace_log, encoding="utf-8") as lines:
            for span in map(json.loads, lines):
                attributes = span["attributes"]
                if "db.client_identifier" in attributes and "DbOracleSqlId" in attributes:
                    tags = Tags(attributes["db.module"], attributes["db.action"], attributes["db.client_identifier"])
                    found[tags].add(attributes["DbOracleSqlId"])
        return found

    def catalogue(self, service):
        done = self.octo.octo("sqlid", "--catalogue", "--backend", "oracle", "--service", service, "--json")
        return {row["sql_id"]: row["name"] for row in json.loads(done.stdout)}

    def judge(self, watcher, meant):
        names = self.catalogue(watcher.service)
        counts = collections.Counter()
        wrong = []
        for row in (row for look in watcher.looks() for row in look.get("sessions", ())):
            tags = Tags(row["MODULE"], row["ACTION"], row["CLIENT_IDENTIFIER"])
            what = self.what_is_wrong(row, tags, names, meant)
            counts["busy" if any(tags) else "idle", row["STATUS"].lower()] += 1
            counts["with a statement"] += row["SQL_ID"] is not None
            if what:
                wrong.append((what, row))
        for row in watcher.looks()[-1]["statements"]:
            is_own = row["MODULE"] == MODULES[watcher.service] and row["ACTION"] != "BG migrate"  # whose scripts no span has
            counts["texts"] += is_own
            if is_own and row["SQL_ID"] not in ENGINES.union(names, *meant.values()):
                wrong.append(("a text that is none of ours", row))
        print(f"\n{watcher.service}: {dict(counts)}, {len(wrong)} wrong", file=sys.stderr)
        self.assertEqual(wrong[:5], [])

    @staticmethod
    def what_is_wrong(row, tags, names, meant):
        """NULL tags are those of a session that is in nobody's hands: it runs nothing."""
        if not any(tags):
            return "an idle session runs a statement" if row["SQL_ID"] else None
        if not all(tags):
            return "some tags are there, others are not"
        name = names.get(row["SQL_ID"])
        if tags not in meant:
            return None if name in UNRECORDED else "the tags are nobody's"
        if row["SQL_ID"] and row["SQL_ID"] not in meant[tags] | ENGINES:
            return "the request has no span with this SQL_ID"
        return None


if __name__ == "__main__":
    unittest.main()
