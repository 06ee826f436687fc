"""Whatever comes in: a problem document with the right status, never a 500, never a crash."""

import itertools
import json
import socket
import unittest

from support.harness import Instance

INJECTION = "1' OR '1'='1'; DROP TABLE orders; --"
BODIES = (
    b"", b"{", b"[]", b"null", b"42", b'"text"', b'{"a":', b'{"a":1,"a":2}', b"\xff\xfe{}",
    b'{"customer_email":"\xc3\x28"}', b'{"x":"\\u0000"}', b'{"x":"\\ud800"}', b"[" * 5000,
    b'{"a":' * 5000, b'{"quantity":1e400,"product_id":1}',
)
VALUES = (None, True, "", "x", -1, 0, 1.5, -9223372036854775808, 9223372036854775807,
          99999999999999999999, 1e308, [], {}, INJECTION, "\U0001F681" * 300, "a" * 70000)
NUMBERS = ("-1", "0", "9223372036854775807", "9223372036854775808", "1e9", "NaN", "", "%20", "1;2",
           "0x10", "%00", "%ff", INJECTION.replace(" ", "%20"))
PATHS = ("/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//api/products", "/api//products",
         "/api/products/..", "/api/products/%2e%2e", "/api/products/1%00", "/%ff%fe", "/%",
         "/%zz", "/api/products/1/", "/" + "a" * 9000, "/api/products?" + "x=1&" * 4000)
POSTS = {
    "shop": {
        "/api/shop/checkout": ("customer_name", "customer_email", "items", "coupon_code",
                               "session_id", "payment_method", "shipping_address"),
        "/api/cart/add": ("product_id", "quantity", "session_id"),
        "/api/analytics/track": ("page", "load_time_ms", "session_id"),
        "/api/browser-spans": ("sent_us", "spans"),
        "/api/auth/login": ("username", "password"),
        "/api/orders": ("items", "customer_email"),
        "/api/integrations/crm/sync-order": ("order_id", "total", "customer_email"),
    },
    "crm": {
        "/api/customers": ("name", "email", "revenue"),
        "/api/orders": ("customer_id", "items", "total", "source_order_id", "quantity"),
        "/api/auth/login": ("username", "password"),
        "/api/analytics/track": ("page", "load_time_ms"),
    },
}
QUERIES = {
    "shop": {"/api/products": ("limit", "offset", "search", "category", "sort_by", "order"),
             "/api/orders": ("limit", "offset", "updated_since", "cursor", "customer_id", "status"),
             "/api/cart": ("session_id",), "/api/analytics/geo": ("region",),
             "/api/analytics/security/events": ("since", "severity", "attack_type")},
    "crm": {"/api/customers": ("limit", "offset", "search", "email", "sort_by", "order"),
            "/api/orders": ("limit", "customer_id", "sync_status", "backlog_only", "source_system"),
            "/api/orders/sync/audit": ("sync_status", "source_order_id", "correlation_id"),
            "/api/orders/sync/failures": ("source_order_id", "limit", "cursor"),
            "/api/products": ("search", "status", "include_inactive")},
}
IDS = {"shop": ("/api/products/{}", "/api/orders/{}", "/api/cart/{}"),
       "crm": ("/api/customers/{}", "/api/orders/{}", "/api/products/{}")}


