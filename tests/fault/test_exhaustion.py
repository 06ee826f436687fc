"""A pool that is exhausted on purpose: 503 while it is, holders named, recovery by itself."""

import contextlib
import json
import sqlite3
import threading
import time
import unittest

from support import postgres
from support.harness import Instance, backends, checkout_body, in_parallel, patience

TIMEOUT_MS = 400
SESSIONS = 2


@contextlib.contextmanager
def writers_held_up(instance):
    """Another program keeps every checkout waiting: it holds the file's write lock, or the products' rows."""
    if instance.database:
        with postgres.Session(instance.environment["OCTO_SHOP_DATABASE_URL"], "shop") as blocker:
            blocker.run("BEGIN")
            blocker.run("SELECT id FROM products FOR UPDATE")
            yield
    else:
        with contextlib.closing(sqlite3.connect(f"{instance.data}/shop.db", isolation_level=None,
                                                timeout=60)) as blocker:
            blocker.execute("BEGIN IMMEDIATE")
            yield


class Exhaustion(unittest.TestCase):
    def test_exhausted_main_pool(self):
        for backend, on_server in backends():
            with self.subTest(backend), Instance(
                    on_server=on_server, DB_POOL_SIZE=str(SESSIONS), DB_MAX_OVERFLOW="0",
                    OCTO_WORKER_THREADS="8", DB_POOL_TIMEOUT_MS=str(TIMEOUT_MS),
                    DB_BUSY_TIMEOUT_MS="600000", OCTO_REQUEST_TIMEOUT_MS="600000") as instance:
                self.exhaust(instance)

    def exhaust(self, instance):
        shop = instance.shop
        held = [None] * SESSIONS
        holders = [threading.Thread(target=self.hold, args=(shop, held, n)) for n in range(SESSIONS)]
        with writers_held_up(instance):
            for holder in holders:
                holder.start()
            self.wait_until_all_are_in_use(instance)
            refused = in_parallel(5, lambda n: self.buy(shop, f"refused{n}@example.com"))
            self.assertEqual(held, [None] * SESSIONS, "the refused did not wait for the holders")
        for holder in holders:
            holder.join()
        answer = self.buy(shop, "after@example.com")
        self.assertEqual(answer.status, 200, answer)
        for answer in refused:
            self.assertEqual(answer.status, 503, answer)
            self.assertEqual(answer.json["code"], "pool_timeout")
            self.assertIn("retry-after", answer.headers)
        log = shop.log()
        sql_id = "[0-9a-z]{13}" if instance.database else "-"  # a file's writer waits before its first
        for answer in held:
            self.assertEqual(answer.status, 200, answer)
            self.assertRegex(log, f"POST /api/shop/checkout {answer.headers['x-trace-id']} "
                             rf"{sql_id} \d+ ms", "the log does not name the holder")

    @staticmethod
    def buy(shop, email):
        with shop.client() as client:
            return client.post("/api/shop/checkout", checkout_body(email))

    def hold(self, shop, held, number):
        held[number] = self.buy(shop, f"holder{number}@example.com")

    def wait_until_all_are_in_use(self, instance):
        deadline = time.monotonic() + patience(60)
        while time.monotonic() < deadline:
            pools = json.loads(instance.octo("pools", "--json").stdout)["pools"]
            if [pool["in_use"] for pool in pools if (pool["service"], pool["name"]) ==
                    ("shop", "main")] == [SESSIONS]:
                return
        self.fail("the checkouts do not wait")


if __name__ == "__main__":
    unittest.main()
