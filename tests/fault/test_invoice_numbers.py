"""kill -9 of the portal while sixteen make invoices: the numbers of the year have no gap and no double, and who was
told a number has it."""

import contextlib
import http.client
import os
import random
import threading
import time
import unittest

from support.harness import Client, Instance, backends, patience, scaled

WRITERS = 16
MOMENTS = 12  # OCTO_KILL_MOMENTS asks for more
ORDERS = 4000
SEED = 20261130


class Writers:
    """Threads that make invoices of orders, each with its Idempotency-Key until it is told the number."""

    def __init__(self, crm, orders):
        self.crm, self.orders = crm, orders
        self.token = crm.sign_in().headers
        self.stopping = threading.Event()
        self.told = {}  # order -> number
        self.wrong = []
        self.threads = [threading.Thread(target=self.write, args=(n,)) for n in range(WRITERS)]
        for thread in self.threads:
            thread.start()

    def write(self, number):
        client = None
        for order in self.orders[number::WRITERS]:
            while order not in self.told and not self.stopping.is_set():
                try:
                    client = client or Client(self.crm.port, self.token, timeout=10)
                    answer = client.post("/api/invoices", {"order_id": order},
                                         headers={"Idempotency-Key": f"invoice-of-{order}"})
                    if answer.status == 200:
                        self.told[order] = answer.json["invoice_number"]
                    elif answer.status != 503:
                        self.wrong.append((order, answer))
                        break
                except (OSError, http.client.HTTPException, ValueError):
                    if client:
                        client.close()
                    client = None
                    time.sleep(0.005)
        if client:
            client.close()

    def wait_for(self, count):
        """So many more than there are."""
        goal = min(len(self.told) + count, len(self.orders))
        deadline = time.monotonic() + patience(60)
        while len(self.told) < goal and time.monotonic() < deadline:
            time.sleep(0.002)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


class Numbers(unittest.TestCase):
    def test_no_gap_and_no_double(self):
        for backend, on_server in backends():
            with self.subTest(backend), Instance(on_server=on_server) as instance:
                self.check(instance.crm)

    def check(self, crm):
        chance = random.Random(SEED)
        crm.insert("orders", ("customer_id", "total", "notes"), [(1, 100, "to be invoiced")] * ORDERS)
        orders = [row[0] for row in crm.query("SELECT id FROM orders WHERE notes = 'to be invoiced'")]
        moments = scaled(int(os.environ.get("OCTO_KILL_MOMENTS", MOMENTS)))
        writers = Writers(crm, orders)
        with contextlib.ExitStack() as stack:
            stack.callback(writers.stop)
            for _ in range(moments):
                writers.wait_for(chance.randrange(1, 40))
                crm.kill()
                crm.start()
            writers.wait_for(40)
        self.assertEqual(writers.wrong, [])
        self.assertGreater(len(writers.told), moments)
        stored = dict(map(tuple, crm.query("SELECT order_id, invoice_number FROM invoices "
                                           "WHERE invoice_number NOT LIKE 'INV-CRM-%'")))
        numbers = sorted(int(number.rsplit("-", 1)[1]) for number in stored.values())
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        self.assertEqual({order: stored.get(order) for order in writers.told}, writers.told)


if __name__ == "__main__":
    unittest.main()
