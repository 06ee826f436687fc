"""octo password: sets a user's password anew, in both services or one, asked for or given, beside the
running services; and what becomes of a preset password that comes too late."""

import contextlib
import os
import re
import select
import subprocess
import tempfile
import termios
import unittest

from support.harness import IS_SLOW, OCTO, PASSWORD, Instance, fresh_database, patience
from support.terminal import spawn

ANOTHER = "another-good-password"


class Setting(unittest.TestCase):
    def setUp(self):
        self.instance = self.enterContext(Instance())

    def set(self, *arguments, given=ANOTHER + "\n"):
        return self.instance.octo("password", *arguments, input=given)

    def signs_in(self, service, password, username="admin"):
        with service.client() as client:
            status = client.post("/api/auth/login", {"username": username, "password": password}).status
        self.assertIn(status, (200, 401))
        return status == 200

    def both(self, password):
        return [self.signs_in(service, password) for service in (self.instance.shop, self.instance.crm)]

    def audited(self, service):
        return [(row[0], row[1]) for row in service.query(
            "SELECT resource_name, details FROM audit_logs WHERE action = 'user.password_set' ORDER BY id")]

    def test_in_both_services(self):
        self.enterContext(self.instance.shop.sign_in())
        crm = self.enterContext(self.instance.crm.sign_in())
        self.assertEqual(crm.get("/api/orders").status, 200)
        done = self.set("admin")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        self.assertEqual(done.stdout, "shop: admin has a new password, 1 sign-in ended\n"
                                      "crm: admin has a new password, 1 sign-in ended\n")
        self.assertEqual(crm.get("/api/orders").status, 401)
        self.assertEqual(self.both(ANOTHER), [True, True])
        self.assertEqual(self.both(PASSWORD), [False, False])
        for service in (self.instance.shop, self.instance.crm):
            self.assertEqual(self.audited(service), [("user:1", '{"sessions_ended":1}')])

    def test_in_one_of_them(self):
        done = self.set("admin", "--service", "crm", given=ANOTHER + "\r\n")  # of a file from another system
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(self.both(ANOTHER), [False, True])
        self.assertEqual(self.audited(self.instance.shop), [])

    def test_of_a_user_whom_only_one_has(self):
        done = self.set("shopper")
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, "shop: shopper has a new password, 0 sign-ins ended\n", ""), done)
        self.assertTrue(self.signs_in(self.instance.shop, ANOTHER, "shopper"))

    def test_of_nobody(self):
        done = self.set("nobody")
        self.assertEqual((done.returncode, done.stdout), (1, ""), done)
        self.assertEqual(done.stderr, "octo password: shop: no user nobody\nocto password: crm: no user nobody\n")

    def test_a_generated_one_is_printed(self):
        done = self.set("admin", "--generate", given="")
        self.assertEqual(done.returncode, 0, done)
        password = re.search(r"^The new password is (\w{24}) \(shown only this once\)$", done.stdout, re.M)
        self.assertTrue(password, done)
        self.assertEqual(self.both(password.group(1)), [True, True])

    def test_what_cannot_be_one_changes_nothing(self):
        for given in ("", "\n", "eleven-char\n", "x" * 201 + "\n", "x" * 5000, "twelve\0twelve\n", "long-enough\0and-more\n"):
            done = self.set("admin", given=given)
            self.assertEqual((done.returncode, done.stdout), (1, ""), (given, done))
            self.assertIn("octo password: the password ", done.stderr)
        self.assertEqual(self.both(PASSWORD), [True, True])

    def test_a_change_that_cannot_be_audited_is_none(self):
        self.instance.shop.poison("INSERT", "audit_logs", "NEW.action = 'user.password_set'")
        done = self.set("admin")
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("octo password: shop: ", done.stderr)
        self.assertEqual(self.both(PASSWORD), [True, False])
        self.instance.shop.cure("audit_logs")
        self.assertEqual(self.set("admin").returncode, 0)
        self.assertEqual(self.both(ANOTHER), [True, True])

    def test_without_a_database_makes_none(self):
        with tempfile.TemporaryDirectory() as empty:
            environment = {name: value for name, value in self.instance.environment.items()
                           if not name.endswith("DATABASE_URL")}
            done = subprocess.run([OCTO, "password", "admin", "--data", empty], env=environment, text=True,
                                  input=ANOTHER, capture_output=True, check=False, timeout=patience(60))
            self.assertEqual(done.returncode, 1, done)
            self.assertEqual(done.stderr.count("octo up makes it"), 2)
            self.assertEqual(os.listdir(empty), [])

    def on_terminal(self, *answers):
        """What is seen when these are typed at the prompts, and the exit code."""
        seen = b""
        pid, terminal, before = spawn([OCTO, "password", "admin"], self.instance.environment)
        for answer in answers:
            while not seen.endswith(b": "):
                seen += os.read(terminal, 4096)
            self.assertFalse(termios.tcgetattr(terminal)[3] & termios.ECHO)
            os.write(terminal, answer)
            seen += b"|"
        with contextlib.suppress(OSError):  # the end, on a terminal
            while True:
                if IS_SLOW and not select.select([terminal], [], [], 10)[0]:
                    os.write(terminal, b"\n")  # ThreadSanitizer keeps a signal until a call returns
                seen += os.read(terminal, 4096)
        _, status = os.waitpid(pid, 0)
        self.assertEqual(termios.tcgetattr(terminal), before)
        os.close(terminal)
        return seen.decode(), os.waitstatus_to_exitcode(status)

    def test_on_a_terminal_it_is_asked_for_twice_and_not_shown(self):
        typed = ANOTHER.encode() + b"\n"
        seen, code = self.on_terminal(typed, typed)
        self.assertEqual(code, 0, seen)
        self.assertTrue(seen.startswith("New password: |\r\nOnce more: |\r\nshop: admin has a new password"), seen)
        self.assertNotIn(ANOTHER, seen)
        self.assertEqual(self.both(ANOTHER), [True, True])

    def test_on_a_terminal_two_different_ones_change_nothing(self):
        seen, code = self.on_terminal(b"one-good-password\n", b"one-good-passwort\n")
        self.assertEqual(code, 1, seen)
        self.assertIn("not the same", seen)
        self.assertEqual(self.both(PASSWORD), [True, True])

    def test_on_a_terminal_ctrl_c_leaves_all_as_it_was(self):
        _, code = self.on_terminal(b"half-a-pass\x03")
        self.assertEqual(code, -2)
        self.assertEqual(self.both(PASSWORD), [True, True])


class Preset(unittest.TestCase):
    def starts(self, data, where, password):
        """What a service says that is ended as soon as it listens."""
        environment = {**os.environ, **where, "OCTO_DATA_DIR": data, "OCTO_SHOP_PORT": "0",
                       "BOOTSTRAP_ADMIN_PASSWORD": password}
        with subprocess.Popen([OCTO, "shop"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as process:
            self.assertIn("Ctrl-C stops it", process.stdout.readline())
            process.terminate()
            return process.communicate(timeout=patience(30))[1]

    def test_one_that_comes_too_late_is_told_to_be_ignored(self):
        with tempfile.TemporaryDirectory() as data, fresh_database() as where:
            self.assertNotIn("ignored", self.starts(data, where, PASSWORD))
            self.assertNotIn("ignored", self.starts(data, where, PASSWORD))  # it is the one that holds
            said = [line for line in self.starts(data, where, ANOTHER).splitlines() if "ignored" in line]
            self.assertEqual(len(said), 1, said)
            self.assertIn("BOOTSTRAP_ADMIN_PASSWORD is ignored", said[0])
            self.assertIn("octo password admin", said[0])
            self.assertNotIn(ANOTHER, said[0])


if __name__ == "__main__":
    unittest.main()
