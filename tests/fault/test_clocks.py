"""Clocks that are wrong, are put right, and differ: no acknowledged order misses the CRM, and leases,
sign-ins, keys and retries end when they should by the right clock (docs/decisions/0019).

OCTO_CLOCK_CASES=all tries every step of the orders' test; otherwise each distance is tried in turn with
each of the others.
"""

import base64
import contextlib
import itertools
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import threading
import time
import unittest

from support import clocks
from support.clocks import RIGHT, Clock
from support.harness import (
    IS_SLOW,
    SERVICES,
    Instance,
    Service,
    backends,
    checkout_body,
    free_port,
    patience,
)

DISTANCES = ("3s", "2h", "400d")
WAYS = ("+", "-")  # the clock is wrong that way, and then put right
WHO = ("shop", "crm", "both")
HOW = ("restarted", "running")
STEPS = list(itertools.product(DISTANCES, WAYS, WHO, HOW))
LOGIN_FAILURES_MOST = 8  # of the shop
LEASE_SECONDS = 2


def chosen_steps():
    """Each pair of a distance and another choice at least once, unless all are asked for."""
    if os.environ.get("OCTO_CLOCK_CASES") == "all":
        return STEPS
    return [("2h", "+", "shop", "restarted"), ("400d", "+", "both", "restarted"),
            ("3s", "+", "shop", "running"), ("400d", "-", "crm", "restarted"),
            ("2h", "-", "both", "running"), ("3s", "-", "both", "restarted"),
            ("400d", "+", "shop", "running"), ("2h", "+", "crm", "running")]


