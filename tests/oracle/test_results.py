"""ROWIDs, and results that a block gives by itself, as Oracle's own drivers get them from the listener. `octo ora selftest`
asks for both by ours (test_texts)."""

import json
import subprocess
import unittest

from support import npm
from support.tnsd import DEBIANS_PYTHON, DRIVERS, PASSWORD, USER, database, listener

WARES = """
CREATE TABLE app.wares (id numeric, name varchar(40));
INSERT INTO app.wares VALUES (1, 'kestrel'), (2, 'merlin'), (3, 'hobby');
"""
BLOCK = """DECLARE
  l_wares SYS_REFCURSOR;
  l_count SYS_REFCURSOR;
BEGIN
  OPEN l_wares FOR SELECT id, name FROM wares WHERE id > 1 ORDER BY id;
  DBMS_SQL.RETURN_RESULT(l_wares);
  OPEN l_count FOR SELECT COUNT(*) AS n FROM wares;
  DBMS_SQL.RETURN_RESULT(l_count);
END;"""


class Results(unittest.TestCase):
    def test_foreign_drivers__get_results_and_find_a_row_by_its_rowid(self):
        npm.need(DRIVERS)
        with database(WARES) as of_database, listener(*of_database) as address:
            for command in ([DEBIANS_PYTHON, "results.py"], ["node", "results.js"]):
                with self.subTest(command[1]):
                    done = subprocess.run([*command, address, USER, PASSWORD, BLOCK], cwd=DRIVERS, text=True,
                                          capture_output=True, timeout=120, check=False)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    seen = json.loads(done.stdout)
                    self.assertEqual(seen["results"], [[[2, "merlin"], [3, "hobby"]], [[3]]])
                    self.assertRegex(seen["place"], r"\A[A-Za-z0-9+/]{18}\Z")
                    self.assertEqual(seen["found"], [[2, "merlin"]])


if __name__ == "__main__":
    unittest.main()
