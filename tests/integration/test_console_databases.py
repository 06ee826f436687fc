"""What only a database knows, the console asks the service that owns it."""

import contextlib
import http.server
import json
import threading
import time
import unittest

from support.contract import PING
from support.harness import BACKEND, IS_ORACLE, IS_POSTGRES, Instance, checkout_body, scaled
from support.mixed_load import MixedLoad
from support.postgres import Cluster, Database
from support.sqlid import sql_id
from test_console import Console
from test_console_work import PLANTED, planted

ENGINE = "postgresql" if IS_POSTGRES else BACKEND
UNCOUNTED = {
    "sqlite": "there is no server that could count",
    "postgresql": "its extension pg_stat_statements is not in this database: a superuser says CREATE",
    "oracle": "the server is not asked for what it counts",
}[ENGINE]
# What each engine's plan says of the two.
PLANS = {
    "sqlite": {"order_insert": "SEARCH customers", "stock_take": "SEARCH products"},
    "postgresql": {"order_insert": "Insert on octo_shop.orders", "stock_take": "Index Scan using"},
    "oracle": {"order_item_insert": "Insert on app.order_items", "stock_take": "Index Scan using"},
}[ENGINE]
# Statements of the shop, by a role that has them, as nobody does who is traced: one that no load runs, and one that
# whoever watches /ready runs without spans.
BESIDE = "SET ROLE octo_shop; SET search_path = octo_shop; SELECT 1 AS one; " \
    "SELECT DISTINCT category\n  FROM products\n" \
    " WHERE is_active = 1 AND category IS NOT NULL AND category <> ''\n ORDER BY category"
BESIDE_MATCH = ("only_in_database", "octo-drone-shop", 1)


