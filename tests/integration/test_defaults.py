"""Secure by default: how strong secrets are, over which ways they go, who can read what is written, what becomes
of the process's memory and environment, whom it runs as, and what clients are told of HTTPS."""

import contextlib
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import unittest

from support.harness import (INTERNAL_KEY, IS_POSTGRES, IS_SERVER, OCTO, PASSWORD, Client, Instance, free_port, fresh_database,
                             patience, typed)
from support.terminal import spawn

IS_ROOT = os.geteuid() == 0
NOBODY = 65534
PRODUCTION = {"ENVIRONMENT": "production", "OCTO_ALLOW_ROOT": "true"}
OURS = ("OCTO_", "OTEL_", "OCI_", "INTERNAL_", "BOOTSTRAP_", "SEED_", "SERVICE_", "ENVIRONMENT")


def clean(**more):
    """An environment without settings of ours, and these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {**kept, "OCTO_SHOP_PORT": "0", "OCTO_CRM_PORT": "0", "OCTO_PUSH_ORDERS": "false", "OCTO_PUSH_PRODUCTS": "false",
            "ORDERS_SYNC_ENABLED": "false", **more}


def octo(*arguments, **environment):
    return subprocess.run([OCTO, *typed(*arguments)], env=clean(**environment), text=True, capture_output=True,
                          check=False, stdin=subprocess.DEVNULL, timeout=patience(60))


def secrets():
    """Names of the settings that are secret and that we say the strength of, each with whether it is a URL."""
    rows = [[cell.strip() for cell in line.split("|")] for line in octo("config", "--markdown").stdout.splitlines()]
    return {re.match(r"`(\w+)`", row[1]).group(1): "its password" in row[5]
            for row in rows if len(row) > 5 and row[3] == "secret" and row[5]}


def mode_of(path):
    return os.stat(path).st_mode & 0o7777


class WithDirectory(unittest.TestCase):
    def setUp(self):
        self.data = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="octo-test-")))

    def of_nobody(self):
        """The directory is theirs then. A copy of the executable that they may run: the checkout may stand in a home
        that only its owner may enter."""
        os.chown(self.data, NOBODY, NOBODY)
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="octo-test-")))
        folder.chmod(0o755)
        return shutil.copy(OCTO, folder)

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
            if is_url or "ORACLE" in name:  # of a database that has to be there
                continue
            done = octo("migrate", OCTO_DATA_DIR=str(self.data / name), OCTO_SEED="false", **{name: "weak-one"})
            self.assertEqual(done.returncode, 0, done)
            self.assertRegex(done.stderr, rf'event="weak secret" setting={name} ')
            self.assertNotIn("weak-one", done.stderr)

    def test_passwords_of_a_database_are_warned_of(self):
        for name in (name for name in secrets() if "ORACLE" in name):
            done = octo("shop" if "CRM" not in name else "crm", OCTO_DATA_DIR=str(self.data), ORACLE_USER="octo",
                        ORACLE_DSN=f"127.0.0.1:{free_port()}/octo", **{"ORACLE_PASSWORD": INTERNAL_KEY, name: "weak-one"})
            self.assertEqual(re.findall(r'event="weak secret" setting=(\w+) ', done.stderr), [name], done.stderr)
            self.assertNotIn("weak-one", done.stderr)

    def test_a_url_is_warned_of_by_the_name_that_it_has(self):
        for name in ("OCTO_DATABASE_URL", "OCTO_SHOP_DATABASE_URL"):
            done = octo("shop", OCTO_DATA_DIR=str(self.data),
                        **{name: f"postgresql://octo_shop:weak@127.0.0.1:{free_port()}/octo"})
            self.assertEqual(re.findall(r'event="weak secret" setting=(\w+) ', done.stderr), [name])

    def test_strong_ones_are_taken_without_a_word(self):
        done = octo("migrate", OCTO_DATA_DIR=str(self.data / "data"), OCTO_SEED="false", **PRODUCTION,
                    **{name: INTERNAL_KEY for name, is_url in secrets().items() if not is_url and "ORACLE" not in name})
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)

    def test_what_opens_a_receiver_is_as_strong_as_it_made_it_and_never_repeated(self):
        address = {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://127.0.0.1:1"}
        for name in ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
                     "OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_LOGS_HEADERS"):
            done = octo("config", **{name: "key=weak-one"})
            self.assertNotIn("weak-one", done.stdout)
            for how in ({name: "weak-one"}, {f"{name}_FILE": self.file("secret", "weak-one\n")}):
                said = self.start(INTERNAL_SERVICE_KEY=INTERNAL_KEY, **address, **how)
                self.assertIn(f"{name}: member 1 is not of the form name=value", said)
                self.assertNotIn("weak-one", said)
        said = self.start(INTERNAL_SERVICE_KEY=INTERNAL_KEY, OCI_APM_PRIVATE_DATAKEY_FILE=self.file("key", "weak-one"))
        self.assertIn("OCI_APM_PRIVATE_DATAKEY needs OCI_APM_ENDPOINT", said)
        self.assertNotIn("weak-one", said)

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
                for command in ("pools", "sessions", "sync", "shop", "crm", "up"):
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
        self.assertLessEqual({"internal.key", "shop.admin.password", "spans.jsonl"}, set(modes))
        self.assertTrue(IS_SERVER or {"shop.db", "shop.db-wal", "shop.db-shm"} <= set(modes), modes)
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

    @unittest.skipIf(IS_POSTGRES, "of files")
    def test_the_doctor_says_so_of_the_directory(self):
        done = octo("doctor", OCTO_DATA_DIR=str(self.data))
        self.assertEqual(done.returncode, 1, done)
        self.assertRegex(done.stdout, rf"warn +directory +{self.data} is open to others \(mode 0755\): chmod 700 it")

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

    @unittest.skipIf(IS_POSTGRES, "of files")
    def test_a_directory_with_the_services_database_is_its_own(self):
        self.run_once()
        (self.data / "internal.key").unlink()
        self.file("notes.txt", "mine", 0o600)
        self.data.chmod(0o755)
        self.run_once()
        self.assertEqual(mode_of(self.data), 0o700)

    def test_a_directory_that_is_everybodys_is_refused(self):
        self.data.chmod(0o1777)
        self.refused("mode 1777")

    @unittest.skipUnless(IS_ROOT, "only root can give a directory away")
    def test_a_directory_of_somebody_else_is_refused(self):
        os.chown(self.data, NOBODY, NOBODY)
        self.refused("mode 0755")


class Memory(WithDirectory):
    """No core image, and nobody looks into the process."""

    def start(self, command, **environment):
        variables = clean(OCTO_DATA_DIR=str(self.data), BOOTSTRAP_ADMIN_PASSWORD=PASSWORD, **environment)
        process = subprocess.Popen([OCTO, *typed(command)], env=variables, text=True, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   preexec_fn=self.prepare)  # pylint: disable=subprocess-popen-preexec-fn
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        self.assertTrue(any("Ctrl-C stops" in line for line in process.stdout))
        return process

    @staticmethod
    def prepare():
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    @staticmethod
    def tree(process):
        text = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
        return [process.pid, *map(int, text.split())]

    @staticmethod
    def core_limit(pid):
        text = pathlib.Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
        return re.search(r"Max core file size +(\w+)", text).group(1)

    def test_there_is_none(self):
        for command in ("up", "shop", "crm"):
            for pid in self.tree(self.start(command)):
                self.assertEqual(self.core_limit(pid), "0")

    def test_a_developer_may_have_one(self):
        for pid in self.tree(self.start("up", OCTO_CORE_DUMPS="true")):
            self.assertEqual(self.core_limit(pid), "unlimited")

    @unittest.skipUnless(IS_ROOT, "only root can start it as somebody else")
    def test_the_users_other_processes_may_not_look(self):
        """What may be looked into has its files in /proc as its own; others' are root's (proc(5))."""
        for how, owner in (({}, 0), ({"OCTO_CORE_DUMPS": "true"}, NOBODY)):
            with subprocess.Popen([self.of_nobody(), "shop"], env=clean(OCTO_DATA_DIR=str(self.data), **how), text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, user=NOBODY, group=NOBODY,
                                  extra_groups=[]) as process:
                try:
                    self.assertTrue(any("Ctrl-C stops" in line for line in process.stdout))
                    for name in ("environ", "mem", "maps"):
                        self.assertEqual(os.stat(f"/proc/{process.pid}/{name}").st_uid, owner, name)
                finally:
                    process.terminate()


class Environment(WithDirectory):
    """A secret is read and gone: neither in a service's environment nor in that of octo up."""

    @contextlib.contextmanager
    def running(self, command, **environment):
        ports = {"OCTO_SHOP_PORT": str(free_port()), "OCTO_CRM_PORT": str(free_port())}
        variables = clean(OCTO_DATA_DIR=str(self.data), **ports, **environment)
        with subprocess.Popen([OCTO, *typed(command)], env=variables, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            try:
                self.assertTrue(any("Ctrl-C stops" in line for line in process.stdout))
                yield process, int(ports["OCTO_SHOP_PORT"])
            finally:
                process.terminate()
                process.communicate(timeout=patience(60))

    @staticmethod
    def environments(process):
        for pid in Memory.tree(process):
            yield pathlib.Path(f"/proc/{pid}/environ").read_bytes()

    def answers(self, port, password):
        with Client(port, {"X-Internal-Service-Key": INTERNAL_KEY}) as client:
            self.assertEqual(client.get("/api/observability/pools").status, 200)
            signed_in = client.post("/api/auth/login", {"username": "admin", "password": password})
            self.assertEqual(signed_in.status, 200, signed_in)

    def test_no_secret_stays(self):
        may_look = {"OCTO_CORE_DUMPS": "false" if IS_ROOT else "true"}
        given = {"INTERNAL_SERVICE_KEY": INTERNAL_KEY, "INTERNAL_SERVICE_KEY_NEXT": INTERNAL_KEY[::-1],
                 "BOOTSTRAP_ADMIN_PASSWORD": PASSWORD, "SEED_USER_PASSWORD": PASSWORD[::-1],
                 "OTEL_EXPORTER_OTLP_HEADERS": "key=of-a-receiver"}
        for command in ("shop", "up"):
            with fresh_database() as where, self.running(command, **given, **may_look, **where) as (process, port):
                self.answers(port, PASSWORD)
                found = list(self.environments(process))
                self.assertEqual(len(found), {"shop": 1, "up": 3}[command])
                for text in found:
                    self.assertIn(b"OCTO_DATA_DIR=", text)
                    for secret in (*given.values(), *(url for name, url in where.items() if "URL" in name)):
                        self.assertNotIn(secret.encode(), text)
            self.data = self.data / "next"

    def test_a_service_that_is_started_again_has_them_too(self):
        with fresh_database() as where, self.running("up", INTERNAL_SERVICE_KEY=INTERNAL_KEY,
                                                     BOOTSTRAP_ADMIN_PASSWORD=PASSWORD, **where) as (process, port):
            shop = next(pid for pid in Memory.tree(process)[1:]
                        if b"\0shop\0" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes())
            os.kill(shop, signal.SIGKILL)
            self.assertTrue(any("starting it again" in line for line in process.stdout))
            while True:
                with contextlib.suppress(OSError):
                    self.answers(port, PASSWORD)
                    break


class FirstPassword(WithDirectory):
    """Told to who looks at a terminal, and to nobody's log."""

    def start(self, command, where):
        return [OCTO, *typed(command), "--data", str(self.data)], clean(**where)

    def test_on_a_terminal_it_is_shown_and_whose_it_is(self):
        with fresh_database() as where:
            pid, terminal, _ = spawn(*self.start("up", where))
            seen = b""
            while b"Ctrl-C stops both." not in seen:
                seen += os.read(terminal, 4096)
            os.write(terminal, b"\x03")
            with contextlib.suppress(OSError):  # the end, on a terminal
                while os.read(terminal, 4096):
                    pass
            os.waitpid(pid, 0)
            os.close(terminal)
        self.assertRegex(seen.decode(), r"\nDrone Shop, CRM Portal: sign in as admin with the password \w{24} ")
        self.assertFalse(list(self.data.glob("*.password")))

    def test_elsewhere_it_is_in_a_file_of_the_services_own(self):
        for command, title in (("shop", "Drone Shop"), ("crm", "CRM Portal")):
            with fresh_database() as where:
                arguments, environment = self.start(command, where)
                with subprocess.Popen(arguments, env=environment, text=True, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
                    output = ""
                    for line in process.stdout:
                        output += line
                        if "Ctrl-C stops it" in line:
                            break
                    process.terminate()
                    process.communicate(timeout=patience(60))
            path = self.data / f"{command}.admin.password"
            self.assertIn(f"{title}: sign in as admin with the password in {path} (remove", output)
            self.assertEqual(mode_of(path), 0o600)
            self.assertNotIn(path.read_text(encoding="ascii").strip(), output)

    def test_one_that_cannot_be_told_says_how_to_have_another(self):
        (self.data / "admin.password").mkdir()
        done = octo("migrate", OCTO_DATA_DIR=str(self.data), OCTO_SEED="false")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("octo password admin sets another one", done.stderr)
        self.assertEqual(sorted(path.name for path in self.data.glob("admin.password*")), ["admin.password"])


class Root(WithDirectory):
    COMMANDS = ("up", "shop", "crm", "migrate", "sync", "doctor")

    @unittest.skipUnless(IS_ROOT, "of root")
    def test_production_does_not_run_as_root(self):
        for command in self.COMMANDS:
            done = octo(command, ENVIRONMENT="production", OCTO_DATA_DIR=str(self.data),
                        INTERNAL_SERVICE_KEY=INTERNAL_KEY, BOOTSTRAP_ADMIN_PASSWORD=PASSWORD)
            self.assertIn(done.returncode, (1, 2), done)
            self.assertRegex(done.stderr, rf"^octo {command}: production does not run as root: .* OCTO_ALLOW_ROOT$")
        self.assertEqual(os.listdir(self.data), [])

    @unittest.skipUnless(IS_ROOT, "only root can start it as somebody else")
    def test_as_somebody_else_or_when_told_it_does(self):
        octo_of_nobody = self.of_nobody()
        for more, user in (({}, NOBODY), ({"OCTO_ALLOW_ROOT": "true"}, 0)):
            done = subprocess.run([octo_of_nobody, "migrate"], env=clean(
                ENVIRONMENT="production", OCTO_DATA_DIR=str(self.data), INTERNAL_SERVICE_KEY=INTERNAL_KEY,
                BOOTSTRAP_ADMIN_PASSWORD=PASSWORD, **more), user=user, text=True, capture_output=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""), done)


class Https(unittest.TestCase):
    def of(self, **environment):
        """Attributes of the cart's cookie and the field, of a client whom no proxy announces."""
        with Instance(**environment) as instance, instance.shop.client() as client:
            answer = client.get("/api/cart")
            cookie = client.post("/api/cart/add", {"product_id": 1}).headers["set-cookie"]
        return "Secure" in cookie.split("; "), answer.headers.get("strict-transport-security")

    def test_production_takes_it_for_granted(self):
        self.assertEqual(self.of(**PRODUCTION), (True, "max-age=63072000"))
        self.assertEqual(self.of(**PRODUCTION, OCTO_HSTS="max-age=60; includeSubDomains; preload"),
                         (True, "max-age=60; includeSubDomains; preload"))

    def test_elsewhere_or_when_told_only_a_proxy_says_so(self):
        self.assertEqual(self.of(), (False, None))
        self.assertEqual(self.of(**PRODUCTION, OCTO_CLIENTS_ALLOW_PLAINTEXT="true"), (False, None))

    def test_a_field_that_is_none_is_refused(self):
        for value in ("on", "max-age=", "max-age=x", "includeSubDomains", "max-age=1, b", "max-age=1x"):
            done = octo("shop", OCTO_HSTS=value)
            self.assertEqual(done.returncode, 1, done)
            self.assertIn("OCTO_HSTS: ", done.stderr)


if __name__ == "__main__":
    unittest.main()
