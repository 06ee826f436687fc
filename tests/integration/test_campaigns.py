"""Campaigns and leads, warehouses, the portal's parcels, storefronts and products, written and read as staff do."""

import itertools
import unittest

from support.harness import PASSWORD, Instance, in_parallel

PARALLEL = 16
CAMPAIGN_MOVES = {"draft": {"active", "completed"}, "active": {"paused", "completed"},
                  "paused": {"active", "completed"}, "completed": set()}
LEAD_MOVES = {"new": {"contacted", "qualified", "converted", "lost"},
              "contacted": {"qualified", "converted", "lost"}, "qualified": {"contacted", "converted", "lost"},
              "converted": set(), "lost": {"contacted"}}


class Kept(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance(SEED_USER_PASSWORD=PASSWORD))
        cls.shop, cls.crm = cls.instance.shop, cls.instance.crm
        cls.services = (cls.shop, cls.crm)
        cls.staff = {service.name: cls.enterClassContext(service.sign_in()) for service in cls.services}
        cls.nobody = cls.enterClassContext(cls.shop.client())

    def done(self, answer):
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def refused(self, answer, status, pointer=None):
        self.assertEqual(answer.status, status, answer)
        if pointer:
            self.assertEqual([fault["pointer"] for fault in answer.json["errors"]], [pointer], answer)

    def campaign(self, service, **more):
        return self.done(self.staff[service.name].post("/api/campaigns", {"name": "Coast", **more}))["campaign_id"]

    def edit_of_two(self, client, method, path, ours, theirs):
        """Two who read the same thing and edit it: the second is told."""
        version = {"If-Match": client.get(path).headers["etag"]}
        edited = client.call(method, path, ours, headers=version)
        self.done(edited)
        self.refused(client.call(method, path, theirs, headers=version), 412, "If-Match")
        now = client.get(path)
        self.assertEqual((now.raw, now.headers["etag"]), (edited.raw, edited.headers["etag"]))


class Campaigns(Kept):
    def test_a_campaign_is_as_it_was_made_and_changed(self):
        for service in self.services:
            client = self.staff[service.name]
            made = self.campaign(service, campaign_type="ppc", budget="1200.50", target_audience="Pilots",
                                 start_date="2030-05-01", end_date="2030-05-31T18:00:00Z")
            path = f"/api/campaigns/{made}"
            shown = self.done(client.get(path))
            campaign = shown["campaign"]
            self.assertEqual({name: campaign[name] for name in ("campaign_type", "status", "budget", "spent", "start_date")},
                             {"campaign_type": "ppc", "status": "draft", "budget": 1200.5, "spent": 0,
                              "start_date": "2030-05-01T00:00:00.000000Z"})
            self.assertEqual(shown["lead_stats"], dict.fromkeys(LEAD_MOVES, 0))
            self.assertEqual(service.value("SELECT username FROM users WHERE id = ?", campaign["created_by"]), "admin")
            self.assertIn(campaign, self.done(client.get("/api/campaigns?campaign_type=ppc&status=draft"))["campaigns"])
            changed = self.done(client.call("PATCH", path, {"end_date": "", "budget": 7, "status": "active"}))["campaign"]
            self.assertEqual(changed | {"updated_at": None}, campaign | {
                "end_date": None, "budget": 7, "status": "active", "updated_at": None})
            self.refused(client.call("PATCH", path, {"end_date": "2029-01-01"}), 422, "/end_date")
            self.edit_of_two(client, "PATCH", path, {"status": "paused"}, {"status": "completed"})
            self.assertEqual(service.value("SELECT count(*) FROM audit_logs WHERE action = 'campaign.updated' "
                                           "AND resource_name = ?", f"campaign:{made}"), 2)

    def test_a_campaign_goes_its_way(self):
        client = self.staff["shop"]
        for before, after in itertools.product(CAMPAIGN_MOVES, repeat=2):
            made = self.campaign(self.shop)
            self.shop.execute("UPDATE campaigns SET status = ? WHERE id = ?", before, made)
            moved = client.call("PATCH", f"/api/campaigns/{made}", {"status": after})
            expected = 200 if after in CAMPAIGN_MOVES[before] | {before} else 409
            self.assertEqual(moved.status, expected, (before, after))

    def test_who_fills_in_the_form_is_a_lead_once_and_learns_nothing(self):
        made = self.campaign(self.shop, status="active")
        path = f"/api/campaigns/{made}/leads"
        body = {"email": " New@People.example ", "name": "New", "notes": "<b>", "score": 99, "customer_id": 1}

        def fill_in(_):
            with self.shop.client() as client:
                return client.post(path, body)

        answers = in_parallel(PARALLEL, fill_in)
        self.assertEqual({(answer.status, answer.raw) for answer in answers}, {(200, answers[0].raw)})
        leads = self.done(self.staff["shop"].get(path))["leads"]
        self.assertEqual([(lead["email"], lead["status"], lead["score"], lead["customer_id"], lead["source"],
                           lead["notes"]) for lead in leads], [("new@people.example", "new", 0, None, "web", "<b>")])
        self.assertEqual(self.done(self.staff["shop"].get(f"/api/campaigns/{made}"))["lead_stats"]["new"], 1)
        for status in ("draft", "paused", "completed"):
            self.shop.execute("UPDATE campaigns SET status = ? WHERE id = ?", status, made)
            self.refused(self.nobody.post(path, body), 404, "campaign_id")
        self.refused(self.nobody.get(path), 401)


