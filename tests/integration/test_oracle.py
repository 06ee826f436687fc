"""Both services on Oracle, which a listener poses as: over TLS with a wallet, as 19c and as 23ai; migrations that are
killed and run again; settings that are wrong. Runs where OCTO_TEST_BACKEND is oracle, or not set."""

import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

from support import oracle, postgres
from support.harness import Instance, checkout_body, patience
from support.wallets import WALLET_PASSWORD, Authority

KILLS = int(os.environ.get("OCTO_MIGRATE_KILLS", "3"))  # of a migration, at as many of its definitions


class Wallet(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        authority = Authority(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="octo-wallets-")))
        server_key, server = authority.issue("localhost", "DNS:localhost")
        key, certificate = authority.issue("client")
        cls.wallet = authority.wallet("wallet", key, certificate, authority.certificate)
        cls.certificates = ("--certificate", server, "--key", server_key, "--authority", authority.certificate)

    def test_a_purchase_reaches_the_crm(self):
        for pose in ("19c", "23ai"):
            with self.subTest(pose):
                self.buy_and_synchronise(oracle.Database(pose=pose, certificates=self.certificates))

    def buy_and_synchronise(self, database):
        with Instance(database=database, ORACLE_WALLET_DIR=str(self.wallet), ORACLE_WALLET_PASSWORD=WALLET_PASSWORD) as octo:
            with octo.shop.client() as client:
                listed = client.get("/api/products").json
                self.assertEqual(client.get("/ready").status, 200)
                bought = client.post("/api/shop/checkout", checkout_body(), headers={"Idempotency-Key": "bought-once"})
                again = client.post("/api/shop/checkout", checkout_body(), headers={"Idempotency-Key": "bought-once"})
            self.assertEqual((bought.status, again.raw), (200, bought.raw), bought)
            self.assertEqual(len(listed["products"]), octo.shop.value("SELECT count(*) FROM products WHERE is_active = 1"))
            with octo.crm.sign_in() as staff:
                synced = staff.post("/api/orders/sync")
                self.assertEqual((synced.status, synced.json["status"]), (200, "completed"), synced)
                self.assertEqual(staff.get("/ready").status, 200)
            self.assertEqual(octo.crm.value("SELECT count(*) FROM orders WHERE source_system = 'octo-drone-shop'"),
                             octo.shop.value("SELECT count(*) FROM orders"))
            shown = octo.octo("pools")
            for pool in ("shop +main", "shop +events", "crm +main", "crm +auth"):
                self.assertRegex(shown.stdout, rf"(?m)^{pool} ", shown.stderr)


class Held:
    """Stops whoever makes the shop's n-th definition from now on in front of it, until the block ends."""

    def __init__(self, cluster, name, number):
        self.cluster, self.name, self.number = cluster, name, number

    def __enter__(self):
        self.cluster.run(self.name, f"""
            CREATE SEQUENCE public.definitions;
            CREATE FUNCTION public.hold() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('public.definitions') = {self.number} THEN PERFORM pg_advisory_lock(7); END IF;
            END $$;
            CREATE EVENT TRIGGER hold ON ddl_command_start EXECUTE FUNCTION public.hold()""")
        self.holder = self.cluster.talk("postgres", self.name).__enter__()
        self.holder.ask("SELECT pg_advisory_lock(7)")
        return self

    def has_come(self):
        return self.holder.ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")[0][0] == "1"

    def __exit__(self, *_):
        self.holder.__exit__(None, None, None)
        self.cluster.run(self.name, "DROP EVENT TRIGGER hold; DROP FUNCTION public.hold(); DROP SEQUENCE public.definitions")


