"""Invoices of the portal: made from orders, numbered without gaps, paid once, made void."""

import collections
import contextlib
import re
import time
import unittest
import zlib

from support.harness import Instance, in_parallel, moment, scaled

DAY = 86400
PAYERS = 64
WRITERS = 16


class Invoices(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())
        cls.crm = cls.instance.crm
        cls.admin = cls.enterClassContext(cls.crm.sign_in())

    def order(self, client=None, **more):
        made = (client or self.admin).post(
            "/api/orders", {"customer_id": 1, "product_id": 1, "quantity": 1, **more})
        self.assertEqual(made.status, 200, made)
        return made.json["order_id"]

    def invoice(self, **more):
        made = self.admin.post("/api/invoices", {"order_id": self.order(), **more})
        self.assertEqual(made.status, 200, made)
        return made.json

    def show(self, number):
        return self.admin.get(f"/api/invoices/{number}").json["invoice"]

    def numbers(self):
        """(year, number) of each that has them, as they stand in the table."""
        rows = self.crm.query("SELECT invoice_number FROM invoices WHERE invoice_number LIKE 'INV-2%' ORDER BY id")
        return [tuple(map(int, row[0].split("-")[1:])) for row in rows]

    def assert_no_gap(self):
        """In no year; one may end while the tests run."""
        found = self.numbers()
        for year in {year for year, _ in found}:
            numbers = sorted(number for its_year, number in found if its_year == year)
            self.assertEqual(numbers, list(range(1, len(numbers) + 1)), year)

    def assert_refused(self, answer, status, *words):
        self.assertEqual(answer.status, status, answer)
        for word in words:
            self.assertIn(word, answer.json["detail"])

    def test_an_invoice_is_its_orders(self):
        order = self.order(quantity=3)
        total = self.admin.get(f"/api/orders/{order}").json["order"]["total"]
        made = self.admin.post("/api/invoices", {"order_id": order, "tax_percent": 7.25, "due_days": 10,
                                                 "notes": "by post"}).json
        shown = self.show(made["invoice_id"])
        self.assertRegex(shown["invoice_number"], r"^INV-\d{4}-\d{6}$")
        cents = round(total * 100)
        tax = (cents * 725 + 5000) // 10000
        self.assertEqual((shown["amount"], shown["tax"], shown["total"]),
                         (total, tax / 100, (cents + tax) / 100))
        self.assertEqual((shown["order_id"], shown["customer_id"], shown["status"], shown["notes"]),
                         (order, 1, "unpaid", "by post"))
        self.assertEqual({name: made[name] for name in ("amount", "tax", "total", "currency", "due_date")},
                         {name: shown[name] for name in ("amount", "tax", "total", "currency", "due_date")})
        audited = self.crm.query("SELECT action, details, username FROM audit_logs WHERE resource_name = ?",
                                 f"invoice:{made['invoice_id']}")
        self.assertEqual([tuple(row) for row in audited],
                         [("invoice.created", f'{{"invoice_number":"{made["invoice_number"]}"}}', "admin")])

    def test_an_order_has_one_invoice_that_counts(self):
        made = self.invoice()
        order = self.show(made["invoice_id"])["order_id"]
        again = self.admin.post("/api/invoices", {"order_id": order})
        self.assert_refused(again, 409, made["invoice_number"])
        self.assertEqual(again.json["errors"][0]["pointer"], "/order_id")
        voided = self.admin.post(f"/api/invoices/{made['invoice_id']}/void", {"reason": "wrong rate"})
        self.assertEqual(voided.json["status"], "void")
        shown = self.show(made["invoice_id"])
        self.assertEqual((shown["status"], shown["void_reason"]), ("void", "wrong rate"))
        self.assertIsNotNone(shown["voided_at"])
        self.assertEqual(self.admin.post("/api/invoices", {"order_id": order}).status, 200)
        self.assert_no_gap()

    def pages(self, number, query="", client=None):
        """The texts of each page of an invoice's PDF, as they were written."""
        answer = (client or self.admin).get("/api/invoices/{invoice_id}/pdf".format(invoice_id=number) + query)
        self.assertEqual((answer.status, answer.headers["content-type"], answer.raw[:5]), (200, "application/pdf", b"%PDF-"), answer)
        self.assertTrue(answer.raw.rstrip().endswith(b"%%EOF"))
        self.assertIn(b"/FontFile2", answer.raw, "the font is no part of it")
        found = []
        for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", answer.raw, re.S):
            text = zlib.decompressobj().decompress(stream)
            if b" Tj" in text:
                found.append([bytes.fromhex(code.decode()).decode("utf-16-be") for code in re.findall(rb"<(\w+)> Tj", text)])
        return found

    def test_a_page_to_be_sent_says_what_the_invoice_does(self):
        customer = self.admin.post("/api/customers", {
            "name": "\u00d8resund \u0394\u03c1\u03cc\u03bd\u03bf\u03b9 \U0001f681 & S\u00f6hne " + "of the long name " * 8,
            "email": "pdf@example.org"}).json["customer"]["id"]
        order = self.admin.post("/api/orders", {"customer_id": customer, "items": [
            {"product_id": 1, "quantity": 3}, {"product_id": 2, "quantity": 1}]}).json["order_id"]
        made = self.admin.post("/api/invoices", {
            "order_id": order, "tax_percent": 8.25, "notes": "Zahlbar in 30 Tagen.\n" + "word " * 790}).json
        invoice = self.admin.get(f"/api/invoices/{made['invoice_id']}").json["invoice"]
        lines = self.admin.get(f"/api/orders/{order}").json["order"]["items"]
        pages = self.pages(made["invoice_id"])
        self.assertGreater(len(pages), 1)
        self.assertEqual([page[:2] for page in pages], [[invoice["invoice_number"], str(at)] for at in range(1, len(pages) + 1)])
        first, whole = pages[0], " ".join(text for page in pages for text in page)
        name = " ".join(invoice["customer_name"].split()).replace("\U0001f681", "\ufffd")
        for part in (name, "pdf@example.org", invoice["status"], invoice["issued_at"][:10], invoice["due_date"][:10],
                     f"{invoice['amount']:.2f} USD", f"{invoice['tax']:.2f} USD", f"{invoice['total']:.2f} USD",
                     "Zahlbar in 30 Tagen.", *(f"{line['product_name']} ({line['sku']})" for line in lines)):
            self.assertIn(part, whole)
        for line in lines:
            self.assertIn(f"{line['quantity'] * line['unit_price']:.2f}", first)
        self.assertEqual(whole.count("word"), 790)
        compact, = self.pages(made["invoice_id"], "?template=compact")
        self.assertIn(f"{invoice['total']:.2f} USD", compact)
        self.assertNotIn("Item", compact)
        self.assertFalse([text for text in compact if "word" in text])
        self.admin.post(f"/api/invoices/{made['invoice_id']}/pay")
        self.assertIn("paid", self.pages(made["invoice_id"])[0])
        for number, query, status in ((999999, "", 404), (made["invoice_id"], "?template=%7B%7B7*7%7D%7D", 422)):
            self.assertEqual(self.admin.get(f"/api/invoices/{number}/pdf{query}").status, status)

    def test_without_its_font_there_is_no_page(self):
        with Instance(OCTO_PDF_FONT="/nowhere/none.ttf") as instance, instance.crm.sign_in() as admin:
            order = admin.post("/api/orders", {"customer_id": 1, "product_id": 1}).json["order_id"]
            made = admin.post("/api/invoices", {"order_id": order}).json["invoice_id"]
            self.assertEqual(admin.get(f"/api/invoices/{made}/pdf").status, 503)
            self.assertEqual(admin.get(f"/api/invoices/{made}").status, 200)
            self.assertIn("OCTO_PDF_FONT", instance.crm.log())

    def test_what_may_not_be_invoiced_takes_no_number(self):
        before = self.numbers()
        cancelled = self.order()
        self.admin.call("PATCH", f"/api/orders/{cancelled}/status", {"status": "cancelled"})
        self.assert_refused(self.admin.post("/api/invoices", {"order_id": cancelled}), 409, "cancelled")
        self.assert_refused(self.admin.post("/api/invoices", {"order_id": 999999}), 404, "999999")
        self.assertEqual(self.numbers(), before)
        self.invoice()
        self.assert_no_gap()

    def test_sixteen_writers_leave_no_gap_and_no_double(self):
        each = scaled(10)

        def write(_):
            with self.crm.sign_in() as client:
                for at in range(each):
                    order = 999999 if at % 3 == 2 else self.order(client)
                    answer = client.post("/api/invoices", {"order_id": order})
                    self.assertEqual(answer.status, 404 if order == 999999 else 200, answer)

        before = len(self.numbers())
        in_parallel(WRITERS, write)
        self.assertEqual(len(self.numbers()) - before, WRITERS * (each - each // 3))
        self.assert_no_gap()

    def test_two_at_once_make_one_invoice_of_an_order(self):
        order = self.order()
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(self.crm.sign_in()) for _ in range(8)]
            statuses = collections.Counter(in_parallel(
                8, lambda n: clients[n].post("/api/invoices", {"order_id": order}).status))
        self.assertEqual(statuses, {200: 1, 409: 7})
        self.assert_no_gap()

    def test_sixty_four_payers_pay_once(self):
        invoice = self.invoice()["invoice_id"]
        with contextlib.ExitStack() as stack:
            session = stack.enter_context(self.crm.sign_in()).headers
            clients = [stack.enter_context(self.crm.client()) for _ in range(PAYERS)]
            for client in clients:
                client.headers = session
            answers = in_parallel(PAYERS, lambda n: clients[n].post(f"/api/invoices/{invoice}/pay"))
        self.assertEqual(collections.Counter(answer.status for answer in answers), {200: 1, 409: PAYERS - 1})
        paid = next(answer.json for answer in answers if answer.status == 200)
        shown = self.show(invoice)
        self.assertEqual((shown["status"], shown["paid_at"], shown["total"]),
                         ("paid", paid["paid_at"], paid["total"]))
        self.assertEqual(self.crm.value("SELECT count(*) FROM audit_logs WHERE action = 'invoice.paid' "
                                        "AND resource_name = ?", f"invoice:{invoice}"), 1)

    def test_what_is_paid_or_void_stays_so(self):
        paid, void = (self.invoice()["invoice_id"] for _ in range(2))
        self.assertEqual(self.admin.post(f"/api/invoices/{paid}/pay").status, 200)
        self.assertEqual(self.admin.post(f"/api/invoices/{void}/void", {"reason": "x"}).status, 200)
        for invoice, word in ((paid, "paid"), (void, "void")):
            self.assert_refused(self.admin.post(f"/api/invoices/{invoice}/pay"), 409, word)
            self.assert_refused(self.admin.post(f"/api/invoices/{invoice}/void", {"reason": "y"}), 409, word)
            self.assertEqual(self.show(invoice)["status"], word)

    def test_nothing_is_paid_for_an_order_that_came_to_nothing(self):
        for status in ("cancelled", "refunded", "failed"):
            made = self.invoice()
            order = self.show(made["invoice_id"])["order_id"]
            self.crm.execute("UPDATE orders SET status = ? WHERE id = ?", status, order)
            self.assert_refused(self.admin.post(f"/api/invoices/{made['invoice_id']}/pay"), 409, status, str(order), "void")
            self.assertEqual(self.show(made["invoice_id"])["status"], "unpaid")
            voided = self.admin.post(f"/api/invoices/{made['invoice_id']}/void", {"reason": status})
            self.assertEqual(voided.status, 200, voided)

    def test_a_key_pays_once_and_says_so_twice(self):
        invoice = self.invoice()["invoice_id"]
        key = {"Idempotency-Key": f"pays-invoice-{invoice}"}
        first, second = (self.admin.post(f"/api/invoices/{invoice}/pay", headers=key) for _ in range(2))
        self.assertEqual((first.status, second.status, second.raw), (200, 200, first.raw))
        self.assertEqual(second.headers["idempotency-replayed"], "true")

    def test_what_is_past_its_day_is_overdue(self):
        made = [self.invoice()["invoice_id"] for _ in range(2)]
        self.crm.execute("UPDATE invoices SET due_date = ? WHERE id = ?", moment(time.time() - 60), made[0])
        self.crm.execute("UPDATE invoices SET status = 'overdue' WHERE id = ?", made[1])
        self.assertEqual([self.show(invoice)["status"] for invoice in made], ["overdue", "unpaid"])
        late = {row["id"] for row in self.whole(status="overdue")}
        self.assertIn(made[0], late)
        self.assertNotIn(made[1], late)
        self.assertIn(made[1], {row["id"] for row in self.whole(status="unpaid")})
        self.assertEqual(self.admin.post(f"/api/invoices/{made[0]}/pay").status, 200)

    def whole(self, limit=3, **filters):
        """All pages of the list, as one."""
        rows, cursor = [], None
        while True:
            query = "&".join(f"{name}={value}" for name, value in filters.items())
            page = self.admin.get(f"/api/invoices?limit={limit}&{query}" +
                                  (f"&cursor={cursor}" if cursor else "")).json
            self.assertEqual(page["count"], len(page["invoices"]))
            self.assertLessEqual(page["count"], limit)
            rows += page["invoices"]
            cursor = page["next_cursor"]
            if cursor is None:
                return rows

    def test_the_list_page_by_page(self):
        for _ in range(4):
            self.invoice()
        rows = self.whole(limit=500)
        self.assertEqual([row["id"] for row in rows],
                         [row[0] for row in self.crm.query("SELECT id FROM invoices ORDER BY id DESC")])
        self.assertEqual(self.whole(), rows)
        for status in ("unpaid", "pending", "overdue", "paid", "void"):
            expected = [row["id"] for row in rows if row["status"] == status]
            self.assertEqual([row["id"] for row in self.whole(status=status)], expected, status)
            self.assertEqual([row["id"] for row in self.whole(status=status, customer_id=1)],
                             [row["id"] for row in rows if row["status"] == status and row["customer_id"] == 1])

    def test_a_page_goes_on_where_the_last_one_ended(self):
        """What is made meanwhile is in front of it."""
        rows = self.whole(limit=500)
        first = self.admin.get("/api/invoices?limit=2").json
        self.invoice()
        second = self.admin.get(f"/api/invoices?limit=2&cursor={first['next_cursor']}").json
        self.assertEqual([row["id"] for row in first["invoices"] + second["invoices"]],
                         [row["id"] for row in rows[:4]])

    def test_a_number_is_of_the_year(self):
        issued = self.show(self.invoice()["invoice_id"])
        self.assertEqual(re.match(r"INV-(\d{4})-", issued["invoice_number"])[1], issued["issued_at"][:4])


if __name__ == "__main__":
    unittest.main()
