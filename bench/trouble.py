"""What may trouble a service that is measured: busy cores, sessions that are dear to open, a server that
is restarted."""

import base64
import contextlib
import hashlib
import hmac
import os
import signal
import subprocess
import sys
import threading
import time

SPIN = "while True: pass"
SAMPLE_SECONDS = 0.1
WINDOW_SECONDS = 1.0   # over which a rate is taken
BEFORE_SECONDS = 6.0
AFTER_SECONDS = 20.0
PROBE_ITERATIONS = 200_000


@contextlib.contextmanager
def busy_cores():
    """As many processes as there are cores, none of which ever waits."""
    spinners = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(os.cpu_count())]
    try:
        yield
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.wait()


# --- sessions that are dear to open ---

def verifier(password, iterations):
    """What PostgreSQL keeps of a password (RFC 5803). The server takes any count; the client has to
    reckon it through at each sign-in."""
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    stored, server = (base64.b64encode(key).decode()
                      for key in (hashlib.sha256(client_key).digest(), server_key))
    return f"SCRAM-SHA-256${iterations}:{base64.b64encode(salt).decode()}${stored}:{server}"


def make_dear(cluster, roles, password, milliseconds):
    """From now on signing in as one of these roles costs so many milliseconds of CPU time on this machine
    as it is now."""
    path = f"{cluster.directory}/data/pg_hba.conf"
    with open(path, encoding="ascii") as file:
        lines = file.read()
    with open(path, "w", encoding="ascii") as file:
        file.write(f"host all {','.join(roles)} 127.0.0.1/32 scram-sha-256\n{lines}")

    def set_iterations(count):
        for role in roles:
            cluster.run("postgres", f"ALTER ROLE {role} PASSWORD '{verifier(password, count)}'")

    set_iterations(PROBE_ITERATIONS)
    cluster.run("postgres", "SELECT pg_reload_conf()")
    probe = seconds_to_connect(cluster, roles[0], password)
    set_iterations(max(4096, int(PROBE_ITERATIONS * milliseconds / 1000 / probe)))


def seconds_to_connect(cluster, role, password):
    """The best of three."""
    def once():
        started = time.monotonic()
        subprocess.run(["psql", "-X", "-q", "-c", "", cluster.url(role, "postgres")], check=True,
                       env=dict(os.environ, PGPASSWORD=password))
        return time.monotonic() - started
    return min(once() for _ in range(3))


# --- a server that is restarted ---

class Answers(threading.Thread):
    """How many requests a server has answered well, time and again."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server = server
        self.samples = []
        self.is_over = threading.Event()

    def run(self):
        while not self.is_over.wait(SAMPLE_SECONDS):
            count = self.server.metric("_http_requests_total", 'status="200"')
            self.samples.append((time.monotonic(), count))

    def rate(self, begin, end):
        """Between two moments, or None where they were not both seen."""
        inside = [sample for sample in self.samples if begin <= sample[0] <= end]
        if len(inside) < 2 or inside[-1][0] == inside[0][0]:
            return None
        return (inside[-1][1] - inside[0][1]) / (inside[-1][0] - inside[0][0])

    def reaches(self, rate, begin):
        """Seconds from `begin` until the rate of a window is as high; None: never."""
        for moment, _ in self.samples:
            found = self.rate(moment, moment + WINDOW_SECONDS)
            if moment >= begin and found is not None and found >= rate:
                return moment - begin
        return None


def seconds_to_recover(server, cluster, load):
    """Restarts the database under the load that a command makes; the time from its being there again until
    the service is at 0.9 of its rate."""
    answers = Answers(server)
    with subprocess.Popen(load, stdout=subprocess.DEVNULL, cwd=os.path.dirname(__file__) + "/wrk") as wrk:
        try:
            time.sleep(2)
            answers.start()
            time.sleep(BEFORE_SECONDS)
            before = answers.rate(0, time.monotonic())
            cluster.end_server(signal.SIGINT)
            cluster.start_server()
            back = time.monotonic()
            time.sleep(AFTER_SECONDS)
            answers.is_over.set()
            answers.join()
        finally:
            wrk.kill()
    return answers.reaches(0.9 * before, back)
