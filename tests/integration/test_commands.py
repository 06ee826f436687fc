"""The command line: exit codes, SQL_IDs, views of sessions and pools, octo up."""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import unittest

from support.harness import (
    IS_POSTGRES,
    OCTO,
    PASSWORD,
    Client,
    Instance,
    free_port,
    fresh_database,
    patience,
    typed,
)
from support.sqlid import sql_id


ROOT = pathlib.Path(__file__).resolve().parents[2]


def octo(*arguments, **options):
    return subprocess.run([OCTO, *arguments], text=True, capture_output=True, check=False,
                          timeout=patience(60), **options)


def first_password(output, whose):
    """Of an admin who was made without a terminal: it stands in a file for the owner alone."""
    told = re.search(rf"^{whose}: sign in as admin with the password in (\S+) \(remove it once it is read\)$", output,
                     re.MULTILINE)
    path = pathlib.Path(told.group(1))
    assert path.stat().st_mode & 0o777 == 0o600
    return path.read_text(encoding="ascii").strip()


class WithoutServices(unittest.TestCase):
    def test_usage(self):
        for arguments in (["--help"], ["up", "--help"], ["sqlid", "--help"], ["sync", "--help"],
                          ["sessions", "--help"], ["pools", "--help"], ["shop", "--help"],
                          ["crm", "--help"], ["migrate", "--help"], ["config", "--help"],
                          ["version", "--help"], ["doctor", "--help"], ["password", "--help"], ["ora", "--help"],
                          ["sql", "--help"]):
            done = octo(*arguments)
            self.assertEqual(done.returncode, 0, arguments)
            self.assertTrue(done.stdout.startswith(f"usage: octo {arguments[0] if arguments[1:] else 'COMMAND'}"), done)
        for arguments in ([], ["nonsense"], ["up", "--nonsense"], ["sqlid"], ["sessions", "extra"],
                          ["password"], ["password", "a", "b"], ["password", "a", "--service", "x"],
                          ["password", "a", "--service"], ["sqlid", "--find"],
                          ["ora"], ["ora", "nonsense"], ["ora", "decode"], ["ora", "decode", "--check"],
                          ["ora", "decode", "--nonsense"], ["ora", "ping", "h/s"], ["ora", "ping", "--user", "a"],
                          ["sqlid", "--find", "--catalogue", "x"], ["sqlid", "--find", "-f", "x", "y"]):
            done = octo(*arguments)
            self.assertEqual(done.returncode, 2, (arguments, done))
            self.assertTrue(done.stderr.strip())
        self.assertEqual(octo("version").returncode, 0)

    def test_a_slip_of_the_keyboard_is_answered_with_the_near_word(self):
        for arguments, meant in ((["sesions"], "sessions"), (["tset"], "test"), (["sess"], "sessions"),
                                 (["sync", "--fulll"], "--full"), (["up", "--shop-prot=1"], "--shop-port")):
            done = octo(*arguments)
            self.assertEqual(done.returncode, 2, done)
            self.assertIn(f"{arguments[-1]}': did you mean '{meant}'?", done.stderr)
        for arguments in (["nonsense"], ["xx"], ["s"], ["sync", "--nonsense"], ["sync", "x" * 5000],
                          ["config", "--nonsense"], ["config", "--markdown", "extra"], ["version", "extra"]):
            done = octo(*arguments)
            self.assertEqual(done.returncode, 2, done)
            self.assertIn(f"'{arguments[-1]}'", done.stderr)
            self.assertNotIn("did you mean", done.stderr)

    def test_what_only_the_launcher_does_is_named_and_refused(self):
        for command in ("test", "bench"):
            self.assertRegex(octo("--help").stdout, rf"(?m)^  {command} .*\./octo")
            done = octo(command)
            self.assertEqual(done.returncode, 2, done)
            self.assertIn("./octo", done.stderr)

    def test_ora_decode(self):
        """What a recording says, where it does not end, and that keys and passwords are not shown."""
        recordings = ROOT / "tests/unit/ora/recordings"
        shown = octo("ora", "decode", recordings / "made-select.txt").stdout
        self.assertIn('ROW_DATA            18 bytes  123.45, 2024-02-29 13:14:15, "abc"', shown)
        self.assertIn("function 94: execute", shown)
        shown = octo("ora", "decode", recordings / "made-outs.txt").stdout
        self.assertIn("IO_VECTOR           13 bytes   OUT IN OUT", shown)
        self.assertIn('ROW_DATA            10 bytes   bind 1: 5 bind 3: "ABC"', shown)
        self.assertIn('ROW_DATA            18 bytes   bind 2: 5, 6 bind 3: "x", NULL', shown)
        shown = octo("ora", "decode", recordings / "made-arrays.txt").stdout
        self.assertIn('execution 3: ORA-01400 "ORA-01400: cannot insert NULL."', shown)
        self.assertIn("rows of each execution: 2 0 256", shown)
        done = octo("ora", "decode", "--check", recordings)
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stdout, r"\n731 messages in 7 recordings, 0 bytes unread; 0 recordings not counted\n$")
        key, secret = b"AUTH_SESSKEY", b"0123456789ABCDEF"
        pair = (b"\x01%c%c%s\x01%c%c%s\x00" % (len(key), len(key), key, len(secret), len(secret), secret)).hex()
        with tempfile.TemporaryDirectory(prefix="octo-ora-") as directory:
            file = pathlib.Path(directory) / "log-on.txt"
            file.write_text("# (no TNS header)\n# packet 1 > first part: LEFT OUT\n"
                            f"# packet 2 < its answer\n< 08 01 01 {pair}\n< 09 00 00\n")
            shown = octo("ora", "decode", file)
            self.assertEqual(shown.returncode, 0, shown)
            self.assertIn('"AUTH_SESSKEY": 16 bytes', shown.stdout)
            self.assertNotIn(secret.decode(), shown.stdout)
            for text, fault in (("# packet 1 < cut\n< 00 00 00 0E 06 00 00 00 00 00 09 01 02\n", "length is not that"),
                                ("# (no TNS header)\n# packet 7 < cut\n< 09 01\n",
                                 "2 bytes unread from packet 7 on: the message ends too early"),
                                ("# (no TNS header)\n# packet 1 < x\n< 09 00 00 EE\n", "of an unknown type")):
                file.write_text(text)
                done = octo("ora", "decode", "--check", directory)
                self.assertEqual(done.returncode, 1, done)
                self.assertIn(fault, done.stdout)
            for text, fault in (("< 00\n", "log-on.txt:1: bytes that no"), ("# packet x\n", "log-on.txt:1: expected"),
                                ("\n# packet 1 <\n< 0g\n", "log-on.txt:3: expected bytes"), ("x\n", "a line begins")):
                file.write_text(text)
                done = octo("ora", "decode", file)
                self.assertEqual(done.returncode, 1, done)
                self.assertIn(fault, done.stderr)
        self.assertEqual(octo("ora", "decode", "/nonexistent").returncode, 1)

    def test_sqlid(self):
        self.assertEqual(octo("sqlid", "select * from dual").stdout.split()[0], "a5ks9fhw2v9s1")
        self.assertEqual(octo("sqlid", "SELECT 1 FROM DUAL").stdout.split()[0], "bunvx480ynf57")
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write("select 1 from dual\n")
            file.flush()
            self.assertEqual(octo("sqlid", "-f", file.name).stdout.split()[0],
                             sql_id("select 1 from dual\n"))
        self.assertEqual(octo("sqlid", "-f", "/nonexistent").returncode, 1)

    def test_sqlid_explains_the_difference(self):
        cases = {"select * from dual\n": "newline", "select * from dual;": "semicolon",
                 "SELECT * FROM dual": "case"}
        for sent, word in cases.items():
            done = octo("sqlid", "--explain", "select * from dual", sql_id(sent))
            self.assertEqual(done.returncode, 0, done)
            self.assertIn(word, done.stdout.lower())
        self.assertEqual(octo("sqlid", "--explain", "select 1", "a5ks9fhw2v9s1").returncode, 1)
        self.assertEqual(octo("sqlid", "--explain", "select 1", "not-an-id").returncode, 2)

    def test_sqlid_finds_the_line_breaks_of_a_listing(self):
        for listing, sql_id_seen, words in (
                ("select d.dname,e.ename,job from scott.dept d ,scott.emp e where d.DEPTNO=e.DEPTNO and sal>1500",
                 "743rb4k90mp6b", "from, where, and"),
                ("select * from emp e, dept d   where d.deptno = e.deptno   and e.sal >= 1000",
                 "8zydhqq80qyh8", "from, where, and"),
                ("select  *  from dual", "a5ks9fhw2v9s1", "folded")):
            done = octo("sqlid", "--explain", listing, sql_id_seen)
            self.assertEqual((done.returncode, done.stderr), (0, ""), done)
            self.assertIn(words, done.stdout)
            shown = "\n".join(line[4:] for line in done.stdout.splitlines()[1:])
            self.assertIn(sql_id(shown) if shown else sql_id_seen, sql_id_seen)

    def test_sqlid_leads_to_the_statement(self):
        rows = json.loads(octo("sqlid", "--catalogue", "--json").stdout)
        for row in (rows[0], rows[len(rows) // 2], rows[-1]):
            found = json.loads(octo("sqlid", "--find", row["sql_id"], "--json").stdout)
            self.assertIn(row, found)
            self.assertEqual({each["sql_id"] for each in found}, {row["sql_id"]})
            by_name = json.loads(octo("sqlid", "--find", row["name"], "--json", "--backend", row["backend"],
                                      "--service", row["service"]).stdout)
            self.assertEqual(by_name, [row])
        shown = octo("sqlid", "--find", rows[0]["sql_id"]).stdout
        self.assertIn(rows[0]["name"], shown)
        self.assertIn(rows[0]["file"], shown)
        done = octo("sqlid", "--find", "a5ks9fhw2v9s1")
        self.assertEqual((done.returncode, done.stdout), (1, ""), done)
        self.assertIn("a5ks9fhw2v9s1", done.stderr)
        self.assertIn("--find a5ks9fhw2v9s1", octo("sqlid", "a5ks9fhw2v9s1").stderr)

    def test_a_reader_who_has_enough_is_no_failure(self):
        for arguments in (["sqlid", "--catalogue"], ["config"], ["config", "--markdown"], ["--help"],
                          ["up", "--help"], ["version"]):
            read, write = os.pipe()
            os.close(read)
            done = subprocess.run([OCTO, *arguments], stdout=write, stderr=subprocess.PIPE, check=False,
                                  timeout=patience(60))
            os.close(write)
            self.assertEqual((done.returncode, done.stderr), (0, b""), arguments)

    def test_output_that_is_lost_is_a_failure(self):
        for arguments in (["sqlid", "--catalogue"], ["sqlid", "x"], ["config", "--markdown"], ["--help"]):
            with open("/dev/full", "wb") as full:
                done = subprocess.run([OCTO, *arguments], stdout=full, stderr=subprocess.PIPE, check=False,
                                      timeout=patience(60))
            self.assertEqual(done.returncode, 1, arguments)
            self.assertIn(b"cannot write the output", done.stderr)

    def test_the_catalogue_knows_every_statement(self):
        done = octo("sqlid", "--catalogue", "--json")
        self.assertEqual(done.returncode, 0, done)
        rows = json.loads(done.stdout)
        self.assertGreater(len(rows), 60)
        for row in rows:
            self.assertEqual(row["sql_id"], sql_id(row["text"]), row["name"])
            self.assertTrue(row["file"].startswith("sql/"))

    def test_the_first_password_is_told_although_the_port_is_taken(self):
        with (tempfile.TemporaryDirectory() as data, fresh_database() as where,
              socket.create_server(("127.0.0.1", 0)) as taken):
            port = str(taken.getsockname()[1])
            arguments = ("shop", "--data", data, "--shop-port", port)
            environment = {name: value for name, value in {**os.environ, **where}.items()
                           if not name.startswith("BOOTSTRAP_ADMIN_PASSWORD")}
            first = octo(*arguments, env=environment)
            self.assertEqual(first.returncode, 1, first)
            self.assertRegex(first_password(first.stdout, "Drone Shop"), r"^\w{24}$")
            self.assertIn(port, first.stderr)
            again = octo(*arguments, env=environment)
            self.assertEqual((again.returncode, again.stdout), (1, ""))

    def test_migrating_tells_one_password_for_all_that_it_makes(self):
        with tempfile.TemporaryDirectory(prefix="octo-first-") as data, fresh_database() as where:
            environment = {name: value for name, value in {**os.environ, **where}.items()
                           if not name.startswith("BOOTSTRAP_ADMIN_PASSWORD")}
            done = octo("migrate", "--data", data, env=environment)
            self.assertEqual((done.returncode, done.stderr), (0, ""), done)
            self.assertRegex(done.stdout, r"^shop: .*\nshop: sign in as admin with the password in .*\n"
                             r"crm: .*\ncrm: its admin has the same password\n$")
            self.assertRegex(first_password(done.stdout, "shop"), r"^\w{24}$")
            again = octo("migrate", "--data", data, env=environment)
            self.assertRegex(again.stdout, r"^shop: \S+ is up to date\ncrm: \S+ is up to date\n$")

    def test_migrating_one_of_two_tells_its_password(self):
        with tempfile.TemporaryDirectory(prefix="octo-first-") as data:
            environment = {name: value for name, value in os.environ.items()
                           if not name.startswith(("BOOTSTRAP_ADMIN_PASSWORD", "OCTO_"))}
            self.assertEqual(octo("migrate", "--data", data, env=environment).returncode, 0)
            pathlib.Path(data, "crm.db").unlink()
            done = octo("migrate", "--data", data, env=environment)
            self.assertRegex(done.stdout, r"^shop: \S+ is up to date\ncrm: .*\ncrm: sign in as admin .*\n$")
            self.assertRegex(first_password(done.stdout, "crm"), r"^\w{24}$")

    def test_a_setting_out_of_range_is_named(self):
        done = octo("shop", env=dict(os.environ, OCTO_SHOP_PORT="99999"))
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("OCTO_SHOP_PORT", done.stderr)
        self.assertIn("99999", done.stderr)


class Arguments(unittest.TestCase):
    """Read at the moment at which they are used: somebody stands at the address of the database."""

    @contextlib.contextmanager
    def migrate(self, admin):
        """octo migrate with these arguments, of which HOST is filled in, and the connection that it has made."""
        with socket.create_server(("127.0.0.1", 0)) as server, tempfile.TemporaryDirectory() as data:
            self.host = f"127.0.0.1:{server.getsockname()[1]}"
            server.settimeout(patience(60))
            urls = {f"OCTO_{name.upper()}_DATABASE_URL": f"postgresql://octo_{name}@{self.host}/octo" for name in ("shop", "crm")}
            with subprocess.Popen([OCTO, "migrate", *(argument.replace("HOST", self.host) for argument in admin)],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={
                                      **os.environ, "OCTO_DATA_DIR": data, "OCTO_DATABASE_ALLOW_PLAINTEXT": "true", **urls}) as process:
                try:
                    while True:  # before it says anything it looks whether there is somebody
                        with server.accept()[0] as connection:
                            connection.settimeout(patience(60))
                            if connection.recv(1, socket.MSG_PEEK):
                                yield process, connection
                                return
                finally:
                    process.kill()

    def test_nobody_reads_an_administrators_password_in_the_list_of_processes(self):
        for given, kept in (
                (["--admin", "postgresql://boss:pa%40ss:word1@HOST/octo"], "postgresql://boss:*************@HOST/octo"),
                (["--admin=postgresql://boss:secret2@HOST/octo?connect_timeout=60"],
                 "--admin=postgresql://boss:*******@HOST/octo?connect_timeout=60"),
                (["--admin", "postgresql://HOST/octo?user=boss&password=secret3&sslmode=disable"],
                 "postgresql://HOST/octo?user=boss&password=*******&sslmode=disable"),
                (["--admin", "postgresql://boss@HOST/octo"], "postgresql://boss@HOST/octo")):
            with self.migrate(given) as (process, _):
                shown = pathlib.Path(f"/proc/{process.pid}/cmdline").read_text(encoding="utf-8").split("\0")
                self.assertIn(kept.replace("HOST", self.host), shown)

    def test_the_password_is_used_all_the_same(self):
        """PostgreSQL's protocol: a message of the start, with its length before it, and what is asked for."""
        with self.migrate(["--admin", "postgresql://boss:secret4@HOST/octo?sslmode=disable"]) as (_, connection), \
                connection.makefile("rb") as stream:
            self.assertIn(b"user\0boss\0", stream.read(int.from_bytes(stream.read(4), "big") - 4))
            connection.sendall(b"R\0\0\0\x08\0\0\0\x03")  # AuthenticationCleartextPassword
            self.assertEqual(stream.read(13), b"p\0\0\0\x0csecret4\0")


class Views(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())

    def test_sessions_and_pools(self):
        with self.instance.shop.client() as client:
            client.get("/api/products")
        done = self.instance.octo("sessions", "--json")
        self.assertEqual(done.returncode, 0, done)
        rows = json.loads(done.stdout)["sessions"]
        self.assertIn("shop", {row["service"] for row in rows})
        for row in rows:
            self.assertLessEqual({"sid", "service", "pool", "state", "module", "action",
                                  "client_identifier", "sql_id", "statement", "state_ms", "waits_for",
                                  "blocked_by"}, set(row))
        done = self.instance.octo("pools", "--json")
        pools = {(row["service"], row["name"]): (row["size"], row["overflow"])
                 for row in json.loads(done.stdout)["pools"]}
        self.assertEqual(pools, {("shop", "main"): (5, 10), ("shop", "events"): (5, 10),
                                 ("crm", "main"): (10, 20), ("crm", "auth"): (5, 10)})
        self.assertEqual(sum(map(sum, pools.values())), 75)
        table = self.instance.octo("pools")
        self.assertIn("events", table.stdout)
        self.assertIn("SID", self.instance.octo("sessions").stdout)

    def test_operators_views_are_closed_to_others(self):
        with self.instance.shop.client() as client:
            self.assertEqual(client.get("/api/observability/sessions").status, 401)

    def test_every_line_of_the_metrics_has_their_form(self):
        for service in (self.instance.shop, self.instance.crm):
            with service.client(internal=True) as client:
                metrics = client.get("/metrics").raw.decode()
            self.assertRegex(metrics, r"(?m)^process_resident_memory_bytes \d")
            for line in metrics.splitlines():
                self.assertRegex(line, r'^(#.*|[a-z_0-9]+(\{([a-z_]+="[^"]*",?)*\})? [-+0-9.eInfNa]+)$')

    def test_observability_payloads(self):
        for service, parts in ((self.instance.shop, ("app-health", "db-health", "security")),
                               (self.instance.crm, ("app-health", "db-health", "security",
                                                    "sync-health"))):
            with service.client() as client:
                whole = client.get("/api/observability/360")
                self.assertEqual(whole.status, 200, whole)
                self.assertEqual(whole.json["app_health"]["status"], "healthy")
                for part in parts:
                    self.assertEqual(client.get(f"/api/observability/360/{part}").status, 200, part)
                self.assertEqual(client.readiness().status, 200)


class Files(unittest.TestCase):
    def test_they_are_their_owners_alone(self):
        with tempfile.TemporaryDirectory(prefix="octo-files-") as data:
            os.chmod(data, 0o755)
            done = octo("migrate", "--data", data)
            self.assertEqual(done.returncode, 0, done.stderr)
            for name in os.listdir(data):
                mode = os.stat(os.path.join(data, name)).st_mode
                self.assertEqual(mode & 0o077, 0, f"{name} {mode:o}")


class Up(unittest.TestCase):
    def test_up_starts_both_prints_once_and_stops_cleanly(self):
        with tempfile.TemporaryDirectory(prefix="octo-up-") as data, fresh_database() as where:
            shop_port, crm_port = free_port(), free_port()
            environment = {k: v for k, v in {**os.environ, **where, "OCTO_CORE_DUMPS": "true"}.items()
                           if k != "BOOTSTRAP_ADMIN_PASSWORD"}  # who is not root sees descriptors only so
            command = [OCTO, *typed("up"), "--data", data, "--shop-port", str(shop_port),
                       "--crm-port", str(crm_port)]
            outputs = []
            for _ in range(2):
                process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE,
                                           stderr=subprocess.STDOUT, text=True)
                output = self.until_up(process)
                kept = [os.readlink(f"/proc/{process.pid}/fd/{number}")
                        for number in os.listdir(f"/proc/{process.pid}/fd")]
                self.assertEqual([name for name in kept if name.startswith("socket:")], [])
                password = first_password("".join([*outputs, output]), "Drone Shop, CRM Portal")
                for port in (shop_port, crm_port):
                    with Client(port) as client:
                        self.assertEqual(client.get("/health").status, 200)
                        answer = client.post("/api/auth/login", {"username": "admin", "password": password})
                        self.assertEqual(answer.status, 200, answer)
                process.send_signal(signal.SIGINT)
                rest, _ = process.communicate(timeout=patience(30))
                self.assertEqual(process.returncode, 0, output + rest)
                outputs.append(output + rest)
            self.assertIn(str(shop_port), outputs[0])
            self.assertNotIn("password", outputs[1])
            self.assertNotIn(password, "".join(outputs))

    @staticmethod
    def until_up(process):
        """What it prints until both services answer, which its last line says."""
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line == "Ctrl-C stops both.\n":
                break
        return "".join(lines)

    def test_a_password_that_was_preset_works(self):
        with Instance() as instance:
            with instance.shop.sign_in("admin", PASSWORD) as client:
                self.assertEqual(client.get("/api/auth/profile").json["role"], "admin")
            with instance.crm.client() as client:
                for _ in range(5):
                    self.assertEqual(client.post("/api/auth/login", {
                        "username": "admin", "password": "wrong"}).status, 401)
                limited = client.post("/api/auth/login", {"username": "admin", "password": "wrong"})
                self.assertEqual(limited.status, 429)
                self.assertIn("retry-after", limited.headers)


if __name__ == "__main__":
    unittest.main()
