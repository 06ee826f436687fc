"""Both services on Oracle, which a listener poses as: over TLS with a wallet, as 19c and as 23ai; the users that are made
for them; migrations that are killed and run again; a text that is not what its SQL_ID is of; what the doctor says of
broken set-ups; settings that are wrong. Runs where OCTO_TEST_BACKEND is oracle, or not set."""

import functools
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

from support import oracle, postgres
from support.harness import OCTO, Instance, checkout_body, patience
from support.wallets import WALLET_PASSWORD, Authority

KILLS = int(os.environ.get("OCTO_MIGRATE_KILLS", "3"))  # of a migration, at as many of its definitions


@functools.cache
def migrated():
    """Both services' schemas as they are where nobody disturbs; nothing runs there."""
    octo = Instance(database=oracle.Instance(), is_first=True)
    unittest.addModuleCleanup(octo.clear_away)
    unittest.addModuleCleanup(migrated.cache_clear)  # the runner ends a module's fixture with each of its classes
    done = octo.octo("migrate")
    assert done.returncode == 0, done.stderr
    return octo


def copy_of_migrated(**options):
    return Instance(database=oracle.Instance(template=migrated().database.name), is_first=True, **options)


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
                self.buy_and_synchronise(oracle.Instance(pose=pose, certificates=self.certificates))

    def buy_and_synchronise(self, database):
        with Instance(database=database, ORACLE_WALLET_DIR=str(self.wallet), ORACLE_WALLET_PASSWORD=WALLET_PASSWORD) as octo:
            with octo.shop.client() as client:
                listed = client.get("/api/products").json
                self.assertEqual(client.readiness().status, 200)
                bought = client.post("/api/shop/checkout", checkout_body(), headers={"Idempotency-Key": "bought-once"})
                again = client.post("/api/shop/checkout", checkout_body(), headers={"Idempotency-Key": "bought-once"})
            self.assertEqual((bought.status, again.raw), (200, bought.raw), bought)
            self.assertEqual(len(listed["products"]), octo.shop.value("SELECT count(*) FROM products WHERE is_active = 1"))
            with octo.crm.sign_in() as staff:
                synced = staff.post("/api/orders/sync")
                self.assertEqual((synced.status, synced.json["status"]), (200, "completed"), synced)
                self.assertEqual(staff.readiness().status, 200)
            self.assertEqual(octo.crm.value("SELECT count(*) FROM orders WHERE source_system = 'octo-drone-shop'"),
                             octo.shop.value("SELECT count(*) FROM orders"))
            shown = octo.octo("pools")
            for pool in ("shop +main", "shop +events", "crm +main", "crm +auth"):
                self.assertRegex(shown.stdout, rf"(?m)^{pool} ", shown.stderr)


