"""The streams that staff watch: who may, what comes, what becomes of readers that are cut off, slow or too many."""

import contextlib
import os
import pathlib
import re
import time
import unittest

from support.described import Described
from support.harness import (INTERNAL_KEY, IS_SLOW, PASSWORD, Instance, checkout_body, in_parallel, patience,
                             scaled)
from support.noise import wait_until_quiet
from support.sse import Stream

ORDERS, SYNC, STOCK = "/api/events/orders", "/api/events/sync", "/api/events/stock"
KEY = {"X-Internal-Service-Key": INTERNAL_KEY}


def watch(service, path=ORDERS, **options):
    return Stream(service, path, KEY, **options)


class Orders:
    """Orders of the CRM, each of which is an event; `numbers` are those that were made."""

    def __init__(self, service):
        self.service, self.numbers = service, []

    def make(self, times=1):
        with self.service.client(internal=True) as client:
            for _ in range(times):
                answer = client.post("/api/orders", {"customer_id": 1, "product_id": 1, "quantity": 1})
                assert answer.status == 200, answer
                self.numbers.append(answer.json["order_id"])
        return self.numbers[-1]


class Watching(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance(OCTO_PUSH_ORDERS="true"))

    def test_orders_come_as_they_are_placed_and_change(self):
        shop, crm = self.instance.shop, self.instance.crm
        with watch(shop) as placed, watch(crm) as changed, watch(shop, SYNC) as pushed:
            self.assertEqual(placed.answer.headers["content-type"], "text/event-stream")
            self.assertEqual(placed.answer.headers["cache-control"], "no-store")
            with shop.client() as client:
                made = client.post("/api/shop/checkout", checkout_body())
            event = placed.next()
            self.assertEqual((event.kind, event.json["order_id"], event.json["total"], event.json["trace_id"]),
                             ("placed", made.json["order_id"], made.json["total"], made.headers["x-trace-id"]))
            created = changed.next()
            self.assertEqual((created.kind, created.json["total"]), ("created", made.json["total"]))
            event = pushed.next()
            self.assertEqual((event.kind, event.json["order_id"], event.json["crm_order_id"]),
                             ("pushed", made.json["order_id"], created.json["order_id"]))
            with crm.client(internal=True) as client:
                client.call("PATCH", f"/api/orders/{created.json['order_id']}/status", {"status": "queued"})
            event = changed.next()
            self.assertEqual((event.kind, event.json["order_id"], event.json["status"]),
                             ("status", created.json["order_id"], "queued"))

    def test_a_run_of_the_synchronisation_is_told(self):
        crm = self.instance.crm
        with watch(crm, SYNC) as stream, crm.client(internal=True) as client:
            report = client.post("/api/orders/sync").json
            while (event := stream.next()).kind == "progress":  # page by page
                pass
            self.assertEqual(event.kind, "run")
            self.assertEqual({name: event.json[name] for name in ("status", "created", "updated", "failed")},
                             {name: report[name] for name in ("status", "created", "updated", "failed")})

    def test_what_was_refused_or_done_before_is_no_event(self):
        shop = self.instance.shop
        with watch(shop) as stream, shop.client() as client:
            key = {"Idempotency-Key": "the-same-purchase"}
            first = client.post("/api/shop/checkout", checkout_body(), headers=key)
            self.assertEqual(client.post("/api/shop/checkout", checkout_body(), headers=key).json, first.json)
            client.post("/api/shop/checkout", checkout_body(items=[{"product_id": 999999, "quantity": 1}]))
            last = client.post("/api/shop/checkout", checkout_body())
            self.assertEqual([event.json["order_id"] for event in stream.take(2)],
                             [first.json["order_id"], last.json["order_id"]])

    def test_staff_alone_may_watch(self):
        for service in (self.instance.shop, self.instance.crm):
            with service.client() as client:
                self.assertEqual(client.get("/api/events/orders").status, 401)
                self.assertEqual(client.get("/api/events/sync").status, 401)
            for path in (ORDERS, SYNC):
                with service.client(token="made-up") as client:
                    self.assertEqual(client.get(path).status, 401)
                with service.sign_in() as client, Stream(service, path, client.headers) as stream:
                    self.assertEqual(stream.status, 200)

    def assert_soon_over(self, stream):
        """Before it has said three times, each quarter of a minute, that it is alive."""
        heartbeats = 0
        while (fields := stream.read_block()) is not None:
            heartbeats += "data" not in fields
            self.assertLess(heartbeats, 3, "it goes on")

    def assert_ends(self, service, end):
        """Of the streams of a user and of the internal key the user's ends, at its end as an answer that is whole."""
        with service.sign_in() as client, Stream(service, ORDERS, client.headers) as own, \
                Stream(service, SYNC, client.headers) as other, watch(service) as internal:
            self.assertEqual([own.status, other.status], [200, 200])
            end(client)
            self.assert_soon_over(own)
            self.assert_soon_over(other)
            with service.client(internal=True) as buyer:
                made = (buyer.post("/api/shop/checkout", checkout_body()).json["order_id"]
                        if service is self.instance.shop else Orders(service).make())
            self.assertTrue(any(event.json.get("order_id") == made for event in iter(internal.next, None)))

    def test_streams_end_with_the_session(self):
        for service in (self.instance.shop, self.instance.crm):
            self.assert_ends(service, lambda client: client.post("/api/auth/logout"))

    def test_streams_end_with_the_password_and_with_the_role(self):
        crm = self.instance.crm
        change = "UPDATE users SET {} WHERE username = 'admin'"
        self.addCleanup(crm.execute, change.format("role = 'admin'"))
        self.assert_ends(crm, lambda _: crm.execute(change.format("role = 'user'")))
        crm.execute(change.format("role = 'admin'"))
        self.assert_ends(crm, lambda _: self.instance.octo("password", "admin", "--service", "crm", input=f"{PASSWORD}\n"))

    def test_head_tells_the_type_and_ends(self):
        with self.instance.crm.client(internal=True) as client:
            for _ in range(2):
                answer = client.call("HEAD", ORDERS)
                self.assertEqual((answer.status, answer.raw), (200, b""))
                self.assertEqual(answer.headers["content-type"], "text/event-stream")


