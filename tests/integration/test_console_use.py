"""The console as people use it: they sign in with what they have in the portal, and see what they may see there."""

import re
import unittest

from support.harness import IS_POSTGRES, PASSWORD, Instance
from support.sign_ins import sign_in
from test_console import Console

STRANGER = "127.77.0.1"
AJAX = {"X-Requested-With": "test"}


def cookie_of(answer):
    return re.match(r"octo_console=([0-9a-f]{64});", answer.headers["set-cookie"]).group(1)


@unittest.skipIf(IS_POSTGRES, "the portal is asked over HTTP, whatever its database")
class People(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())
        cls.console = cls.enterClassContext(
            Console(SERVICE_CRM_URL=f"http://127.0.0.1:{cls.instance.crm.port}"))
        with cls.instance.crm.client(token=cls.portal_token("admin")) as admin:
            for role in ("viewer", "analyst", "user"):
                made = admin.post("/api/admin/users", {"username": f"a-{role}", "email": f"{role}@example.org",
                                                       "password": PASSWORD, "role": role})
                assert made.status in (200, 201), made

    @classmethod
    def portal_token(cls, name):
        return re.search(r"octo_crm=([0-9a-f]{64})", sign_in(cls.instance.crm, name).headers["set-cookie"]).group(1)

    def by_cookie(self, token):
        client = self.enterContext(self.console.service.client())
        client.headers["Cookie"] = f"octo_console={token}"
        return client

    def test_from_signing_in_to_signing_out(self):
        answer = sign_in(self.console.service, " ADMIN ")
        self.assertEqual((answer.status, answer.json),
                         (200, {"status": "success", "user": {"id": 1, "username": "admin", "role": "admin"}}))
        self.assertRegex(answer.headers["set-cookie"], r"; Path=/; Max-Age=(3600|3599); HttpOnly; SameSite=Lax$")
        client = self.by_cookie(cookie_of(answer))
        self.assertEqual(client.get("/api/traces").status, 200)
        session = client.get("/api/auth/session").json
        self.assertEqual({**session, "expires_at": None},
                         {"authenticated": True, "user_id": 1, "username": "admin", "role": "admin",
                          "auth_method": "password", "expires_at": None})
        self.assertEqual(client.post("/api/auth/logout").status, 403)  # a page of another site may have sent that
        self.assertEqual(client.post("/api/auth/logout", headers=AJAX).json["message"], "signed out")
        self.assertEqual(client.get("/api/traces").status, 401)
        self.assertEqual(client.get("/api/auth/session").json, {"authenticated": False})

    def test_the_portal_says_who_sees_what(self):
        for name, status in (("a-viewer", 200), ("a-analyst", 200), ("a-user", 403)):
            client = self.by_cookie(cookie_of(sign_in(self.console.service, name)))
            self.assertEqual(client.get("/api/traces").status, status, name)
        self.assertEqual(sign_in(self.console.service, "a-viewer", "wrong").status, 401)

    def test_tokens_are_of_one_service(self):
        token = cookie_of(sign_in(self.console.service, "admin"))
        with self.instance.crm.client(token=token) as portal, \
                self.console.service.client(token=self.portal_token("admin")) as console:
            self.assertEqual(portal.get("/api/customers").status, 401)
            self.assertEqual(console.get("/api/traces").status, 401)

    def test_guesses_are_counted_with_those_at_the_portal(self):
        """By the guesser's own address: others' are not counted with his."""
        for service in (self.console.service, self.instance.crm, self.console.service) + (self.instance.crm,) * 2:
            self.assertEqual(sign_in(service, "a-viewer", "wrong", STRANGER).status, 401)
        for service in (self.console.service, self.instance.crm):
            refused = sign_in(service, "a-viewer", PASSWORD, STRANGER)
            self.assertEqual(refused.status, 429)
            self.assertTrue(0 < int(refused.headers["retry-after"]) <= 300, refused)
            self.assertRegex(refused.json["detail"], r"^too many failed sign-ins, try again in \d+ s$")
        self.assertEqual(sign_in(self.console.service, "a-viewer").status, 200)

    def test_nobody_else_asks_the_portal(self):
        question = {"username": "admin", "password": PASSWORD, "address": "192.0.2.7"}
        with self.instance.crm.client() as stranger, self.instance.crm.client(internal=True) as peer:
            self.assertEqual(stranger.post("/api/auth/verify", question).status, 401)
            self.assertEqual(peer.post("/api/auth/verify", question).json["result"], "right")
            wrong = peer.post("/api/auth/verify", {**question, "address": "here"})
            self.assertEqual((wrong.status, wrong.json["errors"][0]["pointer"]), (422, "/address"))

    def test_no_secret_is_logged(self):
        token = cookie_of(sign_in(self.console.service, "admin"))
        log = self.console.service.log()
        self.assertRegex(log, r"signed in.*user=admin role=admin client=127\.0\.0\.1")
        for secret in (token, PASSWORD):
            self.assertNotIn(secret, log)


@unittest.skipIf(IS_POSTGRES, "the portal is asked over HTTP, whatever its database")
class Alone(unittest.TestCase):
    def test_sessions_end_with_the_console_and_a_missing_portal_is_named(self):
        with Instance() as instance, Console(
                SERVICE_CRM_URL=f"http://127.0.0.1:{instance.crm.port}") as console:
            token = cookie_of(sign_in(console.service, "admin"))
            instance.crm.stop()
            with console.service.client(token=token) as client:
                self.assertEqual(client.get("/api/traces").status, 200)
            answer = sign_in(console.service, "admin")
            self.assertEqual((answer.status, answer.headers["retry-after"]), (503, "5"))
            self.assertRegex(answer.json["detail"], "^the CRM, which knows who may sign in, cannot be asked: ")
            self.assertEqual(console.ask("/api/traces").status, 200)  # with the internal key, as octo traces does
            console.service.stop()
            console.service.start()
            with console.service.client(token=token) as client:
                self.assertEqual(client.get("/api/traces").status, 401)


if __name__ == "__main__":
    unittest.main()
