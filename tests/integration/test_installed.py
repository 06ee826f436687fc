"""The installed program: what `meson install` puts where, that it runs from there over a data directory of
its own, and what it tells the service manager."""

import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

from support.harness import IS_POSTGRES, IS_SLOW, OCTO, PASSWORD, ROOT, Client, free_port, patience

BUILD = pathlib.Path(OCTO).parents[2]
UNITS = {**{f"octo-{service}": service for service in ("shop", "crm", "console")},
         **{f"octo-{service}-audit": f"audit drop --service {service}" for service in ("shop", "crm")}}


def environment(data, **more):
    return {"PATH": os.environ["PATH"], "OCTO_DATA_DIR": str(data), "OCTO_SHOP_PORT": str(free_port()),
            "OCTO_CRM_PORT": str(free_port()), "BOOTSTRAP_ADMIN_PASSWORD": PASSWORD, "ORDERS_SYNC_ENABLED": "false",
            "OCTO_PUSH_ORDERS": "false", "OCTO_PUSH_PRODUCTS": "false", **more}


@unittest.skipIf(IS_POSTGRES or IS_SLOW, "asks no database: runs with SQLite's tests of the program as users get it")
class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.destination = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="octo-test-")))
        subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet"], check=True,
                       env=dict(os.environ, DESTDIR=str(cls.destination)), stdout=subprocess.DEVNULL)
        cls.prefix = cls.destination / "usr/local"

    def test_each_file_is_where_it_belongs(self):
        there = {str(path.relative_to(self.prefix)) for path in self.prefix.rglob("*") if path.is_file()}
        documents = {f"share/doc/octo/{path.relative_to(ROOT)}" for path in (ROOT / "docs").rglob("*") if path.is_file()}
        libraries = next(self.prefix.rglob("libocto_ora.a")).parent.relative_to(self.prefix)
        self.assertEqual(there, documents | {
            "bin/octo",
            *(f"{libraries}/{name.format(library)}" for library in ("ora", "otlp")
              for name in ("libocto_{}.a", "libocto_{}.so", "libocto_{}.so.0", "libocto_{}.so.0.1.0",
                           "pkgconfig/octo-{}.pc")),
            *(f"include/octo/{library}.h" for library in ("ora", "otlp")),
            *(f"lib/systemd/system/{name}.service" for name in UNITS),
            *(f"lib/systemd/system/octo-{name}-audit.timer" for name in ("shop", "crm")),
            "lib/sysusers.d/octo.conf",
            *(f"share/doc/octo/{name}" for name in ("LICENSE", "README.md", "CHANGELOG.md", "octo.env"))})
        self.assertEqual(list(self.destination.iterdir()), [self.destination / "usr"])
        self.assertIn("Apache License\n                           Version 2.0",
                      (self.prefix / "share/doc/octo/LICENSE").read_text(encoding="utf-8"))

    def test_the_library_of_otlp_is_of_use_by_itself(self):
        """A program that knows no more of it than pkg-config says, as docs/correlation.md builds it."""
        archive = next(self.prefix.rglob("libocto_otlp.a"))
        variables = dict(os.environ, PKG_CONFIG_PATH=str(archive.parent / "pkgconfig"),
                         PKG_CONFIG_SYSROOT_DIR=str(self.destination), LD_LIBRARY_PATH=str(archive.parent))
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="octo-test-")))
        request = b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"GET /","flags":1}]}]}]}'
        for more, needed in (((), {"libocto_otlp.so.0"}), (("--static",), set())):
            flags = subprocess.run(["pkg-config", "--cflags", "--libs", *more, "octo-otlp"], env=variables, text=True,
                                   check=True, capture_output=True).stdout
            flags = flags.replace("-locto_otlp", "-l:libocto_otlp.a") if more else flags
            program = folder / f"program{len(more)}"
            subprocess.run(["cc", "-std=c17", "-Wall", "-Wextra", "-Werror", "-o", program, ROOT / "docs/examples/otlp.c",
                            *flags.split()], check=True)
            linked = subprocess.run(["ldd", program], env=variables, text=True, check=True, capture_output=True).stdout
            self.assertEqual(set(re.findall(r"libocto\S*\.so\.0(?= )", linked)), needed)
            packed = subprocess.run([program], input=request, env=variables, check=True, capture_output=True)
            plain = subprocess.run([program, "json"], input=packed.stdout, env=variables, check=True, capture_output=True)
            self.assertEqual((plain.stdout, plain.stderr), (request, b"span GET /\n"))
            broken = subprocess.run([program], input=b"{", env=variables, check=False, capture_output=True)
            self.assertEqual((broken.returncode, broken.stdout), (1, b""))
            self.assertIn(b"byte 1, in ExportTraceServiceRequest", broken.stderr)
        names = subprocess.run(["nm", "--extern-only", "--defined-only", archive], text=True, check=True,
                               capture_output=True).stdout
        declared = set(re.findall(r"\b(octo_otlp_\w+)\(", (ROOT / "include/octo/otlp.h").read_text(encoding="utf-8")))
        self.assertEqual({line.split()[-1] for line in names.splitlines() if " T " in line}, declared)

    def test_units_name_the_installed_program_and_nothing_of_the_checkout(self):
        for name, command in UNITS.items():
            text = (self.prefix / f"lib/systemd/system/{name}.service").read_text(encoding="utf-8")
            self.assertIn(f"ExecStart=/usr/local/bin/octo {command}\n", text)
            self.assertIn("Documentation=file:/usr/local/share/doc/octo/docs/operations.md\n", text)
            self.assertEqual(re.findall(r"@[A-Z]+@", text), [])
            self.assertNotIn(str(ROOT), text)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd here")
    def test_systemd_understands_the_units_and_finds_little_exposed(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        units = [folder / f"{name}.service" for name in UNITS]
        for unit in units:  # with the program where it is before it gets to its place
            text = (self.prefix / "lib/systemd/system" / unit.name).read_text(encoding="utf-8")
            unit.write_text(text.replace("/usr/local/bin", f"{self.prefix}/bin"), encoding="utf-8")
        timers = [shutil.copy(path, folder) for path in (self.prefix / "lib/systemd/system").glob("*.timer")]
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units, *timers], text=True, capture_output=True,
                              check=False)
        complaints = [line for line in done.stderr.splitlines() if "octo" in line]
        self.assertEqual(complaints, [])
        for unit in units:
            done = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold=15",
                                   unit], text=True, capture_output=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_it_runs_from_there(self):
        data = self.enterContext(tempfile.TemporaryDirectory(prefix="octo-test-"))
        variables = environment(data)
        process = subprocess.Popen([self.prefix / "bin/octo", "shop"], env=variables, cwd="/", text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        with process:
            self.assertIn("Drone Shop at http://", process.stdout.readline())
            with Client(int(variables["OCTO_SHOP_PORT"])) as client:
                self.assertEqual(client.get("/api/products?limit=1").status, 200)
            process.send_signal(signal.SIGTERM)
            process.stdout.read()
        self.assertEqual(process.returncode, 0)
        self.assertTrue((pathlib.Path(data) / "shop.db").exists())


class ServiceManager(unittest.TestCase):
    """Listens as systemd does for a unit of Type=notify."""

    def run_told(self, name, address):
        data = self.enterContext(tempfile.TemporaryDirectory(prefix="octo-test-"))
        ear = self.enterContext(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        ear.bind(address)
        ear.settimeout(patience(30))
        variables = environment(data, NOTIFY_SOCKET=address.replace("\0", "@"))
        process = subprocess.Popen([OCTO, name], env=variables, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with process:
            try:
                self.assertEqual(ear.recv(100), b"READY=1")
                with Client(int(variables[f"OCTO_{name.upper()}_PORT"])) as client:
                    self.assertEqual(client.get("/health").status, 200)
                process.send_signal(signal.SIGTERM)
                self.assertEqual(ear.recv(100), b"STOPPING=1")
            except BaseException:
                process.kill()
                raise
        self.assertEqual(process.returncode, 0)

    def test_it_hears_when_a_service_listens_and_when_it_stops(self):
        with tempfile.TemporaryDirectory(prefix="octo-test-") as directory:
            self.run_told("shop", f"{directory}/notify")
            self.run_told("crm", f"\0octo-test-{os.getpid()}")

    def test_one_that_is_not_there_is_named_and_the_service_goes_on(self):
        data = self.enterContext(tempfile.TemporaryDirectory(prefix="octo-test-"))
        for address in ("/nonexistent/notify", "/" + "x" * 200):
            process = subprocess.Popen([OCTO, "shop"], env=environment(data, NOTIFY_SOCKET=address), text=True,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            with process:
                self.assertIn("Drone Shop at", process.stdout.readline())
                line = next(line for line in process.stderr if "NOTIFY_SOCKET" in line)
                self.assertIn(address, line)
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=patience(30))
            self.assertEqual(process.returncode, 0)


if __name__ == "__main__":
    unittest.main()
