"""What opens something is known to its owner alone: tokens of sessions, ids of carts, keys, passwords.

Each instance here is hunted when it ends (support/secrets_hunt.py): a secret in a table, a log, a span, a metric
or somebody else's answer fails the class that used it.
"""

import base64
import contextlib
import hashlib
import os
import pathlib
import re
import resource
import signal
import tempfile
import time
import unittest
import uuid

from support import postgres
from support.harness import IS_SLOW, PASSWORD, Instance, checkout_body, moment, patience

SIGN_IN = {"username": "admin", "password": PASSWORD}
PAGE = {"Origin": "http://shop.example"}
NO_CART = "00000000-0000-4000-8000-000000000000"  # in the form of one, and never made


def cookie_of(answer):
    """Name and value."""
    return re.match("([^=]+)=([^;]*)", answer.headers["set-cookie"]).groups()


class Secrets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance(hunted=True))
        cls.shop, cls.crm = cls.instance.shop, cls.instance.crm

    def add(self, body=None, headers=None, **more):
        with self.shop.client() as client:
            answer = client.post("/api/cart/add", {"product_id": 1, **(body or {}), **more}, headers=headers)
        self.assertEqual(answer.status, 200, answer)
        return answer

    def lines(self, session=None, headers=None):
        with self.shop.client() as client:
            answer = client.get("/api/cart" + (f"?session_id={session}" if session else ""), headers=headers)
        self.assertEqual(answer.status, 200, answer)
        return answer.json["items"]


class Elsewhere(Secrets):
    """A secret of one service that is shown to the other, as browsers and mistaken clients do."""

    def ask_everywhere(self, service, headers, session):
        """Every route of a service, with the secret wherever it takes a session."""
        with service.client() as client:
            paths = client.get("/openapi.json").json["paths"]
            for path, item in paths.items():
                for method, operation in item.items():
                    if path.startswith("/api/events"):
                        continue  # which does not end
                    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
                    example = body.get("example")
                    query = f"?session_id={session}" if any(
                        parameter["name"] == "session_id" for parameter in operation["parameters"]) else ""
                    for sent in (example, isinstance(example, dict) and {**example, "session_id": session}):
                        answer = client.call(method.upper(), re.sub(r"\{\w+\}", "1", path) + query,
                                             sent or None, headers=headers)
                        self.assertNotEqual(answer.status, 500, (method, path, answer))

    def test_the_portals_sessions_in_the_shop(self):
        """The attack: an administrator of the portal looks at the shop, under the same host, and asks for what is
        no more. What is recorded of that opens nothing."""
        with self.crm.client() as client:
            name, token = cookie_of(client.post("/api/auth/login", SIGN_IN))
        with self.shop.client() as client:
            for cookie in (name, "session_id", "octo_cart", "octo_session"):
                headers = {"Cookie": f"{cookie}={token}", "X-Requested-With": "test"}
                gone = client.post("/api/cart/add", {"product_id": 4711, "session_id": token}, headers=headers)
                self.assertEqual(gone.status, 404, gone)
                self.assertEqual(client.call("DELETE", "/api/cart/4711", headers=headers).status, 404)
                bought = client.post("/api/shop/checkout", checkout_body(session_id=token), headers=headers)
                self.assertEqual(bought.status, 200, bought)
                self.ask_everywhere(self.shop, headers, token)
        for field in ("X-Session-Id", "Authorization"):
            self.ask_everywhere(self.shop, {field: f"Bearer {token}" if field == "Authorization" else token}, token)
        with self.crm.client() as client:
            self.assertTrue(client.get("/api/auth/session", headers={"X-Session-Id": token}).json["authenticated"])

    def test_carts_and_the_shops_sessions_in_the_portal(self):
        with self.shop.client() as client:
            token = client.post("/api/auth/login", SIGN_IN).json["token"]
        cart = self.add().json["session_id"]
        for secret in (cart, token):
            for headers in ({"Cookie": f"octo_cart={secret}; octo_crm={secret}"}, {"X-Session-Id": secret}):
                self.ask_everywhere(self.crm, headers, secret)

    def test_each_service_has_cookies_of_its_own(self):
        """So that a sign-in to the portal leaves the visitor's cart alone."""
        added = self.add()
        with self.crm.client() as client:
            signed_in = client.post("/api/auth/login", SIGN_IN)
        self.assertEqual([cookie_of(answer)[0] for answer in (added, signed_in)], ["octo_cart", "octo_crm"])
        jar = "; ".join("=".join(cookie_of(answer)) for answer in (added, signed_in))
        self.assertEqual(len(self.lines(headers={"Cookie": jar})), 1)
        with self.crm.client() as client:
            self.assertTrue(client.get("/api/auth/session", headers={"Cookie": jar}).json["authenticated"])
            old = {"Cookie": f"session_id={cookie_of(signed_in)[1]}"}
            self.assertFalse(client.get("/api/auth/session", headers=old).json["authenticated"])

    def test_staff_see_of_a_cart_by_which_it_can_be_told_from_others(self):
        cart = self.add().json["session_id"]
        with self.shop.client() as client:
            for product in (4711, 4712):
                client.post("/api/cart/add", {"product_id": product, "session_id": cart})
                client.call("DELETE", f"/api/cart/{product}?session_id={cart}")
        mark = hashlib.sha256(cart.encode()).hexdigest()[:16]
        self.assertEqual(self.shop.value("SELECT count(*) FROM cart_items WHERE session_id LIKE ?", f"{mark}%"), 1)
        with self.shop.sign_in() as client:
            deadline = time.monotonic() + patience(30)
            marks = set()
            while mark not in marks:  # events are stored when nobody waits for them any more
                self.assertLess(time.monotonic(), deadline, "no event was stored")
                events = client.get("/api/analytics/security/events?attack_type=idor&limit=500").json["events"]
                marks = {event["session_id"] for event in events}


