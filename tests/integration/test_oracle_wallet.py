"""A wallet that changes while the services run: another key of another authority costs no request; one that has run out,
or cannot be read, is told by octo doctor and octo pools, and mended without a restart. Runs where OCTO_TEST_BACKEND is
oracle."""

import json
import os
import pathlib
import sys
import tempfile
import threading
import time
import unittest

from support import oracle
from support.harness import IS_ORACLE, Instance, checkout_body, patience
from support.wallets import WALLET_PASSWORD, Authority

BUYERS = 4


def replace(path, *sources):
    """At once: who reads finds the old one or the new one whole."""
    beside = pathlib.Path(f"{path}.new")
    beside.write_bytes(b"".join(pathlib.Path(source).read_bytes() for source in sources))
    os.replace(beside, path)


class Buyers:
    """Buy until told to stop; what was not answered as it should be is `wrong`."""

    def __init__(self, octo):
        self.octo, self.is_over, self.answered, self.wrong = octo, threading.Event(), 0, []
        self.threads = [threading.Thread(target=self.buy, args=(number,)) for number in range(BUYERS)]
        for thread in self.threads:
            thread.start()

    def buy(self, number):
        with self.octo.shop.client() as client:
            while not self.is_over.is_set():
                answer = client.post("/api/shop/checkout", checkout_body(f"{number}@example.com"))
                self.answered += 1
                if answer.status != 200:
                    self.wrong.append(answer)

    def stop(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join()


@unittest.skipUnless(IS_ORACLE, "runs once, with the tests on Oracle")
class Wallet(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="octo-wallets-")))
        self.old, self.new = Authority(folder, "old"), Authority(folder, "new")
        self.server_key, certificate = self.old.issue("localhost", "DNS:localhost")
        self.server, self.trusted = folder / "server.pem", folder / "trusted.pem"
        replace(self.server, certificate)
        replace(self.trusted, self.old.certificate)
        self.number = 0
        self.wallet = self.make(self.old, self.old)
        database = oracle.Database(certificates=("--certificate", self.server, "--key", self.server_key,
                                                 "--authority", self.trusted))
        self.octo = self.enterContext(Instance(database=database, ORACLE_WALLET_DIR=str(self.wallet),
                                               ORACLE_WALLET_PASSWORD=WALLET_PASSWORD))
        self.octo.shop.execute("UPDATE products SET stock = 1000000")

    def make(self, authority, *trusted, moment=None):
        """A wallet with a key of its own, of an authority, and with those that it trusts."""
        self.number += 1
        key, certificate = authority.issue(f"client-{self.number}", moment=moment)
        return authority.wallet(f"wallet-{self.number}", key, certificate, *(each.certificate for each in trusted))

    def put(self, wallet):
        replace(self.wallet / "ewallet.pem", wallet / "ewallet.pem")

    def opened(self):
        """Sessions that the shop's main pool has opened so far, and why it could not open the last one."""
        for pool in json.loads(self.octo.octo("pools", "--json").stdout)["pools"]:
            if (pool["service"], pool["name"]) == ("shop", "main"):
                return pool["opened"], pool["open_failure"]
        raise AssertionError("there is no such pool")

    def buy(self):
        with self.octo.shop.client() as client:
            return client.post("/api/shop/checkout", checkout_body()).status

    def end_sessions(self):
        self.octo.database.listeners["shop"].say("end")

    def until(self, is_so):
        deadline = time.monotonic() + patience(60)
        while not is_so():
            self.assertLess(time.monotonic(), deadline, self.octo.octo("pools").stdout)
            time.sleep(0.05)

    def doctor(self):
        """It signs in for itself, with the wallet that there is."""
        done = self.octo.octo("doctor")
        return done.stdout + done.stderr

    def test_another_key_of_another_authority(self):
        buyers = Buyers(self.octo)
        try:
            self.until(lambda: buyers.answered > BUYERS)
            replace(self.trusted, self.old.certificate, self.new.certificate)  # the server takes both, and so do we
            self.put(self.make(self.new, self.old, self.new))
            self.check_sign_in()
            replace(self.server, self.reissued())
            self.check_sign_in()
            self.put(self.make(self.new, self.new))
            replace(self.trusted, self.new.certificate)
            self.check_sign_in()
            answered = buyers.answered
            self.until(lambda: buyers.answered > answered + 2 * BUYERS)
        finally:
            buyers.stop()
        print(f"\n{buyers.answered} purchases while the wallet changed, {len(buyers.wrong)} failed", file=sys.stderr)
        self.assertEqual(buyers.wrong, [])
        before, _ = self.opened()
        self.end_sessions()  # none of the new ones has anything of the old
        self.until(lambda: self.buy() == 200)
        self.until(lambda: self.opened()[1] is None)
        self.assertGreater(self.opened()[0], before)

    def check_sign_in(self):
        self.assertRegex(self.doctor(), "ok +sign-in +OCTO_SHOP is let in")

    def reissued(self):
        """The server's certificate by the new authority, for the key that it has."""
        _, certificate = self.new.issue("localhost", "DNS:localhost", key=self.server_key)
        return certificate

    def test_one_that_is_no_good_is_told_and_mended(self):
        good = self.make(self.old, self.old)
        strange = Authority(self.wallet.parent, "strange")
        cases = (("expired", lambda: self.put(self.make(self.old, self.old, moment="-60d")), "expired"),
                 ("ORA-28759", (self.wallet / "ewallet.pem").unlink, "ewallet"),
                 ("ORA-29024", lambda: self.put(self.make(self.old, strange)), "certificate"))
        for name, spoil, said in cases:
            with self.subTest(name):
                spoil()
                self.assertEqual(self.buy(), 200)  # by the sessions that are there
                self.assertIn(said, self.doctor())
                self.end_sessions()
                self.until(lambda: self.buy() != 200)
                self.until(lambda said=said: said in (self.opened()[1] or ""))
                self.put(good)
                self.until(lambda: self.buy() == 200)
                self.until(lambda: self.opened()[1] is None)  # which another that opens one may still say


if __name__ == "__main__":
    unittest.main()