class AsDescribed(unittest.TestCase):
    def expect(self, described, path, stream, kind):
        event = stream.next()
        self.assertEqual(event.kind, kind)
        self.assertEqual(described.event_faults(path, event.raw), [])
        return event.json

    def test_events_are_what_the_document_says_and_it_says_no_others(self):
        with Instance(OCTO_PUSH_ORDERS="true") as instance, contextlib.ExitStack() as streams:
            shop, crm = instance.shop, instance.crm
            client = {service: streams.enter_context(service.client(internal=True)) for service in (shop, crm)}
            described = {service: Described(client[service].get("/openapi.json").json) for service in (shop, crm)}
            there = {(service, path): streams.enter_context(watch(service, path))
                     for service in (shop, crm) for path in (ORDERS, SYNC)}
            there[(shop, STOCK)] = streams.enter_context(Stream(shop, STOCK, {}))

            def expect(service, path, kind):
                return self.expect(described[service], path, there[service, path], kind)

            bought = client[shop].post("/api/shop/checkout", checkout_body()).json["order_id"]
            expect(shop, ORDERS, "placed")
            expect(shop, SYNC, "pushed")
            expect(shop, STOCK, "stock")
            order = expect(crm, ORDERS, "created")["order_id"]
            client[crm].call("PATCH", f"/api/orders/{order}/status", {"status": "queued"})
            expect(crm, ORDERS, "status")
            with shop.sign_in() as staff:
                staff.call("PUT", f"/api/admin/orders/{bought}", {"status": "shipped"})
            client[crm].post("/api/orders/sync")
            self.assertEqual(expect(crm, ORDERS, "taken_over")["updated"], 1)
            self.assertEqual(expect(crm, SYNC, "progress")["read"], 7)
            expect(crm, SYNC, "run")
            for service in (shop, crm):
                with watch(service, last_id="of-another-process") as stream:
                    self.expect(described[service], ORDERS, stream, "missed")
            self.assertEqual(crm.stop(), 0)
            client[shop].post("/api/shop/checkout", checkout_body())
            expect(shop, SYNC, "push_failed")
            for service in (shop, crm):
                self.assertEqual(described[service].members(of_events=True), described[service].seen, service.name)

    def test_another_event_or_member_is_a_fault(self):
        with Instance() as instance, instance.crm.client(internal=True) as client:
            described = Described(client.get("/openapi.json").json)
            with watch(instance.crm) as stream:
                Orders(instance.crm).make()
                event = stream.next()
        self.assertEqual(described.event_faults(ORDERS, event.raw), [])
        for change in ({"event": "placed"}, {"data": event.raw["data"][:-1] + ',"more":1}'}, {"data": "{}"}):
            self.assertNotEqual(described.event_faults(ORDERS, {**event.raw, **change}), [], change)


