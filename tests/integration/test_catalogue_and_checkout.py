"""Catalogue counts, exact totals, idempotent checkout, no oversell, no coupon beyond its limit."""

import random
import unittest
import uuid

from support import postgres
from support.harness import IS_POSTGRES, Instance, checkout_body, in_parallel, scaled


class Shopping(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())
        cls.shop, cls.crm = cls.instance.shop, cls.instance.crm

    def set_stock(self, product_id, stock):
        """Another program of the operator's writes to the same database while the shop runs."""
        self.shop.execute("UPDATE products SET stock = ? WHERE id = ?", stock, product_id)

    def buy(self, items, email="buyer@example.com", headers=None, **more):
        with self.shop.client() as client:
            return client.post("/api/shop/checkout", checkout_body(email, items, **more),
                               headers=headers)

    def test_catalogues_hold_56_and_12_products(self):
        with self.shop.client() as client:
            answer = client.get("/api/products?limit=500")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.json["total"], 56)
        self.assertEqual(len({p["sku"] for p in answer.json["products"]}), 56)
        with self.crm.sign_in() as client:
            crm = client.get("/api/products?limit=500")
        self.assertEqual(crm.json["total"], 12)
        self.assertFalse({p["sku"] for p in answer.json["products"]}
                         & {p["sku"] for p in crm.json["products"]})

    def test_a_checkout_of_three_lines_returns_exact_totals(self):
        with self.shop.client() as client:
            products = client.get("/api/products?sort_by=price&order=asc").json["products"]
        chosen = [(p["id"], quantity, round(p["price"] * 100))
                  for p, quantity in zip((products[0], products[3], products[7]), (3, 2, 1))]
        subtotal = sum(q * cents for _, q, cents in chosen)
        discount = (subtotal * 1000 + 5000) // 10000
        shipping = 0 if subtotal >= 500000 else 14900
        answer = self.buy([{"product_id": i, "quantity": q} for i, q, _ in chosen],
                          coupon_code="FIRSTFLIGHT")
        self.assertEqual(answer.status, 200, answer)
        got = answer.json
        self.assertEqual(round(got["subtotal"] * 100), subtotal)
        self.assertEqual(round(got["discount"] * 100), discount)
        self.assertEqual(round(got["shipping_cost"] * 100), shipping)
        self.assertEqual(round(got["total"] * 100), subtotal - discount + shipping)
        self.assertEqual(got["status"], "order_placed")
        self.assertRegex(got["tracking_number"], r"^OCTO-\d{6,}$")
        row = self.shop.query("SELECT * FROM orders WHERE id = ?", got["order_id"])[0]
        self.assertEqual(row["total"], subtotal - discount + shipping)
        self.assertEqual((row["status"], row["payment_status"]), ("processing", "paid"))

    def test_the_same_key_twice_is_one_order(self):
        key = {"Idempotency-Key": str(uuid.uuid4())}
        before = self.shop.value("SELECT count(*) FROM orders")
        answers = in_parallel(8, lambda _: self.buy([{"product_id": 2, "quantity": 1}],
                                                    headers=key))
        self.assertEqual({a.status for a in answers}, {200})
        self.assertEqual(len({a.json["order_id"] for a in answers}), 1)
        self.assertEqual(sum(a.headers.get("idempotency-replayed") == "true" for a in answers), 7)
        self.assertEqual(self.shop.value("SELECT count(*) FROM orders"), before + 1)
        other = self.buy([{"product_id": 3, "quantity": 1}], headers=key)
        self.assertEqual(other.status, 200)  # whoever that is: a key of nobody is in nobody's way
        self.assertNotIn("idempotency-replayed", other.headers)

    def test_64_buyers_of_50_units_buy_exactly_50(self):
        self.set_stock(5, 50)
        answers = in_parallel(64, lambda n: self.buy([{"product_id": 5, "quantity": 1}],
                                                     email=f"racer{n}@example.com"))
        statuses = [a.status for a in answers]
        self.assertEqual((statuses.count(200), statuses.count(409)), (50, 14), statuses)
        self.assertEqual(self.shop.value("SELECT stock FROM products WHERE id = 5"), 0)
        lines = self.shop.value("SELECT sum(quantity) FROM order_items i JOIN orders o "
                                "ON o.id = i.order_id JOIN customers c ON c.id = o.customer_id "
                                "WHERE c.email LIKE 'racer%' AND i.product_id = 5")
        self.assertEqual(lines, 50)

    def test_a_coupon_is_never_used_beyond_its_limit(self):
        self.shop.execute("UPDATE coupons SET max_uses = used_count + 3 WHERE code = 'GOVPILOT'")
        self.set_stock(6, 1000)
        answers = in_parallel(16, lambda n: self.buy([{"product_id": 6, "quantity": 1}],
                                                     email=f"coupon{n}@example.com",
                                                     coupon_code="GOVPILOT"))
        self.assertEqual([a.status for a in answers].count(200), 16)
        self.assertEqual(sum(a.json["discount"] > 0 for a in answers), 3)
        self.assertEqual(self.shop.value(
            "SELECT used_count - max_uses FROM coupons WHERE code = 'GOVPILOT'"), 0)

    def test_no_stock_update_is_lost_under_load(self):
        buyers, each = 16, scaled(40)
        self.set_stock(7, 100000)

        def buy_many(number):
            with self.shop.client() as client:
                for _ in range(each):
                    answer = client.post("/api/shop/checkout", checkout_body(
                        f"load{number}@example.com", [{"product_id": 7, "quantity": 2}]))
                    self.assertEqual(answer.status, 200, answer)

        in_parallel(buyers, buy_many)
        self.assertEqual(self.shop.value("SELECT stock FROM products WHERE id = 7"),
                         100000 - buyers * each * 2)

    def test_orders_of_the_same_products_never_lock_each_other_out(self):
        """Whatever the order of their lines; a server would end one of two after a second, with a line in its log."""
        products, buyers, each = list(range(30, 38)), 8, scaled(30)
        for product in products:
            self.set_stock(product, 100000)
        deadlocks = postgres.cluster().log().count("deadlock detected") if IS_POSTGRES else 0

        def buy_many(number):
            rng = random.Random(number)
            for _ in range(each):
                chosen = rng.sample(products, 4)
                answer = self.buy([{"product_id": product, "quantity": 1} for product in chosen],
                                  email=f"locker{number}@example.com")
                self.assertEqual(answer.status, 200, answer)

        in_parallel(buyers, buy_many)
        taken = self.shop.value("SELECT sum(100000 - stock) FROM products WHERE id BETWEEN 30 AND 37")
        self.assertEqual(taken, buyers * each * 4)
        if IS_POSTGRES:
            self.assertEqual(postgres.cluster().log().count("deadlock detected"), deadlocks)

    def test_one_cart_is_ordered_once(self):
        """By two tabs at the same moment."""
        with self.shop.client() as client:
            session = client.post("/api/cart/add", {"product_id": 9, "quantity": 1}).json["session_id"]
        body = dict(checkout_body("tabs@example.com"), session_id=session)
        del body["items"]

        def order(_):
            with self.shop.client() as client:
                return client.post("/api/shop/checkout", body).status

        self.assertEqual(sorted(in_parallel(4, order)), [200, 422, 422, 422])

    def test_the_cart_follows_its_rules(self):
        with self.shop.client() as client:
            added = client.post("/api/cart/add", {"product_id": 10, "quantity": 2})
            self.assertEqual(added.status, 200, added)
            session = added.json["session_id"]
            self.assertIn(f"octo_cart={session};", added.headers["set-cookie"])
            self.assertIn("HttpOnly", added.headers["set-cookie"])
            again = client.post("/api/cart/add", {"product_id": 10, "session_id": session})
            self.assertEqual(again.json["item"]["quantity"], 3)
            self.assertEqual(client.post("/api/cart/add", {
                "product_id": 10, "quantity": 21, "session_id": session}).status, 422)
            self.assertEqual(client.post("/api/cart/add", {
                "product_id": 10, "quantity": 18, "session_id": session}).status, 422)
            self.assertEqual(client.post("/api/cart/add", {
                "product_id": 999999, "session_id": session}).status, 404)
            cart = client.get(f"/api/cart?session_id={session}").json
            self.assertEqual(len(cart["items"]), 1)
            other = client.call("DELETE", f"/api/cart/{cart['items'][0]['id']}?session_id=other")
            self.assertEqual(other.status, 404)
            order = client.post("/api/shop/checkout", dict(checkout_body(), session_id=session))
            self.assertEqual(order.status, 200, order)
            self.assertEqual(client.get(f"/api/cart?session_id={session}").json["items"], [])
            empty = dict(checkout_body(), session_id=session)
            del empty["items"]
            self.assertEqual(client.post("/api/shop/checkout", empty).status, 422)

    def test_a_guest_opens_the_order_by_its_link_and_no_other(self):
        key = {"Idempotency-Key": str(uuid.uuid4())}
        items = [{"product_id": 3, "quantity": 2}]
        made, other = self.buy(items, headers=key), self.buy([{"product_id": 4, "quantity": 1}])
        address, _, secret = made.json["order_link"].partition("#")
        self.assertEqual(address, f"/shop/orders/{made.json['tracking_number']}")
        with self.instance.shop.client() as client:
            order = client.post("/api/shop/order-link", {"key": secret})
            self.assertEqual((order.status, order.json["id"], order.json["total"]), (200, made.json["order_id"], made.json["total"]))
            self.assertEqual([line["quantity"] for line in order.json["items"]], [2])
            number, end, digest = secret.split(".")
            for wrong in (f"{other.json['order_id']}.{end}.{digest}", f"{number}.{int(end) + 1}.{digest}", f"{number}.{end}.{digest[::-1]}",
                          secret[:-1], "x"):
                answer = client.post("/api/shop/order-link", {"key": wrong})
                self.assertEqual((answer.status, answer.json["errors"][0]["pointer"]), (404, "/key"), wrong)
        replayed = self.buy(items, headers=key)
        self.assertEqual((replayed.headers["idempotency-replayed"], replayed.json["order_link"]), ("true", made.json["order_link"]))
        kept = self.shop.query("SELECT body FROM idempotency_keys")
        self.assertTrue(kept)
        self.assertFalse([row for row in kept if digest in str(row)], "what is kept opens nothing")

    def test_orders_are_closed_to_strangers(self):
        with self.shop.client() as client:
            self.assertEqual(client.get("/api/orders").status, 401)
            self.assertEqual(client.get("/api/orders/1").status, 401)
        with self.crm.client() as client:
            for path in ("/api/customers", "/api/orders", "/api/orders/sync/audit",
                         "/api/admin/db-status"):
                self.assertEqual(client.get(path).status, 401, path)
        with self.shop.sign_in() as client:
            listed = client.get("/api/orders?limit=5")
            self.assertEqual(listed.status, 200, listed)
            self.assertTrue(all(order["items"] for order in listed.json["orders"]))

    def test_a_restart_resets_nothing(self):
        self.set_stock(12, 17)
        with self.crm.sign_in() as client:
            changed = client.call("PUT", "/api/customers/1", {"company": "Changed by hand"})
            self.assertEqual(changed.status, 200, changed)
        self.assertEqual(self.shop.stop(), 0)
        self.assertEqual(self.crm.stop(), 0)
        self.instance.start()
        self.assertEqual(self.shop.value("SELECT stock FROM products WHERE id = 12"), 17)
        self.assertEqual(self.crm.value("SELECT company FROM customers WHERE id = 1"),
                         "Changed by hand")
        self.assertEqual(self.shop.value("SELECT count(*) FROM products"), 56)


if __name__ == "__main__":
    unittest.main()
