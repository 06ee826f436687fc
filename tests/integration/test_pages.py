"""What browsers see: the page at / of each service, and problems."""

import html.parser
import json
import re
import signal
import time
import unittest

from support import postgres
from support.harness import IS_POSTGRES, ROOT, Instance, checkout_body, patience

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
VOID = {"meta", "link", "br", "input", "img"}
ABOUT = {"shop": "/", "crm": "/about"}  # what the service is, for people without a script


class Page(html.parser.HTMLParser):
    """A page's text, tags, links and rows; `faults` is what no validator would let through."""

    def __init__(self, text):
        super().__init__()
        self.open, self.faults = [], []
        self.tags, self.links, self.rows, self.text = [], [], [], ""
        self.feed(text)
        self.close()
        self.faults += [f"{tag} is never closed" for tag in self.open]

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"{tag} is closed out of turn")

    def handle_data(self, data):
        self.text += data
        if self.open and self.rows and {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())

    def page(self, service, path=None, status=200, **headers):
        path = path or ABOUT[service.name]
        with service.client() as client:
            # "/" tells browsers of the shop, and others of the service.
            answer = client.get(path, headers={**({} if path == "/" and status == 200 else BROWSER), **headers})
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["content-type"], "text/html; charset=utf-8")
        self.assertEqual(answer.headers["cache-control"], "no-store")
        page = Page(answer.raw.decode("utf-8"))
        self.assertEqual(page.faults, [])
        self.assert_fits_policy(page, answer.headers["content-security-policy"])
        self.assert_files_are_there(service, page)
        return page

    def assert_fits_policy(self, page, policy):
        """Nothing in the page that its policy forbids: styles and scripts are files."""
        for directive in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
                          "base-uri 'none'", "frame-ancestors 'none'"):
            self.assertIn(directive, policy.split("; "))
        for tag, attributes in page.tags:
            self.assertNotEqual(tag, "style")
            self.assertFalse([name for name in attributes if name == "style" or name[:2] == "on"])
            if tag == "script" and attributes.get("type") != "application/ld+json":
                self.assertRegex(attributes["src"], "^/assets/")

    def assert_files_are_there(self, service, page):
        files = [attributes.get("href") or attributes["src"] for tag, attributes in page.tags
                 if tag in ("link", "script") and attributes.get("type") != "application/ld+json"]
        self.assertTrue([name for name in files if name.endswith(".css")])
        with service.client() as client:
            for name in files:
                answer = client.get(name)
                self.assertEqual(answer.status, 200, name)
                self.assertIn("immutable", answer.headers["cache-control"])
                if name.endswith(".css"):
                    self.assertEqual(answer.raw.count(b"{"), answer.raw.count(b"}"), name)
                    self.assertTrue(answer.raw.endswith(b"}\n"), name)
                self.assertEqual(client.get(name, headers={"If-None-Match": answer.headers["etag"]}).status, 304)

    def test_files_have_a_name_that_is_asked_for_anew(self):
        for service in (self.instance.shop, self.instance.crm):
            with service.client() as client:
                for name, media in (("page.css", "text/css; charset=utf-8"), ("icon.svg", "image/svg+xml"),
                                    ("problem.js", "text/javascript; charset=utf-8")):
                    answer = client.get("/assets/{name}".format(name=name))
                    self.assertEqual((answer.status, answer.headers["content-type"]), (200, media))
                    self.assertEqual(answer.headers["cache-control"], "no-cache")
                for name in ("none.css", "page.css/", "../page.css", "%2e%2e/page.css", "docs/page.css"):
                    self.assertEqual(client.get(f"/assets/{name}").status, 404, name)

    def test_every_link_leads_somewhere(self):
        for service in (self.instance.shop, self.instance.crm):
            deadline = time.monotonic() + patience(60)
            while "The database answers" not in (page := self.page(service)).text:  # within a second, on a busy machine
                self.assertLess(time.monotonic(), deadline, page.text)
            self.assertLessEqual({"/openapi.json", "/metrics", "/health", "/ready"},
                                 set(page.links))
            with service.client() as client:
                for link in page.links:
                    answer = client.readiness() if link == "/ready" else client.get(link)
                    self.assertEqual(answer.status, 200, link)
            self.assertIn(f"http://127.0.0.1:{service.port}/api/auth/login", page.text)

    def test_the_document_has_a_page_of_our_own_files_alone(self):
        for service in (self.instance.shop, self.instance.crm):
            page = self.page(service, "/docs")
            files = {attributes["src"] if tag == "script" else attributes["href"] for tag, attributes in page.tags
                     if tag in ("script", "link")}
            self.assertEqual(sum("/docs." in name for name in files), 2, files)
            labelled = page.text.count("Show only") + page.text.count("Token") + page.text.count("service key")
            self.assertEqual(labelled, sum(tag == "input" for tag, _ in page.tags))
            with service.client() as client:
                self.assertEqual(client.get("/docs").status, 200)
                style, script = client.get("/assets/docs.css"), client.get("/assets/docs.js")
            self.assertEqual((style.raw, script.raw), tuple(
                (ROOT / "web" / name).read_bytes() for name in ("docs.css", "docs.js")))

    def test_the_shop_can_be_read_without_a_script(self):
        shop = self.instance.shop
        name = "</script><script>alert(1)</script>"
        shop.execute("UPDATE products SET name = ? WHERE sku = 'SKY-001'", name)
        with shop.client() as client:
            for path, wanted in (("/shop", "Kestrel Pro Mapper"), ("/shop?q=ducted&sort=up", name),
                                 ("/shop?category=Racing+Drones&page=1", name), ("/shop?category=parts&page=2", "Previous"),
                                 ("/shop/products/SKY-001", name), ("/shop/checkout", "Checkout"),
                                 ("/shop/orders/OCTO-000001", "Your orders")):
                page = self.page(shop, path)
                self.assertIn(wanted, page.text, path)
                for attributes in (attributes for tag, attributes in page.tags if tag == "img"):
                    self.assertEqual(client.get(attributes["src"]).headers["content-type"], "image/svg+xml")
                for link in {link for link in page.links if link.startswith("/")}:
                    self.assertEqual(client.get(link).status, 200, link)
            self.assertEqual(client.get("/", headers=BROWSER).raw, client.get("/shop", headers=BROWSER).raw)
            self.assertEqual(client.get("/shop").status, 200)
            self.assertEqual(client.get("/shop/products/{sku}".format(sku="NONE-1")).status, 404)
            for page in ("nothing", "check", "checkouts/1"):
                self.assertEqual(client.get("/shop/{page}".format(page=page)).status, 404, page)

    def test_the_shop_tells_search_engines_what_it_sells(self):
        with self.instance.shop.client() as client:
            for path, kind in (("/shop", "ItemList"), ("/shop?q=none-such", "ItemList"), ("/shop/products/DRN-002", "Product")):
                text = client.get(path).raw.decode()
                data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text)[1])
                self.assertEqual((data["@context"], data["@type"]), ("https://schema.org", kind))
            self.assertEqual((data["offers"]["price"], data["offers"]["url"]), (3499, "/shop/products/DRN-002"))
            self.assertEqual((data["aggregateRating"]["ratingValue"], data["aggregateRating"]["reviewCount"]), (5, 1))

    def test_the_pages_of_the_shops_staff_are_one_document_that_shows_nothing(self):
        with self.instance.shop.client() as client:
            answers = [client.get("/staff"), client.get("/staff/orders"), client.get("/staff/orders/{order_id}".format(order_id=1)),
                       client.get("/staff/products"), client.get("/staff/tickets"), client.get("/staff/campaigns"), client.get("/staff/leads"),
                       client.get("/staff/shipping"), client.get("/staff/warehouses"), client.get("/staff/security"), client.get("/staff/audit"),
                       client.get("/staff/simulations")]
            self.assertEqual({answer.status for answer in answers}, {200})
            self.assertEqual(len({answer.raw for answer in answers}), 1)
            self.assertEqual(client.get("/staff/nothing").status, 404)

    def test_the_portals_pages_are_one_document_that_shows_nothing(self):
        crm = self.instance.crm
        whole = self.page(crm, "/login")
        self.assertIn("/about", whole.links)
        console = [attributes["data-console"] for tag, attributes in whole.tags if tag == "html"]
        self.assertEqual(len(console), 1)
        with crm.client() as client:
            answers = [client.get("/"), client.get("/login"), client.get("/orders"), client.get("/customers"),
                       client.get("/invoices"), client.get("/tickets"), client.get("/sync"), client.get("/campaigns"),
                       client.get("/leads"), client.get("/shipments"), client.get("/warehouses"), client.get("/users"),
                       client.get("/products"), client.get("/reports"), client.get("/observability"),
                       client.get("/orders/{order_id}".format(order_id=1)), client.get("/orders/1", headers=BROWSER)]
            bodies = {answer.raw for answer in answers}
            self.assertEqual(client.get("/about").status, 200)
            self.assertEqual(len(bodies), 1)
            refused = client.get("/nothing", headers={"Accept": "application/json"})
            self.assertEqual((refused.status, refused.headers["content-type"]), (404, "application/problem+json"))

    def test_head_is_answered_as_get(self):
        for service in (self.instance.shop, self.instance.crm):
            with service.client() as client:
                answer = client.call("HEAD", ABOUT[service.name])
                self.assertEqual((answer.status, answer.raw), (200, b""))
                self.assertEqual(answer.headers["content-type"], "text/html; charset=utf-8")
                self.assertGreater(int(answer.headers["content-length"]), 1000)

    def test_a_host_that_is_none_is_not_repeated(self):
        page = self.page(self.instance.shop, status=400, Host="x/$(rm)<script>")
        self.assertNotIn("$(rm)", page.text)

    def test_names_of_products_are_text(self):
        shop = self.instance.shop
        for name in ("<script>alert(1)</script>", "\"><b onclick='x'>", "R&D &amp; Übung"):
            shop.execute("UPDATE products SET name = ? WHERE sku = 'CAM-002'", name)
            rows = self.page(shop).rows
            self.assertIn(name, [row[0] for row in rows])

    def test_last_orders_have_traces_and_no_names(self):
        asked = {"shop": ("/api/shop/checkout", checkout_body()),
                 "crm": ("/api/orders", {"customer_id": 1, "product_id": 1, "quantity": 1})}
        for service in (self.instance.shop, self.instance.crm):
            with service.client(internal=True) as client:
                made = client.post(*asked[service.name])
                self.assertEqual(made.status, 200, made)
                page = Page(client.get(ABOUT[service.name]).raw.decode())
            self.assertFalse([row for row in self.page(service).rows if row[0].startswith("#")])
            newest = page.rows[1]
            self.assertEqual(newest[0], f"#{made.json['order_id']}")
            self.assertEqual(newest[1], f"${made.json['total']:,.2f}")
            self.assertEqual(newest[4], made.headers["x-trace-id"])
            shown = sum(row[0].startswith("#") for row in page.rows)
            self.assertEqual(shown, min(10, service.value("SELECT count(*) FROM orders")))
            for row in service.query("SELECT name, email FROM customers"):
                self.assertNotIn(row[0], page.text)
                self.assertNotIn(row[1], page.text)

    def test_a_database_that_does_not_answer_is_told(self):
        for service, table in ((self.instance.shop, "products"), (self.instance.crm, "orders")):
            service.execute(f"ALTER TABLE {table} RENAME TO hidden")
            try:
                page = self.page(service)
            finally:
                service.execute(f"ALTER TABLE hidden RENAME TO {table}")
            self.assertIn("The database does not answer", page.text)
            self.assertIn("/openapi.json", page.links)
            self.assertEqual(page.rows, [])
            self.assertIn("The database answers", self.page(service).text)

    def test_problems_are_pages_for_browsers_alone(self):
        shop = self.instance.shop
        for path, status in (("/nothing/%3Cscript%3E", 404), ("/api/cart/add", 405),
                             ("/api/products?limit=%3Cscript%3E", 422), ("/api/orders", 401)):
            page = self.page(shop, path, status)
            self.assertIn(str(status), page.text)
            self.assertIn("/", page.links)
            self.assertIn("What to do: ", page.text)
            self.assertRegex(page.text, "Trace id[0-9a-f]{32}")
            with shop.client() as client:
                for accept in ("*/*", "application/json"):
                    answer = client.get(path, headers={"Accept": accept})
                    self.assertEqual(answer.status, status)
                    self.assertEqual(answer.headers["content-type"], "application/problem+json")
                    self.assertIn("Accept,", answer.headers["vary"])
                    self.assertEqual(answer.json["status"], status)


@unittest.skipUnless(IS_POSTGRES, "a file cannot be away")
class WithoutServer(unittest.TestCase):
    def test_the_page_is_there_while_the_server_hangs_or_is_away(self):
        cluster = postgres.Cluster()
        self.addCleanup(cluster.stop)
        with Instance(cluster=cluster) as instance:
            cluster.run("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                    "WHERE usename LIKE 'octo%'")
            cluster.process.send_signal(signal.SIGSTOP)
            try:
                self.assert_told(instance)
            finally:
                cluster.process.send_signal(signal.SIGCONT)
            cluster.end_server(signal.SIGINT)
            try:
                self.assert_told(instance)
            finally:
                cluster.start_server()

    def assert_told(self, instance):
        for service in (instance.shop, instance.crm):
            with service.client() as client:
                self.assertEqual(client.get("/ready").status, 503)
                answer = client.get(ABOUT[service.name])
            self.assertEqual(answer.status, 200)
            self.assertIn("The database does not answer", Page(answer.raw.decode("utf-8")).text)


if __name__ == "__main__":
    unittest.main()
