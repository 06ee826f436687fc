"""The CRM pulls the shop's orders: complete, once, incrementally, one replica at a time."""

import concurrent.futures
import json
import random
import time
import unittest

from support import postgres
from support.harness import (
    IS_POSTGRES,
    Instance,
    Service,
    checkout_body,
    free_port,
    in_parallel,
    moment,
    patience,
    scaled,
)

SYNC_COLUMNS = ("source_system", "source_order_id", "source_customer_email", "sync_status",
                "backlog_status", "sync_error", "source_payload", "correlation_id",
                "last_synced_at")


def place_orders(shop, count, threads=8):
    """That many orders of one to three lines through the checkout; their ids."""
    def one(number):
        ids = []
        with shop.client() as client:
            for n in range(number, count, threads):
                items = [{"product_id": 20 + (n + k) % 30, "quantity": 1 + k} for k in range(n % 3 + 1)]
                answer = client.post("/api/shop/checkout", checkout_body(
                    f"customer{n % 97}@example.com", items,
                    coupon_code="FLEETDEAL" if n % 50 == 0 else None))
                assert answer.status == 200, answer
                ids.append(answer.json["order_id"])
        return ids
    return [i for ids in in_parallel(threads, one) for i in ids]


def raise_stock(instance):
    instance.shop.execute("UPDATE products SET stock = 1000000")


class Syncing(unittest.TestCase):
    where = {}  # the instance's own choice of backends

    def setUp(self):
        self.instance = self.enterContext(Instance(**self.where))
        self.shop, self.crm = self.instance.shop, self.instance.crm
        raise_stock(self.instance)

    def sync(self, status=0):
        done = self.instance.octo("sync", "--json")
        self.assertEqual(done.returncode, status, done.stderr)
        return json.loads(done.stdout)

    def shop_requests(self):
        with self.shop.client(internal=True) as client:
            text = client.get("/metrics").raw.decode()
        return sum(float(line.split()[-1]) for line in text.splitlines()
                   if line.startswith("shop_http_requests_total") and 'route="/api/orders"' in line)

    def assert_same_orders(self):
        shop = {r["id"]: r for r in self.shop.query(
            "SELECT o.*, c.email FROM orders o JOIN customers c ON c.id = o.customer_id")}
        crm = self.crm.query("SELECT o.*, c.email FROM orders o JOIN customers c "
                             "ON c.id = o.customer_id WHERE source_system = 'octo-drone-shop'")
        self.assertEqual(sorted(r["source_order_id"] for r in crm), sorted(shop))
        for row in crm:
            origin = shop[row["source_order_id"]]
            for column in ("total", "subtotal", "discount", "shipping_cost", "email", "status",
                           "payment_method", "coupon_code", "shipping_address"):
                self.assertEqual(row[column], origin[column], (row["source_order_id"], column))
        lines = ("SELECT {id} AS id, i.sku, i.quantity, i.unit_price FROM order_items i "
                 "JOIN orders o ON o.id = i.order_id {where} ORDER BY 1, 2, 3")
        self.assertEqual(
            [tuple(r) for r in self.crm.query(lines.format(
                id="o.source_order_id", where="WHERE o.source_system = 'octo-drone-shop'"))],
            [tuple(r) for r in self.shop.query(lines.format(id="o.id", where=""))])
        shipments = ("SELECT {id}, s.tracking_number, s.carrier, s.status, s.shipping_cost, "
                     "s.weight_kg FROM shipments s JOIN orders o ON o.id = s.order_id {where} "
                     "ORDER BY 1")
        self.assertEqual(
            [tuple(r) for r in self.crm.query(shipments.format(
                id="o.source_order_id", where="WHERE o.source_system = 'octo-drone-shop'"))],
            [tuple(r) for r in self.shop.query(shipments.format(id="o.id", where=""))])


