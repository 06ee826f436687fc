"""Who sees what: strangers nothing of the business, each role what docs/security.md says, a scraper the metrics."""

import hashlib
import pathlib
import re
import secrets
import subprocess
import time
import unittest

from support.harness import BACKEND, IS_SERVER, OCTO, Instance, Service, checkout_body, free_port, moment

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROUTE = re.compile(r"(shop|crm|console) +([A-Z]+) +(\S+) +([^;]+)(?:; shows (.*?)(?: to (.*))?)?$")
SCRAPER = "scrape-" + "0123456789abcdef" * 3
OPEN_FAMILIES = {"requests_in_flight", "queue_length", "streams"}


def routes():
    """(service, method, template, callers, what it shows, who sees all) of each, as the program declares them."""
    printed = subprocess.run([OCTO, "routes"], check=True, capture_output=True, text=True).stdout
    return [ROUTE.match(line).groups() for line in printed.splitlines()]


class Declared(unittest.TestCase):
    def test_what_is_shown_is_for_somebody_in_particular(self):
        """Anyone may call the route, then it names those who see all of it."""
        found = routes()
        self.assertGreater(len(found), 60)
        for service, method, template, callers, shown, insiders in found:
            if callers == "anyone" and shown:
                self.assertTrue(insiders, (service, method, template))
        everything = " ".join(row[4] or "" for row in found)
        for word in ("revenue", "customers", "metrics", "topology"):
            self.assertIn(word, everything)

    def test_the_document_says_the_same(self):
        with Instance() as instance:
            documents = {}
            ports = {name: str(free_port()) for name in ("OCTO_CONSOLE_PORT", "OCTO_OTLP_PORT")}
            console = Service("console", instance.data, int(ports["OCTO_CONSOLE_PORT"]), {**instance.environment, **ports})
            self.addCleanup(console.kill)
            for service in (instance.shop, instance.crm, console.start()):
                with service.client() as client:
                    documents[service.name] = client.get("/openapi.json").json
        for service, method, template, callers, _, insiders in routes():
            path = template.replace("...}", "}")
            operation = documents[service]["paths"][path][method.lower()]
            expected = (insiders or "").replace("staff", "support, analyst, manager, admin")
            self.assertEqual(", ".join(operation.get("x-sees-all", ())), expected, template)
            self.assertEqual("x-roles" in operation, callers != "anyone", template)


PEOPLE = ("user", "viewer", "support", "analyst", "manager", "admin", "chaos-operator")
STAFF = {"support", "analyst", "manager", "admin"}
GROUPS = {"staff": STAFF, "all who are signed in": set(PEOPLE)}
OTHERS = ("anonymous", "service", "scraper", "partner")
# To all routes that are not for them: what they show is looked at nowhere else.
NOBODY = {"anonymous", "scraper", "partner"}
TITLES = {"shop": "Drone Shop", "crm": "CRM Portal"}
ENDLESS = ("/api/events/",)  # who may is answered for ever: test_events.py
LAST = "/api/auth/logout"


