"""What PostgreSQL makes of our SQL: statements, scripts, roles. Needs the server's programs, not
OCTO_TEST_BACKEND."""

import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from support import postgres
from support.harness import INTERNAL_KEY, OCTO, PASSWORD, ROOT, free_port, patience

sys.path.insert(0, str(ROOT / "tools"))
from sql2c import load_service  # pylint: disable=wrong-import-position

SERVICES = ("shop", "crm")
TYPES = {"int": "bigint", "money": "numeric", "time": "timestamptz", "now": "timestamptz",
         "bool": "boolean", "real": "double precision", "text": "text"}
FITTING = {"int": ("bigint", "integer", "smallint", "numeric"), "money": ("numeric",),
           "time": ("timestamp with time zone",), "bool": ("boolean",),
           "real": ("double precision",), "text": ("text",)}
START_TOLERANCE_US = 120_000_000  # the two seeds run one after the other


@unittest.skipUnless(postgres.is_there(), "no PostgreSQL 15 here")
class Texts(unittest.TestCase):
    """Both schemas, made from the scripts alone."""

    @classmethod
    def setUpClass(cls):
        cls.database = postgres.Database()
        cls.addClassCleanup(cls.database.drop)
        cls.loaded = {}
        for service in SERVICES:
            cls.loaded[service] = load_service(ROOT, service, ["sqlite", "postgres"])
            for script in cls.loaded[service].scripts:
                cls.run_sql(service, script.texts["postgres"])

    @classmethod
    def run_sql(cls, service, sql):
        return cls.database.cluster.run(cls.database.name, sql, f"octo_{service}")

    def test_every_statement_is_accepted_with_its_declared_types(self):
        for service in SERVICES:
            for statement in self.loaded[service].statements:
                types = ", ".join(TYPES[param.type] for param in statement.params)
                types = f"({types})" if types else ""
                with self.subTest(statement.name):
                    self.run_sql(service,
                                 f"PREPARE it {types} AS {statement.variants['postgres'].text}")

    def test_columns_have_the_declared_types(self):
        for service in SERVICES:
            for statement in self.loaded[service].statements:
                if not statement.columns:
                    continue
                text = statement.variants["postgres"].text
                for at in range(len(statement.params), 0, -1):
                    param = statement.params[at - 1]
                    text = text.replace(f"${at}", f"CAST(NULL AS {TYPES[param.type]})")
                described = self.run_sql(service, text + " \\gdesc")[1:]
                with self.subTest(statement.name):
                    self.assertEqual([row[0] for row in described],
                                     [column.name for column in statement.columns])
                    for column, (_, type_name) in zip(statement.columns, described):
                        self.assertIn(type_name.split("(")[0], FITTING[column.type], column.name)

    def test_both_dialects_make_the_same_tables_and_rows(self):
        for service in SERVICES:
            file = sqlite3.connect(":memory:")
            self.addCleanup(file.close)
            for script in self.loaded[service].scripts:
                file.executescript(script.texts["sqlite"])
            tables = [name for (name,) in file.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
            self.assertEqual(sorted(row[0] for row in self.database.query(
                service, "SELECT table_name FROM information_schema.tables WHERE table_schema = ?",
                (f"octo_{service}",))), tables)
            for table in tables:
                with self.subTest(f"{service}.{table}"):
                    self.check_columns(service, table, file)
                    self.check_rows(service, table, file)

    def check_columns(self, service, table, file):
        ours = [(row[1], "NO" if row[3] or row[5] else "YES")
                for row in file.execute(f"PRAGMA table_info({table})")]
        theirs = self.database.query(
            service, "SELECT column_name, is_nullable FROM information_schema.columns "
            "WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position",
            (f"octo_{service}", table))
        self.assertEqual([tuple(row) for row in theirs], ours)
        indexes = {name for (name,) in file.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
            "AND tbl_name = ?", (table,))}
        there = {row[0] for row in self.database.query(
            service, "SELECT indexname FROM pg_indexes WHERE schemaname = ? AND tablename = ?",
            (f"octo_{service}", table))}
        self.assertLessEqual(indexes, there)

    def check_rows(self, service, table, file):
        ours = file.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
        theirs = self.database.query(service, f"SELECT * FROM {table} ORDER BY 1", ())
        self.assertEqual(len(theirs), len(ours))
        for our, their in zip(ours, theirs):
            for name, left, right in zip(their.names, our, their):
                if isinstance(right, postgres.Moment):
                    self.assertLess(abs(left - right), START_TOLERANCE_US, name)
                else:
                    self.assertEqual(left, right, (name, our))

    def test_ids_go_on_after_those_of_the_seed(self):
        self.run_sql("shop", "INSERT INTO products (name, sku, price) VALUES ('x', 'X-1', 1)")
        found = self.database.query("shop", "DELETE FROM products WHERE sku = 'X-1' RETURNING id", ())
        self.assertEqual(found[0][0], 57)

    def test_user_names_are_one_whatever_their_case(self):
        add = "INSERT INTO users (username, email, password_hash) VALUES ('{}', '{}', 'x')"
        self.run_sql("crm", add.format("Mara", "a@example.com"))
        with self.assertRaises(postgres.Refused):
            self.run_sql("crm", add.format("mARA", "b@example.com"))

    def test_both_trails_are_append_only(self):
        self.run_sql("crm", "INSERT INTO audit_logs (action) VALUES ('x'); INSERT INTO order_sync_audit "
                            "(source_system, sync_action, sync_status) VALUES ('a', 'b', 'c')")
        for table in ("audit_logs", "order_sync_audit"):
            for change in (f"DELETE FROM {table}", f"UPDATE {table} SET trace_id = 'x'",
                           f"TRUNCATE {table}"):
                with self.assertRaisesRegex(postgres.Refused, "append-only"):
                    self.run_sql("crm", change)


