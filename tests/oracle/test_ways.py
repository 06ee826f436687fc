"""Which way our driver takes to a database: from one address to the next, again, elsewhere, and what it says when all
of them have failed."""

import contextlib
import re
import socket
import subprocess
import unittest

from support.tnsd import BUILD, PASSWORD, USER, database, listener, oracles_logons


def ping(connect_string, seconds=60):
    return subprocess.run([BUILD / "src/app/octo", "ora", "ping", "--user", USER, connect_string],
                          input=PASSWORD + "\n", text=True, capture_output=True, timeout=seconds, check=False)


def address(place):
    host, port = place.rsplit(":", 1)
    return f"(ADDRESS=(PROTOCOL=tcp)(HOST={host})(PORT={port}))"


def description(*places, more="", service="svc"):
    return f"(DESCRIPTION={more}{''.join(map(address, places))}(CONNECT_DATA=(SERVICE_NAME={service})))"


@contextlib.contextmanager
def silent_listener():
    """Takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


class Ways(unittest.TestCase):
    def setUp(self):
        self.place = self.enterContext(listener())
        self.other = self.enterContext(listener("--service", "other"))
        self.silent = self.enterContext(silent_listener())
        self.closed = closed_port()

    def reaches(self, connect_string):
        done = ping(connect_string)
        self.assertEqual(done.returncode, 0, (connect_string, done))
        return done.stdout

    def fails(self, connect_string, words):
        done = ping(connect_string)
        self.assertEqual(done.returncode, 1, (connect_string, done))
        self.assertRegex(done.stderr, words)
        self.assertNotIn(PASSWORD, done.stdout + done.stderr)
        return done.stdout

    def test_one_after_the_other(self):
        for first in (self.closed, self.other):
            said = self.reaches(description(first, self.place))
            self.assertRegex(said, r"(?s)^look-up +[\d.]+ ms  127\.0\.0\.1\nTCP .*: failed\nlook-up .*\nTCP .*\nlistener .*\n"
                                   r"dialect .*\nlog-on .*\nfirst round trip .*\nsecond round trip .*\nclose .*\n"
                                   r"server 19\.0\.0\.0\.0\n$")
        self.reaches(f"{self.closed};{self.other};{self.place}/svc")
        self.reaches(f"(DESCRIPTION_LIST={description(self.other)}{description(self.place)})")
        self.reaches(description(self.silent, self.place, more="(CONNECT_TIMEOUT=100ms)"))
        self.reaches(f"{self.closed},{self.other},{self.place}/svc")

    def test_silent_address_has_its_share_of_the_time(self):
        done = subprocess.run([BUILD / "tests/oracle/ora-script", f"{self.silent};{self.place}", USER, PASSWORD, "1000"],
                              text=True, capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done)

    def test_where_all_fail(self):
        port = self.closed.split(":")[1]
        for way, words in (
                (description(self.closed), rf"127\.0\.0\.1 port {port}: Connection refused: no listener is there\n$"),
                (description(self.other, self.closed), rf"{port}: Connection refused: no listener is there; the last of 2 tries"),
                (description(self.closed, self.other), r"ORA-12514: the listener knows no service svc: see which there are"),
                (description(self.closed, self.place, more="(FAILOVER=off)"), r"no listener is there\n$"),
                (description(self.closed, self.place, more="(SOURCE_ROUTE=on)"), r"no listener is there\n$"),
                (description(self.closed, more="(RETRY_COUNT=2)(RETRY_DELAY=10ms)"), "; the last of 3 tries"),
                (description(self.closed, more="(RETRY_COUNT=20)(RETRY_DELAY=3600)"), "no listener is there\n$"),
                (description(self.silent, more="(CONNECT_TIMEOUT=100ms)"), r"port \d+: no answer in time\n$"),
                ("no-such-host.invalid/svc", r"host no-such-host\.invalid: ")):
            with self.subTest(way=way):
                self.fails(way, words)

    def test_retries_ask_again(self):
        said = self.fails(description(self.other, more="(RETRY_COUNT=3)(RETRY_DELAY=1ms)"), "the last of 4 tries")
        self.assertEqual(len(re.findall(r"^listener ", said, re.M)), 4)
        self.assertEqual(len(re.findall(r"^pause .*before a retry$", said, re.M)), 3)

    def test_password_is_tried_once(self):
        """What fails behind the listener is no reason to go elsewhere: an account may be locked by that."""
        with listener("--password", "another") as place:
            self.fails(description(place, self.place), "ORA-01017")

    def test_listener_sends_elsewhere(self):
        """To a second one, with the service changed or not, in the packet or behind it, and from there to a third."""
        behind = self.enterContext(listener("--expect-redirect"))
        service = self.enterContext(listener("--expect-redirect", "--service", "there"))
        for options in ((), ("--redirect-inline",)):
            to_same = self.enterContext(listener("--redirect", behind, *options))
            to_service = self.enterContext(listener("--redirect", service, "--redirect-service", "there", *options))
            for first in (to_same, to_service, self.enterContext(listener("--redirect", to_service, *options))):
                said = self.reaches(f"{first}/svc")
                self.assertGreaterEqual(len(re.findall("^listener .*1$", said, re.M)), 2, said)
        self.fails(f"{behind}/svc", "ORA-12514")

    def test_oracles_drivers_are_sent_elsewhere_too(self):
        """So the listener sends as it should."""
        target = self.enterContext(listener(*self.enterContext(database())))
        first = self.enterContext(listener("--redirect", target, "--redirect-service", "svc"))
        for done in oracles_logons(f"{first}/svc"):
            self.assertEqual((done.returncode, done.stdout), (0, "19.0.0.0.0\n"), done)

    def test_redirects_come_to_an_end(self):
        port = int(closed_port().rsplit(":", 1)[1])
        place = self.enterContext(listener("--port", str(port), "--redirect", f"127.0.0.1:{port}"))
        said = self.fails(f"{place}/svc", "sends its clients elsewhere again and again")
        self.assertEqual(len(re.findall("^listener ", said, re.M)), 4)
        for to, words in ((self.closed, "no listener is there"),
                          ("(ADDRESS=(HOST=x)", r"redirect by 127\.0\.0\.1 port \d+, line 1, column 1: the bracket that opens here"),
                          ("(ADDRESS=(HOST=x)(PORT=99999))", r"redirect by 127\.0\.0\.1 port \d+, line 1, column 24: a port is"),
                          ("(A=1)", r"redirect by 127\.0\.0\.1 port \d+, line 1, column 1: there is no ADDRESS")):
            with self.subTest(to=to):
                self.fails(f"{self.enterContext(listener('--redirect', to))}/svc", words)

    def test_listener_asks_again(self):
        self.reaches(f"{self.enterContext(listener('--resend', '3'))}/svc")
        self.fails(f"{self.enterContext(listener('--resend', '9'))}/svc", "asks for the same again and again")

    def test_refusals(self):
        for number, words in (
                (12505, r"ORA-12505: the listener knows no SID: ask for a service instead"),
                (12506, r"ORA-12506: the listener's access list does not allow this machine's address: add it there"),
                (12514, r"ORA-12514: the listener knows no service svc: see which there are"),
                (12516, r"ORA-12516: no server can take the session of service svc: its database has no room"),
                (12520, r"ORA-12520: there is no server of the kind that was asked for, of service svc: leave SERVER="),
                (12528, r"ORA-12528: the database takes no sessions yet, of service svc: wait until it is open"),
                (12599, r"ORA-12599: the listener refuses\n$")):
            for options in ((), ("--refuse-behind",)):
                with self.subTest(number=number, options=options), listener("--refuse", str(number), *options) as place:
                    self.fails(f"{place}/svc", r"127\.0\.0\.1 port \d+: " + words)
        with listener("--refuse", "12505") as place:
            self.fails(description(place).replace("SERVICE_NAME", "SID"), "the listener knows no SID svc: ask for a service")


if __name__ == "__main__":
    unittest.main()
