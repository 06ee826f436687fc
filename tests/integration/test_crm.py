"""The CRM Portal over HTTP: customers, orders, their status, failures of the synchronisation."""

import json
import time
import unittest

from support.harness import IS_ORACLE, Instance, moment

WRITE = {"X-Requested-With": "test"}


class Portal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())
        cls.crm = cls.instance.crm
        cls.admin = cls.enterClassContext(cls.crm.sign_in())
        cls.service = cls.enterClassContext(cls.crm.client(internal=True))
        cls.nobody = cls.enterClassContext(cls.crm.client())

    def new_customer(self, email):
        answer = self.service.post("/api/customers", {"name": "Some One", "email": email})
        self.assertEqual(answer.status, 200, answer)
        return answer.json["customer_id"]

    def new_order(self, **more):
        body = {"customer_id": 1, "items": [{"product_id": 1, "quantity": 2}], **more}
        answer = self.service.post("/api/orders", body)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def test_without_credentials_only_the_open_routes_answer(self):
        self.assertEqual(self.nobody.readiness().status, 200)
        for path in ("/api/auth/session", "/api/observability/360",
                     "/api/observability/360/app-health", "/api/observability/360/db-health",
                     "/api/observability/360/security", "/api/observability/360/sync-health"):
            self.assertEqual(self.nobody.get(path).status, 200, path)
        for path in ("/api/customers", "/api/customers/1", "/api/orders", "/api/orders/1",
                     "/api/orders/backlog", "/api/orders/security/summary",
                     "/api/orders/sync/audit", "/api/products", "/api/products/1",
                     "/api/analytics/funnel", "/api/analytics/geo", "/api/admin/db-status"):
            self.assertEqual(self.nobody.get(path).status, 401, path)

    def test_the_360_page_tells_strangers_less(self):
        self.assertNotIn("pools", self.nobody.get("/api/observability/360").json["db_health"])
        full = self.admin.get("/api/observability/360").json
        self.assertEqual(len(full["db_health"]["pools"]), 2)
        self.assertEqual(full["integration_health"]["drone_shop"]["circuit_breaker"]["state"],
                         "closed")

    def test_signing_in_and_out(self):
        with self.crm.sign_in() as client:
            self.assertEqual(client.get("/api/auth/session").json["username"], "admin")
            self.assertEqual(client.post("/api/auth/logout", headers=WRITE).status, 200)
            self.assertFalse(client.get("/api/auth/session").json["authenticated"])
            self.assertEqual(client.get("/api/customers").status, 401)

    def test_a_name_goes_before_the_address_of_somebody_else(self):
        for name, email, password_hash in (("'somebody'", "'who@else.example'", "'!'"),
                                           ("'who@else.example'", "'own@else.example'", "password_hash")):
            self.crm.execute("INSERT INTO users (username, email, password_hash, role) "
                             f"SELECT {name}, {email}, {password_hash}, 'viewer' FROM users WHERE username = 'admin'")
        with self.crm.sign_in("WHO@else.example") as client:
            self.assertEqual(client.get("/api/auth/session").json["username"], "who@else.example")

    def test_db_status_shows_the_tags_of_this_request(self):
        answer = self.admin.get("/api/admin/db-status")
        self.assertEqual(answer.json["module"], "enterprise-crm-portal")
        self.assertEqual(answer.json["action"], "GET /api/admin/db-status")
        self.assertEqual(answer.json["client_identifier"], answer.headers["x-trace-id"])

    def test_customers_are_searched_as_they_are_typed(self):
        self.service.post("/api/customers", {"name": "Miles O'Brien", "email": "Miles@DS9.example"})
        for search, found in (("o%27bri", 1), ("MILES@ds9", 1), ("o_bri", 0), ("%25", 0)):
            answer = self.admin.get(f"/api/customers?search={search}")
            self.assertEqual((answer.status, answer.json["total"]), (200, found), search)
        self.assertEqual(self.admin.get("/api/customers?email=MILES@ds9.example").json["total"], 1)

    def test_customers_are_sorted_either_way(self):
        for field in ("name", "email", "revenue", "created_at", "updated_at", "id"):
            ups = self.admin.get(f"/api/customers?sort_by={field}").json["customers"]
            downs = self.admin.get(f"/api/customers?sort_by={field}&order=desc").json["customers"]
            self.assertEqual([c[field] for c in ups], sorted(c[field] for c in ups))
            self.assertEqual([c[field] for c in downs],
                             sorted((c[field] for c in downs), reverse=True))

    def test_one_address_is_one_customer(self):
        first = self.new_customer(" One@Example.org ")
        second = self.new_customer("two@example.org")
        again = self.service.post("/api/customers", {"name": "X", "email": "ONE@example.org"})
        self.assertEqual(again.status, 409)
        moved = self.service.call("PUT", f"/api/customers/{second}", {"email": "one@example.org"})
        self.assertEqual(moved.status, 409)
        changed = self.service.call("PUT", f"/api/customers/{first}", {"company": "Acme"})
        self.assertEqual(changed.status, 200)
        customer = self.service.get(f"/api/customers/{first}").json["customer"]
        self.assertEqual((customer["email"], customer["company"], customer["name"]),
                         ("one@example.org", "Acme", "Some One"))

    def test_of_two_who_change_a_customer_one_is_told(self):
        path = f"/api/customers/{self.new_customer('edited@example.org')}"
        shown = self.service.get(path)
        seen = {"If-Match": shown.headers["etag"]}
        self.assertEqual(self.service.get(path, headers={"If-None-Match": shown.headers["etag"]}).status, 304)
        first = self.service.call("PUT", path, {"company": "Acme"}, headers=seen)
        second = self.service.call("PUT", path, {"company": "Other", "phone": "2"}, headers=seen)
        self.assertEqual((first.status, second.status), (200, 412), second)
        now = self.service.get(path)
        self.assertEqual((now.json["customer"]["company"], now.json["customer"]["phone"]), ("Acme", shown.json["customer"]["phone"]))
        self.assertEqual((first.raw, first.headers["etag"]), (now.raw, now.headers["etag"]))
        again = self.service.call("PUT", path, {"phone": "2"}, headers={"If-Match": first.headers["etag"]})
        self.assertEqual((again.status, again.json["customer"]["phone"], again.json["customer"]["company"]), (200, "2", "Acme"))
        self.assertEqual(self.service.call("PUT", path, {"phone": "3"}).status, 200)
        self.assertEqual(self.service.call("PUT", "/api/customers/999999", {"phone": "3"}, headers=seen).status, 404)

    def test_each_member_of_a_customer_changes_by_itself(self):
        kept = {"name": "Whole", "email": "whole@example.org", "phone": "1", "company": "One", "industry": "A",
                "revenue": 10, "notes": "first"}
        customer = self.service.post("/api/customers", kept).json["customer_id"]
        changes = {"name": "Other", "email": "other@example.org", "phone": "2", "company": "Two" if IS_ORACLE else "", "industry": "B",
                   "revenue": 20.5, "notes": "second"}
        for member, value in changes.items():
            self.service.call("PUT", f"/api/customers/{customer}", {member: value})
            kept[member] = value
            found = self.service.get(f"/api/customers/{customer}").json["customer"]
            self.assertEqual({name: found[name] for name in kept}, kept)

    def test_a_repeated_key_makes_one_customer(self):
        body = {"name": "Once", "email": "once@example.org"}
        headers = {"Idempotency-Key": "key-of-once"}
        first = self.service.post("/api/customers", body, headers=headers)
        second = self.service.post("/api/customers", body, headers=headers)
        self.assertEqual(first.json, second.json)
        self.assertEqual(second.headers["idempotency-replayed"], "true")

    def test_products_come_by_category_and_name(self):
        products = self.admin.get("/api/products?limit=500").json["products"]
        self.assertGreater(len({product["category"] for product in products}), 1)
        order = [(product["category"] or "", product["name"], product["id"]) for product in products]
        self.assertEqual(order, sorted(order))
        pages = [self.admin.get(f"/api/products?limit=5&offset={at}").json["products"] for at in (0, 5, 10)]
        self.assertEqual([product["id"] for page in pages for product in page], [row[2] for row in order][:15])

    def test_each_line_of_an_order_is_checked_and_named(self):
        good = {"product_id": 1, "quantity": 1}
        for wrong, member in (({**good, "quantity": 0}, "quantity"), ({**good, "quantity": -1}, "quantity"),
                              ({"quantity": 1}, "product_id")):
            for at in range(3):
                answer = self.service.post("/api/orders", {
                    "customer_id": 1, "items": [good] * at + [wrong] + [good] * (2 - at)})
                self.assertEqual(answer.status, 422, answer)
                self.assertEqual(answer.json["errors"][0]["pointer"], f"/items/{at}/{member}", answer)
            answer = self.service.post("/api/orders", {"customer_id": 1, **wrong})
            self.assertEqual(answer.status, 422, answer)

    def test_prices_and_totals_are_the_servers(self):
        price = self.admin.get("/api/products/1").json["product"]["price"]
        cheap = {"customer_id": 1, "items": [{"product_id": 1, "quantity": 2, "unit_price": 0.01}]}
        made = self.admin.post("/api/orders", cheap, headers=WRITE)
        self.assertEqual(made.json["total"], 2 * price, made)
        forged = self.admin.post("/api/orders", dict(cheap, total=0.02), headers=WRITE)
        self.assertEqual(forged.status, 422)
        negative = {"customer_id": 1, "product_id": 1, "quantity": -1}
        self.assertEqual(self.service.post("/api/orders", negative).status, 422)
        self.assertIn("mass_assignment", self.crm.log())
        unknown = dict(cheap, items=[{"sku": "NOT-THERE", "quantity": 1}])
        self.assertEqual(self.admin.post("/api/orders", unknown, headers=WRITE).status, 422)
        self.assertEqual(self.service.post("/api/orders", dict(cheap, customer_id=99999)).status, 404)

    def test_a_total_may_be_off_by_a_cent(self):
        price = self.admin.get("/api/products/1").json["product"]["price"]
        lines = {"customer_id": 1, "items": [{"product_id": 1, "quantity": 2}]}
        for client, more, sum_ in ((self.admin, {}, 2 * price), (self.service, {}, 2 * price),
                                   # discount and shipping are the shop's to say
                                   (self.admin, {"discount": 1, "shipping_cost": 3}, 2 * price),
                                   (self.service, {"discount": 1, "shipping_cost": 3}, 2 * price + 2),
                                   (self.service, {"discount": 2 * price + 1, "shipping_cost": 3}, 3)):
            for off, status in ((0, 200), (0.01, 200), (-0.01, 200), (0.02, 422), (-0.02, 422)):
                told = dict(lines, total=round(sum_ + off, 2), **more)
                answer = client.post("/api/orders", told, headers=WRITE)
                self.assertEqual(answer.status, status, (told, answer))
                if status == 200:
                    self.assertAlmostEqual(answer.json["total"], sum_, places=2)
                    self.assert_stored(answer.json["order_id"], sum_, 2 * price,
                                       more if client is self.service else {})

    def assert_stored(self, order, total, subtotal, more):
        row = self.crm.query("SELECT total, subtotal, discount, shipping_cost FROM orders WHERE id = ?", order)[0]
        expected = (total, subtotal, more.get("discount", 0), more.get("shipping_cost", 0))
        self.assertEqual(tuple(row), tuple(round(100 * amount) for amount in expected))

    def test_an_order_whose_parts_cannot_be_written_is_not_there(self):
        body = {"customer_id": 1, "source_system": "octo-drone-shop", "source_order_id": 900100,
                "idempotency_token": "token-of-parts",
                "items": [{"product_id": 1, "quantity": 1, "unit_price": 2},
                          {"sku": "NEW-78", "quantity": 1, "unit_price": 2.5}]}
        for event, table, condition in (
                ("INSERT", "idempotency_keys", "NEW.scope = 'order-token'"),
                ("INSERT", "products", "NEW.price > 0"),
                ("INSERT", "orders", "NEW.source_order_id = 900100"),
                ("INSERT", "order_items", "NEW.sku = 'NEW-78'"),
                ("UPDATE", "idempotency_keys", "NEW.scope = 'order-token'"),
                ("INSERT", "audit_logs", "NEW.http_status IS NULL")):
            self.crm.poison(event, table, condition)
            answer = self.service.post("/api/orders", body)
            self.crm.cure(table)
            self.assertGreaterEqual(answer.status, 400, (event, table, answer))
            for rows in ("orders WHERE source_order_id = 900100", "order_items WHERE sku = 'NEW-78'",
                         "products WHERE name = 'NEW-78'",
                         "idempotency_keys WHERE key = 'token-of-parts'"):
                self.assertEqual(self.crm.value(f"SELECT count(*) FROM {rows}"), 0, (table, rows))
        self.assertEqual(self.service.post("/api/orders", body).json["status"], "created")

    def test_an_order_pushed_twice_is_one_order(self):
        body = {"customer_id": 1, "source_system": "octo-drone-shop", "source_order_id": 900001,
                "idempotency_token": "token-of-it",
                "items": [{"sku": "NEW-77", "quantity": 3, "unit_price": 2.5}]}
        first, second = (self.service.post("/api/orders", body).json for _ in range(2))
        by_token = self.service.post("/api/orders", {**body, "source_order_id": 900002}).json
        self.assertEqual((first["status"], first["total"]), ("created", 7.5))
        self.assertEqual((second["status"], by_token["status"]), ("duplicate", "duplicate"))
        self.assertEqual({first["order_id"]}, {second["order_id"], by_token["order_id"]})
        row = self.crm.query("SELECT * FROM orders WHERE id = ?", first["order_id"])[0]
        self.assertEqual(json.loads(row["source_payload"]), body)
        for column in ("source_customer_email", "correlation_id", "last_synced_at"):
            self.assertTrue(row[column], column)

    def test_one_order_names_the_statements_that_read_it(self):
        order = self.admin.get(f"/api/orders/{self.new_order()['order_id']}").json["order"]
        self.assertEqual(len(order["items"]), 1)
        self.assertEqual(len(order["db_drilldown"]["sql_ids"]), 3)
        self.assertRegex(order["db_drilldown"]["sql_ids"][0], "^[0-9a-z]{13}$")
        self.assertRegex(order["telemetry"]["traceparent"], "^00-[0-9a-f]{32}-[0-9a-f]{16}-03$")

    def test_a_status_moves_forward_only(self):
        path = f"/api/orders/{self.new_order()['order_id']}/status"
        for status, answer in (("processing", 200), ("processing", 200), ("shipped", 200),
                               ("pending", 409), ("lost", 422), ("delivered", 200),
                               ("completed", 200), ("cancelled", 409)):
            self.assertEqual(self.service.call("PATCH", path, {"status": status}).status, answer,
                             status)
        self.assertEqual(
            self.service.call("PATCH", "/api/orders/99999/status", {"status": "shipped"}).status, 404)

    def test_every_list_counts_what_it_filters(self):
        self.new_order()
        for query, where in (("", "1 = 1"), ("status=pending&", "status = 'pending'"),
                             ("sync_status=local&", "sync_status = 'local'"),
                             ("backlog_only=true&", "backlog_status = 'backlog'"),
                             ("customer_id=1&", "customer_id = 1"),
                             ("source_system=enterprise-crm&", "source_system = 'enterprise-crm'"),
                             ("customer_id=1&status=pending&sync_status=local&backlog_only=true&",
                              "customer_id = 1 AND status = 'pending' AND sync_status = 'local'")):
            expected = self.crm.value(f"SELECT count(*) FROM orders WHERE {where}")
            answer = self.admin.get(f"/api/orders?{query}limit=1").json
            self.assertEqual((answer["total"], answer["count"]), (expected, 1), query)
        self.assertEqual(self.admin.get("/api/orders?status=nonsense").status, 422)


