"""The order synchronisation against a shop that is not ours: it may say anything, for as long as it likes.

Whatever it says, a run ends, an order that is no good stops no other, and the portal lives on.
"""

import gzip
import itertools
import json
import pathlib
import re
import time
import unittest

from support.fake_shop import FakeShop, page
from support.harness import INTERNAL_KEY, IS_SLOW, Instance, moment

PAGE_BYTES_MAX = 64 << 20
PAUSE_SECONDS = 15  # after the first failure, and twice as long after each other
MOMENT = "2026-03-04T05:06:07Z"
GOOD = {"id": 2, "customer_email": "grace@example.org", "updated_at": MOMENT, "total": 5,
        "items": [{"sku": "AB-1", "quantity": 1, "unit_price": 5}]}


def order(number, **more):
    return {**GOOD, "id": number, "customer_email": f"buyer{number}@example.org", **more}


class Feed(unittest.TestCase):
    request_ms = 240000

    def setUp(self):
        self.shop = self.enterContext(FakeShop())
        self.instance = Instance(SERVICE_SHOP_URL=self.shop.url,
                                 OCTO_REQUEST_TIMEOUT_MS=str(self.request_ms))
        self.addCleanup(self.instance.clear_away)
        self.crm = self.instance.crm
        self.crm.start()
        self.service = self.enterContext(self.crm.client(internal=True, timeout=self.request_ms / 1000))

    def sync(self, query="", status=200):
        answer = self.service.post(f"/api/orders/sync{query}")
        self.assertEqual(answer.status, status, answer)
        return answer.json

    def stored(self):
        return [r["source_order_id"] for r in self.crm.query(
            "SELECT source_order_id FROM orders WHERE source_system = 'octo-drone-shop' ORDER BY 1")]

    def failures(self):
        return {r["source_order_id"]: r for r in self.crm.query("SELECT * FROM sync_failures")}

    def trail(self, status):
        return [r["message"] for r in self.crm.query(
            "SELECT message FROM order_sync_audit WHERE sync_status = ? ORDER BY id", status)]

    def be_due(self):
        self.crm.execute("UPDATE sync_failures SET next_attempt_at = ?", moment(time.time() - 1))


class Progress(Feed):
    """How far a run is, and of how many where the shop says so."""

    def assert_told(self, lines, *totals):
        last = len(totals) - 1
        self.shop.page = lambda query, number: page(
            [order(number + 1)], total=totals[number], next_cursor=f"n{number}" if number < last else None)
        self.assertEqual(self.instance.octo("sync").stderr.splitlines(), lines)

    def test_a_total_of_all_is_told(self):
        self.assert_told(["1 of 2 orders", "2 of 2 orders"], 2, 1)

    def test_a_total_of_the_page_alone_is_not(self):
        self.assert_told(["1 orders", "2 orders"], 1, 1)

    def test_a_page_with_nothing_behind_it_has_all(self):
        self.assert_told(["1 of 1 orders"], 1)


class ExitCodes(Feed):
    """Of the command, by which a script knows that something is missing."""

    def test_an_order_that_fails(self):
        for orders, code in (([order(1)], 0), ([order(1), order(2, total="much")], 1), ([], 0)):
            self.shop.page = lambda query, number, orders=orders: page(orders)
            done = self.instance.octo("sync", "--json")
            self.assertEqual(done.returncode, code, done)
            self.assertEqual(json.loads(done.stdout)["failed"], code, done)

    def test_a_shop_that_fails(self):
        self.shop.page = lambda query, number: (400, b"{}")
        self.assertEqual(self.instance.octo("sync").returncode, 1)


