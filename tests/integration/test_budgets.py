"""What strangers may spend: requests, page views and carts by address and for all, connections, and heads that never end.

127.0.0.2 and its neighbours are strangers, each an address of its own; 127.0.0.1 is exempt, as operators are."""

import contextlib
import gzip
import hashlib
import itertools
import re
import resource
import select
import socket
import time
import unittest

from support.harness import INTERNAL_KEY, IS_SLOW, Instance, checkout_body, patience

VIEW = {"page": "/products"}
CART = {"product_id": 1, "quantity": 1}
CONNECTIONS = 64  # of all; a quarter is an address's, one is kept for those who are exempt
HALF_HEAD = b"GET /api/products HTTP/1.1\r\nHost: x\r\nX-Half: "


def metric(service, line):
    with service.client(internal=True) as client:
        page = client.get("/metrics").raw.decode()
    match = re.search(rf"^{re.escape(line)} (\d+)$", page, re.MULTILINE)
    return int(match[1]) if match else None


def is_over(connection):
    """Has the other end closed it, whatever it said before?"""
    while select.select([connection], [], [], 0)[0]:
        try:
            if not connection.recv(65536):
                return True
        except ConnectionResetError:
            return True
    return False


class Budget:
    """So many at once, and as many again within a minute: what is given is bounded by both, however long a busy machine
    takes between two requests. It is full when it is made."""

    def __init__(self, most):
        self.most, self.given, self.refused = most, 0, 0
        self.begun = time.monotonic()

    def bound(self):
        """What it can have given until now at most."""
        return self.most + int(self.most * (time.monotonic() - self.begun) / 60)

    def take(self, answer):
        """One that was given."""
        self.given += 1
        assert answer.status != 429, answer
        return answer

    def refusal(self, ask):
        """Asks until it is empty; the answer that says so."""
        while (answer := ask()).status != 429:
            self.take(answer)
            assert self.given <= self.bound(), (self.given, self.bound(), answer)
        assert self.given >= self.most, (self.given, answer)
        self.refused += 1
        return answer


