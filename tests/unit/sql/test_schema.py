"""The schema and seed scripts of both services: what they create, what they refuse, what they hold.

The scripts are applied as the program applies them: by version, each in a transaction, foreign keys
on. The texts are those that the generator compiles in.
"""

import pathlib
import re
import sqlite3
import sys
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))

import sql2c  # noqa: E402: found by the line above

CORE = ["users", "user_sessions", "login_failures", "sign_in_addresses", "idempotency_keys", "customers", "products",
        "orders", "order_items", "shipments", "warehouses", "campaigns", "leads", "page_views",
        "audit_logs", "audit_drops", "api_keys", "simulation_locks", "user_identities"]
SHOP = ["services", "tickets", "ticket_messages", "cart_items", "cart_sessions", "reviews",
        "coupons", "security_events", "assistant_sessions", "assistant_messages", "shops",
        "shop_invoices", "order_outbox", "workflow_runs", "query_executions",
        "component_snapshots", "product_search", "partner_orders",
        "payment_events"]
SHADOWS = {f"product_search_{part}" for part in ("config", "content", "data", "docsize", "idx")}  # FTS5's own
CRM = ["order_sync_audit", "sync_state", "sync_failures", "support_tickets", "support_ticket_messages",
       "invoices", "invoice_numbers", "reports", "storefronts", "chaos_state", "files",
       "product_outbox", "file_store"]
OWN_COLUMNS = {  # of tables that both services have
    "orders": {"shop": ["change_number", "correlation_id"],
               "crm": ["source_system", "source_order_id", "source_customer_email", "sync_status", "backlog_status",
                       "sync_error", "source_payload", "correlation_id", "last_synced_at"]},
}

# Category: SKUs, lowest and highest price in cents, lowest and highest stock.
SHOP_CATALOGUE = {
    "Complete Drones": ([f"DRN-{n:03}" for n in range(1, 12)], 189900, 3990000, 4, 60),
    "Industrial Drones": (["HEX-001", "SKY-007", "SKY-008", "SKY-009"], 720000, 2800000, 8, 70),
    "Racing Drones": (["SKY-001", "SKY-002", "SKY-003"], 17900, 62950, 120, 250),
    "Camera Drones": (["SKY-004", "SKY-005", "SKY-006"], 34995, 350000, 60, 180),
    "Pro Drones": (["TAC-001"], 1250000, 1250000, 15, 15),
    "Payloads": (["PLD-001"], 950000, 950000, 22, 22),
    "Cameras & Gimbals": (["CAM-001", "CAM-002", "GMB-001", "GMB-002"], 315000, 5200000, 3, 20),
    "Frames": ([f"FRM-{n:03}" for n in range(1, 5)], 8999, 899900, 8, 200),
    "Motors & ESCs": (["ESC-001", "ESC-002", "MOT-001", "MOT-002"], 6999, 27900, 90, 180),
    "Flight Controllers": (["FLC-001", "FLC-002", "FLC-003"], 32900, 54900, 45, 75),
    "Batteries": ([f"BAT-{n:03}" for n in range(1, 5)], 17999, 79900, 30, 250),
    "Propellers": (["PRP-001", "PRP-002", "PRP-003"], 2999, 15900, 120, 500),
    "FPV Gear": (["FPV-001", "FPV-002", "FPV-003"], 6999, 189900, 22, 100),
    "Accessories": (["ACC-001", "ACC-002", "ACC-003", "ACC-004", "GCS-001", "SKY-010", "SKY-011",
                     "SKY-012"], 1995, 1800000, 10, 500),
}
COUNTS = {
    "shop": {"products": 56, "warehouses": 4, "campaigns": 4, "leads": 6, "customers": 6,
             "orders": 6, "order_items": 13, "shipments": 6, "shop_invoices": 3, "page_views": 10,
             "services": 4, "tickets": 3, "ticket_messages": 5, "reviews": 10, "coupons": 5,
             "shops": 3, "cart_sessions": 7, "product_search": 56, "simulation_locks": 1},
    "crm": {"products": 12, "warehouses": 7, "campaigns": 6, "leads": 10, "customers": 10,
            "orders": 8, "order_items": 15, "shipments": 8, "invoices": 8, "page_views": 10,
            "support_tickets": 8, "storefronts": 2, "simulation_locks": 1, "file_store": 1},
}