class Ends(Feed):
    """A run ends, whatever the shop says comes next."""

    def assert_refused(self, cursors, reason):
        self.shop.page = lambda query, number: page([GOOD], next_cursor=next(cursors))
        answer = self.sync(status=502)
        self.assertIn(reason, answer["detail"])
        self.assertIn(reason, self.trail("failed")[-1])
        self.assertEqual(self.stored(), [2])

    def test_cursors_that_go_in_a_circle(self):
        self.assert_refused(itertools.cycle("ab"), 'the cursor "a" a second time')

    def test_a_circle_that_begins_late(self):
        self.assert_refused(itertools.chain("xyz", itertools.cycle("abc")),
                            'the cursor "a" a second time')

    def test_a_cursor_that_stands_still(self):
        self.assert_refused(itertools.repeat("a"), 'the cursor "a" a second time')

    def test_cursors_that_never_run_out(self):
        self.assert_refused((f"n{i}" for i in itertools.count()), "10 pages without a new order")

    def test_cursors_that_grow_without_end(self):
        self.assert_refused(("n" * 2 ** i for i in itertools.count()), "longer than 200 bytes")

    def test_orders_without_a_number_are_nothing_new(self):
        cursors = (f"n{i}" for i in itertools.count())
        self.shop.page = lambda query, number: page([{"total": number}], next_cursor=next(cursors))
        self.assertIn("10 pages without a new order", self.sync(status=502)["detail"])

    def test_a_cursor_that_is_no_text(self):
        self.shop.page = lambda query, number: page([GOOD], next_cursor=17)
        self.assertIn("next_cursor", self.sync(status=502)["detail"])

    def test_a_shop_that_sends_elsewhere_and_tells_to_wait(self):
        for status in (302, 429, 503):
            self.shop.headers["Location"] = "/api/orders"
            self.shop.headers["Retry-After"] = "86400"
            self.shop.page = lambda query, number, status=status: (status, b"{}")
            self.assertIn(f"answered {status}", self.sync(status=502)["detail"])


class EndsByTime(Feed):
    """A run ends when its time is up, however much there is still to come."""

    request_ms = 8000  # of which a busy machine has 1.5 s to note how the run ended

    def test_new_orders_without_end_are_stored_until_the_time_is_up(self):
        def without_end(_, number):
            time.sleep(0.02)
            return page([order(number + 1)], next_cursor=f"n{number}")
        self.shop.page = without_end
        answer = self.sync()
        self.assertEqual(answer["status"], "partial")
        self.assertIn("time", answer["reason"])
        self.assertGreater(answer["created"], 1)
        self.assertEqual(self.trail("failed"), [answer["reason"]])
        asked = len(self.shop.queries)
        self.shop.page = lambda query, number: page([])
        self.sync()
        self.assertEqual(self.shop.queries[asked]["cursor"], f"n{answer['pages'] - 1}",
                         "the next run goes on where this one ended")

    def test_an_answer_that_trickles(self):
        def trickle():
            yield b'{"orders": ['
            while True:
                time.sleep(0.01)
                yield b" "
        self.shop.page = lambda query, number: trickle()
        self.assertIn("deadline passed", self.sync(status=503)["detail"])


