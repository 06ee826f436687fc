"""Round trips between a service and its server, counted on the way by a proxy."""

import contextlib
import json
import pathlib
import tempfile
import time
import unittest
import uuid

from support import postgres
from support.harness import IS_POSTGRES, SERVICES, Answer, Instance, checkout_body, in_parallel, patience
from support.proxy import Proxy

CHECKOUT_MOST = 4
READERS = 32
SESSIONS_OF_LOOPS = 2  # one for each
CHUNK_ORDERS = 50  # that a synchronisation stores together
CHUNK_MOST = 12    # with some to spare
RUN_MOST = 20      # lease, failed orders, statements that are prepared, end


@unittest.skipUnless(IS_POSTGRES, "an embedded database has none")
class RoundTrips(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="octo-trips-"))
        cls.trace_log = pathlib.Path(folder) / "spans.jsonl"
        server_port = postgres.cluster().port
        cls.proxy = cls.enterClassContext(Proxy("127.0.0.1", server_port))
        instance = Instance(OCTO_TRACE_LOG=str(cls.trace_log))
        for name, url in instance.database.environment(SERVICES).items():
            instance.environment[name] = url.replace(f":{server_port}/", f":{cls.proxy.port}/")
        cls.instance = cls.enterClassContext(instance)
        cls.client = cls.enterClassContext(contextlib.closing(cls.instance.shop.client()))
        cls.instance.shop.execute("UPDATE products SET stock = 1000")
        for number in range(3):  # sessions are open, statements prepared
            cls.client.get("/api/products")
            cls.client.get("/api/products/1")
            cls.buy(1, f"warm-up-{number}")

    @classmethod
    def call(cls, method, path, body=None, **headers):
        """The answer, the trace it stands under and how often its database was waited for."""
        trace = uuid.uuid4().hex
        answer = cls.client.call(method, path, body, dict(
            headers, traceparent=f"00-{trace}-00f067aa0ba902b7-01"))
        assert answer.status == 200, answer
        return answer, trace, cls.proxy.round_trips[trace]

    @classmethod
    def buy(cls, lines, key=None, **more):
        items = [{"product_id": 1 + line, "quantity": 1} for line in range(lines)]
        headers = {"Idempotency-Key": key} if key else {}
        return cls.call("POST", "/api/shop/checkout",
                        checkout_body(items=items, coupon_code="FIRSTFLIGHT", **more), **headers)

    def test_product_list_is_one(self):
        """With the tags, by which the proxy knows whose it is."""
        for path in ("/api/products", "/api/products?limit=5&sort_by=price"):
            self.assertEqual(self.call("GET", path)[2], 1, path)

    def test_one_product_is_one(self):
        self.assertEqual(self.call("GET", "/api/products/7")[2], 1)

    def test_cart_addition_is_two(self):
        for product in (1, 2):  # the second with all statements prepared
            added, _, count = self.call("POST", "/api/cart/add", {"product_id": product, "quantity": 1})
        self.assertEqual(count, 2)
        again = {"product_id": 3, "session_id": added.json["session_id"]}
        self.assertEqual(self.call("POST", "/api/cart/add", again)[2], 2)

    def main_pool(self):
        with self.instance.shop.client(internal=True) as client:
            pools = client.get("/api/observability/pools").json["pools"]
        return next(pool for pool in pools if pool["name"] == "main")

    def test_readers_travel_together(self):
        """Those who ask at once share what leaves. The service stands still while they ask."""
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(self.instance.shop.client()) for _ in range(READERS)]
            deadline = time.monotonic() + patience(60)
            while self.main_pool()["idle"] < SESSIONS_OF_LOOPS:
                self.assertLess(time.monotonic(), deadline, "the pool does not grow")
                in_parallel(READERS, lambda n: clients[n].get("/api/products/1"))
            before = self.main_pool()["checkouts"]
            with self.instance.shop.standing_still():
                for number, client in enumerate(clients):
                    client.connection.request("GET", f"/api/products/{number + 1}")
            answers = [Answer(client.connection.getresponse()) for client in clients]
        self.assertEqual([answer.json["id"] for answer in answers],
                         list(range(1, READERS + 1)))
        self.assertLess(self.main_pool()["checkouts"] - before, READERS / 2)

    def test_checkout_is_the_same_for_one_line_and_for_twenty(self):
        one, twenty = self.buy(1)[2], self.buy(20)[2]
        self.assertEqual(one, twenty)
        self.assertLess(one, CHECKOUT_MOST)
        self.assertEqual(self.buy(1, "key-of-one-line")[2], CHECKOUT_MOST)
        self.assertEqual(self.buy(20, "key-of-twenty-lines")[2], CHECKOUT_MOST)

    def test_a_cart_costs_no_more(self):
        cart = {}
        for product in range(1, 6):
            added = self.call("POST", "/api/cart/add", {"product_id": product, "quantity": 1, **cart})[0]
            cart = {"session_id": added.json["session_id"]}
        answer, _, count = self.buy(20, "key-of-a-cart", **cart)
        self.assertEqual(count, CHECKOUT_MOST)
        order = answer.json["order_id"]
        self.assertEqual(self.instance.shop.value(
            "SELECT count(*) FROM order_items WHERE order_id = ?", order), 5)

    def sync(self):
        """What a run did, and how often it waited. A run counts as one trace."""
        done = self.instance.octo("sync", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        return report, self.proxy.round_trips[report["correlation_id"]]

    def test_a_synchronisation_waits_for_chunks_and_not_for_orders(self):
        self.instance.shop.execute(
            "INSERT INTO orders (customer_id, total, subtotal, status, created_at, updated_at) "
            "SELECT 1, 5, 5, 'processing', now(), now() FROM generate_series(1, 500)")
        self.instance.shop.execute(
            "INSERT INTO order_items (order_id, product_id, sku, product_name, quantity, unit_price) "
            "SELECT o.id, 1, 'SKU-' || o.id % 100, 'Rotor', 1, 5 FROM orders o WHERE total = 5")
        report, count = self.sync()
        self.assertEqual((report["failed"], report["updated"]), (0, 0), report)
        self.assertGreaterEqual(report["created"], 500)
        chunks = report["created"] / CHUNK_ORDERS + report["pages"]
        self.assertGreater(count, report["created"] / CHUNK_ORDERS)  # it was seen by the proxy
        self.assertLess(count, chunks * CHUNK_MOST + RUN_MOST)
        self.assertLess(count, report["created"])

        again, count = self.sync()
        self.assertEqual((again["created"], again["updated"]), (0, 0), again)
        self.assertLess(count, RUN_MOST)

    def test_the_spans_say_what_was_counted(self):
        traces = [self.call("GET", "/api/products")[1], self.call("GET", "/api/products/7")[1],
                  self.buy(3)[1], self.buy(3, "key-of-the-spans")[1]]
        spans = {}
        deadline = time.monotonic() + patience(60)
        while len(spans) < len(traces) and time.monotonic() < deadline:
            spans = {s["trace_id"]: s["attributes"] for s in self.spans()
                     if s["trace_id"] in traces and s["kind"] == "server"}
        for trace in traces:
            self.assertEqual(spans[trace]["db.round_trips"], self.proxy.round_trips[trace])

    def spans(self):
        with open(self.trace_log, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines if line.endswith("\n")]

    def test_a_session_waits_for_its_requests_and_nothing_else(self):
        """Nothing is asked before or after a request that no trace has."""
        begun = len(self.proxy.journal)
        bought = [self.buy(20) for _ in range(5)]
        traces = {trace for _, trace, _ in bought}
        journal = self.proxy.journal[begun:]
        sessions = {session for trace, session in journal if trace in traces}
        waits = [trace for trace, session in journal if session in sessions]
        self.assertEqual(len(waits), sum(count for _, _, count in bought))
        self.assertEqual(set(waits), traces)


if __name__ == "__main__":
    unittest.main()
