"""What the shop keeps besides products and orders, written and read as its users do: services, reviews, tickets,
coupons, dealers, parcels, and what administrators edit."""

import hashlib
import secrets
import time
import unittest

from support.harness import INTERNAL_KEY, PASSWORD, Instance, checkout_body, in_parallel, moment

REVIEWERS = 64
EDITORS = 16
MARKUP = "<script>alert('\N{GREEK SMALL LETTER OMEGA}')</script> & \"more\""


# What administrators keep, by the table that it is in: as it is made, and with each of its members changed.
KEPT = {
    "products": (
        {"shop_id": 1, "name": "Spare Leg", "sku": "ACC-LEG", "description": "Of carbon", "price": 19.9, "stock": 7,
         "category": "Spares", "image_url": "/static/leg.png", "is_active": 1},
        {"shop_id": 2, "name": "Landing Leg", "sku": "ACC-LEG-2", "description": "Of steel", "price": 21.35, "stock": 9,
         "category": "Landing", "image_url": "/static/leg2.png", "is_active": 0}),
    "services": (
        {"name": "Leg Repair", "sku": "SRV-LEG", "description": "Both", "price": 40.05, "category": "Repair",
         "image_url": "/static/repair.png", "is_active": 1},
        {"name": "Leg Exchange", "sku": "SRV-LEG-2", "description": "All four", "price": 80.1, "category": "Exchange",
         "image_url": "/static/exchange.png", "is_active": 0}),
    "coupons": (
        {"code": "LEGS", "discount_percent": 2.5, "discount_amount": 1, "is_active": 1, "max_uses": 10},
        {"code": "LEGS-2", "discount_percent": 5.25, "discount_amount": 1.75, "is_active": 0, "max_uses": 20}),
    "shops": (
        {"name": "Drone Shop Linz", "address": "Linz", "coordinates": "48.3,14.3",
         "contact_email": "linz@dealers.example", "contact_phone": "1", "is_active": 1},
        {"name": "Drone Shop Wels", "address": "Wels", "coordinates": "48.2,14.0",
         "contact_email": "wels@dealers.example", "contact_phone": "2", "is_active": 0}),
    "customers": (
        {"name": "Leg Man", "email": "leg@people.example", "phone": "1", "company": "Legs", "industry": "Legs",
         "revenue": 10.5, "notes": "Buys legs"},
        {"name": "Arm Man", "email": "arm@people.example", "phone": "2", "company": "Arms", "industry": "Arms",
         "revenue": 20.75, "notes": "Buys arms"})}


def client_of(shop, role, name):
    """A client of a new user of that name and role, with an address of its own."""
    token = secrets.token_hex(32)
    shop.execute("INSERT INTO users (username, email, password_hash, role) VALUES (?, ?, '!', ?)",
                 name, f"{name}@people.example", role)
    shop.execute("INSERT INTO user_sessions (session_id, user_id, username, role, expires_at) "
                 "SELECT ?, id, username, role, ? FROM users WHERE username = ?",
                 hashlib.sha256(token.encode()).hexdigest(), moment(time.time() + 3600), name)
    return unittest.enterModuleContext(shop.client(token=token))


def setUpModule():
    """One instance, with those who use it, for all."""
    ShopTables.instance = unittest.enterModuleContext(Instance())
    shop = ShopTables.shop = ShopTables.instance.shop
    ShopTables.nobody = unittest.enterModuleContext(shop.client())
    ShopTables.admin = unittest.enterModuleContext(shop.sign_in())
    ShopTables.support = client_of(shop, "support", "helper")
    ShopTables.ada, ShopTables.bob = client_of(shop, "user", "ada"), client_of(shop, "user", "bob")


class ShopTables(unittest.TestCase):

    def done(self, answer):
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def refused(self, answer, status, pointer=None):
        self.assertEqual(answer.status, status, answer)
        if pointer:
            self.assertEqual([fault["pointer"] for fault in answer.json["errors"]], [pointer], answer)

    def audited(self, action, resource):
        """How many entries of the trail say so."""
        return self.shop.value("SELECT count(*) FROM audit_logs WHERE action = ? AND resource_name = ?", action, resource)

    def edit_of_two(self, path, ours, theirs, method="PUT"):
        """Two who read the same thing and edit it: the second is told, and sees what the first has made of it."""
        read = self.admin.get(path)
        version = {"If-Match": read.headers["etag"]}
        self.assertRegex(version["If-Match"], '^"[0-9a-f]{16}"$')
        edited = self.admin.call(method, path, ours, headers=version)
        self.done(edited)
        self.refused(self.admin.call(method, path, theirs, headers=version), 412, "If-Match")
        now = self.admin.get(path)
        self.assertEqual((now.raw, now.headers["etag"]), (edited.raw, edited.headers["etag"]))
        self.assertEqual(self.admin.get(path, headers={"If-None-Match": now.headers["etag"]}).status, 304)
        self.done(self.admin.call(method, path, theirs, headers={"If-Match": now.headers["etag"]}))
        self.done(self.admin.call(method, path, ours))  # who names no version is the last who writes
        return self.admin.get(path).json