class Users(unittest.TestCase):
    """What `octo migrate --admin` makes, and what each of the users may do then. The listener holds them to it."""

    OBSERVER_PASSWORD = "correct-horse-observer"

    def empty(self, **environment):
        octo = Instance(database=oracle.Instance(has_users=False), is_first=True, **environment)
        self.addCleanup(octo.clear_away)
        return octo

    def ask(self, octo, user, password, *statements):
        """What the statements give, or the number of the first error."""
        done = subprocess.run([octo.executable, "sql", "--json", "--user", user, octo.database.place],
                              input="\n".join([password, "WHENEVER SQLERROR EXIT", *statements, ""]), text=True,
                              capture_output=True, timeout=patience(60), check=False)
        refused = re.search(r"ORA-(\d+)", done.stderr)
        if refused:
            return int(refused[1])
        return [tuple(row) for line in done.stdout.splitlines() for row in json.loads(line).get("rows", [])]

    def observe(self, octo, *statements):
        return self.ask(octo, "octo_observer", self.OBSERVER_PASSWORD, *statements)

    def test_services_run_as_the_users_that_are_made(self):
        octo = self.empty()
        done = oracle.make_users(octo.database.place, octo.environment)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertIn("OCTO_OBSERVER are there, 3 of them made now\nOCTO_SHOP has the password of the shop's settings\n"
                      "OCTO_CRM has the password of the crm's settings\nshop: oracle:", done.stdout)
        again = oracle.make_users(octo.database.place, octo.environment)
        self.assertEqual((again.returncode, again.stderr), (0, ""), again.stdout)
        self.assertRegex(again.stdout, r"^the users .* 0 of them made now\nshop: .* is up to date\ncrm: .* is up to date\n$")
        with self.subTest("no text has a password of the settings"):
            asked = octo.database.cluster.run(octo.database.name, "SELECT command FROM tnsd.commands")
            self.assertGreater(len([text for text, in asked if text.startswith("ALTER USER")]), 2)
            self.assertFalse([text for text, in asked if oracle.PASSWORD in text])
        octo.start()
        with octo.shop.client() as client:
            self.assertEqual(client.post("/api/shop/checkout", checkout_body()).status, 200)
        with octo.crm.sign_in() as staff:
            self.assertEqual(staff.post("/api/orders/sync").json["status"], "completed")
        bought = octo.shop.value("SELECT count(*) FROM orders")
        self.assertEqual(octo.crm.value("SELECT count(*) FROM orders WHERE source_system = 'octo-drone-shop'"), bought)
        self.check_services(octo)
        self.check_observer(octo, bought)

    def check_services(self, octo):
        """Each has what its schema holds, and nothing of the other's."""
        for own, others in (("octo_shop", "octo_crm"), ("octo_crm", "octo_shop")):
            with self.subTest(own):
                self.assertEqual(self.ask(octo, own, oracle.PASSWORD, f"SELECT count(*) FROM {others}.orders;"), 942)
                self.assertEqual(self.ask(octo, own, oracle.PASSWORD, "SELECT count(*) FROM v$transaction;"), 942)
                self.assertEqual(self.ask(octo, own, oracle.PASSWORD,
                                          'CREATE USER thief IDENTIFIED BY "stolen-goods-1";'), 1031)
                [(sessions, users)] = self.ask(octo, own, oracle.PASSWORD, "SELECT count(*), count(DISTINCT username) "
                                               "FROM v$session WHERE username IN ('OCTO_SHOP', 'OCTO_CRM');")
                self.assertEqual(users, 2)
                self.assertGreater(sessions, 2)
        self.assertEqual(self.ask(octo, "octo_shop", oracle.PASSWORD, "SELECT count(*) FROM open_transactions;"), [(0,)])
        self.assertEqual(self.ask(octo, "octo_crm", oracle.PASSWORD, "SELECT count(*) FROM open_transactions;"), 942)

    def check_observer(self, octo, bought):
        self.assertEqual(self.observe(octo, "SELECT 1 FROM dual;"), 28000)
        self.assertEqual(self.ask(octo, oracle.ADMIN, oracle.ADMIN_PASSWORD, "ALTER USER octo_observer IDENTIFIED BY "
                                  f'"{self.OBSERVER_PASSWORD}" ACCOUNT UNLOCK;'), [])
        self.assertEqual(self.observe(octo, "SELECT count(*) FROM octo_shop.orders;", "SELECT count(*) FROM octo_crm.leads;",
                                      "SELECT count(*) FROM v$transaction;"), [(bought,), (10,), (0,)])
        self.assertIn(self.observe(octo, "DELETE FROM octo_shop.orders;"), (942, 1031))
        for statement, refused in (("SELECT count(*) FROM octo_shop.users;", 942),
                                   ("SELECT count(*) FROM octo_crm.user_sessions;", 942),
                                   ("SELECT count(*) FROM octo_shop.idempotency_keys;", 942),
                                   ("CREATE TABLE octo_shop.mine (a NUMBER);", 1031),
                                   ("CREATE TABLE mine (a NUMBER);", 1031)):
            with self.subTest(statement):
                self.assertEqual(self.observe(octo, statement), refused)

    def test_the_printed_script_makes_them_too(self):
        octo = self.empty()
        script = octo.octo("migrate", "--roles")
        self.assertEqual((script.returncode, script.stderr), (0, ""))
        for _ in range(2):
            done = subprocess.run([octo.executable, "sql", "--user", oracle.ADMIN, octo.database.place], text=True,
                                  input=f"{oracle.ADMIN_PASSWORD}\n{script.stdout}", capture_output=True,
                                  timeout=patience(60), check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.ask(octo, oracle.ADMIN, oracle.ADMIN_PASSWORD, "SELECT username FROM all_users ORDER BY 1;"),
                         [("OCTO_CRM",), ("OCTO_OBSERVER",), ("OCTO_SHOP",)])
        self.assertEqual(self.ask(octo, "octo_shop", oracle.PASSWORD, "SELECT 1 FROM dual;"), 28000)

    def test_without_settings_they_stay_locked_and_what_is_next_is_said(self):
        octo = self.empty()
        alone = {name: value for name, value in octo.environment.items() if "ORACLE" not in name}
        done = oracle.make_users(octo.database.place, alone)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("those without a password are locked; set ORACLE_DSN", done.stdout)
        self.assertEqual(self.ask(octo, "octo_crm", oracle.PASSWORD, "SELECT 1 FROM dual;"), 28000)

    def test_what_is_wrong_is_said(self):
        octo = self.empty()
        place, swapped = octo.database.place, dict(octo.environment, OCTO_SHOP_ORACLE_USER="octo_crm",
                                                   OCTO_CRM_ORACLE_USER="octo_shop")
        cases = [
            (octo.environment, ["--admin", place], "--user NAME"),
            (octo.environment, ["--admin", "postgresql://postgres@localhost/octo"],
             "--admin names a database of PostgreSQL, and the settings one of Oracle"),
            (octo.environment, ["--admin", place, "--user", "nobody"], "sign in as nobody: "),
            (octo.environment, ["--admin", place, "--user", "nobody"], "ORA-01017"),
            (swapped, ["--admin", place, "--user", oracle.ADMIN], "the shop's settings name octo_crm, another service's user"),
        ]
        for environment, words, said in cases:
            with self.subTest(said):
                done = subprocess.run([octo.executable, "migrate", *words], env=environment, text=True,
                                      input=oracle.ADMIN_PASSWORD + "\n", capture_output=True, timeout=patience(60),
                                      check=False)
                self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
                self.assertIn(said, done.stderr)
        with self.subTest("no administrator"):
            with_them = Instance(database=oracle.Instance(), is_first=True)
            self.addCleanup(with_them.clear_away)
            done = subprocess.run([octo.executable, "migrate", "--admin", with_them.database.place, "--user", "octo_crm"],
                                  env=with_them.environment, text=True, input=oracle.PASSWORD + "\n", capture_output=True,
                                  timeout=patience(60), check=False)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, r"make the users: octo_make_users: .*ORA-01031")


