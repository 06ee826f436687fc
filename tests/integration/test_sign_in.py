"""Signing in: nobody waits for those who do, and sessions end."""

import time
import unittest

from support.harness import INTERNAL_KEY, IS_SLOW, Instance, checkout_body, patience
from support.sign_ins import Crowd, guess, raw_post

CONNECTIONS = 150
PROMPTLY = 60 if IS_SLOW else 5  # seconds: a third of a request's time


class NobodyWaits(unittest.TestCase):
    """Not for sign-ins, nor for a peer: what has a slow crew of its own is refused early when that is busy."""

    def assert_prompt(self, ask):
        begun = time.monotonic()
        answer = ask()
        self.assertEqual(answer.status, 200, answer)
        self.assertLess(time.monotonic() - begun, PROMPTLY)

    def assert_buyers_buy(self, shop):
        with shop.client() as client:
            for number in range(5):
                self.assert_prompt(lambda: client.post("/api/cart/add", {"product_id": 1}))
                self.assert_prompt(lambda email=f"b{number}@example.com": client.post(
                    "/api/shop/checkout", checkout_body(email)))

    def test_buyers_buy_while_a_crowd_signs_in(self):
        with Instance() as instance, Crowd(instance.shop, CONNECTIONS, guess) as crowd:
            self.assertTrue(crowd.is_busy.wait(patience(60)))
            self.assert_buyers_buy(instance.shop)
        self.assertLessEqual(set(crowd.statuses), {"401", "503"})

    def test_staff_work_while_a_crowd_signs_in(self):
        with Instance() as instance:
            crm = instance.crm
            with crm.client(internal=True) as staff, Crowd(crm, CONNECTIONS, guess) as crowd:
                self.assertTrue(crowd.is_busy.wait(patience(60)))
                for number in range(5):
                    self.assert_prompt(lambda: staff.post("/api/analytics/track", {"page": "/"}))
                    self.assert_prompt(lambda name=f"c{number}": staff.post(
                        "/api/customers", {"name": name, "email": f"{name}@example.com"}))

    def test_buyers_buy_while_the_portal_does_not_answer(self):
        with Instance() as instance:
            with instance.shop.client() as client:
                order = client.post("/api/shop/checkout", checkout_body()).json
            request = raw_post("/api/integrations/crm/sync-order", {
                "order_id": order["order_id"], "total": order["total"], "customer_email": "buyer@example.com"},
                X_Internal_Service_Key=INTERNAL_KEY)
            with instance.crm.standing_still(), Crowd(instance.shop, 40, lambda _: request) as crowd:
                self.assertTrue(crowd.is_busy.wait(patience(60)))
                self.assert_buyers_buy(instance.shop)


class Sessions(unittest.TestCase):
    def setUp(self):
        self.instance = self.enterContext(Instance())

    def paths(self):
        return ((self.instance.shop, "/api/auth/profile"), (self.instance.crm, "/api/orders"))

    def test_another_password_ends_all_sessions_of_its_user(self):
        for service, path in self.paths():
            with service.sign_in() as one, service.sign_in() as other:
                service.execute("UPDATE users SET is_active = 1 WHERE username = 'admin'")
                self.assertEqual([client.get(path).status for client in (one, other)], [200, 200])
                service.execute("UPDATE users SET password_hash = '!' WHERE username = 'admin'")
                self.assertEqual([client.get(path).status for client in (one, other)], [401, 401])
                self.assertEqual(service.value("SELECT count(*) FROM user_sessions"), 0)

    def test_only_so_many_sessions_live_at_a_time(self):
        for service, path in self.paths():
            clients = [self.enterContext(service.sign_in()) for _ in range(34)]
            self.assertEqual([client.get(path).status for client in clients], [401] * 2 + [200] * 32)


if __name__ == "__main__":
    unittest.main()
