"""PgBouncer between the services and PostgreSQL: with a session of the server for each of ours all works and the
views are right; where sessions are shared, services and doctor refuse with what to do."""

import contextlib
import json
import os
import subprocess
import tempfile
import threading
import time
import unittest

from support import pgbouncer, postgres
from support.harness import (INTERNAL_KEY, IS_POSTGRES, OCTO, PASSWORD, Instance, checkout_body, free_port,
                             in_parallel, patience, typed)

FAILURE = 2
BUYERS = 8


class Pooled(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = postgres.Cluster(fsync="on")
        cls.addClassCleanup(cls.cluster.stop)

    def pooler(self, **settings):
        """A database behind a pooler of these settings."""
        return pgbouncer.Database(self.enterContext(pgbouncer.Pooler(self.cluster, **settings)))

    def checks(self, octo):
        """The doctor's exit code and its findings of the shop: state and texts by check."""
        done = octo("doctor", "--json")
        checks = json.loads(done.stdout)["services"][0]["checks"]
        return done.returncode, {check["check"]: (check["state"], f"{check['seen']}: {check['remedy']}")
                                 for check in checks}


@unittest.skipUnless(IS_POSTGRES and pgbouncer.is_there(), "runs with PostgreSQL's tests, where PgBouncer is")
class SessionsOfOurOwn(Pooled):
    def start(self, environment=None, **settings):
        self.database = self.pooler(**settings)
        return self.enterContext(Instance(database=self.database, DB_BUSY_TIMEOUT_MS="120000",
                                           **(environment or {})))

    def buy(self, instance, index):
        with instance.shop.client() as client:
            answer = client.post("/api/shop/checkout", checkout_body(email=f"buyer{index}@example.com"))
            self.assertEqual(answer.status, 200, answer)
            return answer.json["order_id"]

    def look(self, instance):
        with instance.shop.client() as client:
            self.assertEqual(client.get("/api/products?limit=5").status, 200)

    def sessions(self, instance):
        done = instance.octo("sessions", "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        return json.loads(done.stdout)["sessions"]

    def test_a_purchase_reaches_the_crm(self):
        instance = self.start()
        orders = in_parallel(BUYERS, lambda index: self.buy(instance, index))
        done = instance.octo("sync")
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(instance.crm.value("SELECT count(*) FROM orders WHERE source_order_id IN "
                                            f"({','.join(map(repr, map(str, orders)))})"), BUYERS)
        self.assertIn("pooler between", instance.shop.log())
        self.assertIn("mode=session sessions=31", instance.shop.log())

    def test_a_session_shows_the_servers_own_process(self):
        instance = self.start()
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        with self.cluster.talk("postgres", self.database.name) as talk, instance.shop.client(timeout=120) as client:
            talk.ask("BEGIN; LOCK TABLE octo_shop.products IN ACCESS EXCLUSIVE MODE")
            look = threading.Thread(target=client.get, args=("/api/products/1",), kwargs={
                "headers": {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}})
            look.start()
            try:
                deadline = time.monotonic() + patience(30)
                found = []
                while not found and time.monotonic() < deadline:
                    found = [row for row in self.sessions(instance) if row["state"] == "waiting"]
                says = talk.ask("SELECT pid, application_name FROM pg_stat_activity "
                                "WHERE usename = 'octo_shop' AND wait_event_type = 'Lock'")
            finally:
                talk.ask("COMMIT")
                look.join()
        self.assertEqual(len(found), 1, found)
        row = found[0]
        self.assertEqual([str(row["sid"]), f"{row['module']} {row['client_identifier']}"], says[0])
        self.assertEqual((row["pool"], row["action"], row["client_identifier"], row["statement"]),
                         ("main", "GET /api/products/{product_id}", trace, "product_by_id"))

    def test_what_a_session_is_opened_with_is_nobodys_statement(self):
        """As long as nothing else was asked of it."""
        instance = self.start()
        in_parallel(BUYERS * 4, lambda _: self.look(instance))
        for row in self.sessions(instance):
            if row["pool"]:
                self.assertEqual(row["sql_id"] != "", row["statement"] != "", row)

    def test_a_statement_is_cancelled_at_its_deadline(self):
        instance = self.start({"OCTO_REQUEST_TIMEOUT_MS": "500"})
        with self.cluster.talk("postgres", self.database.name) as talk, instance.shop.client(timeout=120) as client:
            talk.ask("BEGIN; LOCK TABLE octo_shop.products IN ACCESS EXCLUSIVE MODE")
            self.assertEqual(client.get("/api/products/1").status, 503)
            deadline = time.monotonic() + patience(30)
            while self.cluster.run("postgres", "SELECT pid FROM pg_stat_activity WHERE usename = 'octo_shop' "
                                   "AND state = 'active'")[1:]:
                self.assertLess(time.monotonic(), deadline, "it waits for the lock on")
            talk.ask("COMMIT")
            while client.get("/api/products/1").status != 200:  # half a second is little for a busy machine
                self.assertLess(time.monotonic(), deadline, "it does not answer again")

    def test_what_an_earlier_user_left_is_cleared_away(self):
        """Without a reset query the pooler hands sessions on as they are, prepared statements and all."""
        self.database = self.pooler(server_reset_query="", default_pool_size=40)
        with postgres.Talk(self.database.pooler.url("octo_shop", self.database.name)) as talk:
            talk.ask("PREPARE product_by_id AS SELECT 1; SET search_path = pg_catalog; SET lock_timeout = 1;"
                     "SET TimeZone = 'Asia/Tokyo'")
        for _ in range(2):
            with Instance(database=self.database) as instance:
                self.buy(instance, 1)
                instance.database = None  # stays for the next turn
        self.database.drop()

    def test_no_session_left_is_said(self):
        """As many as the pooler has; what is more waits for those that are there."""
        self.database = self.pooler(default_pool_size=1)
        done = octo_alone("shop", database=self.database)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("default_pool_size", done.stderr)
        self.database.drop()

    def test_the_doctor_tells_of_it(self):
        instance = self.start()
        code, found = self.checks(instance.octo)
        self.assertEqual(code, 0, found)
        self.assertEqual(found["pooler"][0], "ok")
        for words in ("keeps a session for each", "octo_shop", "pool_size", "31"):
            self.assertIn(words, found["pooler"][1])

    def test_options_of_the_url_are_refused(self):
        database = self.pooler()
        self.addCleanup(database.drop)
        environment = {"OCTO_SHOP_DATABASE_URL": database.pooler.url("octo_shop", database.name) +
                       "?options=-c%20work_mem%3D8MB"}
        done = octo_alone("shop", database=database, **environment)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("ALTER ROLE octo_shop SET", done.stderr)


@unittest.skipUnless(IS_POSTGRES and pgbouncer.is_there(), "runs with PostgreSQL's tests, where PgBouncer is")
class SharedSessions(Pooled):
    def assert_refused(self, database, words, commands=("shop", "crm", "migrate", "up")):
        self.addCleanup(database.drop)
        for command in commands:
            done = octo_alone(command, database=database)
            self.assertEqual(done.returncode, 1, (command, done))
            if command != "up":  # which tells of both services
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIn("pooler", done.stderr)
            for word in words:
                self.assertIn(word, done.stderr, command)

    def assert_found(self, database, check, words):
        code, found = self.checks(lambda *arguments: octo_alone(*arguments, database=database))
        self.assertEqual((code, found[check][0]), (FAILURE, "fail"), found)
        for word in words:
            self.assertIn(word, found[check][1])
        self.assertEqual({found[name][0] for name in ("rights", "sessions", "schema")}, {"skip"}, found)

    def test_transaction_mode(self):
        database = self.pooler(pool_mode="transaction")
        self.assert_refused(database, ("pool_mode = session",))
        self.assert_found(database, "pooler", ("pool_mode = session",))

    def test_statement_mode(self):
        database = self.pooler(pool_mode="statement")
        self.assert_refused(database, ("pool_mode = session",), ("shop",))
        self.assert_found(database, "pooler", ("pool_mode = session",))

    def test_transaction_mode_with_one_session(self):
        """All of ours meet in it, so that it always looks like the same."""
        self.assert_refused(self.pooler(pool_mode="transaction", default_pool_size=1), ("pool_mode = session",),
                            ("shop",))

    def test_transaction_mode_with_others_about(self):
        """Of many sessions, dealt in turn, two of ours hardly ever get the same one."""
        database = self.pooler(pool_mode="transaction", server_round_robin=1, default_pool_size=20,
                               server_reset_query="")
        url = database.pooler.url("octo_shop", database.name)
        with contextlib.ExitStack() as stack:
            talks = [stack.enter_context(postgres.Talk(url)) for _ in range(12)]
            for talk in talks:
                talk.ask("BEGIN; SELECT 1")
            for talk in talks:
                talk.ask("COMMIT")
            self.assert_refused(database, ("pool_mode = session",), ("shop",))

    def test_a_pooler_that_refuses_what_a_session_starts_with(self):
        database = self.pooler(ignore_startup_parameters="extra_float_digits")
        self.assert_refused(database, ("ignore_startup_parameters = options",))
        self.assert_found(database, "sign-in", ("ignore_startup_parameters = options",))


def octo_alone(*arguments, database, **more):
    """A command of octo's to its end, for one that does not last."""
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "OCTO_DATA_DIR": data, "BOOTSTRAP_ADMIN_PASSWORD": PASSWORD,
                       "INTERNAL_SERVICE_KEY": INTERNAL_KEY, "OCTO_SHOP_PORT": str(free_port()),
                       "OCTO_CRM_PORT": str(free_port()), **database.environment(("shop", "crm")), **more}
        return subprocess.run([OCTO, *typed(*arguments)], env=environment, text=True, capture_output=True,
                              timeout=patience(60), check=False)


if __name__ == "__main__":
    unittest.main()