class Services(ShopTables):
    def test_what_is_offered_is_shown_dearest_first(self):
        made = self.done(self.admin.post("/api/admin/services", {
            "name": "Rotor Balancing", "sku": "srv-bal", "description": "On the bench", "price": "120.50",
            "category": "Maintenance"}))
        self.assertEqual((made["sku"], made["price"], made["is_active"]), ("SRV-BAL", 120.5, 1))
        shown = self.done(self.nobody.get("/api/services/catalog"))["services"]
        self.assertIn(made, shown)
        self.assertEqual(shown, sorted(shown, key=lambda row: (-row["price"], -row["id"])))
        path = f"/api/admin/services/{made['id']}"
        gone = {"name": "Rotor Balancing", "sku": "SRV-BAL", "price": 120.5, "is_active": 0}
        left = self.edit_of_two(path, gone, {**gone, "price": 99})
        self.assertEqual((left["is_active"], left["description"]), (0, None))
        self.assertNotIn(made["id"], [row["id"] for row in self.done(
            self.nobody.get("/api/services/catalog"))["services"]])
        self.assertEqual(self.audited("service.created", f"service:{made['id']}"), 1)
        self.assertEqual(self.audited("service.updated", f"service:{made['id']}"), 3)

    def test_a_picture_leads_somewhere_for_all_and_is_kept_for_who_edits(self):
        for path, shown in (("/api/admin/services", "/api/services/catalog?limit=500"),
                            ("/api/admin/products", "/api/products?limit=500")):
            whole = {"name": "Of a picture", "sku": f"PIC-{len(path)}", "price": 1}
            for wrong in ("javascript:alert(1)", "//elsewhere.example/x.png", "/\\elsewhere.example", "x.png",
                          "data:image/png;base64,"):
                self.refused(self.admin.post(path, {**whole, "image_url": wrong}), 422, "/image_url")
            made = self.done(self.admin.post(path, {**whole, "image_url": "/static/of.png"}))
            self.assertEqual(self.done(self.admin.get(f"{path}/{made['id']}"))["image_url"], "/static/of.png")

            def picture():
                rows = self.done(self.nobody.get(shown))
                return next(row["image_url"] for row in rows.get("services", rows.get("products")) if row["sku"] == made["sku"])

            self.assertNotEqual(picture(), "/static/of.png")  # nothing serves it
            there = "https://elsewhere.example/of.png"
            self.done(self.admin.call("PUT", f"{path}/{made['id']}", {**whole, "image_url": there}))
            self.assertEqual(picture(), there)

    def test_a_number_is_one_services(self):
        same = {"name": "Another", "sku": "srv-001", "price": 1}
        self.refused(self.admin.post("/api/admin/services", same), 409, "/sku")
        self.refused(self.admin.call("PUT", "/api/admin/services/2", same), 409, "/sku")


class Reviews(ShopTables):
    def test_sixty_four_reviewers_have_an_exact_mean(self):
        stars = [1 + n * n % 5 for n in range(REVIEWERS)]

        def write(number):
            with self.shop.client() as client:
                return client.post("/api/products/9/reviews", {"rating": stars[number], "comment": f"No. {number}"})

        ids = {self.done(answer)["review_id"] for answer in in_parallel(REVIEWERS, write)}
        self.assertEqual(len(ids), REVIEWERS)
        found = self.nobody.get("/api/products/9/reviews?limit=500")
        self.assertEqual(found.json["rating"]["count"], REVIEWERS)
        cents = (200 * sum(stars) + REVIEWERS) // (2 * REVIEWERS)
        self.assertIn(f'"mean":{cents // 100}.{cents % 100:02d}'.encode(), found.raw)
        self.assertEqual({row["id"] for row in found.json["reviews"]}, ids)

    def test_nobody_has_no_mean(self):
        self.assertEqual(self.done(self.nobody.get("/api/products/50/reviews"))["rating"], {"count": 0, "mean": None})

    def test_text_is_kept_as_it_was_typed(self):
        made = self.done(self.ada.post("/api/products/7/reviews", {
            "rating": 3, "comment": MARKUP, "author_name": MARKUP}))
        found = self.done(self.nobody.get("/api/products/7/reviews"))["reviews"]
        review = next(row for row in found if row["id"] == made["review_id"])
        self.assertEqual((review["comment"], review["author_name"]), (MARKUP, MARKUP))
        page = self.nobody.get("/", headers={"Accept": "text/html"}).raw.decode()
        self.assertNotIn("<script>alert", page)

    def test_a_review_is_its_customers_where_he_is_one(self):
        self.done(self.ada.post("/api/orders", checkout_body("ada@people.example")))
        own = self.done(self.ada.post("/api/products/8/reviews", {"rating": 5}))["review_id"]
        other = self.done(self.nobody.post("/api/products/8/reviews", {"rating": 5, "author_name": ""}))["review_id"]
        forged = self.done(self.nobody.post("/api/products/8/reviews", {
            "rating": 1, "author_name": "ada@people.example"}))["review_id"]
        customer = self.shop.value("SELECT id FROM customers WHERE email = 'ada@people.example'")
        self.assertEqual([self.shop.value("SELECT customer_id FROM reviews WHERE id = ?", review)
                          for review in (own, other, forged)], [customer, None, None])
        self.assertEqual(self.shop.value("SELECT author_name FROM reviews WHERE id = ?", other), "Anonymous")

    def test_what_is_not_for_sale_has_none(self):
        self.shop.execute("UPDATE products SET is_active = 0 WHERE id = 55")
        self.refused(self.nobody.get("/api/products/55/reviews"), 404, "product_id")
        self.refused(self.nobody.post("/api/products/55/reviews", {"rating": 5}), 404, "product_id")


