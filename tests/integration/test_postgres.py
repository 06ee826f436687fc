"""What octo makes of a PostgreSQL: roles, refusals. The server is its own."""

import os
import subprocess
import tempfile
import unittest

from support import postgres
from support.harness import INTERNAL_KEY, IS_POSTGRES, OCTO, PASSWORD, free_port, patience

SERVICES = ("shop", "crm")


@unittest.skipUnless(IS_POSTGRES, "runs once, with the tests that have a server")
class Roles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = postgres.Cluster(roles=())  # octo makes them
        cls.addClassCleanup(cls.cluster.stop)

    def setUp(self):
        self.data = self.enterContext(tempfile.TemporaryDirectory())
        self.environment = {**os.environ, "OCTO_DATA_DIR": self.data,
                            "BOOTSTRAP_ADMIN_PASSWORD": PASSWORD,
                            "INTERNAL_SERVICE_KEY": INTERNAL_KEY,
                            "OCTO_SHOP_PORT": str(free_port()), "OCTO_CRM_PORT": str(free_port())}
        for service in SERVICES:
            self.environment[f"OCTO_{service.upper()}_DATABASE_URL"] = self.url(f"octo_{service}")

    def url(self, role):
        return self.cluster.url(role, "postgres")

    def octo(self, *arguments, **environment):
        return subprocess.run([OCTO, *arguments], env={**self.environment, **environment}, text=True,
                              capture_output=True, timeout=patience(60), check=False)

    def allows(self, role, sql):
        return subprocess.run([postgres.BIN / "psql", "-X", "-d", self.url(role), "-c", sql],
                              capture_output=True, check=False).returncode == 0

    def test_the_administrator_makes_roles_that_keep_apart(self):
        for _ in range(2):  # it may run again
            done = self.octo("migrate", "--admin", self.url("postgres"))
            self.assertEqual(done.returncode, 0, done.stderr)
        for role, shop, crm in (("octo_shop", True, False), ("octo_crm", False, True),
                                ("octo_observer", True, True)):
            self.assertEqual(self.allows(role, "SELECT * FROM octo_shop.orders"), shop, role)
            self.assertEqual(self.allows(role, "SELECT * FROM octo_crm.orders"), crm, role)
        self.assertTrue(self.allows("octo_observer", "SELECT username FROM octo_shop.users"))
        for refused in ("SELECT password_hash FROM octo_shop.users",
                        "SELECT * FROM octo_crm.user_sessions", "DELETE FROM octo_shop.cart_items",
                        "CREATE TABLE octo_crm.mine ()"):
            self.assertFalse(self.allows("octo_observer", refused), refused)

    def test_a_superuser_is_no_service(self):
        done = self.octo("shop", OCTO_SHOP_DATABASE_URL=self.url("postgres"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("superuser", done.stderr)

    def test_passwords_of_urls_are_never_shown(self):
        done = self.octo("migrate", OCTO_SHOP_DATABASE_URL="postgresql://octo_shop:geheim@127.0.0.1:"
                         f"{self.cluster.port}/nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("geheim", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
