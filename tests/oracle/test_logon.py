"""Log-ons of all kinds: servers of three versions, both kinds of verifiers, passwords of all sorts and their change,
users who act for others, tokens, pooled servers. The listener checks what it is sent, and takes it from Oracle's drivers."""

import pathlib
import re
import subprocess
import tempfile
import time
import unittest

from support.harness import patience
from support.tnsd import BUILD, DEBIANS_PYTHON, DRIVERS, PASSWORD, USER, database, listener, oracles_logons
from support.wallets import RSA, WALLET_PASSWORD, Authority, openssl

POSES = (("12.2", r"12\.2\.0\.1\.0"), ("19c", r"19\.0\.0\.0\.0"), ("23ai", r"23\.4\.0\.0\.0"))
# Each a log-on of Debian's python3-oracledb that is made of one expression.
PYTHON = """import sys, oracledb
dsn, user, password = sys.argv[1:4]
connection = %s
connection.ping()
connection.close()"""

# A pool of one connection whose server is given back between two sessions; connect's own one at the end is pinged.
PYTHON_POOL = """next(iter([
    (pool := oracledb.create_pool(user=user, password=password, dsn=dsn, min=1, max=1, cclass='shop')),
    (first := pool.acquire()), first.cursor().execute('CREATE TABLE given (id NUMBER(10))'),
    first.cursor().execute('INSERT INTO given VALUES (1)'), first.close(),
    (second := pool.acquire()),
    (None if second.cursor().execute('SELECT COUNT(*) FROM given').fetchone() == (0,) else sys.exit('not undone')),
    second][-1:]))"""


def log_on(place, **options):
    given = {"user": USER, "password": PASSWORD, **options}
    return subprocess.run([BUILD / "tests/oracle/ora-logon", place if "/" in place else f"{place}/svc",
                           *(f"{name}={value}" for name, value in given.items() if value is not None)],
                          text=True, capture_output=True, timeout=60, check=False)


