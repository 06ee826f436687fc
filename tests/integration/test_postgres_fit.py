"""What a server must be before services work with it, and what of its words reaches a client."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import unittest

from support import postgres
from support.harness import (INTERNAL_KEY, IS_POSTGRES, OCTO, PASSWORD, SERVICES, Instance, checkout_body,
                             free_port, patience, typed)

FAILURE, WARNING = 2, 1


class Refusals(unittest.TestCase):
    """Every command ends with one line that has the words, and the doctor fails the check."""

    def octo(self, urls, *arguments):
        with tempfile.TemporaryDirectory() as data:
            environment = {**os.environ, "OCTO_DATA_DIR": data, "BOOTSTRAP_ADMIN_PASSWORD": PASSWORD,
                           "INTERNAL_SERVICE_KEY": INTERNAL_KEY, "OCTO_SHOP_PORT": str(free_port()),
                           "OCTO_CRM_PORT": str(free_port()), **urls}
            return subprocess.run([OCTO, *typed(*arguments)], env=environment, text=True, capture_output=True,
                                  timeout=patience(60), check=False)

    def doctor(self, urls):
        """The exit code, and the shop's findings by check: state and text."""
        done = self.octo(urls, "doctor", "--json")
        checks = json.loads(done.stdout)["services"][0]["checks"]
        return done.returncode, {check["check"]: (check["state"], f"{check['seen']}: {check['remedy']}")
                                 for check in checks}

    def assert_refused(self, urls, words, commands=("shop", "crm", "migrate", "up"), check="server"):
        for command in commands:
            done = self.octo(urls, command)
            self.assertEqual(done.returncode, 1, (command, done))
            if command != "up":  # which tells of both services
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            for word in words:
                self.assertIn(word, done.stderr, command)
        code, found = self.doctor(urls)
        self.assertEqual((code, found[check][0]), (FAILURE, "fail"), found)
        for word in words:
            self.assertIn(word, found[check][1])


@unittest.skipUnless(IS_POSTGRES, "runs once, with the tests that have a server")
class Servers(Refusals):
    @classmethod
    def setUpClass(cls):
        cls.cluster = postgres.Cluster(fsync="on")
        cls.addClassCleanup(cls.cluster.stop)

    def urls(self, database):
        return {f"OCTO_{service.upper()}_DATABASE_URL": self.cluster.url(f"octo_{service}", database)
                for service in SERVICES}

    def database(self, name, options=""):
        self.cluster.run("postgres", f"CREATE DATABASE {name} {options}")
        for service in SERVICES:
            self.cluster.run(name, f"CREATE SCHEMA octo_{service} AUTHORIZATION octo_{service}")
        return self.urls(name)

    def test_another_encoding(self):
        for encoding in ("LATIN1", "EUC_JP", "SQL_ASCII"):
            with self.subTest(encoding):
                urls = self.database(f"in_{encoding.lower()}",
                                     f"ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")
                self.assert_refused(urls, (f"in_{encoding.lower()}", encoding, "ENCODING 'UTF8'"))
                self.assertEqual(self.cluster.run(f"in_{encoding.lower()}", "SELECT count(*) FROM pg_tables "
                                                  "WHERE schemaname ~ '^octo'")[1], ["0"])

    def test_transactions_that_only_read(self):
        urls = self.database("frozen")
        self.cluster.run("postgres", "ALTER DATABASE frozen SET default_transaction_read_only = on")
        self.assert_refused(urls, ("only read", "default_transaction_read_only"))

    def test_a_server_that_may_lose_what_it_acknowledged(self):
        urls = self.database("hasty")
        self.assertEqual(self.octo(urls, "migrate").returncode, 0)
        self.assertEqual(self.doctor(urls)[1]["server"][0], "ok")
        self.cluster.run("postgres", "ALTER ROLE octo_shop IN DATABASE hasty SET synchronous_commit = off")
        code, found = self.doctor(urls)
        self.assertEqual((code, found["server"][0]), (WARNING, "warn"), found)
        self.assertIn("synchronous_commit", found["server"][1])

    def test_settings_of_a_role_do_no_harm(self):
        """What a role or database may have set for others."""
        urls = self.database("odd")
        for setting in ("standard_conforming_strings = off", "DateStyle = 'SQL, DMY'", "TimeZone = 'Asia/Tokyo'",
                        "IntervalStyle = sql_standard", "client_encoding = LATIN1", "bytea_output = escape",
                        "extra_float_digits = -15", "search_path = pg_catalog",
                        "default_transaction_isolation = serializable", "transform_null_equals = on",
                        "escape_string_warning = on", "array_nulls = off", "quote_all_identifiers = on"):
            self.cluster.run("postgres", f"ALTER DATABASE odd SET {setting}")
        database = postgres.Database.__new__(postgres.Database)
        database.cluster, database.name = self.cluster, "odd"
        with Instance(database=database) as instance:
            with instance.shop.client() as client:
                body = checkout_body(email="zoe@example.com", customer_name="Zoë \U0001f681 \\'x", notes="\\n")
                answer = client.post("/api/shop/checkout", body)
                self.assertEqual(answer.status, 200, answer)
            self.assertEqual(instance.octo("sync").returncode, 0)
            found = self.cluster.run("odd", "SET client_encoding = UTF8; SET standard_conforming_strings = on;"
                                     "SELECT name FROM octo_crm.customers WHERE email = 'zoe@example.com'")
            self.assertEqual(found[1:], [["Zoë \U0001f681 \\'x"]])
            instance.database = None
        self.assertEqual(self.octo(urls, "doctor").returncode, 0)