class Table(unittest.TestCase):
    """Each operation of the table in docs/security.md, called by each role: who may and who may not is as it says.

    What a request is about is left out or is not there, so that who may is told what is wrong with it."""

    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance(OCTO_METRICS_TOKEN=SCRAPER, REGISTRATION_ENABLED="true"))

    def caller(self, service, role):
        if role in ("anonymous", "service"):
            return service.client(internal=role == "service")
        if role == "scraper":
            return service.client(token=SCRAPER)
        secret = secrets.token_hex(32)
        digest = hashlib.sha256(secret.encode()).hexdigest()
        if role == "partner":
            service.insert("api_keys", ("key_id", "digest", "username", "may_write", "created_by"),
                           [(secrets.token_hex(8), digest, "dealers", 1, "a")])
            client = service.client()
            client.headers["X-API-Key"] = secret
            return client
        service.insert("users", ("username", "email", "password_hash", "role"),
                       [(f"a-{role}", f"a-{role}@example.org", "!", role)])
        service.execute("INSERT INTO user_sessions (session_id, user_id, username, role, expires_at) "
                        "SELECT ?, id, username, role, ? FROM users WHERE username = ?",
                        digest, moment(time.time() + 3600), f"a-{role}")
        return service.client(token=secret)

    @staticmethod
    def rows(service):
        """(method, path, roles that may; None: anyone), as the page has them; signing out comes last."""
        page = (ROOT / "docs/security.md").read_text(encoding="utf-8")
        table = page.partition(f"| route of the {TITLES[service]} |")[2].partition("\n\n")[0]
        found = []
        for method, template, callers in re.findall(r"^\| `([A-Z]+) (\S+)` \| ([^|]+) \|", table, re.M):
            words = set(callers.strip().split(", "))
            for word, of_it in GROUPS.items():
                words = words - {word} | of_it if word in words else words
            roles = None if words == {"anyone"} else words
            found.append((method, re.sub(r"\{[^}]*\}", "999999", template), roles))
        return sorted(found, key=lambda row: row[1] == LAST)

    def assert_as_the_table_says(self, client, role, method, path, roles):
        may = roles is None or role in roles
        if may and path.startswith(ENDLESS):
            return
        answer = client.call(method, path)
        refusal = answer.json["detail"] if answer.status in (401, 403) and answer.json else ""
        refused = 401 if role in NOBODY else 403
        if may:
            self.assertNotEqual(refusal, "your role may not do this", answer)
            self.assertNotEqual(refusal, "authentication required", answer)
        else:
            self.assertEqual(answer.status, refused, answer)

    def test_all_operations_by_all_roles(self):
        for service in (self.instance.shop, self.instance.crm):
            rows = self.rows(service.name)
            self.assertEqual(len(rows), sum(row[0] == service.name for row in routes()))
            for role in OTHERS + PEOPLE:
                with self.caller(service, role) as client:
                    for method, path, roles in rows:
                        with self.subTest(f"{service.name} {method} {path} by {role}"):
                            self.assert_as_the_table_says(client, role, method, path, roles)


