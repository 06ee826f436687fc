"""octo sessions on PostgreSQL: what the server tells of the sessions, also when no pool has one to give, of
other replicas, and what is shown without a server."""

import json
import re
import secrets
import threading
import time
import unittest

from support import postgres
from support.harness import IS_POSTGRES, Instance, Service, free_port, patience
from support.sqlid import sql_id

POOL_MOST = 15  # the shop's main pool
BUYERS = 24


@unittest.skipUnless(IS_POSTGRES, "runs once, with the tests that have a server")
class Sessions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = postgres.Cluster()
        cls.addClassCleanup(cls.cluster.stop)

    def setUp(self):
        self.database = postgres.Database(self.cluster)
        self.instance = self.enterContext(Instance(database=self.database, DB_POOL_TIMEOUT_MS="60000",
                                                   OCTO_REQUEST_TIMEOUT_MS="120000"))

    def sessions(self):
        done = self.instance.octo("sessions", "--json")
        self.assertEqual(done.returncode, 0, done)
        return json.loads(done.stdout)["sessions"], done.stderr

    def until(self, condition, what):
        """Asks until the rows fulfil it; the rows."""
        deadline = time.monotonic() + patience(60)
        while time.monotonic() < deadline:
            done = self.instance.octo("sessions", "--json")
            rows = json.loads(done.stdout)["sessions"]
            if done.returncode == 0 and condition(rows):  # a service that is busy may not answer in time
                return rows
        self.fail(f"{what}: {rows}")

    def test_an_exhausted_pool_shows_who_waits_for_what(self):
        traces = [secrets.token_hex(16) for _ in range(BUYERS)]
        statuses = []
        buyers = [threading.Thread(target=lambda trace=trace: statuses.append(self.look_at_a_drone(trace)))
                  for trace in traces]
        with self.cluster.talk("postgres", self.database.name) as talk:
            talk.ask("BEGIN; LOCK TABLE octo_shop.products IN ACCESS EXCLUSIVE MODE")
            for buyer in buyers:
                buyer.start()
            try:
                rows = self.until(lambda rows: sum(row["state"] == "waiting" for row in rows) == POOL_MOST,
                                  "not all sessions wait for the lock")
                self.check_waiting([row for row in rows if row["state"] == "waiting"], talk, traces)
            finally:
                talk.ask("COMMIT")
                for buyer in buyers:
                    buyer.join()
        self.assertEqual(statuses, [200] * BUYERS)
        for row in self.until(lambda rows: all(row["state"] == "idle" for row in rows
                                               if row["pool"] == "main"), "the load does not end"):
            if row["pool"] == "main":
                self.assertEqual((row["action"], row["client_identifier"]), ("", ""), row)
                self.assertEqual((row["waits_for"], row["blocked_by"]), ("", []), row)
                self.assertNotEqual(row["sql_id"], sql_id("COMMIT"))
                self.assertTrue(row["statement"], row)

    def look_at_a_drone(self, trace):
        with self.instance.shop.client(timeout=120) as client:
            return client.get("/api/products/1", headers={
                "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}).status

    def check_waiting(self, rows, talk, traces):
        said = {int(pid): (name, text) for pid, name, text in talk.ask(
            "SELECT pid, application_name, replace(query, E'\\n', '~') FROM pg_stat_activity "
            f"WHERE usename = 'octo_shop' AND datname = '{self.database.name}'")}
        catalogue = self.sql_ids("shop")
        holder = int(talk.ask("SELECT pg_backend_pid()")[0][0])
        for row in rows:
            self.assertEqual((row["waits_for"], row["blocked_by"]), ("Lock:relation", [holder]), row)
            name, text = said[row["sid"]]
            self.assertEqual(name, f"octo-drone-shop {row['client_identifier']}")
            self.assertIn(row["client_identifier"], traces)
            self.assertEqual((row["service"], row["pool"], row["module"]), ("shop", "main", "octo-drone-shop"))
            # Of reads that travel together the server shows the one it runs, and the pool knows who asked last.
            self.assertIn(row["action"], ("GET /api/products/{product_id}", ""))
            self.assertEqual(row["sql_id"], sql_id(text.replace("~", "\n")))
            self.assertEqual(row["sql_id"], catalogue[row["statement"]])
            self.assertGreaterEqual(row["state_ms"], 0)
        self.assertEqual(len({row["client_identifier"] for row in rows}), POOL_MOST)

    def sql_ids(self, service):
        done = self.instance.octo("sqlid", "--catalogue", "--backend", "postgres", "--service", service,
                                  "--json")
        return {row["name"]: row["sql_id"] for row in json.loads(done.stdout)}

    def test_a_text_that_the_server_cuts_is_known_by_its_beginning(self):
        pages = []
        client = self.enterContext(self.instance.shop.client(internal=True, timeout=120))
        thread = threading.Thread(target=lambda: pages.append(
            client.get("/api/orders?limit=5&updated_since=2020-01-01T00:00:00Z").status))
        with self.cluster.talk("postgres", self.database.name) as talk:
            talk.ask("BEGIN; LOCK TABLE octo_shop.customers IN ACCESS EXCLUSIVE MODE")
            thread.start()
            try:
                rows = self.until(lambda rows: any(row["state"] == "waiting" for row in rows),
                                  "nobody waits for the lock")
            finally:
                talk.ask("COMMIT")
                thread.join()
        self.assertEqual(pages, [200])
        self.assertEqual([(row["statement"], row["sql_id"]) for row in rows if row["state"] == "waiting"],
                         [("orders_changed", self.sql_ids("shop")["orders_changed"])])

    def test_another_replicas_sessions_are_there_too(self):
        replica = Service("shop", self.instance.data, free_port(), {}, database=self.database)
        replica.environment = dict(self.instance.environment, OCTO_SHOP_PORT=str(replica.port))
        replica.log_path = replica.data / "replica.log"
        self.addCleanup(replica.kill)
        replica.start()
        rows, _ = self.sessions()
        others = [row for row in rows if row["service"] == "shop" and row["pool"] == ""]
        self.assertTrue(others, rows)
        for row in others:
            self.assertEqual((row["module"], row["action"]), ("octo-drone-shop", ""))

    def test_the_observer_belongs_to_no_pool(self):
        for service in (self.instance.shop, self.instance.crm):
            with service.client(internal=True) as client:
                for _ in range(3):
                    rows = client.get("/api/observability/sessions").json
                    self.assertNotIn("note", rows)
                    own = [row for row in rows["sessions"] if row["pool"] == "observer"]
                    self.assertEqual([(row["statement"], row["action"]) for row in own],
                                     [("server_sessions", "GET /api/observability/sessions")])
                pools = client.get("/api/observability/pools").json["pools"]
                self.assertNotIn("observer", {pool["name"] for pool in pools})

    def test_ended_sessions_are_no_reason_not_to_be_ready(self):
        """There is a new one at once: what was asked on the loop is asked again."""
        with self.cluster.talk("postgres", self.database.name) as talk:
            ended = talk.ask("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
                             f"WHERE usename <> 'postgres' AND datname = '{self.database.name}'")
        self.assertGreater(len(ended), 1)
        for service in (self.instance.shop, self.instance.crm):
            with service.client() as client:
                ready = client.readiness()
                self.assertEqual((ready.status, ready.json["ready"]), (200, True), service.name)

    def test_the_state_of_the_database_names_the_servers_version(self):
        with self.instance.crm.sign_in() as client:
            status = client.get("/api/admin/db-status").json
        with self.cluster.talk("postgres", self.database.name) as talk:
            self.assertEqual([[status["database_version"]]], talk.ask("SHOW server_version"))
        self.assertEqual(status["action"], "GET /api/admin/db-status")
        self.assertRegex(status["client_identifier"], r"^[0-9a-f]{32}$")


@unittest.skipUnless(IS_POSTGRES, "runs once, with the tests that have a server")
class WithoutServer(unittest.TestCase):
    def test_the_pools_own_view_is_shown_and_says_so(self):
        cluster = postgres.Cluster()
        self.addCleanup(cluster.stop)
        with Instance(database=postgres.Database(cluster)) as instance:
            with instance.shop.client() as client:
                self.assertEqual(client.get("/api/products/1").status, 200)
            cluster.stop()
            done = instance.octo("sessions", "--json")
            self.assertEqual(done.returncode, 0, done)
            rows = json.loads(done.stdout)["sessions"]
            self.assertIn(("shop", "main"), {(row["service"], row["pool"]) for row in rows})
            for service in ("shop", "crm"):
                self.assertRegex(done.stderr, re.compile(f"^octo sessions: {service}: only what the pools of "
                                                         "this process know: .*127.0.0.1", re.M))
            instance.database = None  # went with the server


if __name__ == "__main__":
    unittest.main()
