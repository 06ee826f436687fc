"""octo doctor, and what the services say of the same trouble when they start: one line each, which names the
file or host and what to do."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import threading
import unittest

from support import postgres_tls
from support.harness import INTERNAL_KEY, IS_POSTGRES, OCTO, PASSWORD, free_port, patience, typed
from support.postgres_tls import DATABASE
from support.proxy import Proxy

WELL, WARNING, FAILURE = 0, 1, 2


class Bench(unittest.TestCase):
    """Runs commands with an environment of the test's own."""

    def environment(self, **more):
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("OCTO_", "PG", "DB_"))}
        made = {**kept, "HOME": self.data, "OCTO_DATA_DIR": self.data,
                "BOOTSTRAP_ADMIN_PASSWORD": PASSWORD, "INTERNAL_SERVICE_KEY": INTERNAL_KEY, **more}
        return {name: value for name, value in made.items() if value is not None}

    def octo(self, *arguments, **more):
        return subprocess.run([OCTO, *typed(*arguments)], env=self.environment(**more), text=True,
                              capture_output=True, timeout=patience(120), check=False)

    def checks(self, *arguments, service="shop", **more):
        """The exit code, and what was found: lists of (state, what was seen and the remedy) by check."""
        done = self.octo("doctor", "--json", *arguments, **more)
        self.assertEqual(done.stderr, "")
        self.assertNotIn(postgres_tls.PASSWORD, done.stdout)
        report = json.loads(done.stdout)
        found = {}
        for one in report["services"]:
            if one["service"] == service:
                for check in one["checks"]:
                    text = ": ".join(filter(None, (check["seen"], check["remedy"])))
                    found.setdefault(check["check"], []).append((check["state"], text))
        return done.returncode, found

    def assert_found(self, check, state, words, *arguments, **more):
        code, found = self.checks(*arguments, **more)
        texts = [text for one, text in found[check] if one == state]
        self.assertTrue(any(all(word in text for word in words) for text in texts), (check, words, found))
        self.assertEqual(code, {"ok": WELL, "warn": WARNING, "fail": FAILURE}[state], found)
        return found


