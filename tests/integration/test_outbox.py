"""Orders on their way to the portal: what is kept of one that could not be handed over, and when it is tried again."""

import time
import unittest

from support.harness import Instance, checkout_body, moment, patience

DAY = 86400


class Outbox(unittest.TestCase):
    environment = {}

    def setUp(self):
        self.instance = self.enterContext(Instance(**self.environment))
        self.shop, self.crm = self.instance.shop, self.instance.crm
        self.client = self.enterContext(self.shop.client(internal=True))

    def buy(self):
        answer = self.client.post("/api/shop/checkout", checkout_body())
        self.assertLess(answer.status, 300, answer)
        return answer.json["order_id"]

    def parcel(self, order_id):
        return self.shop.query("SELECT sent_at IS NOT NULL AS is_sent, last_error, attempts FROM order_outbox "
                               "WHERE order_id = ?", order_id)[0]

    def wait_until_sent(self, order_id):
        deadline = time.monotonic() + patience(60)
        while not self.parcel(order_id)["is_sent"]:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)


class ByHand(Outbox):
    def hand_over(self, order_id):
        total = self.client.get(f"/api/orders/{order_id}").json["total"]
        answer = self.client.post("/api/integrations/crm/sync-order", {
            "order_id": order_id, "customer_email": "buyer@example.com", "total": total})
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def test_one_that_cannot_be_handed_over_is_kept_with_the_reason(self):
        order_id = self.buy()
        self.crm.stop()
        told = self.hand_over(order_id)
        self.assertEqual((told["synced"], told["queued"], told["status_code"], told["crm_response"]),
                         (False, False, None, None))
        parcel = self.parcel(order_id)
        self.assertFalse(parcel["is_sent"])
        self.assertTrue(told["reason"])
        self.assertEqual(parcel["last_error"], told["reason"])
        self.crm.start()
        told = self.hand_over(order_id)
        self.assertEqual((told["synced"], told["queued"], told["status_code"], told["reason"]),
                         (True, False, 200, None))
        self.assertEqual(told["crm_response"]["status"], "created")
        parcel = self.parcel(order_id)
        self.assertTrue(parcel["is_sent"])
        self.assertIsNone(parcel["last_error"])
        self.assertEqual(  # the portal's catalogue does not know them: they are called as the shop does
            self.crm.query("SELECT i.product_name, p.name FROM order_items i JOIN products p ON p.id = i.product_id "
                           "JOIN orders o ON o.id = i.order_id WHERE o.source_order_id = ? ORDER BY i.id", order_id),
            self.shop.query("SELECT product_name, product_name AS name FROM order_items WHERE order_id = ? ORDER BY id", order_id))


class ByItself(Outbox):
    environment = {"OCTO_PUSH_ORDERS": "true"}

    def test_one_that_fails_is_tried_again(self):
        self.crm.stop()
        order_id = self.buy()
        deadline = time.monotonic() + patience(60)
        while self.parcel(order_id)["last_error"] is None:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        parcel = self.parcel(order_id)
        self.assertFalse(parcel["is_sent"])
        self.assertGreaterEqual(parcel["attempts"], 1)
        self.crm.start()
        self.wait_until_sent(order_id)
        self.assertIsNone(self.parcel(order_id)["last_error"])

    def test_one_of_a_clock_that_was_ahead_does_not_wait_for_it(self):
        order_id = self.buy()
        self.wait_until_sent(order_id)
        self.shop.execute("UPDATE order_outbox SET sent_at = NULL, next_attempt_at = ? WHERE order_id = ?",
                          moment(time.time() + DAY), order_id)
        self.wait_until_sent(order_id)


del Outbox  # which the others only have in common

if __name__ == "__main__":
    unittest.main()