class Tickets(ShopTables):
    def open_ticket(self, client, **more):
        return self.done(client.post("/api/services/tickets", {"title": "It drifts", "content": MARKUP, **more}))["ticket_id"]

    def test_others_tickets_are_not_there(self):
        ticket = self.open_ticket(self.ada, priority="high", product_id=2, service_id=1)
        path = f"/api/services/tickets/{ticket}"
        mine = self.done(self.ada.get(path))
        self.assertEqual((mine["status"], mine["priority"], mine["product_id"], mine["message_count"]),
                         ("open", "high", 2, 1))
        self.assertEqual([(m["sender_type"], m["content"]) for m in mine["messages"]], [("customer", MARKUP)])
        self.assertEqual([row["id"] for row in self.done(self.ada.get("/api/services/tickets"))["tickets"]][:1], [ticket])
        self.assertEqual(self.done(self.support.get(path)), mine)

        self.refused(self.bob.get(path), 404, "ticket_id")
        self.refused(self.bob.get(path + "/messages"), 404, "ticket_id")
        self.refused(self.bob.post(path + "/messages", {"content": "Let me in"}), 404, "ticket_id")
        self.refused(self.bob.get(f"/api/services/tickets?customer_id={mine['customer_id']}"), 404, "customer_id")
        self.refused(self.bob.post("/api/services/tickets", {
            "title": "x", "content": "x", "customer_id": mine["customer_id"]}), 404, "/customer_id")
        self.refused(self.bob.call("PATCH", path, {"status": "closed"}), 403)
        self.assertNotIn(ticket, [row["id"] for row in self.done(self.bob.get("/api/services/tickets"))["tickets"]])
        self.assertEqual(self.done(self.ada.get(path)), mine)

    def test_who_never_bought_may_ask(self):
        carol = client_of(self.shop, "user", "carol")
        self.assertEqual(self.done(carol.get("/api/services/tickets")), {
            "tickets": [], "count": 0, "limit": 100, "next_cursor": None})
        ticket = self.open_ticket(carol)
        self.assertEqual(self.done(carol.get(f"/api/services/tickets/{ticket}"))["customer_name"], "carol")
        self.assertEqual(self.audited("ticket.created", f"ticket:{ticket}"), 1)

    def test_a_ticket_goes_to_and_fro_and_ends(self):
        ticket = self.open_ticket(self.ada)
        path = f"/api/services/tickets/{ticket}"
        answer = self.done(self.support.post(path + "/messages", {"content": "Calibrate it"}))
        self.assertEqual((answer["ticket_id"], answer["sender_type"]), (ticket, "agent"))
        self.done(self.support.call("PATCH", path, {"status": "resolved"}))
        self.done(self.ada.post(path + "/messages", {"content": "It drifts still"}))
        self.assertEqual(self.done(self.ada.get(path))["status"], "open")
        self.done(self.support.call("PATCH", path, {"status": "resolved", "priority": "low"}))
        self.done(self.support.post(path + "/messages", {"content": "Now?"}))
        self.assertEqual(self.done(self.ada.get(path))["status"], "resolved")
        self.done(self.support.call("PATCH", path, {"status": "closed"}))
        self.refused(self.ada.post(path + "/messages", {"content": "No"}), 409, "ticket_id")
        self.assertEqual([m["content"] for m in self.done(self.ada.get(path + "/messages"))["messages"]],
                         [MARKUP, "Calibrate it", "It drifts still", "Now?"])

    def test_two_who_answer_see_what_the_other_did(self):
        """A message that came in between is another version, too."""
        ticket = self.open_ticket(self.ada)
        path = f"/api/services/tickets/{ticket}"
        self.edit_of_two(path, {"status": "in_progress"}, {"status": "resolved"}, "PATCH")
        version = {"If-Match": self.support.get(path).headers["etag"]}
        self.done(self.ada.post(path + "/messages", {"content": "Never mind"}))
        self.refused(self.support.call("PATCH", path, {"status": "closed"}, headers=version), 412)
        self.refused(self.support.call("PATCH", path, {}), 422)

    def test_a_long_one_shows_its_newest_and_pages_through_the_rest(self):
        ticket = self.open_ticket(self.ada)
        path = f"/api/services/tickets/{ticket}"
        self.shop.insert("ticket_messages", ("ticket_id", "sender_type", "content"),
                         [(ticket, "agent", f"No. {n}") for n in range(1, 30)])
        shown = self.done(self.ada.get(path))
        self.assertEqual((shown["message_count"], [m["content"] for m in shown["messages"]]),
                         (30, [f"No. {n}" for n in range(20, 30)]))
        listed = self.done(self.ada.get("/api/services/tickets?limit=1"))["tickets"]
        self.assertEqual(listed, [shown])

    def test_staff_open_them_for_customers(self):
        ticket = self.open_ticket(self.support, customer_id=1)
        self.assertEqual(self.done(self.support.get(f"/api/services/tickets/{ticket}"))["customer_id"], 1)
        wrong = {"title": "x", "content": "x"}
        self.refused(self.support.post("/api/services/tickets", wrong), 422, "/customer_id")
        self.refused(self.support.post("/api/services/tickets", {**wrong, "customer_id": 999999}), 404, "/customer_id")
        self.refused(self.support.post("/api/services/tickets", {**wrong, "customer_id": 1, "product_id": 999999}), 422,
                     "/product_id")
        self.refused(self.ada.post("/api/services/tickets", {**wrong, "service_id": 999999}), 422, "/service_id")


