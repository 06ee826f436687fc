"""A third dialect, by a small statement file with Oracle's texts: its binds, what it returns, what it lacks.
Needs no server, and no text of the project's own."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True

import sql2c  # noqa: E402: found by the line above
from sql2c_model import SqlError  # noqa: E402

FILE = """-- name: stock_take
-- Takes units.
-- params: product_id int, quantity int, now now
-- columns: id int, quantity int
-- sqlite, postgres:
UPDATE products SET stock = stock - :quantity, updated_at = :now
 WHERE id = :product_id AND stock >= :quantity
RETURNING id, stock AS quantity
-- oracle:
UPDATE products SET stock = stock - :quantity, updated_at = SYSTIMESTAMP
 WHERE id = :product_id AND stock >= :quantity
RETURNING id, stock INTO :id, :ret_quantity

-- name: cart_note
-- Remembers a session.
-- params: session_id text, now now
-- sqlite, postgres:
INSERT INTO cart_sessions (session_id, first_added_at) VALUES (:session_id, :now)
ON CONFLICT DO NOTHING
-- oracle:
MERGE INTO cart_sessions c
USING (SELECT :session_id AS session_id FROM dual) n ON (c.session_id = n.session_id)
 WHEN NOT MATCHED THEN INSERT (session_id, first_added_at) VALUES (:session_id, :now)

-- name: ping
-- Is it there?
-- columns: one int
SELECT 1 AS one
-- oracle:
SELECT 1 AS one FROM dual

-- name: orders_page
-- A page.
-- params: status text?, limit int, offset int
-- columns: id int, total money
-- sqlite, postgres:
SELECT id, total FROM orders WHERE (:status IS NULL OR status = :status) LIMIT :limit OFFSET :offset
-- oracle:
SELECT id, total FROM orders WHERE (:status IS NULL OR status = :status)
OFFSET :offset ROWS FETCH NEXT :limit ROWS ONLY

