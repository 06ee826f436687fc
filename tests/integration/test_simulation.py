"""Faults on purpose: what each looks like in the trace of a request that it meets, and that nothing is left of it."""

import json
import re
import secrets
import time
import unittest

from support.harness import IS_POSTGRES, Instance, patience
from test_console import Console

BROWSING = {"workflow": "browse-catalog"}
# Scenario, its scope here, and what `octo trace` says of a request that it meets.
SEEN = [
    ("db-slow-checkout", {**BROWSING, "amount": 50}, "simulated_wait"),
    ("lock-checkout", {**BROWSING, "amount": 50}, "simulated.lock_held"),
    ("deadlock-cart", {**BROWSING, "share": 100}, "simulated_lock"),
    ("n-plus-one-browse", {"amount": 20}, "simulated_look_up"),
    ("pool-exhaustion", {**BROWSING, "share": 100, "amount": 50}, "simulated.session_held"),
]

CALLER = "1" * 16  # the span that a request says it is of


class Simulation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.console = cls.enterClassContext(Console())
        cls.instance = cls.enterClassContext(Instance(
            CHAOS_ENABLED="true", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{cls.console.otlp_port}",
            OTEL_BSP_SCHEDULE_DELAY="50"))
        cls.shop = cls.enterClassContext(cls.instance.shop.client(internal=True))
        cls.crm = cls.enterClassContext(cls.instance.crm.sign_in())

    def tearDown(self):
        self.shop.post("/api/chaos/clear")
        self.crm.post("/api/simulate/reset")

    def traced(self, client, path):
        """The answer, and the trace of its request."""
        trace = secrets.token_hex(16)
        return client.get(path, headers={"traceparent": f"00-{trace}-{CALLER}-01"}), trace

    def spans_of(self, trace):
        """All of them, as the console has them: that of the request comes last, whatever services it led to."""
        def is_there():
            done = self.console.octo("trace", trace, "--json")
            spans = json.loads(done.stdout)["spans"] if done.returncode == 0 else []
            return spans if any(span["parent_span_id"] == CALLER for span in spans) else None
        return self.console.wait_for(is_there)

    def gauge(self, service, fault):
        with getattr(self.instance, service).client(internal=True) as client:
            page = client.get("/metrics").raw.decode()
        return [float(value) for value in re.findall(rf'simulation_armed\{{fault="{re.escape(fault)}"\}} (\S+)', page)]

    def test_each_is_seen_where_it_is_and_nowhere_else(self):
        for scenario, scope, word in SEEN:
            with self.subTest(scenario):
                armed = self.shop.post("/api/chaos/apply", {"scenario_id": scenario, "ttl_seconds": 3600, **scope})
                self.assertEqual(armed.status, 200, armed)
                fault = armed.json["state"]["faults"][0]
                self.assertIn(fault, self.shop.get("/health").json["simulation"].split())
                self.assertEqual(self.gauge("shop", fault), [1])
                answer, trace = self.traced(self.shop, "/api/products/1")
                other, spared = self.traced(self.shop, "/api/shop/locations")
                self.assertEqual((answer.status, other.status), (200, 200))
                spans = self.spans_of(trace)
                marked = [span for span in spans if span["attributes"].get("chaos.fault") == fault]
                self.assertIn("server", [span["kind"] for span in marked])
                self.assertIn(word, [span["name"] for span in marked])
                self.assertIn(word, self.console.octo("trace", trace, COLUMNS="200").stdout)
                self.assertEqual([span for span in self.spans_of(spared) if "chaos.fault" in span["attributes"]], [])
                self.assertEqual(self.shop.post("/api/chaos/clear").json, {"ok": True})
                answer, after = self.traced(self.shop, "/api/products/1")
                self.assertEqual(answer.status, 200)
                self.assertEqual([span for span in self.spans_of(after) if "chaos.fault" in span["attributes"]], [])
                self.assertNotIn("simulation", self.shop.get("/health").json)
                self.assertEqual(self.gauge("shop", fault), [0])

    def test_a_repeat_is_named(self):
        self.shop.post("/api/chaos/apply", {"scenario_id": "n-plus-one-browse", "amount": 20})
        _, trace = self.traced(self.shop, "/api/products/1")
        self.spans_of(trace)
        repeats = json.loads(self.console.octo("trace", trace, "--json").stdout)["repeats"]
        self.assertIn(20, [repeat["count"] for repeat in repeats])

    def test_a_slow_peer_is_seen_in_the_call(self):
        with self.instance.crm.client(internal=True) as crm:
            self.assertEqual(self.operator().post("/api/admin/chaos/apply", {
                "scenario_id": "slow-peer", "target": "crm", "amount": 50}).status, 200)
            answer, trace = self.traced(crm, "/api/integrations/drone-shop/product-catalog")
        self.assertEqual(answer.status, 200, answer)
        calls = [span for span in self.spans_of(trace) if span["name"] == "HTTP GET"]
        self.assertEqual([span["attributes"].get("chaos.fault") for span in calls], ["peer.slow"])
        self.assertEqual(self.operator().post("/api/admin/chaos/clear").json, {"ok": True})

    def operator(self):
        """Whoever has that role and no other."""
        name = f"o-{secrets.token_hex(4)}"
        self.crm.post("/api/admin/users", {"username": name, "email": f"{name}@example.org",
                                           "password": "correct-horse-battery", "role": "chaos-operator"})
        return self.enterContext(self.instance.crm.sign_in(name))

    def test_the_portal_arms_the_shop(self):
        operator = self.operator()
        applied = operator.post("/api/admin/chaos/apply", {"scenario_id": "deadlock-cart", "workflow": "nobodys"})
        self.assertEqual((applied.status, applied.json["state"]["faults"]), (200, []), applied)
        self.assertEqual(self.shop.get("/api/chaos/state").json["state"]["scenario_id"], "deadlock-cart")
        self.assertNotIn("simulation", self.crm.get("/health").json)
        operator.post("/api/admin/chaos/clear")
        self.assertEqual(self.shop.get("/api/chaos/state").json, {"active": False, "state": None, "scenarios": []})

    def test_errors_are_said_to_be_simulated(self):
        self.shop.post("/api/simulate/set", {"error_rate": 1})
        answer = self.shop.get("/api/products/1")
        self.assertEqual(answer.status, 500)
        self.assertIn("simulated", answer.json["detail"])
        self.assertEqual(self.shop.get("/api/simulate/status").json["error_rate"], 1)
        self.shop.post("/api/simulate/set", {"error_rate": 0, "db_disconnect": True})
        self.assertEqual(self.shop.get("/api/products/1").status, 503)
        self.shop.post("/api/simulate/reset")
        self.assertEqual(self.shop.get("/api/products/1").status, 200)

    def test_it_ends_by_itself(self):
        set_to = self.crm.post("/api/simulate/configure", {"error_rate": 1, "ttl_seconds": 1})
        self.assertEqual(set_to.json["current"]["error_rate"], 1)
        deadline = time.monotonic() + patience(30)
        while self.crm.get("/api/customers/1").status == 500:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        self.assertEqual(self.crm.get("/api/simulate/status").json["simulation"]["error_rate"], 0)
        self.assertNotIn("simulation", self.crm.get("/health").json)

    def test_a_delay_is_seen_once(self):
        self.shop.post("/api/simulate/set", {"slow_responses": True})
        _, trace = self.traced(self.shop, "/api/products/1")
        delays = [span for span in self.spans_of(trace) if span["name"] == "simulated.delay"]
        self.assertEqual(len(delays), 1)
        self.shop.post("/api/simulate/reset")

    def test_what_is_made_up_says_so(self):
        made = self.crm.post("/api/simulate/generate-backlog", {"count": 2}).json
        self.assertEqual((made["status"], made["orders_created"]), ("completed", 2))
        backlog = self.crm.get("/api/orders?backlog_only=true&source_system=simulation").json["orders"]
        self.assertLessEqual(set(made["order_ids"]), {order["id"] for order in backlog})
        high = self.crm.post("/api/simulate/high-value-order").json
        self.assertTrue(high["alert_triggered"])
        self.assertGreaterEqual(high["total_value"], 55000)


@unittest.skipIf(IS_POSTGRES, "of settings alone")
class Off(unittest.TestCase):
    def test_nothing_is_simulated_unless_the_settings_say_so(self):
        with Instance() as instance, instance.shop.client(internal=True) as shop, instance.crm.sign_in() as crm:
            for client, path, body in ((shop, "/api/chaos/apply", {"scenario_id": "slow-peer"}),
                                       (shop, "/api/simulate/set", {"error_rate": 1}),
                                       (crm, "/api/simulate/db-error", None), (crm, "/api/simulate/slow-query", None),
                                       (crm, "/api/simulate/add-customer", None)):
                self.assertEqual(client.post(path, body).status, 403, path)
            self.assertFalse(shop.get("/api/chaos/presets").json["enabled"])


if __name__ == "__main__":
    unittest.main()
