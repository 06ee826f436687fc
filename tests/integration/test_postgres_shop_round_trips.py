"""Round trips between the shop and its server: what its lists and its writes cost, and that more rows cost no more."""

import contextlib
import unittest
import uuid

from support import postgres
from support.harness import IS_POSTGRES, PASSWORD, SERVICES, Instance, checkout_body
from support.proxy import Proxy

LOOK_UP = 1  # who calls; of strangers nobody is looked up
WRITE_MOST = 4  # with an Idempotency-Key
MANY = 100
READS = 12


@unittest.skipUnless(IS_POSTGRES, "an embedded database has none")
class ShopRoundTrips(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        server_port = postgres.cluster().port
        cls.proxy = cls.enterClassContext(Proxy("127.0.0.1", server_port))
        instance = Instance(SEED_USER_PASSWORD=PASSWORD)
        for name, url in instance.database.environment(SERVICES).items():
            instance.environment[name] = url.replace(f":{server_port}/", f":{cls.proxy.port}/")
        cls.instance = cls.enterClassContext(instance)
        cls.shop = cls.instance.shop
        cls.nobody = cls.enterClassContext(contextlib.closing(cls.shop.client()))
        cls.admin = cls.enterClassContext(contextlib.closing(cls.shop.sign_in()))
        cls.shopper = cls.enterClassContext(contextlib.closing(cls.shop.sign_in("shopper")))

    def ask(self, client, method, path, body=None, **headers):
        """The answer, and how often its database was waited for besides the look-up of who calls."""
        trace = uuid.uuid4().hex
        answer = client.call(method, path, body, dict(headers, traceparent=f"00-{trace}-00f067aa0ba902b7-01"))
        self.assertEqual(answer.status, 200, answer)
        return answer, self.proxy.round_trips[trace] - (0 if client is self.nobody else LOOK_UP)

    def read(self, client, path):
        """What a read costs where its statements are prepared, which each session does for itself."""
        return min(self.ask(client, "GET", path)[1] for _ in range(READS))

    def write(self, client, method, path, bodies):
        """The answer to the last of them, which has all statements prepared."""
        for body in bodies:
            answer, count = self.ask(client, method, path, body, **{"Idempotency-Key": uuid.uuid4().hex})
        self.assertLessEqual(count, WRITE_MOST, (method, path))
        return answer.json

    def fill(self):
        """Rows for each list, and so many messages in one ticket."""
        shop, numbers = self.shop, range(MANY)
        shop.insert("services", ("name", "sku", "price"), [(f"S{n}", f"MANY-{n}", 1) for n in numbers])
        shop.insert("reviews", ("product_id", "rating"), [(2, 1 + n % 5) for n in numbers])
        shop.insert("coupons", ("code",), [(f"MANY-{n}",) for n in numbers])
        shop.insert("shops", ("name", "address"), [(f"D{n}", "x") for n in numbers])
        shop.insert("customers", ("name", "email"), [(f"C{n}", f"c{n}@many.example") for n in numbers])
        shop.insert("products", ("name", "sku", "price"), [(f"P{n}", f"MANY-{n}", 1) for n in numbers])
        shop.insert("orders", ("customer_id", "total"), [(1, 1)] * MANY)
        shop.insert("shipments", ("order_id", "status"), [(1, "shipped")] * MANY)
        shop.insert("warehouses", ("name", "region"), [(f"W{n}", "us-east-1") for n in numbers])
        shop.insert("campaigns", ("name",), [(f"many {n}",) for n in numbers])
        shop.insert("leads", ("campaign_id", "email"), [(1, f"lead-{n}@many.example") for n in numbers])
        shop.insert("tickets", ("customer_id", "title"), [(self.customer, "t")] * MANY)
        shop.insert("ticket_messages", ("ticket_id", "sender_type", "content"), [
            (ticket, "agent", "x") for ticket in (self.ticket, *range(1, MANY)) for _ in range(3)])

    def test_lists_cost_the_same_however_long_they_are(self):
        self.ticket = self.write(self.shopper, "POST", "/api/services/tickets", [{"title": "t", "content": "c"}])["ticket_id"]
        self.customer = self.shop.value("SELECT customer_id FROM tickets WHERE id = ?", self.ticket)
        once = [(self.nobody, path) for path in (
            "/api/services/catalog", "/api/products/2/reviews", "/api/shop/locations", "/api/shipping/warehouses")]
        once += [(self.admin, path) for path in (
            "/api/admin/services", "/api/admin/coupons", "/api/admin/shops", "/api/admin/products",
            "/api/admin/products?sort=stock", "/api/admin/customers", "/api/admin/orders", "/api/admin/audit-logs",
            "/api/shipping", "/api/shipping?order_id=1", "/api/shipping/by-region?region=us-east-1", "/api/shipping/1",
            "/api/services/tickets", "/api/services/tickets?customer_id=1", "/api/services/tickets/1",
            "/api/services/tickets/1/messages", "/api/campaigns", "/api/campaigns/1/leads", "/api/admin/warehouses",
            "/api/admin/warehouses/1")]
        once += [(self.shopper, "/api/shipping")]
        twice = [(self.shopper, "/api/services/tickets"),  # whose they are is asked first
                 (self.admin, "/api/campaigns/1")]  # and how far its leads have come
        expected = [1] * len(once) + [2] * len(twice)
        self.assertEqual([self.read(*each) for each in once + twice], expected)
        self.fill()
        self.assertEqual([self.read(*each) for each in once + twice], expected)

    def test_writes_cost_four_at_most(self):
        for path, bodies in (
                ("/api/admin/services", [{"name": "x", "sku": f"RT-{n}", "price": 1} for n in range(2)]),
                ("/api/admin/coupons", [{"code": f"RT-{n}"} for n in range(2)]),
                ("/api/admin/shops", [{"name": "x", "address": "x"}] * 2),
                ("/api/admin/products", [{"name": "x", "sku": f"RT-{n}", "price": 1} for n in range(2)]),
                ("/api/admin/orders", [{"customer_id": 1, "total": 1, "shipping_address": "x"}] * 2),
                ("/api/admin/warehouses", [{"name": "x", "region": "x"}] * 2),
                ("/api/admin/customers", [{"name": "x", "email": f"rt{n}@x.example"} for n in range(2)])):
            made = self.write(self.admin, "POST", path, bodies)["id"]
            self.write(self.admin, "PUT", f"{path}/{made}", [bodies[-1]] * 2)
        made = self.write(self.admin, "POST", "/api/admin/invoices", [{"customer_id": 1, "amount": 5}] * 2)["id"]
        self.write(self.admin, "PUT", f"/api/admin/invoices/{made}", [{"amount": 6}] * 2)
        self.write(self.admin, "POST", "/api/campaigns", [{"name": "x"}] * 2)
        self.write(self.admin, "PATCH", "/api/campaigns/1", [{"budget": 7}] * 2)
        self.write(self.nobody, "POST", "/api/campaigns/1/leads", [{"email": f"rt{n}@x.example"} for n in range(2)])
        self.write(self.nobody, "POST", "/api/products/1/reviews", [{"rating": 5}] * 2)
        ticket = self.write(self.shopper, "POST", "/api/services/tickets", [{"title": "t", "content": "c"}] * 2)["ticket_id"]
        self.write(self.admin, "POST", "/api/services/tickets", [{"title": "t", "content": "c", "customer_id": 1}] * 2)
        self.write(self.shopper, "POST", f"/api/services/tickets/{ticket}/messages", [{"content": "c"}] * 2)
        self.write(self.admin, "PATCH", f"/api/services/tickets/{ticket}", [{"status": "resolved"}] * 2)
        question = {"message": "Which battery fits the Kestrel Pro Mapper?"}
        session = self.shopper.post("/api/shop/assistant/query", question).json["session_id"]
        self.write(self.shopper, "POST", "/api/shop/assistant/query", [{**question, "session_id": session}] * 2)
        orders = [self.nobody.post("/api/shop/checkout", checkout_body()).json["order_id"] for _ in range(2)]
        for order in orders:
            parcel = self.shop.value("SELECT id FROM shipments WHERE order_id = ?", order)
            self.write(self.admin, "POST", f"/api/shipping/{parcel}/status", [{"status": "shipped"}])


if __name__ == "__main__":
    unittest.main()
