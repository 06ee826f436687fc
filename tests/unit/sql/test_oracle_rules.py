"""What tools/sql2c_oracle.py makes of a text that is not Oracle's, and twenty wrong texts, each of which must be
refused. Needs no server, and no text of the project's own."""

import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True

import sql2c  # noqa: E402: found by the line above
from sql2c_model import SqlError  # noqa: E402

# Parameters, columns, the text as it is written, and Oracle's.
DERIVED = {
    "page clause": (
        "a int, b int", "id int",
        "SELECT id FROM t ORDER BY id LIMIT :a OFFSET :b",
        "SELECT id FROM t ORDER BY id OFFSET :b ROWS FETCH NEXT :a ROWS ONLY"),
    "page clause in brackets": (
        "a int", "",
        "DELETE FROM t WHERE id IN (SELECT id FROM t ORDER BY id LIMIT :a)",
        "DELETE FROM t WHERE id IN (SELECT id FROM t ORDER BY id FETCH FIRST :a ROWS ONLY)"),
    "a text that may be empty where a list begins": (
        "a text0, id int", "id int",
        "SELECT id FROM t WHERE b >= :a AND (b > :a OR id > :id)",
        "SELECT id FROM t WHERE (b >= :a OR :a IS NULL) AND ((b > :a OR :a IS NULL) OR id > :id)"),
    "FROM dual": (
        "", "a int, b int",
        "SELECT (SELECT count(*) FROM t) AS a, 1 AS b",
        "SELECT (SELECT count(*) FROM t) AS a, 1 AS b FROM dual"),
    "FROM dual in a part": (
        "", "a int", "SELECT 1 AS a UNION ALL SELECT a FROM t",
        "SELECT 1 AS a FROM dual UNION ALL SELECT a FROM t"),
    "what a change gives": (
        "id int, a int", "id int, a int",
        "UPDATE t SET b = :a WHERE id = :id\nRETURNING id, b + 1 AS a",
        "UPDATE t SET b = :a WHERE id = :id\nRETURNING id, b + 1 INTO :ret_id, :ret_a"),
    "a row made of a query": (
        "a int, b text", "id int",
        "INSERT INTO t (a, b) SELECT u.a, :b FROM u WHERE u.a = :a RETURNING id",
        "BEGIN\n  FOR n IN (SELECT u.a AS a, :b AS b\n              FROM u WHERE u.a = :a) LOOP\n"
        "    INSERT INTO t (a, b)\n    VALUES (n.a, n.b)\n    RETURNING id INTO :id;\n  END LOOP;\nEND;"),
    "a row that may be there": (
        "a int, b int", "",
        "INSERT INTO t (a, b) VALUES (:a, :b) ON CONFLICT (a) DO NOTHING",
        "MERGE INTO t\nUSING (SELECT :a AS a, :b AS b\n         FROM dual) n\n   ON (t.a = n.a)\n"
        " WHEN NOT MATCHED THEN INSERT (a, b)\n      VALUES (n.a, n.b)"),
    "a row that is changed then": (
        "a int, b int", "",
        "INSERT INTO t (a, b) VALUES (:a, :b)\nON CONFLICT (a) DO UPDATE SET b = t.b + excluded.b WHERE t.b > 0",
        "MERGE INTO t\nUSING (SELECT :a AS a, :b AS b\n         FROM dual) n\n   ON (t.a = n.a)\n"
        " WHEN MATCHED THEN UPDATE SET b = t.b + n.b\n      WHERE t.b > 0\n"
        " WHEN NOT MATCHED THEN INSERT (a, b)\n      VALUES (n.a, n.b)"),
    "a row that is changed and given": (
        "a int, b int", "id int, b int",
        "INSERT INTO t (a, b) VALUES (:a, :b) ON CONFLICT (a) DO UPDATE SET b = excluded.b RETURNING id, b",
        "BEGIN\n  MERGE INTO t\n  USING (SELECT :a AS a, :b AS b\n           FROM dual) n\n     ON (t.a = n.a)\n"
        "   WHEN MATCHED THEN UPDATE SET b = n.b\n   WHEN NOT MATCHED THEN INSERT (a, b)\n"
        "        VALUES (n.a, n.b);\n  SELECT id, b INTO :id, :ret_b\n    FROM t\n   WHERE a = :a;\nEND;"),
    "a row that is given where it is new": (
        "a int", "id int",
        "INSERT INTO t (a) VALUES (:a) ON CONFLICT DO NOTHING RETURNING id",
        "BEGIN\n  INSERT INTO t (a) VALUES (:a)\n  RETURNING id INTO :id;\nEXCEPTION\n"
        "  WHEN DUP_VAL_ON_INDEX THEN NULL;\nEND;"),
    "conditions of flags": (
        "a bool, b int", "",
        "DELETE FROM t WHERE (NOT :a OR b = :b) AND CASE WHEN :a THEN 1 END = 1",
        "DELETE FROM t WHERE (:a = 0 OR b = :b) AND CASE WHEN :a = 1 THEN 1 END = 1"),
    "flags that are stored": (
        "a bool", "", "UPDATE t SET a = :a, b = coalesce(:a, b)", "UPDATE t SET a = :a, b = coalesce(:a, b)"),
    "flags that are given": (
        "", "a bool, b bool, c bool",
        "SELECT a, x = 1 AS b, EXISTS (SELECT 1 FROM u) AS c FROM t",
        "SELECT a, CASE WHEN x = 1 THEN 1 ELSE 0 END AS b, CASE WHEN EXISTS (SELECT 1 FROM u) THEN 1 ELSE 0 END AS c"
        " FROM t"),
    "the server's clock": (
        "a int", "",
        "DELETE FROM t WHERE b < statement_timestamp() - :a * interval '1 second' + interval '5 minutes'",
        "DELETE FROM t WHERE b < SYS_EXTRACT_UTC(SYSTIMESTAMP) - NUMTODSINTERVAL(:a, 'SECOND')"
        " + NUMTODSINTERVAL(5, 'MINUTE')"),
    "a lock": (
        "a int", "id int",
        "SELECT t.id FROM t LEFT JOIN u ON u.id = t.id WHERE t.id = :a FOR NO KEY UPDATE OF t",
        "SELECT t.id FROM t LEFT JOIN u ON u.id = t.id WHERE t.id = :a FOR UPDATE OF t.id"),
    "types": (
        "a int", "b text", "SELECT CAST(b AS text) AS b FROM t WHERE CAST(b AS bigint) = :a",
        "SELECT CAST(b AS VARCHAR2(4000)) AS b FROM t WHERE CAST(b AS NUMBER(19)) = :a"),
    "small words": (
        "", "i int",
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT i FROM n EXCEPT "
        "SELECT i FROM u",
        "WITH n (i) AS (SELECT 1 FROM dual UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT i FROM n MINUS "
        "SELECT i FROM u"),
    "names that are reserved": (
        "size int", "size int", "SELECT size FROM t WHERE size > :size",
        'SELECT "SIZE" FROM t WHERE "SIZE" > :p_size'),
}

