"""The processes that are measured, octo's services and the peer, and the load put on them."""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import time

import machine

HERE = pathlib.Path(__file__).resolve().parent
INTERNAL_KEY = "benchmark-" + "0123456789abcdef" * 4
START_SECONDS = 30
POLL_SECONDS = 0.0005


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(database, shop_port, crm_port):
    """Both services over one database, without work of their own in the background."""
    return dict(os.environ, OCTO_DATA_DIR=str(database.data), OCTO_SHOP_PORT=str(shop_port),
                OCTO_CRM_PORT=str(crm_port), OCTO_PUSH_ORDERS="false", OCTO_PUSH_PRODUCTS="false",
                ORDERS_SYNC_ENABLED="false", OCTO_LOG_LEVEL="warning",
                AUDIT_ANONYMOUS_ROWS_PER_MINUTE="1000000000",  # a row for each request, as the peer writes
                BOOTSTRAP_ADMIN_PASSWORD="benchmark-password", INTERNAL_SERVICE_KEY=INTERNAL_KEY,
                **database.environment(("shop", "crm")))


class Server:
    """A server process. A context manager: started and answering inside, stopped after."""

    def __init__(self, name, command, port, log, env=None, tells=True):
        self.name = name
        self.tells = tells  # has a page of metrics
        self.command = [str(part) for part in command]
        self.port = port
        self.log = pathlib.Path(log)
        self.env = env
        self.process = None
        self.first_answer_ms = None

    def __enter__(self):
        self.log.parent.mkdir(parents=True, exist_ok=True)
        started = time.monotonic()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, env=self.env, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        try:
            self.wait_for_answer(started + START_SECONDS)
        except BaseException:
            self.stop()
            raise
        self.first_answer_ms = (time.monotonic() - started) * 1000
        return self

    def __exit__(self, *_):
        self.stop()

    def wait_for_answer(self, deadline):
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n"
                                   f"{self.log.read_text(errors='replace')}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.get("/health")[0] == 200:
                    return
            time.sleep(POLL_SECONDS)
        raise RuntimeError(f"{self.name} did not answer within {START_SECONDS} s")

    def get(self, path, headers=None):
        """Status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.read()

    def metric(self, name, label=""):
        """The sum of all its series whose name ends and whose labels hold this."""
        text = self.get("/metrics", {"X-Internal-Service-Key": INTERNAL_KEY})[1].decode()
        total = 0.0
        for line in text.splitlines():
            series, _, value = line.rpartition(" ")
            found, _, labels = series.partition("{")
            if found.endswith(name) and label in labels and not line.startswith("#"):
                total += float(value)
        return total

    def opened(self):
        """Database sessions it has opened; 0 where it does not tell."""
        return self.metric("db_pool_opened_total") if self.tells else 0.0

    def stop(self):
        """Asks it to end; an end that was not asked for has been its failure."""
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended by itself with {self.process.returncode}:\n"
                               f"{self.log.read_text(errors='replace')}")
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def memory_mb(self, name="VmRSS"):
        return machine.memory_kb(self.process.pid, name) / 1024


def service(octo, name, database, ports):
    """`octo shop` or `octo crm`; ports is (shop, crm)."""
    port = ports[0] if name == "shop" else ports[1]
    return Server(name, [octo, name], port, database.data / f"{name}.log",
                  environment(database, *ports))


def peer(backend, database, sessions):
    port = free_port()
    return Server("peer", ["node", HERE / "peer/server.js", backend, database.address, port, sessions],
                  port, database.data / "peer.log", dict(os.environ, NODE_ENV="production"), tells=False)


def wrk_command(server, scenario, connections, seconds, label):
    return ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s",
            "-s", scenario.script, "-H", f"X-Internal-Service-Key: {INTERNAL_KEY}",
            f"http://127.0.0.1:{server.port}{scenario.path}", "--", label]


def warm_up(server, scenario, connections, label):
    """A second, whatever comes of it: connections and caches are new."""
    subprocess.run(wrk_command(server, scenario, connections, 1, label), cwd=HERE / "wrk",
                   stdout=subprocess.DEVNULL, check=True)


def load(server, scenario, connections, seconds, label, database_cpu):
    """Runs wrk against a server; the result with requests per second and the CPU time that the server
    and its database, of which `database_cpu` tells, used. Answers other than 2xx count as refused."""
    command = wrk_command(server, scenario, connections, seconds, label)
    opened = server.opened()
    before = os.times()
    database = database_cpu()
    cpu = machine.cpu_seconds(server.process.pid)
    busy = machine.busy_seconds()
    started = time.monotonic()
    done = subprocess.run(command, cwd=HERE / "wrk", text=True, capture_output=True, check=False)
    elapsed = time.monotonic() - started
    cpu = machine.cpu_seconds(server.process.pid) - cpu
    database = database_cpu() - database
    busy = machine.busy_seconds() - busy
    after = os.times()
    wrk_cpu = (after.children_user + after.children_system
               - before.children_user - before.children_system)
    lines = [line for line in done.stdout.splitlines() if line.startswith("result ")]
    if done.returncode != 0 or len(lines) != 1:
        raise RuntimeError(f"wrk: {done.stdout}{done.stderr}")
    result = json.loads(lines[0].removeprefix("result "))
    count = result["requests"] - result["refused"]
    if result["broken"] or not count:
        raise RuntimeError(f"{server.name} {scenario.path} at {connections} connections: {result}\n"
                           f"{server.log.read_text(errors='replace')[-2000:]}")
    return {"rate": count / result["seconds"], "refused": result["refused"] / result["requests"],
            "p50_us": result["p50_us"],
            "p99_us": result["p99_us"], "cores": cpu / elapsed, "database_cores": database / elapsed,
            "us_own": cpu / count * 1e6, "us_database": database / count * 1e6,
            "per_core": count / (cpu + database) if cpu + database else 0.0,
            "opened_per_1000": (server.opened() - opened) / count * 1000,
            "bytes_per_answer": result["bytes"] // result["requests"],
            "others_cores": max(0.0, (busy - cpu - database - wrk_cpu) / elapsed)}


def first_answers_ms(make, times):
    """Median time from the start of a process to its first answer, over an existing database."""
    figures = []
    for _ in range(times):
        with make() as server:
            figures.append(server.first_answer_ms)
    return statistics.median(figures)
