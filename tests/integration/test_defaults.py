"""Secure by default: how strong secrets are, over which ways they go, who can read what is written, what becomes
of the process's memory and environment, whom it runs as, and what clients are told of HTTPS."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from support.harness import INTERNAL_KEY, IS_POSTGRES, OCTO, fresh_database, patience

IS_ROOT = os.geteuid() == 0
NOBODY = 65534
PRODUCTION = {"ENVIRONMENT": "production"}
OURS = ("OCTO_", "INTERNAL_", "BOOTSTRAP_", "SEED_", "SERVICE_", "ENVIRONMENT")


def clean(**more):
    """An environment without settings of ours, and these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {**kept, "OCTO_SHOP_PORT": "0", "OCTO_CRM_PORT": "0", "OCTO_PUSH_ORDERS": "false",
            "ORDERS_SYNC_ENABLED": "false", **more}


def octo(*arguments, **environment):
    return subprocess.run([OCTO, *arguments], env=clean(**environment), text=True, capture_output=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=patience(60))


def secrets():
    """Names of the settings that are secret, each with whether it is a URL."""
    rows = [[cell.strip() for cell in line.split("|")] for line in octo("config", "--markdown").stdout.splitlines()]
    return {re.match(r"`(\w+)`", row[1]).group(1): "its password" in row[5]
            for row in rows if len(row) > 5 and row[3] == "secret"}


def mode_of(path):
    return os.stat(path).st_mode & 0o7777


class WithDirectory(unittest.TestCase):
    def setUp(self):
        self.data = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="octo-test-")))

    def file(self, name, text, mode=0o600):
        path = self.data / name
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return str(path)


class Secrets(WithDirectory):
    """Each setting that is secret, whatever its name: a new one is tried too."""

    def start(self, **environment):
        """Of a service that is not to come so far as to make anything."""
        done = octo("shop", OCTO_DATA_DIR=str(self.data / "data"), **PRODUCTION, **environment)
        self.assertEqual(done.returncode, 1, done)
        self.assertFalse((self.data / "data").exists())
        return done.stderr

    def test_production_refuses_weak_ones(self):
        names = secrets()
        self.assertGreaterEqual(len(names), 7)
        for name, is_url in names.items():
            weak = "postgresql://octo:weak@127.0.0.1:1/octo" if is_url else "weak"
            for how in ({name: weak}, {name: "", f"{name}_FILE": self.file("secret", weak + "\n")}):
                said = self.start(**{"INTERNAL_SERVICE_KEY": INTERNAL_KEY, **how})
                self.assertRegex(said, rf"^octo shop: {name} (has|holds)[^:]*, which production refuses: ")
                self.assertNotIn("weak", said)

    def test_development_warns_of_weak_ones(self):
        for name, is_url in secrets().items():
            if is_url:
                continue
            done = octo("migrate", OCTO_DATA_DIR=str(self.data / name), OCTO_SEED="false", **{name: "weak-one"})
            self.assertEqual(done.returncode, 0, done)
            self.assertRegex(done.stderr, rf'event="weak secret" setting={name} ')
            self.assertNotIn("weak-one", done.stderr)

    def test_strong_ones_are_taken_without_a_word(self):
        done = octo("migrate", OCTO_DATA_DIR=str(self.data / "data"), OCTO_SEED="false", **PRODUCTION,
                    **{name: INTERNAL_KEY for name, is_url in secrets().items() if not is_url})
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)

    def test_a_file_that_others_may_read_holds_none(self):
        for mode in (0o644, 0o604, 0o660):
            path = self.file("key", INTERNAL_KEY, mode)
            said = self.start(INTERNAL_SERVICE_KEY_FILE=path)
            for part in ("INTERNAL_SERVICE_KEY_FILE", path, f"mode {mode:04o}", "chmod 600"):
                self.assertIn(part, said)