def scripts_of(service):
    """The scripts of a service in order of version."""
    found = []
    for directory in ("core", service):
        for kind in ("schema", "seed"):
            for path in (ROOT / "sql" / directory / kind).glob("*.sql"):
                found.append(sql2c.read_script(path, path.name, ["sqlite"]))
    return sorted(found, key=lambda script: script.version)


def apply(db, script):
    db.executescript(f"BEGIN;\n{script.texts['sqlite']}\nCOMMIT;")


def schema_only(service):
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.execute("PRAGMA foreign_keys = ON")
    for script in scripts_of(service):
        if not script.is_seed:
            apply(db, script)
    return db


def seeded(service):
    db = schema_only(service)
    for script in scripts_of(service):
        if script.is_seed:
            apply(db, script)
    return db


def rows(db, text, *values):
    return db.execute(text, values).fetchall()


def value(db, text, *values):
    return db.execute(text, values).fetchone()[0]


def tables(db):
    return [name for (name,) in rows(db, "SELECT name FROM sqlite_schema WHERE type = 'table'")]


def columns(db, table):
    return rows(db, 'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)', table)


class Services(unittest.TestCase):
    """A case that looks at both services, each in a fresh database in memory."""

    build = staticmethod(seeded)

    def setUp(self):
        self.dbs = {}
        for service in ("shop", "crm"):
            self.dbs[service] = self.build(service)
            self.addCleanup(self.dbs[service].close)
        self.shop, self.crm = self.dbs["shop"], self.dbs["crm"]

    def refuses(self, db, text, *values, because):
        with self.assertRaisesRegex(sqlite3.IntegrityError, because, msg=text):
            db.execute(text, values)


