"""Signing in: nobody waits for those who do, nobody guesses for long, nobody is kept out, and sessions end."""

import json
import os
import pathlib
import re
import tempfile
import time
import unittest

from support.harness import INTERNAL_KEY, PASSWORD, Instance, checkout_body, in_parallel, patience
from support.sign_ins import Crowd, address, guess, raw_post, sign_in, spray

CONNECTIONS = 300
MOST_BEFORE = CONNECTIONS - 50  # workers and those who wait for a crew are not in that line
MOST = {"shop": 8, "crm": 5}  # failures of a name from an address
BY_ADDRESS, BY_NAME = 4, 10
GUESSES = int(os.environ.get("OCTO_SIGN_INS", "120"))  # more than the limits of either service let through
KNOWN_HERE = "127.0.0.1"
STRANGER = "127.200.0.1"


class NobodyWaits(unittest.TestCase):
    """Not for sign-ins, nor for a peer: what has a slow crew of its own is refused early when that is busy. Whoever
    stood in line behind a crowd would be answered after most of it, however fast the machine is."""

    def ask(self, crowd, most, request):
        """It is answered before as many of the crowd are, of those who are not refused."""
        before = crowd.served()
        answer = request()
        self.assertEqual(answer.status, 200, answer)
        self.assertLessEqual(crowd.served() - before, most)

    def assert_buyers_buy(self, shop, crowd, most):
        self.assertTrue(crowd.is_busy.wait(patience(60)))
        with shop.client() as client:
            for number in range(5):
                self.ask(crowd, most, lambda: client.post("/api/cart/add", {"product_id": 1}))
                self.ask(crowd, most, lambda email=f"b{number}@example.com": client.post(
                    "/api/shop/checkout", checkout_body(email)))

    def test_buyers_buy_while_a_crowd_signs_in(self):
        with Instance() as instance, Crowd(instance.shop, CONNECTIONS, guess) as crowd:
            self.assert_buyers_buy(instance.shop, crowd, MOST_BEFORE)
        self.assertLessEqual(set(crowd.statuses), {"401", "503"})

    def test_staff_work_while_a_crowd_signs_in(self):
        with Instance() as instance:
            crm = instance.crm
            with crm.client(internal=True) as staff, Crowd(crm, CONNECTIONS, guess) as crowd:
                self.assertTrue(crowd.is_busy.wait(patience(60)))
                for number in range(5):
                    self.ask(crowd, MOST_BEFORE, lambda: staff.post("/api/analytics/track", {"page": "/"}))
                    self.ask(crowd, MOST_BEFORE, lambda name=f"c{number}": staff.post(
                        "/api/customers", {"name": name, "email": f"{name}@example.com"}))

    def test_buyers_buy_while_the_portal_does_not_answer(self):
        with Instance() as instance:
            with instance.shop.client() as client:
                order = client.post("/api/shop/checkout", checkout_body()).json
            request = raw_post("/api/integrations/crm/sync-order", {
                "order_id": order["order_id"], "total": order["total"], "customer_email": "buyer@example.com"},
                X_Internal_Service_Key=INTERNAL_KEY)
            with instance.crm.standing_still(), Crowd(instance.shop, 40, lambda _: request) as crowd:
                self.assertTrue(crowd.is_busy.wait(patience(60)))
                self.assertEqual(crowd.served(), 0, "some waited until a call was given up")
                self.assert_buyers_buy(instance.shop, crowd, 40)


class Guessing(unittest.TestCase):
    def setUp(self):
        self.instance = self.enterContext(Instance())

    def test_many_names_from_one_address(self):
        """As many are tried as the address may, and leave as many rows; who was there before gets in amid them."""
        for service in (self.instance.shop, self.instance.crm):
            with self.subTest(service.name):
                self.assertEqual(sign_in(service, "admin", source=KNOWN_HERE).status, 200)
                most = MOST[service.name] * BY_ADDRESS
                statuses = spray(service, map("made-up-{}".format, range(GUESSES)), STRANGER)
                self.assertEqual(set(statuses), {401, 429})
                self.assertEqual(statuses.count(401), most)
                self.assertEqual(service.value("SELECT count(*) FROM login_failures"), 3 * most)
                # The address where admin was, too: others are refused, he is not.
                statuses = spray(service, map("other-{}".format, range(GUESSES)), KNOWN_HERE)
                self.assertEqual(statuses.count(401), most)
                self.assertEqual(sign_in(service, "another", source=KNOWN_HERE).status, 429)
                self.assertEqual(sign_in(service, "admin", source=KNOWN_HERE).status, 200)

    def test_one_name_from_many_addresses(self):
        """Guesses are as few as the name may have, wherever they come from; who was there before gets in."""
        for service in (self.instance.shop, self.instance.crm):
            with self.subTest(service.name):
                self.assertEqual(sign_in(service, "admin", source=KNOWN_HERE).status, 200)
                statuses = [sign_in(service, "admin", "wrong", address(index)).status
                            for index in range(GUESSES)]
                self.assertEqual(set(statuses), {401, 429})
                self.assertEqual(statuses.count(401), MOST[service.name] * BY_NAME)
                self.assertEqual(sign_in(service, "admin", source=STRANGER).status, 429)
                self.assertEqual(sign_in(service, "admin", source=KNOWN_HERE).status, 200)


