"""octo sessions, pools and sync: how they find the services, what they show, and on what: a terminal, a
pipe, nobody."""

import fcntl
import itertools
import json
import os
import pathlib
import re
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unittest

from support.harness import BACKEND, IS_SERVER, OCTO, Client, Instance, Service, free_port, fresh_database, patience, typed
from support.terminal import spawn

COLUMNS, ROWS = 80, 24
NAMED = ("OCTO_SHOP_PORT", "OCTO_CRM_PORT", "SERVICE_SHOP_URL", "SERVICE_CRM_URL")


def unnamed(environment):
    """The environment without what says where the services are."""
    return {name: value for name, value in environment.items() if name not in NAMED}


class Terminal:
    """A command on a terminal of its own, of 80 columns."""

    def __init__(self, *arguments, env):
        self.out = b""
        self.pid, self.fd, self.before = spawn(
            [OCTO, *arguments], env,
            lambda: fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0)))

    def read_until(self, pattern):
        """Reads until the output matches; the match."""
        deadline = time.monotonic() + patience(60)
        while time.monotonic() < deadline:
            found = re.search(pattern, self.out)
            if found:
                return found
            if select.select([self.fd], [], [], 0.1)[0]:
                self.out += os.read(self.fd, 65536)
        raise AssertionError(f"{pattern} does not come: {self.out}")

    def type(self, keys):
        os.write(self.fd, keys)

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def end(self):
        """Reads to the end; the wait status. The terminal has to be as it was."""
        _, status = os.waitpid(self.pid, 0)
        left_as_found = termios.tcgetattr(self.fd) == self.before
        os.close(self.fd)
        if not left_as_found:
            raise AssertionError("the terminal was not left as it was found")
        return status