class Stands(Feed):
    """An order that is no good is refused alone and tried again."""

    def assert_alone(self, text, reason, number=1):
        self.shop.page = lambda query, n: (
            b'{"orders": [' + (text if isinstance(text, bytes) else text.encode()) + b", "
            + json.dumps(GOOD).encode() + b'], "last_cursor": "w1"}')
        done = self.sync()
        self.assertEqual((done["created"], done["failed"]), (1, 1), done)
        self.assertEqual(self.stored(), [2])
        if number:
            self.assertIn(reason, self.failures()[number]["last_error"])
        else:
            self.assertIn(reason, self.trail("invalid")[-1])
        self.shop.page = lambda query, n: page([])
        self.sync()
        self.assertEqual(self.shop.queries[-1]["cursor"], "w1", "the watermark has moved")

    def notes(self, value):
        return json.dumps(order(1, notes="NOTES")).replace('"NOTES"', value)

    def test_a_whole_number_that_is_too_large(self):
        self.assert_alone(self.notes("9223372036854775808"), "number is too large")

    def test_a_real_number_that_is_too_large(self):
        self.assert_alone(self.notes("1e400"), "number is too large")

    def test_a_character_that_no_column_takes(self):
        self.assert_alone(self.notes('"a\\u0000b"'), "u0000")

    def test_half_a_pair_of_surrogates(self):
        self.assert_alone(self.notes('"\\ud83d"'), "halves a partner")

    def test_a_member_twice(self):
        self.assert_alone(self.notes('1, "notes": 2'), "a name stands twice")

    def test_a_value_that_is_none(self):
        self.assert_alone(self.notes("truu"), "line 1")

    def test_text_that_is_not_utf8(self):
        self.assert_alone(self.notes('"J').encode() + b"\xf6" + b'rg"}', "not UTF-8")

    def test_an_order_that_is_nested_too_deeply(self):
        for depth in (65, 5000, 200000):
            with self.subTest(depth=depth):
                self.crm.execute("DELETE FROM sync_failures")
                self.crm.execute("DELETE FROM order_items")
                self.crm.execute("DELETE FROM orders WHERE source_order_id = 2")
                self.crm.execute("DELETE FROM sync_state")
                self.assert_alone(self.notes("[" * depth + "]" * depth), "deeper")

    def test_an_order_that_is_too_long(self):
        self.assert_alone(self.notes('"' + "x" * (1 << 20) + '"'), "longer than")

    def test_an_order_of_too_many_values(self):
        self.assert_alone(self.notes("[" + "0," * 200000 + "0]"), "more than")

    def test_an_order_of_too_many_lines(self):
        self.assert_alone(json.dumps(order(1, items=[{"sku": "AB"}] * 1001)), "1000 lines")

    def test_what_is_no_order(self):
        for text in ("17", "null", '"order"', "[1]", "{}", '{"id": "x"}', '{"id": 1, "id": 2}'):
            with self.subTest(text=text):
                self.crm.execute("DELETE FROM order_items")
                self.crm.execute("DELETE FROM orders WHERE source_order_id = 2")
                self.crm.execute("DELETE FROM sync_state")
                self.assert_alone(text, "", number=None)

    def test_the_same_order_twice_in_a_page(self):
        self.shop.page = lambda query, number: page([order(1, total=5), GOOD,
                                                     order(1, total=5, status="shipped")])
        done = self.sync()
        self.assertEqual((done["created"], done["updated"], done["failed"]), (2, 1, 0), done)
        self.assertEqual(self.stored(), [1, 2])

    def test_it_is_asked_for_again_by_its_number(self):
        self.assert_alone(self.notes('"\\ud83d"'), "halves a partner")
        self.be_due()
        self.shop.order = lambda number: json.dumps(order(number, notes="mended")).encode()
        done = self.sync()
        self.assertEqual((done["created"], done["failed"]), (1, 0), done)
        self.assertEqual(self.stored(), [1, 2])
        self.assertEqual(self.failures(), {})

    def test_whoever_fails_again_waits_longer_and_says_the_newest_reason(self):
        self.assert_alone(self.notes("1e400"), "number is too large")
        self.be_due()
        self.shop.order = lambda number: json.dumps(order(number, total=-1)).encode()
        before = time.time()
        self.assertEqual(self.sync()["failed"], 1)
        failure = self.failures()[1]
        self.assertEqual(failure["attempts"], 2)
        self.assertIn("below zero", failure["last_error"])
        self.assertGreaterEqual(failure["next_attempt_at"], int((before + 2 * PAUSE_SECONDS) * 1e6))
        self.crm.execute("UPDATE sync_failures SET next_attempt_at = ?", moment(time.time() + 3600))
        self.assertEqual(self.sync()["failed"], 0, "it is not due")
        self.assertEqual(self.trail("invalid"), [])

    def test_a_shop_that_gives_another_order_or_none_changes_nothing(self):
        self.assert_alone(self.notes("1e400"), "number is too large")
        for answer in (lambda number: json.dumps(order(7)).encode(), lambda number: None,
                       lambda number: b"nonsense", lambda number: (500, b"")):
            self.be_due()
            self.shop.order = answer
            self.assertEqual(self.sync()["failed"], 1)
            self.assertIn("number is too large", self.failures()[1]["last_error"])
        self.assertEqual(self.stored(), [2])

    def test_a_page_that_is_broken_loses_nothing(self):
        for body in (b'{"orders": [' + json.dumps(GOOD).encode(), b"[]]", b'{"orders": [{]}]}',
                     b'{"orders": {}}', b"", b'{"orders": [], "orders": []}',
                     b'{"orders": [1 2]}', b'{"orders": [], "total": 1e400}'):
            with self.subTest(body=body):
                self.shop.page = lambda query, number, body=body: body
                noted = len(self.trail("failed"))
                self.sync(status=502)
                self.assertEqual(len(self.trail("failed")), noted + 1)
        self.shop.page = lambda query, number: page([GOOD])
        self.assertEqual(self.sync()["created"], 1)

    def test_what_is_kept_and_cannot_be_read_stops_nobody(self):
        self.crm.execute("INSERT INTO sync_failures (source_system, source_order_id, attempts, "
                         "next_attempt_at, last_error, payload) VALUES ('octo-drone-shop', 9, 1, ?, "
                         "'old', '\"{\"')", moment(time.time() - 1))
        self.shop.page = lambda query, number: page([GOOD])
        done = self.sync()
        self.assertEqual((done["created"], done["failed"]), (1, 1), done)


