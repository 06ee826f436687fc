"""tools/sql2c.py: what it makes of statement files and what it refuses, then the project's own
statements against the project's own schema."""

import contextlib
import io
import os
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True

import sql2c
import sql2c_model
import sql2c_write

TAKE = """-- name: stock_take
-- Takes units.
-- params: product_id int, quantity int, now now
-- columns: stock int
UPDATE products SET stock = stock - :quantity, updated_at = :now
 WHERE id = :product_id AND stock >= :quantity
RETURNING stock
"""


class Tree(unittest.TestCase):
    """A directory with sql/ in it, gone after the test."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = Path(holder.name)
        self.out = self.root / "out"
        self.out.mkdir()

    def write(self, name, text):
        path = self.root / "sql" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    def load(self, text=None, dialects="sqlite,postgres", service="shop"):
        if text is not None:
            self.write("shop/a.sql", text)
        return sql2c.load_service(self.root, service, dialects.split(","))

    def one(self, text, dialects="sqlite,postgres"):
        (statement,) = self.load(text, dialects).statements
        return statement

    def refused(self, text, place, message, dialects="sqlite"):
        with self.assertRaises(sql2c_model.SqlError) as caught:
            self.load(text, dialects)
        self.assertIn(f"{place}: ", str(caught.exception))
        self.assertIn(message, str(caught.exception))


def statement(text, params="", columns="", name="x"):
    lines = [f"-- name: {name}", "-- Does it."]
    lines += [f"-- params: {params}"] if params else []
    lines += [f"-- columns: {columns}"] if columns else []
    return "\n".join([*lines, text, ""])


class Reading(Tree):
    def test_statement__is_taken_apart(self):
        taken = self.one(TAKE)
        self.assertEqual((taken.name, taken.file, taken.line), ("stock_take", "sql/shop/a.sql", 1))
        self.assertEqual([param.c_name for param in taken.c_params], ["product_id", "quantity"])
        for variant in taken.variants.values():
            self.assertEqual((variant.operation, variant.collection, variant.is_read_only),
                             ("UPDATE", "products", False))

    def test_sqlite__text_as_written_and_order_of_first_appearance(self):
        variant = self.one(TAKE).variants["sqlite"]
        self.assertTrue(variant.text.startswith("UPDATE products"))
        self.assertTrue(variant.text.endswith("RETURNING stock"))
        self.assertEqual(variant.bind_order, [1, 2, 0])

    def test_postgres__binds_become_numbers_of_parameters(self):
        variant = self.one(TAKE).variants["postgres"]
        self.assertIn("stock - $2, updated_at = $3\n WHERE id = $1 AND stock >= $2", variant.text)
        self.assertEqual(variant.bind_order, [0, 1, 2])

    def test_postgres__casts_literals_names_and_comments_stay(self):
        text = "SELECT ':a', \":a\", E'\\':a', 'it''s :a', $q$:a$q$, :a::int AS n"
        text += " -- :a\n /* :a */ FROM t"
        variant = self.one(
            statement(text, "a int", "p text, q text, r text, s text, u text, n int")
        ).variants["postgres"]
        self.assertEqual(variant.text, text.replace(":a::int", "$1::int"))

    def test_fields__may_go_on_in_further_lines(self):
        text = "-- name: x\n-- Does it.\n-- params: a int,\n--   b text?\n-- columns: c money?,\n"
        taken = self.one(text + "--   d time\nSELECT c, d FROM t WHERE a = :a AND b = :b\n")
        self.assertEqual([param.name for param in taken.params], ["a", "b"])
        self.assertEqual([column.c_name for column in taken.columns], ["c_cents", "d_us"])
        self.assertTrue(taken.params[1].is_nullable)

    def test_text0__may_be_empty_and_text_may_not(self):
        taken = self.one(statement("UPDATE t SET a = :a, b = :b, c = :c", "a text, b text0, c text?"))
        self.assertEqual([param.is_filled for param in taken.params], [True, False, True])
        self.assertEqual({param.type for param in taken.params}, {"text"})
        written = sql2c_write.Writer("shop", [], [taken], []).source()
        self.assertIn("uint8_t x_filled_params[] = {\n    0,\n    2,\n};", written)

    def test_text__of_a_row_within__is_found_in_it(self):
        read = self.one(ROW.replace("c time?", "c text0, d text") +
                        statement("SELECT n, a, b, c, d FROM t", columns="n text, thing.*"))
        written = sql2c_write.Writer("shop", [], [read], []).source()
        self.assertIn("uint16_t x_filled_columns[] = {\n    offsetof(struct sql_x_row, n),\n"
                      "    offsetof(struct sql_x_row, thing.b),\n    offsetof(struct sql_x_row, thing.d),\n};",
                      written)

    def test_variant__goes_to_its_dialect(self):
        taken = self.one(statement("DELETE FROM a\n-- postgres:\nDELETE FROM b"))
        self.assertEqual(taken.variants["sqlite"].text, "DELETE FROM a")
        self.assertEqual(taken.variants["postgres"].text, "DELETE FROM b")

    def test_variant__may_be_for_several_dialects(self):
        taken = self.one(statement("-- sqlite, postgres:\nDELETE FROM a WHERE b = :b", "b int"))
        self.assertEqual(taken.variants["sqlite"].text, "DELETE FROM a WHERE b = :b")
        self.assertEqual(taken.variants["postgres"].text, "DELETE FROM a WHERE b = $1")

    def test_postgres__may_ask_the_servers_clock_instead_of_now(self):
        text = "DELETE FROM a WHERE b > :now\n-- postgres:\nDELETE FROM a WHERE b > now()"
        self.assertEqual(self.one(statement(text, "now now")).variants["postgres"].bind_order, [0])

    def test_end_of_text__white_space_goes(self):
        taken = self.one(statement("DELETE FROM a  \n\n \n"))
        self.assertEqual(taken.variants["sqlite"].text, "DELETE FROM a")

    def test_sql_id__is_oracles(self):
        self.assertEqual(sql2c_model.sql_id_of("select * from dual"), "a5ks9fhw2v9s1")
        vectors = ROOT / "tests/unit/db/sqlid-vectors.jsonl"
        for line in vectors.read_text(encoding="utf-8").splitlines():
            vector = json.loads(line)
            self.assertEqual(sql2c_model.sql_id_of(vector["sql"]), vector["sql_id"])

    def test_core__is_part_of_a_service(self):
        self.write("core/c.sql", statement("DELETE FROM c", name="core_one"))
        names = [each.name for each in self.load(TAKE).statements]
        self.assertEqual(names, ["core_one", "stock_take"])
        self.assertEqual([each.name for each in self.load(service="core").statements], ["core_one"])


class Batches(Tree):
    """The text that stores many rows at once on PostgreSQL."""

    def batch_of(self, text, params, dialects="sqlite,postgres", columns=""):
        return self.one(statement(text, params, columns), dialects).batch

    def test_insert__parameters_become_columns_of_arrays(self):
        batch = self.batch_of(
            "INSERT INTO t (a, b, c, d, e)\nVALUES (:a, coalesce(:b, '):a'), 'x', :now, :now)",
            "a int, now now, b text?")
        self.assertEqual(batch.text, "INSERT INTO t (a, b, c, d, e)\n"
                         "SELECT b.a, coalesce(b.b, '):a'), 'x', $2, $2\n"
                         "  FROM unnest($1::bigint[], $3::text[])\n"
                         "    AS b (a, b)")
        self.assertEqual(batch.sql_id, sql2c_model.sql_id_of(batch.text))
        self.assertEqual(batch.bind_order, [0, 1, 2])

    def test_every_type__has_its_array(self):
        kinds = ["int", "money", "time", "bool", "real", "text"]
        batch = self.batch_of(f"INSERT INTO t VALUES ({', '.join(f':a_{kind}' for kind in kinds)})",
                              ", ".join(f"a_{kind} {kind}" for kind in kinds))
        for number, name in enumerate(("bigint", "numeric", "timestamptz", "boolean", "double precision",
                                       "text"), 1):
            self.assertRegex(batch.text, rf"\${number}::{name}\[\]")

    def test_long_lists__go_on_in_further_lines(self):
        params = [f"a_parameter_{at}" for at in range(20)]
        batch = self.batch_of(f"INSERT INTO t VALUES ({', '.join(f':{name}' for name in params)})",
                              ", ".join(f"{name} int" for name in params))
        source = batch.text[batch.text.index("\n"):]
        self.assertLessEqual(max(map(len, source.split("\n"))), 100)
        self.assertEqual(source.count("::bigint[]"), 20)

    def test_do_nothing__stays(self):
        for tail in (" ON CONFLICT DO NOTHING", "\n  ON CONFLICT (a) DO NOTHING"):
            batch = self.batch_of("INSERT INTO t (a) VALUES (:a)" + tail, "a int")
            self.assertTrue(batch.text.endswith("AS b (a)" + tail), batch.text)

    def test_postgres_text__is_the_one_that_counts(self):
        text = "INSERT INTO t VALUES (:a)\n-- postgres:\nINSERT INTO t VALUES (CAST(:a AS text))"
        self.assertTrue(self.batch_of(text, "a real").text.startswith(
            "INSERT INTO t SELECT CAST(b.a AS text)\n"))

    def test_what_one_statement_cannot_do__has_none(self):
        for text in ("INSERT INTO t (a) VALUES (:a) ON CONFLICT (a) DO UPDATE SET a = excluded.a",
                     "INSERT INTO t (a) VALUES (:a) ON CONFLICT (a) WHERE a > :a DO NOTHING",
                     "INSERT INTO t (a, b) VALUES (:a, DEFAULT)",
                     "INSERT INTO t (a) VALUES ((SELECT max(b) FROM b WHERE c = :a))",
                     "INSERT INTO t (a) VALUES (:a), (1)",
                     "INSERT INTO t (a) SELECT :a",
                     "WITH w AS (SELECT 1) INSERT INTO t (a) VALUES (:a)",
                     "UPDATE t SET a = :a",
                     "DELETE FROM t WHERE a = :a"):
            with self.subTest(text):
                self.assertIsNone(self.batch_of(text, "a int"))
        self.assertIsNone(self.batch_of("INSERT INTO t (a) VALUES (:a) RETURNING a", "a int",
                                        columns="a int"))
        self.assertIsNone(self.batch_of("INSERT INTO t (a) VALUES (:a)", "a now"))
        self.assertIsNone(self.batch_of("INSERT INTO t (a) VALUES (:a)", "a int", dialects="sqlite"))

    def test_name__of_a_batch_is_taken(self):
        text = statement("INSERT INTO t (a) VALUES (:a)", "a int")
        self.refused(text + statement("DELETE FROM t", name="x_batch"), "sql/shop/a.sql:5", "collides")


class Meaning(Tree):
    def check(self, text, operation, collection, is_read_only, columns=""):
        taken = self.one(statement(text, columns=columns), "sqlite").variants["sqlite"]
        self.assertEqual(
            (taken.operation, taken.collection, taken.is_read_only),
            (operation, collection, is_read_only),
        )

    def test_operation_collection_and_reading(self):
        self.check("SELECT a FROM t", "SELECT", "t", True, "a int")
        self.check("SELECT 1", "SELECT", "", True, "a int")
        self.check("select 'DELETE' FROM \"T u\"", "SELECT", "T u", True, "a text")
        self.check("SELECT (SELECT b FROM u) AS a FROM s.t", "SELECT", "s.t", True, "a int")
        self.check("SELECT a FROM (SELECT b AS a FROM u) q", "SELECT", "u", True, "a int")
        self.check("SELECT a FROM json_each('[]') JOIN t ON 1", "SELECT", "t", True, "a int")
        self.check("SELECT a IS NOT DISTINCT FROM b FROM t", "SELECT", "t", True, "a bool")
        self.check("SELECT a FROM t FOR UPDATE", "SELECT", "t", False, "a int")
        common = "WITH c AS (SELECT a FROM u) "
        self.check(f"{common}SELECT a FROM c JOIN t", "SELECT", "t", True, "a int")
        self.check(f"{common}SELECT a FROM c", "SELECT", "u", True, "a int")
        self.check("WITH c AS (SELECT 1) DELETE FROM t", "DELETE", "t", False)
        self.check("INSERT OR IGNORE INTO t (a) VALUES (1)", "INSERT", "t", False)
        self.check("INSERT INTO t SELECT a FROM u", "INSERT", "t", False)
        self.check("UPDATE OR IGNORE t SET a = 1", "UPDATE", "t", False)
        self.check("MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN UPDATE SET a = 1", "MERGE", "t", False)
        self.check("SELECT a FROM t, s MINUS SELECT b FROM u", "SELECT", "t", True, "a int")

    def test_each_dialects_text_tells_its_own(self):
        text = "SELECT a FROM t\n-- postgres:\nWITH w AS (SELECT a FROM u) SELECT a FROM w FOR UPDATE"
        variants = self.one(statement(text, columns="a int")).variants
        self.assertEqual((variants["sqlite"].collection, variants["sqlite"].is_read_only), ("t", True))
        self.assertEqual((variants["postgres"].collection, variants["postgres"].is_read_only), ("u", False))


ROW = "-- row: thing\n-- What it is.\n-- columns: a int, b text?,\n--   c time?\n\n"


class Rows(Tree):
    """Columns that are declared once for several statements."""

    HERE = "sql/shop/a.sql"

    def test_row__is_the_statements_whole_result(self):
        given = self.one(ROW + statement("SELECT a, b, c FROM t", columns="thing.*"))
        self.assertEqual([column.c_path for column in given.columns], ["a", "b", "c_us"])
        self.assertEqual(given.struct, "struct sql_thing_row")

    def test_row__among_other_columns__is_a_member(self):
        given = self.one(ROW + statement("SELECT n, a, b, c, m FROM t",
                                         columns="n int, thing.*, m text"))
        self.assertEqual([column.c_path for column in given.columns],
                         ["n", "thing.a", "thing.b", "thing.c_us", "m"])
        self.assertEqual(given.struct, "struct sql_x_row")

    def test_row__of_another_file__is_known_and_one_of_the_core_may_be_unused(self):
        self.write("shop/z.sql", ROW)
        self.write("core/c.sql", ROW.replace("thing", "unused").replace("a int", "d int"))
        self.assertEqual(len(self.one(statement("SELECT a, b, c FROM t", columns="thing.*")).columns), 3)

    def test_row__columns_are_held_against_the_text(self):
        self.refused(ROW + statement("SELECT a, b FROM t", columns="thing.*"), f"{self.HERE}:9",
                     "2 columns, 3 are declared")

    def test_row__wrong__is_refused(self):
        use = statement("SELECT a, b, c FROM t", columns="thing.*")
        self.refused(use, f"{self.HERE}:3", "declare it with `-- row: thing`")
        self.refused(ROW + statement("SELECT 1", columns="n int"), f"{self.HERE}:1",
                     "no statement's columns name it")
        self.refused(ROW + "SELECT a\n", f"{self.HERE}:6", "begin a statement with `-- name:`")
        self.refused("-- row: thing\n-- columns: a int\n" + use, f"{self.HERE}:1", "says what the row is")
        self.refused("-- row: Big\n-- It.\n-- columns: a int\n" + use, f"{self.HERE}:1", "snake_case")
        self.refused("-- row: thing\n-- It.\n" + use, f"{self.HERE}:1", "columns:` are missing")
        self.refused(ROW.replace("columns", "params") + use, f"{self.HERE}:3", "no parameters")
        self.refused(ROW.replace("a int", "other.*") + use, f"{self.HERE}:3",
                     "only the columns of a statement")
        self.refused(statement("DELETE FROM a", "thing.*"), f"{self.HERE}:3",
                     "only the columns of a statement")
        self.refused(ROW + ROW + use, f"{self.HERE}:6", f"is also at {self.HERE}:1")
        self.refused(ROW + use.replace("name: x", "name: thing_next"), f"{self.HERE}:6", "collides")
        self.refused(ROW + statement("SELECT a, thing, b, c FROM t", columns="thing int, thing.*"),
                     f"{self.HERE}:8", "'thing' twice in columns")


class Refusing(Tree):
    HERE = "sql/shop/a.sql"

    def test_header(self):
        here = self.HERE
        self.refused("-- name: x\nDELETE FROM a\n", f"{here}:1", "says what the statement does")
        self.refused("-- name: Big\n-- D.\nDELETE FROM a\n", f"{here}:1", "snake_case")
        self.refused("-- name: x\n-- D.\n", f"{here}:1", "text is missing")
        self.refused("DELETE FROM a\n", f"{here}:1", "before the first")
        self.refused(statement("DELETE FROM a\r"), f"{here}:3", "carriage return")
        self.refused(statement("DELETE FROM a\n-- params: b int"), f"{here}:4", "above the text")
        self.refused(statement("-- sqlite:\n-- postgres:\nDELETE FROM a"), here + ":4", "is empty")

    def test_fields(self):
        here = self.HERE + ":3"
        self.refused(statement("DELETE FROM a", "b blob"), here, "unknown type 'blob'")
        self.refused(statement("DELETE FROM a", "b int0"), here, "unknown type 'int0' of b (known: int")
        self.refused(statement("DELETE FROM a", "b"), here, "expected `name type`")
        self.refused(statement("DELETE FROM a", "b int,"), here, "expected `name type`")
        self.refused(statement("DELETE FROM a", "b int, b int"), here, "'b' twice")
        self.refused(statement("DELETE FROM a", "int int"), here, "cannot be a name in C")
        self.refused(statement("DELETE FROM a", "err int"), here, "cannot be a name in C")
        self.refused(statement("SELECT a FROM b", columns="a now"), here, "only for parameters")
        self.refused(statement("DELETE FROM a", "n now?"), here, "only for parameters")
        wide = "a int?, a_is_null bool"
        self.refused(statement("SELECT a, b FROM c", columns=wide), here, "'a_is_null' twice")

    def test_binds(self):
        here = self.HERE
        self.refused(statement("DELETE FROM a WHERE b = :b"), f"{here}:3", ":b is not declared")
        self.refused(statement("DELETE FROM a", "b int"), f"{here}:4", "parameter 'b' is not used")
        self.refused(statement("DELETE FROM a WHERE b = ?"), f"{here}:3", "written :name")
        self.refused(statement("DELETE FROM a WHERE b = $1"), f"{here}:3", "written :name")
        self.refused(
            statement("DELETE FROM a WHERE b = :b\n-- postgres:\nDELETE FROM a", "b int"),
            f"{here}:6",
            "postgres text: parameter 'b' is not used",
        )
        self.refused(statement("DELETE FROM a\n-- postgres:\nDELETE FROM a", "now now"), f"{here}:4",
                     "parameter 'now' is not used")

    def test_variants(self):
        here = self.HERE
        self.refused(statement("DELETE FROM a\n-- mysql:\nDELETE FROM b"), f"{here}:4", "'mysql'")
        twice = statement("-- sqlite:\nDELETE FROM a\n-- sqlite:\nDELETE FROM b")
        self.refused(twice, f"{here}:5", "second sqlite variant")
        again = statement("-- sqlite:\nDELETE FROM a\n-- postgres, sqlite:\nDELETE FROM b")
        self.refused(again, f"{here}:5", "second sqlite variant: one text per dialect")
        double = statement("-- sqlite, sqlite:\nDELETE FROM a")
        self.refused(double, f"{here}:3", "sqlite twice in one mark")
        only = statement("-- sqlite:\nDELETE FROM a")
        self.assertIn("sqlite", self.one(only, "sqlite").variants)
        self.refused(only, f"{here}:1", "postgres variant is missing", "sqlite,postgres")

    def test_shape(self):
        here = self.HERE
        for text, message in (
            ("SELECT a, f(b, c) FROM t", "2 columns, 1"),
            ("SELECT * FROM t", "name the columns"),
            ("SELECT t.* FROM t", "name the columns"),
        ):
            self.refused(statement(text, columns="a int"), f"{here}:4", message)
        self.refused(statement("SELECT a FROM t"), f"{here}:3", "no columns are declared")
        self.refused(statement("DELETE FROM t", columns="a int"), f"{here}:4", "gives no rows")
        self.refused(
            statement("DELETE FROM t RETURNING a, b", columns="a int"), f"{here}:4", "2 columns, 1"
        )
        self.refused(
            statement("SELECT a FROM t UNION SELECT a, b FROM t", columns="a int"),
            f"{here}:4",
            "2 columns, 1",
        )
        self.refused(
            statement("SELECT t.b, c AS a FROM t", columns="a int, b int"),
            f"{here}:4",
            "column 1 is 'b' in the text, but 'a' is declared there",
        )

    def test_text(self):
        here = f"{self.HERE}:3"
        self.refused(statement("DELETE FROM a;"), here, "semicolon")
        self.refused(statement("DELETE FROM a -- why"), here, "comment at the end")
        self.refused(statement("DELETE FROM a WHERE b = 'c"), here, "never closed")
        self.refused(statement("DELETE FROM a WHERE (b"), here, "brackets")

    def test_line__is_the_one_at_fault(self):
        text = "-- name: x\n-- Does it.\n-- sqlite:\n\n\nDELETE FROM a\n WHERE b = 1\n   AND c = :c\n"
        self.refused(text, f"{self.HERE}:8", ":c is not declared: name it in `-- params:`")
        self.refused(text.replace(":c", "'c"), f"{self.HERE}:8", "a ' is never closed: close it")
        (self.root / "sql/shop/a.sql").write_bytes(text.encode() + b"-- \xff\n")
        self.refused(None, f"{self.HERE}:9", "not UTF-8")

    def test_more_than_a_byte_counts__is_refused(self):
        names = [f"a{at}" for at in range(256)]
        fields = ", ".join(f"{name} int" for name in names)
        self.refused(statement(f"DELETE FROM a WHERE {' OR '.join(':' + name for name in names)}", fields),
                     f"{self.HERE}:3", "more than 255 params: give some")
        row = f"-- row: wide\n-- All.\n-- columns: {', '.join(f'{name} int' for name in names[:200])}\n"
        more = ", ".join(f"b{at} int" for at in range(56))
        self.refused(row + statement("SELECT 1 FROM t", columns=f"wide.*, {more}"), f"{self.HERE}:4",
                     "more than 255 columns: read some")

    def test_names(self):
        twice = statement("DELETE FROM a") + statement("DELETE FROM b")
        self.refused(twice, f"{self.HERE}:4", f"is also at {self.HERE}:1")
        self.write("core/c.sql", statement("DELETE FROM a"))
        self.refused(statement("DELETE FROM b"), f"{self.HERE}:1", "is also at sql/core/c.sql:1")
        (self.root / "sql/core/c.sql").unlink()
        near = statement("DELETE FROM a") + statement("SELECT 1", columns="n int", name="x_count")
        self.refused(near, f"{self.HERE}:4", "collides (sql_x_count)")


class Scripts(Tree):
    def test_scripts__core_and_own__in_order_of_version(self):
        self.write("core/schema/0001_core.sql", "CREATE TABLE a (b);\n")
        self.write("shop/seed/0020_rows.sql", "-- sqlite:\nS;\n-- postgres:\nP;\n-- all:\nA;\n")
        self.write("shop/schema/0010_shop.sql", "C;\n")
        scripts = self.load().scripts
        names = [script.name for script in scripts]
        self.assertEqual(names, ["0001_core", "0010_shop", "0020_rows"])
        self.assertEqual([script.is_seed for script in scripts], [False, False, True])
        self.assertEqual(scripts[2].texts, {"sqlite": "S;\nA;\n", "postgres": "P;\nA;\n"})
        self.assertRegex(scripts[0].checksums["sqlite"], r"^[0-9a-f]{64}$")

    def test_scripts__wrong__are_refused(self):
        self.write("core/schema/0001_core.sql", "A;\n")
        self.write("shop/seed/0001_rows.sql", "B;\n")
        self.refused(None, "sql/shop/seed/0001_rows.sql:1", "version 1 is also")
        self.write("shop/seed/rows.sql", "B;\n")
        self.refused(None, "sql/shop/seed/rows.sql:1", "NNNN_name.sql")
        (self.root / "sql/shop/seed/rows.sql").unlink()
        self.write("shop/seed/0002_rows.sql", "B;\n-- mysql:\n")
        self.refused(None, "sql/shop/seed/0002_rows.sql:2", "'mysql'")

    def test_script__may_be_for_several_dialects(self):
        self.write("core/schema/0001_core.sql", "A;\n-- sqlite, postgres:\nB;\n-- sqlite:\nC;\n")
        (script,) = self.load().scripts
        self.assertEqual(script.texts, {"sqlite": "A;\nB;\nC;\n", "postgres": "A;\nB;\n"})


class Output(Tree):
    def run_tool(self, service, dialects="sqlite"):
        arguments = ["--root", str(self.root), "--service", service, "--dialects", dialects]
        arguments += ["--output", str(self.out), "--depfile", str(self.out / "d")]
        return sql2c.main(arguments)

    def test_main__fault__is_told_and_fails(self):
        self.write("shop/a.sql", "-- name: x\nDELETE FROM a\n")
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors):
            self.assertEqual(self.run_tool("shop"), 1)
        self.assertTrue(errors.getvalue().startswith("sql/shop/a.sql:1: x: "))

    def refuses_to_write(self, service):
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors):
            self.assertEqual(self.run_tool(service), 1)
        self.assertIn(f"{self.root}/sql/{service}: no statements", errors.getvalue())
        self.assertEqual(list(self.out.iterdir()), [])

    def test_main__directory_that_went_away__writes_nothing(self):
        self.refuses_to_write("shop")

    def test_main__no_statement_file__writes_nothing(self):
        self.write("shop/schema/0001_a.sql", "CREATE TABLE a (b);\n")
        self.refuses_to_write("shop")

    def test_main__file_without_statement__writes_nothing(self):
        self.write("shop/a.sql", "\n")
        self.refuses_to_write("shop")

    def test_depfile__names_files_and_directories(self):
        self.write("shop/a.sql", TAKE)
        self.assertEqual(self.run_tool("shop"), 0)
        depfile = (self.out / "d").read_text()
        self.assertTrue(depfile.startswith(f"{self.out}/sql_shop_catalogue.h: "))
        self.assertIn("sql/shop/a.sql", depfile)
        self.assertRegex(depfile, r"sql/shop \\\n")

    def test_main__text_of_a_statement__leaves_the_headers_as_old_as_they_are(self):
        self.write("shop/a.sql", TAKE)
        self.assertEqual(self.run_tool("shop"), 0)
        for path in self.out.iterdir():
            os.utime(path, (1, 1))
        self.write("shop/a.sql", TAKE.replace(">=", ">"))
        self.assertEqual(self.run_tool("shop"), 0)
        self.assertEqual({path.name for path in self.out.glob("*.[ch]") if path.stat().st_mtime != 1}, {"sql_shop.c"})

    def test_c_string__any_text__is_escaped(self):
        self.assertEqual(sql2c_write.c_string(""), '""')
        self.assertEqual(sql2c_write.c_string('a"\\\t??=\x01'), '"a\\"\\\\\\t?\\?=\\001"')
        self.assertEqual(sql2c_write.c_string("a\nb"), '"a\\n"\n        "b"')

    def test_c__every_type__compiles_without_warnings(self):
        kinds = ["int", "money", "time", "bool", "real", "text", "text0"]
        names = [f"{kind}_{i}" for i in range(2) for kind in kinds]
        fields = ", ".join(f"{name} {name[:-2]}{'?' * int(name[-1])}" for name in names)
        binds = ", ".join(f":{name}" for name in names)
        self.write(
            "shop/a.sql",
            TAKE
            + statement(f"INSERT INTO t VALUES ({binds}, :n) /* ??/ */ ON CONFLICT DO NOTHING",
                        fields + ", n now", name="add")
            + statement(f"SELECT {', '.join(names)} FROM t", columns=fields, name="list")
            + f"-- row: wide\n-- All of it.\n-- columns: {fields}\n"
            + statement(f"SELECT {', '.join(names)} FROM t", columns="wide.*", name="whole")
            + statement(f"SELECT n, {', '.join(names)} FROM t", columns="n int, wide.*", name="part")
            + statement("DELETE FROM t", name="clear"),
        )
        self.write("shop/schema/0001_a.sql", "-- */ /* \"quoted\" \\ ü\n" * 400)
        self.assertEqual(self.run_tool("shop", "sqlite,postgres"), 0)
        for compiler in filter(None, map(shutil.which, ("gcc", "clang", "clang-14"))):
            self.compile(compiler, self.out / "sql_shop.c")

    def compile(self, compiler, source):
        flags = """-std=c17 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
            -Wsign-conversion -Wcast-qual -Wcast-align -Wundef -Wredundant-decls -Werror
            -fsyntax-only""".split()
        done = subprocess.run(
            [compiler, *flags, f"-I{ROOT}/src", source], capture_output=True, text=True, check=False
        )
        self.assertEqual(done.returncode, 0, done.stderr)


class ProjectStatements(unittest.TestCase):
    """The statements in sql/ fit the schema in sql/: SQLite can prepare each, and it gives the
    columns that are declared."""

    def check_service(self, service):
        loaded = sql2c.load_service(ROOT, service, ["sqlite"])
        database = sqlite3.connect(":memory:", isolation_level=None)
        self.addCleanup(database.close)
        for script in loaded.scripts:
            if not script.is_seed:
                database.executescript(script.texts["sqlite"])
        for each in loaded.statements:
            with self.subTest(statement=each.name, file=f"{each.file}:{each.line}"):
                self.check_statement(database, each)

    def check_statement(self, database, each):
        text = each.variants["sqlite"].text
        binds = {param.name: None for param in each.params}
        database.execute(f"EXPLAIN {text}", binds).fetchall()
        if each.is_read_only:
            # A limit of NULL is a datatype mismatch, which only a run can show.
            binds.update({name: 0 for name in re.findall(r"(?:LIMIT|OFFSET)\s+:(\w+)", text)})
            found = database.execute(text, binds)
            self.assertEqual(len(found.description), len(each.columns))

    def test_shop(self):
        self.check_service("shop")

    def test_crm(self):
        self.check_service("crm")


if __name__ == "__main__":
    unittest.main()