class Carts(Secrets):
    """A cart opens by an id that the shop has made, and only its owner learns it."""

    def test_what_a_client_chose_opens_nothing(self):
        """Two who choose the same have a cart each, and who guesses finds none."""
        for chosen in ("a", "one", "0" * 64, "f" * 64, "seed-visitor-01", NO_CART, NO_CART.upper(), str(uuid.uuid4())):
            carts = [self.add(session_id=chosen).json["session_id"] for _ in range(2)]
            self.assertEqual(len({chosen, *carts}), 3, chosen)
            self.assertEqual(self.lines(chosen), [])
            for cookie in (f"octo_cart={chosen}", f"session_id={carts[0]}"):
                self.assertEqual(self.lines(headers={"Cookie": cookie}), [], cookie)
            self.assertEqual([len(self.lines(cart)) for cart in carts], [1, 1])

    def test_a_cart_that_is_none_is_not_bought(self):
        body = checkout_body()
        del body["items"]
        self.add(session_id="mine")
        with self.shop.client() as client:
            for session in ("mine", NO_CART):
                self.assertEqual(client.post("/api/shop/checkout", {**body, "session_id": session}).status, 422)
                bought = client.post("/api/shop/checkout", {**body, "session_id": session},
                                     headers={"Cookie": "=".join(cookie_of(self.add()))})
                self.assertEqual(bought.status, 422, "another cart than the one that was named")

    def test_what_tables_hold_opens_nothing(self):
        cart = self.add().json["session_id"]
        for table in ("cart_items", "cart_sessions"):
            for row in self.shop.query(f"SELECT session_id FROM {table}"):
                self.assertEqual(self.lines(row["session_id"]), [])
                self.assertEqual(self.lines(headers={"Cookie": f"octo_cart={row['session_id']}"}), [])
        self.assertEqual(len(self.lines(cart)), 1)

    def test_scripts_do_not_learn_what_the_cookie_holds(self):
        """Neither from the answer that makes a cart, nor from any that the cookie leads to."""
        added = self.add(headers=PAGE)
        cookie = {"Cookie": "=".join(cookie_of(added))}
        with self.shop.client() as client:
            answers = [added, client.get("/api/cart", headers=cookie), self.add(headers=cookie),
                       client.post("/api/shop/checkout", checkout_body(), headers=cookie)]
        for answer in answers:
            self.assertEqual(answer.status, 200, answer)
            self.assertNotIn(cookie_of(added)[1].encode(), answer.raw)
            self.assertNotIn("session_id", answer.json)

    def test_programs_that_keep_the_id_are_told(self):
        cart = self.add().json["session_id"]
        with self.shop.client() as client:
            for answer in (self.add(session_id=cart), client.get(f"/api/cart?session_id={cart}"),
                           client.post("/api/shop/checkout", checkout_body(session_id=cart))):
                self.assertEqual(answer.json["session_id"], cart)

    def test_looking_makes_no_cart(self):
        with self.shop.client() as client:
            answer = client.get("/api/cart")
        self.assertNotIn("set-cookie", answer.headers)
        self.assertEqual(answer.json, {"items": [], "total": 0})


