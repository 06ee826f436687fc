"""Single sign-on: whom the provider vouches for is let in as who he is, and nobody else by whatever way."""

import time
import unittest
import urllib.parse

from support import postgres
from support.harness import IS_POSTGRES, Instance, in_parallel, patience
from support.issuer import CLIENT, SECRET, Issuer, Key

LOGIN, CALLBACK = "/api/auth/sso/login", "/api/auth/sso/callback"


def query_of(answer):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["location"]).query))


def cookie_of(answer):
    return answer.headers["set-cookie"].split(";")[0]


class SignIns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.issuer = cls.enterClassContext(Issuer())
        cls.instance = cls.enterClassContext(Instance(
            IDCS_DOMAIN_URL=cls.issuer.url, IDCS_CLIENT_ID=CLIENT, IDCS_CLIENT_SECRET=SECRET,
            OCTO_SSO_ROLES="admin = octo-admins, manager=sales"))
        cls.service = cls.instance.crm
        cls.client = cls.enterClassContext(cls.service.client())

    def setUp(self):
        self.issuer.fault = None

    def begin(self, client=None):
        answer = (client or self.client).get(LOGIN)
        self.assertEqual(answer.status, 302, answer)
        return query_of(answer), cookie_of(answer)

    def come_back(self, cookie, client=None, **query):
        return (client or self.client).get(f"{CALLBACK}?{urllib.parse.urlencode(query)}", headers={"Cookie": cookie})

    def sign_in(self, subject, key=None, header=None, client=None, **claims):
        """The answer to a browser that comes back with a code for a token of these claims."""
        flow, cookie = self.begin(client)
        token = (key or self.issuer.key).token(self.issuer.claims(flow, subject, **claims), **(header or {}))
        return self.come_back(cookie, client, state=flow["state"], code=self.issuer.code_for(flow, token))

    def who(self, answer):
        self.assertEqual((answer.status, answer.headers.get("location")), (302, "/"), answer)
        return self.client.get("/api/auth/session", headers={"Cookie": cookie_of(answer)}).json

    def email_of(self, user):
        return self.service.value("SELECT email FROM users WHERE id = ?", user["user_id"])

    def refused(self, answer, word):
        self.assertEqual((answer.status, answer.headers.get("location")), (302, f"/login?sso_error={word}"), answer)
        self.assertNotIn("octo_crm=", answer.headers.get("set-cookie", ""))

    def test_the_way_to_the_provider_says_what_the_standard_asks_for(self):
        flow, cookie = self.begin()
        self.assertEqual({name: flow[name] for name in ("tenant", "response_type", "client_id", "scope", "code_challenge_method")},
                         {"tenant": "1", "response_type": "code", "client_id": CLIENT, "scope": "openid profile email",
                          "code_challenge_method": "S256"})
        self.assertTrue(flow["redirect_uri"].endswith(f":{self.service.port}{CALLBACK}"))
        other, other_cookie = self.begin()
        for name in ("state", "nonce", "code_challenge"):
            self.assertRegex(flow[name], r"^[\w-]{43}$")
            self.assertNotEqual(flow[name], other[name])
            self.assertNotIn(flow[name], cookie)
        self.assertNotEqual(cookie, other_cookie)
        self.assertEqual(self.client.get("/api/auth/sso/status").json,
                         {"configured": True, "provider": "oidc", "domain_url": self.issuer.url, "verify_jwt": True})

    def test_who_comes_is_a_user_and_the_same_one_again(self):
        name = {"preferred_username": "grace.h", "email": "Grace@Example.org", "email_verified": True}
        first = self.who(self.sign_in("s-1", **name))
        self.assertEqual((first["username"], first["role"], first["auth_method"]), ("grace.h", "user", "sso"))
        again = self.who(self.sign_in("s-1", preferred_username="renamed", groups=["x", "sales", "octo-admins"]))
        self.assertEqual((again["user_id"], again["username"], again["role"]), (first["user_id"], "grace.h", "admin"))
        self.assertEqual(self.who(self.sign_in("s-1", groups="sales"))["role"], "manager")
        self.assertEqual(self.who(self.sign_in("s-1"))["role"], "user")
        self.assertEqual(self.service.query("SELECT email, last_login IS NOT NULL FROM users WHERE id = ?", first["user_id"])[0][0],
                         "grace@example.org")

    def test_nobody_becomes_another_by_his_name_or_address(self):
        admin = self.service.query("SELECT id, email FROM users WHERE username = 'admin'")[0]
        taken = self.who(self.sign_in("s-2", preferred_username="ADMIN", email=admin[1]))
        self.assertNotEqual(taken["user_id"], admin[0])
        self.assertRegex(taken["username"], "^(?i:admin)-[0-9a-f]{16}$")
        self.assertEqual(taken["role"], "user")
        strange = self.who(self.sign_in("s-3", preferred_username="<b>'; DROP"))
        self.assertRegex(strange["username"], r"^sso(-[0-9a-f]{16})?$")
        for number, verified in enumerate((False, "false", None, 1, "TRUE", [True])):
            with self.subTest(verified=verified):
                user = self.who(self.sign_in(f"s-4-{number}", preferred_username=f"henry-{number}",
                                             email=f"boss{number}@example.org", email_verified=verified))
                self.assertRegex(self.email_of(user), "@sso.invalid$")
        by_text = self.who(self.sign_in("s-4", preferred_username="henry", email="henry@example.org", email_verified="true"))
        self.assertEqual(self.email_of(by_text), "henry@example.org")
        login = self.client.post("/api/auth/login", {"username": "henry", "password": "!"})
        self.assertEqual(login.status, 401)

    def test_a_token_with_anything_wrong_is_refused(self):
        now = int(time.time())
        stranger, short = Key("first"), Key("short", bits=1024)
        self.issuer.published = [self.issuer.key, short]
        for word, wrong in (("nonce", {"nonce": "of another"}), ("nonce", {"nonce": None}), ("expired", {"exp": now - 61}),
                            ("audience", {"aud": "somebody"}), ("audience", {"aud": [CLIENT, "somebody"]}),
                            ("audience", {"aud": [CLIENT, "somebody"], "azp": "somebody"}), ("issuer", {"iss": "https://else"}),
                            ("early", {"iat": now + 600}), ("early", {"nbf": now + 600}), ("malformed", {"exp": "soon"}),
                            ("malformed", {"sub": None}), ("signature", {"key": stranger}), ("signature", {"key": short}),
                            ("algorithm", {"header": {"alg": "none"}}), ("algorithm", {"header": {"alg": "HS256"}}),
                            ("key_unknown", {"header": {"kid": "third"}})):
            with self.subTest(word, wrong=wrong):
                self.refused(self.sign_in("s-5", **wrong), word)
        self.assertEqual(self.service.value("SELECT count(*) FROM user_identities WHERE subject = 's-5'"), 0)
        self.who(self.sign_in("s-5", aud=[CLIENT, "somebody"], azp=CLIENT))

    def test_keys_may_change_meanwhile(self):
        self.who(self.sign_in("s-6"))
        asked = self.issuer.asked["/keys"]
        self.who(self.sign_in("s-6"))
        self.assertEqual(self.issuer.asked["/keys"], asked)
        self.issuer.key = Key("second")
        self.issuer.published = [self.issuer.key]
        self.who(self.sign_in("s-6"))
        self.assertEqual(self.issuer.asked["/keys"], asked + 1)

    def test_a_code_is_worth_something_once_and_to_one_browser(self):
        flow, cookie = self.begin()
        code = self.issuer.code_for(flow, self.issuer.key.token(self.issuer.claims(flow, "s-7")))
        _, other = self.begin()
        self.refused(self.come_back(other, state=flow["state"], code=code), "state")
        self.refused(self.come_back("a=b", state=flow["state"], code=code), "flow")
        self.refused(self.come_back(cookie.replace("=1", "=2"), state=flow["state"], code=code), "flow")
        self.refused(self.come_back(cookie[:-1], state=flow["state"], code=code), "state")
        self.who(self.come_back(cookie, state=flow["state"], code=code))
        self.refused(self.come_back(cookie, state=flow["state"], code=code), "code")
        events = self.client.get("/api/auth/session")
        self.assertFalse(events.json["authenticated"])

    def test_what_the_provider_refuses_is_said(self):
        flow, cookie = self.begin()
        self.refused(self.come_back(cookie, state=flow["state"], error="access_denied"), "denied")
        self.refused(self.come_back(cookie, state=flow["state"], error="server_error"), "provider")
        self.assertEqual(self.come_back(cookie, state=flow["state"]).status, 422)
        self.assertEqual(self.come_back(cookie, code="x").status, 422)

    def test_a_provider_that_is_down_is_no_fault_of_the_browser(self):
        flow, cookie = self.begin()
        code = self.issuer.code_for(flow, self.issuer.key.token(self.issuer.claims(flow, "s-8")))
        self.issuer.fault = 503
        answer = self.come_back(cookie, state=flow["state"], code=code)
        self.assertEqual(answer.status, 502, answer)
        self.assertNotIn(SECRET, answer.raw.decode())

    def test_who_is_switched_off_stays_out(self):
        user = self.who(self.sign_in("s-9"))["user_id"]
        self.service.execute("UPDATE users SET is_active = 0 WHERE id = ?", user)
        self.refused(self.sign_in("s-9"), "switched_off")

    def test_signing_out_goes_by_the_provider(self):
        answer = self.sign_in("s-10")
        self.who(answer)
        for site in ("cross-site", "same-site", "anything"):  # a link elsewhere signs nobody out
            sent = self.client.get("/api/auth/sso/logout", headers={"Cookie": cookie_of(answer), "Sec-Fetch-Site": site})
            self.assertEqual((sent.status, sent.headers["location"], sent.headers.get("set-cookie")), (302, "/", None))
            self.who(answer)
        end = self.client.get("/api/auth/sso/logout", headers={"Cookie": cookie_of(answer), "Sec-Fetch-Site": "same-origin"})
        self.assertEqual(end.status, 302)
        self.assertTrue(end.headers["location"].startswith(f"{self.issuer.url}/end?client_id=octo%20client&"))
        self.assertFalse(self.client.get("/api/auth/session", headers={"Cookie": cookie_of(answer)}).json["authenticated"])

    @unittest.skipUnless(IS_POSTGRES, "SQLite has one writer at a time")
    def test_two_first_sign_ins_at_the_same_moment_are_of_one_user(self):
        """One has made the user and waits with the identity, the other waits for the user: then both go on."""
        ways = []
        for _ in range(2):
            client = self.enterContext(self.service.client())
            flow, cookie = self.begin(client)
            token = self.issuer.key.token(self.issuer.claims(flow, "s-twice", preferred_username="twice", email="Twice@Example.org",
                                                             email_verified=True))
            ways.append((client, cookie, flow["state"], self.issuer.code_for(flow, token)))
        other = self.enterContext(postgres.Session(self.instance.environment["OCTO_CRM_DATABASE_URL"], "crm"))
        other.run("BEGIN; LOCK TABLE user_identities IN SHARE MODE")

        def come_back(number):
            if number == 2:
                deadline = time.monotonic() + patience(60)
                while self.service.value("SELECT count(*) FROM pg_locks WHERE NOT granted") < 2 and time.monotonic() < deadline:
                    time.sleep(0.01)
                waiting = self.service.value("SELECT count(*) FROM pg_locks WHERE NOT granted")
                other.run("COMMIT")
                return waiting
            client, cookie, state, code = ways[number]
            return self.come_back(cookie, client, state=state, code=code)

        first, second, waiting = in_parallel(3, come_back)
        self.assertGreaterEqual(waiting, 2, "both stood where the other was in their way")
        who = [self.who(answer) for answer in (first, second)]
        self.assertEqual([user["username"] for user in who], ["twice", "twice"])
        self.assertEqual(self.service.value("SELECT count(*) FROM users WHERE lower(email) = 'twice@example.org'"), 1)
        self.assertEqual(self.service.value("SELECT count(*) FROM users WHERE username LIKE 'twice%'"), 1)
        self.assertEqual(self.service.value("SELECT count(*) FROM user_identities WHERE subject = 's-twice'"), 1)

    def test_a_shop_of_the_same_environment_signs_in_too(self):
        with self.instance.shop.client() as client:
            flow, cookie = self.begin(client)
            self.assertIn(f":{self.instance.shop.port}/", flow["redirect_uri"])
            token = self.issuer.key.token(self.issuer.claims(flow, "s-11", preferred_username="ada"))
            answer = self.come_back(cookie, client, state=flow["state"], code=self.issuer.code_for(flow, token))
            self.assertEqual(answer.headers["location"], "/shop/sign-in?sso=in")
            profile = client.get("/api/auth/profile", headers={"Cookie": cookie_of(answer)}).json
            self.assertEqual((profile["username"], profile["role"]), ("ada", "user"))