-- name: order_lock
-- Holds an order.
-- params: id int
-- columns: id int
SELECT id FROM orders WHERE id = :id
-- postgres, oracle:
SELECT id FROM orders WHERE id = :id FOR UPDATE
"""
DIALECTS = ["sqlite", "postgres", "oracle"]


class Texts(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = pathlib.Path(holder.name)
        (self.root / "sql/shop").mkdir(parents=True)

    def load(self, text=FILE, dialects=DIALECTS):
        (self.root / "sql/shop/a.sql").write_text(text, encoding="utf-8")
        loaded = sql2c.load_service(self.root, "shop", dialects)
        return {statement.name: statement.variants for statement in loaded.statements}

    def refused(self, line, message, text, params="", columns=""):
        head = ["-- name: x", "-- Does it."]
        head += [f"-- params: {params}"] if params else []
        head += [f"-- columns: {columns}"] if columns else []
        head.append("-- oracle:")
        with self.assertRaises(SqlError) as caught:
            self.load("\n".join([*head, text, ""]), ["oracle"])
        self.assertTrue(str(caught.exception).startswith(f"sql/shop/a.sql:{line}: x: "), str(caught.exception))
        self.assertIn(message, str(caught.exception))

    def test_binds__one_for_each_place(self):
        loaded = self.load()
        self.assertEqual(loaded["orders_page"]["oracle"].bind_order, [0, 0, 2, 1])
        self.assertEqual(loaded["orders_page"]["sqlite"].bind_order, [0, 1, 2])
        self.assertEqual(loaded["cart_note"]["oracle"].bind_order, [0, 0, 1])
        self.assertEqual(loaded["cart_note"]["postgres"].bind_order, [0, 1])

    def test_text__is_sent_as_written(self):
        sent = self.load()["orders_page"]["oracle"]
        self.assertTrue(sent.text.endswith("OFFSET :offset ROWS FETCH NEXT :limit ROWS ONLY"))

    def test_returning_into__its_binds_receive_and_take_no_parameter(self):
        self.assertEqual(self.load()["stock_take"]["oracle"].bind_order, [1, 0, 1])

    def test_operation_table_and_reading__are_each_texts_own(self):
        loaded = self.load()
        told = {name: [(variants[dialect].operation, variants[dialect].collection,
                        variants[dialect].is_read_only) for dialect in ("sqlite", "oracle")]
                for name, variants in loaded.items()}
        self.assertEqual(told["cart_note"], [("INSERT", "cart_sessions", False),
                                             ("MERGE", "cart_sessions", False)])
        self.assertEqual(told["ping"], [("SELECT", "", True)] * 2)
        self.assertEqual(told["order_lock"], [("SELECT", "orders", True), ("SELECT", "orders", False)])

    def test_clock__a_text_may_ask_the_servers(self):
        self.assertNotIn(2, self.load()["stock_take"]["oracle"].bind_order)

    def test_into__wrong__is_refused(self):
        write = "UPDATE t SET a = :a\nRETURNING b, c"
        self.refused(7, "end the text with INTO :b, :c", write, "a int", "b int, c int")
        self.refused(7, "the binds are the columns in their order, here :b, :c", write + " INTO :c, :b",
                     "a int", "b int, c int")
        self.refused(7, "here :ret_a", "UPDATE t SET a = :a\nRETURNING a INTO :a", "a int", "a int")
        with self.assertRaisesRegex(SqlError, "a.sql:6: x: RETURNING ... INTO is not postgres's"):
            self.load("-- name: x\n-- Does it.\n-- columns: a int\n-- postgres:\nDELETE FROM t\n"
                      "RETURNING a INTO :a\n", ["postgres"])

    def test_what_it_lacks__is_refused_with_what_to_write(self):
        self.refused(6, "FETCH NEXT", "SELECT a FROM t\n LIMIT 1", columns="a int")
        self.refused(5, "MERGE INTO", "INSERT INTO t (a) VALUES (1)\nON CONFLICT DO NOTHING")
        self.refused(5, "write FROM dual", "SELECT 1", columns="a int")
        self.refused(6, "write FROM dual", "SELECT a FROM t\n WHERE a = (SELECT 1)", columns="a int")
        self.refused(5, "write FROM dual", "SELECT 1 UNION SELECT a FROM t", columns="a int")
        self.refused(5, "CAST(a AS type)", "SELECT a::int AS a FROM t", columns="a int")
        self.refused(5, "no characters", "SELECT a FROM t WHERE a <> ''", columns="a text")
        self.refused(1, "no bind of the name :date", "DELETE FROM t WHERE a = :date", "date int")

    def test_binds__more_than_can_be_counted__are_refused(self):
        self.refused(5, "256 binds, 255 are the most", "DELETE FROM t WHERE " + " OR ".join(["a = :a"] * 256),
                     "a int")

    def test_a_marked_text__is_checked_where_it_is_not_required_too(self):
        with self.assertRaisesRegex(SqlError, "a.sql:5: x: oracle has no LIMIT"):
            self.load("-- name: x\n-- Does it.\nDELETE FROM t\n-- oracle:\nDELETE FROM t LIMIT 1\n", ["sqlite"])

    def test_c__compiles(self):
        self.load()
        out = self.root / "out"
        out.mkdir()
        self.assertEqual(sql2c.main(["--root", str(self.root), "--service", "shop", "--dialects",
                                     "sqlite,oracle", "--output", str(out)]), 0)
        source = (out / "sql_shop.c").read_text(encoding="utf-8")
        self.assertIn("orders_page_oracle_binds[] = {0, 0, 2, 1}", source)
        for compiler in filter(None, map(shutil.which, ("gcc", "clang", "clang-14"))):
            done = subprocess.run(
                [compiler, "-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
                 f"-I{ROOT}/src", out / "sql_shop.c"],
                capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