class Coupons(ShopTables):
    def apply(self, code, subtotal):
        return self.done(self.nobody.post("/api/shop/coupon/apply", {"code": code, "subtotal": subtotal}))

    def test_one_is_priced_as_a_purchase_would_and_not_used(self):
        for code, percent, amount in (("FIRSTFLIGHT", 10, 0), ("FREESHIP", 0, 49.99)):
            used = self.shop.value("SELECT used_count FROM coupons WHERE code = ?", code)
            said = self.apply(code, 1899)
            self.assertEqual(said, {"valid": True, "code": code, "discount": round(18.99 * percent + amount, 2), "reason": None})
            self.assertEqual(self.shop.value("SELECT used_count FROM coupons WHERE code = ?", code), used)
            bought = self.done(self.nobody.post("/api/shop/checkout", checkout_body(coupon_code=code)))
            self.assertEqual(bought["discount"], said["discount"])
            self.assertEqual(self.shop.value("SELECT used_count FROM coupons WHERE code = ?", code), used + 1)
        self.assertEqual(self.apply("FREESHIP", 10)["discount"], 10)  # no more than there is to pay

    def test_what_does_not_count_says_why(self):
        self.done(self.admin.post("/api/admin/coupons", {"code": "ONCE", "discount_amount": 5, "max_uses": 1}))
        self.assertIs(self.apply("ONCE", 100)["valid"], True)
        self.done(self.nobody.post("/api/shop/checkout", checkout_body(coupon_code="ONCE")))
        for code, reason in (("SUMMER2024", "inactive"), ("ONCE", "exhausted"), ("once", "unknown"), ("' OR 1=1", "unknown")):
            self.assertEqual(self.apply(code, 100), {"valid": False, "code": code, "discount": 0, "reason": reason})

    def test_administrators_keep_them(self):
        made = self.done(self.admin.post("/api/admin/coupons", {"code": "SPRING", "discount_percent": 7.25}))
        self.assertEqual((made["discount_percent"], made["max_uses"], made["used_count"]), (7.25, 100, 0))
        self.shop.execute("UPDATE coupons SET used_count = 3 WHERE id = ?", made["id"])
        path = f"/api/admin/coupons/{made['id']}"
        self.refused(self.admin.call("PUT", path, {"code": "SPRING", "max_uses": 2}), 422, "/max_uses")
        self.refused(self.admin.call("PUT", path, {"code": "FREESHIP"}), 409, "/code")
        left = self.edit_of_two(path, {"code": "SPRING", "is_active": 0}, {"code": "SPRING", "max_uses": 0})
        self.assertEqual((left["is_active"], left["max_uses"], left["used_count"], left["discount_percent"]),
                         (0, 0, 3, 7.25))
        both = self.done(self.admin.call("PUT", path, {"code": "SPRING", "discount_percent": 0, "discount_amount": 5}))
        self.assertEqual((both["discount_percent"], both["discount_amount"]), (0, 5))


