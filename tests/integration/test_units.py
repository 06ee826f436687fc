"""The services under the systemd units that are installed with them, run by systemd itself."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from support import systemd
from support.harness import IS_POSTGRES, IS_SLOW, OCTO

BUILD = pathlib.Path(OCTO).parents[2]
UNITS = ("octo-shop", "octo-crm")

BUY = """
import json
from support.harness import Client, checkout_body
with Client(8080) as shop:
    print(json.dumps(shop.post("/api/shop/checkout", checkout_body()).json))
"""


@unittest.skipIf(IS_POSTGRES or IS_SLOW, "asks no database: runs with SQLite's tests of the program as users get it")
@unittest.skipUnless(systemd.is_possible(), "needs root, systemd, and namespaces")
class Units(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        destination = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="octo-test-"))
        subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet"], check=True,
                       env=dict(os.environ, DESTDIR=destination), stdout=subprocess.DEVNULL)
        cls.machine = cls.enterClassContext(systemd.Machine(destination))

    def there(self, *command):
        done = self.machine.run(*command)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        return done.stdout

    def test_they_have_no_right_to_spare(self):
        for unit in UNITS:
            status = dict(re.findall(r"(\w+):\t(.*)", self.there("cat", f"/proc/{self.machine.main_pid(unit)}/status")))
            self.assertEqual({name: int(status[name], 16) for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb")},
                             {"CapPrm": 0, "CapEff": 0, "CapBnd": 0, "CapAmb": 0})
            self.assertEqual((status["NoNewPrivs"], status["Seccomp"], status["Uid"]), ("1", "2", "\t".join(["990"] * 4)))

    def test_little_of_them_is_exposed(self):
        for unit in UNITS:
            self.there("systemd-analyze", "security", "--no-pager", "--threshold=15", unit)

    def test_they_may_write_to_their_own_directories_alone(self):
        for unit in UNITS:
            inside = ["nsenter", "-t", self.machine.main_pid(unit), "-m", "touch"]
            for path in ("/etc/octo/x", "/usr/local/bin/x", "/var/lib/x", "/x"):
                self.assertIn("Read-only file system", self.machine.run(*inside, path).stderr)
            for path in ("/var/lib/octo/x", "/var/log/octo/x"):
                self.there(*inside, path)
                self.there("rm", path)
        self.assertEqual(self.there("find", "/var/lib/octo", "/var/log/octo", "-perm", "/077"), "")

    def test_they_do_their_work(self):
        bought = json.loads(self.machine.python(BUY).stdout)
        self.assertEqual(bought["status"], "order_placed")
        as_octo = ("setpriv", "--reuid=octo", "--regid=octo", "--init-groups", "sh", "-c",
                   "set -a; . /etc/octo/octo.env; cd /; octo sync --json")
        self.assertEqual(json.loads(self.there(*as_octo))["status"], "completed")

    def test_they_are_started_and_stopped(self):
        for unit in UNITS:
            before = self.machine.main_pid(unit)
            self.there("systemctl", "restart", unit)
            self.assertNotIn(self.machine.main_pid(unit), (before, "0"))
        self.there("systemctl", "stop", *UNITS)
        for unit in UNITS:
            self.assertEqual(self.there("systemctl", "show", "-p", "Result", "--value", unit), "success\n")
        self.there("systemctl", "start", *UNITS)


if __name__ == "__main__":
    unittest.main()