@unittest.skipIf(IS_POSTGRES, "needs no server: runs with SQLite's tests")
class Embedded(Bench):
    @classmethod
    def setUpClass(cls):
        cls.healthy = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="octo-doctor-"))
        cls.data = cls.healthy
        done = cls().octo("migrate")
        assert done.returncode == 0, done

    def setUp(self):
        self.data = self.enterContext(tempfile.TemporaryDirectory(prefix="octo-doctor-"))
        shutil.copytree(self.healthy, self.data, dirs_exist_ok=True)
        self.file = f"{self.data}/shop.db"

    def change(self, sql):
        with contextlib.closing(sqlite3.connect(self.file, isolation_level=None)) as database:
            database.execute(sql)

    def test_all_is_well(self):
        code, found = self.checks()
        self.assertEqual(code, WELL, found)
        self.assertEqual({state for rows in found.values() for state, _ in rows}, {"ok"}, found)
        self.assertEqual(list(found), ["directory", "disk", "file", "integrity", "write log", "write lock",
                                       "schema"])

    def test_a_disk_is_told_before_its_reserve_is_all_that_is_left(self):
        free = os.statvfs(self.data).f_bavail * os.statvfs(self.data).f_frsize // 1024 ** 2
        for reserve, state, code in ((2 * free, "fail", FAILURE), (free // 2, "warn", WARNING)):
            found_code, found = self.checks(OCTO_DISK_RESERVE_MB=str(min(reserve, 1048576)))
            self.assertEqual((found_code, found["disk"][0][0]), (code, state), found)
            self.assertIn("octo audit drop", found["disk"][0][1])

    def test_text_is_a_line_for_each_check(self):
        done = self.octo("doctor")
        lines = done.stdout.splitlines()
        self.assertEqual((done.returncode, done.stderr), (WELL, ""))
        self.assertEqual(lines[0], "shop: sqlite:shop.db")
        self.assertEqual(len([line for line in lines if line.startswith("  ok  ")]), 14, lines)
        self.assertEqual(lines[-1], "14 ok, 0 skipped, 0 warnings, 0 failures")
        self.assertNotIn("\033", done.stdout)

    def test_nothing_is_changed(self):
        before = pathlib.Path(self.file).read_bytes()
        names = sorted(os.listdir(self.data))
        self.octo("doctor")
        self.assertEqual((pathlib.Path(self.file).read_bytes(), sorted(os.listdir(self.data))),
                         (before, names))

    def test_nothing_there_yet(self):
        shutil.rmtree(self.data)
        found = self.assert_found("directory", "warn", (self.data, "octo migrate"))
        self.assertEqual({rows[0][0] for check, rows in found.items() if check != "directory"}, {"skip"})
        self.assertFalse(os.path.exists(self.data))
        os.mkdir(self.data)
        self.assert_found("file", "warn", (self.file, "octo migrate"))
        self.assertEqual(os.listdir(self.data), [])

    def test_no_directory(self):
        file = f"{self.data}/file"
        pathlib.Path(file).touch()
        self.assert_found("directory", "fail", (file, "no directory", "--data"), "--data", file)

    def test_no_database(self):
        pathlib.Path(self.file).write_text("this is something else, and long enough to be looked at")
        self.assert_found("file", "fail", (self.file, "not a database", "another path"))

    def test_damaged(self):
        with contextlib.closing(sqlite3.connect(self.file)) as database:
            page = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'orders'").fetchone()[0]
            size = database.execute("PRAGMA page_size").fetchone()[0]
        with open(self.file, "r+b") as file:
            file.seek((page - 1) * size)
            file.write(b"\xff" * size)
        found = self.assert_found("integrity", "fail", (self.file, "damaged", "restore a backup"))
        self.assertNotIn("***", found["integrity"][0][1])  # the headline, which tells nothing

    def test_a_database_in_which_nothing_is_yet(self):
        for name in ("", "-wal", "-shm"):
            pathlib.Path(self.file + name).unlink(missing_ok=True)
        self.change("PRAGMA journal_mode = WAL")
        self.change("CREATE TABLE one (a)")
        self.change("DROP TABLE one")
        self.assert_found("schema", "warn", ("none yet", "octo migrate"))

    def test_another_journal(self):
        self.change("PRAGMA journal_mode = DELETE")
        self.assert_found("write log", "warn", ("delete", "WAL"))
        with contextlib.closing(sqlite3.connect(self.file)) as database:
            self.assertEqual(database.execute("PRAGMA journal_mode").fetchone()[0], "delete")

    def test_a_writer_keeps_the_lock(self):
        with contextlib.closing(sqlite3.connect(self.file, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            self.assert_found("write lock", "fail", (self.file, "100 ms", "fuser"), DB_BUSY_TIMEOUT_MS="100")

    def test_older_schema(self):
        self.change("DELETE FROM schema_migrations WHERE version > 100")
        self.assert_found("schema", "warn", ("version 100", "0110_orders", "octo migrate"))

    def test_newer_schema(self):
        self.change("UPDATE schema_migrations SET version = 9999 WHERE version = 120")
        self.assert_found("schema", "fail", ("9999", "newer", "update octo"))

    def test_a_url_of_something_else(self):
        self.assert_found("settings", "fail", ("postgresql://",), OCTO_SHOP_DATABASE_URL="mysql://host/x")

    def test_another_machine_without_verified_tls(self):
        self.assert_found("settings", "fail", ("192.0.2.1", "sslmode=verify-full"),
                          OCTO_SHOP_DATABASE_URL="postgresql://octo@192.0.2.1/octo")

    def test_usage(self):
        for arguments in (("--replicas",), ("--replicas", "0"), ("--replicas=x",), ("--nonsense",)):
            done = self.octo("doctor", *arguments)
            self.assertEqual((done.returncode, done.stdout), (FAILURE, ""), arguments)
            self.assertIn(arguments[0].split("=")[0], done.stderr)
        self.assertIn("Exit codes", self.octo("doctor", "--help").stdout)


@unittest.skipIf(IS_POSTGRES, "needs no server: runs with SQLite's tests")
class Strangers(Bench):
    """Something listens, but what it says is not what a PostgreSQL server says."""

    def setUp(self):
        self.data = self.enterContext(tempfile.TemporaryDirectory(prefix="octo-doctor-"))

    def url_of(self, answer):
        """Of a listener that reads a question, answers it and hangs up."""
        listener = socket.create_server(("127.0.0.1", 0))

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    with client, contextlib.suppress(OSError):
                        client.recv(8)
                        client.sendall(answer)
                        client.shutdown(socket.SHUT_WR)
                        while client.recv(4096):
                            pass

        thread = threading.Thread(target=serve)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(listener.close)
        self.addCleanup(listener.shutdown, socket.SHUT_RDWR)
        return f"postgresql://octo@127.0.0.1:{listener.getsockname()[1]}/octo?sslmode=require"

    def test_no_answer_to_the_question_for_tls(self):
        self.assert_found("TLS", "fail", ("127.0.0.1", "closed"), OCTO_SHOP_DATABASE_URL=self.url_of(b""))

    def test_another_protocol(self):
        self.assert_found("TLS", "fail", ("127.0.0.1", "no PostgreSQL server"),
                          OCTO_SHOP_DATABASE_URL=self.url_of(b"HTTP/1.1 400 Bad Request\r\n\r\n"))

    def test_a_handshake_of_garbage(self):
        for garbage in (b"", b"\x00", b"\x16\x03\x03\xff\xff" + b"\x02" * 100, b"\xff" * 70000):
            self.assert_found("TLS", "fail", ("127.0.0.1", "handshake"),
                              OCTO_SHOP_DATABASE_URL=self.url_of(b"S" + garbage))


@unittest.skipUnless(IS_POSTGRES and postgres_tls.is_there(), "runs with PostgreSQL's tests")
class Server(Bench):
    @classmethod
    def setUpClass(cls):
        cls.data = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="octo-doctor-"))
        cls.cluster = postgres_tls.TlsCluster()
        cls.addClassCleanup(cls.cluster.stop)
        done = cls().octo("migrate", **cls.urls())
        assert done.returncode == 0, done

    @classmethod
    def urls(cls, **options):
        """Of both services; the options are those of the shop's."""
        return {"OCTO_SHOP_DATABASE_URL": cls.cluster.tls_url("octo_shop", **options),
                "OCTO_CRM_DATABASE_URL": cls.cluster.tls_url("octo_crm"),
                "OCTO_SHOP_PORT": str(free_port()), "OCTO_CRM_PORT": str(free_port())}

    def path(self, name):
        return self.cluster.path(name)

    def admin(self, sql, undo):
        """Changes something until the test is over."""
        self.addCleanup(self.cluster.run, DATABASE, undo)
        self.cluster.run(DATABASE, sql)

    def found(self, check, state, words, *arguments, **options):
        return self.assert_found(check, state, words, *arguments, **self.urls(**options))

    def assert_refused(self, words, command="shop", **options):
        """The service ends with one line that has these words and no password."""
        done = self.octo(command, **self.urls(**options))
        self.assertEqual(done.returncode, 1, done)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertTrue(done.stderr.startswith(f"octo {command}: "), done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertNotIn(postgres_tls.PASSWORD, done.stdout + done.stderr)

    def trouble(self, check, of_doctor, of_service, **options):
        self.found(check, "fail", of_doctor, **options)
        self.assert_refused(of_service, **options)

    # --- all is well ---

    def test_all_is_well(self):
        code, found = self.checks("--replicas", "1", **self.urls())
        is_far = found["round trip"][0][0] == "warn"  # a busy machine is slow to answer
        self.assertEqual(code, WARNING if is_far else WELL, found)
        self.assertEqual({state for check, rows in found.items() for state, _ in rows
                          if check != "round trip" or not is_far}, {"ok"}, found)
        self.assertEqual(list(found), [
            "address", "TLS", "authority", "host name", "server certificate", "root certificate",
            "client certificate", "client key", "sign-in", "server", "pooler", "rights", "sessions", "clock", "round trip",
            "schema"])
        self.assertRegex(found["TLS"][0][1], r"TLSv1\.[23], \w+")
        self.assertIn("77 may be wanted", found["sessions"][0][1])
        self.assertEqual(found["pooler"][0][1], "none stands between")

    def test_a_proxy_is_seen(self):
        with Proxy("127.0.0.1", self.cluster.port) as between:
            _, found = self.checks("--replicas", "1", **self.urls(port=between.port))
        self.assertEqual(found["pooler"][0][1], "none stands between, but a proxy or a translation of addresses")

    def test_nobody_needs_a_home(self):
        """As under a service manager; libpq takes the user's own then."""
        for home in (None, ""):
            _, found = self.checks("--replicas", "1", HOME=home, **self.urls())
            self.assertEqual([state for state, _ in found["sign-in"]], ["ok"], found)

    def test_sessions_of_both_services_are_in_use_by_no_others(self):
        def taken():
            _, found = self.checks("--replicas", "1", **self.urls())
            return int(re.search(r"(\d+) in use by others", found["sessions"][0][1])[1])

        before = taken()
        for role, more in (("octo_shop", 0), ("octo_crm", 0), ("postgres", 1)):
            with self.cluster.talk(role, DATABASE) as talk:
                talk.ask("SELECT 1")
                self.assertEqual(taken(), before + more, role)

    def test_a_local_socket_needs_no_tls(self):
        code, found = self.checks(OCTO_SHOP_DATABASE_URL=self.cluster.url("octo_shop", DATABASE),
                                  OCTO_CRM_DATABASE_URL=self.cluster.url("octo_crm", DATABASE))
        self.assertLessEqual(code, WARNING, found)
        self.assertEqual((found["TLS"][0][0], found["sign-in"][0][0]), ("skip", "ok"), found)
        self.assertEqual(found["pooler"][0][1], "none stands between")

    # --- certificates of the server ---

    def test_host_name(self):
        self.cluster.certificate("elsewhere", "db.example", names="DNS:db.example,IP:10.0.0.1")
        with self.cluster.show("elsewhere"):
            self.trouble("host name", ("db.example", "10.0.0.1", "not for localhost", "name the host"),
                         ("localhost", "db.example", "name the host"))

    def test_server_certificate_expired(self):
        self.cluster.certificate("expired", "localhost", days=(-30, -3))
        with self.cluster.show("expired"):
            found = self.found("server certificate", "fail", ("localhost", "expired", "renew"))
            self.assertEqual((found["authority"][0][0], found["sign-in"][0][0]), ("ok", "skip"), found)
            self.assert_refused(("localhost", "expired", "octo doctor"))

    def test_server_certificate_not_valid_yet(self):
        self.cluster.certificate("early", "localhost", days=(3, 30))
        with self.cluster.show("early"):
            self.trouble("server certificate", ("localhost", "not valid before", "clock"),
                         ("localhost", "octo doctor"))

    def test_server_certificate_expires_soon(self):
        self.cluster.certificate("soon", "localhost", days=(-1, 10))
        with self.cluster.show("soon"):
            found = self.found("server certificate", "warn", ("localhost", "expires in 9 days", "renew"))
            self.assertEqual(found["sign-in"][0][0], "ok", found)

    def test_self_signed(self):
        self.cluster.authority("alone", title="localhost")
        with self.cluster.show("alone"):
            self.trouble("authority", ("localhost", "self-signed", self.path("ca.crt"), "certificate of your"),
                         ("localhost", "self-signed", "octo doctor"))

    def test_unknown_authority(self):
        self.cluster.certificate("unknown", "localhost", authority="other_ca")
        with self.cluster.show("unknown"):
            found = self.found("authority", "fail", ("unknown authority", "octo test other_ca",
                                                     self.path("ca.crt"), "sslrootcert"))
            self.assertEqual(found["server certificate"][0][0], "ok", found)
            self.assert_refused(("localhost", "sslrootcert", "octo doctor"))

    def test_another_authority_of_the_same_name(self):
        self.cluster.stranger("twin", title="localhost")
        with self.cluster.show("twin"):
            self.trouble("authority", ("octo test ca", self.path("ca.crt"), "sslrootcert"),
                         ("localhost", "sslrootcert"))

    def test_a_server_without_tls(self):
        with self.cluster.show(None):
            self.trouble("TLS", ("localhost", "no TLS", "switch ssl on"), ("localhost", "switch ssl on"))

    # --- our own files ---

    def test_root_file_of_another_authority(self):
        self.trouble("authority", ("octo test ca", self.path("other_ca.crt"), "sslrootcert"),
                     ("localhost", "sslrootcert", "octo doctor"), sslrootcert=self.path("other_ca.crt"))

    def test_root_file_missing(self):
        self.trouble("root certificate", ("/nowhere/ca.crt", "create the file"),
                     ("/nowhere/ca.crt", "create the file"), sslrootcert="/nowhere/ca.crt")

    def test_root_file_without_a_certificate(self):
        file = self.path("octo_crm.key")
        self.trouble("root certificate", (file, "no certificate"), (file, "no certificate"), sslrootcert=file)

    def test_key_of_another_certificate(self):
        self.trouble("client key", (self.path("octo_crm.key"), self.path("octo_shop.crt"), "belong together"),
                     (self.path("octo_crm.key"), "belong together"), sslkey=self.path("octo_crm.key"))

    def test_key_missing(self):
        self.trouble("client key", ("/nowhere/c.key", "create the file"), ("/nowhere/c.key", "create the file"),
                     sslkey="/nowhere/c.key")

    def test_certificate_missing(self):
        self.trouble("client certificate", ("/nowhere/c.crt", "create the file"),
                     ("/nowhere/c.crt", "create the file"), sslcert="/nowhere/c.crt")

    def test_key_that_others_may_read(self):
        key = self.path("open.key")
        shutil.copy(self.path("octo_shop.key"), key)
        os.chmod(key, 0o644)
        self.trouble("client key", (key, "0644", "chmod 600"), (key, "chmod 600"), sslkey=key)

    def test_client_certificate_expires_soon(self):
        self.cluster.certificate("leaving", "octo_shop", days=(-1, 10))
        self.found("client certificate", "warn", (self.path("leaving.crt"), "expires in 9 days"),
                   sslcert=self.path("leaving.crt"), sslkey=self.path("leaving.key"))

    # --- signing in ---

    def test_client_certificate_expired(self):
        self.cluster.certificate("gone", "octo_shop", days=(-30, -3))
        files = {"sslcert": self.path("gone.crt"), "sslkey": self.path("gone.key")}
        self.trouble("client certificate", (files["sslcert"], "expired", "renewed"),
                     ("localhost", "certificate expired", "renew the client certificate"), **files)

    def test_client_certificate_of_an_unknown_authority(self):
        self.cluster.stranger("foreign", title="octo_shop")
        self.trouble("sign-in", ("localhost", "unknown ca", "ssl_ca_file"), ("localhost", "ssl_ca_file"),
                     sslcert=self.path("foreign.crt"), sslkey=self.path("foreign.key"))

    def test_client_certificate_of_another_role(self):
        files = {"sslcert": self.path("octo_crm.crt"), "sslkey": self.path("octo_crm.key")}
        found = self.found("sign-in", "fail", ("octo_shop", "whether the client certificate"), **files)
        self.assertEqual(found["client certificate"][-1][0], "warn", found)
        self.assert_refused(("octo_shop", "whether the client certificate"), **files)

    def test_no_client_certificate(self):
        found = self.found("sign-in", "fail", ("localhost", "client certificate", "sslcert"),
                           sslcert=None, sslkey=None)
        self.assertEqual(found["client certificate"][0],
                         ("skip", "none is named (sslcert), and the server asks for one"))
        self.assert_refused(("localhost", "client certificate", "sslcert"), sslcert=None, sslkey=None)

    def test_one_of_several_hosts_is_enough(self):
        port = free_port()
        _, found = self.checks(**{**self.urls(), "OCTO_SHOP_DATABASE_URL": self.cluster.tls_url(
            "octo_shop", host=f"localhost:{port},localhost")})
        self.assertEqual([state for state, _ in found["address"]], ["fail", "ok"], found)
        self.assertIn(str(port), found["address"][0][1])
        self.assertEqual(found["sign-in"][0][0], "ok", found)

    def test_wrong_password(self):
        self.trouble("sign-in", ("localhost", "octo_shop", "password"), ("localhost", "octo_shop", "password"),
                     password="another-word")

    def test_no_such_role(self):
        url = self.cluster.url("octo_nobody", DATABASE)
        words = ("octo_nobody", "does not exist", "create the role")
        self.assert_found("sign-in", "fail", words, **{**self.urls(), "OCTO_SHOP_DATABASE_URL": url})
        done = self.octo("shop", **{**self.urls(), "OCTO_SHOP_DATABASE_URL": url})
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1), done)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_a_role_that_may_not_come(self):
        words = ("pg_hba.conf", "octo_observer")
        done = self.octo("shop", **{**self.urls(), "OCTO_SHOP_DATABASE_URL": self.cluster.tls_url(
            "octo_observer", sslcert=None, sslkey=None)})
        self.assertEqual(done.returncode, 1, done)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_no_such_database(self):
        self.trouble("sign-in", ("localhost", "\"nowhere\" does not exist", "create the database"),
                     ("localhost", "\"nowhere\" does not exist", "create the database"), database="nowhere")

    # --- the address ---

    def test_nothing_listens(self):
        port = free_port()
        found = self.found("address", "fail", (f"127.0.0.1:{port}", "start it"), port=port)
        self.assertEqual(found["sign-in"][0][0], "skip", found)
        for command in ("shop", "migrate"):
            self.assert_refused(("localhost", str(port), "start it"), command, port=port)

    def test_of_several_addresses_the_furthest_is_named(self):
        self.cluster.stranger("outsider", title="octo_shop")
        files = {"sslcert": self.path("outsider.crt"), "sslkey": self.path("outsider.key")}
        words = (f"127.0.0.1, port {self.cluster.port}", "unknown ca", "ssl_ca_file")
        host = f"localhost:{self.cluster.port},localhost"
        for addresses in ("127.0.0.2,127.0.0.1", "127.0.0.1,127.0.0.2"):
            _, found = self.checks(**self.urls(host=host, hostaddr=addresses, **files))
            self.assertEqual(found["sign-in"][0][0], "fail", found)
            for word in words:
                self.assertIn(word, found["sign-in"][0][1])
            for command in ("shop", "migrate"):
                self.assert_refused(words, command, host=host, hostaddr=addresses, **files)

    def test_no_such_host(self):
        self.trouble("address", ("no-such-host.invalid", "check the host"),
                     ("no-such-host.invalid", "check the host"), host="no-such-host.invalid")

    def test_every_command_names_the_trouble(self):
        urls = {**self.urls(password="another-word"), "OCTO_CRM_DATABASE_URL": self.cluster.tls_url(
            "octo_crm", password="another-word")}
        # Of the two that `octo up` starts the first to fail is told; the other is not waited for.
        for command, service in (("crm", "crm"), ("migrate", "shop"), ("up", r"(shop|crm)")):
            done = self.octo(command, **urls)
            self.assertEqual(done.returncode, 1, done)
            self.assertRegex(done.stderr, rf'octo \w+: .*localhost.* user "octo_{service}": check user')
            self.assertNotIn("wrong", done.stdout + done.stderr)

    # --- rights ---

    def test_rights_that_are_too_many(self):
        self.admin("ALTER ROLE octo_shop CREATEDB CREATEROLE; GRANT USAGE ON SCHEMA octo_crm TO octo_shop;"
                   "GRANT CREATE ON SCHEMA public TO octo_shop; GRANT pg_read_all_data TO octo_shop",
                   "ALTER ROLE octo_shop NOCREATEDB NOCREATEROLE; REVOKE ALL ON SCHEMA octo_crm FROM octo_shop;"
                   "REVOKE CREATE ON SCHEMA public FROM octo_shop; REVOKE pg_read_all_data FROM octo_shop")
        found = self.found("rights", "warn", ("octo_shop", "CREATEDB", "CREATEROLE", "octo_crm", "public",
                                              "pg_read_all_data"))
        for statement in found["rights"][0][1].split(": ")[-1].split("; "):
            self.cluster.run(DATABASE, statement)  # the remedy is what an administrator would type
        _, found = self.checks(**self.urls())
        self.assertEqual(found["rights"][0][0], "ok", found)

    def test_a_superuser(self):
        self.assert_found("rights", "fail", ("octo_root", "superuser", "octo migrate --admin"),
                          **{**self.urls(), "OCTO_SHOP_DATABASE_URL": self.cluster.tls_url("octo_root")})

    def test_rights_that_are_too_few(self):
        self.admin("REVOKE INSERT ON octo_shop.orders FROM octo_shop;"
                   "REVOKE CREATE ON SCHEMA octo_shop FROM octo_shop",
                   "GRANT ALL ON ALL TABLES IN SCHEMA octo_shop TO octo_shop;"
                   "GRANT ALL ON SCHEMA octo_shop TO octo_shop")
        self.found("rights", "fail", ("octo_shop", "no INSERT on", "orders", "no CREATE on its schema",
                                      "GRANT INSERT"))

    def test_tables_of_somebody_else(self):
        self.admin("ALTER TABLE octo_shop.orders OWNER TO postgres; GRANT ALL ON octo_shop.orders TO octo_shop",
                   "ALTER TABLE octo_shop.orders OWNER TO octo_shop")
        self.found("rights", "fail", ("octo_shop", "does not own orders", "OWNER TO octo_shop"))

    # --- sessions ---

    def test_more_sessions_than_the_server_has(self):
        self.found("sessions", "fail", ("308 may be wanted", "297 are there", "max_connections larger by 11"),
                   "--replicas", "4")

    def test_more_sessions_than_the_role_may_have(self):
        self.admin("ALTER ROLE octo_shop CONNECTION LIMIT 20", "ALTER ROLE octo_shop CONNECTION LIMIT -1")
        self.found("sessions", "fail", ("31 may be wanted", "octo_shop", "20", "CONNECTION LIMIT 31"))

    def test_more_sessions_than_the_database_may_have(self):
        self.admin(f"ALTER DATABASE {DATABASE} CONNECTION LIMIT 50",
                   f"ALTER DATABASE {DATABASE} CONNECTION LIMIT -1")
        self.found("sessions", "fail", ("77 may be wanted", DATABASE, "50"))

    # --- the schema ---

    def test_older_schema(self):
        self.admin("CREATE TABLE octo_shop.kept AS SELECT * FROM octo_shop.schema_migrations;"
                   "ALTER TABLE octo_shop.kept OWNER TO octo_shop;"
                   "DELETE FROM octo_shop.schema_migrations WHERE version > 100",
                   "INSERT INTO octo_shop.schema_migrations SELECT * FROM octo_shop.kept WHERE version > 100;"
                   "DROP TABLE octo_shop.kept")
        self.found("schema", "warn", ("version 100", "0110_orders", "octo migrate"))

    def test_newer_schema(self):
        self.admin("UPDATE octo_shop.schema_migrations SET version = 9999 WHERE version = 120",
                   "UPDATE octo_shop.schema_migrations SET version = 120 WHERE version = 9999")
        self.trouble("schema", ("9999", "newer", "update octo"), ("9999", "newer", "update octo"))

    def test_no_schema(self):
        self.admin("ALTER SCHEMA octo_shop RENAME TO kept_shop; CREATE SCHEMA octo_shop AUTHORIZATION octo_shop",
                   "DROP SCHEMA octo_shop; ALTER SCHEMA kept_shop RENAME TO octo_shop")
        self.found("schema", "warn", ("none yet", "octo migrate"))


if __name__ == "__main__":
    unittest.main()