class ComingBack(unittest.TestCase):
    def test_who_was_cut_off_misses_nothing(self):
        with Instance() as instance:
            orders = Orders(instance.crm)
            with watch(instance.crm) as stream:
                self.assertEqual(stream.retry_ms, "2000")
                began_at = stream.last_id
                orders.make(3)
                seen = stream.take(3)
            orders.make(4)
            for last_id, first in ((seen[-1].id, 3), (seen[0].id, 1), (began_at, 0)):
                with watch(instance.crm, last_id=last_id) as stream:
                    orders.make()
                    numbers = orders.numbers[first:]
                    self.assertEqual([event.json["order_id"] for event in stream.take(len(numbers))], numbers)

    def test_who_comes_back_after_a_restart_is_told_that_nobody_knows(self):
        with Instance() as instance:
            orders = Orders(instance.crm)
            with watch(instance.crm) as stream:
                orders.make()
                last_id = stream.next().id
            self.assertEqual(instance.crm.stop(), 0)
            instance.crm.start()
            with watch(instance.crm, last_id=last_id) as stream:
                event = stream.next()
                self.assertEqual((event.kind, event.json), ("missed", {"events": None}))
                self.assertEqual(orders.make(), stream.next().json["order_id"])


def resident_kb(service):
    status = pathlib.Path(f"/proc/{service.process.pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))


def gauge(service, name):
    with service.client(internal=True) as client:
        lines = client.get("/metrics").raw.decode().splitlines()
    return int(float(next(line.split()[1] for line in lines if line.startswith(f"{service.name}_http_{name} "))))


def wait_for_streams(service, most):
    """Until it has noticed whose stream was closed."""
    until = time.monotonic() + patience(60)
    while gauge(service, "streams") > most and time.monotonic() < until:
        time.sleep(0.01)


class Many(unittest.TestCase):
    READERS, ASLEEP = int(os.environ.get("OCTO_STREAM_READERS", "50")), 10
    GROWTH_KB = 8 * 1024  # a reader keeps a piece at most, whatever all of them are told

    def test_readers_get_everything_in_order_whoever_sleeps(self):
        count = scaled(200)
        with Instance() as instance, contextlib.ExitStack() as open_streams:
            crm = instance.crm
            orders = Orders(crm)
            asleep = [open_streams.enter_context(watch(crm, window=1024)) for _ in range(self.ASLEEP)]
            awake = [open_streams.enter_context(watch(crm)) for _ in range(self.READERS - self.ASLEEP)]

            orders.make()  # whatever the first one needs
            self.assertEqual([stream.next().json["order_id"] for stream in awake + asleep],
                             orders.numbers * self.READERS)
            before_kb = resident_kb(crm)

            def run(index):
                if index == len(awake):
                    return orders.make(count)
                return [event.json["order_id"] for event in awake[index].take(count)]

            for numbers in in_parallel(len(awake) + 1, run)[:-1]:
                self.assertEqual(numbers, orders.numbers[1:])
            if not IS_SLOW:
                self.assertLess(resident_kb(crm), before_kb + self.GROWTH_KB)
            # Who wakes up has it all as well.
            self.assertEqual([event.json["order_id"] for event in asleep[0].take(count)], orders.numbers[1:])
            self.assertEqual(gauge(crm, "streams"), self.READERS)
            wait_until_quiet(crm)  # no stream is a request in flight
            # A stop waits for no stream, and ends those that listen as one that is done.
            self.assertEqual(crm.stop(), 0)
            for stream in awake:
                self.assertEqual(stream.rest(), [])

    def test_there_are_places_for_half_of_the_connections(self):
        with Instance(OCTO_CONNECTION_MAX="16") as instance, contextlib.ExitStack() as open_streams:
            crm = instance.crm
            streams = [open_streams.enter_context(watch(crm)) for _ in range(8)]
            with watch(crm) as refused:
                self.assertEqual(refused.status, 503)
                self.assertEqual(refused.answer.headers["retry-after"], "5")
                self.assertEqual(refused.answer.headers["content-type"], "application/problem+json")
            with crm.client(internal=True) as client:
                self.assertEqual(client.get("/api/orders").status, 200)
            for stream in streams[:2]:
                stream.close()
            wait_for_streams(crm, 6)
            with watch(crm) as stream:
                self.assertEqual(stream.status, 200)


class OfStock(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop = cls.enterClassContext(Instance(OCTO_CONNECTION_MAX="16")).shop

    def test_anyone_is_told_whose_stock_has_changed_and_nothing_else(self):
        shop = self.shop
        with Stream(shop, STOCK, {}) as stream, shop.sign_in() as client:
            items = [{"product_id": number, "quantity": 1} for number in (4, 3)]
            made = client.post("/api/shop/checkout", checkout_body(items=items)).json["order_id"]
            self.assertEqual([event.json["product_id"] for event in stream.take(2)], [3, 4])
            product = client.get("/api/admin/products/5").json
            body = {name: product[name] for name in ("name", "sku", "price")}
            client.call("PUT", "/api/admin/products/5", {**body, "stock": 7}, headers={"If-Match": "*"})
            event = stream.next()
            self.assertEqual((event.kind, event.json["product_id"], set(event.json)), ("stock", 5, {"at", "product_id"}))
            order = client.get(f"/api/admin/orders/{made}").json
            kept = {name: order[name] for name in ("customer_id", "total", "shipping_address")}
            answer = client.call("PUT", f"/api/admin/orders/{made}", {**kept, "status": "cancelled"}, headers={"If-Match": "*"})
            self.assertEqual(answer.status, 200, answer)
            self.assertIsNone(stream.next().json["product_id"])
            client.post("/api/shop/checkout", checkout_body(items=[{"product_id": 999999, "quantity": 1}]))
            client.post("/api/shop/checkout", checkout_body(items=items[:1]))
            self.assertEqual(stream.next().json["product_id"], 4, "what failed is no event")

    def test_strangers_leave_half_of_the_places_to_staff(self):
        wait_for_streams(self.shop, 0)  # others of this class had some
        with contextlib.ExitStack() as streams:
            for _ in range(4):
                self.assertEqual(streams.enter_context(Stream(self.shop, STOCK, {})).status, 200)
            with self.shop.client() as client:
                refused = client.get("/api/events/stock")
                self.assertEqual((refused.status, refused.headers["retry-after"]), (503, "5"))
            with watch(self.shop) as stream:
                self.assertEqual(stream.status, 200)


if __name__ == "__main__":
    unittest.main()