class Strangers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance(OCTO_METRICS_TOKEN=SCRAPER))
        cls.services = (cls.instance.shop, cls.instance.crm)
        with cls.instance.shop.client() as client:
            bought = client.post("/api/shop/checkout", checkout_body("veronica.stranger@example.com"))
            assert bought.status == 200, bought
        done = cls.instance.octo("sync")
        assert done.returncode == 0, done

    def open_paths(self, service):
        """Of the routes that anyone may look at, but the streams and files."""
        return [template for name, method, template, callers, *_ in routes()
                if (name, method, callers) == (service.name, "GET", "anyone") and "{" not in template
                and not template.startswith("/api/events/")]

    def of_the_business(self, service):
        """Texts that no stranger is to read."""
        people = [value for row in service.query("SELECT name, email FROM customers") for value in row]
        target = self.instance.database.environment((service.name,)) if IS_SERVER else {}
        place = re.search(r"(?:@|^)([^/?]+/\w+)", " ".join(target.values()))[1] if IS_SERVER else f"{service.name}.db"
        peer = self.instance.crm if service is self.instance.shop else self.instance.shop
        cents = sum(row[0] for row in service.query("SELECT total FROM orders"))
        return {"revenue": f"{cents // 100}.{cents % 100:02d}", "place": place, "peer": f"127.0.0.1:{peer.port}",
                **{f"customer {n}": text for n, text in enumerate(people)}}

    def test_no_open_route_tells_of_the_business(self):
        for service in self.services:
            hidden = self.of_the_business(service)
            told = ""
            for path in self.open_paths(service):
                with service.client() as nobody, service.client(internal=True) as insider:
                    raw = nobody.get(path).raw.decode()
                    told += insider.get(path).raw.decode()
                for what, text in hidden.items():
                    self.assertNotIn(text, raw, (service.name, path, what))
            seen = ("place", "peer", "revenue") if service is self.instance.shop else ("place", "peer")
            self.assertEqual([what for what in seen if hidden[what] not in told], [], "insiders are not told either")

    def look(self, service, path, **options):
        with service.client(**options) as client:
            answer = client.get(path)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def test_figures_are_not_there(self):
        for service in self.services:
            whole = self.look(service, "/api/observability/360")
            self.assertEqual(whole["app_health"], {"status": "healthy", "entities": {}, "activity": {}})
            self.assertEqual(whole["security"]["audit"], {})
            self.assertEqual(whole["db_health"]["database_target"], {"postgres": "postgresql"}.get(BACKEND, BACKEND))
            self.assertEqual(self.look(service, "/api/observability/360/app-health"), whole["app_health"])
            self.assertEqual(self.look(service, "/api/observability/360/security"), whole["security"])
        shop = self.look(self.instance.shop, "/api/observability/360")
        self.assertEqual((shop["circuit_breakers"], shop["security"]["security_events"]), ({}, {}))
        stats = self.look(self.instance.shop, "/api/shop/storefront")["stats"]
        self.assertEqual((stats["revenue"], stats["order_count"]), (0, 0))
        self.assertEqual({stage["count"] for stage in self.look(self.instance.shop, "/api/analytics/funnel")["funnel"]}, {0})
        self.assertEqual(set(self.look(self.instance.crm, "/api/observability/360/sync-health")),
                         {"enabled", "source", "interval_seconds"})
        self.assertNotIn("order_sync_failures", self.look(self.instance.crm, "/api/observability/360")["security"])

    def test_insiders_see_them(self):
        """What strangers are not told is not kept from everybody."""
        for service in self.services:
            whole = self.look(service, "/api/observability/360", internal=True)
            self.assertGreater(whole["app_health"]["entities"]["orders"], 0)
            self.assertIn("entries_24h", whole["security"]["audit"])
            self.assertGreater(len(whole["db_health"]["database_target"]), len("postgresql"))
        funnel = self.look(self.instance.shop, "/api/analytics/funnel", internal=True)["funnel"]
        self.assertTrue(all(stage["count"] for stage in funnel[2:3]), funnel)

    def families(self, service, path="/metrics", **headers):
        with service.client() as client:
            answer = client.get(path, headers=headers)
        self.assertEqual(answer.status, 200, answer)
        return set(re.findall(r"^# TYPE (\w+)", answer.raw.decode(), re.M))

    def test_strangers_see_metrics_of_the_process_alone(self):
        for service in self.services:
            allowed = {f"{service.name}_http_{name}" for name in OPEN_FAMILIES}
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer {SCRAPER[:-1]}"},
                            {"X-Internal-Service-Key": SCRAPER}, {"X-Session-Id": "0" * 64}):
                shown = {name for name in self.families(service, **headers) if not name.startswith("process_")}
                self.assertEqual(shown, allowed, headers)

    def test_a_scraper_sees_all_metrics_and_nothing_else(self):
        headers = {"Authorization": f"Bearer {SCRAPER}"}
        for service in self.services:
            shown = self.families(service, **headers)
            self.assertIn(f"{service.name}_http_requests_total", shown)
            self.assertIn("db_client_connections", shown)
            with service.client() as client:
                self.assertEqual(client.get("/api/observability/pools", headers=headers).status, 401)
                self.assertEqual(client.get("/api/orders", headers=headers).status, 401)
                self.assertEqual(client.get("/api/observability/360", headers=headers).json["app_health"]["entities"], {})
        self.assertIn("shop_business_order_value_cents_total", self.families(self.instance.shop, **headers))

    def client_of(self, service, role, name=None):
        name = f"one-{name or role}"
        token = secrets.token_hex(32)
        service.execute("INSERT INTO users (username, email, password_hash, role) VALUES (?, ?, '!', ?)",
                        name, f"{name.lower()}@example.org", role)
        service.execute("INSERT INTO user_sessions (session_id, user_id, username, role, expires_at) "
                        "SELECT ?, id, username, role, ? FROM users WHERE username = ?",
                        hashlib.sha256(token.encode()).hexdigest(), moment(time.time() + 3600), name)
        return service.client(token=token)

    def test_who_is_signed_in_is_no_insider_by_that_alone(self):
        for service, role, entities in ((self.instance.shop, "user", False), (self.instance.shop, "analyst", True),
                                        (self.instance.crm, "user", False), (self.instance.crm, "chaos-operator", False),
                                        (self.instance.crm, "viewer", True)):
            with self.client_of(service, role) as client:
                health = client.get("/api/observability/360").json["app_health"]
                self.assertEqual(bool(health["entities"]), entities, (service.name, role))
                metrics = client.get("/metrics").raw.decode()
                self.assertEqual(f"{service.name}_http_requests_total" in metrics, role == "analyst", role)

    def test_a_buyer_sees_the_own_orders_alone(self):
        """Not another's by number, by customer or in the list, though both bought the same."""
        shop = self.instance.shop
        with shop.client() as client:
            others = client.post("/api/shop/checkout", checkout_body("somebody.else@example.org")).json["order_id"]
        with self.client_of(shop, "user", "buyer") as client:
            own = client.post("/api/orders", checkout_body("one-buyer@example.org")).json["order_id"]
            customer = shop.value("SELECT customer_id FROM orders WHERE id = ?", others)
            listed = client.get("/api/orders?limit=500").json["orders"]
            self.assertEqual([order["id"] for order in listed], [own])
            self.assertEqual(client.get(f"/api/orders/{own}").status, 200)
            self.assertEqual(client.get(f"/api/orders/{others}").status, 403)
            self.assertEqual(client.get(f"/api/orders?customer_id={customer}").status, 403)

    def test_a_word_in_a_users_row_makes_nobody_a_service(self):
        """Nor a scraper, nor what is no role at all."""
        for word in ("service", "scraper", "root", "Admin"):
            with self.client_of(self.instance.crm, word) as client:
                self.assertEqual(client.get("/api/customers").status, 401, word)


