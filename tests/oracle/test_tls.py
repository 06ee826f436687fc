"""TLS in which both sides show a certificate: Oracle's drivers and ours run the script through it, and what is wrong
with a wallet or a server is told in a sentence."""

import contextlib
import os
import select
import socket
import subprocess
import tempfile
import threading
import unittest

from support.tnsd import BUILD, PASSWORD, SCRIPTS, USER, VERSIONS, database, listener, oracles_logons, wanted
from support.wallets import RSA, WALLET_PASSWORD, Authority


class Proxy:
    """Answers a request as it is told, and carries what comes then where the client wants it to go."""

    def __enter__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port, self.answer, self.asked = self.server.getsockname()[1], b"", b""
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.close()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.server.accept()
                with client:
                    self.carry(client)

    def carry(self, client):
        self.asked = client.recv(4096)
        client.sendall(self.answer)
        if b" 200 " not in self.answer:
            return
        host, port = self.asked.split()[1].decode().split(":")
        with socket.create_connection((host, int(port))) as target:
            other = {client: target, target: client}
            while True:
                for ready in select.select(list(other), [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    other[ready].sendall(data)


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="octo-wallets-"))
        cls.authority = Authority(cls.directory)
        cls.server_key, cls.server = cls.authority.issue("localhost", "DNS:localhost")
        cls.key, cls.certificate = cls.authority.issue("client", kind=RSA)
        cls.wallet = cls.make("wallet", cls.key, cls.certificate)

    @classmethod
    def make(cls, name, key, *certificates, **options):
        return cls.authority.wallet(name, key, *certificates, cls.authority.certificate, **options)

    @classmethod
    def p12(cls, name, key, *certificates, **options):
        return cls.authority.p12(name, key, *certificates, cls.authority.certificate, **options)

    def listen(self, *options, key=None, certificate=None):
        address = self.enterContext(listener("--key", key or self.server_key, "--certificate", certificate or self.server,
                                             "--authority", self.authority.certificate, *options))
        return "tcps://localhost:" + address.split(":")[1]

    def test_all_three_drivers_run_the_script(self):
        """In each pose; one of them begins TLS anew, which the old driver does not know."""
        wallet = (self.wallet, WALLET_PASSWORD)
        for driver, script in SCRIPTS.items():
            for pose in VERSIONS:
                renegotiates = ("--renegotiate",) if pose == "19c" else ()
                with self.subTest(driver=driver, pose=pose), database() as of_database:
                    address = self.listen("--pose", pose, *of_database, *renegotiates)
                    self.assertEqual(script(address, wallet), wanted(driver, pose))

    def test_ping(self):
        for words in (f"{PASSWORD}\n{WALLET_PASSWORD}\n", f"{PASSWORD}\nwrong\n"):
            done = subprocess.run([BUILD / "src/app/octo", "ora", "ping", "--user", USER, "--wallet", self.wallet,
                                   self.listen() + "/svc"], input=words, text=True, capture_output=True, timeout=60,
                                  check=False)
            self.assertEqual(done.returncode, 1 if "wrong" in words else 0, done)
            self.assertIn("password is wrong" if "wrong" in words else "", done.stderr)
            self.assertNotIn(PASSWORD, done.stdout + done.stderr)

    def connect(self, address, *wallet, more="", system=None):
        """`system`: a file with the authorities that this machine trusts."""
        directory, password = (*wallet, "", "")[:2]
        environment = dict(os.environ, **({"SSL_CERT_FILE": str(system)} if system else {}))
        return subprocess.run([BUILD / "src/app/octo", "ora", "ping", "--user", USER,
                               *(("--wallet", directory) if directory else ()), f"{address}/svc{more}"],
                              input=f"{PASSWORD}\n{password}\n", text=True, capture_output=True, timeout=60, check=False,
                              env=environment)

    def test_who_is_trusted(self):
        """Of a wallet with an authority nobody else is; the system's are where it has none."""
        system = Authority(self.directory, "system")
        trusting = self.authority.wallet("of_nobody", self.key, self.certificate)
        address = self.listen(**dict(zip(("key", "certificate"), system.issue("vouched_by_the_system", "DNS:localhost"))))
        done = self.connect(address, trusting, WALLET_PASSWORD, system=system.certificate)
        self.assertEqual(done.returncode, 0, done)
        for wallet in (self.wallet, trusting):
            done = self.connect(address, wallet, WALLET_PASSWORD,
                                system=system.certificate if wallet == self.wallet else self.authority.certificate)
            self.assertEqual(done.returncode, 1, done)
            self.assertIn("is of an authority that is not trusted", done.stderr)

    def test_wallets(self):
        """Each of these opens, or says what is wrong with it."""
        address = self.listen()
        other_key, other = self.authority.issue("other")
        past_key, past = self.authority.issue("past", moment="-60d")
        future_key, future = self.authority.issue("future", moment="+60d")
        foreign_key, foreign = Authority(self.directory, "foreign").issue("stranger")
        crlf = self.make("crlf", self.key, self.certificate)
        text = (crlf / "ewallet.pem").read_bytes()
        (crlf / "ewallet.pem").write_bytes(text.replace(b"\n", b"\r\n"))
        cut = self.make("cut", self.key, self.certificate)
        (cut / "ewallet.pem").write_bytes(text[:len(text) - 300])
        reverse = self.authority.wallet("reverse", self.key, self.authority.certificate, other, self.certificate)
        sso, noise, empty = (self.authority.directory / name for name in ("sso", "noise", "empty"))
        for directory in (sso, noise, empty):
            directory.mkdir()
        (sso / "cwallet.sso").touch()
        (noise / "ewallet.p12").write_bytes(b"0\x82noise")
        p12 = self.p12("p12", self.key, self.certificate)
        cut_p12 = self.p12("cut_p12", self.key, self.certificate)
        (cut_p12 / "ewallet.p12").write_bytes((p12 / "ewallet.p12").read_bytes()[:-20])
        good, word = None, WALLET_PASSWORD
        for wallet, password, fault in (
                (self.wallet, word, good),
                (crlf, word, good),
                (reverse, word, good),
                (self.make("plain", self.key, self.certificate, cipher=()), None, good),
                (self.make("3des", self.key, self.certificate, cipher=("-v1", "PBE-SHA1-3DES")), word, good),
                (self.make("old", self.key, self.certificate, cipher=("-des3",)), word, good),
                (self.make("old_aes", self.key, self.certificate, cipher=("-aes256",)), word, good),
                (self.wallet, "wrong", "its key does not open: the wallet's password is wrong"),
                (self.authority.directory / "old", "wrong", "its key does not open: the wallet's password is wrong"),
                (self.wallet, None, "its key does not open: it needs the wallet's password"),
                (self.make("rc2", self.key, self.certificate, cipher=("-v1", "PBE-SHA1-RC2-40", "-provider", "legacy",
                                                                      "-provider", "default")),
                 word, "its key is enciphered in a way that OpenSSL does not open"),
                (self.make("unfit", other_key, self.certificate), word, "no certificate in it fits its key"),
                (self.make("past", past_key, past), word, "its certificate has expired"),
                (self.make("future", future_key, future), word, "its certificate is not valid yet"),
                (cut, word, "a certificate in it cannot be read"),
                (empty, word, "has no ewallet.pem or ewallet.p12: No such file or directory"),
                (self.authority.directory / "nowhere", word, "has no ewallet.pem or ewallet.p12: No such file or directory"),
                (sso, word, "holds cwallet.sso alone, which only Oracle's own client opens: put ewallet.pem or ewallet.p12"),
                (p12, word, good),
                (self.p12("old_p12", self.key, self.certificate, options=("-legacy",)), word, good),
                (self.p12("empty_word", self.key, self.certificate, password=""), None, good),
                (p12, "wrong", "ewallet.p12: the wallet's password is wrong"),
                (p12, None, "ewallet.p12: it needs the wallet's password"),
                (noise, word, "ewallet.p12: it is no file of PKCS#12, or damaged"),
                (cut_p12, word, "ewallet.p12: it is no file of PKCS#12, or damaged"),
                (self.p12("no_key_p12", None, self.certificate), word, "localhost port "),
                (self.p12("past_p12", past_key, past), word, "ewallet.p12: its certificate has expired"),
                (self.authority.wallet("none", self.key), word, "it holds no certificate"),
                (self.authority.wallet("untrusting", foreign_key, foreign), word, "is of an authority that is not trusted"),
                (self.make("foreign", foreign_key, foreign), word, "localhost port "),  # the server's word: not his
                (self.make("anonymous", None), word, "localhost port "),
        ):
            with self.subTest(wallet=wallet.name, password=password):
                done = self.connect(address, wallet, *([password] if password else []))
                self.assertEqual(done.returncode, 1 if fault else 0, done)
                self.assertIn(fault or "", done.stderr)
                self.assertNotIn("wrong" if fault and password == "wrong" and "is wrong" not in fault else word, done.stderr)

    def test_servers(self):
        """A server that is not what it should be is not spoken to."""
        wrong_key, wrong = self.authority.issue("db.example.org", "DNS:db.example.org", "DNS:*.example.net")
        past_key, past = self.authority.issue("yesterday", "DNS:localhost", moment="-60d")
        future_key, future = self.authority.issue("tomorrow", "DNS:localhost", moment="+60d")
        common_key, common = self.authority.issue("localhost2", "IP:127.0.0.1")
        for key, certificate, host, fault in (
                (wrong_key, wrong, "localhost", 'the server\'s certificate is of "O=Octo,CN=db.example.org", not of localhost'),
                (self.server_key, self.server, "127.0.0.1", 'the server\'s certificate is of "O=Octo,CN=localhost", not of 127.0.0.1'),
                (past_key, past, "localhost", "has expired"),
                (future_key, future, "localhost", "is not valid yet: look at this machine's clock"),
                (common_key, common, "127.0.0.1", None)):
            with self.subTest(certificate=certificate.name, host=host):
                address = self.listen(key=key, certificate=certificate)
                done = self.connect(address.replace("localhost", host), self.wallet, WALLET_PASSWORD)
                self.assertEqual(done.returncode, 1 if fault else 0, done)
                self.assertIn(fault or "", done.stderr)
        for dn, fault in (("CN=localhost,O=Octo", None), ("organizationName=octo, CN=localhost", None),
                          ("CN=localhost", 'is of "O=Octo,CN=localhost", not of "CN=localhost", as SSL_SERVER_CERT_DN wants it'),
                          ("CN=other,O=Octo", 'not of "CN=other,O=Octo"')):
            for host in ("localhost", "127.0.0.1"):
                with self.subTest(dn=dn, host=host):
                    done = self.connect(self.listen().replace("localhost", host), self.wallet, WALLET_PASSWORD,
                                        more=f'?ssl_server_cert_dn="{dn}"')
                    self.assertEqual(done.returncode, 1 if fault else 0, done)
                    self.assertIn(fault or "", done.stderr)
        address = self.listen(key=wrong_key, certificate=wrong)
        done = self.connect(address, self.wallet, WALLET_PASSWORD, more="?ssl_server_dn_match=off")
        self.assertEqual(done.returncode, 0, done)
        for version in ("1.2", "1.3"):
            done = self.connect(self.listen(), self.wallet, WALLET_PASSWORD, more=f"?ssl_version=TLSv{version}")
            self.assertRegex(done.stdout, rf"\nTLS .*  TLSv{version} ")
        with listener() as plain:
            host, port = plain.split(":")
            address = self.listen("--redirect", f"(ADDRESS=(PROTOCOL=tcp)(HOST={host})(PORT={port}))")
            self.assertIn("sends a client that came by TLS to an address without",
                          self.connect(address, self.wallet, WALLET_PASSWORD).stderr)
        with listener() as address:
            done = self.connect(f"tcps://{address}", self.wallet, WALLET_PASSWORD, more="?connect_timeout=300ms")
            self.assertIn("does the server speak TLS there?", done.stderr)
            self.assertIn("write tcps:// before the host", self.connect(address, self.wallet, WALLET_PASSWORD).stderr)

    def test_wallet_that_the_connect_string_names(self):
        address = self.listen()
        done = self.connect(address, None, WALLET_PASSWORD, more=f"?wallet_location={self.wallet}")
        self.assertEqual(done.returncode, 0, done)
        done = self.connect(address, self.wallet, WALLET_PASSWORD, more="?wallet_location=/nowhere")
        self.assertIn("wallet /nowhere has no ewallet.pem", done.stderr)
        done = self.connect(address, self.wallet, WALLET_PASSWORD, more="?wallet_location=SYSTEM")
        self.assertIn("is of an authority that is not trusted", done.stderr)

    def test_name_that_routes(self):
        address = self.listen("--route-name", "S3.svc.T1.D.V3.319")
        done = self.connect(address, self.wallet, WALLET_PASSWORD, more=":dedicated?use_sni=on")
        self.assertEqual(done.returncode, 0, done)
        for more in ("", "?use_sni=on"):
            self.assertRegex(self.connect(address, self.wallet, WALLET_PASSWORD, more=more).stderr, "unrecognized name")

    def test_proxy_on_the_way(self):
        address = self.listen()
        with Proxy() as proxy:
            for answer, words in (("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n", None),
                                  ("HTTP/1.0 407 Who are you?\r\n\r\n", "the proxy refuses: 407 Who are you?"),
                                  ("SSH-2.0-OpenSSH\r\n\r\n", "the proxy does not answer as one of HTTP does"),
                                  ("HTTP/1.1 200", "the proxy ended the connection")):
                with self.subTest(answer=answer):
                    proxy.answer = answer.encode()
                    done = self.connect(address, self.wallet, WALLET_PASSWORD,
                                        more=f"?https_proxy=127.0.0.1&https_proxy_port={proxy.port}")
                    self.assertEqual(done.returncode, 1 if words else 0, done)
                    self.assertIn(words or "", done.stderr)
                    self.assertRegex(proxy.asked, rb"^CONNECT localhost:\d+ HTTP/1\.1\r\nHost: localhost:\d+\r\n\r\n$")

    def test_oracles_drivers_match_names_alike(self):
        address = self.listen(*self.enterContext(database()))
        for dn, is_right in (("O=Octo, CN=localhost", True), ("CN=localhost", False)):
            for done in oracles_logons(f'{address}/svc?ssl_server_cert_dn="{dn}"', self.wallet, WALLET_PASSWORD):
                self.assertEqual(done.stdout, "19.0.0.0.0\n" if is_right else "", done)


if __name__ == "__main__":
    unittest.main()
