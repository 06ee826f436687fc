"""What changes on its way to the other service: orders to the portal, products to the shop. What is kept of one that
could not be handed over, when it is tried again, and that each is taken once."""

import os
import random
import time
import unittest

from support.harness import Instance, Service, checkout_body, free_port, in_parallel, moment, patience

DAY = 86400
TRACE = "5f1d6e3c9a7b4c2d8e0f1a2b3c4d5e6f"
SEED = 20261201


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


class Products(unittest.TestCase):
    """Changes of the portal's catalogue, which the shop is told of."""

    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance(OCTO_PUSH_PRODUCTS="true"))
        cls.shop, cls.crm = cls.instance.shop, cls.instance.crm

    def setUp(self):
        self.client = self.enterContext(self.crm.sign_in())

    def done(self, method, path, body=None, **headers):
        answer = self.client.call(method, path, body, headers)
        self.assertLess(answer.status, 300, answer)
        return answer.json

    def make(self, sku, price=10, **headers):
        made = self.done("POST", "/api/products", {"name": f"Part {sku}", "sku": sku, "price": price, "stock": 4}, **headers)
        return f"/api/products/{made['product']['id']}"

    def until(self, what):
        deadline = time.monotonic() + patience(120)
        while not what():
            self.assertLess(time.monotonic(), deadline, self.crm.query("SELECT * FROM product_outbox"))
            time.sleep(0.05)

    def until_told(self):
        self.until(lambda: not self.crm.value("SELECT count(*) FROM product_outbox WHERE sent_at IS NULL"))

    def in_shop(self, sku):
        """Name, price in cents or dollars as the engine keeps it, whether it is for sale, and which change that shows."""
        return [tuple(row) for row in self.shop.query(
            "SELECT name, price, is_active, portal_change FROM products WHERE sku = ?", sku)]

    def of_crm(self, sku):
        """The same as it should be there."""
        called = self.crm.query("SELECT name, price, change_number FROM product_outbox WHERE sku = ?", sku)[0]
        kept = self.crm.query("SELECT name, price, is_active FROM products WHERE sku = ?", sku)
        name, price, is_active = kept[0] if kept else (called[0], called[1], 0)
        return [(name, price, is_active, called[2])]

    def taken(self, sku):
        """How often the shop has written this product."""
        return self.shop.value("SELECT count(*) FROM audit_logs a JOIN products p ON a.resource_name = 'product:' || p.id "
                               "WHERE a.action LIKE 'crm!_catalog!_%' ESCAPE '!' AND p.sku = ?", sku)

    def begin_again(self):
        """The portal anew, which knows of no failures, as if the time of whoever has taken a row and died was over."""
        self.crm.kill()
        self.crm.execute("UPDATE product_outbox SET next_attempt_at = ? WHERE sent_at IS NULL", moment(time.time() - 1))
        self.crm.start()

    def test_a_change_is_told_with_its_trace_and_what_is_gone_stays_gone(self):
        path = self.make("told-1", traceparent=f"00-{TRACE}-00f067aa0ba902b7-01")
        self.until_told()
        self.assertEqual(self.in_shop("TOLD-1"), self.of_crm("TOLD-1"))
        self.assertEqual([row[0] for row in self.shop.query("SELECT action FROM audit_logs WHERE trace_id = ? ORDER BY action", TRACE)],
                         ["catalogue.pushed", "crm_catalog_upsert"])
        older = {"products": [{"name": "As it was", "sku": "TOLD-1", "price": 1, "change_number": 1}]}
        self.shop.execute("UPDATE products SET stock = 3 WHERE sku = 'TOLD-1'")  # sold
        self.done("PATCH", path, {"price": 12, "sku": "told-2"})
        self.until_told()
        self.assertEqual([self.in_shop(sku)[0][2:] for sku in ("TOLD-1", "TOLD-2")], [(0, 2), (1, 1)])
        self.done("PATCH", path, {"sku": "told-1"})
        self.until_told()
        self.assertEqual((self.in_shop("TOLD-1"), self.in_shop("TOLD-2")[0][2:]), (self.of_crm("TOLD-1"), (0, 2)))
        self.assertEqual(self.shop.value("SELECT stock FROM products WHERE sku = 'TOLD-1'"), 3)
        self.assertEqual(self.done("DELETE", path)["status"], "deleted")
        self.until_told()
        gone = self.in_shop("TOLD-1")
        self.assertEqual((gone[0][2:], gone), ((0, 4), self.of_crm("TOLD-1")))
        with self.shop.client(internal=True) as crm:  # what comes late
            late = crm.post("/api/integrations/crm/catalog-sync", older)
            self.assertEqual([row["status"] for row in late.json["products"]], ["outdated"], late)
        self.assertEqual(self.in_shop("TOLD-1"), gone)
        self.make("told-1")  # another one with its number
        self.until_told()
        self.assertEqual(self.in_shop("TOLD-1"), [("Part told-1", gone[0][1] / 12 * 10, 1, 5)])

    def test_what_only_stands_for_a_product_of_the_shop_is_not_told(self):
        self.crm.insert("products", ("name", "sku", "price", "category", "is_active"),
                        [("Of the shop", "SYNC-1", 1, "External Sync", 0)])
        known = self.crm.value("SELECT id FROM products WHERE sku = 'SYNC-1'")
        path = f"/api/products/{known}"
        self.done("PATCH", path, {"name": "Still of the shop"})
        self.assertEqual(self.crm.value("SELECT count(*) FROM product_outbox WHERE sku = 'SYNC-1'"), 0)
        self.done("PATCH", path, {"category": "Accessories"})
        self.until_told()
        self.assertEqual(self.in_shop("SYNC-1"), self.of_crm("SYNC-1"))

    def test_changes_while_the_shop_is_away_arrive_once(self):
        self.shop.stop()
        path = self.make("away-1")
        self.until(lambda: self.crm.value("SELECT count(*) FROM product_outbox WHERE last_error IS NOT NULL"))
        self.done("PATCH", path, {"price": 11})
        self.done("PATCH", path, {"price": 12})
        self.shop.start()
        self.begin_again()  # or it would rest for a minute
        self.until_told()
        self.assertEqual((self.in_shop("AWAY-1"), self.taken("AWAY-1")), (self.of_crm("AWAY-1"), 1))
        self.assertEqual(self.of_crm("AWAY-1")[0][3], 3)

    def test_two_replicas_tell_once(self):
        other = Service("crm", self.instance.data, free_port(), {}, database=self.crm.server_database)
        other.environment = dict(self.instance.environment, OCTO_CRM_PORT=str(other.port))
        other.log_path = other.data / "replica.log"
        self.addCleanup(other.kill)
        other.start()
        clients = [self.client, self.enterContext(other.sign_in())]

        def change(number):
            answer = clients[number % 2].post("/api/products", {"name": "Part", "sku": f"TWO-{number}", "price": 1, "stock": 4})
            self.assertEqual(answer.status, 200, answer)

        for first in range(0, 8, 2):
            in_parallel(2, lambda number, first=first: change(first + number))
        self.until_told()
        self.assertEqual([self.taken(f"TWO-{number}") for number in range(8)], [1] * 8)

    def test_one_that_is_told_when_the_portal_dies_is_taken_once(self):
        with self.shop.standing_still():
            self.make("dead-1")
            self.until(lambda: self.crm.value("SELECT count(*) FROM product_outbox WHERE attempts = 1"))
            self.crm.kill()
        self.begin_again()
        self.until_told()
        self.assertEqual((self.in_shop("DEAD-1"), self.taken("DEAD-1")), (self.of_crm("DEAD-1"), 1))

    def test_whoever_is_killed_nothing_is_lost(self):
        chance = random.Random(SEED)
        paths = {sku: self.make(sku) for sku in ("KILL-0", "KILL-1", "KILL-2")}
        for kill in range(int(os.environ.get("OCTO_KILL_MOMENTS", 3))):
            sku = chance.choice(list(paths))
            if chance.random() < 0.4:
                self.done("DELETE", paths[sku])
                paths[sku] = self.make(sku, kill + 1)
            else:
                self.done("PATCH", paths[sku], {"price": kill + 20})
            time.sleep(chance.random() * 0.4)  # the outbox waits a quarter of a second before it begins
            victim = chance.choice((self.shop, self.crm))
            victim.kill()
            victim.start()
            self.client = self.enterContext(self.crm.sign_in())
        self.done("DELETE", paths["KILL-0"])
        self.begin_again()
        self.until_told()
        for sku in paths:
            self.assertEqual(self.in_shop(sku), self.of_crm(sku), sku)


del Outbox  # which the others only have in common

if __name__ == "__main__":
    unittest.main()
