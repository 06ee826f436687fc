#!/usr/bin/env python3
"""How many spans the console takes for a second of its processor's time, and how much room they take.

    python3 bench/spans.py [--octo build/src/app/octo] [--seconds 10] [--senders 8] [--forms protobuf,gzip,json]

The spans are real ones: a shop that is asked for all kinds of things sends them to this program first. Senders then
send them to a console over and over, 512 in a request, each time under new ids and at the present time, on as many
connections. A request counts when it is answered, which is when its spans are durable. What the senders cost is not
counted: the figure is the console's own processor time, user and system, of all its threads.
"""

import argparse
import contextlib
import gzip
import http.client
import http.server
import json
import os
import pathlib
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEY = "bench-key-0123456789abcdefghijklmnopqrstuvwxyz"
REQUEST_SPANS = 512
VISITS = 400
TICKS = os.sysconf("SC_CLK_TCK")
MIB = 1 << 20


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(octo, name, data, port, **environment):
    """A service until the end of the block, once it answers."""
    environment = {**os.environ, "OCTO_DATA_DIR": data, f"OCTO_{name.upper()}_PORT": str(port),
                   "INTERNAL_SERVICE_KEY": KEY, "BOOTSTRAP_ADMIN_PASSWORD": "correct-horse-battery", **environment}
    with subprocess.Popen([octo, name], env=environment, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        try:
            while process.poll() is None:
                with contextlib.suppress(OSError):
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                    connection.request("GET", "/health")
                    if connection.getresponse().status == 200:
                        break
                time.sleep(0.02)
            if process.poll() is not None:
                sys.exit(f"octo {name} did not start")
            yield process
        finally:
            process.terminate()


# ---- real spans ----

def record(octo, is_json):
    """Bodies of requests as a shop sends them."""
    bodies = []

    class Sink(http.server.BaseHTTPRequestHandler):
        """Takes all there is."""
        def do_POST(self):  # pylint: disable=invalid-name
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):  # pylint: disable=arguments-differ
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink) as sink, tempfile.TemporaryDirectory() as data:
        threading.Thread(target=sink.serve_forever, daemon=True).start()
        port = free_port()
        with running(octo, "shop", data, port, OCTO_LOG_LEVEL="error",
                     OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"http://127.0.0.1:{sink.server_port}/v1/traces",
                     OTEL_EXPORTER_OTLP_PROTOCOL="http/json" if is_json else "http/protobuf"):
            visit(port)
        sink.shutdown()
    return bodies


