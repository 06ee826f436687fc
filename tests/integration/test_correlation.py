"""From a click to the row in both services: the trace of the purchase stays with its order."""

import json
import pathlib
import tempfile
import time
import unittest

from support.harness import Instance, checkout_body, moment, patience

SYNC_TRACE = "79c76c8173b086043b36e60422a2b317"


def traceparent(trace, span="00f067aa0ba902b7"):
    return {"traceparent": f"00-{trace}-{span}-01"}


class Correlation(unittest.TestCase):
    environment = {}

    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="octo-trace-"))
        self.trace_log = pathlib.Path(folder) / "spans.jsonl"
        self.instance = self.enterContext(Instance(OCTO_TRACE_LOG=str(self.trace_log),
                                                   **self.environment))
        self.shop, self.crm = self.instance.shop, self.instance.crm
        self.internal = self.enterContext(self.shop.client(internal=True))
        self.service = self.enterContext(self.crm.client(internal=True))

    def buy(self):
        """The order's id and the trace that the buyer was told."""
        with self.shop.client() as client:
            answer = client.post("/api/shop/checkout", checkout_body())
        self.assertEqual(answer.status, 200, answer)
        return answer.json["order_id"], answer.headers["x-trace-id"]

    def sync(self, query="", trace=SYNC_TRACE):
        answer = self.service.post(f"/api/orders/sync{query}", headers=traceparent(trace))
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["correlation_id"], trace)
        return answer.json

    def row(self, order_id):
        rows = self.crm.query("SELECT * FROM orders WHERE source_system = 'octo-drone-shop' AND "
                              "source_order_id = ?", order_id)
        return rows[0] if rows else None

    def trail(self, order_id):
        return [tuple(r) for r in self.crm.query(
            "SELECT sync_action, sync_status, correlation_id, trace_id FROM order_sync_audit "
            "WHERE source_order_id = ? ORDER BY id", order_id)]

    def change(self, order_id, status):
        self.shop.execute("UPDATE orders SET status = ?, updated_at = ? WHERE id = ?", status,
                          moment(time.time()), order_id)

    def spans(self):
        self.shop.stop()
        self.crm.stop()
        with open(self.trace_log, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]


class BySync(Correlation):
    def test_the_shop_shows_it(self):
        order_id, trace = self.buy()
        self.assertEqual(self.shop.value("SELECT correlation_id FROM orders WHERE id = ?", order_id),
                         trace)
        self.assertEqual(self.internal.get(f"/api/orders/{order_id}").json["correlation_id"], trace)
        for query in ("limit=1", "updated_since=2020-01-01&limit=500",
                      "limit=1&status=processing"):
            listed = {o["id"]: o for o in self.internal.get(f"/api/orders?{query}").json["orders"]}
            self.assertEqual(listed[order_id]["correlation_id"], trace, query)
        self.assertIsNone(self.internal.get("/api/orders/1").json["correlation_id"])

    def test_the_portal_keeps_it_and_notes_its_own_beside(self):
        order_id, trace = self.buy()
        self.sync()
        self.assertEqual(self.row(order_id)["correlation_id"], trace)
        self.assertEqual(self.trail(order_id), [("created", "success", SYNC_TRACE, SYNC_TRACE)])
        listed = self.service.get("/api/orders?limit=1").json["orders"][0]
        self.assertEqual(listed["correlation_id"], trace)
        self.change(order_id, "shipped")
        other = SYNC_TRACE[::-1]
        self.assertEqual(self.sync(trace=other)["updated"], 1)
        self.assertEqual(self.row(order_id)["correlation_id"], trace)
        self.assertEqual(self.trail(order_id)[1:], [("updated", "success", other, other)])

    def test_a_failure_leaves_it(self):
        order_id, trace = self.buy()
        self.sync()
        self.crm.poison("UPDATE", "orders", "NEW.sync_status = 'synced'")
        self.change(order_id, "shipped")
        self.assertEqual(self.sync()["failed"], 1)
        self.assertEqual((self.row(order_id)["sync_status"], self.row(order_id)["correlation_id"]),
                         ("failed", trace))

    def test_an_order_of_before_has_the_trace_of_its_first_run(self):
        self.sync()
        self.assertEqual(self.row(1)["correlation_id"], SYNC_TRACE)
        self.change(1, "shipped")
        self.sync(trace=SYNC_TRACE[::-1])
        self.assertEqual(self.row(1)["correlation_id"], SYNC_TRACE)

    def test_one_that_an_operator_hands_over(self):
        order_id, trace = self.buy()
        total = self.shop.value("SELECT total FROM orders WHERE id = ?", order_id)
        answer = self.internal.post("/api/integrations/crm/sync-order", {
            "order_id": order_id, "customer_email": "buyer@example.com", "total": total / 100})
        self.assertTrue(answer.json["synced"], answer)
        self.assertNotEqual(answer.headers["x-trace-id"], trace)
        self.assertEqual(self.row(order_id)["correlation_id"], trace)

    def test_an_order_made_in_the_portal_is_of_its_own_request(self):
        body = {"customer_id": 1, "items": [{"product_id": 1, "quantity": 1}],
                "correlation_id": SYNC_TRACE}
        with self.crm.sign_in() as admin:
            answer = admin.post("/api/orders", body, headers={"X-Requested-With": "test"})
        self.assertEqual(answer.status, 200, answer)
        stored = "SELECT correlation_id FROM orders WHERE id = ?"
        self.assertEqual(self.crm.value(stored, answer.json["order_id"]),
                         answer.headers["x-trace-id"])
        for given in ("no-trace", "0" * 32):
            answer = self.service.post("/api/orders", {**body, "correlation_id": given})
            self.assertEqual(self.crm.value(stored, answer.json["order_id"]),
                             answer.headers["x-trace-id"])


