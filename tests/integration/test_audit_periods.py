"""octo audit: months of the trail are listed, exported and dropped, by nobody else and as a whole; also when
the disk is full."""

import datetime
import json
import os
import subprocess
import time
import unittest

from support import postgres
from support.harness import IS_POSTGRES, Instance, checkout_body, moment, patience
from support.small_disk import fill, small_disk
from support.stranger import Stranger, request

MONTHS = ("2024-11", "2024-12", "2025-01")
ROWS_EACH = 3
RESERVE_MIB = 20  # the database's log, and what a step of dropping takes


def begin_of(month):
    return datetime.datetime.strptime(month, "%Y-%m").replace(tzinfo=datetime.timezone.utc).timestamp()


def this_month():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m")


class Periods(unittest.TestCase):
    def setUp(self):
        self.instance = self.enterContext(Instance())
        self.services = (self.instance.shop, self.instance.crm)

    def fill(self):
        """Rows of old months, the first and the last moment of each among them, written before any other."""
        for service in self.services:
            service.stop()
            empty(service)
            for month, after in zip(MONTHS, (*MONTHS[1:], "2025-02")):
                if IS_POSTGRES:
                    make_period(service, month, after)
                times = (begin_of(month), begin_of(month) + 86400, begin_of(after) - 0.000001)
                service.insert("audit_logs", ("action", "created_at", "details"),
                               [(f"test.{month}", moment(at), "{\"a\":\"\u00e9\\n\"}") for at in times])
            service.start()

    def months(self, service):
        """How many rows each of the old months has."""
        rows = service.query("SELECT action FROM audit_logs WHERE action LIKE 'test.%'")
        found = [row[0].removeprefix("test.") for row in rows]
        return {month: found.count(month) for month in sorted(set(found))}

    def octo(self, *arguments, code=0):
        done = self.instance.octo("audit", *arguments)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done

    def test_months_are_listed(self):
        self.fill()
        lines = [line.split() for line in self.octo("list").stdout.splitlines()]
        for service in self.services:
            self.assertEqual([(line[1], line[2]) for line in lines if line[0] == service.name][:3],
                             [(month, str(ROWS_EACH)) for month in MONTHS])
        self.assertIn(["shop", "2024-12", "3", "2024-12-01T00:00:00.000000Z", "2024-12-31T23:59:59.999999Z"], lines)

    def test_a_month_is_exported(self):
        self.fill()
        rows = [json.loads(line) for line in self.octo("export", "2024-12").stdout.splitlines()]
        self.assertEqual([(row["service"], row["action"]) for row in rows],
                         [(service.name, "test.2024-12") for service in self.services for _ in range(ROWS_EACH)])
        self.assertEqual(rows[0]["created_at"], "2024-12-01T00:00:00.000000Z")
        self.assertEqual(rows[0]["details"], "{\"a\":\"\u00e9\\n\"}")
        self.assertIsNone(rows[0]["trace_id"])
        rows = [json.loads(line) for line in self.octo("export", "2024-12", "--service", "crm").stdout.splitlines()]
        self.assertEqual([row["service"] for row in rows], ["crm"] * ROWS_EACH)

    def test_an_export_of_many_parts_is_whole(self):
        self.fill()
        shop = self.instance.shop
        shop.insert("audit_logs", ("action", "created_at"),
                    [(f"many.{number}", moment(begin_of("2025-01") + number)) for number in range(2500)])
        rows = [json.loads(line)["action"] for line in
                self.octo("export", "2025-01", "--service", "shop").stdout.splitlines()]
        self.assertEqual(rows, ["test.2025-01"] * ROWS_EACH + [f"many.{number}" for number in range(2500)])

    def test_a_month_and_what_is_older_is_dropped(self):
        self.fill()
        shop, crm = self.services
        self.octo("drop", "2024-12", "--service", "shop")
        self.assertEqual(self.months(shop), {"2025-01": ROWS_EACH})
        self.assertEqual(self.months(crm), {month: ROWS_EACH for month in MONTHS})
        told = shop.query("SELECT route, details FROM audit_logs WHERE action = 'audit.dropped'")
        self.assertEqual([(row[0], json.loads(row[1])) for row in told],
                         [("octo audit drop", {"until": "2025-01-01T00:00:00.000000Z", "rows": 2 * ROWS_EACH})])
        with shop.client() as client:  # which goes on as ever
            answer = client.post("/api/shop/checkout", checkout_body())
            self.assertEqual(answer.status, 200)
        self.assertEqual(shop.value("SELECT count(*) FROM audit_logs WHERE action = 'order.created'"), 1)

    def test_age_alone_decides_where_no_month_is_named(self):
        self.fill()
        self.instance.environment["AUDIT_RETENTION_DAYS"] = "0"
        self.assertIn("kept for good", self.octo("drop", code=2).stderr)
        begin = begin_of("2025-01") + 5 * 86400  # that old: the month is not wholly older
        days = int((datetime.datetime.now().timestamp() - begin) / 86400)
        self.instance.environment["AUDIT_RETENTION_DAYS"] = str(days)
        self.octo("drop")
        for service in self.services:
            self.assertEqual(self.months(service), {"2025-01": ROWS_EACH})

    def test_a_month_that_is_not_over_goes_only_when_that_is_said(self):
        self.fill()
        self.assertIn("--running", self.octo("drop", this_month(), code=2).stderr)
        self.assertIn("has not begun", self.octo("drop", "2999-01", code=2).stderr)
        for wrong in ("2024-13", "2024-1", "24-12", "2024-12-01", "x"):
            self.assertIn("which month", self.octo("drop", wrong, code=2).stderr)
        self.assertIn("list, export or drop", self.octo(code=2).stderr)
        self.octo("drop", this_month(), "--running")
        for service in self.services:
            self.assertEqual(self.months(service), {})
            self.assertEqual(service.value("SELECT count(*) FROM audit_logs WHERE action = 'audit.dropped'"), 1)
            with service.client() as client:
                self.assertEqual(client.get("/openapi.json").status, 200)

    def test_nobody_else_drops(self):
        self.fill()
        for service in self.services:
            tables = ["audit_logs"]
            if IS_POSTGRES:
                tables += [row[0] for row in service.query("SELECT period FROM audit_periods")]
            for table in tables:
                for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET action = 'x'"):
                    with self.assertRaises(postgres.Refused, msg=statement):
                        service.execute(statement)
            # Not a part of a month, whoever says so.
            with self.assertRaises(postgres.Refused):
                service.execute("INSERT INTO audit_drops (until) VALUES (?)", moment(begin_of("2024-12") + 1))
            self.assertEqual(service.value("SELECT count(*) FROM audit_drops"), 0)
            self.assertEqual(self.months(service), {month: ROWS_EACH for month in MONTHS})

    @unittest.skipIf(IS_POSTGRES, "on a server the rows go with their table")
    def test_a_drop_that_the_database_refuses_is_a_failure(self):
        self.fill()
        shop = self.instance.shop
        shop.poison("DELETE", "audit_logs", "OLD.action = 'test.2024-12'")
        self.assertIn("poison", self.octo("drop", "2024-12", "--service", "shop", code=1).stderr)
        self.assertEqual(self.months(shop), {month: ROWS_EACH for month in MONTHS})
        self.assertEqual(shop.value("SELECT count(*) FROM audit_logs WHERE action = 'audit.dropped'"), 0)

    @unittest.skipIf(IS_POSTGRES, "one transaction on a server")
    def test_a_drop_that_was_killed_is_finished_by_the_next(self):
        shop = self.instance.shop
        shop.stop()
        empty(shop)
        shop.execute("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) "
                     "INSERT INTO audit_logs (action, created_at) SELECT 'test.2024-11', ? + i FROM n",
                     moment(begin_of("2024-11")))
        begun = "SELECT count(*) FROM audit_logs WHERE action = 'audit.drop_begun'"
        with subprocess.Popen([self.instance.executable, "audit", "drop", "2024-11", "--service", "shop"],
                              env=self.instance.environment, stdout=subprocess.DEVNULL) as dropping:
            deadline = time.monotonic() + patience(30)
            while not shop.value(begun) and time.monotonic() < deadline:
                time.sleep(0.001)
            dropping.kill()
        self.assertEqual(shop.value("SELECT count(*) FROM audit_drops"), 0)
        self.octo("drop", "2024-11", "--service", "shop")
        self.assertEqual(self.months(shop), {})
        self.assertEqual(shop.value(begun), 2)
        self.assertEqual(shop.value("SELECT count(*) FROM audit_logs"),
                         2 + shop.value("SELECT count(*) FROM audit_logs WHERE action = 'audit.dropped'"))

    @unittest.skipUnless(IS_POSTGRES, "a file has no periods")
    def test_periods_are_there_before_their_month(self):
        for service in self.services:
            periods = [row[0] for row in service.query("SELECT period FROM audit_periods ORDER BY until")]
            self.assertEqual(len(periods), 4, periods)
            self.assertEqual(periods[0], f"audit_logs_{this_month().replace('-', '_')}")
            self.assertEqual(periods[3], "audit_logs_others")

    @unittest.skipIf(IS_POSTGRES, "the disk is the server's")
    @unittest.skipUnless(os.geteuid() == 0, "only root may mount a small file system")
    def test_a_full_disk_is_freed(self):
        with small_disk(self, OCTO_DISK_RESERVE_MB=str(RESERVE_MIB),
                        AUDIT_ANONYMOUS_ROWS_PER_MINUTE="1000000000") as instance:
            shop = instance.shop
            shop.execute("UPDATE products SET stock = 1000000")
            with shop.client() as client:
                while client.readiness().status == 200:
                    Stranger(shop.port).send(lambda _: request("GET /api/products?limit=1"), 2000)
                filler = fill(instance.data)  # by somebody else
                orders = self.order_until_full(client, instance.data)
                self.assertEqual(client.readiness().status, 503)
                done = instance.octo("audit", "drop", this_month(), "--running")
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                # Neither was restarted, nor did others give anything back. The services make the reserve where it was
                # too early for that.
                deadline = time.monotonic() + patience(30)
                while os.stat(f"{instance.data}/reserve").st_size == 0:
                    self.assertLess(time.monotonic(), deadline)
                    time.sleep(0.1)
                self.assertTrue(client.readiness().json["can_store"])
                orders += [self.order(client).json["order_id"] for _ in range(20)]
                filler.unlink()
                deadline = time.monotonic() + patience(30)
                while (ready := client.readiness()).status != 200:
                    self.assertLess(time.monotonic(), deadline, ready)
                    time.sleep(0.1)
            shop.stop()
            self.assertEqual([row[0] for row in shop.query(
                "SELECT id FROM orders WHERE id >= ? ORDER BY id", orders[0])], orders)

    @staticmethod
    def order(client):
        return client.post("/api/shop/checkout", checkout_body())

    def order_until_full(self, client, directory):
        """The orders that were acknowledged. What the database has of its own files lasts for a while."""
        orders = []
        while (answer := self.order(client)).status == 200:
            orders.append(answer.json["order_id"])
            fill(directory, name="more")
        self.assertEqual(answer.json["code"], "cannot_store")
        return orders


def make_period(service, month, after):
    """As the service would have made it then."""
    name = f"audit_logs_{month.replace('-', '_')}"
    service.execute(f"SELECT audit_period_make('{name}', "
                    f"'FOR VALUES FROM (''{month}-01 00:00+00'') TO (''{after}-01 00:00+00'')')")
    service.execute(f"ALTER TABLE {name} OWNER TO octo_{service.name}")


def empty(service):
    """Takes all rows, as if there had been none yet."""
    if IS_POSTGRES:
        for (period,) in service.query("SELECT period FROM audit_periods"):
            service.execute(f"ALTER TABLE {period} DISABLE TRIGGER ALL")
            service.execute(f"DELETE FROM {period}")
            service.execute(f"ALTER TABLE {period} ENABLE TRIGGER ALL")
    else:
        service.execute("INSERT INTO audit_drops (until) SELECT 253370764800000000")
        service.execute("DELETE FROM audit_logs")
        service.execute("DELETE FROM audit_drops")


if __name__ == "__main__":
    unittest.main()