# Texts below `-- oracle:`, with a piece of what is said of each.
WRONG = (
    ("SELECT size AS a FROM t", "a reserved word"),
    ("SELECT t.a AS level FROM t", "a reserved word"),
    ("SELECT immediate FROM t", "a reserved word"),
    ("SELECT a FROM t LIMIT 1", "has no LIMIT"),
    ("SELECT a FROM t WHERE b = TRUE", "has no boolean"),
    ("SELECT a FROM t WHERE b = ''", "a text of no characters"),
    (f"SELECT a FROM {'t' * 129}", "names of more than 128 bytes"),
    ("SELECT t.a FROM things AS t", "AS before a table's alias"),
    ("SELECT u.a FROM (SELECT a FROM t) AS u", "AS before a table's alias"),
    ("INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING", "has no ON CONFLICT"),
    ("SELECT a::int AS a FROM t", "the cast ::"),
    ("UPDATE t SET a = 1 RETURNING a", "end the text with INTO :a"),
    ("SELECT 1 AS a", "SELECT without FROM"),
    ("INSERT INTO t (a) VALUES (1), (2)", "several rows of VALUES"),
    ("INSERT INTO t (a) SELECT a FROM u RETURNING a INTO :a", "INSERT from SELECT"),
    ("MERGE INTO t USING u ON (t.a = u.a) WHEN MATCHED THEN UPDATE SET b = 1 RETURNING a INTO :a", "RETURNING of MERGE"),
    ("SELECT a FROM t FETCH FIRST 1 ROW ONLY FOR UPDATE", "page clause under FOR UPDATE"),
    ("UPDATE t SET a = u.a FROM u WHERE u.b = t.b", "UPDATE from other tables"),
    ("SELECT b = 1 AS a FROM t", "condition as a column"),
    ("SELECT a FROM t WHERE b IS DISTINCT FROM 1", "IS DISTINCT FROM"),
    ("SELECT strftime(b) AS a FROM t", "function that"),
    ("SELECT max(b) - (SELECT min(c) FROM u) AS a FROM t", "aggregate beside a subquery"),
    ("SELECT to_char(b) AS a FROM t GROUP BY a", "GROUP BY of a column's alias"),
    ("WITH RECURSIVE n (a) AS (SELECT 1 FROM dual) SELECT a FROM n", "WITH RECURSIVE"),
    ("SELECT a FROM t EXCEPT SELECT a FROM u", "EXCEPT"),
)


