"""The listener of tests/support/tnsd, and Oracle's own drivers."""

import contextlib
import fcntl
import functools
import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("OCTO_TEST_BUILD", ROOT / "build-test"))
DRIVERS = ROOT / "tests/oracle/drivers"
USER, PASSWORD = "scott", "t1ger !\"§"
DEBIANS_PYTHON = "/usr/bin/python3"  # whose module the package is of, whatever stands first in PATH
NO_REGISTRY = re.compile(r"\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT)\b")

# Each logs on and says which version the server has; a directory and password of a wallet may be behind.
PYTHON_LOGON = """import sys, oracledb
dsn, user, password, *wallet = sys.argv[1:]
print(oracledb.connect(user=user, password=password, dsn=dsn,
                       **dict(zip(("wallet_location", "wallet_password"), wallet))).version)"""
NODE_LOGON = """const [connectString, user, password, walletLocation, walletPassword] = process.argv.slice(1);
require('oracledb').getConnection({ user, password, connectString, walletLocation, walletPassword })
  .then((connection) => console.log(connection.oracleServerVersionString) ?? connection.close());"""


@contextlib.contextmanager
def listener(*options):
    """Its address, HOST:PORT. It ends with the block."""
    with subprocess.Popen([BUILD / "tests/support/tnsd/tnsd", "--user", USER, "--password", PASSWORD, *options],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"127.0.0.1:{process.stdout.readline().split()[1]}"
        finally:
            process.stdin.close()


@functools.cache
def node_modules():
    """Installs what package-lock.json names, once, and runs no script of it. Without a registry nobody can."""
    there = DRIVERS / "node_modules/.package-lock.json"
    with open(DRIVERS / "package-lock.json", encoding="utf-8") as wanted:
        fcntl.flock(wanted, fcntl.LOCK_EX)
        if there.exists() and there.stat().st_mtime >= os.fstat(wanted.fileno()).st_mtime:
            return
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=DRIVERS, text=True,
                              capture_output=True, check=False)
    if NO_REGISTRY.search(done.stderr):
        raise unittest.SkipTest("npm reaches no registry")
    if done.returncode != 0:
        raise AssertionError(f"npm ci: {done.stderr}\n{done.stdout}")


def run_script(command, address, wallet, seconds):
    """`wallet`: a directory and its password, or nothing."""
    done = subprocess.run([*command, address, USER, PASSWORD, "0", *wallet], cwd=DRIVERS, capture_output=True, text=True,
                          timeout=seconds, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stderr}\n{done.stdout}")
    return done.stdout


def python_script(address, wallet=(), seconds=120):
    return run_script([DEBIANS_PYTHON, "script.py"], address, wallet, seconds)


def node_script(address, wallet=(), seconds=120):
    node_modules()
    return run_script(["node", "script.js"], address, wallet, seconds)


def own_script(address, wallet=(), seconds=120):
    return run_script([BUILD / "tests/oracle/ora-script"], address, wallet, seconds)


def oracles_logons(connect_string, *wallet, user=USER, password=PASSWORD):
    """What became of a log-on with each of Oracle's drivers."""
    node_modules()
    return [subprocess.run([*command, connect_string, user, password, *wallet], cwd=DRIVERS, text=True, capture_output=True,
                           timeout=60, check=False)
            for command in ([DEBIANS_PYTHON, "-c", PYTHON_LOGON], ["node", "-e", NODE_LOGON])]