class Peers(WithDirectory):
    def test_the_key_goes_to_nobody_in_clear(self):
        for name in ("SERVICE_SHOP_URL", "SERVICE_CRM_URL"):
            for host in ("octo.invalid", "127.octo.invalid", "10.0.0.7:8080", "[2001:db8::1]"):
                for command in ("shop", "crm", "up", "sync", "sessions", "pools"):
                    done = octo(command, OCTO_DATA_DIR=str(self.data), **{name: f"http://{host}"})
                    self.assertEqual(done.returncode, 1, done)
                    self.assertRegex(done.stderr, rf"^octo {command}: {name}: .*OCTO_PEER_ALLOW_PLAINTEXT$")
        self.assertEqual(os.listdir(self.data), [])

    def test_on_this_machine_over_tls_or_when_told_it_does(self):
        for url, more in (("http://127.0.0.1:1", {}), ("http://[::1]:1", {}), ("https://127.0.0.1:1", {}),
                          ("http://octo.invalid", {"OCTO_PEER_ALLOW_PLAINTEXT": "true"})):
            done = octo("pools", OCTO_DATA_DIR=str(self.data), INTERNAL_SERVICE_KEY=INTERNAL_KEY, SERVICE_SHOP_URL=url,
                        **more)
            self.assertNotIn("SERVICE_SHOP_URL", done.stderr)

    def test_a_name_that_looks_like_an_address_is_no_database_of_this_machine(self):
        for host in ("127.octo.invalid", "localhost.octo.invalid"):
            done = octo("doctor", OCTO_DATA_DIR=str(self.data),
                        OCTO_SHOP_DATABASE_URL=f"postgresql://octo_shop@{host}/octo?sslmode=disable")
            self.assertIn("sslmode=verify-full", done.stdout + done.stderr, done)


class Files(WithDirectory):
    """Whatever the mask and whoever made the directory."""

    def setUp(self):
        super().setUp()
        self.data.chmod(0o755)
        before = os.umask(0o022)
        self.addCleanup(os.umask, before)

    def start(self, **environment):
        return subprocess.Popen([OCTO, "shop"], env=clean(OCTO_DATA_DIR=str(self.data), **environment), text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run_once(self, **environment):
        """What it says on standard error until it is ended."""
        with self.start(**environment) as process:
            self.assertTrue(any("Ctrl-C stops it" in line for line in process.stdout))
            modes = {name: mode_of(self.data / name) for name in os.listdir(self.data)}
            process.terminate()
            return modes, process.communicate(timeout=patience(30))[1]

    def test_all_that_is_written_is_the_owners_alone(self):
        with fresh_database() as where:
            modes, _ = self.run_once(OCTO_TRACE_LOG=str(self.data / "spans.jsonl"), **where)
        self.assertLessEqual({"internal.key", "spans.jsonl"}, set(modes))
        self.assertTrue(IS_POSTGRES or {"shop.db", "shop.db-wal", "shop.db-shm"} <= set(modes), modes)
        self.assertEqual({name: oct(mode) for name, mode in modes.items() if mode != 0o600}, {})
        self.assertEqual(mode_of(self.data), 0o700)

    @unittest.skipIf(IS_POSTGRES, "of files")
    def test_what_others_may_read_is_closed_and_told(self):
        spans = self.data / "spans.jsonl"
        self.run_once(OCTO_TRACE_LOG=str(spans))
        self.data.chmod(0o755)
        opened = [self.data / name for name in ("shop.db", "internal.key", "spans.jsonl")]
        for path in opened:
            path.chmod(0o644)
        modes, said = self.run_once(OCTO_TRACE_LOG=str(spans))
        self.assertEqual({name: oct(mode) for name, mode in modes.items() if mode != 0o600}, {})
        for path, mode in [(self.data, 755), *((path, 644) for path in opened)]:
            self.assertIn(f'event="closed to others" path={path} mode=0{mode} ', said)
        self.assertNotIn("closed to others", self.run_once()[1])

    def refused(self, *parts):
        before = mode_of(self.data)
        with self.start() as process:
            said = process.communicate(timeout=patience(60))[1]
        self.assertEqual(process.returncode, 1, said)
        for part in (str(self.data), *parts):
            self.assertIn(part, said)
        self.assertEqual(mode_of(self.data), before)
        self.assertFalse((self.data / "shop.db").exists())

    def test_a_directory_of_others_things_is_refused(self):
        self.file("notes.txt", "mine", 0o644)
        self.refused("mode 0755", "chmod 700", "--data")

    def test_a_directory_that_is_everybodys_is_refused(self):
        self.data.chmod(0o1777)
        self.refused("mode 1777")

    @unittest.skipUnless(IS_ROOT, "only root can give a directory away")
    def test_a_directory_of_somebody_else_is_refused(self):
        os.chown(self.data, NOBODY, NOBODY)
        self.refused("mode 0755")


if __name__ == "__main__":
    unittest.main()
