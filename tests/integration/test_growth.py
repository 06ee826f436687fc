"""What strangers make grow, by how much, and when it goes again.

OCTO_GROWTH_REQUESTS=1000000 sends that many requests of each kind (by hand: it takes some minutes)."""

import json
import os
import time
import unittest

from support.harness import IS_POSTGRES, Instance, moment, patience, scaled
from support.stranger import Stranger, request

REQUESTS = int(os.environ.get("OCTO_GROWTH_REQUESTS", str(scaled(2000))))

# Stated in docs/operations.md.
SUMS_A_MINUTE = 128
ROW_BYTES = 1500  # with its share of pages and of the index, the longest text an anonymous caller can send
ROWS_A_MINUTE = 50  # AUDIT_ANONYMOUS_ROWS_PER_MINUTE of these tests
SETTLING_BYTES = 256 * 1024  # what a database grows by itself in a while

DAY = 86400

JSON = "Content-Type: application/json"
KINDS = {
    "no such page": request("GET /nothing"),
    "no such page, each time another": None,
    "no such method": request("PUT /api/products"),
    "not signed in": request("GET /api/orders"),
    "wrong token": request("GET /api/orders", "Authorization: Bearer " + "0" * 64),
    "wrong parameter": request("GET /api/products?limit=x"),
    "wrong body": request("POST /api/analytics/track", JSON, body="{]"),
    "wrong value": request("POST /api/analytics/track", JSON, body='{"page":17}'),
    "read": request("GET /api/products?limit=1"),
}


def size_of(service):
    return sum(path.stat().st_size for path in service.data.glob(f"{service.name}.db*"))


class Growth(unittest.TestCase):
    def setUp(self):
        self.instance = self.enterContext(Instance(AUDIT_ANONYMOUS_ROWS_PER_MINUTE=str(ROWS_A_MINUTE)))

    def rows(self, service, after):
        """Their number, and that of the requests that they stand for."""
        details = [row[0] for row in service.query(
            "SELECT details FROM audit_logs WHERE id > ? AND username IS NULL", after)]
        return len(details), sum(json.loads(text).get("requests", 1) if text else 1 for text in details)

    def check(self, service, kind, send):
        self.assertEqual(service.stop(), 0)
        after = service.value("SELECT coalesce(max(id), 0) FROM audit_logs")
        bytes_before = size_of(service)
        service.start()
        begun = time.monotonic()
        sent = send(Stranger(service.port))
        minutes = int((time.monotonic() - begun) / 60) + 2  # one begins and one ends within
        self.assertEqual(service.stop(), 0)
        rows, requests = self.rows(service, after)
        self.assertEqual(requests, sent)
        self.assertLessEqual(rows, minutes * (SUMS_A_MINUTE + ROWS_A_MINUTE))
        if not IS_POSTGRES:
            self.assertLessEqual(size_of(service) - bytes_before, rows * ROW_BYTES + SETTLING_BYTES)
        if "OCTO_GROWTH_REQUESTS" in os.environ:
            print(f"{service.name}: {kind}: {sent} requests in {time.monotonic() - begun:.0f} s, {rows} rows, "
                  f"{size_of(service) - bytes_before} bytes more", flush=True)

    def test_requests_of_strangers_are_few_rows(self):
        for service in (self.instance.shop, self.instance.crm):
            for kind, text in KINDS.items():
                with self.subTest(service.name, kind=kind):
                    self.check(service, kind, lambda stranger, text=text: stranger.send(
                        lambda number: text or request(f"GET /nothing/{number}"), REQUESTS))

    def test_unreadable_requests_are_few_rows(self):
        for service in (self.instance.shop, self.instance.crm):
            with self.subTest(service.name):
                count = max(1, REQUESTS // 10)
                self.check(service, "unreadable", lambda stranger, count=count: stranger.send_unreadable(count))

    def test_what_has_run_out_goes(self):
        shop, now = self.instance.shop, time.time()
        shop.stop()
        shop.execute("DELETE FROM cart_sessions")
        for name, age in (("old", 30 * DAY + 60), ("new", 30 * DAY - 3600)):
            shop.insert("cart_items", ("session_id", "product_id", "created_at"), [(name, 1, moment(now - age))])
            shop.insert("cart_sessions", ("session_id", "first_added_at"), [(name, moment(now - age))])
        # What was put in later keeps what was put in first.
        shop.insert("cart_items", ("session_id", "product_id", "created_at"),
                    [("kept", 1, moment(now - 40 * DAY)), ("kept", 2, moment(now - DAY))])
        for name, age in (("old", 90 * DAY + 60), ("new", 90 * DAY - 3600)):
            shop.insert("security_events", ("attack_type", "created_at"), [(name, moment(now - age))])
            shop.insert("page_views", ("page", "created_at"), [(name, moment(now - age))])
            shop.insert("assistant_sessions", ("session_id", "created_at"), [(name, moment(now - age))])
            shop.insert("assistant_messages", ("session_id", "role", "content", "created_at"),
                        [(name, "user", "x", moment(now - age))])
        shop.start()
        deadline = time.monotonic() + patience(30)
        while time.monotonic() < deadline and any(
                shop.value(f"SELECT count(*) FROM {table} WHERE {column} = 'old'")
                for table, column in (("cart_items", "session_id"), ("cart_sessions", "session_id"),
                                      ("security_events", "attack_type"), ("page_views", "page"),
                                      ("assistant_sessions", "session_id"), ("assistant_messages", "session_id"))):
            time.sleep(0.01)
        for table, column, names in (("cart_items", "session_id", ["kept", "kept", "new"]),
                                     ("cart_sessions", "session_id", ["new"]),
                                     ("assistant_sessions", "session_id", ["new"]),
                                     ("assistant_messages", "session_id", ["new"]),
                                     ("security_events", "attack_type", ["new"])):
            self.assertEqual(sorted(row[0] for row in shop.query(f"SELECT {column} FROM {table}")), names, table)
        self.assertEqual([row[0] for row in shop.query("SELECT page FROM page_views WHERE page IN ('old', 'new')")],
                         ["new"])


if __name__ == "__main__":
    unittest.main()
