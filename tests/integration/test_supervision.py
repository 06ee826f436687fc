"""octo up keeps its services alive, and takes them along when it goes."""

import contextlib
import http.client
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from support.harness import IS_POSTGRES, OCTO, Client, free_port, fresh_database, patience, typed


def wait_for(what):
    deadline = time.monotonic() + patience(60)
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, http.client.HTTPException):
            found = what()
            if found:
                return found
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def children(pid):
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(word) for word in text.split()]


def is_running(pid, name):
    """False also for a child that has just been forked or has just died."""
    return f"\0{name}\0" in pathlib.Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")


class Supervision(unittest.TestCase):
    def setUp(self):
        self.data = self.enterContext(tempfile.TemporaryDirectory())
        self.environment = {**os.environ, **self.enterContext(fresh_database())}
        self.shop_port, self.crm_port = free_port(), free_port()

    def start(self, **environment):
        up = subprocess.Popen(
            [OCTO, *typed("up"), "--data", self.data, "--shop-port", str(self.shop_port),
             "--crm-port", str(self.crm_port)], env={**self.environment, **environment},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(up.stdout.close)
        self.addCleanup(up.kill)
        return up

    def answers(self, port):
        with Client(port, timeout=2) as client:
            return client.get("/health").status == 200

    def start_both(self):
        """A service answers a moment before its supervisor hears of it; the last line comes after both."""
        up = self.start()
        self.assertIn("Ctrl-C stops both.\n", iter(up.stdout.readline, ""))
        return up

    def child(self, up, name):
        return next((pid for pid in children(up.pid) if is_running(pid, name)), None)

    def test_a_service_that_dies_is_started_again(self):
        up = self.start_both()
        before = self.child(up, "shop")
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: self.child(up, "shop") not in (before, None))
        wait_for(lambda: self.answers(self.shop_port))
        up.send_signal(signal.SIGTERM)
        self.assertEqual(up.wait(patience(60)), 0)

    def test_a_service_that_keeps_dying_ends_all(self):
        """Each time as soon as it is there: a busy machine takes more than a minute for five whole starts."""
        up = self.start_both()
        for _ in range(5):
            pid = wait_for(lambda: self.child(up, "crm"))
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda: pid not in children(up.pid) or up.poll() is not None)
        self.assertEqual(up.wait(patience(60)), 1)
        self.assertIn("crm ended 5 times within a minute", up.stdout.read())

    def test_services_end_with_their_supervisor(self):
        up = self.start_both()
        up.kill()
        up.wait()
        for port in (self.shop_port, self.crm_port):
            wait_for(lambda port=port: self.is_closed(port))

    def is_closed(self, port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) != 0

    def test_a_taken_port_is_one_clear_line(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", self.crm_port))
            taken.listen()
            up = self.start()
            self.assertEqual(up.wait(patience(60)), 1)
        self.assertEqual(up.stdout.read(), f"octo up: port {self.crm_port} is taken, choose another"
                                           " with --crm-port\n")

    def test_a_service_that_cannot_start_says_why(self):
        pathlib.Path(self.data, "shop.db").write_text("not a database at all", encoding="ascii")
        nowhere = f"postgresql://octo_shop@127.0.0.1:{free_port()}/octo" if IS_POSTGRES else ""
        up = self.start(OCTO_SHOP_DATABASE_URL=nowhere)
        self.assertEqual(up.wait(patience(60)), 1)
        self.assertIn("octo shop: ", up.stdout.read())

    def test_both_ways_to_stop(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            up = self.start_both()
            up.send_signal(number)
            self.assertEqual(up.wait(patience(60)), 0)


if __name__ == "__main__":
    unittest.main()
