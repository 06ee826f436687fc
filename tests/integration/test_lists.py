"""What lists hold: which rows each filter finds, alone and with every other, in which order, how they are
counted and where a page of them begins. Said once more in Python, over all rows there are."""

import itertools
import random
import re
import time
import unittest
import urllib.parse

from support.harness import PASSWORD, Instance, moment

DAY = 86400
LIMIT = 500  # the longest page


def subsets(filters):
    """Of {parameter: (value, whether a row is meant)} each choice, as parameters and conditions."""
    for count in range(len(filters) + 1):
        for names in itertools.combinations(filters, count):
            yield {name: filters[name][0] for name in names}, [filters[name][1] for name in names]


def by(rows, *keys, is_descending=False):
    """In the order of these columns, what has none before the rest; of equals the one with the lesser id first."""
    rows = sorted(rows, key=lambda row: row["id"])
    return sorted(rows, key=lambda row: [(row[key] is not None, row[key]) for key in keys], reverse=is_descending)


def has(text, *columns):
    return lambda row: any(text.lower() in (row[column] or "").lower() for column in columns)


class Lists(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance(SEED_USER_PASSWORD=PASSWORD))
        cls.now = int(time.time())

    def ask(self, client, path, **parameters):
        answer = client.get(f"{path}?{urllib.parse.urlencode(parameters)}")
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def compare(self, client, path, name, expected, **parameters):
        """The whole, and a part of it."""
        with self.subTest(path=path, **parameters):
            whole = self.ask(client, path, limit=LIMIT, **parameters)
            self.assertEqual([row["id"] for row in whole[name]], [row["id"] for row in expected])
            self.assertEqual((whole["total"], whole["count"]), (len(expected), len(expected)))
            part = self.ask(client, path, limit=3, offset=2, **parameters)
            self.assertEqual([row["id"] for row in part[name]], [row["id"] for row in expected[2:5]])
            self.assertEqual(part["total"], len(expected))

    def compare_all(self, client, path, name, rows, filters, **parameters):
        for asked, conditions in subsets(filters):
            self.compare(client, path, name, [row for row in rows if all(meant(row) for meant in conditions)],
                         **parameters, **asked)

    def compare_pages(self, client, path, name, expected, **parameters):
        """The whole of a list that is paged through by cursors, and the same in pages of three."""
        with self.subTest(path=path, **parameters):
            whole = self.ask(client, path, limit=LIMIT, **parameters)
            self.assertEqual([row["id"] for row in whole[name]], [row["id"] for row in expected])
            self.assertEqual((whole["count"], whole["next_cursor"]), (len(expected), None))
            rows, cursor = [], {}
            while cursor is not None:
                page = self.ask(client, path, limit=3, **parameters, **cursor)
                rows += page[name]
                self.assertEqual(page["count"], len(page[name]))
                cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
            self.assertEqual(rows, whole[name])

    def compare_listing(self, client, path, name, rows, sorts, filters, **parameters):
        """Each order, in pages; and each choice of filters in the first of them. `sorts` has for each word the key
        that rows come by; equals come by their ids, the greatest first where its word has a "-"."""
        for word, key in sorts.items():
            ordered = sorted(rows, key=lambda row: (key(row), row["id"]), reverse=word.startswith("-"))
            self.compare_pages(client, path, name, ordered, sort=word, **parameters)
        word, key = next(iter(sorts.items()))
        ordered = sorted(rows, key=lambda row: (key(row), row["id"]), reverse=word.startswith("-"))
        for asked, conditions in subsets(filters):
            self.compare_pages(client, path, name, [row for row in ordered if all(meant(row) for meant in conditions)],
                               **parameters, **asked)

    def whole(self, client, path, name, **parameters):
        return self.ask(client, path, limit=LIMIT, **parameters)[name]

    def insert_products(self, service):
        """Each of name, number and description alone holds what is searched for; many are equal in what sorts."""
        kinds = itertools.product((None, "Kites", "Gliders"), ("Swift", "Swallow"), (None, 1, 2), (0, 1))
        columns = ("category", "name", "shop_id", "is_active", "sku", "description", "price", "stock", "created_at")
        service.insert("products", columns, [
            (*kind, f"{'QQ' if at % 5 == 0 else 'LST'}-{at:03}", "Of feathers" if at % 3 == 0 else None, at % 4 + 1,
             at * 7 % 5, moment(self.now - at % 6 * DAY)) for at, kind in enumerate(kinds)])


