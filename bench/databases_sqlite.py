"""Databases to be measured as SQLite files: made, filled with rows as the shop itself would have
written them, copied, asked. databases_postgres.py offers the same."""

import contextlib
import shutil
import sqlite3

import machine

ORDERS = """
WITH RECURSIVE clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000 - 1000000
), n (i) AS (
    SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count
), last (id) AS (
    SELECT coalesce(max(id), 0) FROM orders
)
INSERT INTO orders (id, customer_id, total, status, payment_method, payment_status, notes,
                    shipping_address, subtotal, discount, shipping_cost, created_at, updated_at)
SELECT last.id + n.i, c.id, s.goods + s.shipping, 'processing', 'credit_card', 'paid',
       'Source=shop_checkout; Coupon=none', n.i % 900 + 1 || ' Bench Street', s.goods, 0,
       s.shipping, clock.now - (:count - n.i) * 1000, clock.now - (:count - n.i) * 1000
  FROM n, clock, last
  JOIN customers c ON c.email = 'buyer' || (n.i % 1000) || '@example.com'
  JOIN (SELECT a.id AS first, b.id AS second, a.price + b.price AS goods,
               iif(a.price + b.price >= 500000, 0, 14900) AS shipping
          FROM products a JOIN products b ON b.id = (a.id + 6) % 50 + 1) s
    ON s.first = n.i % 50 + 1
"""

# The two products of an order follow from its place, as the totals above do.
LINES = """
INSERT INTO order_items (order_id, product_id, sku, product_name, quantity, unit_price)
SELECT o.id, p.id, p.sku, p.name, 1, p.price
  FROM orders o
  JOIN products p ON p.id IN ((o.id - :last) % 50 + 1, ((o.id - :last) % 50 + 7) % 50 + 1)
 WHERE o.id > :last
 ORDER BY o.id, p.id
"""

SHIPMENTS = """
INSERT INTO shipments (order_id, tracking_number, carrier, status, origin_region,
                       destination_region, weight_kg, shipping_cost, created_at, updated_at)
SELECT id, printf('OCTO-%06d', id), 'dhl', 'processing', 'eu-central-1', 'global', 280,
       shipping_cost, created_at, updated_at
  FROM orders
 WHERE id > :last
"""

CUSTOMERS = """
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
INSERT INTO customers (name, email, industry)
SELECT 'Bench Buyer', 'buyer' || i || '@example.com', 'Drone Operations' FROM n
 WHERE true
    ON CONFLICT DO NOTHING
"""

MISMATCHES = """
SELECT count(*) FROM orders o
 WHERE subtotal <> (SELECT sum(quantity * unit_price) FROM order_items WHERE order_id = o.id)
    OR total <> subtotal - discount + shipping_cost
"""


class Database:
    """A data directory with the files of both services."""

    def __init__(self, data):
        self.data = data
        self.address = data / "shop.db"  # where the straight program and the peer find the shop's

    def environment(self, _services):
        return {}

    def fill(self, order_count):
        """Raises stock so that no run empties it, and adds that many orders of a thousand buyers."""
        with contextlib.closing(sqlite3.connect(self.address)) as database, database:
            database.execute("PRAGMA foreign_keys = ON")
            database.execute("UPDATE products SET stock = 1000000000")
            database.execute(CUSTOMERS)
            last = database.execute("SELECT coalesce(max(id), 0) FROM orders").fetchone()[0]
            database.execute(ORDERS, {"count": order_count})
            database.execute(LINES, {"last": last})
            database.execute(SHIPMENTS, {"last": last})
            wrong = database.execute(MISMATCHES).fetchone()[0]
            if wrong:
                raise RuntimeError(f"{wrong} orders of {self.address} do not add up")

    def value(self, service, sql):
        path = f"file:{self.data / service}.db?mode=ro"
        with contextlib.closing(sqlite3.connect(path, uri=True)) as database:
            return database.execute(sql).fetchone()[0]

    def drop(self):
        shutil.rmtree(self.data)


class Databases:
    """All of one run, under its directory."""

    straight_sessions = 1  # SQLite has one writer, and a reader more is only another core

    def __init__(self, work, _options):
        self.work = work

    def facts(self):
        return f"SQLite {sqlite3.sqlite_version} on {machine.disk_of(self.work)}"

    def server_cpu_seconds(self):
        return 0.0  # there is no server

    def new(self, name):
        data = self.work / name
        data.mkdir(mode=0o700)
        return Database(data)

    def copy(self, source, name):
        """A copy of a database that nobody has open, its log included."""
        copied = self.new(name)
        for path in source.data.glob("*.db"):
            with contextlib.closing(sqlite3.connect(path)) as database:
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            shutil.copy(path, copied.data / path.name)
        return copied

    def close(self):
        pass
