"""Keys of partners' programs: shown once, kept as digests, good for what they were made for and no longer than that."""

import hashlib
import unittest

from support.harness import Instance

LINES = {"customer_email": "eva@people.example", "items": [{"product_id": 43, "quantity": 2}]}


class ApiKeys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())

    def make(self, service, permission="write", username="northern-dealers"):
        with service.sign_in("admin") as admin:
            return admin.post("/api/keys/generate", {"username": username, "permission": permission}).json

    def test_a_key_is_shown_once_and_kept_as_a_digest(self):
        for service in (self.instance.shop, self.instance.crm):
            made = self.make(service)
            self.assertRegex(made["api_key"], "^[0-9a-f]{64}$")
            with service.sign_in("admin") as admin:
                listed = admin.get("/api/keys/list").raw.decode()
            self.assertIn(made["key_id"], listed)
            self.assertNotIn(made["api_key"], listed)
            self.assertEqual(service.value("SELECT digest FROM api_keys WHERE key_id = ?", made["key_id"]),
                             hashlib.sha256(made["api_key"].encode()).hexdigest())
            with service.client() as client:
                headers = {"X-API-Key": made["api_key"]}
                self.assertEqual(client.get("/api/keys/validate", headers=headers).json,
                                 {"valid": True, "user": {"username": "northern-dealers", "auth_method": "api_key"}})
                for wrong in ("0" * 64, made["api_key"][:-1], made["key_id"], made["api_key"].upper()):
                    self.assertEqual(client.get("/api/keys/validate", headers={"X-API-Key": wrong}).status, 401, wrong)
                self.assertEqual(client.get("/api/orders", headers=headers).status, 401, "it opens nothing else")
                with service.sign_in("admin") as admin:
                    self.assertEqual(admin.call("DELETE", f"/api/keys/{made['key_id']}").json["status"], "revoked")
                    self.assertEqual(admin.call("DELETE", f"/api/keys/{made['key_id']}").status, 404)
                self.assertEqual(client.get("/api/keys/validate", headers=headers).status, 401, "it has ended at once")

    def test_a_partner_places_orders_and_sees_his_own(self):
        shop = self.instance.shop
        own, reader, other = (self.make(shop, permission, name)["api_key"] for permission, name in (
            ("write", "northern"), ("read", "northern"), ("write", "southern")))
        with shop.client() as client:
            headers = {"X-API-Key": own, "Idempotency-Key": "partner-order-1"}
            placed = client.post("/api/v1/partner/orders", LINES, headers=headers)
            again = client.post("/api/v1/partner/orders", LINES, headers=headers)
            self.assertEqual((placed.status, again.json), (200, placed.json), placed)
            order = placed.json
            self.assertEqual((order["customer_email"], order["payment_status"], len(order["items"])),
                             ("eva@people.example", "pending", 1))
            path = f"/api/v1/partner/orders/{order['id']}"
            for key, status in ((own, 200), (reader, 200), (other, 404)):
                answer = client.get(path, headers={"X-API-Key": key})
                self.assertEqual(answer.status, status, answer)
                if status == 200:
                    self.assertEqual(answer.json, order)
            self.assertEqual(client.get("/api/v1/partner/orders/1", headers={"X-API-Key": own}).status, 404)
            refused = client.post("/api/v1/partner/orders", LINES, headers={"X-API-Key": reader})
            self.assertEqual(refused.status, 403, refused)
            self.assertEqual(shop.value("SELECT count(*) FROM partner_orders"), 1)
            taken = shop.value("SELECT username FROM audit_logs WHERE action = 'order.created' AND resource_name = ?",
                               f"order:{order['id']}")
            self.assertEqual(taken, "partner:northern")


if __name__ == "__main__":
    unittest.main()