class OrderSync(Syncing):
    def test_everything_arrives_once_and_a_second_run_touches_nothing(self):
        place_orders(self.shop, scaled(2000))
        total = self.shop.value("SELECT count(*) FROM orders")
        first = self.sync()
        self.assertEqual((first["created"], first["failed"]), (total, 0), first)
        self.assert_same_orders()
        rows = self.crm.query("SELECT * FROM orders WHERE source_system = 'octo-drone-shop'")
        emails = dict(map(tuple, self.shop.query(
            "SELECT o.id, c.email FROM orders o JOIN customers c ON c.id = o.customer_id")))
        traces = dict(map(tuple, self.shop.query("SELECT id, correlation_id FROM orders")))
        for row in rows:
            self.assertEqual(row["source_customer_email"], emails[row["source_order_id"]])
            self.assertEqual(row["sync_status"], "synced")
            self.assertIn(row["sync_error"], (None, ""))
            self.assertEqual(json.loads(row["source_payload"])["id"], row["source_order_id"])
            self.assertEqual(row["correlation_id"],
                             traces[row["source_order_id"]] or first["correlation_id"])
            self.assertGreater(row["last_synced_at"], 0)
            self.assertEqual(row["backlog_status"], "backlog" if row["status"] in (
                "pending", "processing", "queued") else "current")
        audits = self.crm.query("SELECT source_order_id, count(*) AS n, min(sync_action) AS action, "
                                "min(trace_id) AS trace FROM order_sync_audit "
                                "WHERE sync_status = 'success' GROUP BY 1")
        self.assertEqual((len(audits), {a["n"] for a in audits}), (total, {1}))
        self.assertEqual({a["trace"] for a in audits}, {first["correlation_id"]})

        before = self.crm.query("SELECT * FROM orders ORDER BY id")
        audit_rows = self.crm.value("SELECT count(*) FROM order_sync_audit")
        pages = self.shop_requests()
        second = self.sync()
        self.assertEqual((second["created"], second["updated"], second["failed"]), (0, 0, 0), second)
        self.assertEqual(self.shop_requests() - pages, 1)
        self.assertEqual([tuple(r) for r in self.crm.query("SELECT * FROM orders ORDER BY id")],
                         [tuple(r) for r in before])
        self.assertEqual(self.crm.value("SELECT count(*) FROM order_sync_audit"), audit_rows)

        self.shop.execute("UPDATE orders SET status = 'shipped', updated_at = ? WHERE id = 3",
                          moment(time.time()))
        third = self.sync()
        self.assertEqual((third["created"], third["updated"]), (0, 1), third)
        self.assertEqual(self.crm.value("SELECT status FROM orders WHERE source_order_id = 3 "
                                        "AND source_system = 'octo-drone-shop'"), "shipped")
        self.assertEqual(self.crm.value("SELECT backlog_status FROM orders WHERE source_order_id = 3 "
                                        "AND source_system = 'octo-drone-shop'"), "current")

    def test_the_route_syncs_and_says_what_it_did(self):
        place_orders(self.shop, 5)
        with self.crm.client(internal=True) as client:
            answer = client.post("/api/orders/sync")
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(answer.json["status"], "completed")
            self.assertEqual(answer.json["created"],
                             self.shop.value("SELECT count(*) FROM orders"))
            self.assertRegex(answer.json["correlation_id"], "^[0-9a-f]{32}$")
            trail = client.get("/api/orders/sync/audit?limit=5")
            self.assertEqual(trail.json["entries"][0]["sync_status"], "success")
        self.assert_same_orders()

    def test_an_order_that_cannot_be_stored_fails_alone_and_is_tried_again(self):
        first, second, *_ = sorted(place_orders(self.shop, 20, threads=1))
        self.crm.execute("CREATE UNIQUE INDEX only_one ON orders (source_system) "
                         f"WHERE source_order_id IN ({first}, {second})")
        total = self.shop.value("SELECT count(*) FROM orders")
        report = self.sync(status=1)
        self.assertEqual((report["created"], report["failed"]), (total - 1, 1), report)
        self.assertEqual([r["source_order_id"] for r in self.crm.query(
            "SELECT source_order_id FROM sync_failures")], [second])
        self.assertEqual(self.crm.value("SELECT count(*) FROM order_sync_audit WHERE "
                                        "sync_status = 'success'"), total - 1)
        self.crm.execute("DROP INDEX only_one")
        self.crm.execute("UPDATE sync_failures SET next_attempt_at = ?", moment(time.time() - 1))
        report = self.sync()
        self.assertEqual((report["created"], report["updated"], report["failed"]), (1, 0, 0), report)
        self.assertEqual(self.crm.value("SELECT count(*) FROM sync_failures"), 0)
        self.assert_same_orders()

    def test_a_shop_that_is_down_is_a_failed_run_with_an_audit_row(self):
        self.shop.stop()
        with self.crm.client(internal=True) as client:
            answer = client.post("/api/orders/sync")
        self.assertEqual(answer.status, 502, answer)
        rows = self.crm.query("SELECT sync_action, sync_status FROM order_sync_audit")
        self.assertEqual([tuple(r) for r in rows], [("fetch", "failed")])
        self.shop.start()
        self.sync()
        self.assert_same_orders()

    def test_two_replicas_never_sync_at_once_and_a_dead_one_is_replaced(self):
        place_orders(self.shop, scaled(600))
        second = Service("crm", self.instance.data, free_port(), dict(self.instance.environment))
        second.log_path = second.data / "crm2.log"
        second.environment["OCTO_CRM_PORT"] = str(second.port)
        second.start()
        self.addCleanup(second.kill)

        def run(replica):
            with replica.client(internal=True, timeout=120) as client:
                return client.post("/api/orders/sync")

        answers = in_parallel(2, lambda n: run((self.crm, second)[n]))
        self.assertIn(200, [a.status for a in answers])
        self.assertTrue({a.status for a in answers} <= {200, 409}, answers)
        duplicates = self.crm.value("SELECT count(*) FROM (SELECT source_order_id FROM orders WHERE "
                                    "source_system = 'octo-drone-shop' GROUP BY 1 "
                                    "HAVING count(*) > 1) twice")
        self.assertEqual(duplicates, 0)
        self.assert_same_orders()
        self.crm.execute("UPDATE sync_state SET lease_owner = 'dead:1', lease_until = ?",
                         moment(time.time() + 3600))
        self.assertEqual(run(self.crm).status, 409)
        self.assertEqual(self.standing(), (True, False), "the lease is a dead replica's")
        self.crm.execute("UPDATE sync_state SET lease_until = ?", moment(time.time() - 1))
        self.assertEqual(run(second).status, 200)
        self.assertFalse(self.standing()[0], "who has ended is at it no more")

    def standing(self):
        """Whether a run is at it, and whether the last one was this portal's."""
        with self.crm.sign_in() as admin:
            health = admin.get("/api/observability/360/sync-health").json
        return health["running"], health["leader"]

    @unittest.skipUnless(IS_POSTGRES, "SQLite has one writer at a time")
    def test_an_order_that_commits_late_is_not_passed_over(self):
        """A change that began before another and ends after it still comes after the watermark."""
        self.sync()
        late = self.enterContext(postgres.Session(
            self.instance.environment["OCTO_SHOP_DATABASE_URL"], "shop"))
        late.run("BEGIN")
        late.run("UPDATE orders SET status = 'shipped', updated_at = now() WHERE id = 5")
        order_id = place_orders(self.shop, 1)[0]
        self.assertEqual(self.sync()["created"], 0, "held back by the open transaction")
        late.run("COMMIT")
        done = self.sync()
        self.assertEqual((done["created"], done["updated"]), (1, 1), done)
        for number, status in ((order_id, "processing"), (5, "shipped")):
            self.assertEqual(self.crm.value("SELECT status FROM orders WHERE source_order_id = ? AND "
                                            "source_system = 'octo-drone-shop'", number), status)

    @unittest.skipUnless(IS_POSTGRES, "SQLite has one writer at a time")
    def test_changes_side_by_side_are_all_found_by_whoever_follows_the_feed(self):
        """Transactions of several changes, with savepoints that are taken back, end in any order. Each has
        orders of its own, so that none that was passed over is met later."""
        writers, transactions, changes = 4, scaled(60), 3
        url = self.instance.environment["OCTO_SHOP_DATABASE_URL"]
        self.shop.execute("INSERT INTO orders (total) SELECT 1 FROM generate_series(1, ?)",
                          writers * transactions * changes)
        fresh = [row[0] for row in self.shop.query("SELECT id FROM orders WHERE notes IS NULL")]

        def change(number):
            chance = random.Random(number)
            mark = "UPDATE orders SET notes = '{}' WHERE id = {}".format
            with postgres.Session(url, "shop") as session:
                for n in range(number, writers * transactions, writers):
                    own = fresh[n * changes:(n + 1) * changes]
                    session.run("BEGIN")
                    if chance.random() < 0.5:
                        session.run("SAVEPOINT s")
                        session.run(mark("taken back", own[0]))
                        session.run("ROLLBACK TO s")
                    for each in own:
                        session.run(mark(f"transaction {n}", each))
                    session.run("ROLLBACK" if chance.random() < 0.1 else "COMMIT")

        with self.shop.client(internal=True) as client, \
                concurrent.futures.ThreadPoolExecutor(writers) as threads:
            seen, where = self.follow(client, "updated_since=1970-01-01T00:00:00Z")
            running = [threads.submit(change, number) for number in range(writers)]
            is_over = False
            while not is_over:
                is_over = all(each.done() for each in running)  # before the look, which then sees all
                found, where = self.follow(client, where)
                seen.update(found)
            for each in running:
                each.result()
        there = dict(map(tuple, self.shop.query("SELECT id, notes FROM orders")))
        self.assertEqual([i for i in there if seen.get(i) != there[i]], [])

    def follow(self, client, where):
        """Reads the feed to its end: notes by order, and where it goes on."""
        found = {}
        while True:
            page = client.get(f"/api/orders?limit=100&{where}").json
            found.update((order["id"], order["notes"]) for order in page["orders"])
            where = f"cursor={page['last_cursor']}" if page["last_cursor"] else where
            if not page["next_cursor"]:
                return found, where

    def test_a_page_list_from_a_time_on_leaves_older_orders_out(self):
        place_orders(self.shop, 3)
        self.shop.execute("UPDATE orders SET notes = 'old', updated_at = ? WHERE id = 2", moment(1))
        since = "updated_since=2000-01-01T00:00:00Z"
        with self.shop.client(internal=True) as client:
            first = client.get(f"/api/orders?limit=1&{since}").json
            self.assertEqual(first["total"], self.shop.value("SELECT count(*) FROM orders") - 1)
            ids = [order["id"] for order in first["orders"]]
            page = first
            while page["next_cursor"]:
                page = client.get(f"/api/orders?limit=1&cursor={page['next_cursor']}").json
                ids += [order["id"] for order in page["orders"]]
            self.assertNotIn(2, ids)
            self.assertEqual(len(ids), first["total"])
            # The position for next time stands for all changes behind it, whatever their time.
            rest, _ = self.follow(client, f"cursor={first['last_cursor']}")
            self.assertIn(2, rest)

    def test_a_pushed_order_is_the_same_order_when_it_is_pulled(self):
        order_id = place_orders(self.shop, 1)[0]
        with self.shop.client(internal=True) as client:
            row = self.shop.query("SELECT o.total, c.email FROM orders o JOIN customers c "
                                  "ON c.id = o.customer_id WHERE o.id = ?", order_id)[0]
            body = {"order_id": order_id, "customer_email": row["email"], "total": row["total"] / 100}
            pushed = client.post("/api/integrations/crm/sync-order", body)
            self.assertEqual(pushed.status, 200, pushed)
            self.assertTrue(pushed.json["synced"], pushed)
            self.assertEqual(client.post("/api/integrations/crm/sync-order", body).status, 200)
            wrong = client.post("/api/integrations/crm/sync-order", dict(body, total=1.00))
            self.assertEqual(wrong.status, 422)
        self.sync()
        self.assert_same_orders()

    def wait_until(self, holds):
        deadline = time.monotonic() + patience(60)
        while not holds() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertTrue(holds())

    def test_the_timer_pulls_by_itself(self):
        """Again and again, and tells of runs that brought something; it ends with the service."""
        def all_are_there():
            return self.shop.value("SELECT count(*) FROM orders") == self.crm.value(
                "SELECT count(*) FROM orders WHERE source_system = 'octo-drone-shop'")

        self.crm.stop()
        self.crm.environment.update(ORDERS_SYNC_ENABLED="true", ORDERS_SYNC_INTERVAL_SECONDS="1")
        self.crm.start()
        for _ in range(2):
            place_orders(self.shop, 3)
            self.wait_until(all_are_there)
        pulled = self.shop_requests()
        self.wait_until(lambda: self.shop_requests() >= pulled + 2)
        self.assert_same_orders()
        self.assertEqual(self.crm.stop(), 0)
        told = [line for line in self.crm.log().splitlines() if 'event="order sync"' in line]
        self.assertGreater(len(told), 0)
        self.assertEqual([line for line in told if "created=0 updated=0 failed=0" in line], [])