class Home(Lists):
    def test_the_newest_orders_stand_on_the_page(self):
        for service in (self.instance.shop, self.instance.crm):
            service.insert("orders", ("customer_id", "total", "status"), [(1, 1, "pending")] * 12)
            with service.client(internal=True) as client:
                page = client.get({"crm": "/about"}.get(service.name, "/")).raw.decode()
            newest = [str(row[0]) for row in service.query("SELECT id FROM orders ORDER BY id DESC LIMIT 10")]
            self.assertEqual(re.findall(r'<th scope="row">#(\d+)</th>', page), newest)


class CrmLists(Lists):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.crm = cls.instance.crm
        cls.admin = cls.enterClassContext(cls.crm.sign_in())

    def test_orders(self):
        chance = random.Random(1)
        rows = list(itertools.product(("pending", "shipped"), ("synced", "failed", "local"),
                                      ("enterprise-crm", "octo-drone-shop"), ("backlog", "current"), (1, 2)))
        chance.shuffle(rows)
        columns = ("status", "sync_status", "source_system", "backlog_status", "customer_id", "total", "created_at")
        self.crm.insert("orders", columns, [(*row, 1, moment(self.now - at * 5 % 11 * DAY))
                                            for at, row in enumerate(rows)])
        orders = self.whole(self.admin, "/api/orders", "orders")
        self.assertEqual(len(orders), self.crm.value("SELECT count(*) FROM orders"))
        orders.sort(key=lambda order: -order["id"])

        def is_in_backlog(order):
            return order["backlog_status"] == "backlog"

        filters = {"status": ("shipped", lambda order: order["status"] == "shipped"),
                   "sync_status": ("failed", lambda order: order["sync_status"] == "failed"),
                   "source_system": ("octo-drone-shop", lambda order: order["source_system"] == "octo-drone-shop"),
                   "customer_id": (2, lambda order: order["customer_id"] == 2)}
        self.compare_all(self.admin, "/api/orders", "orders", orders, filters)
        for asked, conditions in subsets(filters):
            if asked:
                self.compare(self.admin, "/api/orders", "orders", [order for order in orders if is_in_backlog(order) and
                                                                   all(meant(order) for meant in conditions)],
                             backlog_only="true", **asked)
        second = self.admin.get("/api/customers/2").json["customer"]
        for text, meant in ((second["name"].upper(), lambda order: order["customer_id"] == 2),
                            (second["email"], lambda order: order["customer_id"] == 2),
                            ("#7", lambda order: 7 in (order["id"], order["source_order_id"])), ("%", lambda order: False)):
            found = list(filter(meant, orders))
            self.compare(self.admin, "/api/orders", "orders", found, search=text)
            self.compare(self.admin, "/api/orders", "orders", [order for order in found if is_in_backlog(order) and
                                                               order["status"] == "shipped" and order["customer_id"] == 2],
                         search=text, status="shipped", backlog_only="true", customer_id=2)
        backlog = sorted(filter(is_in_backlog, orders), key=lambda order: order["created_at"], reverse=True)
        self.compare(self.admin, "/api/orders/backlog", "orders", backlog)
        self.compare(self.admin, "/api/orders", "orders", backlog, backlog_only="true")

    def test_customers(self):
        chance = random.Random(2)
        self.crm.insert("customers", ("name", "email", "company", "revenue", "notes", "created_at", "updated_at"), [
            (chance.choice(("Zoe", "zoe", "Ann O'Hara")), f"{chance.choice('abc')}{at}@lists.example",
             chance.choice((None, "Acme", "Zenith")), chance.randrange(3), chance.choice((None, "zoe")),
             moment(self.now - chance.randrange(3) * DAY), moment(self.now - chance.randrange(3) * DAY))
            for at in range(40)])
        customers = self.whole(self.admin, "/api/customers", "customers")
        self.assertEqual(len(customers), self.crm.value("SELECT count(*) FROM customers"))
        self.compare(self.admin, "/api/customers", "customers", by(customers, "name"))
        for key in ("name", "email", "company", "revenue", "created_at", "updated_at", "id"):
            ups = by(customers, key)
            self.compare(self.admin, "/api/customers", "customers", ups, sort_by=key)
            self.compare(self.admin, "/api/customers", "customers", ups[::-1], sort_by=key, order="desc")
        for text in ("ZOE", "o'h", "b1", "nothing of that"):
            self.compare(self.admin, "/api/customers", "customers",
                         by(filter(has(text, "name", "email"), customers), "email"), search=text, sort_by="email")
        one = customers[3]
        self.assertEqual(self.whole(self.admin, "/api/customers", "customers", email=one["email"]), [one])

    def test_products(self):
        self.insert_products(self.crm)
        products = self.whole(self.admin, "/api/products", "products", include_inactive="true")
        self.assertEqual(len(products), self.crm.value("SELECT count(*) FROM products"))
        products = by(products, "category", "name")
        filters = {"category": ("Kites", lambda row: row["category"] == "Kites"),
                   "shop_id": (2, lambda row: row["shop_id"] == 2)}
        for text in ("swift", "qq-0", "feather"):
            filters["search"] = (text, has(text, "name", "sku", "description"))
            for status, states in (("active", {1}), ("inactive", {0}), ("all", {0, 1})):
                self.compare_all(self.admin, "/api/products", "products",
                                 [row for row in products if row["is_active"] in states], filters, status=status)
        self.compare(self.admin, "/api/products", "products", [row for row in products if row["is_active"] == 1])

    def test_lines_of_the_synchronisation(self):
        rows = list(itertools.product(("success", "failed"), (None, 71, 72), (None, "cafe")))
        columns = ("sync_status", "source_order_id", "correlation_id", "source_system", "sync_action")
        self.crm.insert("order_sync_audit", columns, [(*row, "octo-drone-shop", "insert") for row in rows * 2])
        entries = sorted(self.whole(self.admin, "/api/orders/sync/audit", "entries"), key=lambda row: -row["id"])
        self.assertEqual(len(entries), 2 * len(rows))
        self.compare_all(self.admin, "/api/orders/sync/audit", "entries", entries, {
            "sync_status": ("failed", lambda row: row["sync_status"] == "failed"),
            "source_order_id": (72, lambda row: row["source_order_id"] == 72),
            "correlation_id": ("cafe", lambda row: row["correlation_id"] == "cafe")})