class Clocks:
    """The cases; below for each backend. `is_judge`: a database server's clock, which is right, judges."""

    @classmethod
    def setUpClass(cls):
        cls.instance = Instance(on_server=cls.on_server, SESSION_TIMEOUT_SECONDS=str(8 * 3600),
                                ORDERS_SYNC_LEASE_SECONDS=str(LEASE_SECONDS))
        cls.addClassCleanup(cls.instance.close)
        cls.instance.clocks = {s.name: Clock(s) for s in (cls.instance.shop, cls.instance.crm)}
        cls.is_judge = bool(cls.on_server)
        cls.instance.start()
        cls.instance.shop.execute("UPDATE products SET stock = 1000000")

    def setUp(self):
        for service in (self.instance.shop, self.instance.crm):
            self.instance.clocks[service.name].set(RIGHT)
            service.process.send_signal(signal.SIGCONT)
            if service.process.poll() is not None:  # left so by a test that failed
                service.start()

    def put(self, instance, offset, names=("shop", "crm"), restart=True):
        for name in names:
            if restart:
                getattr(instance, name).stop()
            instance.clocks[name].set(offset)
            if restart:
                getattr(instance, name).start()

    def buy(self, shop, **headers):
        with shop.client() as client:
            answer = client.post("/api/shop/checkout", checkout_body(), headers=headers)
        self.assertEqual(answer.status, 200, answer)
        return answer.json["order_id"]

    def sync(self, crm):
        with crm.client(internal=True) as client:
            answer = client.post("/api/orders/sync")
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def arrived(self, instance):
        return [row[0] for row in instance.crm.query(
            "SELECT source_order_id FROM orders WHERE source_system = 'octo-drone-shop' ORDER BY 1")]

    def until(self, what, seconds=20):
        """Waits for what a service does by itself."""
        deadline = time.monotonic() + patience(seconds)
        while not what():
            self.assertLess(time.monotonic(), deadline, "in vain")
            time.sleep(0.05)

    # --- orders ---

    def test_every_order_reaches_the_crm_by_the_sync_alone(self):
        instance = self.instance
        for step in chosen_steps():
            with self.subTest(" ".join(step)):
                self.step(instance, *step)

    def step(self, instance, distance, way, who, how):
        names = ("shop", "crm") if who == "both" else (who,)
        restart = how == "restarted"
        self.put(instance, way + distance, names, restart)
        order_id = self.buy(instance.shop)
        self.sync(instance.crm)
        self.assertIn(order_id, self.arrived(instance))
        self.put(instance, RIGHT, names, restart)
        self.buy(instance.shop)
        done = instance.octo("sync", "--json")  # a process of its own beside the portal
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.arrived(instance), self.in_the_shop(instance))
        self.assertEqual(self.sync(instance.crm)["created"], 0)

    def in_the_shop(self, instance):
        return [row[0] for row in instance.shop.query("SELECT id FROM orders ORDER BY 1")]

    def test_a_full_sync_leaves_the_next_order_to_be_found(self):
        instance = self.instance
        self.put(instance, "+2h", ["shop"])
        self.buy(instance.shop)
        self.put(instance, RIGHT, ["shop"])
        self.buy(instance.shop)
        self.assertEqual(instance.octo("sync", "--full").returncode, 0)
        self.buy(instance.shop)
        done = json.loads(instance.octo("sync", "--json").stdout)
        self.assertEqual(done["created"], 1, done)
        self.assertEqual(self.arrived(instance), self.in_the_shop(instance))

    def test_replicas_of_the_shop_with_clocks_that_differ(self):
        instance = self.instance
        other = self.replica(instance, instance.shop, "-2h")
        for shop in (instance.shop, other) * 3:
            self.buy(shop)
            self.assertEqual(self.sync(instance.crm)["failed"], 0)
            self.assertEqual(self.arrived(instance), self.in_the_shop(instance))

    def replica(self, instance, service, offset, **environment):
        port = free_port()
        replica = Service(service.name, instance.data, port, {
            **instance.environment, f"OCTO_{service.name.upper()}_PORT": str(port), **environment},
            database=service.server_database)
        replica.log_path = replica.data / f"{service.name}2.log"
        Clock(replica, offset)
        self.addCleanup(replica.kill)
        return replica.start()

    def test_orders_that_a_feed_by_time_passed_over_arrive_after_the_upgrade(self):
        """The database and the watermark as revision 0011 of the schema left them."""
        instance = self.instance
        self.put(instance, "+2h", ["shop"])
        early = self.buy(instance.shop)
        self.put(instance, RIGHT, ["shop"])
        self.sync(instance.crm)
        lost = self.buy(instance.shop)
        instance.shop.stop()
        self.take_numbers_away(instance)
        us = int(instance.shop.value("SELECT updated_at FROM orders WHERE id = ?", early))
        instance.crm.execute("UPDATE sync_state SET cursor_text = ?", self.cursor(f"{us}.{early}"))
        instance.shop.start()
        self.assertEqual(self.sync(instance.crm)["created"], 1)
        self.assertIn(lost, self.arrived(instance))

    def cursor(self, plain):
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    def take_numbers_away(self, instance):
        common = ["DROP INDEX orders_change_number", "DROP INDEX orders_updated_at",
                  "ALTER TABLE orders DROP COLUMN change_number",
                  "CREATE INDEX orders_updated_at ON orders (updated_at, id)",
                  "DELETE FROM schema_migrations WHERE version = 12"]
        of_server = ["DROP FUNCTION orders_settled(bigint)", "DROP TRIGGER orders_note_change ON orders",
                     "CREATE TRIGGER orders_note_change BEFORE INSERT ON orders FOR EACH ROW "
                     "WHEN (false) EXECUTE FUNCTION note_order_change()", "DROP SEQUENCE order_changes"]
        of_file = ["DROP TRIGGER orders_note_insert", "DROP TRIGGER orders_note_update"]
        for statement in (of_server if self.is_judge else of_file) + common:
            instance.shop.execute(statement)

    def test_a_shop_that_was_restored_is_read_again(self):
        instance = self.instance
        if self.is_judge:
            self.skipTest("copies a file")
        shop, file = instance.shop, f"{instance.data}/shop.db"
        self.buy(shop)
        with contextlib.closing(sqlite3.connect(file)) as source, \
                contextlib.closing(sqlite3.connect(f"{file}.backup")) as copy:
            source.backup(copy)
        for _ in range(3):
            self.buy(shop)
        self.sync(instance.crm)
        shop.stop()
        for rest in ("-wal", "-shm"):
            pathlib.Path(file + rest).unlink(missing_ok=True)
        shutil.copy(f"{file}.backup", file)
        shop.start()
        for _ in range(5):  # more than were lost: the watermark's number is there again
            self.buy(shop)
        self.assertRegex(self.sync(instance.crm)["reason"], "another history")
        self.assertEqual(self.arrived(instance), self.in_the_shop(instance))
        self.assertIn("orders are read again", instance.crm.log())
        self.assertEqual(instance.crm.value("SELECT count(*) FROM order_sync_audit "
                                            "WHERE sync_action = 'restart'"), 1)
        self.assertIsNone(self.sync(instance.crm)["reason"])

    def test_a_cursor_of_another_history_is_gone(self):
        instance = self.instance
        self.buy(instance.shop)
        number, order, us = instance.shop.query(
            "SELECT change_number, id, updated_at FROM orders ORDER BY change_number DESC LIMIT 1")[0]
        with instance.shop.client(internal=True) as client:
            for plain, status in ((f"{number}.{order}.{us}", 200),
                                  (f"{number - 1}.{order}.{us}", 200),  # changed again since
                                  (f"{number + 1}.{order}.{us}", 410),
                                  (f"{number}.{order}.{us - 1}", 410),
                                  (f"{number}.{order + 1}.{us}", 410),
                                  (f"{us}.{order}", 200), (f"{us + 1}.{order}", 410)):
                answer = client.get(f"/api/orders?cursor={self.cursor(plain)}")
                self.assertEqual(answer.status, status, plain)

    # --- what ends ---

    def test_a_lease_of_a_clock_that_was_ahead_holds_nobody_up(self):
        instance = self.instance
        self.put(instance, "+400d", ["crm"])
        self.die_in_a_sync(instance)
        self.put(instance, RIGHT, ["crm"])
        self.until(lambda: self.has_synced(instance.crm), 5 * LEASE_SECONDS)

    def begin_a_sync(self, instance, crm=None):
        """Until the shop goes on the run waits for its answer; the thread that waits for the run."""
        has_begun = threading.Event()

        def keep_asking():  # another run may still have the lease, or one ends before the shop stands still
            while not has_begun.is_set():
                self.has_synced(crm or instance.crm)
                time.sleep(0.1)

        instance.shop.process.send_signal(signal.SIGSTOP)
        run = threading.Thread(target=keep_asking)
        run.start()
        never = "'epoch'" if self.is_judge else "0"
        self.until(lambda: instance.crm.query(f"SELECT 1 FROM sync_state WHERE lease_until > {never}"))
        has_begun.set()
        return run

    def die_in_a_sync(self, instance):
        run = self.begin_a_sync(instance)
        instance.crm.kill()
        instance.shop.process.send_signal(signal.SIGCONT)
        run.join()

    def has_synced(self, crm):
        with contextlib.suppress(OSError, ConnectionError), crm.client(internal=True) as client:
            return client.post("/api/orders/sync").status == 200
        return False

    def test_a_living_lease_is_not_taken_by_a_replica_whose_clock_is_ahead(self):
        """Where replicas are on several machines, the server's clock judges."""
        instance = self.instance
        if not self.is_judge:
            self.skipTest("replicas on one file share a machine, and its clock")
        holder = self.replica(instance, instance.crm, RIGHT, ORDERS_SYNC_LEASE_SECONDS="60")
        for offset in ("+2h", "-2h"):
            instance.clocks["crm"].set(offset)
            run = self.begin_a_sync(instance, holder)
            with instance.crm.client(internal=True) as client:
                self.assertEqual(client.post("/api/orders/sync").status, 409)
            instance.shop.process.send_signal(signal.SIGCONT)
            run.join()
        holder.stop()

    def test_a_sign_in_lives_no_longer_than_its_time(self):
        instance = self.instance
        for name in ("shop", "crm"):
            with self.subTest(name):
                self.sign_ins(instance, getattr(instance, name))

    def sign_ins(self, instance, service):
        judge = self.is_judge
        # while signing in, afterwards: is he still known? (A sign-in holds for eight hours.)
        cases = [("+3s", RIGHT, True), (RIGHT, "+9h", judge), ("+400d", RIGHT, judge)]
        if service is instance.shop:  # both share the code
            cases += [("-3s", RIGHT, True), ("-2h", RIGHT, True), (RIGHT, "+2h", True),
                      ("+2h", RIGHT, judge), (RIGHT, "+400d", judge)]
        for first, then, is_known in cases:
            instance.clocks[service.name].set(first)
            with service.sign_in() as client:
                path = {"shop": "/api/auth/profile", "crm": "/api/customers"}[service.name]
                self.assertEqual(client.get(path).status, 200, (first, then))
                instance.clocks[service.name].set(then)
                self.assertEqual(client.get(path).status, 200 if is_known else 401, (first, then))
        instance.clocks[service.name].set(RIGHT)

    def test_failed_sign_ins_of_a_clock_that_was_ahead_lock_nobody_out(self):
        instance = self.instance
        instance.clocks["shop"].set("+400d")
        with instance.shop.client() as client:
            for _ in range(LOGIN_FAILURES_MOST):
                self.assertEqual(self.guess(client), 401)
            self.assertEqual(self.guess(client), 429)
            instance.clocks["shop"].set(RIGHT)
            self.assertEqual(self.guess(client), 429 if self.is_judge else 401)

    def guess(self, client):
        return client.post("/api/auth/login", {"username": "nobody", "password": "a guess"}).status

    def test_a_key_makes_one_order_whatever_the_clock_does(self):
        """A day by the right clock: no step back and none of less than a day makes a second order."""
        instance = self.instance
        for number, offsets in enumerate(((RIGHT, "+2h"), ("+2h", RIGHT), ("+400d", RIGHT),
                                          (RIGHT, "-400d"), ("+3s", RIGHT))):
            key = {"Idempotency-Key": f"clock-{number:04}"}
            ids = set()
            for offset in offsets:
                self.put(instance, offset, ["shop"], restart=number % 2 == 0)
                ids.add(self.buy(instance.shop, **key))
            self.assertEqual(len(ids), 1, offsets)
        self.put(instance, RIGHT, ["shop"])

    def test_a_kept_order_is_tried_again_in_time(self):
        instance = self.instance
        order_id = self.buy(instance.shop)
        instance.crm.execute("CREATE UNIQUE INDEX only_one ON orders (source_system) "
                             f"WHERE source_order_id IN (1, {order_id})")
        self.put(instance, "+400d", ["crm"], restart=False)
        before = time.time()
        self.assertEqual(self.sync(instance.crm)["failed"], 1)
        after = time.time()
        instance.crm.execute("DROP INDEX only_one")
        self.put(instance, RIGHT, ["crm"], restart=False)
        if self.is_judge:  # a pause of 15 s by its clock
            due = instance.crm.value("SELECT next_attempt_at FROM sync_failures") / 1e6
            self.assertTrue(before < due <= after + 15, (before, due, after))
            instance.crm.execute("UPDATE sync_failures SET next_attempt_at = now()")
        self.assertEqual(self.sync(instance.crm)["created"], 1)
        self.assertEqual(instance.crm.value("SELECT count(*) FROM sync_failures"), 0)

    def test_an_order_is_pushed_in_time(self):
        instance = self.instance
        self.sync(instance.crm)
        instance.crm.stop()
        instance.shop.environment["OCTO_PUSH_ORDERS"] = "true"
        self.put(instance, "+400d", ["shop"])
        order_id = self.buy(instance.shop)
        self.until(lambda: instance.shop.query("SELECT 1 FROM order_outbox WHERE attempts > 0 "
                                               "AND last_error IS NOT NULL"))
        instance.crm.start()
        self.put(instance, RIGHT, ["shop"])
        self.until(lambda: order_id in self.arrived(instance))
        instance.shop.environment["OCTO_PUSH_ORDERS"] = "false"
        self.put(instance, RIGHT, ["shop"])


@unittest.skipUnless(clocks.is_there(), "libfaketime is not installed")
@unittest.skipIf(IS_SLOW, "a sanitizer and libfaketime both want to be loaded first")
@unittest.skipUnless("sqlite" in dict(backends()), "OCTO_TEST_BACKEND asks for another")
class OnFiles(Clocks, unittest.TestCase):
    on_server = ()


@unittest.skipUnless(clocks.is_there(), "libfaketime is not installed")
@unittest.skipIf(IS_SLOW, "a sanitizer and libfaketime both want to be loaded first")
@unittest.skipUnless("postgres" in dict(backends()), "PostgreSQL is not installed, or not asked for")
class OnAServer(Clocks, unittest.TestCase):
    on_server = SERVICES


if __name__ == "__main__":
    unittest.main()
