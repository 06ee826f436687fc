"""The listener of tests/support/tnsd, and Oracle's own drivers."""

import atexit
import contextlib
import functools
import itertools
import json
import os
import pathlib
import subprocess
import tempfile

from support import npm
from support.postgres import Cluster

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("OCTO_TEST_BUILD", ROOT / "build-test"))
DRIVERS = ROOT / "tests/oracle/drivers"
SCRIPT = DRIVERS / "script.json"
PREPARED = [ROOT / "tests/support/tnsd" / name for name in ("oracle.sql", "users.sql")]
NUMBERS = itertools.count(1)
USER, PASSWORD = "scott", "t1ger !\"§"
DEBIANS_PYTHON = "/usr/bin/python3"  # whose module the package is of, whatever stands first in PATH

# Each logs on and says which version the server has; a directory and password of a wallet may be behind.
PYTHON_LOGON = """import sys, oracledb
dsn, user, password, *wallet = sys.argv[1:]
print(oracledb.connect(user=user, password=password, dsn=dsn,
                       **dict(zip(("wallet_location", "wallet_password"), wallet))).version)"""
NODE_LOGON = """const [connectString, user, password, walletLocation, walletPassword] = process.argv.slice(1);
require('oracledb').getConnection({ user, password, connectString, walletLocation, walletPassword })
  .then((connection) => console.log(connection.oracleServerVersionString) ?? connection.close());"""


@functools.cache
def cluster():
    """With a database that has all that statements need, for others to be copied from."""
    made = Cluster(roles=())
    prepare(made)
    return made


def prepare(a_cluster):
    """Gives it that database."""
    a_cluster.run("postgres", "CREATE DATABASE tnsd")
    for script in PREPARED:
        a_cluster.run("tnsd", script.read_text(encoding="utf-8"))


@contextlib.contextmanager
def database(before=""):
    """The options of a listener with a database of its own, in which something has been done before."""
    name = f"tnsd_{next(NUMBERS)}"
    cluster().run("postgres", f"CREATE DATABASE {name} TEMPLATE tnsd")
    if before:
        cluster().run(name, before)
    try:
        yield ("--database", cluster().url("postgres", name))
    finally:
        cluster().run("postgres", f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def listener(*options):
    """Its address, HOST:PORT. It ends with the block."""
    with subprocess.Popen([BUILD / "tests/support/tnsd/tnsd", "--user", USER, "--password", PASSWORD, *options],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"127.0.0.1:{process.stdout.readline().split()[1]}"
        finally:
            process.stdin.close()


def run_script(command, address, wallet, seconds, script=None):
    """`wallet`: a directory and its password, or nothing. Gives what each step was, by its name."""
    try:
        done = subprocess.run([*command, address, USER, PASSWORD, "0", *wallet], cwd=DRIVERS, capture_output=True, text=True,
                              input=script, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as late:
        raise AssertionError(f"{command} has not ended, and this was its last word: {(late.stdout or b'')[-200:]}") from late
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stderr}\n{done.stdout}")
    return dict(map(json.loads, done.stdout.splitlines()))


def python_script(address, wallet=(), seconds=120):
    return run_script([DEBIANS_PYTHON, "script.py"], address, wallet, seconds)


def node_script(address, wallet=(), seconds=120):
    npm.need(DRIVERS)
    return run_script(["node", "script.js"], address, wallet, seconds)


def own_script(address, wallet=(), seconds=120):
    return run_script([BUILD / "tests/oracle/ora-script"], address, wallet, seconds, SCRIPT.read_text(encoding="utf-8"))


VERSIONS = {"12.2": "12.2", "19c": "19.0", "23ai": "23.4"}  # of each pose
SCRIPTS = {"python": python_script, "npm": node_script, "ours": own_script}


def wanted(driver, pose="19c"):
    """What each step of the script gives with a driver."""
    steps = json.loads(SCRIPT.read_text(encoding="utf-8"))["steps"]
    results = {step["name"]: step["gives"][driver] if isinstance(step["gives"], dict) else step["gives"]
               for step in steps if driver not in step.get("without", ())}
    return results | {"version": VERSIONS[pose]}


@functools.cache
def recorded(driver, pose, *options):
    """What each step of the script gave, and a directory with a record of each connection."""
    directory = tempfile.TemporaryDirectory(prefix="octo-tnsd-")
    atexit.register(directory.cleanup)
    with database() as of_database, \
            listener("--pose", pose, "--record", directory.name, *of_database, *options) as address:
        return SCRIPTS[driver](address), pathlib.Path(directory.name)


def statements(*which):
    """What `octo sqlid` says of the services' texts for Oracle."""
    done = subprocess.run([BUILD / "src/app/octo", "sqlid", *which, "--backend", "oracle", "--json"], text=True,
                          capture_output=True, timeout=60, check=True)
    return json.loads(done.stdout)


def oracles_logons(connect_string, *wallet, user=USER, password=PASSWORD):
    """What became of a log-on with each of Oracle's drivers."""
    npm.need(DRIVERS)
    return [subprocess.run([*command, connect_string, user, password, *wallet], cwd=DRIVERS, text=True, capture_output=True,
                           timeout=60, check=False)
            for command in ([DEBIANS_PYTHON, "-c", PYTHON_LOGON], ["node", "-e", NODE_LOGON])]
