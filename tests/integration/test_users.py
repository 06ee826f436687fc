"""Users of the portal, as an administrator makes and changes them: what they may do, whether they may sign in, and
that their sessions end with it."""

import collections
import contextlib
import hashlib
import json
import secrets
import time
import unittest

from support.harness import PASSWORD, Instance, in_parallel, patience

OTHER_PASSWORD = "another-good-password"


class Users(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())
        cls.crm = cls.instance.crm
        cls.admin = cls.enterClassContext(cls.crm.sign_in())

    def make(self, role="viewer", **more):
        name = f"u{secrets.token_hex(4)}"
        made = self.admin.post("/api/admin/users", {"username": name, "email": f"{name}@example.org",
                                                    "password": OTHER_PASSWORD, "role": role, **more})
        self.assertEqual(made.status, 200, made)
        return name, f"/api/admin/users/{made.json['user_id']}"

    def sign_in(self, name):
        return self.enterContext(self.crm.sign_in(name, OTHER_PASSWORD))

    def audited(self, path):
        return [tuple(row) for row in self.crm.query(
            "SELECT action, details FROM audit_logs WHERE resource_name = ? ORDER BY id", f"user:{path.split('/')[-1]}")]

    def test_a_user_signs_in_as_what_he_was_made(self):
        name, path = self.make("viewer")
        shown = self.admin.get(path).json["user"]
        self.assertEqual((shown["username"], shown["role"], shown["is_active"], shown["last_login"]),
                         (name, "viewer", True, None))
        self.assertNotIn("password", str(shown))
        client = self.sign_in(name)
        self.assertEqual(client.get("/api/customers?limit=1").status, 200)
        self.assertEqual(client.get("/api/admin/users").status, 403)
        self.assertIsNotNone(self.admin.get(path).json["user"]["last_login"])
        self.assertEqual(self.audited(path)[0], ("user.created", '{"role":"viewer"}'))

    def test_a_name_and_an_address_are_one_users(self):
        name, _ = self.make()
        for taken in ({"username": name.upper()}, {"email": f"{name}@EXAMPLE.org"}):
            answer = self.admin.post("/api/admin/users", {
                "username": "somebody", "email": "somebody@example.org", "password": OTHER_PASSWORD, **taken})
            self.assertEqual(answer.status, 409, answer)

    def test_nobody_is_called_like_a_program(self):
        """Else he would get the answers to the services' keys, and records would take him for them."""
        for name in ("internal-service", "Internal-Service", "scraper"):
            answer = self.admin.post("/api/admin/users", {"username": name, "email": f"{name}@example.org",
                                                          "password": OTHER_PASSWORD})
            self.assertEqual((answer.status, answer.json["errors"][0]["pointer"]), (422, "/username"), answer)

    def test_a_password_is_long_enough(self):
        answer = self.admin.post("/api/admin/users", {"username": "brief", "email": "brief@example.org",
                                                      "password": "short"})
        self.assertEqual((answer.status, answer.json["errors"][0]["pointer"]), (422, "/password"))

    def test_nothing_that_is_kept_is_a_quick_check_for_a_password(self):
        """What is kept to know a repeated request by is no plain digest of what was sent; a repetition is known."""
        body = json.dumps({"username": "repeated", "email": "repeated@example.org", "password": OTHER_PASSWORD})
        headers = {"Idempotency-Key": "repeated-1", "Content-Type": "application/json"}
        answers = [self.admin.post("/api/admin/users", body, headers=headers) for _ in range(2)]
        self.assertEqual([answer.status for answer in answers], [200, 200], answers)
        self.assertEqual(answers[0].json, answers[1].json)
        other = self.admin.post("/api/admin/users", body.replace(OTHER_PASSWORD, PASSWORD), headers=headers)
        self.assertEqual(other.status, 422, other)
        kept = self.crm.value("SELECT request_hash FROM idempotency_keys WHERE key = 'repeated-1'")
        self.assertNotEqual(kept, hashlib.sha256(f"/api/admin/users\0{body}".encode()).hexdigest())

    def test_another_role_holds_at_once_and_ends_sessions(self):
        name, path = self.make("viewer")
        clients = [self.sign_in(name) for _ in range(2)]
        changed = self.admin.call("PATCH", f"{path}/role", {"role": "manager"})
        self.assertEqual((changed.status, changed.json["user"]["role"]), (200, "manager"), changed)
        for client in clients:
            self.assertEqual(client.get("/api/customers?limit=1").status, 401)
        self.assertEqual(self.sign_in(name).post("/api/tickets", {"subject": "x"}).status, 200)
        self.assertEqual(self.audited(path)[-1],
                         ("user.access_changed",
                          '{"from":"viewer","to":"manager","is_active":true,"sessions_ended":2}'))

    def test_what_changes_nothing_ends_nothing(self):
        name, path = self.make("viewer")
        client = self.sign_in(name)
        self.assertEqual(self.admin.call("PATCH", f"{path}/role", {"role": "viewer"}).status, 200)
        self.assertEqual(client.get("/api/customers?limit=1").status, 200)

    def test_who_is_inactive_has_no_session_and_gets_none(self):
        name, path = self.make("viewer")
        client = self.sign_in(name)
        self.assertFalse(self.admin.call("PATCH", path, {"is_active": False}).json["user"]["is_active"])
        self.assertEqual(client.get("/api/customers?limit=1").status, 401)
        with self.crm.client() as nobody:
            login = {"username": name, "password": OTHER_PASSWORD}
            self.assertEqual(nobody.post("/api/auth/login", login).status, 401)
            self.assertTrue(self.admin.call("PATCH", path, {"is_active": True}).json["user"]["is_active"])
            self.assertEqual(nobody.post("/api/auth/login", login).status, 200)

    def test_who_watches_events_is_dismissed(self):
        name, path = self.make("manager")
        client = self.sign_in(name)
        client.connection.request("GET", "/api/events/orders", headers=client.headers)
        stream = client.connection.getresponse()
        self.assertEqual(stream.status, 200)
        self.admin.call("PATCH", path, {"is_active": False})
        begun = time.monotonic()
        while stream.read1(4096):
            self.assertLess(time.monotonic() - begun, patience(60))

    def test_nobody_changes_himself(self):
        for path, body in (("/api/admin/users/1", {"is_active": False}), ("/api/admin/users/1/role", {"role": "user"})):
            self.assertEqual(self.admin.call("PATCH", path, body).status, 409)
        self.assertEqual(self.admin.get("/api/admin/users/1").json["user"]["role"], "admin")

    def test_two_who_take_each_others_access_leave_one(self):
        """Again and again, since who is first is chance; one administrator stays who is asked afterwards."""
        for _ in range(5):
            pair = [self.make("admin") for _ in range(2)]
            clients = [self.sign_in(name) for name, _ in pair]
            statuses = in_parallel(2, lambda n, pair=pair, clients=clients: clients[n].call(
                "PATCH", pair[1 - n][1], {"is_active": False}).status)
            left = [self.admin.get(path).json["user"]["is_active"] for _, path in pair]
            self.assertEqual(sorted(left), [False, True], statuses)
            self.assertEqual(statuses.count(200), 1, statuses)
            self.assertIn(next(status for status in statuses if status != 200), (401, 403))

    def test_of_two_editors_one_is_told(self):
        _, path = self.make()
        seen = {"If-Match": self.admin.get(path).headers["etag"]}
        first = self.admin.call("PATCH", f"{path}/role", {"role": "analyst"}, headers=seen)
        self.assertEqual((first.status, first.raw), (200, self.admin.get(path).raw))
        self.assertEqual(self.admin.call("PATCH", path, {"is_active": False}, headers=seen).status, 412)
        self.assertEqual(self.admin.call("PATCH", path, {"is_active": False},
                                         headers={"If-Match": first.headers["etag"]}).status, 200)

    def test_many_who_make_the_same_user_make_one(self):
        body = {"username": "once", "email": "once@example.org", "password": OTHER_PASSWORD}
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(self.crm.client()) for _ in range(4)]
            for client in clients:
                client.headers = self.admin.headers
            statuses = collections.Counter(in_parallel(4, lambda n: clients[n].post("/api/admin/users", body).status))
        self.assertEqual(statuses, {200: 1, 409: 3})

    def test_the_list(self):
        for role in ("viewer", "viewer", "analyst"):
            self.make(role)
        _, path = self.make("viewer")
        self.admin.call("PATCH", path, {"is_active": False})
        rows = self.whole()
        self.assertEqual([row["id"] for row in rows],
                         [row[0] for row in self.crm.query("SELECT id FROM users ORDER BY id")])
        for filters, meant in (({"role": "viewer"}, lambda row: row["role"] == "viewer"),
                               ({"status": "inactive"}, lambda row: not row["is_active"]),
                               ({"status": "active", "role": "viewer"},
                                lambda row: row["is_active"] and row["role"] == "viewer"),
                               ({"search": "ADMIN"}, lambda row: "admin" in row["username"] + row["email"])):
            self.assertEqual(self.whole(**filters), [row for row in rows if meant(row)], filters)

    def whole(self, **filters):
        rows, cursor = [], None
        while True:
            asked = {"limit": 2, **filters, **({"cursor": cursor} if cursor else {})}
            page = self.admin.get("/api/admin/users?" + "&".join(f"{key}={value}" for key, value in asked.items())).json
            rows += page["users"]
            cursor = page["next_cursor"]
            if cursor is None:
                return rows

    def test_the_first_password_still_opens(self):
        with self.crm.sign_in(password=PASSWORD) as client:
            self.assertEqual(client.get("/api/admin/users?limit=1").status, 200)


if __name__ == "__main__":
    unittest.main()
