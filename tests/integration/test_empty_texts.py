"""Texts of no characters, wherever somebody may send one: they are taken as before, and what comes back is
what was sent, or nothing where nothing was meant."""

import unittest

from support.harness import IS_ORACLE, NO_TEXT, Instance, checkout_body

EMPTY_CUSTOMER = {"phone": "", "company": "", "industry": "", "notes": ""}


class EmptyTexts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())
        cls.shop = cls.enterClassContext(cls.instance.shop.client())
        cls.portal = cls.enterClassContext(cls.instance.crm.client(internal=True))

    def done(self, answer):
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def test_customers(self):
        made = self.done(self.portal.post("/api/customers",
                                          {"name": "N", "email": "empty@example.com", **EMPTY_CUSTOMER}))
        for text in EMPTY_CUSTOMER:
            self.assertEqual(made["customer"][text], NO_TEXT)
        path = f"/api/customers/{made['customer_id']}"
        self.done(self.portal.call("PUT", path, {"phone": "1", "notes": ""}))
        self.assertEqual(self.done(self.portal.get(path))["customer"]["phone"], "1")
        self.done(self.portal.call("PUT", path, EMPTY_CUSTOMER))
        # There it is no text, and so not given: the one before stays.
        self.assertEqual(self.done(self.portal.get(path))["customer"]["phone"], "1" if IS_ORACLE else "")
        self.assertEqual(self.done(self.portal.get("/api/customers?search=&email="))["count"], 11)

    def test_orders_of_the_portal(self):
        order = self.done(self.portal.post("/api/orders", {
            "customer_id": 1, "items": [{"product_id": 1, "quantity": 1}], "notes": "", "shipping_address": ""}))
        shown = self.done(self.portal.get(f"/api/orders/{order['order_id']}"))["order"]
        self.assertEqual((shown["notes"], shown["shipping_address"]), (NO_TEXT, NO_TEXT))
        self.done(self.portal.get("/api/orders?status=&source_system=&sync_status="))

    def test_purchases(self):
        bought = self.done(self.shop.post("/api/shop/checkout", checkout_body(
            "nothing@example.com", customer_phone="", company="", industry="", coupon_code="", notes="")))
        notes, coupon = self.instance.shop.query("SELECT notes, coupon_code FROM orders WHERE id = ?",
                                                 bought["order_id"])[0]
        self.assertEqual((notes, coupon), ("Source=shop_checkout; Coupon=none", None))
        self.done(self.shop.get("/api/products?search=&category="))

    @unittest.skipIf(IS_ORACLE, "which stores no such text")
    def test_a_customer_whose_texts_were_emptied_buys_again(self):
        self.done(self.shop.post("/api/shop/checkout", checkout_body("again@example.com")))
        self.instance.shop.execute(
            "UPDATE customers SET phone = '', company = '', industry = '', notes = '' WHERE email = ?",
            "again@example.com")
        self.done(self.shop.post("/api/shop/checkout", checkout_body("again@example.com", company="Acme")))
        self.assertEqual(self.instance.shop.query(
            "SELECT company, phone FROM customers WHERE email = ?", "again@example.com")[0][0], "Acme")

    def test_page_views(self):
        for client in (self.shop, self.portal):
            seen = self.done(client.post("/api/analytics/track", {
                "page": "", "session_id": "", "visitor_region": "", "referrer": "", "user_agent": ""},
                headers={"User-Agent": "", "X-Client-Region": ""}))
            self.assertEqual(seen["page"], "/")
        self.done(self.shop.get("/api/analytics/geo?region="))

    def test_names_of_blanks_sign_nobody_in(self):
        for client in (self.shop, self.portal):
            refused = client.post("/api/auth/login", {"username": "  ", "password": "wrong"})
            self.assertEqual((refused.status, refused.json["errors"][0]["pointer"]), (422, "/username"), refused)


if __name__ == "__main__":
    unittest.main()