class Progress(unittest.TestCase):
    """Of a synchronisation in several pages, which says how many orders there are and how far it is."""

    def setUp(self):
        self.instance = self.enterContext(Instance(ORDERS_SYNC_PAGE="2"))
        self.orders = self.instance.shop.value("SELECT count(*) FROM orders")
        self.assertGreater(self.orders, 4)
        self.seen = [min(count, self.orders) for count in range(2, self.orders + 2, 2)]

    def test_in_a_pipe_each_page_is_a_line(self):
        done = self.instance.octo("sync")
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual([line for line in done.stderr.splitlines() if line.endswith("orders")],
                         [f"{count} of {self.orders} orders" for count in self.seen])

    def test_on_a_terminal_there_is_a_bar(self):
        terminal = Terminal("sync", env=self.instance.environment)
        for count in self.seen:
            bar = ("#" * (count * 30 // self.orders)).ljust(30)
            terminal.read_until(re.escape(f"[{bar}] {count} of {self.orders} orders").encode())
        self.assertEqual(terminal.end(), 0)


class FindingServices(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())

    def setUp(self):
        deadline = time.monotonic() + patience(30)
        while len(self.run_files()) < 2:  # a service may answer a moment before it says where it is
            self.assertLess(time.monotonic(), deadline)

    def octo(self, *arguments, **options):
        return subprocess.run([OCTO, *arguments], env=unnamed(self.instance.environment), text=True,
                              capture_output=True, timeout=patience(60), check=False, **options)

    def pools(self):
        done = self.octo("pools", "--json")
        self.assertEqual(done.returncode, 0, done)
        return sorted((row["service"], row["name"]) for row in json.loads(done.stdout)["pools"])

    def run_files(self):
        return sorted(path.name for path in self.instance.shop.data.glob("*.run*"))

    def another_shop(self, name, **options):
        shop = Service("shop", self.instance.data, free_port(), {}, database=self.instance.database, **options)
        shop.environment = dict(self.instance.environment, OCTO_SHOP_PORT=str(shop.port))
        shop.log_path = shop.data / f"{name}.log"
        self.addCleanup(shop.kill)
        return shop

    def start(self, service, number=None):
        service.start()
        deadline = time.monotonic() + patience(30)
        while f"{service.name}.{number or service.process.pid}.run" not in self.run_files():
            self.assertLess(time.monotonic(), deadline)

    def test_by_the_data_directory_alone(self):
        self.assertEqual(self.pools(), [("crm", "auth"), ("crm", "main"), ("shop", "events"), ("shop", "main")])
        done = self.octo("sync")
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(self.run_files(), [f"crm.{self.instance.crm.process.pid}.run",
                                            f"shop.{self.instance.shop.process.pid}.run"])

    def test_two_runs_over_one_directory_are_both_found_and_a_killed_one_is_not(self):
        second = self.another_shop("second")
        self.start(second)
        self.assertEqual(self.pools().count(("shop", "main")), 2)
        second.kill()
        left_behind = f"shop.{second.process.pid}.run"
        self.assertIn(left_behind, self.run_files())
        self.assertEqual(self.pools().count(("shop", "main")), 1)
        self.start(second)
        self.assertNotIn(left_behind, self.run_files())
        self.assertEqual(self.pools().count(("shop", "main")), 2)
        self.assertEqual(second.stop(), 0)
        self.assertEqual(len(self.run_files()), 2)
        self.assertEqual(self.pools().count(("shop", "main")), 1)

    def test_two_of_the_same_number_are_both_found(self):
        """As in two containers, each of which counts its processes from 1."""
        apart = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-current-user"]),
                 "--pid", "--fork", "--kill-child"]
        if subprocess.run([*apart, "true"], check=False, capture_output=True).returncode != 0:
            self.skipTest("process namespaces are not to be had")
        program = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()), "octo")
        program.write_text(f'#!/bin/sh\nexec {" ".join(apart)} {OCTO} "$@"\n')
        program.chmod(0o700)
        shops = [self.another_shop(f"container-{number}", executable=program) for number in (1, 2)]
        for number, shop in enumerate(shops, 1):
            self.addCleanup((shop.data / f"shop.{number}.run").unlink, missing_ok=True)
            self.start(shop, number)
        self.assertEqual(self.pools().count(("shop", "main")), 3)
        shops[0].kill()
        deadline = time.monotonic() + patience(30)
        while self.octo("pools").returncode != 0:  # it is asked until it has ended
            self.assertLess(time.monotonic(), deadline)
        self.assertEqual(self.pools().count(("shop", "main")), 2)
        self.assertEqual({"shop.1.run", "shop.2.run"} & set(self.run_files()), {"shop.1.run", "shop.2.run"})

    def test_a_named_address_is_asked_and_no_other(self):
        port = str(free_port())
        done = self.octo("pools", "--json", "--shop-port", port)
        self.assertEqual(done.returncode, 1, done)  # though the CRM answers
        self.assertEqual({row["service"] for row in json.loads(done.stdout)["pools"]}, {"crm"})
        self.assertRegex(done.stderr, f"^octo pools: shop at http://127.0.0.1:{port}: .*octo up starts it\n$")

    def test_a_sync_without_a_shop_names_where_it_was_asked(self):
        port = str(free_port())
        done = self.octo("sync", "--shop-port", port)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(f"octo sync: the shop was asked at http://127.0.0.1:{port}: octo up starts it", done.stderr)

    def test_nobody_there_names_the_address_and_what_to_do(self):
        with tempfile.TemporaryDirectory() as empty:
            done = self.octo("sessions", "--data", empty)
            self.assertEqual((done.returncode, done.stdout), (1, ""), done)
            self.assertIn("octo sessions: shop at http://127.0.0.1:8080: ", done.stderr)
            self.assertIn("octo sessions: crm at http://127.0.0.1:8081: ", done.stderr)

    def test_another_up_over_the_same_directory_is_noticed(self):
        command = [OCTO, *typed("up"), "--shop-port", "0", "--crm-port", "0"]
        with subprocess.Popen(command, env=self.instance.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            for line in process.stdout:
                if line == "Ctrl-C stops both.\n":
                    break
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=patience(30))
        self.assertEqual(process.returncode, 0, errors)
        for service, name in ((self.instance.shop, "Drone Shop"), (self.instance.crm, "CRM Portal")):
            self.assertIn(f"octo up: a {name} of this data directory runs already at "
                          f"http://127.0.0.1:{service.port} (process {service.process.pid}): stop it, or give "
                          "this run a directory of its own with --data", errors)

    def test_a_first_up_has_nothing_to_notice(self):
        with tempfile.TemporaryDirectory() as data, fresh_database() as where:
            command = [OCTO, *typed("up"), "--data", data, "--shop-port", "0", "--crm-port", "0"]
            with subprocess.Popen(command, env={**unnamed(os.environ), **where}, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True) as process:
                for line in process.stdout:
                    if line == "Ctrl-C stops both.\n":
                        break
                process.send_signal(signal.SIGINT)
                _, errors = process.communicate(timeout=patience(30))
            self.assertNotIn("runs already", errors)
            self.assertEqual([name for name in os.listdir(data) if ".run" in name], [])

    def test_services_on_any_free_port_know_each_other(self):
        with tempfile.TemporaryDirectory() as data, fresh_database() as where:
            command = [OCTO, *typed("up"), "--data", data, "--shop-port", "0", "--crm-port", "0"]
            with subprocess.Popen(command, env={**unnamed(os.environ), **where}, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True) as process:
                try:
                    printed = itertools.takewhile(lambda line: line != "Ctrl-C stops both.\n", process.stdout)
                    port = int(re.search(r"CRM Portal  http://127\.0\.0\.1:(\d+)", "".join(printed))[1])
                    key = (pathlib.Path(data) / "internal.key").read_text(encoding="utf-8").strip()
                    with Client(port, {"X-Internal-Service-Key": key}) as client:
                        answer = client.post("/api/orders/sync")
                finally:
                    process.send_signal(signal.SIGINT)
                    process.communicate(timeout=patience(30))
            self.assertEqual((answer.status, answer.json.get("created")), (200, 6), answer)

    @unittest.skipIf(IS_SERVER, "needs no server: runs with SQLite's tests")
    def test_a_sync_before_there_is_a_portal_makes_none(self):
        with tempfile.TemporaryDirectory() as empty:
            done = self.octo("sync", "--data", empty)
            self.assertEqual((done.returncode, done.stdout), (1, ""), done)
            self.assertIn(f"octo sync: there is no {empty}/crm.db: octo up makes it", done.stderr)
            self.assertEqual(os.listdir(empty), [])


