"""The listener's V$ views, as a client that is not ours sees them: what it does, under whose name and for how long."""

import json
import subprocess
import unittest

from support.sqlid import sql_id
from support.tnsd import DEBIANS_PYTHON, DRIVERS, PASSWORD, USER, database, listener


class Views(unittest.TestCase):
    maxDiff = None

    def test_foreign_client_sees_sessions_statements_and_transactions(self):
        with database() as of_database, listener(*of_database) as address:
            done = subprocess.run([DEBIANS_PYTHON, "views.py", address, USER, PASSWORD], cwd=DRIVERS, text=True,
                                  capture_output=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        seen = json.loads(done.stdout)
        insert = "INSERT INTO wares\n  VALUES (:id, 'kestrel')"
        select = "SELECT LEVEL FROM DUAL CONNECT BY LEVEL <= 25"
        with self.subTest("within a transaction"):
            session = seen["session"]
            self.assertEqual(session[:7], ["INACTIVE", "crm", "sync", None, "Grüße", None, sql_id(insert)])
            self.assertTrue(session[8] and session[9], session)
            self.assertEqual(session[10:], [4711, "ACTIVE"])
            self.assertEqual((seen["transactions before"], seen["transactions"]), (0, 1))
        with self.subTest("at rest"):
            session = seen["session at rest"]
            self.assertEqual(session[:7], ["INACTIVE", None, None, None, "Grüße", None, sql_id("SELECT 1 FROM DUAL")])
            self.assertIsNone(session[11])
        with self.subTest("statements belong to whoever parsed them first"):
            self.assertEqual(seen["insert"], [sql_id(insert), insert.replace("\n", " "), insert, "shop",
                                              "POST /api/checkout", 1, 2, 2, 2])
            self.assertEqual(seen["select"], [sql_id(select), select, select, None, None, 1, 1, 25, 3])
            self.assertGreater(seen["insert took"], 0)
            self.assertGreater(seen["select took"], 0)
        with self.subTest("who looks sees himself"):
            self.assertEqual(seen["itself"],
                             [sql_id("SELECT sql_id, client_identifier FROM v$session WHERE status = 'ACTIVE'"), None])
        self.assertEqual(dict(seen["parameters"]), {"compatible": "19.0.0", "cursor_sharing": "EXACT", "open_cursors": "300",
                                                    "service_names": "svc", "sessions": "128"})


if __name__ == "__main__":
    unittest.main()
