"""octo doctor against libpq: what psql takes with the same URL fails nowhere on the way, and what it refuses does."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from support import postgres, postgres_tls
from support.harness import IS_POSTGRES, patience
from test_doctor import Bench

WAY = ("settings", "address", "TLS", "authority", "host name", "server certificate", "root certificate",
       "client certificate", "client key", "sign-in")


@unittest.skipUnless(IS_POSTGRES and postgres_tls.is_there(), "runs with PostgreSQL's tests")
class AsLibpq(Bench):
    @classmethod
    def setUpClass(cls):
        cls.data = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="octo-doctor-"))
        cls.cluster = postgres_tls.TlsCluster()
        cls.addClassCleanup(cls.cluster.stop)

    def path(self, name):
        return self.cluster.path(name)

    def psql(self, url):
        """Is it let in?"""
        done = subprocess.run([postgres.BIN / "psql", "-X", "-q", "-d", url, "-c", "SELECT 1"],
                              env=self.environment(), text=True, capture_output=True, stdin=subprocess.DEVNULL,
                              start_new_session=True, timeout=patience(60), check=False)
        return done.returncode == 0

    def compare(self, is_taken, role="octo_shop", **options):
        """Both say so; what the doctor found on the way."""
        url = self.cluster.tls_url(role, **options)
        self.assertEqual(self.psql(url), is_taken, url)
        _, found = self.checks(OCTO_SHOP_DATABASE_URL=url)
        found = {check: rows for check, rows in found.items() if check in WAY}
        fails = [check for check, rows in found.items() for state, _ in rows if state == "fail"]
        self.assertEqual(not fails, is_taken, found)
        return found

    def at(self, host, is_taken):
        return self.compare(is_taken, host=host, hostaddr="127.0.0.1")

    # --- which host a certificate is for ---

    def test_names(self):
        for title, names, taken, refused in (
                ("wild", "DNS:*.test", ("db.test", "DB.Test"), ("a.db.test", "test", "db.testing")),
                ("wild", "DNS:*.db.test", ("a.db.test",), ("db.test", "a.b.db.test")),
                ("half", "DNS:d*.test", (), ("db.test",)),
                ("db.test", None, ("db.test",), ("a.db.test",)),
                ("*.test", None, ("db.test",), ()),
                ("db.test", "IP:10.0.0.1", ("db.test",), ("10.0.0.2",)),
                ("db.test", "DNS:other.test", ("other.test",), ("db.test",)),
                ("db.test", "email:a@db.test", ("db.test",), ()),
                ("addresses", "IP:127.0.0.1,IP:::1", ("127.0.0.1",), ("127.0.0.2", "addresses.test")),
                ("127.0.0.1", None, ("127.0.0.1",), ()),
                ("127.0.0.1", "DNS:db.test", ("127.0.0.1",), ()),
                ("127.0.0.1", "IP:10.0.0.1", (), ("127.0.0.1",)),
                ("text", "DNS:127.0.0.1", ("127.0.0.1",), ())):
            self.cluster.certificate("named", title, names=names)
            with self.cluster.show("named"):
                for host in taken + refused:
                    with self.subTest(title=title, names=names, host=host):
                        found = self.at(host, host in taken)
                        self.assertEqual(found["host name"][0][0], "ok" if host in taken else "fail", found)

    # --- who vouches, and until when ---

    def test_a_root_file_of_several(self):
        self.cluster.certificate("old_ca", "octo old ca", names=None, days=(-30, -3), is_authority=True)
        for name, parts in (("old_first.crt", ("old_ca.crt", "ca.crt")), ("old_last.crt", ("ca.crt", "old_ca.crt")),
                            ("both.crt", ("other_ca.crt", "ca.crt"))):
            found = self.compare(True, sslrootcert=self.cluster.join(name, *parts))
            self.assertEqual(found["root certificate"][0][0], "ok", found)
            self.assertIn("octo test ca", found["root certificate"][0][1])
        self.compare(False, sslrootcert=self.cluster.join("strangers.crt", "old_ca.crt", "other_ca.crt"))

    def test_the_second_of_the_root_file_ends_soon(self):
        self.cluster.authority("short_ca", days=5)
        self.cluster.certificate("of_short", "localhost", authority="short_ca")
        with self.cluster.show("of_short"):
            found = self.compare(True, sslrootcert=self.cluster.join("short.crt", "ca.crt", "short_ca.crt"))
        self.assertEqual(found["root certificate"][0][0], "warn", found)
        self.assertIn("octo test short_ca", found["root certificate"][0][1])

    def test_what_stands_between_ends_first(self):
        for days, is_taken, state in (((-1, 400), True, "ok"), ((-1, 5), True, "warn"), ((-30, -3), False, "fail")):
            with self.subTest(days):
                self.cluster.certificate("middle", "octo middle", names=None, days=days, is_authority=True)
                self.cluster.certificate("leaf", "localhost", authority="middle")
                self.cluster.join("chain.crt", "leaf.crt", "middle.crt")
                self.cluster.join("chain.key", "leaf.key")
                os.chmod(self.path("chain.key"), 0o600)
                if self.cluster.user:
                    os.chown(self.path("chain.key"), self.cluster.user.pw_uid, self.cluster.user.pw_gid)
                with self.cluster.show("chain"):
                    found = self.compare(is_taken)
                self.assertEqual(found["server certificate"][0][0], state, found)
                if state != "ok":
                    self.assertIn("octo middle", found["server certificate"][0][1])

    def test_revoked(self):
        self.cluster.certificate("revoked", "localhost")
        empty = self.cluster.revocations("empty")
        self.compare(True, sslcrl=empty)
        over = self.cluster.revocations("over", days=(-5, -1))
        found = self.compare(False, sslcrl=over)
        self.assertIn("CRL has expired", found["authority"][0][1])
        revoked = self.cluster.revocations("revoked", revoked="revoked")
        self.compare(True, sslcrl=revoked)
        self.compare(True, sslcrl="/nowhere/list.crl")
        with self.cluster.show("revoked"):
            found = self.compare(False, sslcrl=revoked)
            self.assertIn("certificate revoked", found["authority"][0][1])
            self.compare(True)

    def test_an_expired_one_that_nobody_checks(self):
        self.cluster.certificate("expired", "elsewhere", names="DNS:elsewhere", days=(-30, -3))
        with self.cluster.show("expired"):
            self.compare(True, sslmode="require", sslrootcert=None)
            self.compare(False, sslmode="require")
            self.compare(False, sslmode="verify-ca")
            self.compare(False, sslmode="verify-full")

    def test_a_root_file_that_is_not_there(self):
        self.compare(False, sslrootcert="system")  # a file to libpq 15, the system's own to later ones
        self.compare(True, sslrootcert="/nowhere/ca.crt", sslmode="require")
        self.compare(False, sslrootcert="/nowhere/ca.crt", sslmode="verify-ca")

    def test_a_version_that_the_server_has_not(self):
        self.cluster.alter("ssl_max_protocol_version", "TLSv1.2")
        self.cluster.reload()
        self.addCleanup(self.cluster.use_own)
        self.compare(True)
        found = self.compare(False, ssl_min_protocol_version="TLSv1.3")
        self.assertIn("version", " ".join(text for _, text in found["TLS"]), found)

    # --- our own certificate and key ---

    def key(self, name, *arguments):
        """Another form of the shop's key."""
        subprocess.run(["openssl", *arguments, "-in", self.path("octo_shop.key"), "-out", self.path(name)],
                       check=True, capture_output=True)
        os.chmod(self.path(name), 0o600)
        return self.path(name)

    def test_forms_of_a_key(self):
        for name, arguments in (("der", ("ec", "-outform", "DER")), ("sec1", ("ec",)),
                                ("pkcs8_der", ("pkcs8", "-topk8", "-nocrypt", "-outform", "DER")),
                                ("pkcs8", ("pkcs8", "-topk8", "-nocrypt"))):
            with self.subTest(name):
                found = self.compare(True, sslkey=self.key(f"{name}.key", *arguments))
                self.assertEqual(found["client key"][0][0], "ok", found)

    def test_a_key_with_a_password(self):
        for name, arguments in (("sealed", ("pkcs8", "-topk8", "-passout", "pass:sesam")),
                                ("sealed_ec", ("ec", "-aes256", "-passout", "pass:sesam"))):
            with self.subTest(name):
                key = self.key(f"{name}.key", *arguments)
                self.compare(True, sslkey=key, sslpassword="sesam")
                self.compare(False, sslkey=key, sslpassword="simsala")
                self.compare(False, sslkey=key)  # psql asks, and there is no terminal
        garbage = self.path("garbage.key")
        pathlib.Path(garbage).write_bytes(b"\x30\x82garbage")
        os.chmod(garbage, 0o600)
        self.compare(False, sslkey=garbage)

    def test_a_certificate_that_the_server_does_not_want(self):
        plain = {"role": "octo_plain", "sslcert": None, "sslkey": None}
        self.compare(True, **plain)
        found = self.compare(True, **{**plain, "sslcert": "/nowhere/c.crt"})
        self.assertEqual(found["client certificate"][0][0], "warn", found)
        shop = {"sslcert": self.path("octo_shop.crt"), "sslkey": self.path("octo_shop.key")}
        found = self.compare(True, **{**plain, **shop})
        self.assertEqual(found["client certificate"][0][0], "ok", found)
        self.compare(False, **{**plain, "sslcert": self.path("octo_shop.crt"), "sslkey": "/nowhere/c.key"})

    def test_a_certificate_with_its_authority(self):
        self.cluster.certificate("signer", "octo signer", names=None, days=(-1, 6), is_authority=True)
        self.cluster.certificate("signed", "octo_shop", authority="signer")
        found = self.compare(True, sslcert=self.cluster.join("signed_chain.crt", "signed.crt", "signer.crt"),
                             sslkey=self.path("signed.key"))
        self.assertEqual(found["client certificate"][0][0], "warn", found)
        self.assertIn("octo signer", found["client certificate"][0][1])


if __name__ == "__main__":
    unittest.main()
