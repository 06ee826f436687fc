"""What PostgreSQL makes of our SQL: it accepts each statement with the declared types, and the scripts of
both dialects make the same tables and rows. Needs the server's programs, and no executable of ours."""

import itertools
import pathlib
import sqlite3
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools")]

from sql2c import load_service  # noqa: E402: found by the line above
from support import postgres  # noqa: E402

SERVICES = ("shop", "crm")
TYPES = {"int": "bigint", "money": "numeric", "time": "timestamptz", "now": "timestamptz",
         "bool": "boolean", "real": "double precision", "text": "text"}
FITTING = {"int": ("bigint", "integer", "smallint", "numeric"), "money": ("numeric",),
           "time": ("timestamp with time zone",), "bool": ("boolean",),
           "real": ("double precision",), "text": ("text",)}
SEARCH = "product_search"  # what an engine keeps for its full-text search is its own
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
            wanted = []
            for statement in self.loaded[service].statements:
                types = ", ".join(TYPES[param.type] for param in statement.params)
                types = f"({types})" if types else ""
                wanted.append(f"PREPARE {statement.name} {types} AS "
                              f"{statement.variants['postgres'].text}")
            self.run_sql(service, ";\n".join(wanted))

    def test_every_batch_is_accepted_with_arrays(self):
        for service in SERVICES:
            batches = [statement for statement in self.loaded[service].statements if statement.batch]
            self.assertIn("audit_insert", [statement.name for statement in batches])
            wanted = []
            for statement in batches:
                types = ", ".join(TYPES[param.type] + ("" if param.type == "now" else "[]")
                                  for param in statement.params)
                wanted.append(f"PREPARE {statement.name}_batch ({types}) AS {statement.batch.text}")
            self.run_sql(service, ";\n".join(wanted))

    def test_columns_have_the_declared_types(self):
        for service in SERVICES:
            statements = [s for s in self.loaded[service].statements if s.columns]
            texts = []
            for statement in statements:
                text = statement.variants["postgres"].text
                for at in range(len(statement.params), 0, -1):
                    param = statement.params[at - 1]
                    text = text.replace(f"${at}", f"CAST(NULL AS {TYPES[param.type]})")
                texts.append(text + " \\gdesc")
            rows = iter(self.run_sql(service, f"\n\\echo {postgres.NEXT}\n".join(texts)))
            for statement in statements:
                described = list(itertools.takewhile(lambda row: row != [postgres.NEXT], rows))[1:]
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
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") if not name.startswith(SEARCH)]
            self.assertEqual(sorted(row[0] for row in self.database.query(
                service, "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(?) "
                "AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> ?", (f"octo_{service}", SEARCH))), tables)
            columns = self.database.query(
                service, "SELECT table_name, column_name, is_nullable FROM information_schema.columns "
                "WHERE table_schema = ? ORDER BY table_name, ordinal_position", (f"octo_{service}",))
            for table in tables:
                with self.subTest(f"{service}.{table}"):
                    self.assertEqual(
                        [tuple(row)[1:] for row in columns if row[0] == table],
                        [(row[1], "NO" if row[3] or row[5] else "YES")
                         for row in file.execute(f"PRAGMA table_info({table})")])
                    self.check_rows(service, table, file)
            self.check_indexes(service, file)

    def check_indexes(self, service, file):
        ours = set(file.execute("SELECT tbl_name, name FROM sqlite_master "
                                "WHERE type = 'index' AND sql IS NOT NULL"))
        theirs = set(map(tuple, self.database.query(
            service, "SELECT tablename, indexname FROM pg_indexes WHERE schemaname = ?",
            (f"octo_{service}",))))
        self.assertLessEqual(ours, theirs)

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

    def test_an_older_trail_becomes_one_period(self):
        database = postgres.Database()
        self.addCleanup(database.drop)

        def run(sql):
            return database.cluster.run(database.name, sql, "octo_shop")[1:]

        scripts = self.loaded["shop"].scripts
        for script in scripts:
            if script.version == 16:
                run("INSERT INTO audit_logs (action, created_at) VALUES ('a', '2024-02-03'), "
                    "('b', '2024-11-30 23:59:59.999999+00')")
            run(script.texts["postgres"])
        run("INSERT INTO audit_logs (action) VALUES ('c')")
        self.assertEqual(run("SELECT id, action, tableoid::regclass FROM audit_logs ORDER BY id")[:2],
                         [["1", "a", "audit_logs_before"], ["2", "b", "audit_logs_before"]])
        self.assertEqual(run("SELECT id FROM audit_logs WHERE action = 'c'"), [["3"]])
        self.assertEqual(run("SELECT until AT TIME ZONE 'UTC' FROM audit_periods WHERE period = 'audit_logs_before'"),
                         [["2024-12-01 00:00:00"]])
        with self.assertRaisesRegex(postgres.Refused, "append-only"):
            run("DELETE FROM audit_logs_before")
        with self.assertRaisesRegex(postgres.Refused, "append-only"):
            run("SELECT audit_periods_drop('2024-12-01 00:00+00')")
        self.assertEqual(run("INSERT INTO audit_drops VALUES ('2024-12-01 00:00+00');"
                             "SELECT audit_periods_drop('2024-12-01 00:00+00')"), [["2"]])
        self.assertEqual(run("SELECT action FROM audit_logs"), [["c"]])

    def test_what_a_wrong_clock_wrote_goes_with_the_rest(self):
        database = postgres.Database()
        self.addCleanup(database.drop)

        def run(sql):
            return database.cluster.run(database.name, sql, "octo_shop")[1:]

        for script in self.loaded["shop"].scripts:
            run(script.texts["postgres"])
        run("INSERT INTO audit_logs (action, created_at) VALUES ('past', '2001-01-01'), ('ahead', '2099-01-01')")
        self.assertEqual(run("SELECT DISTINCT tableoid::regclass FROM audit_logs"), [["audit_logs_others"]])
        for until, left in (("2024-12-01", [["2"]]), ("2099-02-01", [["0"]])):
            run(f"INSERT INTO audit_drops VALUES ('{until} 00:00+00');"
                f"SELECT audit_periods_drop('{until} 00:00+00')")
            self.assertEqual(run("SELECT count(*) FROM audit_logs"), left)
        self.assertEqual(run("SELECT count(*) FROM audit_periods"), [["4"]])

    def test_both_trails_are_append_only(self):
        self.run_sql("crm", "INSERT INTO audit_logs (action) VALUES ('x'); INSERT INTO order_sync_audit "
                            "(source_system, sync_action, sync_status) VALUES ('a', 'b', 'c')")
        for table in ("audit_logs", "order_sync_audit"):
            for change in (f"DELETE FROM {table}", f"UPDATE {table} SET trace_id = 'x'",
                           f"TRUNCATE {table}"):
                with self.assertRaisesRegex(postgres.Refused, "append-only"):
                    self.run_sql("crm", change)


if __name__ == "__main__":
    unittest.main()
