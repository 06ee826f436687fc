"""The console as people use it: they sign in with what they have in the portal, and see what they may see there."""

import json
import re
import subprocess
import time
import unittest
import urllib.parse

from support.harness import IS_POSTGRES, OCTO, PASSWORD, Instance, patience
from support.sign_ins import sign_in
from test_console import Console, attribute, request, span

STRANGER = "127.77.0.1"
AJAX = {"X-Requested-With": "test"}


def cookie_of(answer):
    return re.match(r"octo_console=([0-9a-f]{64});", answer.headers["set-cookie"]).group(1)


def enter(service, *who):
    """Signs in, again where the portal was too busy to say anything in time."""
    deadline = time.monotonic() + patience(100)
    while (answer := sign_in(service, *who)).status == 503 and time.monotonic() < deadline:
        time.sleep(0.5)
    return answer


@unittest.skipIf(IS_POSTGRES, "the portal is asked over HTTP, whatever its database")
class People(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance(SEED_USER_PASSWORD=PASSWORD + ' "\\'))
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
        answer = enter(self.console.service, " ADMIN ")
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
            client = self.by_cookie(cookie_of(enter(self.console.service, name)))
            self.assertEqual(client.get("/api/traces").status, status, name)
        self.assertEqual(enter(self.console.service, "a-viewer", "wrong").status, 401)

    def test_sessions_end_as_those_of_the_portal_do(self):
        """With the password that opened them, the role, or the user's access; others' stay."""
        stays = self.by_cookie(cookie_of(enter(self.console.service, "admin")))
        with self.instance.crm.client(token=self.portal_token("admin")) as admin:
            made = admin.post("/api/admin/users", {"username": "leaves", "email": "leaves@example.org",
                                                   "password": PASSWORD, "role": "viewer"})
            path = f"/api/admin/users/{made.json['user_id']}"

            def edit(path, body):
                self.assertEqual(admin.call("PATCH", path, body).status, 200)

            def new_password():
                done = self.instance.octo("password", "leaves", "--service", "crm", input=f"{PASSWORD}-2\n")
                self.assertEqual(done.returncode, 0, done)
            for change, password in ((lambda: edit(f"{path}/role", {"role": "manager"}), PASSWORD),
                                     (new_password, PASSWORD),
                                     (lambda: edit(path, {"is_active": False}), f"{PASSWORD}-2")):
                client = self.by_cookie(cookie_of(enter(self.console.service, "leaves", password)))
                self.assertEqual(client.get("/api/traces").status, 200)
                change()
                self.console.wait_for(lambda: client.get("/api/traces").status == 401)
        self.assertEqual(stays.get("/api/traces").status, 200)

    def test_tokens_are_of_one_service(self):
        token = cookie_of(enter(self.console.service, "admin"))
        with self.instance.crm.client(token=token) as portal, \
                self.console.service.client(token=self.portal_token("admin")) as console:
            self.assertEqual(portal.get("/api/customers").status, 401)
            self.assertEqual(console.get("/api/traces").status, 401)

    def test_guesses_are_counted_with_those_at_the_portal(self):
        """By the guesser's own address: others' are not counted with his."""
        for service in (self.console.service, self.instance.crm, self.console.service) + (self.instance.crm,) * 2:
            guess = enter(service, "a-viewer", "wrong", STRANGER)
            self.assertIn(guess.status, (401, 429), guess)  # one that was asked again has been counted twice
        for service in (self.console.service, self.instance.crm):
            refused = sign_in(service, "a-viewer", PASSWORD, STRANGER)
            self.assertEqual(refused.status, 429)
            self.assertTrue(0 < int(refused.headers["retry-after"]) <= 300, refused)
            self.assertRegex(refused.json["detail"], r"^too many failed sign-ins, try again in \d+ s$")
        answer = enter(self.console.service, "a-viewer")
        self.assertEqual(answer.status, 200, answer)

    def test_nobody_else_asks_the_portal(self):
        question = {"username": "admin", "password": PASSWORD, "address": "192.0.2.7"}
        with self.instance.crm.client() as stranger, self.instance.crm.client(internal=True) as peer:
            self.assertEqual(stranger.post("/api/auth/verify", question).status, 401)
            self.assertEqual(peer.post("/api/auth/verify", question).json["result"], "right")
            wrong = peer.post("/api/auth/verify", {**question, "address": "here"})
            self.assertEqual((wrong.status, wrong.json["errors"][0]["pointer"]), (422, "/address"))

    def test_shoppers_of_one_seed_do_the_same(self):
        """As many requests as were asked for, of journeys that the seed alone decides."""
        first, again, other = (self.instance.octo("traffic", "--seed", seed, "--rate", "300", "--duration", "1")
                               for seed in ("7", "7", "3"))
        for done in (first, again, other):
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertRegex(done.stdout.splitlines()[-1], r"^300 requests, \d+ refused, 0 failed$")
        journeys = [done.stdout.splitlines()[:-1] for done in (first, again, other)]
        self.assertEqual(journeys[0], journeys[1])
        self.assertNotEqual(journeys[0], journeys[2])
        kinds = {line.split()[1] for line in journeys[0] + journeys[2]}
        self.assertLessEqual({"browses:", "searches:", "abandons:", "buys:", "complains:", "answers:"}, kinds)
        self.assertGreater(self.instance.shop.value("SELECT count(*) FROM orders WHERE customer_id IN "
                                                    "(SELECT id FROM customers WHERE email LIKE 'shopper%')"), 0)
        self.assertRegex(other.stdout, r"complains: product \d+, sign in as shopper, complaint of \d+, ticket, message, sign out\n")
        self.assertRegex(other.stdout, "answers: sign in as support, tickets, ticket, message, sign out\n")
        writers = {row[0] for row in self.instance.shop.query("SELECT DISTINCT sender_type FROM ticket_messages")}
        self.assertEqual(writers, {"customer", "agent"})

    def test_shoppers_come_to_this_machine_alone(self):
        for arguments, code, words in ((["--rate", "0"], 2, "--rate"), (["--duration", "soon"], 2, "--duration")):
            done = self.instance.octo("traffic", *arguments)
            self.assertEqual((done.returncode, words in done.stderr), (code, True), done)
        elsewhere = subprocess.run([OCTO, "traffic", "--duration", "1"], text=True, capture_output=True, check=False,
                                   env={**self.instance.environment, "SERVICE_SHOP_URL": "https://shop.example"})
        self.assertEqual(elsewhere.returncode, 1)
        self.assertIn("another machine", elsewhere.stderr)

    def test_no_secret_is_logged(self):
        token = cookie_of(enter(self.console.service, "admin"))
        log = self.console.service.log()
        self.assertRegex(log, r"signed in.*user=admin role=admin client=127\.0\.0\.1")
        for secret in (token, PASSWORD):
            self.assertNotIn(secret, log)


