"""One customer from all sides: figures and what happened, said once more in Python over the rows there are."""

import time
import unittest

from support.harness import IS_SERVER, Instance, moment

DAY = 86400
CUSTOMER = 4
UNIT = 100 if IS_SERVER else 1  # cents of a whole number that is written behind the service's back


class Sides(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())
        cls.crm = cls.instance.crm
        cls.admin = cls.enterClassContext(cls.crm.sign_in())
        cls.now = int(time.time())
        cls.fill()

    @classmethod
    def fill(cls):
        """Much at the same moment, over all kinds, and as much of somebody else."""
        at = [moment(cls.now - n * DAY) for n in (1, 2, 2, 3)]
        for customer in (CUSTOMER, 5):
            cls.crm.insert("orders", ("customer_id", "total", "status", "created_at"),
                           [(customer, 100 + n, status, at[n]) for n, status in enumerate(
                               ("pending", "cancelled", "completed", "failed"))])
            cls.crm.insert("support_tickets", ("customer_id", "subject", "status", "created_at"),
                           [(customer, f"ticket {n}", status, at[n]) for n, status in enumerate(
                               ("open", "closed", "in_progress", "resolved"))])
            ticket = cls.crm.value("SELECT max(id) FROM support_tickets")
            cls.crm.insert("support_ticket_messages", ("ticket_id", "author", "content", "created_at"),
                           [(ticket, "ada", "text", at[n]) for n in range(4)])
            cls.crm.insert("invoices", ("invoice_number", "customer_id", "amount", "tax", "status", "issued_at",
                                        "due_date", "paid_at", "voided_at"),
                           [(f"SIDE-{customer}-0", customer, 100, 8, "unpaid", at[3], at[0], None, None),
                            (f"SIDE-{customer}-1", customer, 200, 16, "unpaid", at[3], moment(cls.now + DAY), None, None),
                            (f"SIDE-{customer}-2", customer, 300, 24, "paid", at[2], at[0], at[1], None),
                            (f"SIDE-{customer}-3", customer, 400, 32, "void", at[2], at[0], None, at[1])])

    def whole(self, limit, path=f"/api/customers/{CUSTOMER}/timeline", **filters):
        events, cursor = [], None
        while True:
            asked = {"limit": limit, **filters, **({"cursor": cursor} if cursor else {})}
            page = self.admin.get(f"{path}?" + "&".join(f"{key}={value}" for key, value in asked.items()))
            self.assertEqual(page.status, 200, page)
            events += page.json["events"]
            cursor = page.json["next_cursor"]
            if cursor is None:
                return events

    def expected(self):
        """(kind, id) of all that happened."""
        sides = {
            "order_placed": "SELECT id FROM orders WHERE customer_id = ?",
            "invoice_issued": "SELECT id FROM invoices WHERE customer_id = ? AND issued_at IS NOT NULL",
            "invoice_paid": "SELECT id FROM invoices WHERE customer_id = ? AND paid_at IS NOT NULL",
            "invoice_voided": "SELECT id FROM invoices WHERE customer_id = ? AND voided_at IS NOT NULL",
            "ticket_opened": "SELECT id FROM support_tickets WHERE customer_id = ?",
            "ticket_message": "SELECT t.id FROM support_tickets t JOIN support_ticket_messages m ON m.ticket_id = t.id "
                              "WHERE t.customer_id = ?",
            "lead_captured": "SELECT id FROM leads WHERE customer_id = ?"}
        return {kind: sorted(row[0] for row in self.crm.query(sql, CUSTOMER)) for kind, sql in sides.items()}

    def test_everything_that_happened_once_and_newest_first(self):
        events = self.whole(500)
        for kind, ids in self.expected().items():
            self.assertEqual(sorted(event["id"] for event in events if event["kind"] == kind), ids, kind)
            self.assertEqual(self.whole(500, kind=kind), [event for event in events if event["kind"] == kind])
        times = [event["at"] for event in events]
        self.assertEqual(times, sorted(times, reverse=True))
        self.assertGreater(len(times), len(set(times)) + 5)

    def test_page_by_page_it_is_the_same(self):
        events = self.whole(500)
        for limit in (1, 2, 3, 7):
            self.assertEqual(self.whole(limit), events, limit)
        self.assertEqual(self.whole(1, kind="ticket_message"), self.whole(500, kind="ticket_message"))

    def test_what_an_event_tells(self):
        events = self.whole(500)
        order = next(event for event in events if event["kind"] == "order_placed" and event["status"] == "cancelled")
        self.assertEqual((order["label"], round(order["amount"] * 100)), ("enterprise-crm", 101 * UNIT))
        paid = next(event for event in events if event["kind"] == "invoice_paid" and event["label"] == f"SIDE-{CUSTOMER}-2")
        self.assertEqual((round(paid["amount"] * 100), paid["status"]), (324 * UNIT, None))
        said = next(event for event in events if event["kind"] == "ticket_message")
        self.assertEqual((said["label"], said["amount"], said["status"]), ("ada", None, None))

    def test_figures(self):
        orders = [row for row in self.crm.query("SELECT total, status, backlog_status FROM orders WHERE customer_id = ?",
                                                CUSTOMER)]
        bought = [row for row in orders if row["status"] not in ("cancelled", "refunded", "failed")]
        invoices = self.crm.query("SELECT amount + tax AS total, status, due_date FROM invoices WHERE customer_id = ?",
                                  CUSTOMER)
        unpaid = [row for row in invoices if row["status"] not in ("paid", "void")]
        tickets = [row[0] for row in self.crm.query("SELECT status FROM support_tickets WHERE customer_id = ?", CUSTOMER)]
        shown = self.admin.get(f"/api/customers/{CUSTOMER}/overview").json
        cents = {name: {key: round(value * 100) for key, value in part.items() if isinstance(value, float)}
                 for name, part in shown.items() if isinstance(part, dict)}
        self.assertEqual((shown["orders"]["count"], cents["orders"]["total"], shown["orders"]["backlog"]),
                         (len(bought), sum(row["total"] for row in bought),
                          sum(row["backlog_status"] == "backlog" for row in orders)))
        self.assertEqual((shown["invoices"]["open"], cents["invoices"]["owed"], cents["invoices"]["paid"]),
                         (len(unpaid), sum(row["total"] for row in unpaid),
                          sum(row["total"] for row in invoices if row["status"] == "paid")))
        self.assertEqual(cents["invoices"]["overdue"], 108 * UNIT)
        self.assertEqual((shown["tickets"]["count"], shown["tickets"]["open"]),
                         (len(tickets), sum(status in ("open", "in_progress") for status in tickets)))

    def test_one_of_whom_nothing_is_known(self):
        made = self.admin.post("/api/customers", {"name": "New", "email": "new@example.org"}).json["customer_id"]
        self.assertEqual(self.admin.get(f"/api/customers/{made}/timeline").json["events"], [])
        shown = self.admin.get(f"/api/customers/{made}/overview").json
        self.assertEqual((shown["orders"], shown["tickets"]),
                         ({"count": 0, "total": 0, "backlog": 0, "last_at": None}, {"count": 0, "open": 0}))

    def test_what_was_not_bought_was_bought_at_no_time(self):
        made = self.admin.post("/api/customers", {"name": "Odd", "email": "odd@example.org"}).json["customer_id"]
        path = f"/api/customers/{made}/overview"
        bought, cancelled = (moment(self.now - n * DAY) for n in (2, 1))
        self.crm.insert("orders", ("customer_id", "total", "status", "created_at"), [(made, 1, "cancelled", cancelled)])
        self.assertEqual(self.admin.get(path).json["orders"], {"count": 0, "total": 0, "backlog": 0, "last_at": None})
        self.crm.insert("orders", ("customer_id", "total", "status", "created_at"), [(made, 1, "completed", bought)])
        self.assertEqual(self.admin.get(path).json["orders"]["last_at"],
                         next(event["at"] for event in self.whole(9, path.replace("overview", "timeline"))
                              if event["status"] == "completed"))

    def test_nobody_has_no_sides(self):
        for side in ("overview", "timeline"):
            self.assertEqual(self.admin.get(f"/api/customers/999999/{side}").status, 404, side)


if __name__ == "__main__":
    unittest.main()
