"""The database server goes away under load and comes back: sessions are terminated at random, the server
is stopped fast, stopped at once and killed. Nobody waits past a deadline, every refusal is a 503 that says
what is known, no order is lost or doubled, and the services need nobody's help to go on."""

import collections
import concurrent.futures
import contextlib
import http.client
import itertools
import json
import os
import random
import signal
import sys
import threading
import time
import unittest

from support import killing, postgres
from support.harness import Instance, checkout_body, patience

SECONDS = float(os.environ.get("OCTO_FAULT_SECONDS", "14"))
SEED = 20261122
RESTART_EACH_SECONDS = 20
OUTAGE_SECONDS_MAX = 1.5
LONG_OUTAGE_SECONDS = 12  # one of a long run: the pools pause between attempts as long as they ever do
WAYS_DOWN = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)  # stop -m fast, -m immediate, kill -9
REQUEST_MS = 3000
SYNC_SECONDS = 60  # of a run, which has its own deadline
RECOVERY_SECONDS = 60
RETRY_CODES = {"connect", "connection_lost", "pool_timeout", "unavailable", "serialization", "deadline"}
UNKNOWN = "outcome_unknown"
PRIVATE_WORDS = (b"127.0.0.1", b"FATAL", b"octo_shop", b"octo_crm", b"postgres", b"administrator")


