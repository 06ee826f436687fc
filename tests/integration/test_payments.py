"""What a payment provider tells: believed when it is signed with its key, of now, and told for the first time."""

import json
import time
import unittest

from support.harness import Instance, checkout_body
from support.payments import KEY, signed


def tell(client, text, headers, provider="stripe"):
    return client.post("/api/payments/webhooks/{provider_name}".format(provider_name=provider), text, headers=headers)


def event(number, kind, order, reference="pi_1", **payment):
    payment = {"id": reference, "amount": 0, "currency": "usd", "metadata": {"order_id": str(order)}, **payment}
    return json.dumps({"id": f"evt_{number}", "type": kind, "data": {"object": payment}})


class Payments(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance(STRIPE_WEBHOOK_SECRET=KEY))
        cls.client = cls.enterClassContext(cls.instance.shop.client())

    def tell(self, text, **how):
        return tell(self.client, text, signed(text, **how))

    def unpaid(self):
        placed = self.client.post("/api/shop/checkout", checkout_body(payment_method="bank_transfer")).json
        order = placed["order_id"]
        self.assertEqual(self.payment(order), "pending")
        return order

    def payment(self, order):
        return self.instance.shop.value("SELECT payment_status FROM orders WHERE id = ?", order)

    def cents(self, order):
        with self.instance.shop.client(internal=True) as service:
            return round(service.get(f"/api/orders/{order}").json["total"] * 100)

    def test_a_payment_goes_through_its_life_once(self):
        order = self.unpaid()
        cents = self.cents(order)
        paid = event(1, "payment_intent.succeeded", order, amount=cents)
        self.assertEqual(self.tell(paid).json, {"status": "applied", "event_id": "evt_1", "order_id": order, "reason": None})
        self.assertEqual(self.payment(order), "paid")
        self.assertEqual(self.tell(paid).json["status"], "duplicate")
        late = self.tell(event(2, "payment_intent.payment_failed", order, amount=cents)).json
        self.assertEqual((late["status"], self.payment(order)), ("ignored", "paid"))
        refund = event(3, "charge.refunded", order, "ch_1", payment_intent="pi_1", amount_refunded=cents)
        self.assertEqual((self.tell(refund).json["status"], self.payment(order)), ("applied", "refunded"))
        self.assertEqual(self.instance.shop.value("SELECT count(*) FROM audit_logs WHERE action = 'payment.refunded'"), 1)

    def test_what_does_not_fit_changes_nothing(self):
        order = self.unpaid()
        cents = self.cents(order)
        for number, change in enumerate(({"amount": cents - 1}, {"amount": cents, "currency": "eur"})):
            answer = self.tell(event(f"a{number}", "payment_intent.succeeded", order, f"pi_a{number}", **change)).json
            self.assertEqual(answer["status"], "ignored", answer)
        self.assertEqual(self.tell(event("a2", "invoice.created", order)).json["status"], "ignored")
        self.assertEqual(self.tell(event("a3", "payment_intent.succeeded", 999999, "pi_a3", amount=1)).status, 404)
        for text, status in (("{", 400), ("{}", 422), (event("a4", "payment_intent.succeeded", order, amount="x"), 422)):
            self.assertEqual(self.tell(text).status, status, text)
        self.assertEqual(self.payment(order), "pending")

    def test_what_is_not_signed_by_the_provider_is_not_read(self):
        order = self.unpaid()
        text = event("b1", "payment_intent.succeeded", order, "pi_b", amount=self.cents(order))
        right = signed(text)
        now = int(time.time())
        for headers, body in ((signed(text, key="whsec_of_somebody_else"), text), (right, text + " "),
                              (signed(text, sent=now - 3600), text), (signed(text, sent=now + 3600), text),
                              ({"Content-Type": "application/json"}, text),
                              ({**right, "Stripe-Signature": "t=,v1="}, text),
                              ({**right, "Stripe-Signature": right["Stripe-Signature"].replace("v1=", "v2=")}, text)):
            answer = tell(self.client, body, headers)
            self.assertEqual(answer.status, 400, (headers, answer))
        self.assertEqual(self.payment(order), "pending")
        self.assertEqual(self.tell(text).json["status"], "applied")

    def test_what_is_no_json_is_not_taken(self):
        answer = tell(self.client, "a=b", {**signed("a=b"), "Content-Type": "text/plain"})
        self.assertEqual(answer.status, 415, answer)

    def test_a_provider_that_is_not_set_up_is_told_so(self):
        unknown = tell(self.client, "{}", signed("{}"), "nobody")
        self.assertEqual(unknown.status, 404, unknown)
        with Instance() as other, other.shop.client() as client:
            answer = tell(client, "{}", signed("{}"))
            self.assertEqual(answer.status, 501, answer)


if __name__ == "__main__":
    unittest.main()
