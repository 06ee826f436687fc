"""Writers that want the same rows queue: nobody waits for a row while he holds one that comes after it.

A session of the test's own takes the first row by hand and waits until the service stands behind it; then
the last row has to be free.
"""

import contextlib
import hashlib
import socket
import threading
import time
import unittest

from support import postgres
from support.fake_shop import FakeShop, page
from support.harness import IS_POSTGRES, PASSWORD, Instance, checkout_body, patience


def placeholder(reference):
    return "SYNC-" + hashlib.md5(reference.encode()).hexdigest()[:8].upper()


@unittest.skipUnless(IS_POSTGRES, "SQLite has one writer at a time")
class Locks(unittest.TestCase):
    service = "crm"

    def setUp(self):
        self.shop = self.enterContext(FakeShop())
        self.instance = self.enterContext(Instance(**self.settings()))
        self.crm = self.instance.crm
        self.other = self.enterContext(postgres.Session(
            self.instance.environment[f"OCTO_{self.service.upper()}_DATABASE_URL"], self.service))
        self.other.run("SET lock_timeout = '20s'")

    def settings(self):
        return {"SERVICE_SHOP_URL": self.shop.url}

    def until_waiting(self, waiting=1):
        """Returns when so many wait for a lock."""
        deadline = time.monotonic() + patience(20)
        while time.monotonic() < deadline and self.crm.value(
                "SELECT count(*) FROM pg_locks WHERE NOT granted") < waiting:
            time.sleep(0.01)
        self.assertGreaterEqual(self.crm.value("SELECT count(*) FROM pg_locks WHERE NOT granted"), waiting,
                                "the service waits")

    def in_the_background(self, client, path, body, waiting=1):
        """Starts the request and returns when it waits for a lock, as the `waiting`-th."""
        answers = []
        thread = threading.Thread(target=lambda: answers.append(client.post(path, body)))
        thread.start()
        self.until_waiting(waiting)

        def finish(status=200):
            thread.join()
            self.assertEqual(answers[0].status, status, answers[0])
            self.assertEqual(self.crm.value("SELECT sum(deadlocks) FROM pg_stat_database"), 0)
            return answers[0].json
        return finish

    def add_product(self, sku):
        self.other.run("INSERT INTO products (name, sku, price, stock) "
                       f"VALUES ('by hand', '{sku}', 1, 0) ON CONFLICT (sku) DO NOTHING")

    def test_a_password_that_changes_while_somebody_signs_in_with_it(self):
        client = self.enterContext(self.crm.client())
        self.other.run("BEGIN; UPDATE users SET password_hash = 'another' WHERE username = 'admin'; "
                       "DELETE FROM user_sessions")
        finish = self.in_the_background(client, "/api/auth/login", {"username": "admin", "password": PASSWORD})
        self.other.run("COMMIT")
        finish(status=401)
        self.assertEqual(self.crm.value("SELECT count(*) FROM user_sessions"), 0)

    def test_one_token_twice_at_once(self):
        """Both are under way before either has committed: one order, which both are told of."""
        clients = [self.enterContext(self.crm.client(internal=True)) for _ in range(2)]
        body = {"customer_id": self.crm.value("SELECT min(id) FROM customers"),
                "product_id": self.crm.value("SELECT min(id) FROM products WHERE is_active = 1"),
                "quantity": 1, "idempotency_token": "sent-twice"}
        before = self.crm.value("SELECT count(*) FROM orders")
        self.other.run("BEGIN; LOCK TABLE order_items IN SHARE MODE")
        finish = [self.in_the_background(client, "/api/orders", body, waiting=number + 1)
                  for number, client in enumerate(clients)]
        self.other.run("COMMIT")
        answers = [done() for done in finish]
        self.assertEqual([answer["status"] for answer in answers], ["created", "duplicate"])
        self.assertEqual(answers[0]["order_id"], answers[1]["order_id"])
        self.assertEqual(self.crm.value("SELECT count(*) FROM orders"), before + 1)

    def test_a_message_to_a_ticket_that_is_being_closed(self):
        client = self.enterContext(self.crm.client(internal=True))
        ticket = client.post("/api/tickets", {"subject": "Late parcel"}).json["ticket_id"]
        self.other.run(f"BEGIN; UPDATE support_tickets SET status = 'closed' WHERE id = {ticket}")
        finish = self.in_the_background(client, f"/api/tickets/{ticket}/messages", {"content": "On its way."})
        self.other.run("COMMIT")
        finish(status=409)
        self.assertEqual(self.crm.value("SELECT count(*) FROM support_ticket_messages WHERE ticket_id = ?", ticket), 0)

    def test_two_who_make_the_same_missing_products(self):
        first, last = sorted(("NEW-1", "NEW-2"), key=placeholder)
        client = self.enterContext(self.crm.client(internal=True))
        self.other.run("BEGIN")
        self.add_product(placeholder(first))
        finish = self.in_the_background(client, "/api/orders", {
            "customer_id": 1, "source_system": "octo-drone-shop", "source_order_id": 77,
            "items": [{"sku": sku, "quantity": 1, "unit_price": 1} for sku in (last, first)]})
        self.add_product(placeholder(last))
        self.other.run("COMMIT")
        finish()

    def sync(self):
        client = self.enterContext(self.crm.client(internal=True))
        return self.in_the_background(client, "/api/orders/sync", {})

    def test_products_of_a_chunk(self):
        first, last = sorted(("NEW-1", "NEW-2"), key=placeholder)
        self.shop.page = lambda query, number: page([
            {"id": 1, "items": [{"sku": last}]}, {"id": 2, "items": [{"sku": first}]}])
        self.other.run("BEGIN")
        self.add_product(placeholder(first))
        finish = self.sync()
        self.add_product(placeholder(last))
        self.other.run("COMMIT")
        self.assertEqual(finish()["created"], 2)

    def test_a_chunk_and_a_push_of_the_same_order(self):
        """Both write products before the order."""
        self.shop.page = lambda query, number: page([{"id": 5, "items": [{"sku": "NEW-1"}]}])
        self.other.run("BEGIN")
        self.add_product(placeholder("NEW-1"))
        finish = self.sync()
        self.other.run("INSERT INTO orders (customer_id, total, source_system, source_order_id) "
                       "VALUES (1, 1, 'octo-drone-shop', 5)")
        self.other.run("COMMIT")
        done = finish()
        self.assertEqual((done["created"], done["updated"]), (0, 1),
                         "what was written meanwhile is no creation of the run's")

    def test_customers_of_a_chunk(self):
        orders = [{"id": n, "customer_email": f"{name}@example.org", "customer_name": name}
                  for n, name in ((1, "zoe"), (2, "ada"), (3, "mia"))]
        self.shop.page = lambda query, number: page(orders)
        with self.crm.client(internal=True) as client:
            self.assertEqual(client.post("/api/orders/sync").json["created"], 3)
        for order in orders:
            order["customer_name"] += " the second"
        self.other.run("BEGIN")
        self.other.run("SELECT * FROM customers WHERE email = 'ada@example.org' FOR UPDATE")
        finish = self.sync()
        self.other.run("SELECT * FROM customers WHERE email = 'zoe@example.org' FOR UPDATE NOWAIT")
        self.other.run("COMMIT")
        self.assertEqual(finish()["updated"], 3)

    def test_orders_and_parcels_of_a_chunk(self):
        orders = [{"id": n, "shipment": {"tracking_number": f"T-{t}"}}
                  for n, t in ((3, 1), (1, 3), (2, 2))]
        self.shop.page = lambda query, number: page(orders)
        with self.crm.client(internal=True) as client:
            self.assertEqual(client.post("/api/orders/sync").json["created"], 3)
        for row, key, first, last in (("orders", "source_order_id", 1, 3),
                                      ("shipments", "tracking_number", "'T-1'", "'T-3'")):
            for order in orders:
                order["status"] = f"{row} written again"
            self.other.run("BEGIN")
            self.other.run(f"SELECT * FROM {row} WHERE {key} = {first} FOR UPDATE")
            finish = self.sync()
            self.other.run(f"SELECT * FROM {row} WHERE {key} = {last} FOR UPDATE NOWAIT")
            self.other.run("COMMIT")
            self.assertEqual(finish()["updated"], 3)