class Logon(unittest.TestCase):
    def comes_in(self, place, version=r"\d", **options):
        done = log_on(place, **options)
        self.assertEqual(done.returncode, 0, (options, done))
        self.assertRegex(done.stdout, version)

    def is_refused(self, place, words, **options):
        done = log_on(place, **options)
        self.assertEqual(done.returncode, 1, (options, done))
        self.assertRegex(done.stderr, words)
        for secret in filter(None, (PASSWORD, options.get("password"), options.get("new"), options.get("token"))):
            self.assertNotIn(secret, done.stderr + done.stdout)

    def python_comes_in(self, place, expression, dsn="svc", user=USER):
        done = subprocess.run([DEBIANS_PYTHON, "-c", PYTHON % expression, f"{place}/{dsn}", user, PASSWORD], cwd=DRIVERS,
                              text=True, capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done)

    def test_servers_and_verifiers(self):
        for pose, version in POSES:
            for verifier in ("12c", "11g", "11g-long"):
                with self.subTest(pose=pose, verifier=verifier), listener("--pose", pose, "--verifier", verifier) as place:
                    self.comes_in(place, version)

    def test_fast_and_classic(self):
        """The fast one is two answers shorter, and goes on as the classic one does where the server wants it."""
        answers = {}
        for options in ((), ("--no-fast-logon",), ("--no-end-of-response",), ("--dislike-types",),
                        ("--dislike-types", "--no-end-of-response")):
            with self.subTest(options=options), tempfile.TemporaryDirectory(prefix="octo-fast-") as records, \
                    listener("--pose", "23ai", "--record", records, *options) as place:
                self.comes_in(place, POSES[2][1], user=f'"{USER.upper()}"')
                answers[options] = len(re.findall("^# packet .* <", next(pathlib.Path(records).iterdir()).read_text(), re.M))
        classic = answers["--no-fast-logon",]
        self.assertEqual(answers, {(): classic - 2, ("--no-fast-logon",): classic, ("--no-end-of-response",): classic - 2,
                                   ("--dislike-types",): classic, ("--dislike-types", "--no-end-of-response"): classic})

    def test_oracles_drivers_take_poses_and_verifiers(self):
        """Those that know them: the old one neither asks for the fast log-on nor knows the long halves of keys."""
        options = self.enterContext(database())
        for pose, *more in (("12.2",), ("19c", "--verifier", "11g"), ("19c", "--verifier", "11g-long"), ("23ai",),
                            ("23ai", "--no-fast-logon"), ("23ai", "--no-end-of-response"), ("23ai", "--dislike-types")):
            with self.subTest(pose=pose, more=more), listener("--pose", pose, *more, *options) as place:
                for done in oracles_logons(f"{place}/svc")["11g-long" in more:]:
                    self.assertEqual(done.returncode, 0, done)
                    self.assertRegex(done.stdout, dict(POSES)[pose])

    def test_servers_that_are_not_spoken_to(self):
        for options, words in ((("--accept-as", "314"), "the server is older than 12.1, which is not spoken"),
                               (("--demand-encryption",), "demands Oracle's native encryption: set SQLNET.ENCRYPTION_SERVER"),
                               (("--end-after-accept",), "the connection ended before a word was said: does the server demand"),
                               (("--fail-logon", "ORA-01034: ORACLE not available\n"), "ORA-01034: ORACLE not available\n$"),
                               (("--fail-logon", "ORA-28000: the account is locked\n"), "ORA-28000: the account is locked\n$")):
            with self.subTest(options=options), listener(*options) as place:
                self.is_refused(place, words)

    def test_passwords(self):
        for word in ('quote"and\'apostrophe', "at@sign/and:colon", "Grüße 漢字 🙂", " blanks ", "x" * 1024):
            for verifier in ("12c", "11g"):
                with self.subTest(word=word, verifier=verifier), listener("--password", word, "--verifier", verifier) as place:
                    self.comes_in(place, password=word)
                    self.is_refused(place, "kind 2, ORA-01017", password=word + "!" if len(word) < 1024 else word[1:])
        with listener() as place:
            self.is_refused(place, "a password has 1 to 1024 bytes", password="x" * 1025)
            self.is_refused(place, "a user and a password are needed", password=None)
            self.is_refused(place, "more than 255 bytes", user="x" * 256)

    def test_change_of_password(self):
        for verifier in ("12c", "11g"):
            with self.subTest(verifier=verifier), listener("--verifier", verifier, "--expired") as place:
                self.is_refused(place, "ORA-28001: the password has expired")
                self.comes_in(place, new="another one")
                self.is_refused(place, "ORA-01017")
                self.comes_in(place, password="another one", change="the third")
                self.comes_in(place, password="the third", change=PASSWORD)
                self.python_comes_in(place, "oracledb.connect(user=user, password=password, newpassword='by another', dsn=dsn)")
                self.comes_in(place, password="by another")
                self.is_refused(place, "a password has 1 to 1024 bytes", password="by another", new="")

    def test_user_who_acts_for_another(self):
        with listener("--proxy-client", "orders") as place:
            self.comes_in(place, user=f"{USER}[orders]")
            self.comes_in(place)
            self.is_refused(place, "ORA-28150", user=f"{USER}[others]")
            self.python_comes_in(place, "oracledb.connect(user=user, password=password, dsn=dsn)", user=f"{USER}[orders]")
            for user in (f"{USER}[orders", f"{USER}[]", f"{USER}[orders]x"):
                self.is_refused(place, r"a proxy user is written USER\[CLIENT\]", user=user)
            self.is_refused(place, "a user and a password are needed", user="[orders]")

    def test_tokens(self):
        with tempfile.TemporaryDirectory(prefix="octo-tokens-") as directory:
            directory = pathlib.Path(directory)
            authority = Authority(directory)
            server_key, server = authority.issue("localhost", "DNS:localhost")
            client_key, client = authority.issue("client", kind=RSA)
            wallet = authority.wallet("wallet", client_key, client, authority.certificate)
            public_key = directory / "public.pem"
            openssl("rsa", "-in", client_key, "-pubout", "-out", public_key)
            tls = ("--key", server_key, "--certificate", server, "--authority", authority.certificate)
            token = {"user": None, "password": None, "token": "eyJ0" + "x" * 3000}
            wallets = {"wallet": wallet, "wallet_password": WALLET_PASSWORD}
            for pose, version in POSES:
                with self.subTest(pose=pose), listener(*tls, "--pose", pose, "--token", token["token"], "--proxy-client",
                                                       "orders") as place:
                    place = f"tcps://localhost:{place.split(':')[1]}/svc"
                    self.comes_in(place, version, **token, **wallets)
                    self.comes_in(place, version, **{**token, "user": "[orders]"}, **wallets)
                    self.comes_in(place, version, **token, wallet_file=wallet / "ewallet.pem", wallet_password=WALLET_PASSWORD)
                    self.is_refused(place.replace("tcps://", ""), "a token is for TLS: write tcps://", **token)
                    self.is_refused(place, "a token stands in place of a password", **{**token, "password": "x"}, **wallets)
            with listener(*tls, "--token", token["token"], "--token-key", public_key) as place:
                place = f"tcps://localhost:{place.split(':')[1]}/svc"
                self.comes_in(place, **token, **wallets, token_key=client_key)
                self.is_refused(place, "ORA-01017", **token, **wallets)
                self.is_refused(place, "ORA-01017", **token, **wallets, token_key=authority.issue("thief", kind=RSA)[0])
                self.is_refused(place, "the token's private key is not what signs", **token, **wallets, token_key=server_key)

    def finds(self, wanted, pattern, record):
        """In what the listener has recorded of a connection, where the last of it may come after its client has gone."""
        deadline = time.monotonic() + patience(60)
        while (found := re.findall(pattern, record.read_text().lower(), re.M)) != wanted and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(found, wanted, record.read_text())

    def test_pooled_servers(self):
        """Who comes for one says how clean it must be, and gives it back."""
        with tempfile.TemporaryDirectory(prefix="octo-pooled-") as records, \
                listener("--pooled", "--record", records) as place:
            self.is_refused(place, "ORA-12520")
            self.comes_in(f"{place}/svc:pooled?pool_connection_class=shop&pool_purity=self")
            self.python_comes_in(place, "oracledb.connect(user=user, password=password, dsn=dsn, cclass='shop')", "svc:pooled")
            for record in sorted(pathlib.Path(records).iterdir())[1:]:
                self.finds(["1a a3"], r"^> 00 00 00 .. 06 00 00 00 00 00 (1a a3)", record)
                done = subprocess.run([BUILD / "src/app/octo", "ora", "decode", record], text=True, capture_output=True,
                                      check=False)
                self.assertEqual(done.returncode, 0, done)
                self.assertNotIn("log off", done.stdout)

    def test_pooled_server_that_is_given_back(self):
        """What was open is rolled back, and the connection stays; what the next session is told is who it is for. The
        listener forgets as much between sessions of one pooled connection of Oracle's driver."""
        for pose, _ in POSES:
            with self.subTest(pose=pose), tempfile.TemporaryDirectory(prefix="octo-pooled-") as records, \
                    database() as of_database, \
                    listener("--pooled", "--pose", pose, "--record", records, *of_database) as place:
                done = subprocess.run([BUILD / "tests/oracle/ora-pooled", f"{place}/svc:pooled", USER, PASSWORD], text=True,
                                      capture_output=True, timeout=60, check=False)
                self.assertEqual((done.returncode, done.stdout), (0, "shop 0\n"), done)
                record, = pathlib.Path(records).iterdir()
                self.finds(["00", "01 02"], r"1a a3 .. (?:00 )?00 00 (00|01 02)$", record)
                self.python_comes_in(place, PYTHON_POOL, "svc:pooled")
        with database() as of_database, listener(*of_database) as place:
            done = subprocess.run([BUILD / "tests/oracle/ora-pooled", f"{place}/svc", USER, PASSWORD], text=True,
                                  capture_output=True, timeout=60, check=False)
            self.assertIn("the server is of no pool", done.stderr)

    def test_privileges_and_editions(self):
        """Oracle's driver is asked for the same, and the listener has to be told so by it too."""
        for pose, version in POSES:
            with self.subTest(pose=pose), listener("--pose", pose, "--privilege", "sysdba", "--edition", "E2") as place:
                self.comes_in(place, version, **{"as": "sysdba"})
                self.comes_in(place, version, **{"as": "sysdba", "edition": "e2"})
                self.is_refused(place, "ORA-38802: edition does not exist", **{"as": "sysdba", "edition": "E3"})
                self.is_refused(place, "ORA-28009: connection as SYS should be as SYSDBA")
                self.is_refused(place, "ORA-01031: insufficient privileges", **{"as": "sysoper"})
                self.python_comes_in(place, "oracledb.connect(user=user, password=password, dsn=dsn, mode=oracledb.SYSDBA, "
                                            "edition='E2')")
        with listener() as place:
            self.is_refused(place, "ORA-01031", **{"as": "sysdba"})
            self.is_refused(place, "an edition's name has 1 to 128 bytes", edition="x" * 129)
            self.is_refused(place, "an edition's name has 1 to 128 bytes", edition="")

    def test_wallet_that_is_replaced(self):
        """Its new file serves the next session of the same process."""
        with tempfile.TemporaryDirectory(prefix="octo-replaced-") as directory:
            authority = Authority(directory)
            server_key, server = authority.issue("localhost", "DNS:localhost")
            wallets = [authority.wallet(name, *authority.issue(name, moment=moment), authority.certificate)
                       for name, moment in (("first", None), ("past", "-60d"), ("next", None))]
            used = wallets[0] / "ewallet.pem"
            place = self.enterContext(listener("--key", server_key, "--certificate", server, "--authority",
                                               authority.certificate))
            process = subprocess.Popen([BUILD / "tests/oracle/ora-logon", f"tcps://localhost:{place.split(':')[1]}/svc",
                                        f"user={USER}", f"password={PASSWORD}", f"wallet={wallets[0]}",
                                        f"wallet_password={WALLET_PASSWORD}", "again=yes"], text=True, stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            with process:
                for wallet, words in zip(wallets, ("19.0.0.0.0\n", "its certificate has expired", "19.0.0.0.0\n")):
                    if wallet != wallets[0]:
                        (wallet / "ewallet.pem").rename(used)
                        process.stdin.write("\n")
                        process.stdin.flush()
                    self.assertIn(words, process.stdout.readline())
                process.stdin.close()


if __name__ == "__main__":
    unittest.main()