class FailedOrders(unittest.TestCase):
    """One order that cannot be stored never stops the others, and is tried again."""

    def setUp(self):
        self.instance = self.enterContext(Instance())
        self.crm = self.instance.crm
        self.service = self.enterContext(self.crm.client(internal=True))

    def sync(self, query=""):
        answer = self.service.post(f"/api/orders/sync{query}")
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def row(self, order):
        return self.crm.query("SELECT * FROM orders WHERE source_order_id = ?", order)[0]

    def test_a_new_order_that_fails_is_stored_later(self):
        total = self.instance.shop.value("SELECT count(*) FROM orders")
        self.crm.poison("INSERT", "orders", "NEW.source_order_id = 3")
        first = self.sync()
        self.assertEqual((first["created"], first["failed"]), (total - 1, 1))
        failure = self.crm.query("SELECT * FROM sync_failures")[0]
        self.assertEqual((failure["source_order_id"], failure["attempts"]), (3, 1))
        self.assertEqual(json.loads(failure["payload"])["id"], 3)
        trail = self.service.get("/api/orders/sync/audit?source_order_id=3").json["entries"]
        self.assertEqual([e["sync_status"] for e in trail], ["failed"])
        told = self.service.get("/api/orders/sync/failures").json["failures"]
        self.assertEqual([(one["source_order_id"], one["order_id"], one["attempts"]) for one in told], [(3, None, 1)])
        self.assertEqual((told[0]["payload"], told[0]["last_error"]), (failure["payload"], failure["last_error"]))
        self.assertEqual(self.service.get("/api/orders/sync/failures?source_order_id=4").json["failures"], [])
        self.crm.cure("orders")
        self.assertEqual(self.sync()["created"], 0, "it is not due yet")
        self.crm.execute("UPDATE sync_failures SET next_attempt_at = ?", moment(0))
        self.assertEqual(self.sync()["created"], 1)
        self.assertEqual(self.crm.query("SELECT * FROM sync_failures"), [])

    def test_a_stored_order_that_fails_says_so(self):
        self.sync()
        self.crm.poison("UPDATE", "orders",
                        "NEW.source_order_id = 5 AND NEW.sync_status = 'synced'")
        self.instance.shop.execute("UPDATE orders SET status = 'shipped', updated_at = ? "
                                   "WHERE id = 5", moment(time.time()))
        self.assertEqual(self.sync()["failed"], 1)
        self.assertEqual(self.row(5)["sync_status"], "failed")
        self.assertIn("poison", self.row(5)["sync_error"])
        self.assertEqual(self.service.get("/api/orders?sync_status=failed").json["total"], 1)
        self.crm.cure("orders")
        self.assertEqual(self.sync("?full=true")["updated"], 1)
        self.assertEqual((self.row(5)["sync_status"], self.row(5)["status"]), ("synced", "shipped"))

    def test_a_total_that_was_forged_is_kept_and_reported(self):
        self.instance.shop.execute("UPDATE orders SET total = total + 500 WHERE id = 2")
        self.assertEqual(self.sync()["failed"], 0)
        self.assertEqual(self.row(2)["total"],
                         self.instance.shop.value("SELECT total FROM orders WHERE id = 2"))
        self.assertIn("type=mass_assignment severity=high", self.crm.log())


if __name__ == "__main__":
    unittest.main()