class Regions(unittest.TestCase):
    """Of page views, which anybody may tell."""

    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())

    def test_made_up_ones_are_one(self):
        for service in (self.instance.shop, self.instance.crm):
            before = service.value("SELECT count(DISTINCT visitor_region) FROM page_views")
            with service.client() as nobody, service.client(internal=True) as insider:
                for n in range(100):
                    told = f"<script>{n}</script>"
                    answer = nobody.post("/api/analytics/track", {"page": "/", "visitor_region": told}, headers=(
                        {} if n % 2 else {"X-Client-Region": "also-made-up"}))
                    self.assertEqual(answer.status, 200, answer)
                nobody.post("/api/analytics/track", {"page": "/"}, headers={"X-Client-Region": "nowhere"})
                geo = insider.get("/api/analytics/geo").json
                one = insider.get("/api/analytics/geo?region=other").json
            self.assertEqual(service.value("SELECT count(DISTINCT visitor_region) FROM page_views"), before + 1)
            views = {row["visitor_region"]: row["view_count"] for row in geo["regions"]}
            self.assertEqual(views["other"], 101)
            self.assertEqual((geo["total"], len(views)), (before + 1, before + 1))
            self.assertEqual([row["view_count"] for row in one["regions"]], [101])

    def test_rows_of_before_do_not_make_the_answer_long(self):
        with Instance() as instance:
            shop = instance.shop
            shop.insert("page_views", ("page", "visitor_region"), [("/", f"old-{n}") for n in range(1000)])
            with shop.client() as client:
                self.assertEqual(len(client.get("/api/analytics/geo").json["regions"]), 64)


    def test_old_rows_are_of_those_too(self):
        """What a version of before stored: the migration is done again."""
        told = ("eu-west-1", "Eu-West-1", "moon", "<script>", "other", None)
        with Instance() as instance:
            for service in (instance.shop, instance.crm):
                service.execute("DELETE FROM page_views")
                service.execute("DELETE FROM schema_migrations WHERE version = 17")
                service.insert("page_views", ("page", "visitor_region"), [("/", region) for region in told])
                service.stop()
                service.start()
                kept = [row[0] for row in service.query("SELECT visitor_region FROM page_views ORDER BY id")]
                self.assertEqual(kept, ["eu-west-1", "other", "other", "other", "other", None])


class Production(unittest.TestCase):
    def test_nothing_is_paid_that_nobody_paid(self):
        """There is no provider: in development a card counts as paid at once, in production nothing does."""
        for environment, expected in (("production", "pending"), ("development", "paid")):
            with Instance(ENVIRONMENT=environment, OCTO_ALLOW_ROOT="true") as instance, instance.shop.client() as client:
                for method in ("credit_card", "crypto"):
                    answer = client.post("/api/shop/checkout", checkout_body(payment_method=method))
                    self.assertEqual(answer.status, 200, answer)
                with instance.shop.client(internal=True) as insider:
                    orders = insider.get("/api/orders?limit=2").json["orders"]
                self.assertEqual([order["payment_status"] for order in orders], [expected] * 2)
                with instance.shop.sign_in() as admin:
                    made_up = [admin.post(f"/api/dashboard/demo/{name}").status for name in ("orders", "customer")]
                self.assertEqual(made_up, [403 if environment == "production" else 200] * 2)


if __name__ == "__main__":
    unittest.main()