class Rules(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = pathlib.Path(holder.name)
        (self.root / "sql/shop/schema").mkdir(parents=True)

    def load(self, text, required=("sqlite", "postgres"), wanted=("oracle",)):
        (self.root / "sql/shop/a.sql").write_text(text, encoding="utf-8")
        (statement,) = sql2c.load_service(self.root, "shop", list(required), wanted).statements
        return statement

    def one(self, params, columns, text, **how):
        head = ["-- name: x", "-- Does it."]
        head += [f"-- params: {params}"] if params else []
        head += [f"-- columns: {columns}"] if columns else []
        return self.load("\n".join([*head, text, ""]), **how)

    def test_each_rule(self):
        for name, (params, columns, text, wanted) in DERIVED.items():
            with self.subTest(name):
                statement = self.one(params, columns, text, required=("postgres",))
                self.assertEqual(statement.missing, {})
                self.assertEqual(statement.variants["oracle"].text, wanted)

    def test_wrong_texts__are_refused_each(self):
        for text, said in WRONG:
            gives = text.startswith(("SELECT", "WITH")) or "RETURNING" in text
            with self.subTest(text), self.assertRaises(SqlError) as caught:
                self.one("", "a int" if gives else "", f"-- oracle:\n{text}", required=(), wanted=("oracle",))
            self.assertIn(said, str(caught.exception))

    def test_no_rule_for_it__is_kept_with_the_reason_and_the_others_go_on(self):
        statement = self.one("a text", "b int", "-- sqlite:\nSELECT value AS b FROM json_each(:a)\n-- postgres:\n"
                             "SELECT b FROM json_array_elements_text(:a) b")
        self.assertEqual(set(statement.variants), {"sqlite", "postgres"})
        self.assertIn("function that", statement.missing["oracle"])

    def test_base__is_the_text_of_the_other_server(self):
        statement = self.one("now now", "", "DELETE FROM t WHERE a < :now\n-- postgres:\n"
                             "DELETE FROM t WHERE a < statement_timestamp()")
        self.assertIn("SYSTIMESTAMP", statement.variants["oracle"].text)

    def test_block__binds_by_name_and_its_row_is_last(self):
        variant = self.one("a int, b int", "a int", "-- sqlite, postgres:\nSELECT 1 AS a WHERE :a = :b\n-- oracle:\n"
                           "BEGIN\n  UPDATE t SET b = :b WHERE a = :a AND c = :b;\n"
                           "  SELECT a INTO :ret_a FROM t WHERE a = :a;\nEND;").variants["oracle"]
        self.assertEqual((variant.bind_order, variant.is_block, variant.gives_binds, variant.operation,
                          variant.collection), ([1, 0], True, True, "UPDATE", "t"))

    def test_block__that_gives_before_it_takes_or_gives_nothing__is_refused(self):
        for columns, text, said in (
                ("b int", "BEGIN\n  SELECT b INTO :b FROM t WHERE a = :a;\nEND;", "last binds are its columns"),
                ("", "BEGIN\n  DELETE FROM t WHERE a = :a;\nEND;", "does not say how many rows")):
            with self.subTest(text), self.assertRaisesRegex(SqlError, said):
                self.one("a int", columns, f"-- oracle:\n{text}", required=(), wanted=("oracle",))

    def test_merge__may_collide_and_takes_long_texts_as_lobs(self):
        variant = self.one("a int, b text", "", "INSERT INTO t (a, b) VALUES (:a, :b) ON CONFLICT (a) DO NOTHING"
                           ).variants["oracle"]
        self.assertEqual((variant.may_collide, variant.lob_places), (True, [1]))
        variant = self.one("a text, b text", "c int", "-- sqlite, postgres:\nSELECT 1 AS c WHERE :a = :b\n-- oracle:\n"
                           "SELECT c FROM JSON_TABLE(:a, '$[*]' COLUMNS (c NUMBER PATH '$')) k WHERE c = :b"
                           ).variants["oracle"]
        self.assertEqual((variant.may_collide, variant.lob_places), (False, [0]))

    def test_clobs_of_the_schema__are_named_where_they_come_out_of_binds(self):
        (self.root / "sql/shop/schema/0001_t.sql").write_text(
            "-- oracle:\nCREATE TABLE t (\n    id NUMBER(19),\n    note CLOB,\n    name VARCHAR2(9)\n);\n"
            "-- sqlite, postgres:\nCREATE TABLE t (id int);\n", encoding="utf-8")
        variant = self.one("id int", "name text, note text", "UPDATE t SET a = 1 WHERE id = :id RETURNING name, note"
                           ).variants["oracle"]
        self.assertEqual(variant.lob_columns, [1])

    def seed(self, text):
        """What becomes of a seed of a table that has an id, a code and a pair that no two rows share."""
        schema, seed = self.root / "sql/shop/schema/0001_t.sql", self.root / "sql/shop/seed/0002_t.sql"
        seed.parent.mkdir(exist_ok=True)
        schema.write_text("-- oracle:\nCREATE TABLE t (\n    id NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,\n"
                          "    code VARCHAR2(9) NOT NULL UNIQUE,\n    a NUMBER(19),\n    b TIMESTAMP(6),\n"
                          "    UNIQUE (a, b)\n);\n", encoding="utf-8")
        seed.write_text(f"-- postgres:\n{text}\n", encoding="utf-8")
        return sql2c.load_service(self.root, "shop", ["postgres"], ("oracle",)).scripts[1]

    def test_seed__is_made_of_the_other_servers_and_has_its_checksum(self):
        script = self.seed("-- Two rows.\nWITH i (id, n) AS (VALUES\n    (1, NULL), (2, 3)\n)\n"
                           "INSERT INTO t (id, code, a)\nSELECT id, 'T-' || id, n\n  FROM i\n    ON CONFLICT DO NOTHING;\n\n"
                           "SELECT setval('t_id_seq', (SELECT max(id) FROM t));")
        self.assertEqual(script.texts["oracle"], """MERGE INTO t USING (
WITH i (id, n) AS (
    SELECT 1, CAST(NULL AS NUMBER) FROM dual
    UNION ALL
    SELECT 2, 3 FROM dual
)
SELECT id AS id,
       'T-' || id AS code,
       n AS a
  FROM i) n
   ON ((t.id = n.id) OR (t.code = n.code))
 WHEN NOT MATCHED THEN INSERT (id, code, a)
      VALUES (n.id, n.code, n.a);

ALTER TABLE t MODIFY id GENERATED BY DEFAULT AS IDENTITY (START WITH LIMIT VALUE);
""")
        self.assertEqual(script.checksums["oracle"], script.checksums["postgres"])

    def test_seed__periods_and_the_clock__stand_where_they_stood(self):
        text = self.seed("INSERT INTO t (id, b)\nSELECT id, now() - (7 - id) * interval '24 hours'\n"
                         "  FROM t\n    ON CONFLICT DO NOTHING;").texts["oracle"]
        self.assertIn("SYS_EXTRACT_UTC(SYSTIMESTAMP) - NUMTODSINTERVAL((7 - id) * 24, 'HOUR') AS b", text)

    def test_seed__of_another_form__is_refused(self):
        for text, said in (("UPDATE t SET a = 1;", "no rule makes a text for Oracle"),
                           ("INSERT INTO t (a)\nSELECT a\n  FROM t\n    ON CONFLICT DO NOTHING;", "no key is known")):
            with self.subTest(text), self.assertRaisesRegex(SqlError, said):
                self.seed(text)


if __name__ == "__main__":
    unittest.main()