class Pages(Feed):
    """Pages of every length are stored whole, and the figures say what became of them."""

    def test_a_page_that_is_no_multiple_of_a_transaction(self):
        for number, count in enumerate((1, 50, 51, 99, 101, 199)):
            first = 1000 * (number + 1)
            self.shop.page = lambda query, n, first=first, count=count, number=number: page(
                [order(first + i) for i in range(count)], last_cursor=f"w{number}")
            self.assertEqual(self.sync()["created"], count)
            self.assertEqual(self.crm.value("SELECT cursor_text FROM sync_state"), f"w{number}")
            self.assertEqual(self.crm.value("SELECT watermark_id FROM sync_state"),
                             first + count - 1)

    def test_a_time_to_come_hides_nothing_that_is_stamped_before(self):
        """The last page has no cursor, so the next run goes on from the watermark's time."""
        ahead = order(1, updated_at="2999-01-01T00:00:00Z")
        for pages in ([page([ahead])], [page([ahead], next_cursor="n"), page([GOOD])]):
            first = len(self.shop.queries)
            self.shop.page = lambda query, number, pages=pages, first=first: pages[
                min(number - first, len(pages) - 1)]
            self.sync("?full=true")
            self.assertLess(self.sync()["watermark"], "2999")
            self.assertLess(self.shop.queries[-1]["updated_since"], "2999")
        self.crm.execute("UPDATE sync_state SET watermark_at = ?", moment(33_000_000_000))
        self.sync()
        self.assertLess(self.shop.queries[-1]["updated_since"], "2999")

    def test_an_order_whose_products_cannot_be_made_is_stored_not_at_all(self):
        self.crm.poison("INSERT", "products", "NEW.name = 'poison'")
        self.shop.page = lambda query, number: page([
            order(1), order(2, items=[{"sku": "BAD-1", "name": "poison"}]), order(3)])
        done = self.sync()
        self.assertEqual((done["created"], done["failed"]), (2, 1), done)
        self.assertEqual(self.stored(), [1, 3])
        self.crm.cure("products")
        self.be_due()
        self.assertEqual(self.sync()["created"], 1)
        self.assertEqual(self.crm.value("SELECT count(*) FROM order_items i JOIN orders o "
                                        "ON o.id = i.order_id WHERE source_order_id IN (1, 2, 3)"), 3)

    def test_the_health_page_counts_successes_and_failures(self):
        self.shop.page = lambda query, number: page([order(1), order(2), order(3, total=-1)])
        self.sync()
        with self.crm.sign_in() as admin:
            stats = admin.get("/api/observability/360/sync-health").json
        stats = stats.get("order_sync", stats)["stats"]
        self.assertEqual((stats["total_sync_operations"], stats["successful"], stats["failed"]),
                         (3, 2, 1), stats)
        self.assertAlmostEqual(stats["success_rate_pct"], 200 / 3, places=3)