class OrdersByHand(ShopTables):
    def order(self, **more):
        return self.done(self.admin.post("/api/admin/orders", {
            "customer_id": 2, "total": "99.90", "shipping_address": "1 Example Street", **more}))

    def test_one_is_made_and_edited_and_the_portal_hears_of_it(self):
        made = self.order(notes="By telephone")
        self.assertEqual((made["status"], made["payment_status"], made["total"], made["notes"]),
                         ("pending", "pending", 99.9, "By telephone"))
        path = f"/api/admin/orders/{made['id']}"
        self.assertEqual(self.done(self.admin.get(path)), made)
        body = {"customer_id": 1, "total": 80, "shipping_address": "2 Example Street"}
        left = self.edit_of_two(path, {**body, "payment_status": "paid"}, {**body, "status": "queued", "total": 70})
        self.assertEqual((left["customer_id"], left["total"], left["status"], left["payment_status"], left["notes"]),
                         (1, 80, "queued", "paid", None))
        self.refused(self.admin.call("PUT", path, {**body, "status": "delivered"}), 409, "/status")
        self.refused(self.admin.call("PUT", path, {**body, "payment_status": "pending"}), 409, "/payment_status")
        self.refused(self.admin.call("PUT", path, {**body, "customer_id": 999999}), 404, "/customer_id")
        self.assertEqual(self.instance.octo("sync").returncode, 0)
        self.assertEqual(self.instance.crm.query(
            "SELECT status, total FROM orders WHERE source_system = 'octo-drone-shop' AND source_order_id = ?",
            made["id"]), self.shop.query("SELECT status, total FROM orders WHERE id = ?", made["id"]))

    def test_who_cancels_one_gives_its_stock_back_once(self):
        stock = self.shop.value("SELECT stock FROM products WHERE id = 1")
        order = self.done(self.nobody.post("/api/shop/checkout", checkout_body()))["order_id"]
        self.assertLess(self.shop.value("SELECT stock FROM products WHERE id = 1"), stock)
        path = f"/api/admin/orders/{order}"
        is_now = self.done(self.admin.get(path))
        body = {name: is_now[name] for name in ("customer_id", "total", "shipping_address")}
        self.refused(self.admin.call("PUT", path, {**body, "total": 1}), 409, "/total")
        for _ in range(2):
            self.done(self.admin.call("PUT", path, {**body, "status": "cancelled"}))
            self.assertEqual(self.shop.value("SELECT stock FROM products WHERE id = 1"), stock)
        self.refused(self.admin.call("PUT", path, {**body, "status": "processing"}), 409, "/status")


