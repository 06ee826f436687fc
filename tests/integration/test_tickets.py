"""Support tickets of the portal: found, opened, seen to, talked about, and never changed unseen."""

import collections
import contextlib
import hashlib
import itertools
import secrets
import time
import unittest

from support.harness import Instance, in_parallel, moment

STATUSES = ("open", "in_progress", "resolved", "closed")
MOVES = {"open": {"in_progress", "resolved", "closed"}, "in_progress": {"open", "resolved", "closed"},
         "resolved": {"in_progress", "closed"}, "closed": set()}
EDITORS = 8


class Tickets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())
        cls.crm = cls.instance.crm
        cls.admin = cls.enterClassContext(cls.crm.sign_in())

    def helper(self, name):
        """A client of a user of role support."""
        token = secrets.token_hex(32)
        self.crm.execute("INSERT INTO users (username, email, password_hash, role) VALUES (?, ?, '!', 'support')",
                         name, f"{name}@example.org")
        self.crm.execute("INSERT INTO user_sessions (session_id, user_id, username, role, expires_at) "
                         "SELECT ?, id, username, role, ? FROM users WHERE username = ?",
                         hashlib.sha256(token.encode()).hexdigest(), moment(time.time() + 3600), name)
        return self.enterContext(self.crm.client(token=token))

    def ticket(self, **more):
        made = self.admin.post("/api/tickets", {"subject": "A motor runs warm", **more})
        self.assertEqual(made.status, 200, made)
        return f"/api/tickets/{made.json['ticket_id']}"

    def show(self, path):
        return self.admin.get(path).json["ticket"]

    def whole(self, path, name, limit=3, **filters):
        """All pages of a list, as one."""
        rows, cursor = [], None
        while True:
            asked = {"limit": limit, **filters, **({"cursor": cursor} if cursor else {})}
            page = self.admin.get(f"{path}?" + "&".join(f"{key}={value}" for key, value in asked.items()))
            self.assertEqual(page.status, 200, page)
            rows += page.json[name]
            cursor = page.json["next_cursor"]
            if cursor is None:
                return rows

    def test_a_ticket_is_as_it_was_opened(self):
        path = self.ticket(customer_id=2, description="After every flight.\nMotor five.", priority="high")
        shown = self.show(path)
        self.assertEqual({name: shown[name] for name in ("customer_id", "customer_name", "subject", "description",
                                                         "priority", "status", "assigned_to")},
                         {"customer_id": 2, "customer_name": "Paulo Mendes", "subject": "A motor runs warm",
                          "description": "After every flight.\nMotor five.", "priority": "high", "status": "open",
                          "assigned_to": None})
        nobodys = self.admin.post("/api/tickets", {"subject": "x", "customer_id": 999999})
        self.assertEqual((nobodys.status, nobodys.json["errors"][0]["pointer"]), (404, "/customer_id"))

    def test_status_moves_by_the_table(self):
        for old, new in itertools.product(STATUSES, STATUSES):
            with self.subTest(f"{old} to {new}"):
                path = self.ticket()
                self.crm.execute("UPDATE support_tickets SET status = ? WHERE id = ?", old, int(path.split("/")[-1]))
                answer = self.admin.call("PATCH", path, {"status": new})
                if new == old or new in MOVES[old]:
                    self.assertEqual((answer.status, answer.json["ticket"]["status"]), (200, new))
                else:
                    self.assertEqual((answer.status, self.show(path)["status"]), (409, old), answer)
                    self.assertIn("what may follow", answer.json["detail"])

    def test_who_sees_to_it(self):
        path = self.ticket()
        given = self.admin.call("PATCH", path, {"assigned_to": "field-service", "priority": "critical"}).json["ticket"]
        self.assertEqual((given["assigned_to"], given["priority"], given["status"]),
                         ("field-service", "critical", "open"))
        self.assertEqual(self.admin.call("PATCH", path, {"assigned_to": ""}).json["ticket"]["assigned_to"], None)
        self.assertEqual(self.show(path)["assigned_to"], None)
        self.assertEqual(self.admin.call("PATCH", path, {}).status, 422)
        audited = self.crm.query("SELECT action, details FROM audit_logs WHERE resource_name = ? ORDER BY id",
                                 f"ticket:{path.split('/')[-1]}")
        self.assertEqual([tuple(row) for row in audited], [
            ("ticket.created", None),
            ("ticket.changed", '{"from":"open","to":"open","priority":"critical"}'),
            ("ticket.changed", '{"from":"open","to":"open","priority":"critical"}')])

    def test_an_edit_answers_with_what_get_gives(self):
        path = self.ticket()
        edited = self.admin.call("PATCH", path, {"status": "in_progress"})
        shown = self.admin.get(path)
        self.assertEqual((edited.raw, edited.headers["etag"]), (shown.raw, shown.headers["etag"]))
        self.assertEqual(self.admin.get(path, headers={"If-None-Match": shown.headers["etag"]}).status, 304)

    def test_of_two_editors_one_is_told(self):
        path = self.ticket()
        seen = {"If-Match": self.admin.get(path).headers["etag"]}
        first = self.admin.call("PATCH", path, {"priority": "high"}, headers=seen)
        second = self.admin.call("PATCH", path, {"priority": "low"}, headers=seen)
        self.assertEqual((first.status, second.status), (200, 412), second)
        self.assertEqual(self.show(path)["priority"], "high")
        again = self.admin.call("PATCH", path, {"priority": "low"}, headers={"If-Match": first.headers["etag"]})
        self.assertEqual((again.status, again.json["ticket"]["priority"]), (200, "low"))

    def test_of_many_editors_at_once_one_wins(self):
        path = self.ticket()
        seen = {"If-Match": self.admin.get(path).headers["etag"]}
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(self.crm.client()) for _ in range(EDITORS)]
            for client in clients:
                client.headers = self.admin.headers
            statuses = collections.Counter(in_parallel(EDITORS, lambda n: clients[n].call(
                "PATCH", path, {"assigned_to": f"editor-{n}"}, headers=seen).status))
        self.assertEqual(statuses, {200: 1, 412: EDITORS - 1})

    def test_what_is_said(self):
        path = self.ticket()
        self.assertEqual(self.admin.get(f"{path}/messages").json["messages"], [])
        one, other = self.helper("holly"), self.helper("hugo")
        for client, text in ((one, "On its way."), (other, "<b>Arrived</b> & \"fitted\""), (one, "Well, then.")):
            said = client.post(f"{path}/messages", {"content": text})
            self.assertEqual(said.status, 200, said)
        heard = self.whole(f"{path}/messages", "messages", limit=2)
        self.assertEqual([(row["author"], row["content"]) for row in heard],
                         [("holly", "On its way."), ("hugo", "<b>Arrived</b> & \"fitted\""), ("holly", "Well, then.")])
        self.assertEqual(heard[-1]["created_at"], said.json["created_at"])

    def test_nothing_is_said_about_what_is_closed_or_not_there(self):
        path = self.ticket()
        self.admin.call("PATCH", path, {"status": "closed"})
        self.assertEqual(self.admin.post(f"{path}/messages", {"content": "And yet."}).status, 409)
        self.assertEqual(self.admin.get(f"{path}/messages").json["count"], 0)
        self.assertEqual(self.admin.post("/api/tickets/999999/messages", {"content": "Hello?"}).status, 404)
        self.assertEqual(self.admin.get("/api/tickets/999999/messages").status, 404)

    def test_the_way_on_stays_in_the_portal(self):
        for url, location in (("/tickets", "/tickets"), ("/", "/"), ("/tickets?status=open%26id=7%23last", None),
                              ("/%C3%A9t%C3%A9/x%20y", "/%C3%A9t%C3%A9/x%20y"), ("/a//b/..//evil.example", None)):
            answer = self.admin.get("/api/tickets/redirect?url=" + url)
            self.assertEqual((answer.status, answer.headers.get("location")),
                             (302, location or url.replace("%26", "&").replace("%23", "#")), answer)
        for url in ("https://evil.example", "//evil.example", "/%5Cevil.example", "%5C%5Cevil.example", "/%09/evil.example",
                    "/%0D%0AX-Made-Up:1", "evil.example", "javascript:alert(1)", "/a%5C..%5Cb", ""):
            answer = self.admin.get("/api/tickets/redirect?url=" + url)
            self.assertIn(answer.status, (400, 422), answer)
            self.assertNotIn("location", answer.headers)
        self.assertRegex(self.crm.log(), "open_redirect")
        self.assertEqual(self.admin.get("/api/tickets/redirect").status, 422)

    def test_the_list_by_each_filter_and_all_of_them(self):
        kinds = itertools.product(("open", "closed"), ("low", "high"), (None, "billing"), (1, 3),
                                  ("Rotor broken", "Late parcel"))
        self.crm.insert("support_tickets", ("status", "priority", "assigned_to", "customer_id", "subject"), list(kinds))
        rows = self.whole("/api/tickets", "tickets", limit=500)
        self.assertEqual([row["id"] for row in rows],
                         [row[0] for row in self.crm.query("SELECT id FROM support_tickets ORDER BY id DESC")])
        self.assertEqual(self.whole("/api/tickets", "tickets"), rows)
        filters = {"status": ("closed", lambda row: row["status"] == "closed"),
                   "priority": ("high", lambda row: row["priority"] == "high"),
                   "assigned_to": ("billing", lambda row: row["assigned_to"] == "billing"),
                   "customer_id": (3, lambda row: row["customer_id"] == 3),
                   "search": ("rOTOR", lambda row: "rotor" in (row["subject"] + (row["description"] or "")).lower())}
        for count in range(1, len(filters) + 1):
            for names in itertools.combinations(filters, count):
                expected = [row["id"] for row in rows if all(filters[name][1](row) for name in names)]
                found = self.whole("/api/tickets", "tickets", limit=5, **{name: filters[name][0] for name in names})
                self.assertEqual([row["id"] for row in found], expected, names)


if __name__ == "__main__":
    unittest.main()
