"""Oracle's own drivers take the listener for a server, and ours gets from it what they get: the script's results
are the same with all three, and what the listener records is read to its end."""

import json
import pathlib
import subprocess
import tempfile
import unittest

from support.tnsd import BUILD, PASSWORD, USER, listener, node_script, own_script, python_script

MOMENT = "2024-02-29 13:14:15"
RESULTS = [
    ["version", "19"],
    ["one", [[1]]],
    ["one again", [[1]]],
    ["binds", [[12.5, "Grüße", MOMENT, None, "x"]]],
    ["other binds", [[-1, "a" * 300, MOMENT, None, "x"]]],
    ["names", ["A", "B", "C", "D", "E"]],
    ["types", [["00FF10", "Grüße 😀", f"{MOMENT}.123", f"{MOMENT}.123", f"{MOMENT}.123", "3 14706.700", -2.25, 0.5]]],
    ["many rows", [250, 31375]],
    ["some rows", [3, 6]],
    ["no rows", [0, 0]],
    ["tags", [["who", "shop", "buy", "Grüße"]]],
    ["another action", [["who", "shop", "pay", "Grüße"]]],
    ["one taken away", [["who", "shop", "pay", None]]],
    ["insert", 1],
    ["array", 3],
    ["SELECT nothing FROM DUAL", "ORA-00904"],
    ["SELECT 1 FROM NOWHERE", "ORA-00942"],
    ["NONSENSE", "ORA-00900"],
    ["break", ("DPY-4024", "NJS-123", "TIMEOUT")],  # each driver has a word of its own for what it finds itself
    ["after the break", [[1]]],
    ["cut", ("DPY-4011", "NJS-500", "LOST")],
    ["password", "ORA-01017"],
    ["service", ("DPY-6001", "NJS-518", "ORA-12514")],
    ["close", "done"],
]


class Listener(unittest.TestCase):
    maxDiff = None

    def check(self, script, place, *options):
        expected = [[name, result[place] if isinstance(result, tuple) else result] for name, result in RESULTS]
        with tempfile.TemporaryDirectory(prefix="octo-tnsd-") as records:
            with listener("--record", records, *options) as address:
                said = [json.loads(line) for line in script(address).splitlines()]
            self.assertEqual(said, expected)
            done = subprocess.run([BUILD / "src/app/octo", "ora", "decode", "--check", records], text=True,
                                  capture_output=True, check=False)
            self.assertEqual(done.returncode, 0, done)
            self.assertRegex(done.stdout, r"\n\d{3,} messages in 4 recordings, 0 bytes unread; 0 recordings")
            for record in pathlib.Path(records).iterdir():
                octets = bytes.fromhex("".join(line[1:] for line in record.read_text().splitlines()
                                               if line and line[0] in "<>"))
                self.assertNotIn(PASSWORD.encode(), octets)

    def test_debians_python(self):
        self.check(python_script, 0)

    def test_debians_python_with_errors_behind_markers(self):
        self.check(python_script, 0, "--errors-by-marker")

    def test_npm(self):
        self.check(node_script, 1)

    def test_npm_with_errors_behind_markers(self):
        self.check(node_script, 1, "--errors-by-marker")

    def test_our_driver(self):
        self.check(own_script, 2)

    def test_our_driver_with_errors_behind_markers(self):
        self.check(own_script, 2, "--errors-by-marker")


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