@contextlib.contextmanager
def answering(answer):
    """The address of somebody who gives every question the same answer."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


class Databases(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.console = Console()
        cls.instance = Instance(
            OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"http://127.0.0.1:{cls.console.otlp_port}/v1/traces",
            OTEL_BSP_SCHEDULE_DELAY="50")
        cls.console.environment.update(OCTO_SHOP_PORT=str(cls.instance.shop.port),
                                       OCTO_CRM_PORT=str(cls.instance.crm.port))
        cls.enterClassContext(cls.console)
        cls.enterClassContext(cls.instance)
        with cls.instance.shop.client() as client:
            cls.trace = client.post("/api/shop/checkout", checkout_body()).headers["x-trace-id"]
        cls.console.wait_for(lambda: cls.console.ask(f"/api/traces/{cls.trace}").status == 200)

    def ran(self, name):
        """The SQL_ID of a statement of the purchase."""
        spans = self.console.wait_for(lambda: [one for one in self.console.ask(f"/api/traces/{self.trace}").json["spans"]
                                               if one["statement"] == name])
        return spans[0]["sql_id"]

    def test_a_plan_is_made_and_nothing_is_run(self):
        with self.instance.shop.client(internal=True) as shop:
            before = shop.get("/api/orders?limit=1").json
        for name, words in PLANS.items():
            known = self.ran(name)
            answer = self.console.ask(f"/api/statements/{known}/plan").json
            self.assertEqual((answer["statement"], answer["service"], answer["reason"]), (name, "shop", None), answer)
            self.assertEqual(answer["engine"], ENGINE)
            self.assertIn(words, "\n".join(answer["plan"]))
            told = self.console.octo("statement", known, "--plan", "--json")
            self.assertEqual(json.loads(told.stdout), answer)
            shown = self.console.octo("statement", known, "--plan")
            self.assertEqual((shown.returncode, shown.stderr), (0, ""))
            self.assertIn(name, shown.stdout)
        with self.instance.shop.client(internal=True) as shop:
            self.assertEqual(shop.get("/api/orders?limit=1").json, before)

    def test_sessions_of_this_moment(self):
        """As the services tell of them, of both in one list; who does not answer is named."""
        now = self.console.ask("/api/hub/sessions").json
        self.assertEqual(now["missing"], [])
        self.assertEqual({one["service"] for one in now["sessions"]}, {"shop", "crm"})
        with self.instance.crm.client(internal=True) as crm:
            told = crm.get("/api/observability/sessions").json["sessions"][0]
        for one in now["sessions"]:
            self.assertEqual(one.keys(), told.keys())
        with Console(SERVICE_SHOP_URL="http://127.0.0.1:1", SERVICE_CRM_URL="http://127.0.0.1:1") as alone:
            now = alone.ask("/api/hub/sessions").json
            self.assertEqual((now["sessions"], [one["service"] for one in now["missing"]]), ([], ["shop", "crm"]))
            self.assertIn("the shop cannot be asked", now["missing"][0]["reason"])

    def test_a_session_that_both_services_see_is_told_once(self):
        """A server tells a role of all its sessions; who has one knows its pool."""
        def session(sid, module, pool):
            return {"sid": sid, "module": module, "pool": pool}
        shop = [session(1, "drones", "main"), session(2, "portal", ""), session(3, "drones", ""), session(4, "drones", "main")]
        crm = [session(1, "drones", ""), session(2, "portal", "auth"), session(3, "drones", ""), session(4, "portal", "main")]
        with answering({"sessions": shop}) as shop_url, answering({"sessions": crm}) as crm_url, \
                Console(SERVICE_SHOP_URL=shop_url, SERVICE_CRM_URL=crm_url) as console:
            told = console.ask("/api/hub/sessions").json
        self.assertEqual(told, {"sessions": [shop[0], shop[2], shop[3], crm[1], crm[3]], "missing": []})

    def test_what_has_no_plan_is_said(self):
        self.assertEqual(self.console.ask(f"/api/statements/{sql_id('SELECT 2')}/plan").status, 404)
        with self.instance.shop.client(internal=True) as shop:
            self.assertEqual(shop.get(f"/api/observability/statements/{sql_id('SELECT 2')}/plan").status, 404)
            self.assertEqual(shop.get(f"/api/observability/statements/{PING}/plan").json["statement"], "db_ping")
        with Console(SERVICE_SHOP_URL="http://127.0.0.1:1", SERVICE_CRM_URL="http://127.0.0.1:1") as alone:
            answer = alone.ask(f"/api/statements/{PING}/plan").json
            self.assertEqual((answer["plan"], answer["engine"]), ([], None))
            self.assertIn("the crm cannot be asked", answer["reason"])
            failed = alone.octo("statement", PING, "--plan")
            self.assertEqual((failed.returncode, failed.stdout), (1, ""))
            self.assertIn("no plan: the crm cannot be asked", failed.stderr)

    @unittest.skipUnless(IS_ORACLE, "where some are blocks")
    def test_a_block_has_no_plan(self):
        listed = json.loads(self.instance.octo("sqlid", "--catalogue", "--backend", "oracle", "--json").stdout)
        block = next(one for one in listed if one["text"].startswith(("BEGIN", "DECLARE")) and one["service"] == "shop")
        with self.instance.shop.client(internal=True) as shop:
            answer = shop.get(f"/api/observability/statements/{block['sql_id']}/plan")
        self.assertEqual(answer.status, 501, answer)
        self.assertIn(f"{block['name']} is a block of PL/SQL on Oracle, of which no plan is made", answer.json["detail"])

    def test_without_an_extension_it_is_said_why(self):
        for path in ("/api/match", "/api/hub/server", f"/api/statements/{PING}/server"):
            sides = self.console.ask(path).json["databases"]
            self.assertEqual([(side["service"], side["since"], side["statements"]) for side in sides],
                             [("octo-drone-shop", None, 0), ("enterprise-crm-portal", None, 0)])
            self.assertIn(UNCOUNTED, sides[0]["reason"])
        shown = self.console.octo("hub", "--server")
        self.assertEqual((shown.returncode, shown.stderr), (0, ""))
        self.assertIn(f"octo-drone-shop: not compared: {ENGINE}: ", shown.stdout)
        done = self.instance.octo("top", "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)), (0, {"statements": []}))
        for service in ("shop", "crm"):
            self.assertIn(f"octo top: {service}: {ENGINE}: {UNCOUNTED}", done.stderr)


@unittest.skipUnless(IS_POSTGRES, "of a server that counts")
class Counts(unittest.TestCase):
    """What pg_stat_statements counts, under our names."""

    def test_every_statement_is_named_and_counted_as_the_server_does(self):
        server = Cluster(shared_preload_libraries="pg_stat_statements")
        self.addCleanup(server.stop)
        database = Database(server)
        server.run(database.name, "CREATE EXTENSION pg_stat_statements SCHEMA public")
        console = Console()
        with Instance(database=database, OTEL_BSP_SCHEDULE_DELAY="50",
                      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"http://127.0.0.1:{console.otlp_port}/v1/traces") as instance:
            console.environment.update(OCTO_SHOP_PORT=str(instance.shop.port), OCTO_CRM_PORT=str(instance.crm.port))
            self.enterContext(console)
            self.assertEqual([side["reason"] for side in console.ask("/api/hub/server").json["databases"]],
                             ["its server began to count before the console took spans: have it begin anew"] * 2)
            server.run(database.name, "SELECT pg_stat_statements_reset()")  # scripts of migrations have no names
            with instance.shop.client() as client:
                for _ in range(3):
                    self.assertEqual(client.post("/api/shop/checkout", checkout_body()).status, 200)
            rows = self.top(instance)
            shop = {row["statement"]: row for row in rows if row["service"] == "shop"}
            self.assertEqual([(shop[name]["calls"], shop[name]["rows"]) for name in ("order_insert", "stock_take")],
                             [(3, 3), (3, 3)])
            self.assertEqual([row["counted_as"] for row in rows if row["statement"] is None], [])
            counted = {(row["service"], row["queryid"]): (row["calls"], row["total_us"], row["rows"]) for row in rows}
            told = server.run(database.name, "SELECT substr(userid::regrole::text, 6), queryid, calls, "
                              "(total_exec_time * 1000)::bigint, rows FROM pg_stat_statements WHERE query LIKE '%order%'")
            self.assertGreater(len(told), 2)
            for service, queryid, *figures in told[1:]:
                self.assertEqual(counted[service, queryid], tuple(map(int, figures)))
            shown = instance.octo("top").stdout
            self.assertIn("order_insert", shown)
            with self.subTest("beside what spans tell"):
                self.beside_spans(console, shop["order_insert"])
            with self.subTest("what fits"):
                MixedLoad(instance, 4, scaled(40)).run()
                self.assertEqual([row["counted_as"] for row in self.top(instance) if row["statement"] is None], [])
                self.all_fits_but_what_is_planted(console)
            with self.subTest("what only one side knows"):
                console.wait_for(lambda: self.only_one_side(console) == [])
                server.run(database.name, BESIDE)
                console.wait_for(lambda: self.only_one_side(console) == [(*BESIDE_MATCH, "product_categories")])

    def beside_spans(self, console, counted):
        """One statement as the server counts it and as spans tell of it: the same."""
        path = f"/api/statements/{counted['sql_id']}/server"
        console.wait_for(lambda: (console.ask(path).json["statements"][0]["spans"] or {}).get("executions") == 3)
        answer = console.ask(path).json
        self.assertEqual([(side["engine"], side["reason"]) for side in answer["databases"]], [("postgresql", None)] * 2)
        one, = answer["statements"]
        self.assertEqual((one["service"], one["name"], one["server"]),
                         ("octo-drone-shop", "order_insert", {name: counted[name] for name in ("calls", "rows", "total_us")}))
        self.assertEqual((one["spans"]["rows"], one["differs"]), (3, []))
        self.assertEqual(one["between_us"], one["spans"]["total_us"] // 3 - counted["total_us"] // 3)
        told = console.octo("statement", counted["sql_id"], "--server", "--json")
        self.assertEqual(json.loads(told.stdout)["statements"], [one])
        listed = console.ask("/api/hub/server?service=octo-drone-shop&top=500").json
        self.assertIn(one, listed["statements"])
        times = [(each["server"] or {"total_us": 0})["total_us"] for each in listed["statements"]]
        self.assertEqual((times, listed["total"]), (sorted(times, reverse=True), len(times)))
        shown = console.octo("hub", "--server", "--service", "octo-drone-shop", "--top", "500").stdout
        self.assertIn("octo-drone-shop: postgresql counts since ", shown)
        self.assertIn("order_insert", shown)

    def all_fits_but_what_is_planted(self, console):
        """After requests of all kinds: each statement of both services, and nothing that only one side knows."""
        def look():
            soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 10))
            return console.ask(f"/api/match?to={soon}").json
        found = console.wait_for(lambda: (lambda one: one if one["total"] == 0 else None)(look()))
        self.assertEqual(set(found["all"].values()), {found["all"]["spans"]})
        self.assertEqual([one["service"] for one in found["services"]], ["enterprise-crm-portal", "octo-drone-shop"])
        self.assertEqual([one["reason"] for one in found["databases"]], [None, None])
        for sent in planted(time.time_ns()):
            self.assertEqual(console.send(sent).json, {})
        console.wait_for(lambda: [(one["kind"], one["service"], one["count"]) for one in look()["mismatches"]] == PLANTED)

    def only_one_side(self, console):
        """What of the shop only spans or only the server knows, or the two count differently."""
        answer = console.ask("/api/match?service=octo-drone-shop").json
        self.assertEqual([(side["engine"], side["reason"]) for side in answer["databases"]], [("postgresql", None)])
        return [(one["kind"], one["service"], one["count"], one["name"]) for one in answer["mismatches"]
                if one["kind"] in ("only_in_database", "only_in_spans", "fewer_spans", "more_spans")]

    def top(self, instance):
        done = instance.octo("top", "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)["statements"]
