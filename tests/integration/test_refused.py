"""What the database refuses is told, whatever statement of a request it is: no answer is made of what is missing,
and nothing of a change stays that was not made whole."""

import contextlib
import signal
import unittest
import uuid

from support import postgres
from support.harness import IS_POSTGRES, Instance, checkout_body

ORDER = "orders customers shipments products order_items"

# What is asked, and the tables without which there is no answer.
READS = {
    "shop": {
        "/api/auth/profile": "users user_sessions",
        "/api/products": "products",
        "/api/products?search=a": "products",
        "/api/products?limit=1": "products",
        "/api/products/1": "products",
        "/api/categories": "products",
        "/api/shop/featured": "products",
        "/api/shop/storefront": "products orders",
        "/api/cart?session_id=00000000-0000-4000-8000-000000000000": "products cart_items",
        "/api/orders": ORDER,
        "/api/orders?status=pending&limit=1": ORDER,
        "/api/orders?customer_id=1&limit=1": ORDER,
        "/api/orders?updated_since=2020-01-01T00:00:00Z&limit=1": ORDER,
        "/api/orders/1": ORDER,
        "/api/analytics/security/events": "security_events users user_sessions",
        "/api/analytics/geo?region=eu-west-1": "page_views",
        "/api/analytics/funnel": "orders page_views cart_sessions",
    },
    "crm": {
        "/api/observability/360/sync-health": "orders order_sync_audit sync_state",
        "/api/customers": "customers",
        "/api/customers?search=a": "customers",
        "/api/customers?email=a@b.example": "customers",
        "/api/customers/1": "customers",
        "/api/orders": "orders customers",
        "/api/orders?source_system=a": "orders customers",
        "/api/orders?status=pending": "orders customers",
        "/api/orders?sync_status=failed": "orders customers",
        "/api/orders?customer_id=1": "orders customers",
        "/api/orders/backlog": "orders customers",
        "/api/orders/security/summary": "orders order_sync_audit",
        "/api/orders/sync/audit": "order_sync_audit",
        "/api/orders/1": ORDER,
        "/api/products": "products storefronts",
        "/api/products/1": "products storefronts",
        "/api/analytics/geo?region=eu-west-1": "page_views",
        "/api/analytics/funnel": "orders leads",
        "/api/admin/db-status": "users user_sessions",
    },
}
HOME = {"shop": ("orders", "products"), "crm": ("orders",)}  # of the page that says what it is, and is shown all the same
ABOUT = {"shop": "/", "crm": "/about"}
OF_PEOPLE = ("/api/auth/profile", "/api/analytics/security/events", "/api/admin/db-status")
WRITE = {"X-Requested-With": "test"}
LOGIN = {"username": "admin", "password": "correct-horse-battery"}


def assert_refused(test, answer, statuses, where):
    test.assertIn(answer.status, statuses, (where, answer.status))
    test.assertEqual(answer.headers["content-type"], "application/problem+json", where)
    test.assertEqual(answer.json["status"], answer.status, where)


class Reads(unittest.TestCase):
    @contextlib.contextmanager
    def clients(self, service):
        """Of the other service and of a person, by what is asked."""
        with service.client(internal=True) as internal, service.sign_in() as person:
            yield lambda path: person if path in OF_PEOPLE else internal

    @unittest.skipIf(IS_POSTGRES, "whose prepared statements find a table also when it is renamed")
    def test_a_table_is_missing(self):
        with Instance() as instance:
            for service in (instance.shop, instance.crm):
                reads = {path: tables.split() for path, tables in READS[service.name].items()}
                with self.clients(service) as client_of:
                    for table in sorted({table for tables in reads.values() for table in tables}):
                        service.execute(f"ALTER TABLE {table} RENAME TO away")
                        for path, tables in reads.items():
                            answer = client_of(path).get(path)
                            if table in tables:
                                assert_refused(self, answer, (500, 503), (path, table))
                            else:
                                self.assertEqual(answer.status, 200, (path, table))
                        page = client_of("/").get(ABOUT[service.name]).raw
                        self.assertEqual(b"The database answers" in page, table not in HOME[service.name], table)
                        service.execute(f"ALTER TABLE away RENAME TO {table}")

    @unittest.skipUnless(IS_POSTGRES, "a file does not go away")
    def test_the_server_is_gone(self):
        cluster = postgres.Cluster()
        with Instance(cluster=cluster) as instance:
            for service in (instance.shop, instance.crm):
                with self.clients(service) as client_of:
                    cluster.end_server(signal.SIGINT)
                    for path in READS[service.name]:
                        for _ in range(3):  # sessions that were there, and those that cannot be opened
                            assert_refused(self, client_of(path).get(path), (503,), path)
                    cluster.start_server()


