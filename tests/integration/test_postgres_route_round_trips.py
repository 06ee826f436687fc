"""Round trips of all routes that read: none asks for each of a hundred more rows in each table."""

import contextlib
import re
import unittest
import uuid

from support import postgres
from support.harness import IS_POSTGRES, PASSWORD, SERVICES, Instance
from support.proxy import Proxy

LOOK_UP = 1  # who calls
MANY = 100
ASKED = 6  # times: a session prepares a statement for itself, and so pays once more for it
LIST_MOST = 2
SPARE = 3  # for a long answer and a session that has prepared nothing; a statement for each row would be a hundred
# Payloads of several parts, in one transaction or asking for the server's own state.
MORE = {"/api/observability/360": 6, "/api/observability/360/db-health": 6, "/api/orders/{order_id}": 5,
        "/api/observability/sessions": 6, "/api/admin/db-status": 6, "/api/reports/export": 4, "/api/reports/revenue": 4,
        "/api/observability/360/app-health": 4, "/api/observability/360/sync-health": 4, "/api/observability/360/security": 4, "/ready": 4, "/api/orders": 4,
        "/api/analytics/security/events": 4, "/": 4, "/about": 4, "/api/shop/storefront": 4}
QUERIES = {"/api/shipping/by-region": "?region=us-east-1", "/api/reports/export": "?report_id=1",
           "/api/files/download": "?path=one",
           "/api/integrations/drone-shop/order-history": "?customer_email=c1@many.example",
           "/api/integrations/mushop/order-history": "?customer_email=c1@many.example"}
OF_OTHERS = ("/api/observability/statements/",  # as much as the planner takes
             "/api/auth/sso/",  # of a provider, which there is none of
             "/api/tickets/redirect")  # leads on and asks nothing
STREAMS_AND_FILES = ("/api/events/", "/assets/", "/openapi.json", "/docs", "/metrics", "/health")
CONVERSATION = "made-by-hand"  # with the shop's advisor
OF_PARTNERS = ("/api/keys/validate", "/api/v1/partner/", "/api/auth/standing/")  # the console among them
# Slow on purpose, the shop's switches, and what is for those who have faults.
ON_PURPOSE = ("/api/dashboard/n-plus-one", "/api/dashboard/slow-query", "/api/simulate/drone-shop",
              "/api/integrations/drone-shop/simulate/status", "/api/admin/chaos")
OF_THE_OTHER = ("/api/integrations/crm/customer-enrichment",  # which knows none of this one's rows
                "/api/integrations/crm/ticket-products")


