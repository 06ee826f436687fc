"""How the two services hang together: what each tells of the other, asks it for, and does when it is gone."""

import pathlib
import time
import unittest

from support.harness import PASSWORD, Instance, checkout_body, patience

CONSOLE_PAGES = pathlib.Path(__file__).resolve().parents[2] / "web/console/console.tsx"


class Peers(unittest.TestCase):
    def test_each_is_asked_for_what_it_knows(self):
        with Instance() as instance, instance.shop.client(internal=True) as shop, instance.crm.client(internal=True) as crm:
            totals = [shop.post("/api/shop/checkout", checkout_body("eva@people.example")).json["total"] for _ in range(3)]
            self.assertEqual(instance.octo("sync").returncode, 0)
            asked = "/api/integrations/drone-shop/order-history?limit=2&customer_email=Eva@People.example"
            history = crm.get(asked).json
            self.assertEqual((history["customer_email"], [order["total"] for order in history["orders"]]),
                             ("eva@people.example", totals[:0:-1]))
            last = crm.get(f"{asked}&cursor={history['next_cursor']}").json
            self.assertEqual(([order["total"] for order in last["orders"]], last["next_cursor"]), (totals[:1], None))
            known = instance.shop.value("SELECT id FROM customers WHERE email = 'eva@people.example'")
            path = f"/api/integrations/crm/customer-enrichment?customer_id={known}"
            told = shop.get(path).json
            of_crm = crm.get("/api/customers?email=eva@people.example").json["customers"][0]
            self.assertEqual((told["email"], told["source"], told["crm_profile"]), ("eva@people.example", "crm", of_crm))
            instance.shop.insert("customers", ("name", "email"), [("Nora", "nora@people.example")])
            other = instance.shop.value("SELECT id FROM customers WHERE email = 'nora@people.example'")
            stranger = shop.get(path.replace(str(known), str(other)))
            self.assertEqual(stranger.status, 404, stranger)
            sold = crm.get("/api/integrations/drone-shop/product-catalog?category=Propellers").json
            self.assertEqual(sold["products"], shop.get("/api/products?category=Propellers").json["products"])
            self.assertEqual(sold["count"], 3)
            instance.crm.stop()
            gone = shop.get(path)
            self.assertIn(gone.status, (502, 503), gone)
            self.assertIn("ask the CRM", gone.json["detail"])

    def test_the_portal_knows_where_the_console_is(self):
        with Instance(SERVICE_CONSOLE_URL="https://console.example") as instance, instance.crm.sign_in() as admin:
            self.assertEqual(admin.get("/api/integrations/console/config").json,
                             {"available": True, "control_plane_url": "https://console.example"})
            shown = admin.get("/api/integrations/console/connections").json
            self.assertEqual(shown["total"], len(shown["connections"]))
            self.assertIn({"name": "Traces", "url": "https://console.example/console/traces"}, shown["connections"])
            for page in shown["connections"]:  # that the console has such pages is seen where it is
                self.assertIn(f'href: "{page["url"].removeprefix("https://console.example")}"', CONSOLE_PAGES.read_text())

    def test_a_catalogue_is_pushed_and_the_stock_stays_what_was_sold_down_to(self):
        with Instance() as instance, instance.shop.client(internal=True) as shop, instance.crm.sign_in("admin") as crm:
            before = instance.shop.value("SELECT count(*) FROM products")
            first = crm.post("/api/products/sync/shop").json
            self.assertEqual((first["status"], first["product_count"]), ("completed", 12), first)
            self.assertEqual(first["shop_sync"]["created"] + first["shop_sync"]["updated"], 12)
            own = crm.get("/api/products/1").json["product"]
            self.assertEqual(instance.shop.value("SELECT count(*) FROM products"), before + first["shop_sync"]["created"])
            instance.shop.execute("UPDATE products SET stock = 3, price = 1 WHERE sku = ?", own["sku"])
            again = crm.post("/api/products/sync/shop").json["shop_sync"]
            self.assertEqual((again["created"], again["updated"]), (0, 1))
            known = instance.shop.value("SELECT id FROM products WHERE sku = ?", own["sku"])
            shown = shop.get(f"/api/products/{known}").json
            self.assertEqual((shown["name"], shown["price"], shown["stock"]), (own["name"], own["price"], 3))

            batch = {"products": [{"name": "Skid", "sku": "skid-1", "price": 9.5, "stock": 4}, dict(own, stock=8)]}
            made = shop.post("/api/integrations/crm/catalog-sync", {**batch, "include_stock": True}).json
            self.assertEqual([(product["sku"], product["status"]) for product in made["products"]],
                             [("SKID-1", "created"), (own["sku"], "updated")])
            self.assertEqual(shop.get(f"/api/products/{known}").json["stock"], 8)
            self.assertEqual([product["status"] for product in shop.post(
                "/api/integrations/crm/catalog-sync", batch).json["products"]], ["unchanged", "unchanged"])
            ended = shop.post("/api/integrations/crm/catalog-sync", {"action": "deactivate", "products": [
                batch["products"][0], {"name": "Gone", "sku": "GONE-1", "price": 1}]}).json
            self.assertEqual([product["status"] for product in ended["products"]], ["deactivated", "created_inactive"])
            self.assertEqual(shop.get(f"/api/products/{made['products'][0]['product_id']}").status, 404)
            self.assertEqual(instance.shop.value("SELECT count(*) FROM audit_logs WHERE action = 'crm_catalog_deactivate'"), 2)

            refused = shop.post("/api/integrations/crm/catalog-sync", {"products": [
                {"name": "First", "sku": "FIRST-1", "price": 1}, {"name": "Twice", "sku": "first-1", "price": 1}]})
            self.assertEqual((refused.status, refused.json["errors"][0]["pointer"]), (422, "/products/1/sku"), refused)
            self.assertEqual(instance.shop.value("SELECT count(*) FROM products WHERE sku = 'FIRST-1'"), 0)
            instance.shop.stop()
            alone = crm.post("/api/products/sync/shop").json
            self.assertEqual((alone["status"], alone["product_count"], alone["shop_sync"]["synced"]), ("warning", 0, False))
            self.assertTrue(alone["shop_sync"]["reason"])

    def test_customers_are_pulled_once_and_a_ticket_finds_products(self):
        with Instance() as instance, instance.shop.client(internal=True) as shop, instance.crm.client(internal=True) as crm:
            crm.post("/api/customers", {"name": "Nora Field", "email": "nora@people.example"})
            first = shop.post("/api/integrations/crm/sync-customers?limit=1").json
            self.assertEqual((first["customers_seen"], first["inserted"]), (1, 1))
            instance.shop.execute("UPDATE customers SET name = 'As she is called' WHERE email = 'nora@people.example'")
            again = shop.post("/api/dashboard/demo/sync-customers?limit=1").json
            self.assertEqual((again["customers_seen"], again["inserted"]), (1, 0))
            self.assertEqual(instance.shop.value("SELECT name FROM customers WHERE email = 'nora@people.example'"),
                             "As she is called")
            nora = crm.get("/api/customers?email=nora@people.example").json["customers"][0]["id"]
            ticket = crm.post("/api/tickets", {"subject": "Which propellers fit?", "customer_id": nora}).json["ticket_id"]
            answer = crm.post("/api/integrations/drone-shop/recommend-products", {"customer_id": nora})
            self.assertEqual(answer.status, 200, answer)
            told = answer.json
            self.assertEqual(told["context"], {"ticket_id": ticket, "customer_id": nora})
            self.assertTrue(told["recommendations"], told)
            self.assertEqual(len(told["recommendations"]), 3)
            self.assertIn("Propellers", [product["category"] for product in told["recommendations"]])

    def test_who_registers_is_a_user_where_that_is_switched_on(self):
        body = {"username": "Wanda", "email": "wanda@people.example", "password": PASSWORD, "role": "admin"}
        for switch, expected in (("false", 403), ("true", 200)):
            with Instance(REGISTRATION_ENABLED=switch) as instance, instance.crm.client() as nobody:
                answer = nobody.post("/api/auth/register", body)
                self.assertEqual(answer.status, expected, answer)
                if expected == 200:
                    with instance.crm.sign_in("Wanda") as wanda:
                        self.assertEqual(wanda.get("/api/auth/session").json["role"], "user")
                        self.assertEqual(wanda.get("/api/customers").status, 403)

    def when_ready(self, ask, is_ready):
        """Its answer once the peer says that it is ready, for which that has a second, and a busy machine more."""
        deadline = time.monotonic() + patience(60)
        while not is_ready(told := ask().json):
            self.assertLess(time.monotonic(), deadline, told)
        return told

    def test_a_peer_that_is_gone_is_told_and_fails_nobody(self):
        with Instance() as instance, instance.shop.client() as nobody, instance.shop.client(internal=True) as insider:
            with instance.crm.client() as other:
                well = self.when_ready(lambda: other.get("/api/integrations/drone-shop/health"),
                                       lambda told: told["health"]["status"] != "unhealthy")
            self.assertEqual((well["peer"], well["health"]["status"], well["health"]["status_code"]), ("shop", "healthy", 200))
            self.when_ready(lambda: insider.get("/api/platform/status"), lambda told: told["overall_ok"] is True)
            instance.crm.stop()
            self.assertEqual(insider.get("/api/platform/status").json, {
                "services": [{"name": "shop", "reachable": True, "status_code": 200},
                             {"name": "crm", "reachable": False, "status_code": None}],
                "overall_ok": False, "summary": {"total": 2, "reachable": 1}})
            for client in (nobody, insider):
                answer = client.get("/api/integrations/crm/health")
                self.assertEqual(answer.status, 200, answer)
                self.assertEqual(answer.json["health"], {"status": "unreachable", "status_code": None, "latency_ms": None})
                self.assertEqual("circuit_breaker" in answer.json, client is insider)
                peer = client.get("/api/integrations/status").json["dependencies"][1]
                self.assertEqual((peer["name"], peer["target"] is not None), ("crm", client is insider))

    def test_modules_are_the_route_tables(self):
        with Instance() as instance:
            for service in (instance.shop, instance.crm):
                with service.client() as nobody:
                    modules = nobody.get("/api/modules").json
                    document = nobody.get("/openapi.json").json
                routes = sum(len(operations) for operations in document["paths"].values())
                self.assertEqual((modules["total_endpoints"], modules["total_modules"]), (routes, len(modules["modules"])))
                self.assertEqual([module["name"] for module in modules["modules"]], [tag["name"] for tag in document["tags"]])
                with service.client() as nobody:
                    contract = nobody.get("/api/integrations/schema").json
                self.assertEqual(contract["paths"], {path: some for path, some in (
                    (path, {method: operation for method, operation in operations.items()
                            if "service" in operation.get("x-roles", ())})
                    for path, operations in document["paths"].items()) if some})
                self.assertIn("/api/orders", contract["paths"])
                shared = {module["name"] for module in modules["modules"] if module["cross_service"]}
                self.assertIn("orders", shared)
                self.assertEqual("campaigns" in shared, service is instance.crm)


if __name__ == "__main__":
    unittest.main()
