"""Figures for people who watch: each number of the pages that count, from rows that lie on both sides of its limits."""

import contextlib
import os
import pathlib
import sqlite3
import threading
import time
import unittest

from support.harness import IS_SERVER, Instance, checkout_body, moment, patience

HOUR = 3600
UNSOLD = ("cancelled", "refunded", "failed")
CENTS = 1 if IS_SERVER else 100  # a dollar as it is inserted


class Figures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())
        cls.shop, cls.crm = cls.instance.shop, cls.instance.crm
        cls.now = time.time()
        for service in (cls.shop, cls.crm):
            cls.insert_common(service)
        cls.insert_of_shop(cls.shop)
        cls.insert_of_crm(cls.crm)

    @classmethod
    def ago(cls, hours):
        return moment(cls.now - hours * HOUR)

    @classmethod
    def insert_common(cls, service):
        service.insert("products", ("name", "sku", "price", "stock", "is_active"),
                       [("On sale", "FIG-1", 1, 9, 1), ("On sale", "FIG-2", 1, 10, 1), ("Gone", "FIG-3", 1, 0, 0)])
        service.insert("leads", ("email", "status", "customer_id"),
                       [("a@x.example", "converted", 1), ("b@x.example", "converted", 1), ("c@x.example", "converted", 2),
                        ("d@x.example", "converted", None), ("e@x.example", "qualified", 3), ("f@x.example", "new", 4)])
        service.insert("page_views", ("page", "visitor_region", "load_time_ms", "session_id"),
                       [("/", "aa-1", 100, "one"), ("/", "aa-1", 301, "one"), ("/", "bb-1", None, "two"),
                        ("/", None, 7, None), ("/", None, None, None), ("/", "bb-1", 5, "three")])

    @classmethod
    def insert_of_shop(cls, shop):
        shop.insert("orders", ("status", "total", "created_at", "updated_at"),
                    [("completed", 11 * CENTS, cls.ago(1), cls.ago(1)), ("pending", 13 * CENTS, cls.ago(23), cls.ago(23)),
                     ("completed", 17 * CENTS, cls.ago(25), cls.ago(1)), ("failed", 19 * CENTS, cls.ago(25), cls.ago(25))])
        ids = [row[0] for row in shop.query("SELECT id FROM orders ORDER BY id DESC LIMIT 2")]
        shop.insert("order_outbox", ("order_id", "payload", "next_attempt_at", "sent_at"),
                    [(ids[0], "{}", cls.ago(-1), None), (ids[1], "{}", cls.ago(1), cls.ago(1))])
        shop.insert("cart_items", ("session_id", "product_id", "quantity"), [("one", 1, 5), ("one", 2, 1), ("two", 1, 1)])
        shop.insert("cart_sessions", ("session_id",), [("one",), ("two",), ("three",)])
        shop.insert("security_events", ("attack_type", "severity", "endpoint", "source_ip", "product_id", "created_at"),
                    [("xss", "low", "/x", "127.0.0.1", 2, cls.ago(hours)) for hours in (1, 23, 25, 26, 27)])

    @classmethod
    def insert_of_crm(cls, crm):
        crm.insert("orders", ("customer_id", "total", "backlog_status", "source_order_id", "created_at", "updated_at"),
                   [(1, 49999 * CENTS, "backlog", 71, cls.ago(0), cls.ago(25)),
                    (2, 50000 * CENTS, "backlog", None, cls.ago(0.6), cls.ago(23)),
                    (5, 50001 * CENTS, "current", 72, cls.ago(25), cls.ago(1))])
        crm.insert("order_sync_audit", ("source_system", "sync_action", "sync_status", "created_at"),
                   [("octo-drone-shop", "insert", status, cls.ago(hours)) for status, hours in (
                       ("success", 1), ("failed", 23), ("partial", 1), ("success", 25), ("success", 26), ("failed", 27),
                       ("success", 1))])
        crm.insert("shipments", ("order_id", "destination_region"), [(1, "zz-9"), (1, "zz-8")])  # one order goes once
        crm.insert("user_sessions", ("session_id", "user_id", "username", "role", "expires_at"),
                   [("one", 1, "admin", "admin", cls.ago(-1)), ("two", 1, "admin", "admin", cls.ago(1))])

    def numbers(self, service, path):
        with service.client(internal=True) as client:
            answer = client.get(path)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def count(self, service, table, condition="1 = 1", *values):
        return service.value(f"SELECT count(*) FROM {table} WHERE {condition}", *values)

    def counts(self, service, **tables):
        return {name: self.count(service, *of) for name, of in tables.items()}

    def test_what_the_shop_holds(self):
        shop, day = self.shop, self.ago(24)
        health = self.numbers(shop, "/api/observability/360/app-health")
        self.assertEqual(health["entities"], self.counts(
            shop, customers=["customers"], products=["products", "is_active = 1"], orders=["orders"],
            shipments=["shipments"], warehouses=["warehouses"], campaigns=["campaigns"], leads=["leads"],
            page_views=["page_views"], users=["users"]))
        recent = "created_at >= ? AND updated_at >= ?"
        self.assertGreaterEqual(self.count(shop, "orders", recent, day, day), 2)
        self.assertEqual(health["activity"], {
            "orders_24h": self.count(shop, "orders", recent, day, day),
            "revenue_24h": float(shop.value(f"SELECT sum(total) FROM orders WHERE {recent}", day, day)) / 100,
            "cart_lines": 3, "low_stock_products": self.count(shop, "products", "is_active = 1 AND stock < 10"),
            "orders_waiting_for_crm": 1})

    def test_what_the_portal_holds(self):
        crm, day = self.crm, self.ago(24)
        health = self.numbers(crm, "/api/observability/360/app-health")
        self.assertEqual(health["entities"], self.counts(
            crm, customers=["customers"], orders=["orders"], products=["products", "is_active = 1"],
            shipments=["shipments"], campaigns=["campaigns"], leads=["leads"], invoices=["invoices"],
            support_tickets=["support_tickets"], storefronts=["storefronts"]))
        self.assertEqual(health["activity"], {
            "orders_updated_24h": self.count(crm, "orders", "updated_at >= ?", day), "sync_operations_24h": 4,
            "active_sessions": 1, "page_views": self.count(crm, "page_views")})
        self.assertEqual(self.numbers(crm, "/api/observability/360/security")["order_sync_failures"], 2)

    def test_a_database_that_answers_has_no_error(self):
        for service in (self.shop, self.crm):
            health = self.numbers(service, "/api/observability/360/db-health")
            self.assertEqual((health["status"], "error" in health), ("connected", False), health)

    def test_pools_are_as_large_everywhere(self):
        for service in (self.shop, self.crm):
            shown = self.numbers(service, "/api/observability/pools")["pools"]
            self.assertTrue(all(pool["overflow"] > 0 for pool in shown if pool["name"] == "main"), shown)
            bounds = self.numbers(service, "/api/observability/360/db-health")["pools"]
            self.assertEqual([(pool["name"], pool["min"], pool["max"]) for pool in bounds],
                             [(pool["name"], pool["size"], pool["size"] + pool["overflow"]) for pool in shown])

    def test_trouble_with_orders(self):
        crm = self.crm
        suspicious = self.count(crm, "orders", "total >= ?", 50000 * CENTS)
        backlog = self.count(crm, "orders", "backlog_status = 'backlog'")
        summary = self.numbers(crm, "/api/orders/security/summary")
        del summary["thresholds"]
        self.assertEqual(summary, {
            "total_orders": self.count(crm, "orders"), "backlog_orders": backlog, "stale_backlog_orders": backlog - 1,
            "suspicious_totals": suspicious, "failed_syncs": 2})
        health = self.numbers(crm, "/api/observability/360/sync-health")
        self.assertEqual(health["orders"], {"external_total": 2, "backlog": backlog, "suspicious": suspicious})
        self.assertEqual(health["stats"], {
            "total_sync_operations": 7, "successful": 4, "failed": 3, "success_rate_pct": 100 * 4 / 7,
            "last_successful_sync": None})

    def test_attacks_and_the_audit_trail(self):
        events = self.numbers(self.shop, "/api/observability/360/security")["security_events"]
        self.assertEqual(events, {"total": 5, "events_24h": 2})
        with Instance() as other:
            for service, path in ((other.shop, "total"), (other.crm, "total_entries")):
                service.stop()
                first = service.value("SELECT coalesce(max(id), 0) FROM audit_logs")
                service.insert("audit_logs", ("action", "created_at"),
                               [("old", self.ago(25))] * 3 + [("new", self.ago(23))] * 2)
                service.start()
                audit = self.numbers(service, "/api/observability/360/security")["audit"]
                self.assertGreaterEqual(audit[path], first + 5)
                self.assertEqual(audit[path] - audit["entries_24h"], first + 3)

    def test_from_a_look_to_an_order(self):
        shop, crm = self.shop, self.crm
        stages = self.numbers(shop, "/api/analytics/funnel")["funnel"]
        self.assertEqual([stage["count"] for stage in stages], [
            shop.value("SELECT count(DISTINCT session_id) FROM page_views"), self.count(shop, "cart_sessions"),
            self.count(shop, "orders"), self.count(shop, "orders", "status = 'completed'")])
        won = sorted({row[0] for row in crm.query("SELECT customer_id FROM leads WHERE status = 'converted'")} - {None})
        orders = [row[0] for row in crm.query("SELECT customer_id FROM orders")]
        stages = self.numbers(crm, "/api/analytics/funnel")["funnel"]
        self.assertEqual([stage["count"] for stage in stages], [
            self.count(crm, "leads"), self.count(crm, "leads", "status = 'qualified'") +
            self.count(crm, "leads", "status = 'converted'"), len(won), sum(orders.count(one) for one in won)])

    def test_where_visitors_come_from(self):
        for service in (self.shop, self.crm):
            regions = {}
            for region, took in service.query("SELECT visitor_region, load_time_ms FROM page_views"):
                regions.setdefault(region, []).append(took)
            expected = []
            for region, views in regions.items():
                took = [ms for ms in views if ms is not None]
                expected.append({"visitor_region": region, "view_count": len(views),
                                 "avg_load_time": sum(took) / len(took), "min_load_time": min(took),
                                 "max_load_time": max(took)})
            expected.sort(key=lambda row: (-row["view_count"], row["visitor_region"] or ""))
            geo = self.numbers(service, "/api/analytics/geo")
            self.assertEqual(geo, {"regions": expected, "total": len(expected)})
            one = next(row for row in expected if row["visitor_region"] == "aa-1")
            self.assertEqual(self.numbers(service, "/api/analytics/geo?region=aa-1"), {"regions": [one], "total": 1})

    def sold(self, service):
        """(customer, cents) of each order that brought something."""
        return [(customer, total) for customer, status, total in service.query(
            "SELECT customer_id, status, total FROM orders") if status not in UNSOLD]

    def test_overview(self):
        for service in (self.shop, self.crm):
            def count(rest, service=service):
                return service.value(f"SELECT count(*) FROM {rest}")

            self.assertEqual(self.numbers(service, "/api/analytics/overview"), {
                "total_customers": count("customers"), "total_orders": count("orders"),
                "total_revenue": sum(total for _, total in self.sold(service)) / 100,
                "total_products": count("products WHERE is_active = 1"), "total_campaigns": count("campaigns"),
                "active_campaigns": count("campaigns WHERE status = 'active'"), "total_shipments": count("shipments"),
                "shipments_in_transit": count("shipments WHERE status IN ('shipped', 'in_transit')"),
                "total_leads": count("leads")})

    def assert_orders(self, service, told):
        sold = self.sold(service)
        revenue = sum(total for _, total in sold)
        statuses = dict(service.query("SELECT status, count(*) FROM orders GROUP BY status"))
        self.assertEqual(told["orders"], {
            "status_breakdown": statuses, "total": sum(statuses.values()), "revenue": revenue / 100,
            "average": (2 * revenue + len(sold)) // (2 * len(sold)) / 100})
        newest = service.query("SELECT id FROM orders ORDER BY id DESC LIMIT 10")
        self.assertEqual([order["id"] for order in told["recent_orders"]], [row[0] for row in newest])
        bought = {}
        for customer, total in sold:
            bought[customer] = bought.get(customer, 0) + total
        bought.pop(None, None)
        best = sorted(bought, key=lambda customer: (-bought[customer], customer))[:5]
        self.assertEqual([(row["customer_id"], row["revenue"]) for row in told["top_customers"]],
                         [(customer, bought[customer] / 100) for customer in best])

    def test_the_dashboard_of_the_shop(self):
        told = self.numbers(self.shop, "/api/dashboard/summary")
        self.assert_orders(self.shop, told)
        self.assertEqual(told["products"]["low_stock"],
                         self.shop.value("SELECT count(*) FROM products WHERE is_active = 1 AND stock < 10"))
        self.assertEqual((told["customers"]["total"], told["tickets"]["total"]),
                         tuple(self.shop.value(f"SELECT count(*) FROM {name}") for name in ("customers", "tickets")))
        self.assertEqual(told["customers"]["companies"], self.shop.value("SELECT count(DISTINCT company) FROM customers"))
        self.assertEqual((told["tickets"]["open"], told["backlog"]), (
            self.shop.value("SELECT count(*) FROM tickets WHERE status IN ('open', 'in_progress')"),
            self.shop.value("SELECT count(*) FROM orders WHERE status IN ('pending', 'queued', 'processing')")))

    def test_the_dashboard_of_the_portal(self):
        told = self.numbers(self.crm, "/api/dashboard/summary")
        self.assert_orders(self.crm, told)
        self.assertEqual(told["tickets"], dict(self.crm.query("SELECT status, count(*) FROM support_tickets GROUP BY status")))
        self.assertEqual(told["open_tickets"], told["tickets"].get("open", 0) + told["tickets"].get("in_progress", 0))
        self.assertEqual(told["security"], self.numbers(self.crm, "/api/orders/security/summary"))
        listed = self.numbers(self.crm, "/api/invoices?limit=500")["invoices"]
        self.assertEqual({row["status"]: (row["count"], row["total"]) for row in told["invoices"]}, {
            status: (len(same), round(sum(row["total"] for row in same), 2))
            for status in {row["status"] for row in listed}
            for same in [[row for row in listed if row["status"] == status]]})

    def test_where_what_was_sold_goes(self):
        goes = {}
        for order, status, total, region in self.crm.query(
                "SELECT o.id, o.status, o.total, s.destination_region FROM orders o LEFT JOIN shipments s "
                "ON s.order_id = o.id ORDER BY o.id, s.id"):
            if status not in UNSOLD:
                goes.setdefault(order, (region, total))
        told = self.numbers(self.crm, "/api/analytics/revenue-by-region")["regions"]
        self.assertEqual({row["destination_region"]: (row["order_count"], row["total_revenue"]) for row in told}, {
            region: (len(totals), sum(totals) / 100) for region in {region for region, _ in goes.values()}
            for totals in [[total for there, total in goes.values() if there == region]]})

    def test_attacks_and_what_they_were_about(self):
        with self.shop.sign_in() as client:
            told = client.get("/api/analytics/security/correlations").json
        row = next(row for row in told["correlations"] if row["product_id"] == 2)
        units, cents = self.shop.query("SELECT coalesce(sum(quantity), 0), coalesce(sum(quantity * unit_price), 0) "
                                       "FROM order_items WHERE product_id = 2")[0]
        self.assertGreater(units, 0)
        self.assertEqual((row["severity"], row["event_count"], row["observed_order_units"], row["observed_order_value"]),
                         ("low", 5, units, cents / 100))
        covered = next(row for row in told["product_coverage"] if row["id"] == 2)
        self.assertEqual((covered["security_event_count"], covered["units_ordered"]), (5, units))
        self.assertEqual(sum(row["event_count"] for row in told["correlations"]),
                         self.shop.value("SELECT count(*) FROM security_events"))


class Counters(unittest.TestCase):
    """Those of /metrics, before and after what they count."""

    @classmethod
    def setUpClass(cls):
        cls.started, cls.began = time.monotonic(), time.time()
        cls.instance = cls.enterClassContext(Instance(OCTO_CORE_DUMPS="true"))  # who is not root counts descriptors only so
        cls.shop = cls.instance.shop

    def read(self, client):
        """{name with its attributes: value}"""
        lines = client.get("/metrics").raw.decode().splitlines()
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[:1] != "#")}

    def changes(self, client, work):
        before = self.read(client)
        work()
        after = self.read(client)
        return {name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name, 0)}

    def test_what_is_sold(self):
        def shopping():
            for product in (1, 2, 2):
                client.post("/api/cart/add", {"product_id": product})
            client.post("/api/cart/add", {"product_id": 999999})
            for body in (checkout_body(), checkout_body("another@example.com"), checkout_body(
                    items=[{"product_id": 1, "quantity": 20}] * 2)):
                answer = client.post("/api/shop/checkout", body)
                worth.append(answer.json.get("total", 0))
            for password in ("correct-horse-battery", "wrong", "wrong"):
                client.post("/api/auth/login", {"username": "admin", "password": password})

        worth = []
        with self.shop.client(internal=True) as client:
            changes = self.changes(client, shopping)
        self.assertEqual({name: value for name, value in changes.items()
                          if "_business_" in name and "_security_" not in name}, {
            "shop_business_orders_total": 2, "shop_business_order_value_cents_total": round(sum(worth) * 100),
            "shop_business_checkout_failures_total": 1, "shop_business_cart_additions_total": 3,
            'shop_business_logins_total{result="success"}': 1, 'shop_business_logins_total{result="failure"}': 2})

    def test_what_the_portal_does(self):
        def work():
            for _ in range(3):
                order = client.post("/api/orders", {"customer_id": 1, "product_id": 1}).json["order_id"]
                made.append(client.post("/api/invoices", {"order_id": order, "tax_percent": 10}).json)
            paths = [f"/api/invoices/{invoice['invoice_id']}/pay" for invoice in made[:2]]
            for path in (paths[0], paths[0], paths[1], paths[1]):  # each once, and once in vain
                client.post(path)
            for _ in range(2):  # one, and its answer again
                client.post("/api/tickets", {"subject": "Late parcel"}, headers={"Idempotency-Key": "one-ticket-only"})
            client.post("/api/reports/execute", {"query": "orders"})
            client.post("/api/reports/execute", {"query": "orders", "parameters": {"since": "soon"}})

        made = []
        with self.instance.crm.sign_in() as client:
            changes = self.changes(client, work)
        self.assertEqual({name: value for name, value in changes.items()
                          if "_business_" in name and "_security_" not in name}, {
            "crm_business_invoices_total": 3, "crm_business_invoices_paid_total": 2,
            "crm_business_invoices_paid_cents_total": round(sum(invoice["total"] for invoice in made[:2]) * 100),
            "crm_business_tickets_total": 1, "crm_business_reports_total": 1})

    def test_what_is_asked(self):
        def look():
            for path in ("/api/products/1", "/api/products/2", "/api/products/999999", "/api/products/none"):
                client.get(path)

        with self.shop.client(internal=True) as client:
            changes = self.changes(client, look)
        route = '{route="/api/products/{product_id}",method="GET"'
        self.assertEqual({name: value for name, value in changes.items() if route in name and "seconds" not in name}, {
            f'shop_http_requests_total{route},status="{status}"}}': count
            for status, count in ((200, 2), (404, 1), (422, 1))})
        timed = 'http_server_request_duration_seconds_count{http_route="/api/products/{product_id}",'
        self.assertEqual({name[len(timed):]: value for name, value in changes.items() if name.startswith(timed)}, {
            f'http_request_method="GET",http_response_status_code="{status}",url_scheme="http"}}': count
            for status, count in ((200, 2), (404, 1), (422, 1))})

    @unittest.skipIf(IS_SERVER, "which has no line of writers to count")
    def test_readiness_costs_no_write_where_something_was_stored_before(self):
        def look():
            client.post("/api/cart/add", {"product_id": 1})
            for _ in range(40):
                self.assertEqual(client.readiness().status, 200)

        with self.shop.client(internal=True) as client:
            changes = self.changes(client, look)
        self.assertLess(changes['db_write_units_total{service="shop"}'], 20)

    @unittest.skipIf(IS_SERVER, "a file has one writer, whom others wait for")
    def test_who_waits_for_the_writer_has_a_connection(self):
        crm = self.instance.crm
        with contextlib.closing(sqlite3.connect(crm.data / "crm.db", isolation_level=None)) as holder, \
                crm.sign_in() as admin, crm.client(internal=True) as waiter:
            holder.execute("BEGIN IMMEDIATE")
            waiting = threading.Thread(target=waiter.post, args=("/api/orders", {"customer_id": 1, "product_id": 1}))
            waiting.start()
            deadline = time.monotonic() + patience(30)
            status = {"active_connections": 0}
            while status["active_connections"] == 0 and time.monotonic() < deadline:
                status = admin.get("/api/admin/db-status").json
            holder.execute("ROLLBACK")
            waiting.join()
        self.assertGreater(status["active_connections"], 0)
        self.assertEqual(status["active_connections"], sum(pool["in_use"] for pool in status["pools"]))

    def test_nothing_takes_longer_than_there_was(self):
        for service in (self.instance.shop, self.instance.crm):
            with service.client(internal=True) as client:
                client.get("/api/products")
                numbers = self.read(client)
            sums = [name for name in numbers if "_seconds_sum" in name]
            self.assertGreater(len(sums), 10)
            for name in sums:
                most = numbers[name.replace("_seconds_sum", "_seconds_count")] * (time.monotonic() - self.started)
                self.assertLessEqual(numbers[name], most, name)

    def test_what_the_process_has(self):
        for service in (self.instance.shop, self.instance.crm):
            with service.client(internal=True) as client:
                for _ in range(100):  # in the background files are opened, too
                    numbers = self.read(client)
                    there = len(os.listdir(f"/proc/{service.process.pid}/fd"))
                    if numbers["process_open_fds"] == there:
                        break
            self.assertEqual(numbers["process_open_fds"], there)
            self.assertAlmostEqual(numbers["process_start_time_seconds"], self.began, delta=600)
            self.assertLess(numbers["process_cpu_seconds_total"], os.cpu_count() * (time.monotonic() - self.started))
            pages = int(pathlib.Path(f"/proc/{service.process.pid}/statm").read_text(encoding="ascii").split()[1])
            self.assertAlmostEqual(numbers["process_resident_memory_bytes"] / os.sysconf("SC_PAGE_SIZE"), pages,
                                   delta=pages / 4)


if __name__ == "__main__":
    unittest.main()