class Changes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())
        cls.shop, cls.crm = cls.instance.shop, cls.instance.crm

    def state(self, service):
        own = ("cart_items", "cart_sessions") if service is self.shop else ()
        tables = ("orders", "customers", "shipments", "order_items", "page_views", "user_sessions", *own)
        return [service.value(f"SELECT count(*) FROM {table}") for table in tables] + \
            [service.value("SELECT sum(stock) FROM products"),
             service.query("SELECT id, name, email, company FROM customers ORDER BY id"),
             service.query("SELECT id, status FROM orders ORDER BY id")]

    def assert_whole_or_not(self, service, ask, *parts):
        """Where one of the parts, each an event on a table, is refused, nothing has happened; else it happens."""
        for part in parts:
            event, table = part.split(" ")
            before = self.state(service)
            service.poison(event, table, "1 = 1")
            try:
                assert_refused(self, ask(), (422, 500), part)
            finally:
                service.cure(table)
            self.assertEqual(self.state(service), before, part)
        answer = ask()
        self.assertLess(answer.status, 300, answer)

    def test_a_purchase(self):
        with self.shop.client() as client:
            def buy():
                return client.post("/api/shop/checkout", checkout_body(f"{uuid.uuid4()}@x.example"))

            self.assert_whole_or_not(self.shop, buy, "INSERT customers", "INSERT orders", "INSERT order_items",
                                     "INSERT shipments", "UPDATE products")

    def test_a_cart(self):
        with self.shop.client() as client:
            def add():
                return client.post("/api/cart/add", {"product_id": 3})

            def remove():
                return client.call("DELETE", f"/api/cart/{added['item']['id']}?session_id={added['session_id']}")

            self.assert_whole_or_not(self.shop, add, "INSERT cart_items", "INSERT cart_sessions")
            added = add().json
            self.assert_whole_or_not(self.shop, remove, "DELETE cart_items")

    def test_views_and_sessions(self):
        for service in (self.shop, self.crm):
            with service.client() as client:
                self.assert_whole_or_not(service, lambda: client.post("/api/analytics/track", {"page": "/"}),
                                         "INSERT page_views")
                self.assert_whole_or_not(service, lambda: client.post("/api/auth/login", LOGIN),
                                         "INSERT user_sessions", "UPDATE users")
            with service.sign_in() as person:
                self.assert_whole_or_not(service, lambda: person.post("/api/auth/logout", {}, headers=WRITE),
                                         "DELETE user_sessions")

    def test_customers_and_orders_of_the_portal(self):
        with self.crm.client(internal=True) as client:
            def add():
                return client.post("/api/customers", {"name": "A", "email": f"{uuid.uuid4()}@x.example"})

            def order():
                return client.post("/api/orders", {"customer_id": 1, "product_id": 1, "quantity": 1})

            self.assert_whole_or_not(self.crm, add, "INSERT customers")
            self.assert_whole_or_not(self.crm, lambda: client.call("PUT", "/api/customers/1", {"name": "B"}),
                                     "UPDATE customers")
            self.assert_whole_or_not(self.crm, order, "INSERT orders", "INSERT order_items")
            made = order().json["order_id"]
            self.assert_whole_or_not(
                self.crm, lambda: client.call("PATCH", f"/api/orders/{made}/status", {"status": "queued"}),
                "UPDATE orders")


if __name__ == "__main__":
    unittest.main()