class Telling(unittest.TestCase):
    """Whether there is such a user cannot be told, by whatever name, before and beyond the limits."""

    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="octo-trace-"))
        self.trace_log = pathlib.Path(folder) / "spans.jsonl"
        self.instance = self.enterContext(Instance(OCTO_TRACE_LOG=str(self.trace_log)))

    @staticmethod
    def look(answer):
        """All of an answer but the clock and what names this very request."""
        own = {"date", "ratelimit", "x-trace-id", "x-span-id", "x-request-id", "x-correlation-id", "traceresponse"}
        body = answer.json
        for name in ("correlation_id", "trace_id"):
            body.pop(name)
        waits = int(answer.headers.pop("retry-after", 0))
        body["detail"] = re.sub(r"\d+ s$", "n s", body["detail"])
        return answer.status, {k: v for k, v in answer.headers.items() if k not in own}, body, waits > 0

    def test_a_user_and_nobody_are_answered_alike(self):
        for service in (self.instance.shop, self.instance.crm):
            user, mail = service.query("SELECT username, email FROM users WHERE username = 'admin'")[0]
            forms = [(user, "nosuch"), (f" {user.upper()} ", " NOSUCH "), (mail, f"nosuch@{mail.split('@')[1]}")]
            for known, unknown in forms:
                for _ in range(MOST[service.name] + 2):
                    looks = [self.look(sign_in(service, name, "wrong", source))
                             for name, source in ((known, "127.50.0.1"), (unknown, "127.50.0.2"))]
                    self.assertEqual(*looks)

    def test_a_user_and_nobody_are_as_much_work(self):
        """The same statements in the same order, and a password's hash each (which a test of the unit shows)."""
        shop = self.instance.shop
        for name in ("admin", "nosuch"):
            for _ in range(MOST["shop"] + 1):
                sign_in(shop, name, "wrong", "127.60.0.1")
        shop.stop()
        with open(self.trace_log, encoding="utf-8") as lines:
            spans = [json.loads(line) for line in lines]
        work = []
        for root in (span for span in spans if span["name"] == "POST /api/auth/login"):
            own = [span for span in spans if span["trace_id"] == root["trace_id"] and span is not root
                   and not span["name"].startswith("ATTACK:")]  # one a second, of whomever
            work.append((root["start_us"],
                         [span["name"] for span in own], root["attributes"]["db.round_trips"]))
        work = [what[1:] for what in sorted(work, key=lambda one: one[0])]
        half = MOST["shop"] + 1
        self.assertEqual(len(work), 2 * half)
        self.assertEqual(work[:half], work[half:])


class Sessions(unittest.TestCase):
    def setUp(self):
        self.instance = self.enterContext(Instance())

    def paths(self):
        return ((self.instance.shop, "/api/auth/profile"), (self.instance.crm, "/api/orders"))

    def test_another_password_ends_all_sessions_of_its_user(self):
        for service, path in self.paths():
            with service.sign_in() as one, service.sign_in() as other:
                service.execute("UPDATE users SET is_active = 1 WHERE username = 'admin'")
                self.assertEqual([client.get(path).status for client in (one, other)], [200, 200])
                service.execute("UPDATE users SET password_hash = '!' WHERE username = 'admin'")
                self.assertEqual([client.get(path).status for client in (one, other)], [401, 401])
                self.assertEqual(service.value("SELECT count(*) FROM user_sessions"), 0)

    def test_only_so_many_sessions_live_at_a_time(self):
        for service, path in self.paths():
            clients = [self.enterContext(service.sign_in()) for _ in range(34)]
            self.assertEqual([client.get(path).status for client in clients], [401] * 2 + [200] * 32)

    def test_who_signs_in_again_and_again_is_told_apart_from_nobody(self):
        """Right passwords are no failures, however many at once."""
        shop = self.instance.shop
        statuses = in_parallel(8, lambda _: [sign_in(shop, "admin", PASSWORD).status for _ in range(4)])
        self.assertEqual({status for each in statuses for status in each}, {200})
        self.assertEqual(shop.value("SELECT count(*) FROM login_failures"), 0)


if __name__ == "__main__":
    unittest.main()
