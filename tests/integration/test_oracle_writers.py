"""Transactions that stay open while the CRM synchronises: on Oracle, where nothing but V$TRANSACTION tells that a change
with a lower number may still come, no order is missed; by the clock alone one would be. Runs where OCTO_TEST_BACKEND is
oracle.

OCTO_ORA_WRITER_SEEDS=10 has as many runs of writers."""

import json
import os
import subprocess
import time
import unittest

from support import tnsd
from support.harness import IS_ORACLE, Instance, checkout_body, patience
from support.oracle import PASSWORD

SEEDS = range(int(os.environ.get("OCTO_ORA_WRITER_SEEDS", "1")))
WRITERS, ORDERS_EACH, SECONDS_MOST = 5, 2, 3
# What stands behind the shop's horizon when no transaction is seen: the clock.
BLIND = "CREATE OR REPLACE VIEW ora.open_transactions AS SELECT start_date::timestamp AS started_at FROM ora.v$transaction "


@unittest.skipUnless(IS_ORACLE, "runs once, with the tests on Oracle")
class Writers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())
        cls.shop, cls.crm = cls.instance.shop, cls.instance.crm
        cls.service = cls.enterClassContext(cls.crm.client(internal=True))

    def order(self):
        with self.shop.client() as client:
            answer = client.post("/api/shop/checkout", checkout_body())
        self.assertEqual(answer.status, 200, answer)
        return answer.json["order_id"]

    def sync(self):
        answer = self.service.post("/api/orders/sync")
        self.assertEqual((answer.status, answer.json["status"], answer.json["failed"]), (200, "completed", 0), answer)

    def synced(self):
        return {row["source_order_id"] for row in self.crm.query(
            "SELECT source_order_id FROM orders WHERE source_system = 'octo-drone-shop'")}

    def sync_up_to(self, order):
        """What is behind an order that is there comes no more; what any transaction of the shop's holds back does."""
        deadline = time.monotonic() + patience(60)
        while order not in self.synced():
            self.assertLess(time.monotonic(), deadline, "the newest order does not come")
            self.sync()

    def missed(self, seed, seconds=SECONDS_MOST):
        """Orders of a run that are stored and that no run of the synchronisation has brought."""
        customer = self.shop.value("SELECT customer_id FROM orders WHERE id = ?", self.order())
        listener = self.instance.database.listeners["shop"]
        with subprocess.Popen([tnsd.DEBIANS_PYTHON, "writers.py", f"localhost:{listener.port}", "octo_shop", PASSWORD],
                              cwd=tnsd.DRIVERS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writers:
            print(json.dumps({"writers": WRITERS, "orders": ORDERS_EACH, "seconds": seconds, "seed": seed,
                              "customer": customer}), file=writers.stdin, flush=True)
            first = json.loads(writers.stdout.readline())
            self.sync()  # an order is stored that has a later number than one which is open
            print("go on", file=writers.stdin, flush=True)
            while writers.poll() is None:
                self.sync()
            last = json.loads(writers.stdout.readline()) if "later" in first else first
        self.assertEqual((writers.returncode, last["failures"]), (0, []))
        self.assertGreater(len(last["stored"]), WRITERS)
        self.sync_up_to(self.order())
        return sorted(set(last["stored"]) - self.synced())

    def test_no_order_is_missed(self):
        for seed in SEEDS:
            with self.subTest(seed):
                self.assertEqual(self.missed(seed), [])

    def test_by_the_clock_one_would_be(self):
        self.shop.execute(BLIND + "WHERE false")
        self.addCleanup(self.shop.execute, BLIND)
        self.assertNotEqual(self.missed("by the clock", 0), [], "the test does not see what it is for")


if __name__ == "__main__":
    unittest.main()