class Stock(Locks):
    """Products of an order are taken in the order of their ids, from a cart as from a list."""

    service = "shop"

    def setUp(self):
        super().setUp()
        # Where they lie in the table says another order than their ids.
        self.instance.shop.execute("UPDATE products SET stock = 1000 WHERE id = 1")

    def assert_ascending(self, body):
        client = self.enterContext(self.instance.shop.client())
        self.other.run("BEGIN")
        self.other.run("SELECT * FROM products WHERE id = 1 FOR UPDATE")
        finish = self.in_the_background(client, "/api/shop/checkout", body)
        self.other.run("SELECT * FROM products WHERE id = 2 FOR UPDATE NOWAIT")
        self.other.run("COMMIT")
        finish()

    def test_of_a_list(self):
        self.assert_ascending(checkout_body(items=[{"product_id": 2, "quantity": 1},
                                                   {"product_id": 1, "quantity": 1}]))

    def test_of_a_cart(self):
        with self.instance.shop.client() as client:
            cart = {}
            for product in (2, 1):
                answer = client.post("/api/cart/add", {"product_id": product, "quantity": 1, **cart})
                self.assertEqual(answer.status, 200, answer)
                cart = {"session_id": answer.json["session_id"]}
        self.assert_ascending(checkout_body(**cart))


