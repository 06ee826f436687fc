"""Oracle's own drivers take the listener for a server of each pose, and ours gets from it what they get: all run one
script, each step of which has one result, and what the listener records is read to its end."""

import json
import subprocess
import unittest

from support.tampering import Tampering
from support.tnsd import BUILD, PASSWORD, USER, VERSIONS, database, listener, recorded, wanted


class Listener(unittest.TestCase):
    maxDiff = None

    def check(self, driver, pose, *options):
        results, records = recorded(driver, pose, *options)
        self.assertEqual(results, wanted(driver, pose))
        done = subprocess.run([BUILD / "src/app/octo", "ora", "decode", "--check", records], text=True,
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stdout, r"\n\d{3,} messages in 4 recordings, 0 bytes unread; 0 recordings")
        for record in records.iterdir():
            octets = bytes.fromhex("".join(line[1:] for line in record.read_text().splitlines()
                                           if line and line[0] in "<>"))
            self.assertNotIn(PASSWORD.encode(), octets)

    def check_poses(self, driver):
        for pose in VERSIONS:
            with self.subTest(pose=pose):
                self.check(driver, pose)
        with self.subTest("errors behind markers"):
            self.check(driver, "19c", "--errors-by-marker")

    def test_debians_python(self):
        self.check_poses("python")

    def test_npm(self):
        self.check_poses("npm")

    def test_our_driver(self):
        self.check_poses("ours")


class Break(unittest.TestCase):
    STEPS = json.dumps({"steps": [
        {"name": "sleep", "do": "break", "sql": "BEGIN DBMS_SESSION.SLEEP(60); END;", "ms": 1000, "gives": {"ours": "TIMEOUT"}},
        {"name": "after", "sql": "SELECT 1 FROM DUAL", "gives": [["1"]]}]})

    def test_break_that_comes_with_its_request(self):
        """As where the listener was not given the processor: it has read both before the statement runs."""
        with database() as of_database, listener(*of_database) as address:
            host, port = address.split(":")
            with Tampering((host, int(port)), held=b"SLEEP") as between:
                done = subprocess.run([BUILD / "tests/oracle/ora-script", between.address, USER, PASSWORD, "20000"],
                                      input=self.STEPS, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(dict(map(json.loads, done.stdout.splitlines()))["sleep"], "TIMEOUT")


class Ping(unittest.TestCase):
    def ping(self, address, password):
        return subprocess.run([BUILD / "src/app/octo", "ora", "ping", "--user", USER, address], input=password,
                              text=True, capture_output=True, timeout=60, check=False)

    def test_ping(self):
        with listener() as address:
            done = self.ping(f"{address}/svc", PASSWORD + "\n")
            self.assertEqual(done.returncode, 0, done)
            self.assertRegex(done.stdout, r"(?s)^look-up .* ms  127\.0\.0\.1\nTCP .*\nlistener .*\ndialect .*\nlog-on .*\n"
                                          r"first round trip .* ms.*\nserver 19\.0\.0\.0\.0\n$")
            for dsn, password, fault in ((f"{address}/svc", "wrong", "ORA-01017"),
                                         (f"{address}/other", PASSWORD, "knows no service other"),
                                         (f"{address}", PASSWORD, "expected '/' and the service"),
                                         ("127.0.0.1:1/svc", PASSWORD, "no listener is there")):
                done = self.ping(dsn, password)
                self.assertEqual(done.returncode, 1, done)
                self.assertIn(fault, done.stderr)
                self.assertNotIn(password, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
