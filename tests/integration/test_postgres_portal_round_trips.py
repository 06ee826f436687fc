"""Round trips between the portal and its server: what each of its routes costs, and that more rows cost no more."""

import contextlib
import unittest
import uuid

from support import postgres
from support.harness import IS_POSTGRES, SERVICES, Instance
from support.proxy import Proxy

LOOK_UP = 1  # who calls
READ_MOST = LOOK_UP + 2
WRITE_MOST = LOOK_UP + 4  # with an Idempotency-Key
REPORT_MOST = LOOK_UP + 3  # what was saved, the query, the end of the transaction
READS = 12


@unittest.skipUnless(IS_POSTGRES, "an embedded database has none")
class PortalRoundTrips(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        server_port = postgres.cluster().port
        cls.proxy = cls.enterClassContext(Proxy("127.0.0.1", server_port))
        instance = Instance(OCTO_PUSH_PRODUCTS="true")
        for name, url in instance.database.environment(SERVICES).items():
            instance.environment[name] = url.replace(f":{server_port}/", f":{cls.proxy.port}/")
        cls.instance = cls.enterClassContext(instance)
        cls.client = cls.enterClassContext(contextlib.closing(cls.instance.crm.sign_in()))

    def ask(self, method, path, body=None, **headers):
        """The answer, and how often its database was waited for."""
        trace = uuid.uuid4().hex
        answer = self.client.call(method, path, body, dict(headers, traceparent=f"00-{trace}-00f067aa0ba902b7-01"))
        self.assertEqual(answer.status, 200, answer)
        return answer, self.proxy.round_trips[trace]

    def read(self, path, most=READ_MOST):
        """A read costs no more where its statements are prepared, which each session does for itself."""
        self.assertLessEqual(min(self.ask("GET", path)[1] for _ in range(READS)), most, path)

    def write(self, method, path, body=None):
        key = {"Idempotency-Key": uuid.uuid4().hex}
        answer, count = self.ask(method, path, body, **key)
        self.assertLessEqual(count, WRITE_MOST, (method, path))
        return answer.json

    def grows_not(self, paths, insert, most=READ_MOST):
        """A hundred more rows leave each path within the same bound."""
        for more in (lambda: None, insert):
            more()
            for path in paths:
                self.read(path, most)

    def order(self):
        return self.client.post("/api/orders", {"customer_id": 1, "product_id": 1}).json["order_id"]

    def invoice(self):
        return self.client.post("/api/invoices", {"order_id": self.order()}).json["invoice_id"]

    def test_invoices(self):
        crm = self.instance.crm
        for _ in range(2):  # the second with all statements prepared
            made = self.write("POST", "/api/invoices", {"order_id": self.order(), "tax_percent": 8})["invoice_id"]
            self.write("POST", f"/api/invoices/{made}/pay")
            self.write("POST", f"/api/invoices/{self.invoice()}/void", {"reason": "made twice"})
        self.grows_not([f"/api/invoices/{made}", "/api/invoices", "/api/invoices?status=overdue",
                        "/api/invoices?customer_id=1"],
                       lambda: crm.insert("invoices", ("invoice_number", "customer_id", "amount", "status"), [
                           (f"MANY-{n}", 1, 5, "paid" if n % 2 else "unpaid") for n in range(100)]))

    def test_products(self):
        for number in range(2):
            made = self.write("POST", "/api/products", {"name": "Arm", "sku": f"ARM-{number}", "price": 1, "stock": 1})
            path = f"/api/products/{made['product']['id']}"
            self.write("PATCH", path, {"sku": f"LEG-{number}"})  # one is gone, another is there
            self.write("DELETE", path)
        self.assertEqual(self.instance.crm.value("SELECT sum(change_number) FROM product_outbox"), 8)

    def test_tickets(self):
        crm = self.instance.crm
        for _ in range(2):
            made = self.write("POST", "/api/tickets", {"subject": "Late parcel", "customer_id": 1})["ticket_id"]
            self.write("PATCH", f"/api/tickets/{made}", {"status": "in_progress", "assigned_to": "logistics"})
            self.write("POST", f"/api/tickets/{made}/messages", {"content": "On its way."})

        def insert():
            crm.insert("support_tickets", ("customer_id", "subject", "assigned_to", "status"),
                       [(1, f"many {n}", "logistics", "open") for n in range(100)])
            crm.insert("support_ticket_messages", ("ticket_id", "author", "content"),
                       [(made, "many", str(n)) for n in range(100)])

        self.grows_not([f"/api/tickets/{made}", f"/api/tickets/{made}/messages", "/api/tickets",
                        "/api/tickets?status=open", "/api/tickets?assigned_to=logistics",
                        "/api/tickets?customer_id=1", "/api/tickets?search=parcel"], insert)

    def test_campaigns(self):
        crm = self.instance.crm
        for n in range(2):
            made = self.write("POST", "/api/campaigns", {"name": "Many", "status": "active"})["campaign_id"]
            self.write("PATCH", f"/api/campaigns/{made}", {"budget": 5})
            path = f"/api/campaigns/{made}/leads"
            lead = self.write("POST", path, {"email": f"trip-{n}@many.example"})["lead_id"]
            self.write("PATCH", f"{path}/{lead}", {"status": "converted"})

        def insert():
            crm.insert("leads", ("campaign_id", "email"), [(made, f"lead-{n}@many.example") for n in range(100)])
            crm.insert("campaigns", ("name",), [(f"many {n}",) for n in range(100)])

        self.grows_not([f"/api/campaigns/{made}", f"{path}/{lead}", "/api/campaigns", "/api/campaigns?status=active",
                        path, f"{path}?status=new"], insert)

    def test_parcels_and_warehouses(self):
        crm = self.instance.crm
        for _ in range(2):
            parcel = self.write("POST", "/api/shipping", {"order_id": 1, "carrier": "ups"})["shipment_id"]
            self.write("PATCH", f"/api/shipping/{parcel}/status", {"status": "shipped"})
            body = {"name": "Hub", "region": "us-east-1"}
            house = self.write("POST", "/api/shipping/warehouses", body)["id"]
            self.write("PUT", f"/api/shipping/warehouses/{house}", body)

        def insert():
            crm.insert("shipments", ("order_id", "status"), [(1, "shipped")] * 100)
            crm.insert("warehouses", ("name", "region"), [(f"many {n}", "us-east-1") for n in range(100)])

        self.grows_not([f"/api/shipping/{parcel}", "/api/shipping", "/api/shipping?order_id=1",
                        "/api/shipping/by-region", "/api/shipping/warehouses",
                        f"/api/shipping/warehouses/{house}"], insert)

    def test_users(self):
        crm = self.instance.crm
        for n in range(2):
            made = self.write("POST", "/api/admin/users", {"username": f"trip-{n}", "email": f"trip-{n}@example.org",
                                                           "password": "another-good-password"})["user_id"]
            self.write("PATCH", f"/api/admin/users/{made}/role", {"role": "manager"})
            self.write("PATCH", f"/api/admin/users/{made}", {"is_active": False})
        self.grows_not([f"/api/admin/users/{made}", "/api/admin/users", "/api/admin/users?role=user"],
                       lambda: crm.insert("users", ("username", "email", "password_hash"), [
                           (f"many-{n}", f"many-{n}@example.org", "!") for n in range(100)]))

    def test_reports(self):
        crm = self.instance.crm
        for _ in range(2):
            made = self.write("POST", "/api/reports", {"name": "Many", "query": "orders"})["report_id"]
            self.write("DELETE", f"/api/reports/{made}")
        made = self.write("POST", "/api/reports", {"name": "Many", "query": "orders"})["report_id"]
        self.grows_not([f"/api/reports/{made}", "/api/reports", "/api/reports/revenue",
                        f"/api/reports/export?report_id={made}"],
                       lambda: crm.insert("orders", ("customer_id", "total"), [(1, 5)] * 100), REPORT_MOST)

    def test_a_customer_from_all_sides(self):
        crm = self.instance.crm

        def insert():
            crm.insert("orders", ("customer_id", "total"), [(1, 5)] * 100)
            crm.insert("support_tickets", ("customer_id", "subject"), [(1, f"many {n}") for n in range(100)])

        self.grows_not(["/api/customers/1/overview", "/api/customers/1/timeline",
                        "/api/customers/1/timeline?kind=order_placed"], insert)


if __name__ == "__main__":
    unittest.main()