class Showing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())

    def test_an_idle_session_shows_what_it_ran_last(self):
        with self.instance.shop.client() as client:
            answer = client.post("/api/shop/checkout", {
                "customer_name": "Ada", "customer_email": "ada@example.com",
                "shipping_address": "1 Main Street", "payment_method": "credit_card",
                "items": [{"product_id": 1, "quantity": 1}]})
            self.assertEqual(answer.status, 200, answer)
        catalogue = {(row["service"], row["name"]): row["sql_id"] for row in json.loads(self.instance.octo(
            "sqlid", "--catalogue", "--json", "--backend", BACKEND).stdout)}
        rows = json.loads(self.instance.octo("sessions", "--json").stdout)["sessions"]
        rested = [row for row in rows if row["state"] == "idle" and row["pool"] == "main"]
        self.assertTrue(rested, rows)
        for row in rested:
            self.assertIn((row["service"], row["statement"]), catalogue, row)
            self.assertEqual(row["sql_id"], catalogue[row["service"], row["statement"]])
            self.assertEqual((row["action"], row["client_identifier"]), ("", ""), row)
            self.assertEqual((row["waits_for"], row["blocked_by"]), ("", []), row)

    def test_pools_count_what_they_opened_within_the_minute(self):
        with self.instance.shop.client() as client:
            self.assertEqual(client.get("/api/products/1").status, 200)
        rows = json.loads(self.instance.octo("pools", "--json").stdout)["pools"]
        main = next(row for row in rows if (row["service"], row["name"]) == ("shop", "main"))
        self.assertLessEqual(main["opened_last_minute"], main["opened"])
        self.assertLessEqual(main["closed_last_minute"], main["closed"])
        self.assertIn("OPENED_1M", self.instance.octo("pools").stdout)

    def test_watching_into_a_pipe_prints_plain_looks(self):
        command = [OCTO, "sessions", "--watch"]
        with subprocess.Popen(command, env=self.instance.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            seen = []
            for line in process.stdout:
                seen.append(line)
                if sum(line.split()[:1] == ["SID"] for line in seen) == 2:
                    break
            process.stdout.close()  # as head does
            errors = process.stderr.read()
            self.assertEqual(process.wait(patience(30)), 0)
        self.assertEqual(errors, "")
        self.assertNotIn("\033", "".join(seen))
        self.assertRegex(seen[0], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n$")
        self.assertTrue(seen[1].split()[0] == "SID" and "BLOCKED_BY" in seen[1], seen)

    def test_watching_as_json_is_one_object_a_line(self):
        command = [OCTO, "pools", "--watch", "--json"]
        with subprocess.Popen(command, env=self.instance.environment, stdout=subprocess.PIPE,
                              text=True) as process:
            for _ in range(2):
                self.assertEqual(len(json.loads(process.stdout.readline())["pools"]), 4)
            process.stdout.close()
            self.assertEqual(process.wait(patience(30)), 0)

    def test_watching_on_a_terminal_ends_with_q(self):
        terminal = Terminal("sessions", "--watch", env=self.instance.environment)
        terminal.read_until(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC  octo sessions, q ends it")
        terminal.read_until(rb"SID  SERVICE(.|\n)*\033\[J(.|\n)*SID  SERVICE(.|\n)*\033\[J")
        self.assertFalse(terminal.echoes())
        terminal.type(b"xq")
        lines = re.sub(rb"\033\[[0-9]*[A-Z]", b"", terminal.out).decode().splitlines()
        self.assertGreater(len(lines), 4)
        for line in lines:
            self.assertLessEqual(len(line), COLUMNS, line)
        status = terminal.end()
        self.assertEqual(os.waitstatus_to_exitcode(status), 0)

    def test_watching_ended_by_a_signal_leaves_the_terminal_as_it_was(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            terminal = Terminal("pools", "--watch", env=self.instance.environment)
            terminal.read_until(rb"SERVICE  POOL(.|\n)*\033\[J")
            self.assertFalse(terminal.echoes())
            if number == signal.SIGINT:
                terminal.type(b"\x03")
            else:
                os.kill(terminal.pid, number)
            self.assertEqual(os.waitstatus_to_exitcode(terminal.end()), -number)

    def test_watching_goes_on_after_a_stop_without_echo(self):
        """A shell takes the terminal back for itself while a command of its is stopped."""
        terminal = Terminal("sessions", "--watch", env=self.instance.environment)
        terminal.read_until(rb"SID  SERVICE(.|\n)*\033\[J")
        os.kill(terminal.pid, signal.SIGSTOP)
        os.waitpid(terminal.pid, os.WUNTRACED)
        termios.tcsetattr(terminal.fd, termios.TCSANOW, terminal.before)
        self.assertTrue(terminal.echoes())
        os.kill(terminal.pid, signal.SIGCONT)
        deadline = time.monotonic() + patience(30)
        while terminal.echoes() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertFalse(terminal.echoes())
        terminal.type(b"q")
        self.assertEqual(os.waitstatus_to_exitcode(terminal.end()), 0)

    def test_a_table_on_a_terminal_fits_it_and_in_a_pipe_is_whole(self):
        terminal = Terminal("sessions", env=self.instance.environment)
        table = terminal.read_until(rb"SID  SERVICE[^\n]*\n").group().decode().rstrip()
        terminal.end()
        self.assertLessEqual(len(table), COLUMNS)
        self.assertIn("STATEMENT", table)
        self.assertNotIn("\033", terminal.out.decode())
        self.assertIn("CLIENT_IDENTIFIER", self.instance.octo("sessions").stdout.splitlines()[0])


if __name__ == "__main__":
    unittest.main()