class Garbage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())
        cls.services = {"shop": cls.instance.shop, "crm": cls.instance.crm}

    def tearDown(self):
        for service in self.services.values():
            self.assertIsNone(service.process.poll(), service.log()[-3000:])

    def assert_well_behaved(self, answer, what):
        self.assertLess(answer.status, 500, (what, answer))
        if answer.status >= 400:
            self.assertEqual(answer.headers.get("content-type", "").split(";")[0],
                             "application/problem+json", (what, answer))
            problem = answer.json
            self.assertEqual(problem["status"], answer.status, what)
            for member in ("type", "title", "error", "detail", "trace_id"):
                self.assertIn(member, problem, what)

    def clients(self):
        for name, service in self.services.items():
            with service.client(internal=True) as client:
                yield name, client

    def test_bodies_that_are_not_what_they_should_be(self):
        for name, client in self.clients():
            for path, body in itertools.product(POSTS[name], BODIES):
                answer = client.call("POST", path, body, {"Content-Type": "application/json"})
                self.assert_well_behaved(answer, (path, body[:40]))
                if path != "/api/analytics/track":
                    self.assertIn(answer.status, (400, 401, 403, 413, 422, 429), (path, body[:40], answer))
            answer = client.call("POST", "/api/analytics/track", b"page=1",
                                 {"Content-Type": "application/x-www-form-urlencoded"})
            self.assertEqual(answer.status, 415)

    def test_members_of_the_wrong_type_or_size(self):
        for name, client in self.clients():
            for path, members in POSTS[name].items():
                for member, value in itertools.product(members, VALUES):
                    answer = client.post(path, {member: value})
                    self.assert_well_behaved(answer, (path, member, str(value)[:40]))

    def test_query_parameters(self):
        for name, client in self.clients():
            for path, parameters in QUERIES[name].items():
                for parameter, value in itertools.product(parameters, NUMBERS):
                    answer = client.get(f"{path}?{parameter}={value}")
                    self.assert_well_behaved(answer, (path, parameter, value))

    def test_ids_in_paths(self):
        for name, client in self.clients():
            for path, value in itertools.product(IDS[name], NUMBERS):
                if value == "":
                    continue
                for method in ("GET", "DELETE", "PUT"):
                    answer = client.call(method, path.format(value))
                    self.assert_well_behaved(answer, (method, path, value))
                    self.assertGreaterEqual(answer.status, 400, (method, path, value))

    def test_paths(self):
        for name, client in self.clients():
            for path in PATHS:
                with self.services[name].client() as fresh:
                    answer = fresh.get(path)
                self.assert_well_behaved(answer, path[:60])
                self.assertIn(answer.status, (400, 404, 414, 431, 200 if "?" in path else 404),
                              (path[:60], answer))
            for method in ("PUT", "DELETE", "PATCH"):
                answer = client.call(method, "/api/products")
                self.assertEqual(answer.status, 405)
                self.assertIn("GET", answer.headers["allow"])

    def test_headers(self):
        for _, client in self.clients():
            for headers in ({"Cookie": "octo_cart=" + "x" * 5000}, {"Cookie": "=;;=\x01; a"},
                            {"traceparent": "00-" + "0" * 32 + "-" + "0" * 16 + "-01"},
                            {"traceparent": "zz"}, {"Authorization": "Bearer " + "y" * 3000},
                            {"Idempotency-Key": "bad key!"}, {"X-Request-Id": "a" * 500},
                            {"X-Correlation-Id": "<script>"}, {"Accept-Encoding": "gzip;q=x,;;"},
                            {"If-None-Match": "\"\",W/,*x"}):
                answer = client.call("GET", "/api/analytics/geo", headers=headers)
                self.assert_well_behaved(answer, headers)
                self.assertRegex(answer.headers["x-trace-id"], "^[0-9a-f]{32}$")
                self.assertNotIn("script", answer.headers["x-correlation-id"])

    def test_ten_megabytes_are_refused(self):
        for name, service in self.services.items():
            with service.client() as client:
                try:
                    answer = client.call("POST", "/api/analytics/track",
                                         b'{"page":"' + b"x" * 10_000_000 + b'"}',
                                         {"Content-Type": "application/json"})
                    self.assertEqual(answer.status, 413, name)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # refused before all was sent
            with service.client() as client:
                self.assertEqual(client.get("/health").status, 200)

    def test_slow_clients_do_not_stop_others(self):
        service = self.services["shop"]
        sockets = []
        for _ in range(50):
            slow = socket.create_connection(("127.0.0.1", service.port))
            slow.sendall(b"POST /api/cart/add HTTP/1.1\r\nHost: x\r\nContent-Type: application/json"
                         b"\r\nContent-Length: 100\r\n\r\n{\"prod")
            sockets.append(slow)
        with service.client() as client:
            for _ in range(20):
                self.assertEqual(client.get("/api/products/1").status, 200)
        for slow in sockets:  # still under way: nobody waited until they were sent away
            slow.setblocking(False)
            self.assertRaises(BlockingIOError, slow.recv, 1)
            slow.close()

    def test_raw_nonsense_on_the_wire(self):
        for service in self.services.values():
            for data in (b"\0" * 1000, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02",
                         b"GET /health HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                         b"POST /api/cart/add HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                         b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 5000 + b"\r\n"):
                with socket.create_connection(("127.0.0.1", service.port)) as raw:
                    raw.settimeout(1)  # nonsense is owed no answer
                    try:
                        raw.sendall(data)
                        raw.shutdown(socket.SHUT_WR)
                        raw.recv(65536)
                    except OSError:
                        pass
            with service.client() as client:
                self.assertEqual(client.get("/health").status, 200)

    def test_injections_are_data(self):
        with self.services["shop"].client() as client:
            before = client.get("/api/products").json["total"]
            found = client.get("/api/products?search=" + INJECTION.replace(" ", "%20"))
            self.assertEqual((found.status, found.json["total"]), (200, 0))
            self.assertEqual(client.get("/api/products?search=%25").json["total"], 0)
            self.assertEqual(client.get("/api/products").json["total"], before)

    def test_problem_documents_name_the_member(self):
        with self.services["shop"].client() as client:
            answer = client.post("/api/cart/add", {"product_id": "seven"})
            self.assertEqual(answer.status, 422)
            self.assertEqual(answer.json["errors"][0]["pointer"], "/product_id")
            broken = client.call("POST", "/api/cart/add", b'{"product_id": 1,\n  oops}',
                                 {"Content-Type": "application/json"})
            self.assertEqual(broken.status, 400)
            self.assertIn("line 2", json.dumps(broken.json))


if __name__ == "__main__":
    unittest.main()
