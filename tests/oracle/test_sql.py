"""`octo sql`: scripts and a terminal, as whoever knows SQL*Plus writes them."""

import csv
import io
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from support.sqlid import sql_id
from support.terminal import spawn
from support.tnsd import BUILD, PASSWORD, USER, database, listener
from support.wallets import RSA, WALLET_PASSWORD, Authority

OCTO = BUILD / "src/app/octo"
PRODUCTS = """CREATE TABLE products (id NUMBER(10) PRIMARY KEY, name VARCHAR2(40), price NUMBER(12,2));
INSERT INTO products VALUES (1, 'Kestrel', 1299.5);
INSERT INTO products
  VALUES (2, 'Wren; the "small" one, of 1', NULL);
COMMIT;
"""


class Sql(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.place = self.enterContext(listener(*self.enterContext(database())))

    def run_sql(self, script, *options, status=0, place=None, password=PASSWORD):
        done = subprocess.run([OCTO, "sql", "--user", USER, *options, f"{place or self.place}/svc"], text=True,
                              input=f"{password}\n{script}", capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, status, done)
        self.assertNotIn(PASSWORD, done.stdout + done.stderr)
        return done

    def objects(self, script, status=0):
        return [json.loads(line) for line in self.run_sql(script, "--json", status=status).stdout.splitlines()]

    def rows(self, query):
        return self.objects(query)[-1]["rows"]

    def test_tables_counts_and_sql_ids(self):
        query = "SELECT id, name,\n       price FROM products ORDER BY id"
        done = self.run_sql(PRODUCTS + f"""{query}; -- all
SELECT id FROM products WHERE id = 9;
UPDATE products SET price = price + 1;
DELETE products WHERE id = 2;
ROLLBACK;
BEGIN
  NULL;
END;
/
DROP TABLE products PURGE;
""")
        self.assertEqual(done.stderr, "")
        said = re.sub(r"  \d+\.\d{3} ms\n", "\n", done.stdout)
        ids = [sql_id(text) for text in (query, "SELECT id FROM products WHERE id = 9", "UPDATE products SET price = price + 1",
                                         "DELETE products WHERE id = 2", "BEGIN\n  NULL;\nEND;", "DROP TABLE products PURGE")]
        self.assertTrue(said.startswith("Table created.  SQL_ID "), said)
        self.assertTrue(said.endswith(f"""Commit complete.

ID  NAME                          PRICE
 1  Kestrel                      1299.5
 2  Wren; the "small" one, of 1
2 rows selected.  SQL_ID {ids[0]}

no rows selected.  SQL_ID {ids[1]}

2 rows updated.  SQL_ID {ids[2]}

1 row deleted.  SQL_ID {ids[3]}

Rollback complete.

PL/SQL procedure successfully completed.  SQL_ID {ids[4]}

Table dropped.  SQL_ID {ids[5]}

"""), said)
        self.assertNotRegex(self.run_sql("SET FEEDBACK OFF\nSELECT 1 AS one FROM DUAL;\n").stdout, "SQL_ID")
        self.assertNotRegex(self.run_sql("SET TIMING OFF\nSELECT 1 AS one FROM DUAL;\n").stdout, " ms")

    def test_what_ends_a_statement(self):
        """Each script has statements of these texts."""
        for script, texts in (
                ("SELECT 'a;\nb' AS x FROM DUAL;", ["SELECT 'a;\nb' AS x FROM DUAL"]),
                ("SELECT q'[a;'\n]' AS x FROM DUAL -- ;\n;", ["SELECT q'[a;'\n]' AS x FROM DUAL -- ;"]),
                ("-- first ;\nSELECT /* ;\n*/ 1 AS x FROM DUAL /* end */ ; /* behind */", ["SELECT /* ;\n*/ 1 AS x FROM DUAL /* end */"]),
                ("SELECT 1 AS x\n\nFROM DUAL\n/\n/\n", ["SELECT 1 AS x\n\nFROM DUAL"] * 2),
                ("SELECT 1 AS x\n.\nSELECT 2 AS x FROM DUAL;", ["SELECT 2 AS x FROM DUAL"]),
                ("BEGIN NULL;\nEND;\r\n/\r\n", ["BEGIN NULL;\nEND;"]),
                ("DECLARE\n  x NUMBER;\nBEGIN\n  x := 4 / 2;\nEND;\n/", ["DECLARE\n  x NUMBER;\nBEGIN\n  x := 4 / 2;\nEND;"]),
                ("REM SELECT 1;\nEXEC NULL;\nSET ROLE NONE;\n", ["BEGIN NULL; END;", "SET ROLE NONE"])):
            with self.subTest(script=script):
                done = subprocess.run([OCTO, "sql", "--json", "--user", USER, f"{self.place}/svc"], text=True,
                                      input=f"{PASSWORD}\n{script}", capture_output=True, timeout=60, check=False)
                self.assertEqual([json.loads(line)["sql_id"] for line in done.stdout.splitlines()], list(map(sql_id, texts)), done)

    def test_errors_are_marked_and_the_script_goes_on(self):
        done = self.run_sql("SELECT 1 AS one,\n  Größe, nothing\nFROM DUAL;\nSELECT 2 AS two FROM DUAL;\n", status=1)
        text = "SELECT 1 AS one,\n  Größe, nothing\nFROM DUAL"
        self.assertRegex(done.stderr, r"^octo sql: standard input:3: .*\n.*\n *\*\nERROR at line \d:\nORA-00904: .*\n"
                                      rf"SQL_ID {sql_id(text)}\n\n$")
        self.assertIn("1 row selected.", done.stdout)
        done = self.run_sql("SELECT id FROM types START WITH id = 1;\n", status=1)
        line, mark = done.stderr.splitlines()[1:3]
        self.assertEqual(line[len(mark) - 1:][:10], "START WITH", done)
        error = self.objects("SELECT id FROM types START WITH id = 1;", status=1)[0]["error"]
        self.assertEqual((error["number"], error["position"]), (900, 21))

    def test_ends_as_told(self):
        for script, status, count in (
                ("INSERT INTO kept VALUES (1);\n", 0, 1),
                ("INSERT INTO kept VALUES (2);\nEXIT\nINSERT INTO kept VALUES (3);\n", 0, 2),
                ("INSERT INTO kept VALUES (3);\nEXIT 7 ROLLBACK\n", 7, 2),
                ("INSERT INTO kept VALUES (3);\nINSERT INTO kept VALUES ('x');\nSELECT 1 AS x FROM DUAL;\n", 1, 3),
                ("WHENEVER SQLERROR EXIT\nINSERT INTO kept VALUES (4);\nNONSENSE;\nCOMMIT;\n", 1, 3),
                ("WHENEVER SQLERROR EXIT 5 COMMIT\nINSERT INTO kept VALUES (4);\nNONSENSE;\nROLLBACK;\n", 5, 4),
                ("WHENEVER SQLERROR EXIT SQL.SQLCODE\nNONSENSE;\n", 900 % 256, 4),
                ("WHENEVER SQLERROR CONTINUE ROLLBACK\nINSERT INTO kept VALUES (5);\nNONSENSE;\n", 1, 4),
                ("SET AUTOCOMMIT ON\nINSERT INTO kept VALUES (5);\nROLLBACK;\n", 0, 5),
                ("WHENEVER OSERROR EXIT 3\n@nowhere\nINSERT INTO kept VALUES (6);\n", 3, 5),
                ("INSERT INTO kept VALUES (6);\nCONNECT other\nCOMMIT;\n", 1, 5),
                ("INSERT INTO kept VALUES (6);\nBEGIN TNSD.CUT; END;\n/\nSELECT 1 AS x FROM DUAL;\n", 1, 5),
                ("INSERT INTO kept VALUES (6)", 1, 5),
                ("SPOOL file\nCOLUMN id FORMAT 99\n", 1, 5),
                ("COLUMN id FORMAT 99\nSET PAGESIZE 0\n", 0, 5)):
            if count == 1:
                self.run_sql("CREATE TABLE kept (id NUMBER(10));\n")
            with self.subTest(script=script):
                self.run_sql(script, status=status)
                self.assertEqual(self.rows("SELECT COUNT(*) FROM kept;"), [[count]])

    def test_variables(self):
        done = self.run_sql(PRODUCTS + """VARIABLE id NUMBER = 1
VAR name VARCHAR2(40)
VAR doubled NUMBER
VAR text CLOB
VAR rows REFCURSOR
SELECT name FROM products WHERE id = :id;
EXEC :name := :name || 'Gr''ün'; :doubled := :id * 21;
UPDATE products SET price = :doubled WHERE id = :id RETURNING name INTO :name;
EXEC :text := TO_CLOB('long')
PRINT id name, :doubled text
BEGIN OPEN :rows FOR SELECT id, price FROM products WHERE price = :doubled; END;
/
PRINT rows
VAR name = 'it''s'
PRINT name
SELECT LENGTH(:text) AS length FROM DUAL;
""")
        said = re.sub(r".* ms\n", "", done.stdout)
        self.assertTrue(said.endswith("""NAME
Kestrel

""" + "\n" * 3 + """id
 1

name
Kestrel

doubled
     21

text
long

""" + "\n" + """ID  PRICE
 1     21

name
it's

LENGTH
     4

""" + "\n"), said)  # and a commit
        for script, words in (("SELECT :x AS x FROM DUAL;", "the bind variable x is not declared"),
                              ("VAR x DATE", "a type is NUMBER"), ("VAR x VARCHAR2(0)", "a size is 1 to 32767"),
                              ("VAR x = 1", "it is not declared"), ("VAR 1x NUMBER", "a name is"),
                              ("VAR x NUMBER = 'a", "quotes are not closed"), ("PRINT x", "there is no variable of that name: x"),
                              ("VAR x NUMBER = abc\nSELECT :x AS x FROM DUAL;", "the value of bind 1 is not a number")):
            with self.subTest(script=script):
                self.assertIn(words, self.run_sql(script + "\n", status=1).stderr)

    def test_csv_and_json(self):
        script = PRODUCTS + "SELECT id, name, price FROM products ORDER BY id;\nSELECT HEXTORAW('00FF') AS r FROM DUAL;\n"
        done = self.run_sql(script, "--csv")
        first, second = done.stdout.split("\n\n")
        self.assertEqual(list(csv.reader(io.StringIO(first, newline=""))),
                         [["ID", "NAME", "PRICE"], ["1", "Kestrel", "1299.5"], ["2", 'Wren; the "small" one, of 1', ""]])
        self.assertEqual(second, "R\n00FF\n")
        self.assertIn("2 rows selected.", done.stderr)
        self.run_sql("DROP TABLE products;\n")
        objects = self.objects(script + "VAR n NUMBER = 0.5\nPRINT n\nBEGIN NULL; END;\n/\nNONSENSE;\n", status=1)
        self.assertEqual([set(one) for one in objects[:4]], [{"sql_id", "ms"}, *[{"sql_id", "row_count", "ms"}] * 2, {"done", "ms"}])
        self.assertEqual(objects[4]["columns"], ["ID", "NAME", "PRICE"])
        self.assertEqual(objects[4]["rows"], [[1, "Kestrel", 1299.5], [2, 'Wren; the "small" one, of 1', None]])
        self.assertEqual((objects[4]["row_count"], objects[4]["sql_id"]),
                         (2, sql_id("SELECT id, name, price FROM products ORDER BY id")))
        self.assertEqual(objects[5]["rows"], [["00FF"]])
        self.assertEqual(objects[6], {"variable": "n", "value": 0.5})
        self.assertEqual(objects[8]["error"]["number"], 900)

    def test_many_rows_and_long_values(self):
        done = self.run_sql("SELECT LEVEL AS n, RPAD('ö', 200) AS t FROM DUAL CONNECT BY LEVEL <= 2500;\n")
        self.assertEqual(len(re.findall(r"^ *\d+  ö +~$", done.stdout, re.M)), 2500)
        self.assertEqual(len(re.findall(r"^ *N  T$", done.stdout, re.M)), 3)
        self.assertIn("2500 rows selected.", done.stdout)

    def test_scripts_within_scripts(self):
        directory = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="octo-sql-")))
        (directory / "outer.sql").write_text("PROMPT outer\n@@inner\nSELECT 1 AS x FROM DUAL;\n")
        (directory / "inner.sql").write_text("PROMPT inner\nNONSENSE;\n")
        (directory / "deep.sql").write_text("@@deep\n")
        done = subprocess.run([OCTO, "sql", "--user", USER, f"{self.place}/svc", f"@{directory}/outer.sql"], text=True,
                              input=PASSWORD + "\n", capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1, done)
        self.assertRegex(done.stdout, r"^outer\ninner\nX\n1\n1 row selected\.")
        self.assertIn(f"octo sql: {directory}/inner.sql:2: ", done.stderr)
        self.assertIn("too deep", self.run_sql(f"@{directory}/deep\n", status=1).stderr)

    def test_a_call_that_takes_too_long(self):
        done = self.run_sql("BEGIN DBMS_SESSION.SLEEP(60); END;\n/\nSELECT 1 AS x FROM DUAL;\n", "--timeout", "1", status=1)
        self.assertIn("took longer than 1000 ms and was broken off", done.stderr)
        self.assertIn("1 row selected.", done.stdout)

    def test_log_on(self):
        self.assertIn("ORA-01017", self.run_sql("", status=1, password="wrong").stderr)
        with listener("--privilege", "sysdba", "--edition", "E2") as place:
            self.run_sql("", "--as", "SYSDBA", "--edition", "E2", place=place)
            self.assertIn("ORA-28009", self.run_sql("", status=1, place=place).stderr)
        authority = Authority(self.enterContext(tempfile.TemporaryDirectory(prefix="octo-sql-")))
        server_key, server = authority.issue("localhost", "DNS:localhost")
        wallet = authority.wallet("wallet", *authority.issue("client", kind=RSA), authority.certificate)
        with listener("--key", server_key, "--certificate", server, "--authority", authority.certificate) as place:
            place = f"tcps://localhost:{place.split(':')[1]}"
            self.run_sql(WALLET_PASSWORD + "\nPROMPT within\n", "--wallet", wallet, place=place)
            self.assertIn("the wallet's password is wrong", self.run_sql("PROMPT\n", "--wallet", wallet, place=place, status=1).stderr)
        for arguments in ([], ["h/s"], ["--user", "a"], ["--user", "a", "h/s", "f", "g"], ["--user", "a", "--as", "king", "h/s"],
                          ["--user", "a", "--csv", "--json", "h/s"], ["--user", "a", "--timeout", "0", "h/s"],
                          ["--user", "a", "--password", "x"]):
            done = subprocess.run([OCTO, "sql", *arguments], text=True, capture_output=True, check=False)
            self.assertEqual(done.returncode, 2, done)
            self.assertIn("usage: octo sql", done.stderr)

    def test_on_a_terminal(self):
        pid, terminal, _ = spawn([str(OCTO), "sql", "--user", USER, f"{self.place}/svc"], dict(os.environ))
        said = b""

        for prompt, line in ((b"Password: ", PASSWORD.encode()), (b"SQL> ", b"SELECT 1 AS x"), (b"  2  ", b"FROM DUAL;"),
                             (b"SQL> ", b"NONSENSE;"), (b"SQL> ", b"VAR x NUMBER = 4"), (b"SQL> ", b"EXIT")):
            step = b""
            while not step.endswith(prompt):
                step += os.read(terminal, 4096)
            said += step
            os.write(terminal, line + b"\n")
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        self.assertNotIn(PASSWORD.encode(), said)
        self.assertIn(b"Oracle 19.0.0.0.0. HELP lists the commands.", said)
        self.assertIn(b"1 row selected.  SQL_ID " + sql_id("SELECT 1 AS x\nFROM DUAL").encode(), said)
        self.assertRegex(said, rb"NONSENSE\r\n\*\r\nERROR at line 1:\r\nORA-00900: ")


if __name__ == "__main__":
    unittest.main()
