"""Reports of the portal: allowed queries with typed parameters, as JSON and CSV, within limits of rows and time."""

import calendar
import contextlib
import csv
import hashlib
import io
import itertools
import secrets
import threading
import time
import unittest

from support import postgres
from support.harness import IS_POSTGRES, IS_SERVER, Instance, moment, patience

DAY = 86400
AT_ONCE = 3
MANY = 20_000
SINCE = ["since", "until"]
PARAMETERS = {"revenue_by_month": SINCE, "revenue_by_region": SINCE, "best_customers": SINCE,
              "orders": [*SINCE, "status"], "open_invoices": ["due_before"], "tickets_by_assignee": SINCE,
              "leads_by_campaign": []}


class Reports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())
        cls.crm = cls.instance.crm
        cls.admin = cls.enterClassContext(cls.crm.sign_in())

    def run_query(self, query, limit=None, **parameters):
        body = {"query": query, "parameters": parameters, **({"limit": limit} if limit else {})}
        answer = self.admin.post("/api/reports/execute", body)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def save(self, query, **parameters):
        made = self.admin.post("/api/reports", {"name": f"My {query}", "query": query, "parameters": parameters})
        self.assertEqual(made.status, 200, made)
        return made.json["report_id"]

    def refused(self, body, pointer, status=422):
        answer = self.admin.post("/api/reports/execute", body)
        self.assertEqual((answer.status, answer.json["errors"][0]["pointer"]), (status, pointer), answer)
        return answer.json["detail"]

    def test_each_query_gives_its_columns(self):
        known = self.admin.get("/api/reports/queries").json["queries"]
        self.assertEqual({query["query"]: [parameter["name"] for parameter in query["parameters"]] for query in known},
                         PARAMETERS)
        for query in known:
            result = self.run_query(query["query"])
            self.assertEqual(result["columns"], query["columns"])
            self.assertEqual((len(result["data"]), result["is_truncated"]), (result["row_count"], False))
            self.assertTrue(result["data"], query["query"])
            for row in result["data"]:
                self.assertEqual(list(row), query["columns"])

    def test_figures_are_those_of_the_tables(self):
        orders = self.crm.query("SELECT customer_id, total, status, created_at FROM orders")
        sold = [row for row in orders if row["status"] not in ("cancelled", "refunded", "failed")]
        total = sum(row["total"] for row in sold)
        for query in ("revenue_by_month", "revenue_by_region", "best_customers"):
            rows = self.run_query(query)["data"]
            self.assertEqual(sum(round(row["revenue"] * 100) for row in rows), total, query)
            self.assertEqual(sum(row["orders"] for row in rows), len(sold), query)
        best = self.run_query("best_customers", limit=2)
        self.assertTrue(best["is_truncated"])
        revenues = [row["revenue"] for row in best["data"]]
        self.assertEqual(revenues, sorted(revenues, reverse=True))

    def test_what_is_overdue_counts_whole_days(self):
        now = time.time()
        dues = {"R-NEVER": (None, 0), "R-LATE": (now - 2.5 * DAY, 2), "R-LATER": (now - 20.5 * DAY, 20),
                "R-SOON": (now + DAY, 0)}
        self.crm.insert("invoices", ("invoice_number", "customer_id", "amount", "status", "due_date"),
                        [(number, 1, 1, "unpaid", due and moment(due)) for number, (due, _) in dues.items()])
        rows = self.run_query("open_invoices", limit=500)["data"]
        self.assertEqual({row["invoice_number"]: row["days_overdue"] for row in rows if row["invoice_number"] in dues},
                         {number: days for number, (_, days) in dues.items()})
        due = [row["due_date"] or "" for row in rows]
        self.assertEqual(due, sorted(due))

    def test_a_time_is_half_open(self):
        at = 1_600_000_000
        self.crm.insert("orders", ("customer_id", "total", "status", "created_at"),
                        [(1, 5, "failed", moment(at + n)) for n in range(3)])
        since, until = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at + n)) for n in (0, 2))
        rows = self.run_query("orders", since=since, until=until, status="failed")["data"]
        self.assertEqual([row["created_at"][:19] for row in rows],
                         [time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at + n)) for n in (0, 1)])
        self.assertEqual(self.run_query("orders", since=since, until=until, status="paid")["data"], [])

    def test_parameters_are_values_of_their_type(self):
        self.refused({"query": "orders", "parameters": {"since": "yesterday"}}, "/parameters/since")
        self.refused({"query": "orders", "parameters": {"since": 7}}, "/parameters/since")
        self.refused({"query": "orders", "parameters": {"status": ""}}, "/parameters/status")
        self.refused({"query": "orders", "parameters": {"status": "x" * 201}}, "/parameters/status")
        self.assertIn("no parameter", self.refused({"query": "orders", "parameters": {"colour": "red"}},
                                                   "/parameters/colour"))
        self.refused({"query": "orders", "parameters": {"most": 5}}, "/parameters/most")
        self.refused({"query": "orders", "parameters": {"a b": "c"}}, "/parameters")
        self.refused({"query": "orders", "parameters": {"since": 1.5}}, "/parameters")
        self.refused({"query": "orders", "limit": 10001}, "/limit")
        self.refused({"parameters": {}}, "/query")
        self.refused({"query": "orders", "report_id": 1}, "/query")
        rows = self.run_query("orders", status="x' OR '1'='1")
        self.assertEqual(rows["row_count"], 0)

    def test_sql_is_no_query(self):
        attack = "revenue_by_month; DROP TABLE orders --"
        self.refused({"query": attack}, "/query")
        self.assertGreater(self.crm.value("SELECT count(*) FROM orders"), 0)
        deadline = time.monotonic() + patience(30)
        while "ATTACK" not in self.crm.log() and "sqli" not in self.crm.log():
            self.assertLess(time.monotonic(), deadline, "no event was recorded")
            time.sleep(0.01)

    def test_a_report_that_is_saved(self):
        number = self.save("orders", status="completed")
        shown = self.admin.get(f"/api/reports/{number}").json["report"]
        self.assertEqual((shown["name"], shown["query"], shown["parameters"], shown["created_by"]),
                         ("My orders", "orders", {"status": "completed"}, 1))
        listed = self.admin.get("/api/reports?limit=1").json["reports"]
        self.assertEqual(listed, [shown])
        saved = self.admin.post("/api/reports/execute", {"report_id": number}).json["data"]
        self.assertEqual({row["status"] for row in saved}, {"completed"})
        other = self.admin.post("/api/reports/execute", {"report_id": number, "parameters": {"status": "shipped"}})
        self.assertEqual({row["status"] for row in other.json["data"]}, {"shipped"})
        self.assertEqual(self.admin.post("/api/reports", {"name": "x", "query": "orders",
                                                          "parameters": {"since": "soon"}}).status, 422)
        self.assertEqual(self.admin.call("DELETE", f"/api/reports/{number}").json["status"], "deleted")
        self.assertEqual(self.admin.post("/api/reports/execute", {"report_id": number}).status, 404)
        self.assertEqual(self.admin.get("/api/reports/export" + f"?report_id={number}").status, 404)

    def test_one_whose_query_is_gone(self):
        self.crm.execute("INSERT INTO reports (name, query) VALUES ('old', 'horoscopes')")
        number = self.crm.value("SELECT max(id) FROM reports")
        answer = self.admin.post("/api/reports/execute", {"report_id": number})
        self.assertEqual(answer.status, 409, answer)

    def read_csv(self, answer):
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "text/csv; charset=utf-8"), answer)
        return list(csv.reader(io.StringIO(answer.raw.decode(), newline="")))

    def test_csv_says_what_json_does(self):
        """Read by somebody else's reader; what a spreadsheet would run is text."""
        self.crm.insert("customers", ("name", "email"), [
            ('Quo"te, with comma', "q@example.org"), ("Line\r\nbreak", "l@example.org"),
            ("=HYPERLINK(\"http://evil\")", "f@example.org"), ("Zoë 無人機", "u@example.org")])
        for row in self.crm.query("SELECT id FROM customers WHERE email LIKE '_@example.org'"):
            self.crm.insert("orders", ("customer_id", "total", "status"), [(row[0], 7, "csv")])
        found = self.run_query("orders", status="csv")
        answer = self.admin.post("/api/reports/export", {"query": "orders", "parameters": {"status": "csv"}})
        head, *rows = self.read_csv(answer)
        self.assertEqual(head, found["columns"])
        self.assertEqual(answer.headers["content-disposition"], 'attachment; filename="orders.csv"')
        self.assertEqual(answer.headers["x-report-truncated"], "false")
        for row, expected in itertools.zip_longest(rows, found["data"]):
            name = expected["customer_name"]
            self.assertEqual(row[head.index("customer_name")], "'" + name if name.startswith("=") else name)
            self.assertEqual((row[0], row[head.index("total")], row[head.index("created_at")]),
                             (str(expected["order_id"]), f"{expected['total']:.2f}", expected["created_at"]))
        by_link = self.admin.get("/api/reports/export" + f"?report_id={self.save('orders', status='csv')}&limit=2")
        self.assertEqual(self.read_csv(by_link)[1:], rows[:2])
        self.assertEqual(by_link.headers["x-report-truncated"], "true")

    def test_revenue_of_a_time_and_of_the_last_year(self):
        whole = self.admin.get("/api/reports/revenue").json
        self.assertEqual(whole["query"], "revenue_by_month")
        self.assertTrue(whole["data"])
        self.assertEqual(self.admin.get("/api/reports/revenue?from=1999-01-01&to=1999-02-01").json["data"], [])

    def sold_since(self, day):
        """What was sold from the beginning of that day on, and before, whatever day it is by now."""
        text = time.strftime("%Y-%m-%dT00:00:00", time.gmtime(day))
        while True:
            today = self.admin.get("/api/dashboard/revenue?days=1").json["since"]
            days = (calendar.timegm(time.strptime(today[:10], "%Y-%m-%d")) - day) // DAY + 1
            sold = self.admin.get(f"/api/dashboard/revenue?days={days}").json
            if sold["since"].startswith(text):
                return sold

    def test_what_was_sold_by_day_beside_the_days_before(self):
        day = (int(time.time()) // DAY - 200) * DAY  # when nothing else was sold
        cents = 1 if IS_SERVER else 100  # a dollar as it is inserted
        self.crm.insert("orders", ("customer_id", "total", "status", "source_order_id", "created_at"),
                        [(1, dollars * cents, status, source, moment(day + seconds)) for dollars, status, source, seconds in (
                            (1, "pending", None, -1), (2, "pending", None, 0), (4, "shipped", 9004, 1), (8, "failed", 9005, 2),
                            (16, "completed", None, DAY - 1), (32, "pending", 9006, DAY))])
        days = [time.strftime("%Y-%m-%d", time.gmtime(day + n * DAY)) for n in (-1, 0, 1)]
        own = [(days[0], False, 1, 1.0), (days[1], False, 2, 18.0), (days[1], True, 1, 4.0), (days[2], True, 1, 32.0)]
        earlier, later = self.sold_since(day - DAY), self.sold_since(day)
        for sold, expected in ((earlier, own), (later, own[1:])):
            rows = [tuple(row[name] for name in ("day", "from_shop", "orders", "revenue")) for row in sold["by_day"]]
            self.assertEqual(rows[:len(expected)], expected)
            self.assertEqual((sold["period"]["orders"], round(sold["period"]["revenue"] * 100)),
                             (sum(row[2] for row in rows), sum(round(row[3] * 100) for row in rows)))
        self.assertEqual((earlier["before"], later["before"]), ({"orders": 0, "revenue": 0}, {"orders": 1, "revenue": 1}))

    def test_who_may_run_them(self):
        for role, status in (("viewer", 403), ("support", 403), ("analyst", 200)):
            token = secrets.token_hex(32)
            self.crm.execute("INSERT INTO users (username, email, password_hash, role) VALUES (?, ?, '!', ?)",
                             f"r-{role}", f"r-{role}@example.org", role)
            self.crm.execute("INSERT INTO user_sessions (session_id, user_id, username, role, expires_at) "
                             "SELECT ?, id, username, role, ? FROM users WHERE username = ?",
                             hashlib.sha256(token.encode()).hexdigest(), moment(time.time() + DAY), f"r-{role}")
            with self.crm.client(token=token) as client:
                self.assertEqual(client.post("/api/reports/execute", {"query": "orders"}).status, status, role)

    def test_a_run_leaves_an_audit_row(self):
        self.run_query("leads_by_campaign")
        deadline = time.monotonic() + patience(30)
        while not self.crm.query("SELECT 1 FROM audit_logs WHERE action = 'report.executed' AND resource_name = "
                                 "'report:leads_by_campaign' AND username = 'admin'"):
            self.assertLess(time.monotonic(), deadline, "no audit row")
            time.sleep(0.01)


class Limits(unittest.TestCase):
    """What would take too long is ended, and told to whoever asked; others go on meanwhile."""

    def assert_ended(self, answer, limit_ms):
        self.assertEqual(answer.status, 503, answer)
        self.assertIn(f"longer than {limit_ms} ms", answer.json["detail"])
        self.assertEqual(answer.json["code"], "deadline")

    @unittest.skipIf(IS_POSTGRES, "there a lock holds a report up")
    def test_too_many_rows_for_its_time(self):
        with Instance(REPORT_TIME_LIMIT_MS="1") as instance, instance.crm.sign_in() as admin:
            for _ in range(5):
                instance.crm.insert("orders", ("customer_id", "total"), [(1, 5)] * (MANY // 5))
            for path in ("execute", "export"):
                self.assert_ended(admin.post(f"/api/reports/{path}", {"query": "revenue_by_region"}), 1)
            self.assertEqual(admin.get("/api/orders?limit=1").status, 200)
            self.assertIn(b"crm_business_reports_ended_total 2", admin.get("/metrics").raw)

    def wait_for_waiting(self, crm, count):
        """So many sessions wait for a lock."""
        deadline = time.monotonic() + patience(30)
        while crm.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") < count:
            self.assertLess(time.monotonic(), deadline, "they do not wait")
            time.sleep(0.01)

    @contextlib.contextmanager
    def waiting(self, limit_ms):
        """As many as may run at once wait for a lock: the instance, one client more, the locker's session, and the
        others' answers, which are whole when the locker has let go and at the end of this."""
        with contextlib.ExitStack() as stack:
            instance = stack.enter_context(Instance(REPORT_TIME_LIMIT_MS=str(limit_ms)))
            clients = [stack.enter_context(instance.crm.sign_in()) for _ in range(AT_ONCE + 1)]
            url = instance.database.environment(("crm",))["OCTO_CRM_DATABASE_URL"]
            locker = stack.enter_context(postgres.Session(url, "crm"))
            locker.run("BEGIN; LOCK TABLE leads IN ACCESS EXCLUSIVE MODE")
            answers = []
            threads = [threading.Thread(target=lambda client=client: answers.append(
                client.post("/api/reports/execute", {"query": "leads_by_campaign"}))) for client in clients[1:]]
            for thread in threads:
                thread.start()
            yield instance, clients[0], locker, answers
            for thread in threads:
                thread.join()

    @unittest.skipUnless(IS_POSTGRES, "a file has no locks for readers")
    def test_while_some_wait_no_more_begin_and_others_go_on(self):
        with self.waiting(60000) as (instance, client, locker, answers):
            self.wait_for_waiting(instance.crm, AT_ONCE)
            refused = client.post("/api/reports/execute", {"query": "orders"})
            self.assertEqual(refused.status, 429, refused)
            self.assertIn("retry-after", refused.headers)
            self.assertEqual(client.get("/api/orders?limit=1").status, 200)
            locker.run("COMMIT")
        self.assertEqual([answer.status for answer in answers], [200] * AT_ONCE)

    @unittest.skipUnless(IS_POSTGRES, "a file has no locks for readers")
    def test_those_that_wait_are_ended_and_make_room(self):
        with self.waiting(1000) as (_, client, locker, answers):
            deadline = time.monotonic() + patience(30)
            while len(answers) < AT_ONCE:
                self.assertLess(time.monotonic(), deadline, "they are not ended")
                time.sleep(0.01)
            for answer in answers:
                self.assert_ended(answer, 1000)
            locker.run("COMMIT")
            while (answer := client.post("/api/reports/execute", {"query": "orders"})).status == 503:
                self.assert_ended(answer, 1000)  # a busy machine takes longer for this one, too
                self.assertLess(time.monotonic(), deadline, "none is done in time")
            self.assertEqual(answer.status, 200, answer)


if __name__ == "__main__":
    unittest.main()