class Keys(Secrets):
    """An Idempotency-Key belongs to its caller."""

    KEY = {"Idempotency-Key": "add-item-1"}

    def test_the_same_key_fills_a_cart_for_each(self):
        """The attack: whoever came second got the first one's cart, and nothing in his own."""
        carts = [self.add(headers=self.KEY) for _ in range(2)]
        self.assertNotEqual(*(cookie_of(cart)[1] for cart in carts))
        for cart in carts:
            self.assertNotIn("idempotency-replayed", cart.headers)
            again = self.add(headers={**self.KEY, "Cookie": "=".join(cookie_of(cart))})
            self.assertEqual(again.headers["idempotency-replayed"], "true")
            self.assertEqual(len(self.lines(cookie_of(cart)[1])), 1)
            self.assertEqual(self.lines(cookie_of(cart)[1])[0]["quantity"], 1)

    def test_a_stranger_who_came_first_is_in_nobodys_way(self):
        key = {"Idempotency-Key": "first-order-1"}
        with self.shop.client() as client:
            first = client.post("/api/shop/checkout", checkout_body("first@example.com"), headers=key)
            second = client.post("/api/shop/checkout", checkout_body("second@example.com"), headers=key)
            again = client.post("/api/shop/checkout", checkout_body("second@example.com"), headers=key)
        self.assertEqual((first.status, second.status), (200, 200), second)
        self.assertNotEqual(first.json["order_id"], second.json["order_id"])
        self.assertEqual((again.raw, again.headers["idempotency-replayed"]), (second.raw, "true"))

    def test_a_key_is_of_the_cart_that_is_named(self):
        carts = [self.add().json for _ in range(2)]
        statuses = []
        with self.shop.client() as client:
            for cart in carts:
                path = f"/api/cart/{cart['item']['id']}?session_id={cart['session_id']}"
                statuses += [client.call("DELETE", path, headers=self.KEY).status for _ in range(2)]
            other = f"/api/cart/{carts[0]['item']['id']}?session_id={carts[1]['session_id']}"
            statuses.append(client.call("DELETE", other, headers=self.KEY).status)
        self.assertEqual(statuses, [200, 200, 200, 200, 422])  # the last one: used for another request

    def test_what_is_kept_holds_no_id_and_the_answer_does(self):
        cart = self.add().json["session_id"]
        first, again = [self.add(session_id=cart, headers=self.KEY) for _ in range(2)]
        self.assertEqual((first.raw, again.json["session_id"]), (again.raw, cart))
        for kept in self.shop.query("SELECT body FROM idempotency_keys"):
            self.assertNotIn("session_id", kept["body"])


class Changes(Secrets):
    """Whether a change may be another site's doing depends on where its credential was found."""

    def test_only_what_a_page_cannot_add_stands_in(self):
        with self.crm.client() as client:
            name, token = cookie_of(client.post("/api/auth/login", SIGN_IN))
            cookie = {"Cookie": f"{name}={token}"}
            for headers, status in (
                    (cookie, 403),
                    ({**cookie, "Authorization": "Basic eDp4"}, 403),  # which a browser adds by itself
                    ({**cookie, "Authorization": "Negotiate eDp4"}, 403),
                    ({**cookie, "X-Internal-Service-Key": "wrong" * 8}, 401),
                    ({**cookie, "Authorization": "Bearer wrong"}, 401),
                    ({**cookie, "X-Session-Id": "wrong"}, 401),
                    ({**cookie, "X-Requested-With": "a page of ours"}, 200),
                    ({"X-Session-Id": token}, 200),
                    ({"Authorization": f"Bearer {token}"}, 200)):
                answer = client.post("/api/customers", {"name": "X", "email": f"{uuid.uuid4()}@x.example"},
                                     headers=headers)
                self.assertEqual(answer.status, status, (headers, answer))


