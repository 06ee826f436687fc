"""The driver as a library of its own: installed, and used by a program outside of this tree that knows no more of it than
pkg-config says."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from support.tnsd import BUILD, PASSWORD, ROOT, USER, database, listener
from support.wallets import RSA, WALLET_PASSWORD, Authority

PROGRAM = ROOT / "docs/examples/ora.c"
LINES_MAX = 40
STRIPPED_MAX = 400 << 10
SESSIONS, BYTES_EACH_MAX = 75, 200 << 10
SYSTEMS = {"linux-vdso.so.1", "libc.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}


def said(*command, **options):
    return subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True, **options).stdout


def names(*options_and_file):
    """That nm lists."""
    return {line.split()[-1] for line in said("nm", *options_and_file).splitlines() if len(line.split()) >= 3}


class Alone(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="octo-alone-")))
        root = cls.place / "root"
        subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--tags", "devel,runtime"], check=True,
                       env=dict(os.environ, DESTDIR=str(root)), stdout=subprocess.DEVNULL)
        cls.archive = next(root.rglob("libocto_ora.a"))
        cls.shared = next(root.rglob("libocto_ora.so"))
        cls.environment = dict(os.environ, PKG_CONFIG_PATH=str(cls.archive.parent / "pkgconfig"),
                               PKG_CONFIG_SYSROOT_DIR=str(root), LD_LIBRARY_PATH=str(cls.archive.parent))

    def build(self, is_static):
        """As docs/oracle.md says."""
        program = self.place / ("static" if is_static else "shared")
        flags = said("pkg-config", "--cflags", "--libs", *(["--static"] if is_static else []), "octo-ora",
                     env=self.environment)
        if is_static:
            flags = flags.replace("-locto_ora", "-l:libocto_ora.a")
        said("cc", "-std=c17", "-Wall", "-Wextra", "-Werror", "-o", program, PROGRAM, *flags.split(), cwd=self.place)
        return program

    def needs(self, file):
        """Libraries beside the system's."""
        lines = said("ldd", file, env=self.environment).splitlines()
        return {pathlib.Path(line.split()[0]).name for line in lines} - SYSTEMS

    def test_program_that_was_built_elsewhere(self):
        self.assertLessEqual(len(PROGRAM.read_text(encoding="utf-8").splitlines()), LINES_MAX)
        address = self.enterContext(listener(*self.enterContext(database())))
        for is_static in (True, False):
            program = self.build(is_static)
            with self.subTest(program=program.name):
                self.assertEqual(self.needs(program), {"libssl.so.3", "libcrypto.so.3"} if is_static else
                                 {"libocto_ora.so.0", "libssl.so.3", "libcrypto.so.3"})
                for query, status, answer in (("SELECT LEVEL AS n FROM DUAL CONNECT BY LEVEL <= 3", 0, "1\n2\n3\n"),
                                              ("SELECT nothing FROM DUAL", 1, "")):
                    done = subprocess.run([program, f"{address}/svc", USER, query], input=PASSWORD + "\n", text=True,
                                          capture_output=True, timeout=60, check=False, env=self.environment)
                    self.assertEqual((done.returncode, done.stdout), (status, answer), done)
                    self.assertRegex(done.stderr, r"^ORA-00904: .*\n$" if status else "^$")

    def test_needs_little_and_has_no_other_names(self):
        self.assertEqual(self.needs(self.shared), {"libssl.so.3", "libcrypto.so.3"})
        header = (ROOT / "include/octo/ora.h").read_text(encoding="utf-8")
        declared = set(re.findall(r"\b(octo_ora_\w+)\(", header)) - {"octo_ora_on_phase", "octo_ora_work"}
        self.assertEqual(names("-D", "--defined-only", self.shared), declared)
        self.assertEqual(names("--extern-only", "--defined-only", self.archive), declared)
        for file, how in ((self.shared, "--strip-all"), (self.archive, "--strip-unneeded"), (self.build(True), "--strip-all")):
            stripped = self.place / "stripped"
            said("strip", how, "-o", stripped, file)
            self.assertLess(stripped.stat().st_size, STRIPPED_MAX, file)

    def test_sessions_need_little_memory(self):
        authority = Authority(self.place)
        server_key, server = authority.issue("localhost", "DNS:localhost")
        key, certificate = authority.issue("client", kind=RSA)
        wallet = authority.wallet("wallet", key, certificate, authority.certificate)
        port = self.enterContext(listener("--key", server_key, "--certificate", server, "--authority",
                                          authority.certificate)).split(":")[1]
        each = int(said(BUILD / "tests/oracle/ora-many", SESSIONS, f"tcps://localhost:{port}/svc", USER, PASSWORD, wallet,
                        WALLET_PASSWORD, timeout=60))
        self.assertLess(each, BYTES_EACH_MAX)


if __name__ == "__main__":
    unittest.main()