@unittest.skipUnless(IS_POSTGRES, "an embedded database has none")
class RouteRoundTrips(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        server_port = postgres.cluster().port
        cls.proxy = cls.enterClassContext(Proxy("127.0.0.1", server_port))
        instance = Instance(SEED_USER_PASSWORD=PASSWORD)
        for name, url in instance.database.environment(SERVICES).items():
            instance.environment[name] = url.replace(f":{server_port}/", f":{cls.proxy.port}/")
        cls.instance = cls.enterClassContext(instance)

    def cost(self, client, path):
        counts = []
        for _ in range(ASKED):
            trace = uuid.uuid4().hex
            answer = client.get(path, headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
            self.assertEqual(answer.status, 200, (path, answer))
            counts.append(self.proxy.round_trips[trace])
        return min(counts)

    def paths(self, client):
        """(template, what to ask for): of each GET of the document, of the first row of each table."""
        for template, operations in client.get("/openapi.json").json["paths"].items():
            if "get" in operations and not template.startswith(
                    STREAMS_AND_FILES + OF_THE_OTHER + OF_PARTNERS + ON_PURPOSE + OF_OTHERS):
                path = template.replace("{session_id}", CONVERSATION).replace("{sku}", "DRN-002").replace("{page}", "checkout")
                yield template, re.sub(r"\{[^}]*\}", "1", path) + QUERIES.get(template, "")

    def fill(self, service):
        numbers = range(MANY)
        tables = {
            "customers": (("name", "email"), [(f"C{n}", f"c{n}@many.example") for n in numbers]),
            "products": (("name", "sku", "price", "shop_id"), [(f"P{n}", f"MANY-{n}", 1, 1) for n in numbers]),
            "orders": (("customer_id", "total"), [(1, 1)] * MANY),
            "order_items": (("order_id", "product_id", "quantity", "unit_price"), [(1, 1, 1, 1)] * MANY),
            "shipments": (("order_id", "destination_region"), [(1, "us-east-1")] * MANY),
            "warehouses": (("name", "region"), [(f"W{n}", "us-east-1") for n in numbers]),
            "campaigns": (("name",), [(f"K{n}",) for n in numbers]),
            "leads": (("campaign_id", "email", "customer_id"), [(1, f"l{n}@many.example", 1) for n in numbers]),
            "api_keys": (("key_id", "digest", "username", "created_by"), [(f"{n:016x}", f"{n:064x}", "d", "a") for n in numbers]),
            "users": (("username", "email", "password_hash"), [(f"u{n}", f"u{n}@many.example", "!") for n in numbers]),
        }
        tables |= {
            "services": (("name", "sku", "price"), [(f"S{n}", f"MANY-{n}", 1) for n in numbers]),
            "reviews": (("product_id", "rating"), [(1, 1 + n % 5) for n in numbers]),
            "shop_invoices": (("invoice_number", "customer_id", "amount"), [(f"MANY-{n}", 1, 5) for n in numbers]),
            "coupons": (("code",), [(f"MANY-{n}",) for n in numbers]),
            "shops": (("name", "address"), [(f"D{n}", "x") for n in numbers]),
            "tickets": (("customer_id", "title"), [(1, "t")] * MANY),
            "ticket_messages": (("ticket_id", "sender_type", "content"), [(1, "agent", "x")] * MANY),
            "assistant_messages": (("session_id", "role", "content"), [(CONVERSATION, "user", "x")] * MANY),
            "security_events": (("attack_type", "severity", "product_id"), [("idor", "low", n % 9 + 1) for n in numbers]),
        } if service.name == "shop" else {
            "invoices": (("invoice_number", "customer_id", "amount"), [(f"MANY-{n}", 1, 5) for n in numbers]),
            "support_tickets": (("customer_id", "subject"), [(1, "t")] * MANY),
            "support_ticket_messages": (("ticket_id", "author", "content"), [(1, "a", "x")] * MANY),
            "reports": (("name", "query"), [(f"R{n}", "orders") for n in numbers]),
            "storefronts": (("name", "slug", "region"), [(f"S{n}", f"many-{n}", "us-east-1") for n in numbers]),
            "order_sync_audit": (("source_system", "sync_action", "sync_status"), [("many", "insert", "success")] * MANY),
        }
        for table, (columns, rows) in tables.items():
            service.insert(table, columns, rows)

    def test_no_route_costs_more_with_more_rows(self):
        for service in (self.instance.shop, self.instance.crm):
            with contextlib.closing(service.sign_in()) as client:
                if service.name == "shop":
                    client.post("/api/admin/invoices", {"customer_id": 1, "amount": 5})
                    service.insert("assistant_sessions", ("session_id",), [(CONVERSATION,)])
                if service.name == "crm":
                    client.post("/api/reports", {"name": "One", "query": "orders"})
                    service.insert("files", ("file_id", "name", "size", "sha256", "content", "uploaded_by"),
                                   [("one", "one.txt", 1, "1f" * 32, "eA", "ada")])
                    service.execute("UPDATE leads SET campaign_id = 1 WHERE id = 1")
                paths = list(self.paths(client))
                self.assertGreater(len(paths), 30)
                before = {path: self.cost(client, path) for _, path in paths}
                self.assertEqual({template: before[path] for template, path in paths
                                  if before[path] > LOOK_UP + MORE.get(template, LIST_MOST)}, {})
                self.fill(service)
                after = {path: self.cost(client, path) for _, path in paths}
                self.assertEqual({path: count for path, count in after.items() if count > before[path] + SPARE}, {})


if __name__ == "__main__":
    unittest.main()
