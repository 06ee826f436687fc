"""Databases to be measured on the listener that poses as Oracle's (tests/support/tnsd), over a PostgreSQL server of the run's
own, which keeps what it commits. Offers what databases_sqlite.py does; and, on the same server, databases of PostgreSQL's own,
by which it can be said what Oracle's way costs the service."""

import built  # first: it says where the listener is
import databases_postgres
import machine
from support import oracle, postgres, tnsd

PARENT = databases_postgres.PARENT

# Behind the listener, in the schema that the shop's user has there.
FILLED = """
UPDATE products SET stock = 1000000000;
INSERT INTO customers (name, email, industry)
SELECT 'Bench Buyer', format('buyer%s@example.com', i), 'Drone Operations'
  FROM generate_series(0, 999) i
    ON CONFLICT DO NOTHING;
"""

# The listener's own types are not to be analyzed: they have no order.
SETTLED = """
VACUUM;
ANALYZE customers (id, email);
ANALYZE products (id, name, is_active);
"""


class Database(oracle.Database):
    """A database and a listener for each service, and a data directory."""

    def __init__(self, cluster, data, template=None):
        super().__init__(template, own_cluster=cluster)
        data.mkdir(mode=0o700)
        self.data = data
        self.address = f"oracle://octo_shop:{oracle.PASSWORD}@localhost:{self.listeners['shop'].port}/svc"

    def fill(self, _order_count):
        """Raises stock so that no run empties it, and adds a thousand buyers. No route that is measured reads orders."""
        self.execute("shop", FILLED, ())
        self.cluster.run(f"{self.name}_shop", SETTLED, "app")


class Databases:
    """All of one run, on its server."""

    straight_sessions = databases_postgres.POOL_SESSIONS

    def __init__(self, work, _options):
        self.work = work
        built.build()
        self.cluster = postgres.Cluster(parent=PARENT, fsync="on")
        tnsd.prepare(self.cluster)
        self.made = []

    def facts(self):
        version = self.cluster.run("postgres", "SHOW server_version")[1][0]
        return f"a listener posing as Oracle {oracle.POSE} over PostgreSQL {version} on {machine.disk_of(self.cluster.directory)}"

    def server_cpu_seconds(self):
        listeners = [listener for database in self.made for listener in database.listeners.values()]
        return sum(machine.family_cpu_seconds(each.process.pid) for each in (self.cluster, *listeners))

    def new(self, name, template=None):
        self.made.append(Database(self.cluster, self.work / name, template))
        return self.made[-1]

    def copy(self, source, name):
        """A copy of a database that nobody has open."""
        return self.new(name, source.name)

    def on_postgres(self, name):
        """One of PostgreSQL's own."""
        return databases_postgres.Database(self.cluster, self.work / name)

    def close(self):
        for database in self.made:
            for listener in database.listeners.values():
                listener.stop()
        self.cluster.stop()