class ShopLists(Lists):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls.instance.shop
        cls.admin = cls.enterClassContext(cls.shop.sign_in())
        cls.service = cls.enterClassContext(cls.shop.client(internal=True))

    def test_products(self):
        self.insert_products(self.shop)
        self.shop.insert("products", ("name", "sku", "category", "price", "is_active"),
                         [("Gone", "LST-G", "Only what is gone", 9999999, 0), ("Plain", "LST-P", "", 1, 1)])
        products = self.whole(self.admin, "/api/products", "products")
        self.assertEqual(len(products), self.shop.value("SELECT count(*) FROM products WHERE is_active = 1"))
        for key in ("name", "price", "stock", "category", "created_at", "id"):
            for order in ("asc", "desc"):
                self.compare(self.admin, "/api/products", "products", by(products, key, is_descending=order == "desc"),
                             sort_by=key, order=order)
        by_name = by(products, "name")
        for text in ("swift", "qq-0", "feather"):
            self.compare_all(self.admin, "/api/products", "products", by_name, {
                "search": (text, has(text, "name", "sku", "description")),
                "category": ("Kites", lambda row: row["category"] == "Kites")})
        categories = sorted({row["category"] for row in products} - {None, ""})
        self.assertEqual(self.ask(self.admin, "/api/categories")["categories"], categories)
        self.assertEqual(self.ask(self.admin, "/api/shop/featured")["products"],
                         by(products, "price", is_descending=True)[:8])
        front = self.ask(self.admin, "/api/shop/storefront")
        self.assertEqual(front["products"], by(products, "category", "name"))
        orders = self.whole(self.service, "/api/orders", "orders")
        self.assertEqual(front["stats"], {
            "product_count": len(products), "inventory_units": sum(row["stock"] for row in products),
            "revenue": round(sum(row["total"] for row in orders), 2), "order_count": len(orders)})

    def test_orders(self):
        """The newest first; and those changed since a moment, in the order of their changes."""
        rows = list(itertools.product(("pending", "completed"), (1, 2, None))) * 4
        self.shop.insert("orders", ("status", "customer_id", "total", "shipping_cost", "discount", "updated_at"),
                         [(*row, 1000, 200, 30, moment(self.now - (at + 1) * 100)) for at, row in enumerate(rows)])
        orders = sorted(self.whole(self.service, "/api/orders", "orders"), key=lambda order: -order["id"])
        self.assertEqual(len(orders), self.shop.value("SELECT count(*) FROM orders"))
        filters = {"status": ("completed", lambda order: order["status"] == "completed"),
                   "customer_id": (2, lambda order: order["customer_id"] == 2)}
        self.compare_all(self.service, "/api/orders", "orders", orders, filters)
        for order in orders[:len(rows)]:  # which say nothing of it
            self.assertEqual(order["subtotal"], order["total"] - order["shipping_cost"] + order["discount"])
        since = orders[7]["updated_at"]
        changed = [order for order in orders[::-1] if order["updated_at"] >= since]
        self.assertGreater(len(changed), 5)
        self.assertLess(len(changed), len(orders))
        for asked, conditions in subsets(filters):
            meant = [order for order in changed if all(condition(order) for condition in conditions)]
            found = self.whole(self.service, "/api/orders", "orders", updated_since=since, **asked)
            self.assertCountEqual([order["id"] for order in found], [order["id"] for order in meant])
            part = self.ask(self.service, "/api/orders", updated_since=since, limit=2, **asked)
            self.assertEqual([order["id"] for order in part["orders"]], [order["id"] for order in found[:2]])
            self.assertEqual(part["total"], len(meant))

    def listed(self, path, name):
        return self.whole(self.admin, path, name)

    def test_services(self):
        self.shop.insert("services", ("name", "sku", "category", "price", "is_active"), [
            (name, f"LST-{at}", category, at % 3, at % 2)
            for at, (name, category) in enumerate(itertools.product(("Zoo", "Art", "Art"), ("Kites", None)))])
        rows = self.listed("/api/admin/services", "services")
        self.assertEqual(len(rows), self.shop.value("SELECT count(*) FROM services"))
        sorts = {"-price": lambda row: row["price"], "price": lambda row: row["price"], "name": lambda row: row["name"]}
        kites = {"category": ("Kites", lambda row: row["category"] == "Kites")}
        self.compare_listing(self.admin, "/api/admin/services", "services", rows, sorts, {
            **kites, "status": ("inactive", lambda row: row["is_active"] == 0)})
        self.compare_listing(self.admin, "/api/services/catalog", "services",
                             [row for row in rows if row["is_active"] == 1], sorts, kites)

    def test_reviews(self):
        self.shop.insert("reviews", ("product_id", "rating"), [(3, 1 + at * 7 % 5) for at in range(20)])
        rows = self.listed("/api/products/3/reviews", "reviews")
        self.assertEqual(len(rows), self.shop.value("SELECT count(*) FROM reviews WHERE product_id = 3"))
        self.compare_listing(self.admin, "/api/products/3/reviews", "reviews", rows, {
            "-created_at": lambda row: row["id"], "-rating": lambda row: row["rating"],
            "rating": lambda row: row["rating"]}, {"rating": (2, lambda row: row["rating"] == 2)})

    def test_coupons_and_dealers(self):
        self.shop.insert("coupons", ("code", "is_active"), [(f"LST{at * 7 % 10}", at % 2) for at in range(10)])
        self.shop.insert("shops", ("name", "address", "is_active"), [(f"D{at % 3}", "x", at % 2) for at in range(10)])
        status = {"status": ("active", lambda row: row["is_active"] == 1)}
        for path, name, key in (("/api/admin/coupons", "coupons", "code"), ("/api/admin/shops", "shops", "name")):
            rows = self.listed(path, name)
            self.compare_listing(self.admin, path, name, rows, {
                key: lambda row: row[key], "-created_at": lambda row: row["id"]}, status)
        self.compare_listing(self.admin, "/api/shop/locations", "shops",
                             [row for row in rows if row["is_active"] == 1], {"name": lambda row: row["name"]}, {})

    def test_parcels(self):
        rows = list(itertools.product(("shipped", "delivered"), ("dhl", "other"), ("eu-west-1", "us-east-1"), (1, 2)))
        self.shop.insert("shipments", ("status", "carrier", "origin_region", "order_id", "destination_region"),
                         [(*row, "sa-east-1" if row[0] == "shipped" else None) for row in rows])
        rows = self.listed("/api/shipping", "shipments")
        newest = {"-created_at": lambda row: row["id"]}
        filters = {"status": ("shipped", lambda row: row["status"] == "shipped"),
                   "carrier": ("other", lambda row: row["carrier"] == "other"),
                   "order_id": (2, lambda row: row["order_id"] == 2)}
        self.compare_listing(self.admin, "/api/shipping", "shipments", rows, newest, filters)
        for region in ("sa-east-1", "us-east-1"):
            self.compare_listing(
                self.admin, "/api/shipping/by-region", "shipments",
                [row for row in rows if region in (row["origin_region"], row["destination_region"])], newest, filters,
                region=region)
        owner = self.shop.value("SELECT c.email FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id = 2")
        self.shop.execute("UPDATE users SET email = ? WHERE username = 'shopper'", owner)
        with self.shop.sign_in("shopper") as shopper:
            customer = next(row["customer_id"] for row in rows if row["order_id"] == 2)
            self.compare_listing(shopper, "/api/shipping", "shipments",
                                 [row for row in rows if row["customer_id"] == customer], newest, filters)

    def test_tickets(self):
        rows = list(itertools.product(("open", "closed"), ("low", "high"), (1, 2, None)))
        self.shop.insert("tickets", ("status", "priority", "customer_id", "title"), [(*row, "t") for row in rows])
        rows = self.listed("/api/services/tickets", "tickets")
        self.assertEqual(len(rows), self.shop.value("SELECT count(*) FROM tickets"))
        both = {"-created_at": lambda row: row["id"], "created_at": lambda row: row["id"]}
        filters = {"status": ("closed", lambda row: row["status"] == "closed"),
                   "priority": ("high", lambda row: row["priority"] == "high")}
        self.compare_listing(self.admin, "/api/services/tickets", "tickets", rows, both, filters)
        self.compare_listing(self.admin, "/api/services/tickets", "tickets",
                             [row for row in rows if row["customer_id"] == 2], both, filters, customer_id=2)
        self.shop.insert("ticket_messages", ("ticket_id", "sender_type", "content"), [(2, "agent", "x")] * 7)
        rows = self.listed("/api/services/tickets/2/messages", "messages")
        self.compare_listing(self.admin, "/api/services/tickets/2/messages", "messages", rows,
                             {"created_at": lambda row: row["id"], "-created_at": lambda row: row["id"]}, {})

    def test_what_administrators_keep(self):
        self.shop.execute("DELETE FROM products WHERE sku LIKE 'LST-%' OR sku LIKE 'QQ-%'")  # of another test
        self.insert_products(self.shop)
        rows = self.listed("/api/admin/products", "products")
        self.assertEqual(len(rows), self.shop.value("SELECT count(*) FROM products"))
        self.compare_listing(self.admin, "/api/admin/products", "products", rows, {
            "name": lambda row: row["name"], "stock": lambda row: row["stock"], "-price": lambda row: row["price"],
            "-created_at": lambda row: row["id"]}, {
            "search": ("feather", has("feather", "name", "sku", "description")),
            "category": ("Kites", lambda row: row["category"] == "Kites"),
            "status": ("inactive", lambda row: row["is_active"] == 0)})
        self.shop.insert("customers", ("name", "email", "company"), [
            (("Zoe", "Ann", "Ann O'Hara")[at % 3], f"{'abc'[at % 2]}{at}@lists.example", (None, "Acme")[at % 2])
            for at in range(12)])
        rows = self.listed("/api/admin/customers", "customers")
        for text in ("ANN", "acme", "b1"):
            self.compare_listing(self.admin, "/api/admin/customers", "customers", rows, {
                "name": lambda row: row["name"], "-created_at": lambda row: row["id"]}, {
                "search": (text, has(text, "name", "email", "company"))})
        self.shop.insert("orders", ("status", "payment_status", "customer_id", "total"), [
            (*row, 1) for row in itertools.product(("pending", "completed"), ("paid", "pending"), (1, None))])
        rows = self.listed("/api/admin/orders", "orders")
        self.assertEqual(len(rows), self.shop.value("SELECT count(*) FROM orders"))
        self.compare_listing(self.admin, "/api/admin/orders", "orders", rows, {
            "-created_at": lambda row: row["id"], "created_at": lambda row: row["id"]}, {
            "status": ("completed", lambda row: row["status"] == "completed"),
            "payment_status": ("paid", lambda row: row["payment_status"] == "paid"),
            "customer_id": (1, lambda row: row["customer_id"] == 1)})

    def test_the_trail(self):
        """Of which there is always more: rows of days to come are the newest."""
        self.shop.insert("audit_logs", ("action", "username", "created_at"), [
            (action, name, moment(self.now + days * DAY))
            for action, name, days in itertools.product(("a.b", "c.d"), ("ann", "bob"), (30, 31, 32))])
        rows = self.whole(self.admin, "/api/admin/audit-logs", "audit_logs", action="a.b")
        rows += self.whole(self.admin, "/api/admin/audit-logs", "audit_logs", action="c.d")
        since = sorted({row["created_at"] for row in rows})[1]
        filters = {"action": ("c.d", lambda row: row["action"] == "c.d"),
                   "username": ("bob", lambda row: row["username"] == "bob")}
        self.compare_listing(self.admin, "/api/admin/audit-logs", "audit_logs",
                             [row for row in rows if row["created_at"] >= since],
                             {"-created_at": lambda row: row["id"]}, filters, since=since)

    def test_attacks(self):
        rows = list(itertools.product(("sqli", "xss"), ("low", "high"), (0, 1, 2)))
        self.shop.insert("security_events", ("attack_type", "severity", "created_at", "endpoint", "source_ip"),
                         [(attack, severity, moment(self.now - days * DAY), "/x", "127.0.0.1")
                          for attack, severity, days in rows * 2])
        events = sorted(self.whole(self.admin, "/api/analytics/security/events", "events"),
                        key=lambda event: -event["id"])
        self.assertEqual(len(events), 2 * len(rows))
        since = sorted({event["created_at"] for event in events})[1]
        self.compare_all(self.admin, "/api/analytics/security/events", "events", events, {
            "attack_type": ("xss", lambda event: event["attack_type"] == "xss"),
            "severity": ("high", lambda event: event["severity"] == "high"),
            "since": (since, lambda event: event["created_at"] >= since)})


del Lists  # which the others only have in common

if __name__ == "__main__":
    unittest.main()