class Bounded(Feed):
    """What an answer blows up to is bounded, not only its bytes."""

    def setUp(self):
        super().setUp()
        if not IS_SLOW:  # sanitizers take far more memory than the program asks for
            self.addCleanup(self.assert_grew_by_less_than, 2 * PAGE_BYTES_MAX, self.peak())

    def peak(self):
        """The most memory that the CRM ever held, in bytes."""
        status = pathlib.Path(f"/proc/{self.crm.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) << 10

    def assert_grew_by_less_than(self, most, before):
        self.assertLess(self.peak() - before, most)

    def assert_refused(self, body, reason):
        self.shop.page = lambda query, number: body
        self.assertIn(reason, self.sync(status=502)["detail"])
        self.shop.headers.pop("Content-Encoding", None)
        self.shop.page = lambda query, number: page([GOOD])
        self.assertEqual(self.sync()["created"], 1, "it lives on")

    def test_more_entries_than_were_asked_for(self):
        self.assert_refused(b'{"orders": [' + b"0," * 12000000 + b"0]}", "more than 400 orders")

    def test_some_more_entries_are_taken(self):
        self.shop.page = lambda query, number: page([order(n) for n in range(1, 301)])
        self.assertEqual(self.sync()["created"], 300)

    def test_many_values_beside_the_orders(self):
        self.assert_refused(b'{"orders": [], "data": [' + b"[]," * 8000000 + b"[]]}", "envelope")

    def test_many_members(self):
        members = b",".join(b'"m%d": 0' % n for n in range(200000))
        self.assert_refused(b'{"orders": [], ' + members + b"}", "envelope")

    def test_entries_that_are_lists_of_lists(self):
        entry = b"[" + b"[]," * 300000 + b"[]]"
        self.shop.page = lambda query, number: b"[" + b",".join([entry] * 60) + b"]"
        self.assertEqual(self.sync()["failed"], 60)

    def test_a_small_answer_that_unpacks_to_a_large_one(self):
        self.shop.headers["Content-Encoding"] = "gzip"
        self.assert_refused(gzip.compress(b"[" + b" " * (300 << 20) + b"]"), "larger than")


class Whole(Feed):
    """The limits are those of the columns, in characters."""

    def test_texts_as_long_as_the_columns_take(self):
        name, notes = "Ж" * 200, "é" * 4000
        phone, company, address = "٣" * 50, "会" * 200, "𐍈" * 4000
        email = "ü" * 100 + "@example.org"
        self.shop.page = lambda query, number: page([order(
            1, customer={"name": name, "phone": phone, "company": company}, customer_email=email,
            notes=notes, shipping_address=address, status="ж" * 50, payment_method="ж" * 50,
            payment_status="ж" * 50, currency="₽" * 10, coupon_code="ж" * 50,
            items=[{"product_id": "п" * 200, "name": name, "unit_price": 5}],
            shipment={"tracking_number": "т" * 100, "carrier": "т" * 100, "status": "т" * 50,
                      "origin_region": "т" * 50, "destination_region": "т" * 50})])
        self.assertEqual(self.sync()["created"], 1)
        row = self.crm.query(
            "SELECT o.*, c.name, c.phone, c.company, c.email, i.product_name, s.tracking_number, "
            "s.carrier, s.origin_region FROM orders o JOIN customers c ON c.id = o.customer_id "
            "JOIN order_items i ON i.order_id = o.id JOIN shipments s ON s.order_id = o.id "
            "WHERE o.source_order_id = 1")[0]
        for column, value in (("name", name), ("notes", notes), ("phone", phone), ("email", email),
                              ("company", company), ("shipping_address", address),
                              ("product_name", name), ("status", "ж" * 50),
                              ("payment_method", "ж" * 50), ("currency", "₽" * 10),
                              ("coupon_code", "ж" * 50), ("tracking_number", "т" * 100),
                              ("carrier", "т" * 100), ("origin_region", "т" * 50)):
            self.assertEqual(row[column], value, column)

    def test_longer_texts_are_cut_between_characters(self):
        self.shop.page = lambda query, number: page([order(
            1, customer_name="𐍈" * 201, notes="é" * 4001, currency="₽" * 11)])
        self.assertEqual(self.sync()["created"], 1)
        row = self.crm.query("SELECT o.*, c.name FROM orders o JOIN customers c "
                             "ON c.id = o.customer_id WHERE o.source_order_id = 1")[0]
        self.assertEqual((row["name"], row["notes"], row["currency"]),
                         ("𐍈" * 200, "é" * 4000, "₽" * 10))

    def test_a_reason_that_is_longer_than_its_column(self):
        self.shop.page = lambda query, number: page([order(1)])
        self.sync()
        long = "9" * 4096 + "x"
        self.shop.page = lambda query, number: page([order(1, created_at=long, total=long, **{
            "shipment": {"tracking_number": "T", "estimated_delivery": long}})])
        self.assertEqual(self.sync()["failed"], 1)


class Reasons(Feed):
    """Why a run failed is told to whoever asked for it, without what is ours alone."""

    def test_the_shop_refuses(self):
        """Whoever is not let in is told of the key, and nobody else."""
        for status in (401, 403, 400, 405):
            self.shop.page = lambda query, number, status=status: (status, b"{}")
            answer = self.sync(status=502)
            self.assertIn(f"the shop answered {status}", answer["detail"])
            self.assertEqual("INTERNAL_SERVICE_KEY" in answer["detail"], status in (401, 403), answer)
            self.assertEqual(answer["error"], "peer failed")
            self.assertIn(f"the shop answered {status}", self.crm.log())

    def test_the_shop_is_away(self):
        self.shop.server.shutdown()
        self.shop.server.server_close()
        answer = self.sync(status=502)
        self.assertIn("connect", answer["detail"])
        for secret in ("127.0.0.1", str(self.shop.server.server_address[1]), INTERNAL_KEY):
            self.assertNotIn(secret, json.dumps(answer))

    def test_a_database_that_fails_keeps_its_words(self):
        self.shop.page = lambda query, number: page([GOOD])
        self.crm.poison("UPDATE", "sync_state", "NEW.watermark_at > OLD.watermark_at")
        answer = self.service.post("/api/orders/sync")
        self.assertGreaterEqual(answer.status, 400)
        self.assertNotIn("poison", json.dumps(answer.json))


if __name__ == "__main__":
    unittest.main()