class Wallets(ShopTables):
    def test_each_buyer_has_his_own(self):
        eve = client_of(self.shop, "user", "eve")
        self.assertEqual(self.done(eve.get("/api/shop/wallet")), {
            "username": "eve", "balance": 0, "currency": "USD", "order_count": 0})
        totals = [self.done(eve.post("/api/orders", checkout_body("eve@people.example", [{
            "product_id": product, "quantity": 1}])))["total"] for product in (1, 2, 3)]
        gone = self.done(eve.post("/api/orders", checkout_body("eve@people.example")))["order_id"]
        self.shop.execute("UPDATE orders SET status = 'cancelled' WHERE id = ?", gone)
        cents = sum(round(100 * total) for total in totals)
        self.assertEqual(self.done(eve.get("/api/shop/wallet")), {
            "username": "eve", "balance": (cents * 2 + 50) // 100 / 100, "currency": "USD", "order_count": 3})
        self.refused(self.nobody.get("/api/shop/wallet"), 401)


class Demonstrations(ShopTables):
    def test_what_is_made_up_is_made_whole_or_not_at_all(self):
        made = self.done(self.admin.post("/api/dashboard/demo/customer", {"company": "Show Flights"}))["customer"]
        self.assertEqual((made["name"], made["company"]), ("Show Flights", "Show Flights"))
        self.assertRegex(made["email"], r"^demo-[0-9a-f]{8}@example\.invalid$")
        listed = self.done(self.admin.get("/api/dashboard/catalog"))
        self.assertIn(made["id"], [customer["id"] for customer in listed["customers"]])
        self.assertIn(43, [product["id"] for product in listed["products"]])
        stock = self.shop.value("SELECT stock FROM products WHERE id = 43")
        body = {"customer_id": made["id"], "product_id": 43, "count": 3, "quantity": 2}
        placed = self.done(self.admin.post("/api/dashboard/demo/orders", body))
        self.assertEqual(len({order["order_id"] for order in placed["orders"]}), 3)
        self.assertEqual({order["customer"] for order in placed["orders"]}, {"Show Flights"})
        self.assertEqual(self.shop.value("SELECT stock FROM products WHERE id = 43"), stock - 6)
        self.shop.execute("UPDATE products SET stock = 5 WHERE id = 43")
        self.refused(self.admin.post("/api/dashboard/demo/orders", body), 409)
        self.assertEqual(self.shop.value("SELECT stock FROM products WHERE id = 43"), 5)
        self.assertEqual(self.shop.value("SELECT count(*) FROM orders WHERE customer_id = ?", made["id"]), 3)
        self.shop.execute("UPDATE products SET stock = ? WHERE id = 43", stock)


class Invoices(ShopTables):
    def test_one_is_written_and_paid(self):
        order = self.done(self.nobody.post("/api/shop/checkout", checkout_body()))
        customer = self.shop.value("SELECT customer_id FROM orders WHERE id = ?", order["order_id"])
        made = self.done(self.admin.post("/api/admin/invoices", {
            "customer_id": customer, "order_id": order["order_id"], "due_at": "2030-05-31"}))
        self.assertRegex(made["invoice_number"], "^INV-20[0-9]{6}-[0-9a-f]{6}$")
        self.assertEqual((made["amount"], made["status"], made["issued_at"], made["due_at"]),
                         (order["total"], "draft", None, "2030-05-31T00:00:00.000000Z"))
        path = f"/api/admin/invoices/{made['id']}"
        self.edit_of_two(path, {"amount": 90, "status": "issued"}, {"amount": 90, "notes": "By post"})
        self.refused(self.admin.call("PUT", path, {"amount": 90, "status": "draft"}), 409, "/status")
        paid = self.done(self.admin.call("PUT", path, {"amount": 90, "status": "paid"}))
        self.assertTrue(paid["issued_at"] and paid["paid_at"])
        self.refused(self.admin.call("PUT", path, {"amount": 91}), 409, "/amount")
        self.refused(self.admin.call("PUT", path, {"amount": 90, "status": "void"}), 409, "/status")
        self.assertIn(made["id"], [row["id"] for row in self.done(
            self.admin.get(f"/api/admin/invoices?status=paid&customer_id={customer}"))["invoices"]])

    def test_numbers_and_orders_are_ones_own(self):
        named = {"customer_id": 1, "amount": 5, "invoice_number": "2030/1"}
        self.done(self.admin.post("/api/admin/invoices", named))
        self.refused(self.admin.post("/api/admin/invoices", named), 409, "/invoice_number")
        other = self.shop.value("SELECT min(id) FROM orders WHERE customer_id <> 1")
        self.refused(self.admin.post("/api/admin/invoices", {"customer_id": 1, "order_id": other}), 404, "/order_id")
        self.refused(self.admin.post("/api/admin/invoices", {"customer_id": 1}), 404, "/customer_id")
        self.refused(self.support.get("/api/admin/invoices"), 403)


class Dealers(ShopTables):
    def test_open_ones_are_shown_to_all(self):
        made = self.done(self.admin.post("/api/admin/shops", {
            "name": "Drone Shop Graz", "address": "Graz", "contact_email": " Graz@Dealers.example "}))
        self.assertEqual(made["contact_email"], "graz@dealers.example")
        shown = self.done(self.nobody.get("/api/shop/locations"))["shops"]
        self.assertIn(made, shown)
        self.assertEqual(shown, sorted(shown, key=lambda row: row["name"]))
        path = f"/api/admin/shops/{made['id']}"
        closed = {"name": "Drone Shop Graz", "address": "Graz", "is_active": 0}
        self.edit_of_two(path, closed, {**closed, "address": "Wien"})
        self.assertNotIn(made["id"], [row["id"] for row in self.done(self.nobody.get("/api/shop/locations"))["shops"]])
        self.assertIn(made["id"], [row["id"] for row in self.done(
            self.admin.get("/api/admin/shops?status=inactive"))["shops"]])


class Parcels(ShopTables):
    def buy(self, client, email):
        order = self.done(client.post("/api/orders", checkout_body(email)))["order_id"]
        return order, self.done(client.get(f"/api/shipping?order_id={order}"))["shipments"][0]["id"]

    def test_others_parcels_are_not_there(self):
        order, parcel = self.buy(self.ada, "ada@people.example")
        mine = self.done(self.ada.get(f"/api/shipping/{parcel}"))
        self.assertEqual((mine["order_id"], mine["tracking_number"]), (order, f"OCTO-{order:06}"))
        self.assertEqual([step["status"] for step in mine["tracking"]], ["processing"])
        self.assertEqual(self.done(self.support.get(f"/api/shipping/{parcel}")), mine)
        self.refused(self.bob.get(f"/api/shipping/{parcel}"), 404, "shipment_id")
        self.assertEqual(self.done(self.bob.get(f"/api/shipping?order_id={order}"))["shipments"], [])
        region = f"region={mine['origin_region']}&limit=500"
        for client, is_seen in ((self.ada, True), (self.bob, False), (self.support, True)):
            for path in ("/api/shipping?limit=500", f"/api/shipping/by-region?{region}"):
                self.assertEqual(parcel in [row["id"] for row in self.done(client.get(path))["shipments"]], is_seen, path)
        self.refused(self.nobody.get(f"/api/shipping/{parcel}"), 401)
        self.refused(self.ada.post(f"/api/shipping/{parcel}/status", {"status": "delivered"}), 403)

    def test_one_is_moved_along_and_the_portal_hears_of_it(self):
        order, parcel = self.buy(self.ada, "ada@people.example")
        path = f"/api/shipping/{parcel}"
        self.assertEqual(self.instance.octo("sync").returncode, 0)
        self.refused(self.support.post(path + "/status", {"status": "delivered"}), 409, "/status")
        version = {"If-Match": self.support.get(path).headers["etag"]}
        moved = self.support.post(path + "/status", {"status": "shipped"}, headers=version)
        self.done(moved)
        self.refused(self.support.post(path + "/status", {"status": "in_transit"}, headers=version), 412)
        self.assertEqual(self.support.get(path).raw, moved.raw)
        self.done(self.support.post(path + "/status", {"status": "in_transit"}))
        there = self.done(self.support.post(path + "/status", {"status": "delivered"}))
        self.assertEqual([step["status"] for step in there["tracking"]], ["processing", "shipped", "delivered"])
        self.assertEqual(there["tracking"][-1]["at"], there["actual_delivery"])
        self.assertEqual(self.audited("shipment.moved", f"shipment:{parcel}"), 3)
        self.assertEqual(self.instance.octo("sync").returncode, 0)
        with self.instance.crm.sign_in() as portal:
            source = "/api/orders?source_system=octo-drone-shop&limit=500"
            seen = next(row for row in portal.get(source).json["orders"] if row["source_order_id"] == order)
            shipment = portal.get(f"/api/orders/{seen['id']}").json["order"]["shipment"]
        self.assertEqual(shipment["status"], "delivered")

    def test_one_that_came_back_says_so(self):
        _, parcel = self.buy(self.ada, "ada@people.example")
        for status in ("shipped", "delivered", "returned"):
            row = self.done(self.support.post(f"/api/shipping/{parcel}/status", {"status": status}))
        self.assertEqual([step["status"] for step in row["tracking"]], ["processing", "shipped", "delivered", "returned"])
        self.done(self.support.post(f"/api/shipping/{parcel}/status", {"status": "returned"}))  # as it is

    def test_warehouses_are_shown_to_all(self):
        shown = self.done(self.nobody.get("/api/shipping/warehouses"))["warehouses"]
        self.assertEqual(self.nobody.get("/api/shipping/warehouses").headers["x-workflow-id"], "checkout")
        self.assertEqual([row["name"] for row in shown], ["Atlantic Hub", "Cascade Hub", "Rhine-Main Hub", "Straits Hub"])


class Administration(ShopTables):
    def test_a_sale_between_reading_and_editing_the_stock_is_seen(self):
        path = "/api/admin/products/20"
        read = self.admin.get(path)
        whole = {key: read.json[key] for key in ("name", "sku", "description", "price", "category")}
        self.done(self.nobody.post("/api/shop/checkout", checkout_body(items=[{"product_id": 20, "quantity": 3}])))
        edit = {**whole, "stock": read.json["stock"] + 10}
        self.refused(self.admin.call("PUT", path, edit, headers={"If-Match": read.headers["etag"]}), 412)
        self.refused(self.admin.call("PUT", path, edit), 428, "If-Match")
        self.refused(self.admin.call("PUT", "/api/admin/products/999999", edit), 404)
        now = self.admin.get(path)
        self.assertEqual(now.json["stock"], read.json["stock"] - 3)
        counted = self.done(self.admin.call("PUT", path, {**whole, "stock": 70}, headers={"If-Match": "*"}))
        self.assertEqual(counted["stock"], 70)
        now = self.admin.get(path)
        priced = self.done(self.admin.call("PUT", path, {**whole, "price": 10999.99},
                                           headers={"If-Match": now.headers["etag"]}))
        self.assertEqual((priced["price"], priced["stock"], priced["is_active"]), (10999.99, now.json["stock"], 1))
        self.assertEqual(self.done(self.nobody.get("/api/products/20"))["price"], 10999.99)
        entry = self.done(self.admin.get("/api/admin/audit-logs?action=product.updated&limit=1"))["audit_logs"][0]
        stock = now.json["stock"]
        self.assertEqual((entry["username"], entry["resource"], entry["details"]), (
            "admin", "product:20", f'{{"price_was":11000.00,"price":10999.99,"stock_was":{stock},"stock":{stock}}}'))

    def test_an_edit_changes_all_that_it_takes_and_no_other_row(self):
        for table, (first, second) in KEPT.items():
            path = f"/api/admin/{table}"
            made = self.done(self.admin.post(path, first))
            self.assertEqual({member: made[member] for member in first}, first)
            others = f"SELECT * FROM {table} WHERE id <> {made['id']} ORDER BY id"
            before = list(map(tuple, self.shop.query(others)))
            self.assertGreater(len(before), 1)
            self.done(self.admin.call("PUT", f"{path}/{made['id']}", second, headers={"If-Match": "*"}))
            left = self.done(self.admin.get(f"{path}/{made['id']}"))
            self.assertEqual({member: left[member] for member in second}, second)
            self.assertEqual(list(map(tuple, self.shop.query(others))), before, table)

    def kept(self, table):
        """A new row of it: how it is edited, and what the editor of a number makes of it."""
        body = {member: f"MANY-{value}" if member in ("sku", "code") else value
                for member, value in KEPT[table][0].items()}
        if table == "customers":
            body["email"] = "many@people.example"
        path = f"/api/admin/{table}"
        path = f"{path}/{self.done(self.admin.post(path, body))['id']}"
        if table == "coupons":
            return "PUT", path, path, lambda n: {**body, "max_uses": 100 + n}
        return "PUT", path, path, lambda n: {**body, "name": f"No. {n}"}

    def test_of_many_editors_at_once_one_wins(self):
        """Of each table that is kept, where a row is locked as it is read, of a row that is held before, and of one
        with rows around it."""
        ticket = self.done(self.ada.post("/api/services/tickets", {"title": "Many", "content": "x"}))["ticket_id"]
        parcel = self.shop.value("SELECT max(id) FROM shipments WHERE status = 'delivered'")
        for method, path, edits, change in (
                *map(self.kept, KEPT),
                ("PATCH", f"/api/services/tickets/{ticket}", f"/api/services/tickets/{ticket}", lambda n: {
                    "priority": ("low", "high", "critical")[n % 3]}),
                ("POST", f"/api/shipping/{parcel}", f"/api/shipping/{parcel}/status", lambda n: {"status": "returned"})):
            version = {"If-Match": self.admin.get(path).headers["etag"], **self.admin.headers}

            def edit(number, method=method, edits=edits, change=change, version=version):
                with self.shop.client() as client:
                    return client.call(method, edits, change(number), headers=version)

            answers = in_parallel(EDITORS, edit)
            self.assertEqual(sorted(answer.status for answer in answers), [200] + [412] * (EDITORS - 1), path)
            won = next(answer for answer in answers if answer.status == 200)
            self.assertEqual(self.admin.get(path).raw, won.raw)

    def test_products_are_made_and_taken_out_of_sale(self):
        made = self.done(self.admin.post("/api/admin/products", {
            "name": "Spare Arm", "sku": "acc-arm", "price": 39.9, "stock": 4}))
        self.assertEqual(made["sku"], "ACC-ARM")
        self.assertEqual(self.done(self.nobody.get(f"/api/products/{made['id']}"))["stock"], 4)
        self.refused(self.admin.post("/api/admin/products", {"name": "x", "sku": "ACC-ARM", "price": 1}), 409, "/sku")
        gone = {"name": "Spare Arm", "sku": "ACC-ARM", "price": 39.9, "is_active": 0}
        left = self.edit_of_two(f"/api/admin/products/{made['id']}", gone, {**gone, "stock": 9})
        self.assertEqual((left["is_active"], left["stock"]), (0, 9))
        self.refused(self.nobody.get(f"/api/products/{made['id']}"), 404)

    def test_customers_are_kept(self):
        made = self.done(self.admin.post("/api/admin/customers", {"name": "Eve", "email": " Eve@People.example "}))
        self.assertEqual((made["email"], made["revenue"]), ("eve@people.example", 0))
        self.refused(self.admin.post("/api/admin/customers", {"name": "E", "email": "eve@people.example"}), 409, "/email")
        whole = {"name": "Eve", "email": "eve@people.example", "company": "Eve's"}
        left = self.edit_of_two(f"/api/admin/customers/{made['id']}", whole, {**whole, "revenue": 10})
        self.assertEqual(left["revenue"], 10)
        found = self.done(self.admin.get("/api/admin/customers?search=EVE@"))["customers"]
        self.assertEqual([(row["id"], row["company"]) for row in found], [(made["id"], "Eve's")])

    def test_users_are_made_and_lose_their_sessions_with_their_role(self):
        """All else of them is tried of the portal, whose routes they are too (test_users.py)."""
        made = self.done(self.admin.post("/api/admin/users", {
            "username": "dora", "email": "dora@people.example", "password": "dora-has-a-long-one", "role": "support"}))
        path = f"/api/admin/users/{made['user_id']}"
        with self.shop.sign_in("dora", "dora-has-a-long-one") as dora:
            self.done(dora.get("/api/services/tickets"))
            self.done(self.admin.call("PATCH", f"{path}/role", {"role": "user"}))
            self.refused(dora.get("/api/services/tickets"), 401)
        with self.shop.sign_in("dora", "dora-has-a-long-one") as dora:
            self.assertEqual(self.done(dora.get("/api/services/tickets"))["tickets"], [])
        self.refused(self.admin.call("PATCH", "/api/admin/users/1", {"is_active": False}), 409)

    def test_settings_are_shown_without_secrets(self):
        answer = self.admin.get("/api/admin/config")
        shown = {row["name"]: row for row in self.done(answer)["settings"]}
        self.assertEqual((shown["OCTO_SHOP_PORT"]["value"], shown["OCTO_PUSH_ORDERS"]["value"]),
                         (str(self.shop.port), "false"))
        key = shown["INTERNAL_SERVICE_KEY"]
        self.assertEqual((key["value"], key["is_secret"], key["is_set"]), (None, True, True))
        for secret in (INTERNAL_KEY, PASSWORD):
            self.assertNotIn(secret.encode(), answer.raw)

    def test_nobody_else_administers(self):
        for path in ("/api/admin/products", "/api/admin/customers", "/api/admin/orders", "/api/admin/audit-logs",
                     "/api/admin/config", "/api/admin/coupons", "/api/admin/shops", "/api/admin/services", "/api/admin/users"):
            for client, status in ((self.nobody, 401), (self.ada, 403), (self.support, 403)):
                self.refused(client.get(path), status)

if __name__ == "__main__":
    unittest.main()