class NotSetUp(unittest.TestCase):
    def test_there_is_none(self):
        with Instance() as instance, instance.crm.client() as client:
            self.assertEqual(client.get("/api/auth/sso/login").status, 404)
            self.assertEqual(client.get("/api/auth/sso/callback", headers={"Cookie": "a=b"}).status, 404)
            self.assertEqual(client.get("/api/auth/sso/logout").status, 404)
            self.assertFalse(client.get("/api/auth/sso/status").json["configured"])


class Settings(unittest.TestCase):
    def test_what_is_missing_or_wrong_is_named_before_anything_starts(self):
        for name, wrong in (("IDCS_CLIENT_ID", {"IDCS_DOMAIN_URL": "https://issuer.example"}),
                            ("IDCS_DOMAIN_URL", {"IDCS_DOMAIN_URL": "http://issuer.example", "IDCS_CLIENT_ID": "c"}),
                            ("OCTO_SSO_ROLES", {"IDCS_DOMAIN_URL": "https://issuer.example", "IDCS_CLIENT_ID": "c",
                                                "OCTO_SSO_ROLES": "king=octo"}),
                            ("IDCS_DOMAIN_URL is longer", {"IDCS_DOMAIN_URL": "https://issuer.example/" + "x" * 378,
                                                           "IDCS_CLIENT_ID": "c"})):
            with self.subTest(name), self.assertRaisesRegex((RuntimeError, AssertionError), name):
                Instance(**wrong).__enter__()


if __name__ == "__main__":
    unittest.main()