@unittest.skipIf(IS_POSTGRES, "the portal is asked over HTTP, whatever its database")
class Alone(unittest.TestCase):
    def test_sessions_end_with_the_console_and_a_missing_portal_is_named(self):
        with Instance() as instance, Console(
                SERVICE_CRM_URL=f"http://127.0.0.1:{instance.crm.port}") as console:
            token = cookie_of(enter(console.service, "admin"))
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


@unittest.skipIf(IS_POSTGRES, "of no database server")
class Conditions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.console = cls.enterClassContext(Console(CONSOLE_LINK_APM="https://apm.example.com/<TraceId>"))
        for number, colour in enumerate(("red", "blue", "red", "green"), 1):
            answer = cls.console.send(request(span(f"{number:016x}", f"{number:032x}", attributes=[
                attribute("drone.colour", colour), {"key": "drone.rotors", "value": {"intValue": str(number * 2)}}],
                endTimeUnixNano=str(time.time_ns() + number * 100_000_000))))
            assert answer.status == 200, answer

    def found(self, condition):
        answer = self.console.ask(f"/api/traces?q={urllib.parse.quote(condition)}&sort=slowest")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["total"], len(answer.json["traces"]))
        return [int(one["trace_id"], 16) for one in answer.json["traces"]]

    def test_what_holds_is_found(self):
        for condition, traces in (("drone.colour = red", [3, 1]), ("drone.colour != red", [4, 2]),
                                  ("drone.rotors = 4..6", [3, 2]), ("drone.height absent", [4, 3, 2, 1]),
                                  ("duration > 250ms and not drone.colour ~ RE", []),
                                  ("service = shop and (drone.rotors > 7 or drone.rotors < 4)", [4, 1])):
            with self.subTest(condition=condition):
                self.assertEqual(self.found(condition), traces)

    def test_what_cannot_be_asked_is_named_with_its_place(self):
        answer = self.console.ask(f"/api/traces?q={urllib.parse.quote('drone.colour = red and height > 5')}")
        self.assertEqual((answer.status, answer.json["errors"][0]["pointer"]), (422, "q"))
        self.assertIn('character 24: no field has this name', str(answer.json))
        done = self.console.octo("traces", "--where", "duration > soon")
        self.assertEqual(done.returncode, 1)
        self.assertIn('character 12: a duration is expected, as 250ms, not "soon"', done.stderr)

    def test_many_at_a_glance(self):
        facets = self.console.ask("/api/traces/facets?values=2&q=drone.rotors%20%3E%202").json
        self.assertEqual((facets["total"], facets["is_cut"]), (3, False))
        colours = next(one for one in facets["facets"] if one["field"] == "drone.colour")
        self.assertEqual(colours, {"field": "drone.colour", "count": 3, "value_count": 3, "values": [
            {"value": "blue", "count": 1}, {"value": "green", "count": 1}]})
        heat = self.console.ask("/api/traces/heatmap?columns=1&span=entry").json
        self.assertEqual((heat["total"], heat["columns"], sum(cell["count"] for cell in heat["cells"])), (4, 1, 4))
        for cell in heat["cells"]:
            self.assertTrue(50_000_000 < heat["rows_begin_ns"][cell["row"]] < 500_000_000)
        differs = self.console.ask("/api/traces/compare?q=drone.colour%20%3D%20red").json
        self.assertEqual((differs["selected"], differs["rest"]), (2, 2))
        self.assertEqual(differs["differences"][0], {"field": "drone.colour", "value": "red", "selected": 2, "rest": 0,
                                                     "difference": 1})
        boxed = self.console.ask("/api/traces/compare?q=drone.rotors%20%3E%202&box_min_us=250000").json
        self.assertEqual((boxed["selected"], boxed["rest"]), (2, 1))
        self.assertEqual({(one["value"], one["rest"]) for one in boxed["differences"] if one["field"] == "drone.colour"},
                         {("red", 0), ("green", 0)})
        for query, name in (("compare", "q"), ("compare?box_max_us=-1", "box_max_us"), ("heatmap?columns=241", "columns"), ("facets?values=0", "values"),
                            ("facets?q=x", "q")):
            answer = self.console.ask(f"/api/traces/{query}")
            self.assertEqual((answer.status, answer.json["errors"][0]["pointer"]), (422, name))

    def test_ways_to_other_tools_are_those_of_the_settings(self):
        self.assertEqual(self.console.ask("/api/links").json, {"links": [
            {"name": "OCI APM", "template": "https://apm.example.com/<TraceId>"}]})
        for template, why in (("javascript:alert(1)", "begins with https://"), ("https://a.example/<<x>>", "angle brackets"),
                              ("https://a.example/<>", "angle brackets"), ("https://a.example/<x", "angle brackets")):
            done = self.console.octo("console", CONSOLE_LINK_HUB=template)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("CONSOLE_LINK_HUB", done.stderr)
            self.assertIn(why, done.stderr)

    def test_the_command_asks_the_same(self):
        done = self.console.octo("traces", "--where", "drone.colour = green", "--json")
        self.assertEqual([one["trace_id"] for one in json.loads(done.stdout)["traces"]], [f"{4:032x}"])

    def test_the_command_shows_many_at_a_glance(self):
        red = "drone.colour = red"
        asked = (("--facets", "facets?values=2&", "--limit=2", ("4 traces", "drone.colour", "and 2 more", "50.0 %")),
                 ("--heatmap", "heatmap?columns=30&", "--limit=30", ("4 traces, by when they began", "|", "a column is")),
                 ("--compare", "compare?limit=1&", "--limit=1", ("2 traces that are as the condition says", "100.0 %")))
        for flag, path, limit, words in asked:
            where = ("--where", red) if flag == "--compare" else ()
            query = f"{path}q={urllib.parse.quote(red)}" if where else path.rstrip("&")
            with self.subTest(flag):
                told = self.console.octo("traces", flag, *limit.split("="), *where, "--json")
                self.assertEqual(json.loads(told.stdout), self.console.ask(f"/api/traces/{query}").json)
                shown = self.console.octo("traces", flag, *limit.split("="), *where, LC_ALL="C").stdout
                self.assertTrue(shown.isascii())
                for word in words:
                    self.assertIn(word, shown)
        both = self.console.octo("traces", "--facets", "--compare")
        self.assertEqual((both.returncode, both.stderr), (2, "octo traces: --facets or --compare, one at a time\n"))


if __name__ == "__main__":
    unittest.main()
