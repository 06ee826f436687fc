"""Spans, tags and SQL_IDs under mixed load: every SQL span tells the truth about its statement."""

import collections
import json
import pathlib
import random
import re
import tempfile
import time
import unittest

from support.harness import IS_ORACLE, IS_POSTGRES, Instance, checkout_body, in_parallel, patience
from support.sqlid import sql_id

REQUESTS_EACH = 50
FROM_NOWHERE = re.compile(r"SELECT\b(?!.*\bFROM (?!dual\b)).*", re.S)
CONNECTIONS = 64


def is_in_ratio(trace):
    """Is a trace among the tenth that is recorded?"""
    return int(trace[-14:], 16) >= round(0.9 * 2 ** 56)


class Tracing(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="octo-trace-"))
        self.trace_log = pathlib.Path(self.folder) / "spans.jsonl"

    def spans(self):
        with open(self.trace_log, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def test_trace_context_is_taken_and_passed_on(self):
        trace = "79c76c8173b086043b36e60422a2b317"
        with Instance(OCTO_TRACE_LOG=str(self.trace_log)) as instance:
            with instance.crm.client(internal=True) as client:
                answer = client.post("/api/orders/sync", headers={
                    "traceparent": f"00-{trace}-00f067aa0ba902b7-01", "tracestate": "a=b"})
            self.assertEqual(answer.headers["x-trace-id"], trace)
            instance.shop.stop()
            instance.crm.stop()
            ids = instance.crm.query("SELECT DISTINCT correlation_id FROM orders "
                                     "WHERE source_system = 'octo-drone-shop'")
            self.assertEqual([r[0] for r in ids], [trace])
        mine = [s for s in self.spans() if s["trace_id"] == trace]
        names = {(s["service"], s["name"]) for s in mine}
        self.assertIn(("enterprise-crm-portal", "POST /api/orders/sync"), names)
        self.assertIn(("octo-drone-shop", "GET /api/orders"), names)
        by_id = {s["span_id"]: s for s in mine}
        for span in mine:
            if span["parent_span_id"] != "00f067aa0ba902b7":
                self.assertIn(span["parent_span_id"], by_id, span)
        shop_request = next(s for s in mine if s["name"] == "GET /api/orders"
                            and s["service"] == "octo-drone-shop")
        self.assertEqual(by_id[shop_request["parent_span_id"]]["service"], "enterprise-crm-portal")

    def test_the_caller_decides_what_is_recorded(self):
        asked = {flags: f"79c76c8173b086043b36e60422a2b3{flags}" for flags in ("00", "01", "02", "03")}
        with Instance(OCTO_TRACE_LOG=str(self.trace_log), OCTO_PUSH_ORDERS="true") as instance:
            with instance.shop.client() as shop, instance.crm.client(internal=True) as crm:
                for flags, trace in asked.items():
                    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-{flags}"}
                    for answer in (crm.post("/api/orders/sync", headers=headers),
                                   shop.post("/api/shop/checkout", checkout_body(), headers=headers),
                                   shop.readiness(headers=headers)):
                        self.assertEqual((answer.status, answer.headers["x-trace-id"]), (200, trace))
                    seen = crm.get("/api/observability/360", headers=headers).raw.decode()
                    self.assertRegex(seen, f'"00-{trace}-[0-9a-f]{{16}}-{flags}"')  # as it would go on
                for client in (shop, crm):
                    self.assertEqual(client.readiness().status, 200)
                    for probe in ("/health", "/metrics"):
                        self.assertEqual(client.get(probe).status, 200)
                self.wait_for(lambda: not instance.shop.query(
                    "SELECT 1 FROM order_outbox WHERE sent_at IS NULL"))
            instance.shop.stop()
            instance.crm.stop()
        spans = self.spans()
        self.assertEqual({span["trace_id"] for span in spans} & set(asked.values()), {asked["01"], asked["03"]})
        probes = {span["trace_id"] for span in spans if span["name"] in ("GET /health", "GET /ready", "GET /metrics")}
        self.assertEqual(probes, {asked["01"], asked["03"]})

    def test_a_ratio_of_traces_is_recorded(self):
        asked = {"root": set(), "caller": set(), "silent": set()}
        chance = random.Random(8)
        with Instance(OCTO_TRACE_LOG=str(self.trace_log), OTEL_TRACES_SAMPLER="parentbased_traceidratio",
                      OTEL_TRACES_SAMPLER_ARG="0.1") as instance:
            with instance.shop.client() as shop:
                for number in range(200):
                    asked["root"].add(shop.get(f"/api/products/{number % 50 + 1}").headers["x-trace-id"])
                for flags, who in (("01", "caller"), ("00", "silent"), ("02", "silent")):
                    trace = f"{chance.getrandbits(128):032x}"
                    asked[who].add(trace)
                    answer = shop.post("/api/shop/checkout", checkout_body(),
                                       headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-{flags}"})
                    self.assertEqual((answer.status, answer.headers["x-trace-id"]), (200, trace))
            instance.shop.stop()
            audited = {row[0] for row in instance.shop.query("SELECT trace_id FROM audit_logs")}
            self.assertLessEqual(asked["caller"] | asked["silent"], audited)
        recorded = {span["trace_id"] for span in self.spans()}
        self.assertEqual(recorded & asked["root"], {trace for trace in asked["root"] if is_in_ratio(trace)})
        self.assertEqual(recorded & (asked["caller"] | asked["silent"]), asked["caller"])

    def test_a_ratio_that_heeds_no_caller(self):
        chance = random.Random(8)
        asked = [f"{chance.getrandbits(128):032x}" for _ in range(1000)]
        with Instance(OCTO_TRACE_LOG=str(self.trace_log), OTEL_TRACES_SAMPLER="traceidratio",
                      OTEL_TRACES_SAMPLER_ARG="0.1") as instance:
            with instance.shop.client() as shop:
                for number, trace in enumerate(asked):
                    shop.get("/api/products/7", headers={
                        "traceparent": f"00-{trace}-00f067aa0ba902b7-{number % 4:02x}"})
            instance.shop.stop()
        recorded = {span["trace_id"] for span in self.spans()} & set(asked)
        self.assertEqual(recorded, {trace for trace in asked if is_in_ratio(trace)})
        self.assertLess(abs(len(recorded) - 100), 3 * 9.5)  # of seeded ids: no chance is left

    def wait_for(self, is_so):
        deadline = time.monotonic() + patience(30)
        while not is_so():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def test_every_sql_span_under_load(self):
        with Instance(OCTO_TRACE_LOG=str(self.trace_log), ORDERS_SYNC_ENABLED="true",
                      ORDERS_SYNC_INTERVAL_SECONDS="1", OCTO_PUSH_ORDERS="true") as instance:
            in_parallel(CONNECTIONS, lambda n: self.shopper(instance, n))
            instance.shop.stop()
            instance.crm.stop()
        counts = collections.Counter()
        statements = 0
        spans = self.spans()
        by_id = {(s["trace_id"], s["span_id"]): s for s in spans}
        for span in spans:
            attributes = span["attributes"]
            if "DbOracleSqlId" not in attributes:
                continue
            statements += 1
            counts[attributes["db.system.name"]] += 1
            self.assertEqual(attributes["DbOracleSqlId"], sql_id(attributes["DbStatement"]))
            self.assertEqual(attributes["db.query.text"], attributes["DbStatement"])
            self.assertEqual(attributes["db.client_identifier"], span["trace_id"])
            self.assertEqual(attributes["db.module"], span["service"])
            for name in ("db.operation.name", "db.action"):
                self.assertIn(name, attributes)
            self.check_place(span["service"], span["name"], attributes)
            if FROM_NOWHERE.fullmatch(attributes["db.query.text"]) is None:
                self.assertIn("db.collection.name", attributes)
            request = span
            while request and request["kind"] != "server":
                request = by_id.get((request["trace_id"], request["parent_span_id"]))
                request = request if request and request["service"] == span["service"] else None
            if not attributes["db.action"].startswith("BG "):  # the service's own work
                self.assertEqual(attributes["db.action"], request["name"])
        self.assertGreater(statements, CONNECTIONS * REQUESTS_EACH)
        self.check_roots(spans, by_id)

    def check_place(self, service, name, attributes):
        """By OpenTelemetry's names: which statement, and of which database."""
        schema = {"octo-drone-shop": "shop", "enterprise-crm-portal": "crm"}[service]
        self.assertEqual(attributes["db.query.summary"], name)
        if IS_POSTGRES:
            self.assertTrue(attributes["db.namespace"].endswith(f"|octo_{schema}"), attributes)
            self.assertTrue(attributes["server.address"].startswith("/") or attributes["server.port"] > 0)
        elif IS_ORACLE:
            self.assertTrue(attributes["db.namespace"].endswith(f"|OCTO_{schema.upper()}"), attributes)
            self.assertGreater(attributes["server.port"], 0)
        else:
            self.assertEqual(attributes["db.namespace"], schema)
            self.assertNotIn("server.address", attributes)

    def check_roots(self, spans, by_id):
        """Nobody brings a trace, so each has one root, which is a request or a job of a name."""
        roots = collections.Counter()
        for span in spans:
            if span["parent_span_id"] == "":
                roots[span["trace_id"]] += 1
                self.assertTrue(span["kind"] == "server" or span["name"].startswith("BG ") or
                                span["name"] == "orders.sync.external", span)
            else:
                self.assertIn((span["trace_id"], span["parent_span_id"]), by_id, span)
        self.assertEqual(set(roots.values()), {1})
        self.assertEqual(set(roots), {span["trace_id"] for span in spans})
        due = {span["parent_span_id"] for span in spans if span["name"] == "db.write"}
        for span in spans:
            if span["name"] == "BG outbox":  # only of a look that found something
                self.assertIn(span["span_id"], due)

    @staticmethod
    def shopper(instance, number):
        chance = random.Random(number)
        with instance.shop.client() as shop, instance.crm.client(internal=True) as crm:
            for _ in range(REQUESTS_EACH):
                what = chance.randrange(10)
                if what < 4:
                    answer = shop.get(f"/api/products/{chance.randrange(1, 57)}")
                elif what < 6:
                    answer = shop.get("/api/products?limit=20")
                elif what < 7:
                    answer = shop.post("/api/cart/add", {"product_id": chance.randrange(1, 57)})
                elif what < 8:
                    answer = shop.post("/api/shop/checkout", checkout_body(
                        f"shopper{number}@example.com",
                        [{"product_id": chance.randrange(1, 57), "quantity": 1}]))
                elif what < 9:
                    answer = crm.get("/api/orders?limit=10")
                else:
                    answer = crm.get("/api/customers?search=shopper&limit=10")
                assert answer.status in (200, 409, 422), answer


if __name__ == "__main__":
    unittest.main()
