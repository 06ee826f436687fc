"""Mixed requests to both services from many connections, each request under a trace of its own."""

import random
import secrets
import threading
import time

from support.harness import checkout_body, in_parallel, patience

GOOD = (200, 401, 404, 409, 422, 429)


class MixedLoad:
    """`requests` maps each trace id to (time sent, time answered or None), in seconds since 1970."""

    good = GOOD  # what may be answered

    def __init__(self, instance, connections, requests_each):
        self.instance = instance
        self.connections = connections
        self.requests_each = requests_each
        self.requests = {}
        self.is_over = threading.Event()
        self.unsampled = set()  # traces whose caller does not want them recorded
        self.turned_away = set()  # of sign-ins that were refused, it may be before a statement was run

    def run(self):
        try:
            in_parallel(self.connections, self.one_connection)
        finally:
            self.is_over.set()

    def send(self, client, method, path, body=None, flags="01", also=()):
        trace = secrets.token_hex(16)
        if flags == "00":
            self.unsampled.add(trace)
        begun = time.time()
        self.requests[trace] = (begun, None)
        answer = client.call(method, path, body=body, headers={
            "traceparent": f"00-{trace}-{secrets.token_hex(8)}-{flags}"})
        self.requests[trace] = (begun, time.time())
        assert answer.status in (*self.good, *also), (method, path, answer)
        if answer.status in (429, *also):
            self.turned_away.add(trace)
        return answer

    def turns(self):
        return range(self.requests_each)

    def one_connection(self, number):
        chance = random.Random(number)
        timeout = patience(120)
        with self.instance.shop.client(timeout=timeout) as shop, \
                self.instance.crm.client(internal=True, timeout=timeout) as crm, \
                self.instance.shop.client(internal=True, timeout=timeout) as operator:
            for turn in self.turns():
                self.one_request(chance, f"{number}-{turn}", shop, crm, operator)

    def one_request(self, chance, name, shop, crm, operator):
        product = chance.randrange(1, 57)
        what = chance.randrange(16)
        if what < 4:
            self.send(shop, "GET", f"/api/products/{product}")
        elif what < 6:
            self.send(shop, "GET", "/api/products?limit=20")
        elif what < 8:
            self.send(shop, "POST", "/api/cart/add", {"product_id": product})
        elif what < 11:
            self.send(shop, "POST", "/api/shop/checkout", checkout_body(
                f"{name}@example.com", [{"product_id": product, "quantity": 1}]))
        elif what < 12:
            self.send(shop, "POST", "/api/auth/login", {"username": f"nobody-{name}", "password": "wrong"},
                      also=(503,))  # too many at once
        elif what < 13:
            self.send(operator, "GET", "/api/orders?limit=10")
        elif what < 14:
            self.send(crm, "GET", f"/api/customers?search={name}&limit=10")
        elif what < 15:
            self.send(crm, "POST", "/api/customers", {"name": f"Customer {name}",
                                                      "email": f"customer-{name}@example.com"})
        else:
            self.send(crm, "GET", "/api/observability/sessions")