def visit(port):
    """Reads mostly, as shoppers do, and a purchase now and then."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for number in range(VISITS):
        if number % 10 == 9:
            body = json.dumps({"customer_name": "Ada", "customer_email": f"ada{number}@example.com",
                               "shipping_address": "1 Main Street",
                               "items": [{"product_id": 1 + number % 7, "quantity": 1}]})
            connection.request("POST", "/api/shop/checkout", body, {"Content-Type": "application/json"})
        else:
            connection.request("GET", ("/api/products", f"/api/products/{1 + number % 40}", "/api/cart")[number % 3])
        connection.getresponse().read()


# ---- as templates ----

def take_varint(body, at):
    value = shift = 0
    while True:
        byte = body[at]
        value |= (byte & 127) << shift
        at += 1
        shift += 7
        if byte < 128:
            return value, at


def fields(body, at, end):
    """(number, wire type, begin, end) of each field of a protobuf message."""
    while at < end:
        tag, at = take_varint(body, at)
        if tag & 7 == 2:
            length, at = take_varint(body, at)
        elif tag & 7 == 0:
            begin = at
            _, at = take_varint(body, at)
            at, length = begin, at - begin
        else:
            length = 8 if tag & 7 == 1 else 4
        yield tag >> 3, tag & 7, at, at + length
        at += length


class Template:
    """A request whose ids and times are put in anew each time it is sent. Ids keep what they have to do with each
    other: all are changed by one random number."""

    def __init__(self, body, is_json):
        self.body = body
        self.is_json = is_json
        self.ids, self.times, self.count = [], [], 0  # places: (begin, bytes, whether in hexadecimal), begin
        (self.find_in_json if is_json else self.find_in_protobuf)()
        traces = {self.body[begin:begin + size] if in_hex else self.body[begin:begin + size].hex().encode()
                  for begin, size, in_hex in self.ids if size == (32 if in_hex else 16)}
        if not is_json:  # in attributes, as text
            self.ids += [(found.start(), 32, True) for found in re.finditer(rb"[0-9a-f]{32}", body)
                         if found.group() in traces]
        else:
            known = {place[0] for place in self.ids}
            self.ids += [(found.start(), 32, True) for found in re.finditer(rb"(?<=\")[0-9a-f]{32}(?=\")", body)
                         if found.start() not in known and found.group() in traces]
        self.first_ns = min(self.time_at(begin) for begin in self.times)

    def find_in_protobuf(self):
        for _, _, begin, end in fields(self.body, 0, len(self.body)):
            for scope, _, begin2, end2 in fields(self.body, begin, end):
                for number, _, begin3, end3 in fields(self.body, begin2, end2) if scope == 2 else ():
                    if number == 2:
                        self.count += 1
                        for field, _, at, stop in fields(self.body, begin3, end3):
                            if field in (1, 2, 4):
                                self.ids.append((at, stop - at, False))
                            elif field in (7, 8):
                                self.times.append(at)

    def find_in_json(self):
        self.count = len(re.findall(rb'"startTimeUnixNano":', self.body))
        for found in re.finditer(rb'"(?:traceId|spanId|parentSpanId)":"([0-9a-f]+)"', self.body):
            self.ids.append((found.start(1), len(found.group(1)), True))
        self.times = [found.start(1) for found in re.finditer(rb'"(?:start|end)TimeUnixNano":"(\d{19})"', self.body)]

    def time_at(self, begin):
        if self.is_json:
            return int(self.body[begin:begin + 19])
        return int.from_bytes(self.body[begin:begin + 8], "little")

    def filled(self):
        out = bytearray(self.body)
        key = secrets.randbits(64)
        keys = {8: key, 16: key << 64 | key}
        shift = time.time_ns() - self.first_ns
        for begin, size, in_hex in self.ids:
            if in_hex:
                out[begin:begin + size] = b"%0*x" % (size, int(out[begin:begin + size], 16) ^ keys[size // 2])
            else:
                number = int.from_bytes(out[begin:begin + size], "big") ^ keys[size]
                out[begin:begin + size] = number.to_bytes(size, "big")
        for begin in self.times:
            now = self.time_at(begin) + shift
            size = 19 if self.is_json else 8
            out[begin:begin + size] = b"%d" % now if self.is_json else now.to_bytes(8, "little")
        return bytes(out)


# ---- sending ----

def used_seconds(pid):
    words = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / TICKS


def resident(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", text).group(1)) * 1024


class Load:
    """Senders that send until they are told to stop."""

    def __init__(self, port, bodies, headers, count):
        self.port, self.bodies, self.headers = port, bodies, headers
        self.taken = self.refused = 0
        self.is_over = False
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.send) for _ in range(count)]

    def send(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.is_over:
            with self.lock:
                body, spans = next(self.bodies)
            connection.request("POST", "/v1/traces", body, self.headers)
            answer = connection.getresponse()
            answer.read()
            with self.lock:
                self.taken += spans if answer.status == 200 else 0
                self.refused += answer.status != 200

    def run(self, seconds):
        for thread in self.threads:
            thread.start()
        time.sleep(seconds)
        self.is_over = True
        for thread in self.threads:
            thread.join()


def bodies_of(templates, is_packed):
    while True:
        for template in templates:
            body = template.filled()
            yield gzip.compress(body, 6) if is_packed else body, template.count


def measure(octo, form, options):
    is_json = form == "json"
    recorded = [Template(body, is_json) for body in record(octo, is_json)]
    templates = [template for template in recorded if template.count == REQUEST_SPANS] or recorded
    headers = {"Content-Type": "application/json" if is_json else "application/x-protobuf",
               **({"Content-Encoding": "gzip"} if form == "gzip" else {})}
    with tempfile.TemporaryDirectory(dir=ROOT / "build" if (ROOT / "build").is_dir() else None) as data:
        port, otlp_port = free_port(), free_port()
        with running(octo, "console", data, port, OCTO_OTLP_PORT=str(otlp_port)) as process:
            load = Load(otlp_port, bodies_of(templates, form == "gzip"), headers, options.senders)
            begun, used = time.monotonic(), used_seconds(process.pid)
            load.run(options.seconds)
            took, used = time.monotonic() - begun, used_seconds(process.pid) - used
            memory = resident(process.pid)
        size = sum(file.stat().st_size for file in pathlib.Path(data, "traces").iterdir())
    return {"form": form, "spans": load.taken, "refused": load.refused, "a_second": load.taken / took,
            "a_cpu_second": load.taken / used, "bytes_a_span": size / load.taken, "resident_mib": memory / MIB}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--octo", default=str(ROOT / "build/src/app/octo"))
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--senders", type=int, default=8)
    parser.add_argument("--forms", default="protobuf,gzip,json")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    options = parser.parse_args()
    for form in options.forms.split(","):
        row = measure(options.octo, form, options)
        print(json.dumps(row) if options.json else
              "{form:9} {a_cpu_second:9,.0f} spans a CPU second, {a_second:9,.0f} a second, "
              "{bytes_a_span:6.1f} bytes a span, "
              "{resident_mib:5.0f} MiB resident, {refused} of {spans} refused".format(**row), flush=True)


if __name__ == "__main__":
    main()
