"""The services' schemas for Oracle, and each statement of their catalogues executed once, by our driver on the listener, as
V$SQL has it. On both, all of `octo ora selftest`; on the shop's, by another driver, what the feed of orders waits for."""

import json
import re
import subprocess
import unittest

from support.tnsd import BUILD, DEBIANS_PYTHON, DRIVERS, PASSWORD, ROOT, USER, database, listener, statements

OCTO = BUILD / "src/app/octo"

VIEW = re.compile(r"(CREATE OR REPLACE VIEW open_transactions AS.*?)\n\n", re.DOTALL)
HORIZON = re.compile(r"\(SELECT coalesce\(min\(started_at\), (.*?)\)\s+FROM open_transactions\)", re.DOTALL)


def settled():
    """What the shop asks, and the same that asks the clock alone."""
    text = statements("--find", "orders_settled")[0]["text"]
    by_the_clock, replaced = HORIZON.subn(r"\1", text)
    assert replaced == 1, text
    return {"settled": text, "by the clock": by_the_clock}


def documented_checks():
    """What stands in the last table of the document as the line of the selftest."""
    rows = (ROOT / "docs/oracle.md").read_text(encoding="utf-8").rstrip("\n").rsplit("\n\n", 1)[1].splitlines()[2:]
    return [row.strip("| ").split(" | ")[-1].strip("`") for row in rows]


def executed(place):
    """What V$SQL says of this user's statements: the SQL_IDs of those that were executed."""
    asked = "SELECT sql_id FROM v$sql WHERE executions > 0 AND parsing_schema_name = USER;"
    done = subprocess.run([OCTO, "sql", "--user", USER, "--json", f"{place}/svc"], input=f"{PASSWORD}\n{asked}\n", text=True,
                          capture_output=True, timeout=60, check=True)
    return {row[0] for row in json.loads(done.stdout.splitlines()[0])["rows"]}


class Texts(unittest.TestCase):
    def test_every_statement_is_executed(self):
        for service in ("shop", "crm"):
            with self.subTest(service):
                place = self.enterContext(listener(*self.enterContext(database())))
                done = subprocess.run([BUILD / "tests/oracle/ora-texts", USER, PASSWORD, f"{place}/svc", service],
                                      text=True, capture_output=True, timeout=600, check=False)
                print(service, *done.stdout.splitlines(), sep="\n  ", flush=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                seen = executed(place)
                catalogue = statements("--catalogue", "--service", service)
                self.assertEqual([each["name"] for each in catalogue if each["sql_id"] not in seen], [])
                self.assertGreater(len(catalogue), 200)
                self.check_selftest(place, service)
                if service == "shop":
                    self.check_horizon(place)

    def check_selftest(self, place, service):
        """All is well, but for the statements of the service whose tables are elsewhere; and the document's last table names
        the same checks."""
        done = subprocess.run([OCTO, "ora", "selftest", "--user", USER, "--pooled", f"{place}/svc:pooled",
                               f"{place}/svc"], input=PASSWORD + "\n", text=True, capture_output=True, timeout=600,
                              check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        lines, rules = done.stdout.split("\nWhat docs/oracle.md leaves to a real server:\n")
        elsewhere = "crm" if service == "shop" else "shop"
        self.assertEqual([line for line in lines.splitlines() if not line.startswith("ok ")],
                         [line for line in lines.splitlines() if line.startswith(f"skip  statements of {elsewhere} ")])
        self.assertRegex(lines, rf"(?m)^ok    statements of {service} +\d\d\d are read by the server$")
        for which in ("shop", "crm"):
            self.assertRegex(lines, rf"(?m)^ok    SQL_ID of {which} +(\d+) are the server's own: \1 by V\$SQL, 0 by ")
        self.assertEqual([line for line in rules.splitlines() if not line.startswith("certain  ")],
                         [line for line in rules.splitlines() if line.endswith(f"(statements of {elsewhere})")])
        self.assertEqual(re.findall(r"\((.*)\)$", rules, re.MULTILINE), documented_checks())

    def check_horizon(self, place):
        """By the view that an administrator makes: a change that another transaction may still
        be followed by is not settled. Asked of the clock, it would be, and the order that is held would be missed."""
        view = VIEW.search((ROOT / "sql/db/oracle/users.sql").read_text(encoding="utf-8")).group(1)
        done = subprocess.run([DEBIANS_PYTHON, "horizon.py", place, USER, PASSWORD], cwd=DRIVERS, text=True,
                              input=json.dumps({"view": view} | settled()), capture_output=True, timeout=600, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        seen = json.loads(done.stdout)
        self.assertEqual(seen["before"][0], seen["before"][1])
        self.assertGreater(seen["overtakes"], seen["held"])
        self.assertLess(seen["while it is held"], seen["held"])
        self.assertEqual(seen["by the clock"], seen["overtakes"])
        self.assertEqual(seen["after"], seen["overtakes"])


if __name__ == "__main__":
    unittest.main()
