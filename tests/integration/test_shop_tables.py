"""What the shop keeps besides products and orders, written and read as its users do: services, reviews, tickets,
coupons, dealers, parcels, and what administrators edit."""

import hashlib
import secrets
import time
import unittest

from support.harness import Instance, checkout_body, moment

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


if __name__ == "__main__":
    unittest.main()