class Held:
    """Stops whoever makes the shop's n-th definition from now on in front of it, until the block ends."""

    def __init__(self, cluster, name, number):
        self.cluster, self.name, self.number = cluster, name, number

    def __enter__(self):
        self.cluster.run(self.name, f"""
            CREATE SEQUENCE public.definitions;
            CREATE FUNCTION public.hold() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
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
        cls.undisturbed = migrated()
        cls.schema = cls.schema_of(cls.undisturbed)

    @staticmethod
    def schema_of(octo):
        """Both, as pg_dump tells of what stands behind the listener."""
        dumped = [subprocess.run(
            [postgres.BIN / "pg_dump", "--schema-only", f"--schema=octo_{service}", "-d",
             octo.database.cluster.url("postgres", octo.database.name)],
            check=True, capture_output=True, text=True).stdout for service in oracle.SERVICES]
        return [re.sub(r"^(--|\\).*$", "", text, flags=re.MULTILINE) for text in dumped]

    def test_the_core_tables_are_identical(self):
        tables = [dict(re.findall(r"^CREATE TABLE octo_\w+\.(\w+) \((.*?)^\);", text, re.MULTILINE | re.DOTALL))
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
                octo = Instance(database=oracle.Instance(), is_first=True)
                self.addCleanup(octo.clear_away)
                with Held(octo.database.cluster, octo.database.name, number) as held:
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
        octo = Instance(database=oracle.Instance(), is_first=True)
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
        octo = Instance(database=oracle.Instance(), is_first=True)
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


class SqlIds(unittest.TestCase):
    STATEMENT = "products_list_default"

    def altered(self, folder):
        """A copy of the program with another letter in the text of one statement than in the one its SQL_ID is of."""
        found = subprocess.run([OCTO, "sqlid", "--find", self.STATEMENT, "--backend", "oracle", "--json"], text=True,
                               capture_output=True, timeout=patience(60), check=True)
        text = json.loads(found.stdout)[0]["text"]
        program = pathlib.Path(OCTO).read_bytes()
        self.assertEqual(program.count(text.encode() + b"\0"), 1)
        copy = pathlib.Path(folder, "octo")
        copy.write_bytes(program.replace(text.encode() + b"\0", text.replace("SELECT", "SELEcT", 1).encode() + b"\0"))
        copy.chmod(0o755)
        return str(copy)

    def verification(self, service):
        with service.client(internal=True) as client:
            return client.get("/api/observability/360/db-health").json["observability"]["sql_id_verification"]

    def when(self, service, counted):
        """A statement is compared behind the answer of the request that ran it."""
        deadline = time.monotonic() + patience(60)
        while not (seen := self.verification(service))[counted] and time.monotonic() < deadline:
            time.sleep(0.02)
        return seen

    def test_a_text_that_is_not_what_its_sql_id_is_of_is_told_once(self):
        executable = self.altered(self.enterContext(tempfile.TemporaryDirectory(prefix="octo-altered-")))
        with copy_of_migrated(executable=executable, OCTO_SQLID_VERIFY="true") as octo:
            with octo.shop.client() as client:
                for _ in range(3):
                    self.assertEqual(client.get("/api/products").status, 200)
            seen = self.when(octo.shop, "mismatched")
            self.assertEqual((seen["mismatched"], seen["mismatched_statements"], seen["uncertain"]),
                             (1, [self.STATEMENT], 0), seen)
            others = self.when(octo.crm, "compared")
            self.assertEqual((others["mismatched"], others["mismatched_statements"]), (0, []), others)
            told = [line for line in octo.shop.log().splitlines() if "SQL_ID differs" in line]
            self.assertEqual(len(told), 1, told)
            self.assertIn(self.STATEMENT, told[0])
            done = octo.octo("doctor", "--json")
            self.assertEqual(done.returncode, 2, done.stdout)
            found = {service["service"]: {check["check"]: check for check in service["checks"]}["SQL_ID"]
                     for service in json.loads(done.stdout)["services"]}
            self.assertEqual((found["shop"]["state"], found["crm"]["state"]), ("fail", "ok"), found)
            self.assertIn(f"of 1 statements V$SQL has another than the catalogue, first of {self.STATEMENT} in sql/shop/",
                          found["shop"]["seen"])


class Doctor(unittest.TestCase):
    """Set-ups that are broken in one way each: what octo doctor says, and its exit code."""

    UNSEEN = "REVOKE SELECT ON sys.v_${0}, ora.v${0} FROM octo_shop"
    SEEN = "GRANT SELECT ON sys.v_${0}, ora.v${0} TO octo_shop"
    VIEW = "CREATE VIEW octo_shop.{0} AS {1}; GRANT SELECT ON octo_shop.{0} TO octo_shop"
    HOUR = "SELECT clock_timestamp() + interval '1 hour'"

    # What is broken in the database and how it is mended; settings; what is found.
    BROKEN = [
        (VIEW.format("nls_database_parameters", "SELECT 'NLS_CHARACTERSET' AS parameter, 'WE8MSWIN1252' AS value"),
         "DROP VIEW octo_shop.nls_database_parameters", {}, "character set", "fail", "WE8MSWIN1252"),
        (UNSEEN.format("sql"), SEEN.format("sql"), {}, "rights", "warn",
         "may not read V$SQL: octo sessions, the doctor or OCTO_SQLID_VERIFY see less: as an administrator: "
         "GRANT SELECT ON SYS.V_$SQL TO OCTO_SHOP"),
        (UNSEEN.format("session"), SEEN.format("session"), {}, "rights", "warn", "GRANT SELECT ON SYS.V_$SESSION TO OCTO_SHOP"),
        (UNSEEN.format("parameter"), SEEN.format("parameter"), {}, "rights", "warn",
         "GRANT SELECT ON SYS.V_$PARAMETER TO OCTO_SHOP"),
        (VIEW.format("v$parameter", "SELECT * FROM (VALUES ('open_cursors', '100'), ('sessions', '500')) AS p (name, value)"),
         "DROP VIEW octo_shop.v$parameter", {}, "statement cache", "warn", "OPEN_CURSORS is 100"),
        (VIEW.format("v$parameter", "SELECT * FROM (VALUES ('open_cursors', '300'), ('sessions', '70')) AS p (name, value)"),
         "DROP VIEW octo_shop.v$parameter", {}, "sessions", "fail", "77 may be wanted and "),
        (VIEW.format("v$sql", "SELECT 'aaaaaaaaaaaaa' AS sql_id, 'SELECT 1 FROM dual' AS sql_fulltext, 'OCTO_SHOP' AS "
                     "parsing_schema_name"),
         "DROP VIEW octo_shop.v$sql", {}, "SQL_ID", "fail", "first aaaaaaaaaaaaa"),
        ("CREATE FUNCTION octo_shop.to_char(timestamptz, text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT '+02:00' $$",
         "DROP FUNCTION octo_shop.to_char(timestamptz, text)", {}, "time zones", "warn", "the server's machine is at +02:00"),
        (f"CREATE FUNCTION octo_shop.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS $$ {HOUR} $$",
         "DROP FUNCTION octo_shop.statement_timestamp()", {}, "clock", "fail", "ahead of ours"),
        ("UPDATE tnsd.users SET is_locked = name = 'octo_shop'", "UPDATE tnsd.users SET is_locked = false", {},
         "sign-in", "fail", "ORA-28000"),
        ("UPDATE tnsd.users SET is_expired = name = 'octo_shop'", "UPDATE tnsd.users SET is_expired = false", {},
         "sign-in", "fail", "ORA-28001"),
        ("UPDATE tnsd.users SET rights = '{CREATE TABLE}' WHERE name = 'octo_shop'",
         "UPDATE tnsd.users SET rights = '{CREATE SESSION}' WHERE name = 'octo_shop'", {}, "sign-in", "fail", "ORA-01045"),
        ("UPDATE octo_shop.schema_migrations SET version = version + 9000 WHERE version = "
         "(SELECT max(version) FROM octo_shop.schema_migrations)",
         "UPDATE octo_shop.schema_migrations SET version = version - 9000 WHERE version > 9000", {}, "schema", "fail",
         "is newer than this program's"),
        ("UPDATE octo_shop.schema_migrations SET checksum = reverse(checksum) WHERE version = 1",
         "UPDATE octo_shop.schema_migrations SET checksum = reverse(checksum) WHERE version = 1", {}, "schema", "fail",
         "script 0001_core was changed after it ran"),
        ("", "", {"OCTO_SHOP_ORACLE_PASSWORD": "not it"}, "sign-in", "fail", "ORA-01017"),
        ("", "", {"OCTO_SHOP_ORACLE_USER": "nobody"}, "sign-in", "fail", "ORA-01017"),
        ("", "", {"OCTO_SHOP_ORACLE_USER": "octo_crm", "OCTO_CRM_ORACLE_USER": "octo_shop"}, "settings", "fail",
         "the settings sign in as octo_crm, another service's user"),
        ("", "", {"OCTO_SHOP_ORACLE_DSN": "localhost:1/svc"}, "sign-in", "fail", "no listener is there"),
        ("", "", {"OCTO_SHOP_ORACLE_DSN": "192.0.2.1/svc"}, "sign-in", "fail", "another machine"),
        ("", "", {"OCTO_SHOP_ORACLE_DSN": "{place}other"}, "sign-in", "fail", "knows no service"),
    ]

    def found(self, octo, environment):
        done = subprocess.run([octo.executable, "doctor", "--json"], env=environment, text=True, capture_output=True,
                              timeout=patience(60), check=False)
        self.assertEqual(done.stderr, "")
        self.assertNotIn(oracle.PASSWORD, done.stdout)
        checks = [check for service in json.loads(done.stdout)["services"] if service["service"] == "shop"
                  for check in service["checks"]]
        return done.returncode, {check["check"]: (check["state"], ": ".join(filter(None, (check["seen"], check["remedy"]))))
                                 for check in checks}

    def test_what_is_broken_is_named(self):
        octo = copy_of_migrated()
        self.addCleanup(octo.clear_away)
        code, found = self.found(octo, octo.environment)
        self.assertEqual({state for state, _ in found.values()}, {"ok"}, found)
        self.assertEqual(code, 0)
        for breaks, mends, settings, check, state, said in self.BROKEN:
            with self.subTest(said):
                settings = {name: value.replace("{place}", octo.database.place) for name, value in settings.items()}
                if breaks:
                    octo.database.cluster.run(octo.database.name, breaks)
                code, found = self.found(octo, {**octo.environment, **settings})
                if mends:
                    octo.database.cluster.run(octo.database.name, mends)
                self.assertEqual(found[check][0], state, found)
                self.assertIn(said, found[check][1])
                self.assertEqual(code, {"warn": 1, "fail": 2}[state], found)


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
                examined = subprocess.run([octo.executable, "doctor"], env=dict(octo.environment, **wrong), text=True,
                                          capture_output=True, timeout=patience(60), check=False)
                self.assertEqual(examined.returncode, 2, examined.stdout)
                self.assertIn(said, examined.stderr)
                self.assertFalse(list(pathlib.Path(octo.data).glob("*.db")))

    def test_a_password_may_stand_in_a_file(self):
        octo = Instance(database=oracle.Instance(), is_first=True)
        self.addCleanup(octo.clear_away)
        secret = pathlib.Path(octo.data, "password")
        secret.write_text(octo.environment.pop("OCTO_SHOP_ORACLE_PASSWORD") + "\n")
        secret.chmod(0o600)
        octo.environment["OCTO_SHOP_ORACLE_PASSWORD_FILE"] = str(secret)
        done = octo.octo("migrate")
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