@unittest.skipIf(IS_SLOW, "sanitizers end what dies by words of their own")
class Images(unittest.TestCase):
    """A service that dies leaves no image of its memory, where all that it was shown lies in clear."""

    def test_there_is_none_where_there_might_be_one(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="octo-image-"))
        self.enterContext(contextlib.chdir(folder))
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        if hard == 0:
            self.skipTest("this shell allows none")
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, (soft, hard))
        with Instance() as instance:
            for service in (instance.shop, instance.crm):
                service.sign_in().close()
                os.kill(service.process.pid, signal.SIGABRT)
                ended = os.waitid(os.P_PID, service.process.pid, os.WEXITED | os.WNOWAIT)
                self.assertEqual((ended.si_status, ended.si_code), (signal.SIGABRT, os.CLD_KILLED))
        self.assertEqual(list(pathlib.Path(folder).iterdir()), [])


class Before(unittest.TestCase):
    """What was stored in clear by a version of before is erased."""

    def test_old_rows_hold_no_secret_any_more(self):
        token, cart = "ab12" * 16, str(uuid.uuid4())
        with Instance(hunted=True) as instance:
            shop, crm = instance.shop, instance.crm
            for service in (shop, crm):
                service.execute("DELETE FROM schema_migrations WHERE version = 14")
                service.insert("page_views", ("page", "session_id"), [("/", token), ("/", token), ("/", cart)])
            before = {service: service.value("SELECT count(DISTINCT session_id) FROM page_views")
                      for service in (shop, crm)}
            for secret in (token, cart):
                shop.insert("cart_sessions", ("session_id",), [(secret,)])
                shop.insert("cart_items", ("session_id", "product_id", "quantity"), [(secret, 1, 1)])
                shop.insert("security_events", ("attack_type", "session_id", "payload"),
                            [("idor", secret, "{}"), ("idor", None, f'{{"session_id":"{secret}"}}')])
                shop.insert("idempotency_keys", ("scope", "key", "request_hash", "status_code", "body", "expires_at"),
                            [("admin POST /api/orders", f"key-of-{len(secret)}", "x", 200,
                              f'{{"total":12.00,"session_id":"{secret}","order_id":7}}', moment(time.time() + 86400))])
                shop.insert("audit_logs", ("action", "details"),
                            [("order.created", f'{{"source":"x","session_id":"{secret}","total":12.00}}')])
            sessions = shop.value("SELECT count(*) FROM cart_sessions")
            with crm.client() as client:
                of_now = cookie_of(client.post("/api/auth/login", SIGN_IN))[1]
            for service in (shop, crm):
                service.stop()
                service.start()

            instance.hunt.note_form(token)
            instance.hunt.note_form(cart)
            self.assertEqual(shop.value("SELECT count(*) FROM cart_sessions"), sessions)
            self.assertEqual(shop.value("SELECT count(*) FROM cart_items"), 0)
            for service, visitors in before.items():
                self.assertEqual(service.value("SELECT count(DISTINCT session_id) FROM page_views"), visitors)
            self.assertEqual({row["body"] for row in shop.query("SELECT body FROM idempotency_keys")},
                             {'{"total":12.00,"order_id":7}'})
            self.assertEqual({row["details"] for row in shop.query(
                "SELECT details FROM audit_logs WHERE action = 'order.created' AND details LIKE '%12.00%'")},
                {'{"source":"x","total":12.00}'})
            with self.assertRaises(postgres.Refused):
                shop.execute("UPDATE audit_logs SET details = NULL")
            with crm.client() as client:  # it may stand in the shop's spans and backups
                self.assertFalse(client.get("/api/auth/session",
                                            headers={"X-Session-Id": of_now}).json["authenticated"])


class Hunting(unittest.TestCase):
    """The hunt finds what it is for."""

    @unittest.skipIf(IS_SLOW, "looks for what the program does not do, in whatever build")
    def test_planted_secrets_are_found(self):
        plants = {
            "a row": lambda shop, cart: shop.insert("page_views", ("page", "referrer"), [("/", f"/?cart={cart}")]),
            "base64": lambda shop, cart: shop.insert("page_views", ("page",), [
                (base64.urlsafe_b64encode(b"a" + cart.encode()).decode(),)]),
            "hexadecimal": lambda shop, cart: shop.insert("page_views", ("page",), [(cart.encode().hex().upper(),)]),
            "a log": lambda shop, cart: (shop.data / "crm.log").write_text(f"cart={cart}", encoding="ascii"),
        }
        for what, plant in plants.items():
            with self.assertRaisesRegex(AssertionError, "secrets where others read them", msg=what):
                with Instance(hunted=True) as instance, instance.shop.client() as client:
                    plant(instance.shop, client.post("/api/cart/add", {"product_id": 1}).json["session_id"])


if __name__ == "__main__":
    unittest.main()