class Load:
    """Threads that use both services until told to stop, and what they saw."""

    def __init__(self, instance):
        self.instance = instance
        self.is_over = threading.Event()
        self.may_run = threading.Event()
        self.may_run.set()
        self.at_rest = set()
        self.lock = threading.Lock()
        self.wrong = []
        self.seen = collections.Counter()  # status and code of each answer
        self.slowest = 0.0
        self.acknowledged = {}  # key -> order id, of careful buyers
        self.told = {}  # note -> what a buyer without a key was told
        staff = [instance.shop.sign_in(), instance.crm.sign_in()]
        work = [*(self.careful_buyer,) * 4, *(self.plain_buyer,) * 2, self.browser, self.browser,
                self.syncer, *(lambda chance, client=client: self.lister(client) for client in staff)]
        self.threads = [threading.Thread(target=self.loop, args=(one, random.Random(SEED + n)))
                        for n, one in enumerate(work)]
        for thread in self.threads:
            thread.start()

    def loop(self, work, chance):
        try:
            while not self.is_over.is_set():
                if not self.may_run.is_set():
                    self.at_rest.add(threading.get_ident())
                    self.may_run.wait()
                    self.at_rest.discard(threading.get_ident())
                work(chance)
        except BaseException as failure:  # pylint: disable=broad-except
            self.note(f"{work}: {failure!r}")

    @contextlib.contextmanager
    def paused(self):
        """Everybody has finished what they did."""
        self.may_run.clear()
        deadline = time.monotonic() + patience(SYNC_SECONDS)
        while len(self.at_rest) < len(self.threads) and time.monotonic() < deadline:
            time.sleep(0.01)
        yield
        self.may_run.set()

    def stop(self):
        self.is_over.set()
        self.may_run.set()
        for thread in self.threads:
            thread.join()

    def note(self, what):
        with self.lock:
            self.wrong.append(what)

    # --- one request ---

    def call(self, client, method, path, body=None, headers=None, allowed=(200,)):
        """The answer, which is one of `allowed` or a proper 503. A request that outlives its deadline hangs
        with what it waits for, until the client gives it up."""
        started = time.monotonic()
        try:
            answer = client.call(method, path, body, headers)
        except (OSError, http.client.HTTPException) as failure:
            client.close()
            self.note(f"{method} {path}: {failure!r} after {time.monotonic() - started:.1f} s")
            raise
        seconds = time.monotonic() - started
        code = answer.json["code"] if answer.status == 503 else ""
        with self.lock:
            self.slowest = max(self.slowest, 0 if path.endswith("/sync") else seconds)
            self.seen[f"{answer.status} {code}".strip()] += 1
        if answer.status == 503:
            self.check_refusal(method, path, answer)
            time.sleep(0.02)
        elif answer.status not in allowed:
            self.note(f"{method} {path}: {answer}")
        return answer

    def check_refusal(self, method, path, answer):
        problem = answer.json
        known = RETRY_CODES | ({UNKNOWN} if method != "GET" else set()) | (
            {"breaker_open"} if path == "/api/orders/sync" else set())
        if (not answer.headers["content-type"].startswith("application/problem+json")
                or int(answer.headers.get("retry-after", 0)) < 1 or problem["status"] != 503
                or problem["code"] not in known or not problem["trace_id"]
                or any(word in answer.raw for word in PRIVATE_WORDS)):
            self.note(f"{method} {path}: not a proper refusal: {answer.headers} {answer}")

    # --- what they do ---

    numbers = itertools.count(1)

    @staticmethod
    def purchase(chance, note):
        items = [{"product_id": i, "quantity": chance.randrange(1, 4)}
                 for i in chance.sample(killing.PRODUCT_IDS, chance.randrange(1, 4))]
        return checkout_body(f"{chance.randrange(40)}@example.com", items, notes=note)

    def careful_buyer(self, chance):
        """Repeats with the same key until there is an answer; sometimes walks away from one."""
        key = f"kill-key-{next(self.numbers):06}"
        body = self.purchase(chance, key)
        deadline = time.monotonic() + patience(60)
        while key not in self.acknowledged and time.monotonic() < deadline:
            with self.instance.shop.client() as client:
                if chance.random() < 0.05:
                    client.connection.request("POST", "/api/shop/checkout", json.dumps(body), {
                        "Content-Type": "application/json", "Idempotency-Key": key})
                    time.sleep(chance.uniform(0, 0.02))
                    continue
                for _ in range(5):
                    answer = self.call(client, "POST", "/api/shop/checkout", body,
                                       {"Idempotency-Key": key}, allowed=(200, 409))
                    if answer.status == 409 and "under way" not in answer.json["detail"]:
                        self.note(f"checkout {key}: {answer}")
                    if answer.status == 200:
                        self.acknowledged[key] = answer.json["order_id"]
                        break
        if key not in self.acknowledged:
            self.note(f"{key} was not acknowledged within a minute")

    def plain_buyer(self, chance):
        """Has no key, so asks once and believes what it is told, which is returned."""
        note = f"kill-plain-{next(self.numbers):06}"
        with self.instance.shop.client() as client:
            answer = self.call(client, "POST", "/api/shop/checkout", self.purchase(chance, note))
            self.told[note] = (answer.json["order_id"] if answer.status == 200
                               else UNKNOWN if answer.json["code"] == UNKNOWN else None)
        return self.told[note]

    def browser(self, chance):
        with self.instance.shop.client() as client:
            self.call(client, "GET", "/api/products?limit=20")
            self.call(client, "GET", f"/api/products/{chance.randrange(1, 57)}")
            added = self.call(client, "POST", "/api/cart/add",
                              {"product_id": chance.randrange(1, 57), "quantity": 1})
            if added.status == 200:
                self.call(client, "GET", f"/api/cart?session_id={added.json['session_id']}")

    def lister(self, client):
        self.call(client, "GET", "/api/orders?limit=10")

    def syncer(self, _):
        """A run that finds the shop without its database has failed because of a peer: 502."""
        with self.instance.crm.client(internal=True, timeout=2 * SYNC_SECONDS) as client:
            self.call(client, "POST", "/api/orders/sync", {}, allowed=(200, 409, 502))
        self.is_over.wait(0.2)


class OnServer(unittest.TestCase):
    """Both services on a server of the test's own."""

    request_ms = REQUEST_MS

    def setUp(self):
        self.cluster = postgres.Cluster()
        self.addCleanup(self.cluster.stop)
        self.instance = self.enterContext(Instance(
            on_server=("shop", "crm"), cluster=self.cluster, ORDERS_SYNC_LEASE_SECONDS="1",
            OCTO_REQUEST_TIMEOUT_MS=str(self.request_ms)))
        self.instance.shop.execute("UPDATE products SET stock = ?", killing.STOCK)
        self.addCleanup(self.services_are_still_there)

    def services_are_still_there(self):
        for service in (self.instance.shop, self.instance.crm):
            self.assertIsNone(service.process.poll(), f"{service.name} died: {service.log()[-2000:]}")

    def buy(self, trace, headers):
        with self.instance.shop.client() as client:
            return client.post("/api/shop/checkout", checkout_body(notes=trace), headers={
                **headers, "traceparent": f"00-{trace}-00f067aa0ba902b7-01"})