@unittest.skipUnless(IS_POSTGRES, "runs once, with the tests that have a server")
class Standby(Refusals):
    def test_a_standby(self):
        cluster = postgres.Cluster()
        self.addCleanup(cluster.stop)
        database = postgres.Database(cluster)
        cluster.end_server(signal.SIGINT)
        pathlib.Path(cluster.directory, "data/standby.signal").touch()
        cluster.start_server()
        self.assert_refused(database.environment(SERVICES),
                            ("127.0.0.1", "standby", "target_session_attrs=read-write"))


class Stranger:
    """Lets everybody in and answers every question with the same row; without one it hangs up."""

    def __init__(self, row):
        self.row = row
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    @staticmethod
    def message(kind, *parts):
        body = b"".join(parts)
        return kind + struct.pack("!i", 4 + len(body)) + body

    def answer(self):
        fields = [self.message(b"", b"x\0", struct.pack("!ihihih", 0, 0, 25, -1, -1, 0))[4:] for _ in self.row]
        values = [struct.pack("!i", len(value)) + value.encode() for value in self.row]
        count = struct.pack("!h", len(self.row))
        return (self.message(b"T", count, *fields) + self.message(b"D", count, *values) +
                self.message(b"C", b"SELECT 1\0") + self.message(b"Z", b"I"))

    def welcome(self, client):
        """Without TLS, and with the number 77."""
        while (start := client.recv(4096)) and struct.unpack("!i", start[4:8])[0] != 196608:
            client.sendall(b"N")
        client.sendall(self.message(b"R", struct.pack("!i", 0)) + self.message(b"K", struct.pack("!ii", 77, 1)) +
                       self.message(b"Z", b"I"))

    def talk(self, client):
        self.welcome(client)
        while (asked := client.recv(4096)) and asked[:1] != b"X" and self.row:
            is_parsed = asked[:1] == b"P"
            client.sendall((self.message(b"1") + self.message(b"2") if is_parsed else b"") + self.answer())

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                with client, contextlib.suppress(OSError):
                    self.talk(client)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()


@unittest.skipUnless(IS_POSTGRES, "runs once, with the tests that have a server")
class Strangers(Refusals):
    GOOD = {"pid": "77", "version": "15.1", "number": "150001", "encoding": "UTF8", "standby": "f",
            "read_only": "off", "datetimes": "on", "port": "1"}

    def assert_named(self, words, check="server", **odd):
        with Stranger(list({**self.GOOD, **odd}.values())) as stranger:
            urls = {f"OCTO_{service.upper()}_DATABASE_URL":
                    f"postgresql://octo_{service}@127.0.0.1:{stranger.port}/octo" for service in SERVICES}
            self.assert_refused(urls, words, ("shop", "crm"), check)

    def test_an_old_server(self):
        self.assert_named(("PostgreSQL 14.9", "15 or newer"), version="14.9", number="140009")
        self.assert_named(("PostgreSQL 9.6.24", "15 or newer"), version="9.6.24", number="90624")

    def test_one_that_answers_as_pgpool_does(self):
        """It says the server's own process, but the connection that the server has is not ours."""
        self.assert_named(("Pgpool-II", "name the server itself"), check="pooler")

    def test_another_answer(self):
        with Stranger(["77"]) as stranger:
            url = f"postgresql://octo_shop@127.0.0.1:{stranger.port}/octo"
            self.assert_refused({"OCTO_SHOP_DATABASE_URL": url}, ("does not answer as PostgreSQL does",), ("shop",))

    def test_one_that_hangs_up_when_it_is_asked(self):
        with Stranger([]) as stranger:
            url = f"postgresql://octo_shop@127.0.0.1:{stranger.port}/octo"
            self.assert_refused({"OCTO_SHOP_DATABASE_URL": url}, ("127.0.0.1", "closed the connection"), ("shop",))

    def test_times_as_floating_point(self):
        self.assert_named(("integer_datetimes",), datetimes="off")


class Words(unittest.TestCase):
    """A database's own words name tables, statements and rules: they stay in the log."""

    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())
        cls.shop = cls.instance.shop

    def assert_kept_back(self, status, code):
        with self.shop.client() as client:
            answer = client.post("/api/shop/checkout", checkout_body())
        self.assertEqual((answer.status, answer.json["code"]), (status, code), answer)
        self.assertEqual(answer.json["detail"], answer.json["error"])
        for word in (b"poison", b"order_insert", b"sent before"):
            self.assertNotIn(word, answer.raw)
        self.assertRegex(self.shop.log(), 'event="request failed".*poison')

    def test_a_trigger_that_refuses(self):
        self.shop.poison("INSERT", "orders", "NEW.total >= 0")
        self.addCleanup(self.shop.cure, "orders")
        self.assert_kept_back(*((500, "database") if IS_POSTGRES else (422, "check")))

    @unittest.skipUnless(IS_POSTGRES, "a state of SQL is PostgreSQL's")
    def test_every_state_that_is_the_clients_fault(self):
        self.addCleanup(self.shop.cure, "orders")
        self.shop.poison("INSERT", "orders", "NEW.total >= 0")
        for state, status, code in (("22001", 422, "invalid"), ("22003", 422, "invalid"), ("22021", 422, "invalid"),
                                    ("23505", 409, "unique"), ("23503", 409, "foreign_key"),
                                    ("23514", 422, "check"), ("23502", 422, "check")):
            with self.subTest(state):
                self.shop.execute("CREATE OR REPLACE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS "
                                  f"$$ BEGIN RAISE EXCEPTION 'poison' USING ERRCODE = '{state}'; END $$")
                self.assert_kept_back(status, code)


if __name__ == "__main__":
    unittest.main()