class Leads(Kept):
    def lead(self, campaign, **more):
        made = self.done(self.staff["crm"].post(f"/api/campaigns/{campaign}/leads", {"email": "ida@people.example", **more}))
        return f"/api/campaigns/{campaign}/leads/{made['lead_id']}"

    def customers(self, email):
        return self.crm.value("SELECT count(*) FROM customers WHERE email = ?", email)

    def test_a_lead_goes_its_way(self):
        campaign = self.campaign(self.crm)
        for number, (before, after) in enumerate(itertools.product(LEAD_MOVES, repeat=2)):
            path = self.lead(campaign, email=f"way-{number}@people.example")
            self.crm.execute("UPDATE leads SET status = ? WHERE id = ?", before, int(path.rsplit("/", 1)[1]))
            moved = self.staff["crm"].call("PATCH", path, {"status": after})
            expected = 200 if after in LEAD_MOVES[before] | {before} else 409
            self.assertEqual(moved.status, expected, (before, after))

    def test_who_is_converted_becomes_a_customer(self):
        client, campaign = self.staff["crm"], self.campaign(self.crm)
        path = self.lead(campaign, name="Ida Strand", score=70)
        self.edit_of_two(client, "PATCH", path, {"status": "qualified", "notes": "Ten sets"}, {"status": "lost"})
        version = {"If-Match": client.get(path).headers["etag"]}

        def convert(_):
            with self.crm.client() as other:
                return other.call("PATCH", path, {"status": "converted"}, headers=client.headers | version)

        converted = in_parallel(PARALLEL, convert)
        self.assertEqual(sorted(answer.status for answer in converted), [200] + [412] * (PARALLEL - 1))
        lead = self.done(client.get(path))["lead"]
        self.assertEqual((lead["status"], lead["customer_name"], lead["score"], lead["notes"]),
                         ("converted", "Ida Strand", 70, "Ten sets"))
        self.assertIsNotNone(lead["converted_at"])
        customer = self.done(client.get(f"/api/customers/{lead['customer_id']}"))["customer"]
        self.assertEqual((customer["name"], customer["email"], customer["revenue"]), ("Ida Strand", "ida@people.example", 0))
        events = self.done(client.get(f"/api/customers/{lead['customer_id']}/timeline"))["events"]
        self.assertEqual([(event["kind"], event["id"]) for event in events], [("lead_captured", lead["id"])])
        self.assertEqual(self.done(client.get(f"/api/campaigns/{campaign}"))["lead_stats"]["converted"], 1)

    def test_a_customer_stays_as_he_is(self):
        """Also one whom another campaign has brought, and one whom the lead names."""
        client = self.staff["crm"]
        email, name = self.crm.query("SELECT email, name FROM customers WHERE id = 2")[0]
        path = self.lead(self.campaign(self.crm), email=email, name="Somebody Else")
        lead = self.done(client.call("PATCH", path, {"status": "converted"}))["lead"]
        self.assertEqual((lead["customer_id"], lead["customer_name"], self.customers(email)), (2, name, 1))
        path = self.lead(self.campaign(self.crm), email="other@people.example", customer_id=3)
        self.assertEqual(self.done(client.call("PATCH", path, {"status": "converted"}))["lead"]["customer_id"], 3)
        self.assertEqual(self.customers("other@people.example"), 0)


