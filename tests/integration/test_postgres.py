"""What octo makes of a PostgreSQL: roles, refusals. The server is its own."""

import json
import os
import pathlib
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

    def test_every_step_ends_well_when_it_did_its_work(self):
        """From an empty server that wants passwords: a database, roles by psql, tables."""
        cluster = postgres.Cluster(roles=())
        self.addCleanup(cluster.stop)
        hba = pathlib.Path(cluster.directory, "data/pg_hba.conf")
        hba.write_text("host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        cluster.run("postgres", "SELECT pg_reload_conf()")
        cluster.run("postgres", "CREATE DATABASE octo")
        urls = {f"OCTO_{service.upper()}_DATABASE_URL": f"postgresql://octo_{service}:it%27s%20the%20{service}@127.0.0.1:"
                f"{cluster.port}/octo" for service in SERVICES}
        for _ in range(2):  # it may run again
            script = self.octo("migrate", "--roles", **urls)
            self.assertEqual((script.returncode, script.stderr), (0, ""))
            self.assertNotIn("it's", script.stdout)
            done = subprocess.run([postgres.BIN / "psql", "-X", "-d", cluster.url("postgres", "octo")],
                                  input=script.stdout, text=True, capture_output=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""), done)
            self.assertEqual(len(done.stdout.splitlines()), 1, done.stdout)
        done = self.octo("migrate", **urls)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"shop: \S+: tables made, version \d+\n")
        self.assertNotIn("password", done.stdout)  # that was preset
        self.assertRegex(self.octo("migrate", **urls).stdout, r"crm: \S+ is up to date\n")
        self.assertEqual(cluster.run("octo", "SELECT has_table_privilege('octo_observer', 'octo_shop.orders', 'SELECT'), "
                                     "has_table_privilege('octo_observer', 'octo_shop.users', 'SELECT'), "
                                     "has_column_privilege('octo_observer', 'octo_shop.users', 'email', 'SELECT')")[1],
                         ["t", "f", "t"])

    def test_roles_alone_are_work_done(self):
        without = {f"OCTO_{service.upper()}_DATABASE_URL": "" for service in SERVICES}
        done = self.octo("migrate", "--admin", self.url("postgres"), **without)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("OCTO_SHOP_DATABASE_URL", done.stdout)
        done = self.octo("migrate", "--roles", **without)
        self.assertEqual(done.returncode, 0)
        self.assertNotIn("PASSWORD", done.stdout)
        self.assertRegex(done.stderr, "^octo migrate: a role gets a password .*OCTO_CRM_DATABASE_URL.*\n$")

    def test_swapped_urls_are_called_so(self):
        swapped = {f"OCTO_{service.upper()}_DATABASE_URL": self.url(f"octo_{other}")
                   for service, other in zip(SERVICES, reversed(SERVICES))}
        for arguments in (["--roles"], ["--admin", self.url("postgres")]):
            done = self.octo("migrate", *arguments, **swapped)
            self.assertEqual((done.returncode, done.stdout), (1, ""), done)
            self.assertIn("octo_crm, another service's role", done.stderr)
        done = self.octo("doctor", "--json", **swapped)
        self.assertEqual(done.returncode, 2, done)
        first = [service["checks"][0] for service in json.loads(done.stdout)["services"]]
        self.assertEqual([(check["check"], check["state"]) for check in first], 2 * [("settings", "fail")])
        self.assertIn("octo_crm", first[0]["seen"])
        self.assertIn("swapped", first[0]["remedy"])
        self.assertEqual(self.octo("migrate", "--admin", self.url("postgres")).returncode, 0)
        done = self.octo("shop", **swapped)
        self.assertEqual(done.returncode, 1)
        self.assertIn("the shop has no schema there that the role octo_crm may use", done.stderr)

    def test_the_administrator_sets_the_passwords_of_the_urls(self):
        urls = {f"OCTO_{service.upper()}_DATABASE_URL": self.url(f"octo_{service}:sesam") for service in SERVICES}
        done = self.octo("migrate", "--admin", self.url("postgres"), **urls)
        self.assertEqual(done.returncode, 0, done)
        found = self.cluster.run("postgres", "SELECT rolpassword ~ '^SCRAM' FROM pg_authid WHERE rolname ~ '^octo_[sc]'")
        self.assertEqual(found[1:], [["t"], ["t"]])

    def test_a_table_made_later_is_hidden_from_the_observer(self):
        """A database whose roles were made when the observer read every new table."""
        self.assertEqual(self.octo("migrate", "--admin", self.url("postgres")).returncode, 0)
        self.cluster.run("postgres", "GRANT SELECT ON octo_shop.users TO octo_observer")
        self.assertTrue(self.allows("octo_observer", "SELECT password_hash FROM octo_shop.users"))
        self.assertEqual(self.octo("migrate").returncode, 0)
        self.assertFalse(self.allows("octo_observer", "SELECT password_hash FROM octo_shop.users"))

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