class Outbox(Locks):
    """Orders of a batch are settled in the order of their ids, in whatever order they were taken."""

    service = "shop"

    def settings(self):
        self.portal = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        return {"SERVICE_CRM_URL": f"http://127.0.0.1:{self.portal.getsockname()[1]}", "OCTO_PUSH_ORDERS": "true"}

    def hang_up(self):
        """What the portal does to all who call."""
        with contextlib.suppress(OSError):  # until it is closed
            while True:
                self.portal.accept()[0].close()

    def test_of_a_batch(self):
        # Both where they lie and when they are due say another order than their ids.
        self.other.run("BEGIN; INSERT INTO customers (name, email) VALUES ('by hand', 'hand@example.org')")
        self.other.run("INSERT INTO orders (customer_id, total) "
                       "SELECT max(id), 1 FROM customers, generate_series(1, 10) GROUP BY generate_series")
        self.other.run("INSERT INTO order_outbox (order_id, next_attempt_at) "
                       "SELECT id, now() - id * interval '1 second' FROM orders ORDER BY id DESC LIMIT 10; COMMIT")
        self.portal.settimeout(patience(60))
        with self.portal.accept()[0]:  # they are taken, and the first of them is on its way
            self.other.run("BEGIN")
            self.other.run("SELECT * FROM order_outbox "
                           "WHERE order_id = (SELECT min(order_id) FROM order_outbox) FOR UPDATE")
        threading.Thread(target=self.hang_up, daemon=True).start()
        self.until_waiting()
        self.other.run("SELECT * FROM order_outbox ORDER BY order_id FOR UPDATE NOWAIT")
        self.other.run("COMMIT")
        deadline = time.monotonic() + patience(20)
        while self.instance.shop.value("SELECT count(*) FROM order_outbox WHERE last_error IS NULL"):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        self.assertEqual(self.instance.shop.value("SELECT count(*) FROM order_outbox"), 10)


for name in [name for name in vars(Locks) if name.startswith("test_")]:  # they are the portal's
    setattr(Stock, name, None)
    setattr(Outbox, name, None)


if __name__ == "__main__":
    unittest.main()