@unittest.skipUnless(postgres.is_there(), "no PostgreSQL 15 here")
class Roles(unittest.TestCase):
    def setUp(self):
        self.cluster = postgres.Cluster(roles=())  # octo makes them
        self.addCleanup(self.cluster.stop)
        self.data = self.enterContext(tempfile.TemporaryDirectory())
        self.environment = {**os.environ, "OCTO_DATA_DIR": self.data,
                            "BOOTSTRAP_ADMIN_PASSWORD": PASSWORD,
                            "INTERNAL_SERVICE_KEY": INTERNAL_KEY,
                            "OCTO_SHOP_PORT": str(free_port()), "OCTO_CRM_PORT": str(free_port())}
        for service in SERVICES:
            self.environment[f"OCTO_{service.upper()}_DATABASE_URL"] = self.url(f"octo_{service}")

    def url(self, role):
        return self.cluster.url(role, "postgres")

    def octo(self, *arguments, **environment):
        return subprocess.run([OCTO, *arguments], env={**self.environment, **environment}, text=True,
                              capture_output=True, timeout=patience(60), check=False)

    def allows(self, role, sql):
        return subprocess.run([postgres.BIN / "psql", "-X", "-d", self.url(role), "-c", sql],
                              capture_output=True, check=False).returncode == 0

    def test_the_administrator_makes_roles_that_keep_apart(self):
        for _ in range(2):  # it may run again
            done = self.octo("migrate", "--admin", self.url("postgres"))
            self.assertEqual(done.returncode, 0, done.stderr)
        for role, shop, crm in (("octo_shop", True, False), ("octo_crm", False, True),
                                ("octo_observer", True, True)):
            self.assertEqual(self.allows(role, "SELECT * FROM octo_shop.orders"), shop, role)
            self.assertEqual(self.allows(role, "SELECT * FROM octo_crm.orders"), crm, role)
        self.assertTrue(self.allows("octo_observer", "SELECT username FROM octo_shop.users"))
        for refused in ("SELECT password_hash FROM octo_shop.users",
                        "SELECT * FROM octo_crm.user_sessions", "DELETE FROM octo_shop.cart_items",
                        "CREATE TABLE octo_crm.mine ()"):
            self.assertFalse(self.allows("octo_observer", refused), refused)

    def test_a_superuser_is_no_service(self):
        done = self.octo("shop", OCTO_SHOP_DATABASE_URL=self.url("postgres"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("superuser", done.stderr)

    def test_passwords_of_urls_are_never_shown(self):
        done = self.octo("migrate", OCTO_SHOP_DATABASE_URL="postgresql://octo_shop:geheim@127.0.0.1:"
                         f"{self.cluster.port}/nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("geheim", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