class Budgets(unittest.TestCase):
    def start(self, **settings):
        return self.enterContext(Instance(**settings))

    def client(self, service, source, **options):
        return self.enterContext(service.client(source=source, **options))

    def assert_refused(self, answer, budget, most):
        self.assertEqual(answer.status, 429, answer)
        self.assertEqual(answer.json["code"], "rate_limited")
        self.assertEqual(answer.headers["content-type"], "application/problem+json")
        self.assertEqual(answer.headers["ratelimit-policy"], f'"{budget}";q={most};w=60')
        self.assertRegex(answer.headers["ratelimit"], rf'^"{budget}";r=0;t=\d+$')
        self.assertGreater(int(answer.headers["retry-after"]), 0)

    def test_writes_of_one_address(self):
        instance = self.start(OCTO_BUDGET_WORK="3/0")
        shop = instance.shop
        stranger, other, operator = (self.client(shop, f"127.0.0.{last}") for last in (2, 3, 1))
        work = Budget(3)
        for left in (2, 1, 0):
            answer = work.take(stranger.post("/api/cart/add", CART))
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(answer.headers["ratelimit-policy"], '"work";q=3;w=60')
            told = re.fullmatch(r'"work";r=(\d);t=\d+', answer.headers["ratelimit"])
            self.assertIn(int(told[1]), range(left, work.bound() - work.given + 1))
        self.assert_refused(work.refusal(lambda: stranger.post("/api/cart/add", CART)), "work", 3)
        for path in ("/api/observability/360", "/api/analytics/geo", "/api/shop/storefront", "/metrics"):
            self.assert_refused(work.refusal(lambda path=path: stranger.get(path)), "work", 3)  # reads that cost as much
        self.assert_refused(work.refusal(lambda: stranger.post("/nothing", {})), "work", 3)
        for path in ("/health", "/ready", "/assets/octo.css"):
            self.assertNotIn("ratelimit", stranger.get(path).headers, path)
        read = stranger.get("/api/products/1")
        self.assertEqual((read.status, read.headers["ratelimit-policy"]), (200, '"reads";q=60000;w=60'))
        self.assertEqual(other.post("/api/cart/add", CART).status, 200)
        for _ in range(10):
            answer = operator.post("/api/cart/add", CART)
            self.assertEqual(answer.status, 200)
            self.assertNotIn("ratelimit", answer.headers)
        self.assertEqual(metric(shop, 'shop_http_refused_by_budget_total{budget="work",by="address"}'), work.refused)

    def test_page_views_of_one_address_and_of_all(self):
        instance = self.start(OCTO_BUDGET_VIEWS="3/7")
        for service in (instance.shop, instance.crm):
            of_all, owns = Budget(7), [Budget(3), Budget(3)]
            for last, own in enumerate(owns, 2):
                client = self.client(service, f"127.0.0.{last}")
                self.assert_refused(own.refusal(lambda client=client: client.post("/api/analytics/track", VIEW)), "views", 3)
            of_all.given = sum(own.given for own in owns)
            others = (self.client(service, f"127.0.0.{last}") for last in itertools.count(4))  # each has its own
            self.assert_refused(of_all.refusal(lambda others=others: next(others).post("/api/analytics/track", VIEW)), "views-of-all", 7)
            self.assertEqual(service.value("SELECT count(*) FROM page_views WHERE visitor_ip LIKE '127.0.0.%'"), of_all.given)
            with service.client() as operator:
                self.assertEqual(operator.post("/api/analytics/track", VIEW).status, 200)

    def test_behind_a_proxy_its_clients_are_counted(self):
        instance = self.start(OCTO_BUDGET_WORK="2/0", OCTO_TRUSTED_PROXIES="127.0.0.2")
        proxy, stranger = (self.client(instance.shop, f"127.0.0.{last}") for last in (2, 3))

        def share(client, *addresses):
            """The last of them is refused, after one each for the others: they are one client."""
            def ask(address):
                return client.post("/api/cart/add", CART, headers={"X-Forwarded-For": address})

            work = Budget(2)
            self.assertEqual([work.take(ask(address)).status for address in addresses[:-1]], [200, 200])
            self.assert_refused(work.refusal(lambda: ask(addresses[-1])), "work", 2)

        share(proxy, "192.0.2.1", "10.9.9.9, 192.0.2.1", "10.8.8.8, 192.0.2.1")
        share(proxy, "192.0.2.2", "192.0.2.2", "127.0.0.1, 192.0.2.2")
        share(proxy, "2001:db8::1", "2001:db8::2", "2001:db8::3")
        share(stranger, "192.0.2.7", "192.0.2.8", "127.0.0.1")

    def test_new_carts(self):
        shop = self.start(OCTO_BUDGET_CARTS="2/3").shop
        own, of_all = Budget(2), Budget(3)
        first = own.take(self.client(shop, "127.0.0.2").post("/api/cart/add", CART))
        cookie = {"Cookie": first.headers["set-cookie"].split(";")[0]}
        stranger, other = (self.client(shop, f"127.0.0.{last}") for last in (2, 3))
        self.assertEqual(own.take(stranger.post("/api/cart/add", CART)).status, 200)
        for _ in range(2):
            self.assert_refused(own.refusal(lambda: stranger.post("/api/cart/add", CART)), "carts", 2)
        self.assertEqual(stranger.post("/api/cart/add", CART, headers=cookie).status, 200)  # one that is there
        of_all.given = own.given
        self.assertEqual(of_all.take(other.post("/api/cart/add", CART)).status, 200)
        others = (self.client(shop, f"127.0.0.{last}") for last in itertools.count(4))  # each has its own
        self.assert_refused(of_all.refusal(lambda: next(others).post("/api/cart/add", CART)), "carts-of-all", 3)

    def test_security_events(self):
        shop = self.start(OCTO_BUDGET_EVENTS="2/3").shop
        own, of_all = Budget(2), Budget(3)
        for last in (2, 3, 4):
            with shop.client(source=f"127.0.0.{last}") as client:
                client.get("/api/products?search=%27%20or%201%3D1")
                client.get("/api/products?search=%3Cscript%3E")
                client.post("/api/cart/add", {"product_id": 4711})
        shop.stop()  # which stores what waits
        rows = dict(map(tuple, shop.query("SELECT source_ip, count(*) FROM security_events GROUP BY source_ip")))
        self.assertIn(rows["127.0.0.2"], range(own.most, own.bound() + 1), rows)
        self.assertIn(sum(rows.values()), range(of_all.most, of_all.bound() + 1), rows)
        self.assertEqual(shop.log().count('event="attack detected"'), sum(rows.values()))
        unrecorded = re.findall(r'event="attacks not recorded"(?: repeated=(\d+))?', shop.log())
        self.assertEqual(sum(int(times or 1) for times in unrecorded), 9 - sum(rows.values()))

    def test_the_internal_key_has_its_own(self):
        instance = self.start(OCTO_BUDGET_WORK="1/0", OCTO_BUDGET_READS="1/0", OCTO_BUDGET_SERVICE="5/0")
        key = {"X-Internal-Service-Key": INTERNAL_KEY}
        client = self.client(instance.shop, "127.0.0.2")
        service, reads = Budget(5), Budget(1)
        self.assertEqual([service.take(client.get("/api/orders", headers=key)).status for _ in range(5)], [200] * 5)
        self.assert_refused(service.refusal(lambda: client.get("/api/orders", headers=key)), "service", 5)
        wrong = {"X-Internal-Service-Key": "x" * 64}
        self.assertEqual(reads.take(client.get("/api/orders", headers=wrong)).status, 401)
        self.assert_refused(reads.refusal(lambda: client.get("/api/orders", headers=wrong)), "reads", 1)

    def test_each_api_key_has_its_own(self):
        """From one address, too; one that is no key draws from no such budget."""
        shop = self.start(OCTO_BUDGET_PARTNERS="2/0").shop
        keys = ["1" * 64, "2" * 64]
        shop.insert("api_keys", ("key_id", "digest", "username", "created_by"),
                    [(key[:16], hashlib.sha256(key.encode()).hexdigest(), "dealers", "a") for key in keys])
        client = self.client(shop, "127.0.0.2")

        def ask(key):
            return client.get("/api/keys/validate", headers={"X-API-Key": key})

        budgets = {key: Budget(2) for key in keys}
        for key in (*keys, *keys):
            self.assertEqual(budgets[key].take(ask(key)).status, 200)
        for key in keys:
            self.assert_refused(budgets[key].refusal(lambda key=key: ask(key)), "partners", 2)
        self.assertEqual([ask("3" * 64).status for _ in range(3)], [401] * 3)

    def test_without_limits_nobody_is_refused(self):
        off = {f"OCTO_BUDGET_{name}": "0/0" for name in ("READS", "WORK", "VIEWS", "CARTS", "EVENTS", "SERVICE", "PARTNERS")}
        client = self.client(self.start(**off).shop, "127.0.0.2")
        for _ in range(50):
            answer = client.post("/api/cart/add", CART)
            self.assertEqual(answer.status, 200)
            self.assertNotIn("ratelimit", answer.headers)

    def test_nobody_is_exempt_where_nobody_is_named(self):
        client = self.client(self.start(OCTO_BUDGET_WORK="1/0", OCTO_BUDGET_EXEMPT="127.0.0.9").shop, "127.0.0.1")
        work = Budget(1)
        self.assertEqual(work.take(client.post("/api/cart/add", CART)).status, 200)
        self.assert_refused(work.refusal(lambda: client.post("/api/cart/add", CART)), "work", 1)

    def test_a_caller_who_is_nobody_is_refused_before_his_body(self):
        shop = self.start().shop
        heads = {"X-Internal-Service-Key: " + "x" * 64: 401, "Authorization: Bearer abc": 401, "X-None: 1": 401,
                 f"X-Internal-Service-Key: {INTERNAL_KEY}": 100}
        for field, status in heads.items():
            with socket.create_connection(("127.0.0.1", shop.port), timeout=patience(10)) as connection:
                connection.sendall(f"POST /api/integrations/crm/sync-order HTTP/1.1\r\nHost: x\r\n{field}\r\n"
                                   "Content-Type: application/json\r\nContent-Length: 60000\r\n"
                                   "Expect: 100-continue\r\n\r\n".encode())
                self.assertEqual(connection.recv(65536).split()[1], b"%d" % status, field)