class Schema(Services):
    build = staticmethod(schema_only)

    def test_each_service_has_its_tables_and_no_other(self):
        self.assertCountEqual(set(tables(self.shop)) - SHADOWS, CORE + SHOP)
        self.assertCountEqual(tables(self.crm), CORE + CRM)

    def test_core_tables_are_identical_in_both_services(self):
        for table in CORE:
            with self.subTest(table=table):
                own = OWN_COLUMNS.get(table, {})
                common = {}
                for name, db in self.dbs.items():
                    there = columns(db, table)
                    common[name] = there[:len(there) - len(own.get(name, ()))]
                    self.assertEqual([column[0] for column in there[len(common[name]):]],
                                     list(own.get(name, ())))
                self.assertEqual(common["shop"], common["crm"])

    def test_all_tables_are_strict(self):
        for db in self.dbs.values():
            loose = rows(db, "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
                             " AND name NOT LIKE 'sqlite_%' AND NOT strict")
            self.assertEqual(loose, [])

    def test_every_foreign_key_is_led_by_an_index_or_the_key(self):
        for db in self.dbs.values():
            for table in tables(db):
                leading = {value(db, "SELECT name FROM pragma_index_info(?) WHERE seqno = 0", index)
                           for (index,) in rows(db, "SELECT name FROM pragma_index_list(?)", table)}
                leading |= {column[0] for column in columns(db, table) if column[4] == 1}
                for (column,) in rows(db, 'SELECT "from" FROM pragma_foreign_key_list(?)', table):
                    self.assertIn(column, leading, table)

    def test_created_at_defaults_to_now_in_microseconds(self):
        for db in self.dbs.values():
            before = time.time_ns() // 1000
            db.execute("INSERT INTO warehouses (name, region) VALUES ('w', 'r')")
            after = time.time_ns() // 1000
            created = value(db, "SELECT created_at FROM warehouses")
            self.assertTrue(before - 1000 <= created <= after + 1000, (before, created, after))  # it rounds to a millisecond

    def test_money_is_whole_cents(self):
        insert = "INSERT INTO products (name, sku, price) VALUES ('p', 'P-1', ?)"
        for db in self.dbs.values():
            self.refuses(db, insert, 19.95, because="REAL value in INTEGER column")
            self.refuses(db, insert, "many", because="TEXT value in INTEGER column")
            self.refuses(db, insert, -1, because="price BETWEEN")
            self.refuses(db, insert, 1_000_000_000_000, because="price BETWEEN")
            db.execute(insert, (999_999_999_999,))

    def test_stock_flags_and_quantities_stay_in_range(self):
        for db in self.dbs.values():
            product = "INSERT INTO products (name, sku, price, stock, is_active) VALUES ('p', "
            self.refuses(db, product + "'P-1', 1, -1, 1)", because="stock >= 0")
            self.refuses(db, product + "'P-1', 1, 1, 2)", because="is_active IN")
            db.execute(product + "'P-1', 1, 1, 1)")
            self.refuses(db, "UPDATE products SET stock = stock - 2", because="stock >= 0")
            db.execute("INSERT INTO orders (total) VALUES (0)")
            self.refuses(db, "INSERT INTO order_items (order_id, quantity, unit_price)"
                             " VALUES (1, 0, 1)", because="quantity > 0")

    def test_names_are_normalised_and_unique(self):
        for db in self.dbs.values():
            customer = "INSERT INTO customers (name, email) VALUES ('c', ?)"
            db.execute(customer, ("a@example.com",))
            self.refuses(db, customer, "a@example.com", because="UNIQUE.*customers.email")
            self.refuses(db, customer, "A@example.com", because="lower")
            self.refuses(db, customer, " b@example.com", because="trim")
            self.refuses(db, "INSERT INTO products (name, sku, price) VALUES ('p', 'low-1', 1)",
                         because="upper")
            user = "INSERT INTO users (username, email, password_hash) VALUES (?, ?, 'x')"
            db.execute(user, ("admin", "a@example.com"))
            self.refuses(db, user, "ADMIN", "b@example.com", because="UNIQUE.*users.username")

    def test_text_is_limited_in_characters_not_bytes(self):
        for db in self.dbs.values():
            insert = "INSERT INTO customers (name, email) VALUES (?, ?)"
            db.execute(insert, ("\u00e9" * 200, "a@example.com"))
            self.refuses(db, insert, "e" * 201, "b@example.com", because="length")

    def test_foreign_keys_hold(self):
        for db in self.dbs.values():
            self.refuses(db, "INSERT INTO orders (customer_id, total) VALUES (7, 1)",
                         because="FOREIGN KEY")

    def test_audit_trail_is_append_only(self):
        for db in self.dbs.values():
            db.execute("INSERT INTO audit_logs (action) VALUES ('order.created')")
            self.refuses(db, "UPDATE audit_logs SET action = 'x'", because="append-only")
            self.refuses(db, "DELETE FROM audit_logs", because="append-only")
        self.crm.execute("INSERT INTO order_sync_audit (source_system, sync_action, sync_status)"
                         " VALUES ('octo-drone-shop', 'created', 'success')")
        self.refuses(self.crm, "UPDATE order_sync_audit SET message = 'x'", because="append-only")
        self.refuses(self.crm, "DELETE FROM order_sync_audit", because="append-only")

    def test_whole_months_of_the_audit_trail_go_where_that_is_said(self):
        november, december = 1793491200000000, 1796083200000000  # 2026
        for db in self.dbs.values():
            db.execute("INSERT INTO audit_logs (action, created_at) VALUES ('a', ?), ('b', ?)",
                       (december - 1, december))
            for until in (1, november + 86400000000, december - 1):
                self.refuses(db, "INSERT INTO audit_drops (until) VALUES (?)", until, because="CHECK")
            self.refuses(db, "DELETE FROM audit_logs WHERE action = 'a'", because="append-only")
            db.execute("INSERT INTO audit_drops (until) VALUES (?)", (december,))
            self.refuses(db, "DELETE FROM audit_logs", because="append-only")
            db.execute("DELETE FROM audit_logs WHERE created_at < ?", (december,))
            self.refuses(db, "UPDATE audit_logs SET action = 'x'", because="append-only")
            db.execute("DELETE FROM audit_drops")
            self.assertEqual(rows(db, "SELECT action FROM audit_logs"), [("b",)])

    def test_business_events_are_found_by_trace_through_the_index(self):
        for db in self.dbs.values():
            plan = rows(db, "EXPLAIN QUERY PLAN SELECT id FROM audit_logs WHERE trace_id = 'x'"
                            " AND (http_status IS NULL OR http_status >= 500)")
            self.assertIn("USING INDEX audit_logs_trace_id", plan[0][3])

    def test_order_feed_reads_its_index_in_order(self):
        plan = rows(self.shop, "EXPLAIN QUERY PLAN SELECT * FROM orders WHERE change_number > 1"
                               " AND change_number <= 9 ORDER BY change_number LIMIT 200")
        self.assertEqual([step[3] for step in plan], ["SEARCH orders USING INDEX orders_change_number "
                                                      "(change_number>? AND change_number<?)"])

    def test_each_change_of_an_order_takes_the_next_number_whatever_its_time(self):
        insert = "INSERT INTO orders (total, updated_at) VALUES (1, ?)"
        for time in (3000, 2000, 1000):
            self.shop.execute(insert, (time,))
        numbers = "SELECT id FROM orders ORDER BY change_number DESC LIMIT 3"
        first, second, third = [row[0] for row in rows(
            self.shop, "SELECT id FROM orders ORDER BY id DESC LIMIT 3")][::-1]
        self.assertEqual([row[0] for row in rows(self.shop, numbers)], [third, second, first])
        self.shop.execute("UPDATE orders SET status = 'shipped' WHERE id = ?", (second,))
        self.assertEqual([row[0] for row in rows(self.shop, numbers)], [second, third, first])

    def test_coupon_cannot_be_used_beyond_its_limit(self):
        insert = "INSERT INTO coupons (code, max_uses, used_count) VALUES (?, ?, ?)"
        self.shop.execute(insert, ("ONE", 1, 1))
        self.shop.execute(insert, ("MANY", 0, 5000))
        self.refuses(self.shop, "UPDATE coupons SET used_count = used_count + 1",
                     because="used_count <= max_uses")

    def test_cart_holds_a_product_once_in_a_session(self):
        self.shop.execute("INSERT INTO products (name, sku, price) VALUES ('p', 'P-1', 1)")
        insert = "INSERT INTO cart_items (session_id, product_id, quantity) VALUES (?, 1, ?)"
        self.shop.execute(insert, ("a", 1))
        self.shop.execute(insert, ("b", 1))
        self.refuses(self.shop, insert, "a", 2, because="UNIQUE.*session_id.*product_id")
        self.refuses(self.shop, insert, "c", 0, because="quantity > 0")

    def test_closed_vocabularies_of_the_shop_hold(self):
        self.shop.execute("INSERT INTO products (name, sku, price) VALUES ('p', 'P-1', 1)")
        self.refuses(self.shop, "INSERT INTO reviews (product_id, rating) VALUES (1, 6)",
                     because="rating BETWEEN")
        self.refuses(self.shop, "INSERT INTO security_events (attack_type, severity)"
                                " VALUES ('sqli', 'huge')", because="severity IN")
        self.refuses(self.shop, "INSERT INTO security_events (attack_type, details)"
                                " VALUES ('sqli', 'no json')", because="json_valid")

    def test_order_of_a_source_exists_once_and_local_orders_are_free(self):
        insert = "INSERT INTO orders (total, source_system, source_order_id) VALUES (1, ?, ?)"
        self.crm.execute(insert, ("octo-drone-shop", 7))
        self.crm.execute(insert, ("another-shop", 7))
        self.refuses(self.crm, insert, "octo-drone-shop", 7, because="UNIQUE.*source_order_id")
        self.crm.execute("INSERT INTO orders (total) VALUES (1), (2)")
        self.assertEqual(rows(self.crm, "SELECT source_system, source_order_id, sync_status,"
                                        " backlog_status FROM orders WHERE id = 4"),
                         [("enterprise-crm", None, "local", "current")])

    def test_synchronised_order_is_upserted_on_its_source(self):
        upsert = ("INSERT INTO orders (total, source_system, source_order_id) VALUES (?, 's', 1)"
                  " ON CONFLICT (source_system, source_order_id)"
                  " WHERE source_order_id IS NOT NULL DO UPDATE SET total = excluded.total")
        self.crm.execute(upsert, (1,))
        self.crm.execute(upsert, (2,))
        self.assertEqual(rows(self.crm, "SELECT total FROM orders"), [(2,)])

    def test_sync_columns_are_checked(self):
        update = "UPDATE orders SET "
        self.crm.execute("INSERT INTO orders (total) VALUES (1)")
        self.refuses(self.crm, update + "source_payload = '{'", because="json_valid")
        self.refuses(self.crm, update + "sync_status = 'seeded'", because="sync_status IN")
        self.refuses(self.crm, update + "backlog_status = 'old'", because="backlog_status IN")
        self.refuses(self.crm, update + "sync_error = ?", "\u00e9" * 2001, because="sync_error")
        self.crm.execute(update + "source_payload = '{\"id\": 1}'")