@unittest.skipUnless(postgres.is_there(), "no PostgreSQL 15 here")
class ServerFaults(OnServer):
    def test_the_server_comes_and_goes(self):
        load = Load(self.instance)
        try:
            recoveries = self.faults(load, random.Random(SEED))
        finally:
            load.stop()
        print(f"\n{sum(load.seen.values())} requests, {len(load.acknowledged)} orders with a key, "
              f"{len(load.told)} without; slowest {load.slowest:.2f} s; back after "
              f"{', '.join(f'{s:.2f}' for s in recoveries)} s; {dict(load.seen)}", file=sys.stderr)
        wrong = load.wrong
        self.check_orders(load, wrong)
        killing.check_shop(self.instance.shop, load.acknowledged, wrong)
        killing.check_crm(self.instance, wrong)
        self.assertEqual(wrong, [], f"{len(wrong)} findings")
        self.assertTrue(load.acknowledged)
        for code in ("503 connect", "503 connection_lost"):
            self.assertIn(code, load.seen, "the faults were not felt")

    def faults(self, load, chance):
        """Terminates sessions all the time and restarts the server now and then; the seconds that the
        services took to be as before."""
        count = max(len(WAYS_DOWN), int(SECONDS / RESTART_EACH_SECONDS))
        recoveries = []
        for number in range(count):
            until = time.monotonic() + SECONDS / count * chance.uniform(0.5, 1)
            while time.monotonic() < until:
                self.terminate(chance.randrange(1, 4))
                time.sleep(chance.uniform(0.05, 0.5))
            self.until_felt(load, "503 connection_lost", lambda: self.terminate(3))
            self.cluster.end_server(WAYS_DOWN[number % len(WAYS_DOWN)])
            time.sleep(LONG_OUTAGE_SECONDS if number == len(WAYS_DOWN)
                       else chance.uniform(0, OUTAGE_SECONDS_MAX))
            self.until_felt(load, "503 connect", lambda: time.sleep(0.02))
            self.cluster.start_server()
            recoveries.append(self.recovery(load))
        return recoveries

    @staticmethod
    def until_felt(load, code, meanwhile):
        """Somebody has been told so, however slow the machine is; the test says in the end if nobody ever was."""
        deadline = time.monotonic() + patience(60)
        while code not in load.seen and time.monotonic() < deadline:
            meanwhile()

    def terminate(self, count):
        """Sessions in a transaction sooner than idle ones: these are only missed at their next use."""
        self.cluster.run("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                         "WHERE usename LIKE 'octo%' ORDER BY state = 'idle', random() "
                         f"LIMIT {count}")

    def recovery(self, load):
        """Seconds until both services work again, under load; at rest their sessions are all free."""
        started = time.monotonic()
        self.wait_for("checkout", lambda: self.can_buy(load), started, load.note)
        self.wait_for("readiness", self.is_ready, started, load.note)
        seconds = time.monotonic() - started
        with load.paused():
            self.wait_for("free pools", self.is_idle, time.monotonic(), load.note)
        return seconds

    def wait_for(self, what, is_done, started, complain):
        while not is_done():
            if time.monotonic() - started > RECOVERY_SECONDS:
                complain(f"no {what} after {RECOVERY_SECONDS} s: {self.instance.octo('pools').stdout}")
                return
            time.sleep(0.02)

    @staticmethod
    def can_buy(load):
        return load.plain_buyer(random.Random(SEED)) not in (None, UNKNOWN)

    def is_ready(self):
        for service in (self.instance.shop, self.instance.crm):
            with service.client() as client:
                if client.get("/ready").status != 200:
                    return False
        return True

    def is_idle(self):
        pools = json.loads(self.instance.octo("pools", "--json").stdout)["pools"]
        return len(pools) == 4 and not any(pool["in_use"] or pool["waiters"] for pool in pools)

    def test_a_server_that_hangs_keeps_nobody_past_the_deadline(self):
        """The connections are gone and new ones get no answer, as on a host that has stopped, and that for as
        long as anybody waits for one: there is an answer only for who does not."""
        self.cluster.run("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                         "WHERE usename LIKE 'octo%'")
        self.cluster.process.send_signal(signal.SIGSTOP)
        self.addCleanup(self.cluster.process.send_signal, signal.SIGCONT)
        for _ in range(2):  # the first may still be told of an old connection's end
            answer = self.buy(os.urandom(16).hex(), {})
            self.assertEqual(answer.status, 503, answer)
        # Whichever comes first: that opening a session took too long, or that waiting for one did.
        self.assertIn(answer.json["code"], ("connect", "pool_timeout"))
        self.cluster.process.send_signal(signal.SIGCONT)
        self.wait_for("checkout", lambda: self.buy(os.urandom(16).hex(), {}).status == 200,
                      time.monotonic(), self.fail)

    def check_orders(self, load, wrong):
        """A buyer with a key has exactly one order; one without has what it was told."""
        orders = collections.defaultdict(list)
        for row in self.instance.shop.query("SELECT id, notes FROM orders WHERE notes LIKE 'kill-%'"):
            orders[row["notes"].split(";")[0].strip()].append(row["id"])
        for key, ids in orders.items():
            if len(ids) > 1 or key not in load.acknowledged and key not in load.told:
                wrong.append(f"{key}: stored as {ids}")
        for note, told in load.told.items():
            if told != UNKNOWN and orders[note] != ([told] if told else []):
                wrong.append(f"{note}: told {told}, stored as {orders[note]}")


@unittest.skipUnless(postgres.is_there(), "no PostgreSQL 15 here")
class LostAnswers(OnServer):
    request_ms = 600000  # the session is ended long before

    def test_a_commit_without_an_answer_is_told_as_such(self):
        """A session that waits for a replica has committed; ended there, it takes the answer with it."""
        self.addCleanup(self.wait_for_replicas, "")  # or whatever commits would wait for ever
        for has_key in (True, False):
            with self.subTest(has_key=has_key):
                self.wait_for_replicas("nobody")
                trace, headers, answer = self.lose_an_answer(has_key)
                self.wait_for_replicas("")
                self.assertEqual((answer.status, answer.json["code"]), (503, UNKNOWN), answer)
                self.assertIn("may have been made", answer.json["detail"])
                self.assertIn("retry-after", answer.headers)
                stored = [row["id"] for row in self.instance.shop.query(
                    "SELECT id FROM orders WHERE notes LIKE ?", f"{trace}%")]
                self.assertEqual(len(stored), 1)
                if has_key:
                    again = self.buy(trace, headers)
                    self.assertEqual((again.status, again.json["order_id"]), (200, stored[0]))
                    self.assertEqual(again.headers["idempotency-replayed"], "true")

    def lose_an_answer(self, has_key):
        """Of a purchase that has waited: its trace, its key and what the buyer was told. The server reads its
        settings in its own time, until when purchases do not wait."""
        deadline = time.monotonic() + patience(60)
        while True:
            trace = os.urandom(16).hex()
            headers = {"Idempotency-Key": f"lost-{trace}"} if has_key else {}
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                asked = pool.submit(self.buy, trace, headers)
                while not asked.done():
                    self.cluster.run("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                                     f"wait_event = 'SyncRep' AND application_name LIKE '%{trace}'")
            if asked.result().status != 200:
                return trace, headers, asked.result()
            self.assertLess(time.monotonic(), deadline, "the server never waits")

    def wait_for_replicas(self, names):
        self.cluster.run("postgres", f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
        self.cluster.run("postgres", "SELECT pg_reload_conf()")


if __name__ == "__main__":
    unittest.main()
