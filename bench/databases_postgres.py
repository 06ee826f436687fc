"""Databases to be measured on a PostgreSQL server of the run's own, which keeps what it commits
(fsync and synchronous_commit are on). Offers what databases_sqlite.py does."""

import pathlib
import sys

import machine
import trouble

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))
from support import postgres  # pylint: disable=wrong-import-position

# A temporary directory may be in memory; this one is to outlive a restart.
PARENT = "/var/tmp"
PASSWORD = "bench-password"
POOL_SESSIONS = 15  # the shop's main pool: 5 persistent ones and 10 more

CUSTOMERS = """
INSERT INTO customers (name, email, industry)
SELECT 'Bench Buyer', 'buyer' || i || '@example.com', 'Drone Operations'
  FROM generate_series(0, 999) i
    ON CONFLICT DO NOTHING
"""

ORDERS = """
INSERT INTO orders (customer_id, total, status, payment_method, payment_status, notes,
                    shipping_address, subtotal, discount, shipping_cost, created_at, updated_at)
SELECT c.id, s.goods + s.shipping, 'processing', 'credit_card', 'paid',
       'Source=shop_checkout; Coupon=none', n.i % 900 + 1 || ' Bench Street', s.goods, 0,
       s.shipping, t.at, t.at
  FROM generate_series(1, {count}) n (i)
 CROSS JOIN LATERAL (SELECT now() - interval '1 s' - ({count} - n.i) * interval '1 ms') t (at)
  JOIN customers c ON c.email = 'buyer' || (n.i % 1000) || '@example.com'
  JOIN (SELECT a.id AS first, a.price + b.price AS goods,
               CASE WHEN a.price + b.price >= 5000 THEN 0 ELSE 149 END AS shipping
          FROM products a JOIN products b ON b.id = (a.id + 6) % 50 + 1) s
    ON s.first = n.i % 50 + 1
 ORDER BY n.i
"""

# The two products of an order follow from its place, as the totals above do.
LINES = """
INSERT INTO order_items (order_id, product_id, sku, product_name, quantity, unit_price)
SELECT o.id, p.id, p.sku, p.name, 1, p.price
  FROM orders o
  JOIN products p ON p.id IN ((o.id - {last}) % 50 + 1, ((o.id - {last}) % 50 + 7) % 50 + 1)
 WHERE o.id > {last}
 ORDER BY o.id, p.id
"""

SHIPMENTS = """
INSERT INTO shipments (order_id, tracking_number, carrier, status, origin_region,
                       destination_region, weight_kg, shipping_cost, created_at, updated_at)
SELECT id, 'OCTO-' || lpad(CAST(id AS text), 6, '0'), 'dhl', 'processing', 'eu-central-1', 'global',
       2.8, shipping_cost, created_at, updated_at
  FROM orders
 WHERE id > {last}
 ORDER BY id
"""

MISMATCHES = """
SELECT count(*) FROM orders o
 WHERE subtotal <> (SELECT sum(quantity * unit_price) FROM order_items WHERE order_id = o.id)
    OR total <> subtotal - discount + shipping_cost
"""


class Database(postgres.Database):
    """A database with the schemas of both services, and a data directory beside it."""

    def __init__(self, cluster, data, template=None):
        super().__init__(cluster, template)
        data.mkdir(mode=0o700)
        self.data = data
        # The straight program and the peer find the shop's tables without naming its schema.
        self.address = (f"{cluster.url('octo_shop', self.name)}"
                        "?options=-c%20search_path%3Docto_shop%20-c%20TimeZone%3DUTC")

    def value(self, service, sql):
        return int(self.cluster.run(self.name, sql, f"octo_{service}")[1][0])

    def fill(self, order_count):
        """Raises stock so that no run empties it, and adds that many orders of a thousand buyers."""
        last = self.value("shop", "SELECT coalesce(max(id), 0) FROM orders")
        for sql in ("UPDATE products SET stock = 1000000000", CUSTOMERS, ORDERS, LINES, SHIPMENTS):
            self.execute("shop", sql.format(count=order_count, last=last), ())
        self.cluster.run(self.name, "VACUUM ANALYZE")
        wrong = self.value("shop", MISMATCHES)
        if wrong:
            raise RuntimeError(f"{wrong} orders of {self.name} do not add up")


class Databases:
    """All of one run, on its server."""

    straight_sessions = POOL_SESSIONS

    def __init__(self, work, options):
        self.work = work
        settings = {"fsync": "on"}
        if options.max_connections:
            settings["max_connections"] = options.max_connections
        self.cluster = postgres.Cluster(parent=PARENT, **settings)
        if options.connect_ms:
            trouble.make_dear(self.cluster, postgres.ROLES, PASSWORD, options.connect_ms)
            self.cluster.url = self.url_with_password

    def url_with_password(self, role, database):
        """The superuser still needs none."""
        return f"postgresql://{role}:{PASSWORD}@127.0.0.1:{self.cluster.port}/{database}"

    def facts(self):
        version = self.cluster.run("postgres", "SHOW server_version")[1][0]
        return f"PostgreSQL {version} on {machine.disk_of(self.cluster.directory)}"

    def server_cpu_seconds(self):
        return machine.family_cpu_seconds(self.cluster.process.pid)

    def new(self, name):
        return Database(self.cluster, self.work / name)

    def copy(self, source, name):
        """A copy of a database that nobody has open."""
        return Database(self.cluster, self.work / name, source.name)

    def close(self):
        self.cluster.stop()
