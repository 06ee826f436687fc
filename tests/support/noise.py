"""Noisy neighbours: connections that send one request as fast as it is answered, from an address of their own, while
somebody else buys.

As a program it is the noise: noise.py PORT CONNECTIONS, the request on standard input; ends when it is told to, and then
prints how many were answered with which status, as JSON.
"""

import collections
import contextlib
import json
import re
import selectors
import signal
import socket
import subprocess
import sys
import time

NOISY = "127.0.0.66"  # every address of 127/8 is this machine's; others come from 127.0.0.1
LOUD_SECONDS = 3  # in which all connections have been answered twice, or will not be
LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n", re.IGNORECASE)


def open_requests(document):
    """What anybody may send to a service of this document: (name, bytes) of each route, streams left out."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            ways = operation["security"]
            if ways and {} not in ways or path.startswith("/api/events/"):
                continue
            content = operation.get("requestBody", {}).get("content", {})
            body = json.dumps(content["application/json"].get("example", {})) if content else ""
            target = re.sub(r"\{\w+\}", "1", path)
            head = [f"{method.upper()} {target} HTTP/1.1", "Host: noise", f"Content-Length: {len(body)}"]
            if body:
                head.append("Content-Type: application/json")
            yield f"{method.upper()} {path}", ("\r\n".join(head) + "\r\n\r\n" + body).encode()
    yield "GET /nothing", b"GET /nothing HTTP/1.1\r\nHost: noise\r\n\r\n"


class Connection:
    def __init__(self, selector, port):
        self.selector, self.port, self.seen = selector, port, b""
        self.socket = socket.socket()
        self.socket.bind((NOISY, 0))
        self.socket.settimeout(30)
        self.socket.connect(("127.0.0.1", port))
        selector.register(self.socket, selectors.EVENT_READ, self)

    def close(self):
        self.selector.unregister(self.socket)
        self.socket.close()

    def take(self):
        """The status of an answer that is whole now; None: there is more to come; 0: it was hung up."""
        got = self.socket.recv(1 << 18)
        if not got:
            return 0
        self.seen += got
        head, end, body = self.seen.partition(b"\r\n\r\n")
        length = LENGTH.search(head + b"\r\n")
        if not end or (length and len(body) < int(length[1])):
            return None
        self.seen = b""
        return int(head[9:12])


def make_noise(port, count, request):
    is_over, is_loud = [], False
    deadline = time.monotonic() + LOUD_SECONDS
    signal.signal(signal.SIGTERM, lambda *_: is_over.append(True))
    answered = collections.Counter()
    with selectors.DefaultSelector() as selector:
        for _ in range(count):
            with contextlib.suppress(OSError):
                Connection(selector, port).socket.sendall(request)
        while not is_over:
            if not is_loud and (answered.total() >= 2 * count or answered and time.monotonic() > deadline):
                is_loud = True
                print("noisy", flush=True)
            for key, _ in selector.select(0.2):
                try:
                    status = key.data.take()
                    if status is None:
                        continue
                    answered[status] += 1
                    if status == 0:
                        raise ConnectionResetError
                    key.data.socket.sendall(request)
                except OSError:  # hung up: another one takes its place
                    key.data.close()
                    with contextlib.suppress(OSError):
                        Connection(selector, port).socket.sendall(request)
    print(json.dumps(answered))


class Noise:
    """While it is entered, so many connections send the request; `answered` is by status, afterwards. It is loud from
    the beginning."""

    def __init__(self, port, connections, request):
        self.command = [sys.executable, __file__, str(port), str(connections)]
        self.request = request
        self.process = None
        self.answered = {}

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdin.write(self.request)
        self.process.stdin.close()
        if self.process.stdout.readline() != b"noisy\n":
            raise RuntimeError("no noise was made")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        with self.process.stdout as out:
            self.answered = json.loads(out.read() or "{}")
        self.process.wait()


def wait_until_quiet(service, patience=60):
    """Until all that the noise has asked for is answered: it was hung up, not taken back."""
    rule = re.compile(rb"^\w+_http_requests_in_flight ([0-9.]+)$", re.MULTILINE)
    deadline = time.monotonic() + patience
    with service.client() as client:
        while float(rule.search(client.get("/metrics").raw)[1]) > 1:  # this one
            if time.monotonic() > deadline:
                raise TimeoutError(f"{service.name} is not done with the noise")
            time.sleep(0.05)


def buy(client, times, body):
    """How long each purchase took in seconds, with its answer."""
    taken = []
    for _ in range(times):
        begun = time.monotonic()
        answer = client.post("/api/shop/checkout", body)
        taken.append((time.monotonic() - begun, answer))
    return taken


if __name__ == "__main__":
    make_noise(int(sys.argv[1]), int(sys.argv[2]), sys.stdin.buffer.read())