class Connections(unittest.TestCase):
    def setUp(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
        self.opened = self.enterContext(contextlib.ExitStack())

    def start(self, **settings):
        return self.enterContext(Instance(OCTO_CONNECTION_MAX=str(CONNECTIONS), **settings)).shop

    def connect(self, shop, source, says=b""):
        connection = self.opened.enter_context(
            socket.create_connection(("127.0.0.1", shop.port), timeout=patience(10), source_address=(source, 0)))
        if says:
            connection.sendall(says)
        return connection

    def answer(self, connection):
        """The whole of it, up to the end; "" where the end was a reset."""
        came = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := connection.recv(65536):
                came += piece
        return came.decode()

    def assert_let_in(self, shop, source):
        with shop.client(source=source) as client:
            self.assertEqual(client.get("/health").status, 200)

    def test_one_address_gets_a_share(self):
        shop = self.start()
        held = [self.connect(shop, "127.0.0.2", HALF_HEAD) for _ in range(CONNECTIONS // 4)]
        for _ in range(10):
            answer = self.answer(self.connect(shop, "127.0.0.2"))
            self.assertRegex(answer, r"^HTTP/1\.1 429 [\s\S]*\r\nRetry-After: 1\r\n[\s\S]*rate_limited")
        self.assert_let_in(shop, "127.0.0.3")
        self.assert_let_in(shop, "127.0.0.1")
        self.assertFalse([one for one in held if is_over(one)])
        self.assertEqual(metric(shop, 'shop_http_connections_refused_total{by="address"}'), 10)
        held.pop().close()
        deadline = time.monotonic() + patience(10)
        while time.monotonic() < deadline:  # the loop has yet to notice
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                again = self.connect(shop, "127.0.0.2", b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                if self.answer(again).startswith("HTTP/1.1 200 "):
                    return
        self.fail("the place that was given back is no place")

    def test_many_addresses_leave_a_place_to_operators(self):
        shop = self.start()
        for last in range(2, 7):
            for _ in range(CONNECTIONS // 4):
                self.connect(shop, f"127.0.0.{last}", HALF_HEAD)
        answer = self.answer(self.connect(shop, "127.0.0.8"))
        self.assertRegex(answer, r"^HTTP/1\.1 503 [\s\S]*\r\nRetry-After: 1\r\n[\s\S]*unavailable")
        self.assert_let_in(shop, "127.0.0.1")

    def test_a_proxy_of_ours_has_no_share(self):
        shop = self.start(OCTO_TRUSTED_PROXIES="127.0.0.2")
        held = [self.connect(shop, "127.0.0.2", HALF_HEAD) for _ in range(CONNECTIONS // 2)]
        self.assert_let_in(shop, "127.0.0.2")
        self.assertFalse([one for one in held if is_over(one)])

    def test_the_share_is_a_setting(self):
        shop = self.start(OCTO_CONNECTIONS_PER_ADDRESS="2")
        for _ in range(2):
            self.connect(shop, "127.0.0.2", HALF_HEAD)
        self.assertIn(" 429 ", self.answer(self.connect(shop, "127.0.0.2")))

    def test_a_head_ends_in_time_however_it_drips(self):
        shop = self.start(OCTO_HEAD_TIMEOUT_SECONDS="1", OCTO_IDLE_TIMEOUT_SECONDS="3600")
        quiet = self.connect(shop, "127.0.0.2")
        dripping = self.connect(shop, "127.0.0.2", b"GET / HTTP/1.1\r\nHost: x\r\n")
        deadline = time.monotonic() + patience(10)
        while not select.select([dripping], [], [], 0.05)[0]:
            self.assertLess(time.monotonic(), deadline, "the head goes on and on")
            dripping.sendall(b"X-a: b\r\n")
        self.assertTrue(dripping.recv(65536).startswith(b"HTTP/1.1 408 "))
        self.assertFalse(is_over(quiet))  # it has not begun


class Bodies(unittest.TestCase):
    """Requests whose body does not end. What a body may hold is kept until it does."""

    SIZE = 60_000
    MANY = 1024

    def setUp(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
        self.opened = self.enterContext(contextlib.ExitStack())

    def start(self, **settings):
        return self.enterContext(Instance(**settings))

    def begin(self, service, source, body, length, path="/api/analytics/track", field="X-None: 1"):
        """A request of which that much of the body comes, and the rest is withheld."""
        connection = self.opened.enter_context(
            socket.create_connection(("127.0.0.1", service.port), timeout=patience(10), source_address=(source, 0)))
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\n{field}\r\nContent-Type: application/json\r\n"
                           f"Content-Length: {length}\r\n\r\n".encode() + body)
        return connection

    def await_metric(self, service, line, reached):
        deadline = time.monotonic() + patience(30)
        while not reached(metric(service, line)):
            self.assertLess(time.monotonic(), deadline, (line, metric(service, line)))
            time.sleep(0.01)

    def resident_mb(self, service):
        with open(f"/proc/{service.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize() / 1e6

    def test_all_together_have_so_much_memory(self):
        shop = self.start(OCTO_BODIES_MAX_MB="1").shop
        view = b'{"page":"/"' + b" " * self.SIZE + b"}"
        for _ in range(30):
            self.begin(shop, "127.0.0.1", view[:-1], len(view))
        self.await_metric(shop, "shop_http_bodies_refused_total", lambda count: count and count >= 30 - 17)
        with shop.client() as client:
            full = client.call("POST", "/api/analytics/track", view, {"Content-Type": "application/json"})
            self.assertEqual((full.status, full.json["code"]), (503, "unavailable"), full)
            self.assertEqual(full.headers["retry-after"], "1")
            self.assertEqual(client.post("/api/analytics/track", VIEW).status, 200)  # small ones need no place
            packed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
            bomb = client.call("POST", "/api/analytics/track", gzip.compress(view), packed)
            self.assertEqual((bomb.status, bomb.json["code"]), (503, "unavailable"), bomb)
            self.opened.close()
            self.await_metric(shop, "shop_http_body_memory", lambda count: count == 0)
            for body, headers in ((view, {"Content-Type": "application/json"}), (gzip.compress(view), packed)):
                answer = client.call("POST", "/api/analytics/track", body, headers)
                self.assertEqual(answer.status, 200, answer)
            self.await_metric(shop, "shop_http_body_memory", lambda count: count == 0)

    def test_one_address_may_keep_few_waiting(self):
        shop = self.start(OCTO_CONNECTION_MAX="64").shop
        begun = [self.begin(shop, "127.0.0.2", b"{", 100) for _ in range(8)]
        answers = {}
        deadline = time.monotonic() + patience(10)
        while len(answers) < 3:
            self.assertLess(time.monotonic(), deadline, answers)
            for one in select.select(begun, [], [], 0.05)[0]:
                if one not in answers:
                    answers[one] = one.recv(65536)
        for answer in answers.values():
            self.assertRegex(answer, rb"^HTTP/1\.1 429 [\s\S]*rate_limited")
        self.assertEqual(len(answers), 3)
        rest = b'"page":"/"' + b" " * 88 + b"}"
        for one in begun:  # those that wait are served when they come to an end, and make room
            if one not in answers:
                one.sendall(rest)
                self.assertTrue(one.recv(65536).startswith(b"HTTP/1.1 200 "))
        again = self.begin(shop, "127.0.0.2", b"{", 100)
        self.assertFalse(select.select([again], [], [], 0.2)[0])
        again.sendall(rest)
        self.assertTrue(again.recv(65536).startswith(b"HTTP/1.1 200 "))

    @unittest.skipIf(IS_SLOW, "sanitizers take far more memory than the program asks for")
    def test_many_unfinished_requests_take_little_and_stop_nobody(self):
        """Heads and bodies, each of many addresses, of routes with short bodies and of one with long ones."""
        instance = self.start(OCTO_CONNECTION_MAX=str(self.MANY + 64))
        cases = {
            "heads": lambda service, source: self.begin_head(service, source),
            "bodies": lambda service, source: self.begin(service, source, b"x" * self.SIZE, self.SIZE + 1),
            "long": lambda service, source: self.begin(service, source, b"x" * 1_000_000, 1_000_001, "/api/orders",
                                                       f"X-Internal-Service-Key: {INTERNAL_KEY}"),
        }
        for name, begin in cases.items():
            service = instance.crm if name == "long" else instance.shop
            for index in range(self.MANY):
                with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                    begin(service, f"127.0.1.{1 + index // 8}")
            with service.client() as client:
                self.assertEqual(client.get("/health").status, 200)
                self.assertEqual(client.post("/api/analytics/track", VIEW).status, 200)
            with instance.shop.client(source="127.0.0.2") as buyer:
                for _ in range(10):
                    bought = buyer.post("/api/shop/checkout", checkout_body())
                    self.assertEqual(bought.status, 200, bought)
            self.assertLess(self.resident_mb(service), 150, name)
            self.opened.close()

    def begin_head(self, service, source):
        connection = self.opened.enter_context(
            socket.create_connection(("127.0.0.1", service.port), timeout=patience(10), source_address=(source, 0)))
        connection.sendall(HALF_HEAD + b"x" * 20_000)


if __name__ == "__main__":
    unittest.main()
