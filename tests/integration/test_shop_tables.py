"""What the shop keeps besides products and orders, written and read as its users do: services, reviews, tickets,
coupons, dealers, parcels, and what administrators edit."""

import hashlib
import secrets
import time
import unittest

from support.harness import Instance, checkout_body, in_parallel, moment

REVIEWERS = 64
MARKUP = "<script>alert('\N{GREEK SMALL LETTER OMEGA}')</script> & \"more\""


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
        customer = self.shop.value("SELECT id FROM customers WHERE email = 'ada@people.example'")
        self.assertEqual([self.shop.value("SELECT customer_id FROM reviews WHERE id = ?", review)
                          for review in (own, other)], [customer, None])
        self.assertEqual(self.shop.value("SELECT author_name FROM reviews WHERE id = ?", other), "Anonymous")

    def test_what_is_not_for_sale_has_none(self):
        self.shop.execute("UPDATE products SET is_active = 0 WHERE id = 55")
        self.refused(self.nobody.get("/api/products/55/reviews"), 404, "product_id")
        self.refused(self.nobody.post("/api/products/55/reviews", {"rating": 5}), 404, "product_id")


if __name__ == "__main__":
    unittest.main()
