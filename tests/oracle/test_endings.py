"""Our driver, when what a server says ends, stops or is nonsense at any byte: the script comes to its end by itself,
with an error that says what happened, and never later than its calls may take."""

import concurrent.futures
import pathlib
import subprocess
import unittest

from support.tampering import CUT, GARBAGE, STALL, Tampering
from support.tnsd import BUILD, PASSWORD, USER, database, listener

PATIENT_MS = 20000  # of a call of the script's
SHORT_MS = 400  # where nothing comes any more
AT_ONCE = 4
SCRIPT = pathlib.Path(__file__).with_name("endings.json").read_text(encoding="utf-8")
TABLE = "CREATE TABLE app.t (n numeric)"


def run(address, kind=None, at=0):
    """What became of the script, and how many bytes the server had to say."""
    host, port = address.split(":")
    limit = SHORT_MS if kind == STALL else PATIENT_MS
    with Tampering((host, int(port)), kind, at) as between:
        done = subprocess.run([BUILD / "tests/oracle/ora-script", between.address, USER, PASSWORD, str(limit)],
                              input=SCRIPT, capture_output=True, text=True, timeout=60, check=False)
        return done, between.said


class Endings(unittest.TestCase):
    def tamper(self, kind, count, words):
        with database(TABLE) as of_database, listener(*of_database) as address:
            done, total = run(address)
            self.assertEqual(done.returncode, 0, done)
            places = [total * i // count for i in range(count)] + list(range(1, 12))
            with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
                results = list(pool.map(lambda at: (at, run(address, kind, at)[0]), places))
        for at, done in results:
            with self.subTest(kind=kind, at=at):
                self.assertEqual(done.returncode, 1, done)
                self.assertRegex(done.stderr, words)
                self.assertNotIn(PASSWORD, done.stderr + done.stdout)

    def test_cut(self):
        self.tamper(CUT, 40, r"kind (2|5), ORA-00000: (127\.0\.0\.1 port \d+: the connection ended|the session is dead)")

    def test_silence(self):
        self.tamper(STALL, 12, r"kind (2|5), ORA-00000: (127\.0\.0\.1 port \d+: no answer in time|the session is dead)")

    def test_nonsense(self):
        self.tamper(GARBAGE, 40, r"kind [2-5], ORA-\d{5}: .")


if __name__ == "__main__":
    unittest.main()