class Migrations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.undisturbed = Instance(is_first=True)
        cls.addClassCleanup(cls.undisturbed.clear_away)
        done = cls.undisturbed.octo("migrate")
        assert done.returncode == 0, done.stderr
        cls.schema = cls.schema_of(cls.undisturbed)

    @staticmethod
    def schema_of(octo):
        """Both, as pg_dump tells of what stands behind the listeners."""
        dumped = [subprocess.run(
            [postgres.BIN / "pg_dump", "--schema-only", "--schema=app", "--no-owner", "-d",
             octo.database.cluster.url("postgres", f"{octo.database.name}_{service}")],
            check=True, capture_output=True, text=True).stdout for service in oracle.SERVICES]
        return [re.sub(r"^(--|\\).*$", "", text, flags=re.MULTILINE) for text in dumped]

    def test_the_core_tables_are_identical(self):
        tables = [dict(re.findall(r"^CREATE TABLE app\.(\w+) \((.*?)^\);", text, re.MULTILINE | re.DOTALL))
                  for text in self.schema]
        for name in ("customers", "products", "order_items", "shipments", "warehouses", "campaigns", "leads", "page_views",
                     "audit_logs", "users"):
            self.assertEqual(tables[0][name], tables[1][name], name)

    def test_the_seeds_are_all_there(self):
        shop, crm = self.undisturbed.shop, self.undisturbed.crm
        counted = {table: (shop.value(f"SELECT count(*) FROM {table}"), crm.value(f"SELECT count(*) FROM {table}"))
                   for table in ("products", "warehouses", "campaigns", "leads")}
        self.assertEqual(counted, {"products": (56, 12), "warehouses": (4, 7), "campaigns": (4, 6), "leads": (6, 10)})

    def test_one_that_is_killed_goes_on(self):
        definitions = 90  # some more are made for the shop
        for number in sorted({1 + definitions * k // max(1, KILLS - 1) for k in range(KILLS)}):
            with self.subTest(number):
                octo = Instance(is_first=True)
                self.addCleanup(octo.clear_away)
                with Held(octo.database.cluster, f"{octo.database.name}_shop", number) as held:
                    self.kill_at(octo, held)
                done = octo.octo("migrate")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(self.schema_of(octo), self.schema)
                self.assertEqual(octo.shop.value("SELECT count(*) FROM schema_migration_steps"), 0)

    def kill_at(self, octo, held):
        with subprocess.Popen([octo.executable, "migrate"], env=octo.environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True) as process:
            deadline = time.monotonic() + patience(120)
            while not held.has_come():
                self.assertIsNone(process.poll(), process.stderr.read() if process.poll() is not None else "")
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)
            process.send_signal(signal.SIGKILL)

    def test_what_was_made_and_not_noted_is_taken_for_made(self):
        octo = Instance(is_first=True)
        self.addCleanup(octo.clear_away)
        self.assertEqual(octo.octo("migrate").returncode, 0)
        ran = octo.shop.query("SELECT version, checksum FROM schema_migrations WHERE name = '0019_cart_age'")[0]
        octo.shop.execute("DELETE FROM schema_migrations WHERE version = ?", ran["version"])
        octo.shop.insert("schema_migration_steps", ("version", "checksum", "step", "is_done"),
                         [(ran["version"], ran["checksum"], 1, 0)])
        done = octo.octo("migrate")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.schema_of(octo), self.schema)

    def test_one_that_fails_says_what_comes_next(self):
        octo = Instance(is_first=True)
        self.addCleanup(octo.clear_away)
        octo.shop.execute("CREATE TABLE leads (somebodys text)")
        done = octo.octo("migrate")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"script 0001_core: statement \d+ of \d+ \(CREATE TABLE leads\): .*ORA-00955.*"
                                      r"the \d+ before it are done: mend this and run octo migrate again")
        octo.shop.execute("DROP TABLE leads")
        done = octo.octo("migrate")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.schema_of(octo), self.schema)


class Settings(unittest.TestCase):
    WRONG = [
        ({"ORACLE_USER": "octo_shop"}, "ORACLE_USER is set, and ORACLE_DSN is not"),
        ({"ORACLE_DSN": "db.example/orders"}, "ORACLE_PASSWORD is not set: the shop signs in to Oracle as octo_shop"),
        ({"ORACLE_DSN": "db.example/orders", "ORACLE_PASSWORD": "x", "OCTO_DATABASE_URL": "postgresql://a@b/c"},
         "ORACLE_DSN and a database URL are set"),
        ({"ORACLE_DSN": "db.example/orders", "ORACLE_PASSWORD": "x", "ORACLE_WALLET_DIR": "/nowhere"},
         "ORACLE_WALLET_DIR: /nowhere: there is no such directory: the directory of an unzipped wallet is expected"),
        ({"ORACLE_DSN": "db.example/orders", "ORACLE_PASSWORD": "x", "ORACLE_WALLET_DIR": "{directory}"},
         "there is neither an ewallet.pem nor an ewallet.p12"),
        ({"ORACLE_DSN": "db.example/orders", "ORACLE_PASSWORD": "x", "ORACLE_USER": "ADMIN"},
         "ORACLE_USER: ADMIN would own the tables of two services"),
        ({"ORACLE_DSN": "tcp://db.example:port/orders", "ORACLE_PASSWORD": "x"}, "ORACLE_DSN: "),
        ({"ORACLE_DSN": "orders_hihg", "ORACLE_PASSWORD": "x", "TNS_ADMIN": "{directory}"}, "orders_high"),
    ]

    def test_what_is_wrong_is_said_before_anything_starts(self):
        directory = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="octo-tns-")))
        (directory / "tnsnames.ora").write_text("orders_high = tcps://db.example:2484/orders\n")
        octo = Instance(on_server=(), is_first=True)
        self.addCleanup(octo.clear_away)
        for wrong, said in self.WRONG:
            with self.subTest(said):
                wrong = {name: value.format(directory=directory) for name, value in wrong.items()}
                done = subprocess.run([octo.executable, "up", "--no-console"], env=dict(octo.environment, **wrong), text=True,
                                      capture_output=True, timeout=patience(60), check=False)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn(said, done.stderr)
                self.assertFalse(list(pathlib.Path(octo.data).glob("*.db")))

    def test_roles_are_not_made_there(self):
        octo = Instance(is_first=True)
        self.addCleanup(octo.clear_away)
        for words in (("--roles",), ("--admin", "postgresql://postgres@localhost/octo")):
            done = octo.octo("migrate", *words)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("on Oracle an administrator makes the users", done.stderr)

    def test_a_password_may_stand_in_a_file(self):
        octo = Instance(is_first=True)
        self.addCleanup(octo.clear_away)
        secret = pathlib.Path(octo.data, "password")
        secret.write_text(octo.environment.pop("OCTO_SHOP_ORACLE_PASSWORD") + "\n")
        secret.chmod(0o600)
        octo.environment["OCTO_SHOP_ORACLE_PASSWORD_FILE"] = str(secret)
        done = octo.octo("migrate")
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