@unittest.skipUnless(IS_POSTGRES, "needs a server, so it runs with the tests that have one")
class ShopOnServer(Syncing):
    """The services only meet over HTTP, so each may be on a backend of its own."""

    where = {"on_server": ("shop",)}

    def test_orders_cross_between_backends(self):
        place_orders(self.shop, 60)
        total = self.shop.value("SELECT count(*) FROM orders")
        first = self.sync()
        self.assertEqual((first["created"], first["failed"]), (total, 0), first)
        self.assert_same_orders()
        audits = self.crm.query("SELECT source_order_id, count(*) AS n FROM order_sync_audit "
                                "WHERE sync_status = 'success' GROUP BY 1")
        self.assertEqual((len(audits), {a["n"] for a in audits}), (total, {1}))
        before = self.crm.query("SELECT * FROM orders ORDER BY id")
        second = self.sync()
        self.assertEqual((second["created"], second["updated"], second["failed"]), (0, 0, 0), second)
        self.assertEqual([tuple(r) for r in self.crm.query("SELECT * FROM orders ORDER BY id")],
                         [tuple(r) for r in before])
        self.assertEqual(self.crm.value("SELECT count(*) FROM order_sync_audit"), total)
        self.shop.execute("UPDATE orders SET status = 'shipped', updated_at = ? WHERE id = 3",
                          moment(time.time()))
        third = self.sync()
        self.assertEqual((third["created"], third["updated"]), (0, 1), third)
        self.assert_same_orders()


@unittest.skipUnless(IS_POSTGRES, "needs a server, so it runs with the tests that have one")
class CrmOnServer(ShopOnServer):
    where = {"on_server": ("crm",)}


if __name__ == "__main__":
    unittest.main()