class Shipping(Kept):
    def test_warehouses_are_kept(self):
        for service, path in ((self.shop, "/api/admin/warehouses"), (self.crm, "/api/shipping/warehouses")):
            client = self.staff[service.name]
            made = self.done(client.post(path, {"name": "Alpine Hub", "region": "eu-central-2", "current_stock": 12}))
            self.assertEqual((made["capacity"], made["current_stock"], made["is_active"]), (10000, 12, 1))
            one = f"{path}/{made['id']}"
            self.assertEqual(self.done(client.get(one)), made)
            closed = {"name": "Alpine Hub", "region": "eu-central-2", "is_active": 0, "address": "Chur"}
            self.edit_of_two(client, "PUT", one, closed, {**closed, "capacity": 5})
            self.assertIn(made["id"], [row["id"] for row in self.done(
                client.get(f"{path}?status=inactive&region=eu-central-2"))["warehouses"]])
            self.refused(client.call("PUT", one, {**closed, "capacity": 1, "current_stock": 2}), 422, "/current_stock")
        open_ones = self.done(self.nobody.get("/api/shipping/warehouses?limit=500"))["warehouses"]
        self.assertEqual({row["is_active"] for row in open_ones}, {1})

    def test_a_parcel_of_the_portal(self):
        client = self.staff["crm"]
        body = {"order_id": 2, "carrier": "ups", "tracking_number": "UPS-1", "origin_region": "us-east-1",
                "destination_region": "sa-east-1", "weight_kg": 4.2, "shipping_cost": "15.10",
                "estimated_delivery": "2030-05-31"}
        made = self.done(client.post("/api/shipping", body))["shipment_id"]
        shown = self.done(client.get(f"/api/shipping/{made}"))
        self.assertEqual({name: shown[name] for name in body}, body | {
            "shipping_cost": 15.1, "estimated_delivery": "2030-05-31T00:00:00.000000Z"})
        self.assertIsNotNone(shown["customer_name"])
        self.refused(client.post("/api/shipping", body), 409, "/tracking_number")
        self.done(client.post("/api/shipping", {**body, "tracking_number": "UPS-2", "weight_kg": 1.01}))
        listed = self.done(client.get("/api/shipping?order_id=2&carrier=ups"))["shipments"]
        self.assertEqual([row["tracking_number"] for row in listed], ["UPS-2", "UPS-1"])
        way = next(row for row in self.done(client.get("/api/shipping/by-region?region=sa-east-1"))["regions"]
                   if row["origin_region"] == "us-east-1" and row["destination_region"] == "sa-east-1")
        self.assertEqual((way["shipment_count"], way["total_cost"], way["avg_weight"]), (2, 30.2, 2.61))
        path = f"/api/shipping/{made}/status"
        self.done(client.call("PATCH", path, {"status": "shipped"}))
        self.refused(client.call("PATCH", path, {"status": "cancelled"}), 409, "/status")
        there = self.done(client.call("PATCH", path, {"status": "delivered"}))
        self.assertEqual(there["tracking"][-1]["at"], there["actual_delivery"])


class Catalogue(Kept):
    def storefront(self, **more):
        made = self.done(self.staff["crm"].post("/api/shops", {
            "name": "Nordic", "slug": "nordic", "storefront_url": "https://nordic.example",
            "crm_base_url": "https://crm.example", "region": "eu-north-1", **more}))["shop"]
        return made, f"/api/shops/{made['id']}"

    def product(self, **more):
        made = self.done(self.staff["crm"].post("/api/products", {"name": "Arm", "price": "39.90", **more}))["product"]
        return made, f"/api/products/{made['id']}"

    def test_a_storefront_is_kept_while_it_sells(self):
        client = self.staff["crm"]
        made, path = self.storefront()
        self.assertEqual((made["currency"], made["status"], made["product_count"]), ("USD", "active", 0))
        self.assertEqual(self.done(client.get(path))["shop"], made)
        self.edit_of_two(client, "PATCH", path, {"status": "inactive"}, {"status": "maintenance"})
        self.assertIn(made["id"], [row["id"] for row in self.done(client.get("/api/shops?status=inactive"))["shops"]])
        again = {"name": "x", "slug": "nordic", "storefront_url": "https://x.example", "crm_base_url": "http://x.example",
                 "region": "xx"}
        self.refused(client.post("/api/shops", again), 409, "/slug")
        product, its_path = self.product(sku="sto-1", shop_id=made["id"])
        self.assertEqual((product["shop_id"], product["shop_name"]), (made["id"], "Nordic"))
        self.refused(client.call("DELETE", path), 409, "shop_id")
        self.done(client.call("DELETE", its_path))
        self.assertEqual(self.done(client.call("DELETE", path)), {"status": "deleted", "shop_id": made["id"]})
        self.refused(client.get(path), 404, "shop_id")

    def test_a_product_that_was_ordered_is_archived(self):
        client = self.staff["crm"]
        made, path = self.product(sku="arm-7", stock=3, description="Spare")
        self.assertEqual((made["sku"], made["price"], made["stock"], made["status"]), ("ARM-7", 39.9, 3, "active"))
        self.refused(client.post("/api/products", {"name": "x", "sku": "ARM-7", "price": 1}), 409, "/sku")
        self.refused(client.call("PATCH", path, {"shop_id": 999999}), 404, "/shop_id")
        self.edit_of_two(client, "PATCH", path, {"price": 35, "image_url": "https://x.example/a.png"}, {"price": 1})
        changed = self.done(client.get(path))["product"]
        self.assertEqual(changed, made | {"price": 35, "image_url": "https://x.example/a.png"})
        self.done(client.post("/api/orders", {"customer_id": 1, "product_id": made["id"], "quantity": 1}))
        self.assertEqual(self.done(client.call("DELETE", path)), {"status": "archived", "product_id": made["id"]})
        self.assertEqual(self.done(client.get(path))["product"]["status"], "inactive")
        self.assertNotIn(made["id"], [row["id"] for row in self.done(client.get("/api/products?limit=500"))["products"]])


if __name__ == "__main__":
    unittest.main()