class ByPush(Correlation):
    environment = {"OCTO_PUSH_ORDERS": "true"}

    def wait_for(self, order_id):
        """Until the shop has the portal's answer: the order is there before."""
        is_sent = "SELECT count(*) FROM order_outbox WHERE order_id = ? AND sent_at IS NOT NULL"
        deadline = time.monotonic() + patience(30)
        while not self.shop.value(is_sent, order_id) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertIsNotNone(self.row(order_id))

    def test_a_run_has_not_created_what_was_pushed(self):
        self.sync()
        order_id, trace = self.buy()
        self.wait_for(order_id)
        self.assertEqual(self.row(order_id)["correlation_id"], trace)
        done = self.sync()
        self.assertEqual((done["created"], done["updated"], done["failed"]), (0, 1, 0), done)
        self.assertEqual([e[0] for e in self.trail(order_id)], ["updated"])
        self.assertEqual(self.row(order_id)["correlation_id"], trace)
        done = self.sync("?full=true")
        self.assertEqual((done["created"], done["updated"], done["failed"]), (0, 0, 0), done)

    def test_the_hand_over_is_the_consumer_of_the_purchase(self):
        order_id, trace = self.buy()
        self.wait_for(order_id)
        mine = {s["span_id"]: s for s in self.spans() if s["trace_id"] == trace}
        consumers = [s for s in mine.values() if s["kind"] == "consumer"]
        self.assertEqual([s["name"] for s in consumers], ["integration.crm.sync_order"])
        producer = mine[consumers[0]["parent_span_id"]]
        self.assertEqual((producer["name"], producer["kind"]),
                         ("order_outbox.publish", "producer"))
        self.assertEqual([(link["trace_id"], link["span_id"]) for link in consumers[0]["links"]],
                         [(trace, consumers[0]["parent_span_id"])])
        self.assertIn(("enterprise-crm-portal", "POST /api/orders"),
                      {(s["service"], s["name"]) for s in mine.values()})


class Statements(Correlation):
    """What POST /api/orders of the portal asks does not grow with the lines of the order."""

    def asked(self, *orders):
        answers = [self.service.post("/api/orders", {
            "customer_id": 1, "source_system": "octo-drone-shop", "source_order_id": number,
            "items": items}) for number, items in orders]
        for answer in answers:
            self.assertEqual(answer.status, 200, answer)
        traces = [answer.headers["x-trace-id"] for answer in answers]
        spans = [s for s in self.spans() if "DbOracleSqlId" in s["attributes"]]
        return [sorted(s["name"].removesuffix("_batch") for s in spans if s["trace_id"] == trace)
                for trace in traces]

    def test_products_are_looked_up_once_an_order(self):
        lines = [{"sku": f"NEW-{n}", "quantity": 1, "unit_price": n} for n in range(1, 41)]
        one, new, known = self.asked((1001, [{"sku": "ONE-1", "quantity": 1, "unit_price": 1}]),
                                     (1002, lines), (1003, lines))
        self.assertEqual(set(one), set(new))
        self.assertEqual(new.count("sync_products"), 2, "once for what is there, once for what was made")
        self.assertEqual(known.count("sync_products"), 1)
        self.assertEqual(known.count("order_products_by_sku"), 1)
        self.assertNotIn("sync_product_placeholder", known)


if __name__ == "__main__":
    unittest.main()
