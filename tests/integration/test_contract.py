"""Every route of the contract: what it gives, to whom, with which statuses and headers.

What replies look like is said by the document of each service (support/described.py), which is held against every
answer here. The rows of all routes are in support/contract.py.
"""

import decimal
import hashlib
import json
import pathlib
import re
import secrets
import time
import unittest

from support.contract import (ANSWERED_ELSEWHERE, ANYONE, CRM_ROLES, ELSEWHERE, HIDDEN, NARROWED, ORDER, PARTNER,
                             REFUSALS, REPORT, ROUTES, SHOP_ROLES, SIGN_IN, UNCALLED, UNSEEN, UPLOAD)
from support.described import Described, judged
from support.harness import Instance, checkout_body, moment, patience
from support.payments import KEY, signed
from support.wrong_requests import wrong_requests


class Contract(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance(
            hunted=True, REGISTRATION_ENABLED="true", CHAOS_ENABLED="true", STRIPE_WEBHOOK_SECRET=KEY))
        cls.callers, cls.described = {}, {}
        for name, roles in (("shop", SHOP_ROLES), ("crm", CRM_ROLES)):
            service = getattr(cls.instance, name)
            with service.client() as client:
                cls.described[name] = Described(client.get("/openapi.json").json)
            for role in roles | {"anonymous", "partner"}:
                client = cls.enterClassContext(cls.caller_of(service, role))
                cls.callers[name, role] = judged(client, cls.described[name])
        bought, _ = (cls.callers["shop", "anonymous"].post("/api/shop/checkout", checkout_body()) for _ in range(2))
        cls.callers["crm", "service"].post("/api/orders/sync")
        made = cls.callers["crm", "service"].post(
            "/api/orders", {"customer_id": 1, "product_id": 1, "quantity": 1})
        parcel = cls.callers["shop", "service"].get(f"/api/shipping?order_id={bought.json['order_id']}")
        cls.order, cls.order_total = bought.json["order_id"], bought.json["total"]
        cls.instance.crm.execute("INSERT INTO reports (name, query) VALUES ('of a query that is gone', 'horoscopes')")
        for _ in range(2):
            cls.callers["crm", "admin"].post("/api/files/upload", UPLOAD, headers={
                "Content-Type": "multipart/form-data; boundary=part"})
        cls.callers["crm", "admin"].post("/api/files/parse-xml", b"<a/>", headers={"Content-Type": "application/xml"})
        cls.instance.crm.execute("UPDATE leads SET campaign_id = 1 WHERE id = 1")
        cls.instance.crm.insert("sync_failures", ("source_system", "source_order_id", "next_attempt_at", "last_error",
                                                  "payload"),
                                [("octo-drone-shop", order, moment(time.time()), "no items", "{}") for order in (901, 902)])
        cls.instance.shop.insert("security_events", ("attack_type", "product_id"), [("xss", 2)])
        feed = cls.callers["shop", "service"].get("/api/orders?updated_since=2020-01-01T00:00:00Z")
        cls.wait_for_an_event()
        cls.talk_to_the_advisor()
        cls.tell_of_a_payment()
        for _ in range(2):
            cls.callers["crm", "service"].post("/api/tickets/7/messages", {"content": "On its way."})
        draft = cls.callers["shop", "admin"].post("/api/admin/invoices", {"customer_id": 1, "amount": 5}).json["id"]
        cls.rows = {"order": cls.order, "draft": draft, "crm_order": made.json["order_id"],
                    "parcel": parcel.json["shipments"][0]["id"], "cursor": feed.json["last_cursor"],
                    "known": cls.instance.shop.value("SELECT customer_id FROM orders WHERE id = ?", cls.order)}

    @classmethod
    def wait_for_an_event(cls):
        """One of the kind that the list of attacks is asked for: it is stored when nobody waits for it any more."""
        cls.callers["shop", "anonymous"].call("DELETE", "/api/cart/999999")
        deadline = time.monotonic() + patience(30)
        while not cls.callers["shop", "admin"].get("/api/analytics/security/events?attack_type=idor").json["events"]:
            assert time.monotonic() < deadline, "no event was stored"
            time.sleep(0.01)

    @classmethod
    def tell_of_a_payment(cls):
        """Signed as nothing else is, and so by nobody else."""
        text = json.dumps({"id": "evt_1", "type": "invoice.created"})
        told = cls.callers["shop", "anonymous"].call("POST", "/api/payments/webhooks/stripe", text, headers=signed(text))
        assert (told.status, told.schema) == (200, "PaymentEvent"), told

    @classmethod
    def talk_to_the_advisor(cls):
        """A conversation is shown to its owner alone."""
        client = cls.callers["shop", "admin"]
        begun = client.post("/api/shop/assistant/query", {"message": "cheapest battery", "product_focus": "Batteries"})
        shown = client.get(f"/api/shop/assistant/history/{begun.json['session_id']}")
        assert (shown.status, shown.schema) == (200, "AssistantHistory"), shown

    @classmethod
    def caller_of(cls, service, role):
        """A client with that role; people get a session of their own in the database."""
        if role in ("anonymous", "service"):
            return service.client(internal=role == "service")
        if role == "partner":
            return cls.partner_of(service)
        token = secrets.token_hex(32)
        name = f"a-{role}"
        service.execute("INSERT INTO users (username, email, password_hash, role) "
                        "VALUES (?, ?, '!', ?)", name, f"{name}@example.org", role)
        service.execute("INSERT INTO user_sessions (session_id, user_id, username, role, "
                        "expires_at) SELECT ?, id, username, role, ? FROM users WHERE username = ?",
                        hashlib.sha256(token.encode()).hexdigest(), moment(time.time() + 3600), name)
        return service.client(token=token)

    @staticmethod
    def partner_of(service):
        """A program with a key, which is in the database as the service would have put it there."""
        key = secrets.token_hex(32)
        service.execute("INSERT INTO api_keys (key_id, digest, username, may_write, created_by) VALUES (?, ?, 'dealers', 1, 'a')",
                        secrets.token_hex(8), hashlib.sha256(key.encode()).hexdigest())
        client = service.client()
        client.headers["X-API-Key"] = key
        return client

    def body(self, body, role):
        if isinstance(body, str) and "purchase" in body:
            of_cart = {"session_id": self.cart()[1]} if body.endswith("cart") else {}
            return checkout_body(**of_cart, **({"email": f"a-{role}@example.org"} if "own" in body else {}))
        if body == "made-up customer":
            return {"company_name": "Nobody", "contact_name": "No One", "email": f"{secrets.token_hex(8)}@example.invalid"}
        if body == "customer":
            return {"name": "Some One", "email": f"{secrets.token_hex(8)}@example.org"}
        if body == "ticket":
            return {"title": "It drifts", "content": "To the left", **({} if role == "user" else {"customer_id": 1})}
        if body in ("new user", "registration"):
            name = f"u{secrets.token_hex(4)}"
            return {"username": name, "email": f"{name}@example.org", "password": SIGN_IN["password"]}
        if body == "storefront":
            return {"name": "Lab", "slug": f"lab-{secrets.token_hex(4)}", "storefront_url": "https://lab.example",
                    "crm_base_url": "https://crm.example", "region": "us-east-1"}
        if body == "product":
            return {"name": "Arm", "sku": f"arm-{secrets.token_hex(4)}", "price": 1}
        if body == "lead":
            return {"email": f"{secrets.token_hex(8)}@example.org", "customer_id": 1}
        if body == "invoice":
            return {"order_id": self.portal_order(), "tax_percent": 8.25}
        if body == "order link":
            made = self.callers["shop", "anonymous"].post("/api/shop/checkout", checkout_body())
            return {"key": made.json["order_link"].partition("#")[2]}
        if body == "sync order":
            return {"order_id": self.order, "customer_email": "buyer@example.com",
                    "total": self.order_total}
        return body

    def next_page(self, service, path):
        """The path with the cursor that the page before gives, where it has a place for one."""
        if not path.endswith("&cursor={next}"):
            return path
        before = path.removesuffix("&cursor={next}")
        return f"{before}&cursor={self.callers[service, 'admin'].get(before).json['next_cursor']}"

    def path(self, path):
        """The path with rows filled in, of which some can be removed or changed once only."""
        rows = dict(self.rows)
        if "{cart}" in path:
            rows["line"], rows["cart"] = self.cart()
        if "{invoice}" in path:
            rows["invoice"] = self.invoice()
        for name, where in (("storefront", "shop"), ("product", "product")):
            if f"{{{name}}}" in path:
                made = self.callers["crm", "admin"].post(f"/api/{where}s", self.body(name, "admin")).json
                rows[name] = made[where]["id"]
        if "{by_hand}" in path:
            rows["by_hand"] = self.order_by_hand()
        if "{sent}" in path:
            rows["sent"] = self.callers["crm", "admin"].post(
                "/api/shipping", {"order_id": 1, "carrier": "ups"}).json["shipment_id"]
        for name, service in (("someone", "crm"), ("somebody", "shop")):
            if f"{{{name}}}" in path:
                rows[name] = self.user_of(service)
        if "{of_partner}" in path:
            rows["of_partner"] = self.callers["shop", "partner"].post("/api/v1/partner/orders", checkout_body()).json["id"]
        for service in ("shop", "crm"):
            if f"{{{service}_key}}" in path:
                rows[f"{service}_key"] = self.callers[service, "admin"].post(
                    "/api/keys/generate", {"username": "dealers"}).json["key_id"]
        if "{report}" in path:
            rows["report"] = self.callers["crm", "admin"].post("/api/reports", REPORT).json["report_id"]
        if "{file}" in path:
            form = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nb\r\n--x--\r\n"
            rows["file"] = self.callers["crm", "admin"].post(
                "/api/files/upload", form, headers={"Content-Type": "multipart/form-data; boundary=x"}).json["file_id"]
        return path.format(**rows)

    def token_of(self, service):
        signed_in = self.callers[service, "anonymous"].post("/api/auth/login", SIGN_IN)
        return signed_in.json.get("token") or re.search("octo_crm=([0-9a-f]+)", signed_in.headers["set-cookie"])[1]

    def portal_order(self):
        made = self.callers["crm", "service"].post("/api/orders", {"customer_id": 1, "product_id": 1})
        return made.json["order_id"]

    def order_by_hand(self):
        return self.callers["shop", "admin"].post("/api/admin/orders", ORDER).json["id"]

    def user_of(self, service):
        made = self.callers[service, "admin"].post("/api/admin/users", self.body("new user", "admin"))
        return made.json["user_id"]

    def invoice(self):
        return self.callers["crm", "admin"].post("/api/invoices", self.body("invoice", "admin")).json["invoice_id"]

    def cart(self):
        """The line and the session of a new cart."""
        added = self.callers["shop", "anonymous"].post("/api/cart/add", {"product_id": 3}).json
        return added["item"]["id"], added["session_id"]

    def assert_refused(self, answer, status):
        self.assertEqual((answer.status, answer.schema), (status, "Problem"), answer)
        self.assertEqual(answer.json["status"], status)
        if status == 401:
            self.assertIn("www-authenticate", answer.headers)
        if status == 405:
            self.assertIn("allow", answer.headers)

    def call(self, service, role, method, path, body):
        sent = self.body(body, role)
        headers = {}
        if isinstance(sent, str):
            headers["Content-Type"] = "application/json"
        if isinstance(sent, bytes):
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self.callers[service, role].call(method, self.path(self.next_page(service, path)), sent, headers=headers)

    def test_every_route_answers_those_who_may_call_it_and_nobody_else(self):
        for service, method, path, allowed, shape, body in ROUTES:
            roles = (SHOP_ROLES if service == "shop" else CRM_ROLES) | (PARTNER if allowed == PARTNER else set())
            for role in sorted(roles | {"anonymous"}):
                with self.subTest(f"{service} {method} {path} by {role}"):
                    answer = self.call(service, role, method, path, body)
                    if allowed is ANYONE or role in allowed:
                        self.assertEqual((answer.status, answer.schema), (200, shape), answer)
                    else:
                        self.assert_refused(answer, 401 if role == "anonymous" else
                                            404 if self.is_hidden(service, method, path, role) else 403)
            self.assert_says_who_may_call(service, method, path, allowed)

        for name, schema in (("shop", "StatusMessage"), ("crm", "SignedOut")):
            ended = self.callers[name, "anonymous"].post(
                "/api/auth/logout", headers={"Authorization": f"Bearer {self.token_of(name)}"})
            self.assertEqual((ended.status, ended.schema), (200, schema))
        for name, described in self.described.items():
            promised = {member for member in described.members() if not member.startswith("Problem")}
            self.assertEqual(promised - described.seen - UNSEEN, set(), f"no reply of the {name} had these members")

    def is_hidden(self, service, method, path, role):
        """Of who may call, but not see that."""
        described = self.described[service]
        roles = described.operations[method, described.template_of(method, path)]["x-roles"]
        return (path.split("?")[0], role) in HIDDEN and role in roles

    def assert_says_who_may_call(self, service, method, path, allowed):
        """Of a route's roles some may see less of it, as a user who asks for others' orders."""
        described = self.described[service]
        operation = described.operations[method, described.template_of(method, path)]
        ways = {name for way in operation["security"] for name in way}
        if allowed is ANYONE:
            self.assertNotIn("x-roles", operation)
            self.assertTrue({} in operation["security"] or not ways, path)
            return
        roles = set(operation["x-roles"])
        self.assertNotIn({}, operation["security"], path)
        self.assertEqual("internalServiceKey" in ways, "service" in roles, path)
        self.assertEqual("apiKey" in ways, "partner" in roles, path)
        self.assertEqual("bearerAuth" in ways, not roles <= {"service", "partner"}, path)
        self.assertLessEqual(allowed, roles, path)
        narrowed = roles & (SHOP_ROLES if service == "shop" else CRM_ROLES) - allowed
        if narrowed:
            self.assertIn((path.split("?")[0], narrowed), NARROWED)

    def asker_of(self, service, operation):
        """Somebody who may."""
        roles = operation.get("x-roles", ["anonymous"])
        return next(self.callers[service, role] for role in (
            "anonymous", "service", "admin", "partner", "chaos-operator") if role in roles)

    def role_for(self, service, method, path):
        """The service's, where it may call what stands in a list without a role."""
        operation = self.described[service].operations.get((method, self.described[service].template_of(method, path)), {})
        roles = operation.get("x-roles", ["service"])
        return next(role for role in ("service", "admin", "partner", "chaos-operator") if role in roles)

    def test_a_change_made_with_a_cookie_alone_is_refused(self):
        """Wherever the document has the cookie: a page of another site could have the browser send it."""
        for service, described in self.described.items():
            cookie = described.document["components"]["securitySchemes"]["sessionCookie"]["name"]
            for (method, path), operation in described.operations.items():
                if method != "GET" and {"sessionCookie": []} in operation["security"]:
                    answer = self.callers[service, "anonymous"].call(
                        method, path, headers={"Cookie": f"{cookie}={'0' * 64}"})
                    self.assert_refused(answer, 403)

    def test_examples_work(self):
        of_seed = dict.fromkeys(("product_id", "service_id", "coupon_id", "shop_id", "shipment_id", "ticket_id",
                                 "campaign_id", "warehouse_id"), 1)
        rows = {"lead_id": 3, "customer_id": 1}
        for service, described in self.described.items():
            rows["order_id"] = self.order_by_hand() if service == "shop" else self.portal_order()
            rows["user_id"] = self.user_of(service)
            rows["invoice_id"] = self.rows["draft"] if service == "shop" else self.invoice()
            for (method, path), operation in described.operations.items():
                example = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
                if example is not None:
                    roles = operation.get("x-roles", ["anonymous"])
                    client = self.callers[service, "admin" if "admin" in roles else roles[0]]
                    answer = client.call(method, path.format(**of_seed, **rows), example)
                    self.assertEqual(answer.status, 200, (service, method, path, answer))

    def test_examples_of_answers_are_such_answers(self):
        """Each has one, in which no text is left to chance."""
        for service, described in self.described.items():
            for (method, path), operation in described.operations.items():
                for status, response in operation["responses"].items():
                    for kind, content in described.resolve(response).get("content", {}).items():
                        if kind.endswith("json"):
                            with self.subTest(f"{service} {method} {path} {status} {kind}"):
                                self.assert_example(described, content)

    def assert_example(self, described, content):
        text = json.dumps(content["example"])
        value = json.loads(text, parse_float=lambda number: decimal.Decimal(number).quantize(decimal.Decimal("0.01")))
        described = Described(described.document)
        self.assertEqual(list(described.value_faults(value, content["schema"], "example")), [])
        self.assertNotIn('"text"', text, "a text without a row in src/service/examples.c")

    def test_a_plain_user_orders_for_himself_only(self):
        answer = self.callers["shop", "user"].post("/api/orders", checkout_body())
        self.assert_refused(answer, 422)
        without = checkout_body()
        del without["customer_email"]
        self.assert_refused(self.callers["shop", "admin"].post("/api/orders", without), 422)

    def test_what_is_wrong_is_refused_with_its_status(self):
        """That is by the document, and each status that it names of a route comes of it."""
        for service, method, path, body, status in REFUSALS:
            with self.subTest(f"{service} {method} {path} {body}"):
                answer = self.call(service, self.role_for(service, method, path), method, path, body)
                self.assert_refused(answer, status)
        for service, described in self.described.items():
            for (method, path), operation in described.operations.items():
                client = self.asker_of(service, operation)
                for wrong, status in wrong_requests(described, path, operation):
                    with self.subTest(f"{service} {method} {wrong}"):
                        self.assert_refused(client.call(method, **wrong), status)
            declared = {(method, path, int(status)) for (method, path), operation in described.operations.items()
                        for status in set(operation["responses"]) - UNCALLED - {"200", "304", "default"}
                        if status != "422" or "requestBody" in operation}  # else test_parameters.py
            self.assertEqual(declared - described.statuses - ANSWERED_ELSEWHERE, set(), "nothing gives these statuses")

    def test_signing_in_gives_what_the_contract_says(self):
        answer = self.callers["crm", "anonymous"].post("/api/auth/login", SIGN_IN)
        self.assertRegex(answer.headers["set-cookie"],
                         "^octo_crm=[0-9a-f]{64}; .*Max-Age=3600.*HttpOnly.*SameSite=Lax|"
                         "^octo_crm=[0-9a-f]{64}; .*HttpOnly.*SameSite=Lax.*Max-Age=3600")
        header = {"X-Session-Id": answer.headers["set-cookie"][9:73]}
        nobody = self.callers["crm", "anonymous"]
        self.assertTrue(nobody.get("/api/auth/session", headers=header).json["authenticated"])
        self.assertEqual(nobody.post("/api/auth/logout", headers=header).schema, "SignedOut")
        self.assertFalse(nobody.get("/api/auth/session", headers=header).json["authenticated"])

    def test_too_many_failures_are_told_when_to_come_back(self):
        for name, most in (("shop", 8), ("crm", 5)):
            statuses = [self.callers[name, "anonymous"].post(
                "/api/auth/login", {"username": "guessed", "password": "wrong"}).status
                for _ in range(most)]
            self.assertEqual(statuses, [401] * most, name)
            answer = self.callers[name, "anonymous"].post(
                "/api/auth/login", {"username": "guessed", "password": "wrong"})
            self.assert_refused(answer, 429)
            self.assertGreater(int(answer.headers["retry-after"]), 0)

    def test_lists_that_may_be_kept_have_an_etag(self):
        for path, role in (("/api/products?limit=2", "anonymous"), ("/api/orders", "admin")):
            client = self.callers["shop", role]
            etag = client.get(path).headers["etag"]
            self.assertEqual(client.get(path, headers={"If-None-Match": etag}).status, 304, path)

    def test_a_repeated_key_replays_the_reply(self):
        for name, role, path, body in (
                ("shop", "anonymous", "/api/shop/checkout", checkout_body()),
                ("shop", "admin", "/api/orders", checkout_body()),
                ("shop", "service", "/api/integrations/crm/sync-order",
                 self.body("sync order", "service")),
                ("crm", "service", "/api/orders", {"customer_id": 1, "product_id": 1}),
                ("crm", "admin", "/api/customers", self.body("customer", "admin"))):
            client, headers = self.callers[name, role], {"Idempotency-Key": secrets.token_hex(8)}
            first = client.post(path, body, headers=headers)
            second = client.post(path, body, headers=headers)
            self.assertEqual((first.status, first.raw), (200, second.raw), path)
            self.assertNotIn("idempotency-replayed", first.headers)
            self.assertEqual(second.headers["idempotency-replayed"], "true", path)
            other = client.post(path, {**body, "notes": "another"}, headers=headers)
            if role == "anonymous":  # nobody knows whose the key is: a stranger's is in nobody's way
                self.assertEqual(other.status, 200, other)
                self.assertNotIn("idempotency-replayed", other.headers)
            else:
                self.assert_refused(other, 422)

    def test_the_document_says_where_a_key_counts(self):
        """A key that is none is refused where the document has the header, ignored elsewhere; one that is no text is
        refused anywhere."""
        for service, method, path, allowed, _, body in ROUTES:
            if method == "GET":
                continue
            role = "anonymous" if allowed is ANYONE else max(allowed & {"admin", "service", "partner"} or allowed)
            short, unreadable = [self.callers[service, role].call(
                method, self.path(path), self.body(body, role),
                headers={"Idempotency-Key": key}) for key in ("short", "not UTF-8 \xe4")]
            operations = self.described[service].operations
            template = self.described[service].template_of(method, path)
            names = {p["name"] for p in operations[method, template]["parameters"]}
            refused = short.status == 422 and b'"pointer":"Idempotency-Key"' in short.raw
            self.assertEqual(refused, "Idempotency-Key" in names, (service, method, path, short))
            self.assertEqual(unreadable.status, 400, (service, method, path, unreadable))

    def test_a_cart_knows_its_owner_by_a_cookie(self):
        client = self.callers["shop", "anonymous"]
        added = client.post("/api/cart/add", {"product_id": 3})
        session = added.json["session_id"]
        name = self.cookie_of("POST", "/api/cart/add")
        self.assertRegex(added.headers["set-cookie"], f"^{name}={session};")
        cookie = {"Cookie": f"{name}={session}"}
        cart = client.get("/api/cart", headers=cookie)
        self.assertEqual(cart.schema, "Cart")
        line = cart.json["items"][0]["id"]
        self.assert_refused(client.call("DELETE", f"/api/cart/{line}?session_id=other"), 404)
        removed = client.call("DELETE", f"/api/cart/{line}", headers=cookie)
        self.assertEqual(removed.schema, "CartRemoved")
        self.assertEqual(client.get("/api/cart", headers=cookie).json["total"], 0)
        client.post("/api/cart/add", {"product_id": 3}, headers=cookie)
        buyer = checkout_body()
        del buyer["items"]
        self.assertEqual(client.post("/api/shop/checkout", buyer, headers=cookie).schema, "CheckoutResponse")
        for method, path in (("GET", "/api/cart"), ("DELETE", "/api/cart/{item_id}"), ("POST", "/api/shop/checkout")):
            self.assertEqual(self.cookie_of(method, path), name)
        self.assertIsNone(self.cookie_of("POST", "/api/orders"))

    def cookie_of(self, method, path):
        """By the document; None: the route reads none but that of a sign-in."""
        return next((parameter["name"] for parameter in self.described["shop"].operations[method, path]["parameters"]
                     if parameter["in"] == "cookie"), None)

    def test_every_route_is_described_and_asked(self):
        """The route tables, whose rows each have a counter, the document and ROUTES have the same ones."""
        everywhere = set()
        for name in ("shop", "crm"):
            described = set(self.described[name].operations)
            everywhere |= described
            metrics = self.callers[name, "service"].get("/metrics").raw.decode()
            counted = {(method, path) for path, method in re.findall(
                r'_http_requests_total\{route="([^"]+)",method="(\w+)"', metrics.replace("...}", "}"))}
            self.assertEqual(described, {row for row in counted if row[1] != "(unmatched)"})
            asked = {(method, self.described[name].template_of(method, path))
                     for service, method, path, *_ in ROUTES if service == name}
            self.assertEqual(asked & set(ELSEWHERE), set())
            self.assertEqual(described - asked - set(ELSEWHERE), set(), "routes without a row in ROUTES")
            self.assertEqual(asked - described, set(), "there are no such routes")
        self.assertEqual(set(ELSEWHERE) - everywhere, set(), "there are no such routes")

    def test_what_is_asked_elsewhere_is(self):
        for (method, path), file in ELSEWHERE.items():
            text = (pathlib.Path(__file__).parent / file).read_text(encoding="utf-8")
            self.assertRegex(text, rf'\.{method.lower()}\("{re.escape(path)}"')

    def test_the_document_says_what_routes_take_and_give(self):
        for name in ("shop", "crm"):
            operations = self.described[name].operations
            said = {route: [set(), False, set()] for route in operations if route not in ELSEWHERE}
            for service, method, path, _, shape, body in ROUTES:
                if service == name:
                    of_route = said[method, self.described[service].template_of(method, path)]
                    of_route[0] |= set(re.findall(r"[?&](\w+)=", path))
                    of_route[1] |= body is not None
                    of_route[2].add(shape)
            for route, of_route in said.items():
                operation = operations[route]
                given = operation["responses"]["200"]["content"]["application/json"]["schema"]
                with self.subTest(f"{name} {route}"):
                    self.assertEqual(of_route, [
                        {p["name"] for p in operation["parameters"] if p["in"] == "query"},
                        "requestBody" in operation,
                        {given["$ref"].rsplit("/", 1)[1]}])

    def test_pools_are_for_those_who_may_know_and_have_one_name_everywhere(self):
        for name, role in (("shop", "analyst"), ("crm", "viewer")):
            health = self.callers[name, role].get("/api/observability/360/db-health").json
            whole = self.callers[name, role].get("/api/observability/360").json
            shown = self.callers[name, "service"].get("/api/observability/pools").json["pools"]
            metrics = self.callers[name, "service"].get("/metrics").raw.decode()
            names = [pool["name"] for pool in shown]
            self.assertEqual([pool["name"] for pool in health["pools"]], names)
            self.assertEqual([pool["name"] for pool in whole["db_health"]["pools"]], names)
            self.assertLessEqual(set(names), set(re.findall(
                r'db_client_connection_max\{db_client_connection_pool_name="(\w+)"', metrics)))
            nobody = self.callers[name, "anonymous"]
            for part in (nobody.get("/api/observability/360/db-health").json,
                         nobody.get("/api/observability/360").json["db_health"]):
                self.assertFalse({"pool", "pools"} & set(part), part)

    def test_a_picture_leads_somewhere_or_is_null(self):
        shop, crm = self.callers["shop", "service"], self.callers["crm", "service"]
        for path in ("/api/products?limit=500", "/api/shop/storefront"):
            for picture in {row["image_url"] for row in shop.get(path).json["products"]}:
                self.assertRegex(picture, "^/assets/illustrations/.*[.]svg$")
        lists = (crm.get("/api/products?limit=500").json["products"],
                 shop.get(f"/api/orders/{self.order}").json["items"],
                 shop.get("/api/orders").json["orders"][0]["items"])
        for rows in lists:
            self.assertTrue(rows)
            self.assertEqual({row["image_url"] for row in rows}, {None})

    def test_a_file_of_spans_is_no_apm(self):
        with Instance(OCTO_TRACE_LOG="/dev/null") as instance:
            for service in (instance.shop, instance.crm):
                with service.client() as client:
                    whole = client.get("/api/observability/360").json
                    self.assertIs(whole["pillars"]["apm"]["configured"], False)
                    self.assertIs(client.readiness().json["apm_configured"], False)

    def test_metrics_are_text(self):
        for name in ("shop", "crm"):
            answer = self.callers[name, "anonymous"].get("/metrics")
            self.assertTrue(answer.headers["content-type"].startswith("text/plain; version=0.0.4"))
            self.assertIn(b"http_", answer.raw)
            self.assertIn(b"process_", answer.raw)

    def test_the_portal_takes_numbers_of_a_source_as_text_too(self):
        body = {"customer_id": 1, "source_system": "octo-drone-shop", "source_order_id": "700001",
                "items": [{"product_id": 1, "sku": "TXT-1", "quantity": 1, "unit_price": 2}]}
        client = self.callers["crm", "service"]
        first = client.post("/api/orders", body)
        self.assertEqual(first.schema, "CrmOrderCreated")
        second = client.post("/api/orders", {**body, "source_order_id": 700001}).json
        self.assertEqual((second["status"], second["order_id"]),
                         ("duplicate", first.json["order_id"]))


if __name__ == "__main__":
    unittest.main()
