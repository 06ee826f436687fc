"""The services' schemas for Oracle, and each of their statements executed once, by our driver on the listener."""

import subprocess
import unittest

from support.tnsd import BUILD, PASSWORD, USER, database, listener


class Texts(unittest.TestCase):
    def test_every_statement_is_executed(self):
        for service, least in (("shop", 200), ("crm", 195)):
            with self.subTest(service):
                place = self.enterContext(listener(*self.enterContext(database())))
                done = subprocess.run([BUILD / "tests/oracle/ora-texts", USER, PASSWORD, f"{place}/svc", service],
                                      text=True, capture_output=True, timeout=120, check=False)
                print(service, *done.stdout.splitlines(), sep="\n  ", flush=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertGreater(int(done.stdout.splitlines()[-1].split()[0]), least)


if __name__ == "__main__":
    unittest.main()