class Seed(Services):
    def test_tables_hold_the_agreed_numbers_of_rows(self):
        for service, db in self.dbs.items():
            found = {table: value(db, f'SELECT count(*) FROM "{table}"') for table in set(tables(db)) - SHADOWS}
            self.assertEqual({table: count for table, count in found.items() if count},
                             COUNTS[service])

    def test_shop_catalogue_keeps_categories_prices_and_stock(self):
        found = {}
        for category, sku, price, stock in rows(
                self.shop, "SELECT category, sku, price, stock FROM products ORDER BY sku"):
            found.setdefault(category, []).append((sku, price, stock))
        self.assertEqual(
            {category: ([sku for sku, _, _ in items],
                        min(price for _, price, _ in items), max(price for _, price, _ in items),
                        min(stock for _, _, stock in items), max(stock for _, _, stock in items))
             for category, items in found.items()},
            SHOP_CATALOGUE)

    def test_crm_catalogue_keeps_categories_prices_and_stock(self):
        self.assertEqual(
            rows(self.crm, "SELECT category, count(*) FROM products GROUP BY 1 ORDER BY 1"),
            [("Accessories", 3), ("Camera Drones", 3), ("Industrial Drones", 3),
             ("Racing Drones", 3)])
        self.assertEqual(
            rows(self.crm, "SELECT min(sku), max(sku), min(price), max(price), min(stock),"
                           " max(stock) FROM products"),
            [("OCTO-001", "OCTO-012", 1995, 1100000, 50, 500)])

    def test_no_sku_is_shared(self):
        both = {service: {sku for (sku,) in rows(db, "SELECT sku FROM products")}
                for service, db in self.dbs.items()}
        self.assertEqual(both["shop"] & both["crm"], set())

    def test_products_are_described_and_pictured(self):
        for db in self.dbs.values():
            for sku, text, image in rows(db, "SELECT sku, description, image_url FROM products"):
                self.assertTrue(80 <= len(text) <= 300, sku)
                name = sku.lower().replace("-", "_")
                self.assertEqual(image, f"/static/img/products/{name}.jpg")

    def test_order_totals_follow_the_pricing_rule(self):
        for service, db in self.dbs.items():
            percents = (dict(rows(db, "SELECT code, discount_percent FROM coupons"))
                        if service == "shop" else {})
            for order, coupon, *stored in rows(
                    db, "SELECT id, coupon_code, subtotal, discount, shipping_cost, total"
                        " FROM orders"):
                subtotal = value(db, "SELECT sum(quantity * unit_price) FROM order_items"
                                     " WHERE order_id = ?", order)
                discount = min(subtotal, (subtotal * percents.get(coupon, 0) + 5000) // 10000)
                shipping = 0 if subtotal >= 500000 else 14900
                self.assertEqual(stored, [subtotal, discount, shipping,
                                          subtotal - discount + shipping], order)

    def test_coupon_uses_are_those_of_the_orders(self):
        self.assertEqual(
            rows(self.shop, "SELECT code FROM coupons WHERE used_count <>"
                            " (SELECT count(*) FROM orders WHERE coupon_code = code)"), [])

    def test_lines_carry_sku_name_and_price_of_their_product(self):
        for db in self.dbs.values():
            self.assertEqual(
                value(db, "SELECT count(*) FROM order_items AS i JOIN products AS p"
                          " ON p.id = i.product_id AND p.sku = i.sku AND p.name = i.product_name"
                          " AND p.price = i.unit_price"),
                value(db, "SELECT count(*) FROM order_items"))

    def test_shipments_match_their_orders(self):
        for service, db in self.dbs.items():
            prefix = {"shop": "OCTO", "crm": "CRM"}[service]
            for order, tracking, weight, cost, delivered, status in rows(
                    db, "SELECT order_id, tracking_number, weight_kg, shipping_cost,"
                        " actual_delivery, status FROM shipments"):
                pieces = value(db, "SELECT sum(quantity) FROM order_items"
                                   " WHERE order_id = ?", order)
                self.assertEqual(tracking, f"{prefix}-{order:06}")
                self.assertEqual(weight, 140 * pieces)
                self.assertEqual(
                    cost, value(db, "SELECT shipping_cost FROM orders WHERE id = ?", order))
                self.assertEqual(delivered is not None, status == "delivered")

    def test_invoices_match_their_orders(self):
        for db, table in ((self.shop, "shop_invoices"), (self.crm, "invoices")):
            self.assertEqual(
                rows(db, f"SELECT i.id FROM {table} AS i JOIN orders AS o ON o.id = i.order_id"
                         " WHERE i.amount <> o.total OR i.customer_id <> o.customer_id"
                         " OR (i.status = 'paid') <> (i.paid_at IS NOT NULL)"), [])
        self.assertEqual(
            rows(self.crm, "SELECT id FROM invoices WHERE tax <> (amount * 8 + 50) / 100"), [])

    def test_crm_orders_are_local_with_their_backlog(self):
        self.assertEqual(
            rows(self.crm, "SELECT DISTINCT source_system, source_order_id, sync_status"
                           " FROM orders"), [("enterprise-crm", None, "local")])
        self.assertEqual(
            rows(self.crm, "SELECT id FROM orders WHERE (backlog_status = 'backlog') <>"
                           " (status IN ('pending', 'processing', 'queued'))"), [])
        self.assertEqual(value(self.crm, "SELECT count(*) FROM orders WHERE total >= 5000000"), 1)

    def test_times_rise_with_ids_and_lie_in_the_past(self):
        now = time.time_ns() // 1000
        for db in self.dbs.values():
            for table in tables(db):
                names = [column[0] for column in columns(db, table)]
                for name in ("created_at", "updated_at"):
                    if name not in names or "id" not in names:
                        continue
                    times = [at for (at,) in rows(db, f'SELECT {name} FROM "{table}" ORDER BY id')]
                    self.assertLessEqual(max(times, default=0), now, table)
                    if name == "created_at" or table == "orders":
                        rising = all(a < b for a, b in zip(times, times[1:]))
                        self.assertTrue(rising, f"{table}.{name}")

    def test_one_warehouse_of_the_crm_is_closed(self):
        self.assertEqual(value(self.shop, "SELECT sum(is_active) FROM warehouses"), 4)
        self.assertEqual(rows(self.crm, "SELECT region FROM warehouses WHERE is_active = 0"),
                         [("me-south-1",)])

    def test_addresses_are_of_reserved_ranges(self):
        for db in self.dbs.values():
            mails = rows(db, "SELECT email FROM customers UNION ALL SELECT email FROM leads")
            for (mail,) in mails:
                self.assertRegex(mail, r"[@.]example\.(com|net|org)$")
            for (address,) in rows(db, "SELECT visitor_ip FROM page_views"):
                self.assertTrue(re.fullmatch(r"198\.18\.0\.\d{1,3}", address), address)

    def test_no_passwords_are_seeded(self):
        for db in self.dbs.values():
            self.assertEqual(value(db, "SELECT count(*) FROM users"), 0)

    def test_database_is_whole(self):
        for db in self.dbs.values():
            self.assertEqual(rows(db, "PRAGMA foreign_key_check"), [])
            self.assertEqual(value(db, "PRAGMA integrity_check"), "ok")

    def test_seed_applied_again_changes_nothing(self):
        for service, db in self.dbs.items():
            db.execute("UPDATE products SET price = 1, name = 'mine' WHERE id = 1")
            db.execute("UPDATE orders SET status = 'cancelled' WHERE id = 1")
            before = list(db.iterdump())
            for script in scripts_of(service):
                if script.is_seed:
                    apply(db, script)
            self.assertEqual(list(db.iterdump()), before)


if __name__ == "__main__":
    unittest.main()
