"""The console: spans come in by OTLP as anybody sends them, and come out as traces; what is wrong is said as the
protocol wants it."""

import contextlib
import gzip
import http.client
import json
import os
import pathlib
import re
import select
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import unittest

from support.harness import (INTERNAL_KEY, IS_POSTGRES, OCTO, PASSWORD, PATIENT, Client, Instance, Service,
                             checkout_body, free_port, patience)
from support.small_disk import fill
from support.terminal import spawn

MIB = 1024 * 1024
TRACE = "0af7651916cd43dd8448eb211c80319c"
JSON, PROTOBUF = "application/json", "application/x-protobuf"


def field(number, payload):
    """A field of protobuf: bytes, or a number as a varint."""
    if isinstance(payload, bytes):
        return varint(number << 3 | 2) + varint(len(payload)) + payload
    return varint(number << 3) + varint(payload)


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytearray([value]))


def span(span_id="00000000000000a1", trace_id=TRACE, **members):
    now = time.time_ns()
    return {"traceId": trace_id, "spanId": span_id, "name": "GET /", "kind": 2, "startTimeUnixNano": str(now),
            "endTimeUnixNano": str(now + 1_000_000), **members}


def request(*spans, service="shop"):
    return {"resourceSpans": [{"resource": {"attributes": [attribute("service.name", service)]},
                               "scopeSpans": [{"spans": list(spans)}]}]}


def log_record(body="lost", **members):
    return {"timeUnixNano": str(time.time_ns()), "severityNumber": 13, "body": {"stringValue": body}, **members}


def logs(*records, service="shop"):
    return {"resourceLogs": [{"resource": {"attributes": [attribute("service.name", service)]},
                              "scopeLogs": [{"logRecords": list(records)}]}]}


def attribute(key, value):
    return {"key": key, "value": {"stringValue": value}}


def nested(depth):
    value = {"intValue": "1"}
    for _ in range(depth):
        value = {"arrayValue": {"values": [value]}}
    return value


class Console:
    """`octo console` over a directory of its own. A context manager."""

    def __init__(self, data=None, **environment):
        self.data = data or tempfile.mkdtemp(prefix="octo-console-")
        self.port, self.otlp_port = free_port(), free_port()
        self.environment = {**os.environ, "OCTO_DATA_DIR": self.data, "OCTO_CONSOLE_PORT": str(self.port),
                            "OCTO_OTLP_PORT": str(self.otlp_port), "INTERNAL_SERVICE_KEY": INTERNAL_KEY,
                            "BOOTSTRAP_ADMIN_PASSWORD": PASSWORD, **PATIENT, **environment}
        self.service = Service("console", self.data, self.port, self.environment)

    def __enter__(self):
        self.service.start()
        return self

    def __exit__(self, *_):
        self.service.kill()
        subprocess.run(["rm", "-rf", self.data], check=False)

    def send(self, body, kind=JSON, path="/v1/traces", **headers):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        with Client(self.otlp_port) as client:
            return client.call("POST", path, body, {"Content-Type": kind, **headers})

    def deliver(self, *what, **headers):
        """As senders do: what was answered with 503, as on a busy machine, comes again."""
        deadline = time.monotonic() + patience(60)
        while (answer := self.send(*what, **headers)).status == 503:
            assert time.monotonic() < deadline, answer
        return answer

    def ask(self, path):
        with self.service.client(internal=True) as client:
            return client.get(path)

    def octo(self, *arguments, **environment):
        return subprocess.run([OCTO, *arguments], env={**self.environment, **environment}, text=True,
                              capture_output=True, timeout=patience(60), check=False)

    def files(self):
        return sorted(pathlib.Path(self.data, "traces").glob("*.spans"))

    def sql(self, query):
        """Asked of all hours' files as if they were one: an hour may end while a test sends."""
        with contextlib.closing(sqlite3.connect(":memory:")) as all_hours:
            for number, path in enumerate(self.files()):
                all_hours.execute(f"ATTACH ? AS hour_{number}", (str(path),))
            for table in ("spans", "logs"):
                parts = " UNION ALL ".join(f"SELECT * FROM hour_{number}.{table}" for number in range(len(self.files())))
                all_hours.execute(f"CREATE TEMP VIEW {table} AS {parts}")
            return all_hours.execute(query).fetchall()

    def wait_for(self, is_so):
        deadline = time.monotonic() + patience(60)
        while time.monotonic() < deadline:
            found = is_so()
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError("waited in vain")


@unittest.skipIf(IS_POSTGRES, "of no database server")
class Answers(unittest.TestCase):
    """What a sender is told, in his own encoding."""

    def setUp(self):
        self.console = self.enterContext(Console())

    def assert_status(self, answer, status, words, code):
        """A google.rpc.Status."""
        self.assertEqual(answer.status, status, answer)
        if answer.headers["content-type"] == PROTOBUF:
            self.assertEqual(answer.raw[:2], field(1, code))
            text = answer.raw[2:].decode(errors="replace")
        else:
            self.assertEqual(answer.json["code"], code)
            text = answer.json["message"]
        self.assertRegex(text, words)

    def test_what_is_broken_is_refused_whole(self):
        whole = json.dumps(request(span())).encode()
        deep = request(span(attributes=[{"key": "k", "value": nested(17)}]))
        cases = (
            (b"{", JSON, {}, 400, r"byte 1\b", 3),
            (whole[:-1], JSON, {}, 400, r"byte \d+", 3),
            (whole + b"x", JSON, {}, 400, r"behind the message", 3),
            (b"[]", JSON, {}, 400, "an object is expected", 3),
            (b'{"resourceSpans":7}', JSON, {}, 400, "ResourceSpans|resourceSpans", 3),
            (json.dumps(deep).encode(), JSON, {}, 400, "nested too deep", 3),
            (b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xy"}]}]}]}', JSON, {}, 400, "traceId", 3),
            (b"\xff", PROTOBUF, {}, 400, r"byte \d+", 3),
            (b"\x0a\xff\xff\xff\xff\x0f", PROTOBUF, {}, 400, r"byte \d+", 3),
            (field(1, field(2, field(2, field(1, 7)))), PROTOBUF, {}, 400, "traceId|Span", 3),
            (field(1, field(2, field(2, field(5, b"\xff")))), PROTOBUF, {}, 400, "name|UTF-8", 3),
            (b"", JSON, {}, 400, "empty", 3),
            (b"no gzip", JSON, {"Content_Encoding": "gzip"}, 400, "gzip", 3),
            (gzip.compress(whole)[:-4], PROTOBUF, {"Content_Encoding": "gzip"}, 400, "gzip", 3),
            (gzip.compress(b"{"), JSON, {"Content_Encoding": "gzip"}, 400, r"byte 1\b", 3),
            (whole, JSON, {"Content_Encoding": "br"}, 415, "gzip", 3),
            (whole, "text/plain", {}, 415, "application/json", 3),
            (whole, "application/grpc", {}, 415, "application/x-protobuf", 3),
            (gzip.compress(bytes(65 * MIB)), PROTOBUF, {"Content_Encoding": "gzip"}, 413, "larger", 8),
        )
        for body, kind, headers, status, words, code in cases:
            with self.subTest(body=body[:60], kind=kind, headers=headers):
                self.assert_status(self.console.send(body, kind, **headers), status, words, code)
        self.assertEqual(self.console.files(), [])

    def test_a_body_past_the_limit_is_not_waited_for(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.console.otlp_port, timeout=patience(30))
        self.addCleanup(connection.close)
        connection.putrequest("POST", "/v1/traces")
        connection.putheader("Content-Type", PROTOBUF)
        connection.putheader("Content-Length", str(65 * MIB))
        connection.endheaders()
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.read()[:2]), (413, field(1, 8)))

    def test_other_paths_and_methods(self):
        with Client(self.console.otlp_port) as client:
            self.assert_status(client.post("/v1/profiles"), 404, "no such page", 5)
            self.assert_status(client.get("/v1/traces"), 405, "method", 12)

    def test_what_is_whole_is_taken(self):
        minimal = field(1, field(2, field(2, field(1, bytes.fromhex(TRACE)) + field(2, bytes(7) + b"\1"))))
        for number, (body, kind, headers, answered) in enumerate((
                (request(span("00000000000000b1")), JSON, {}, b"{}"),
                (gzip.compress(json.dumps(request(span("00000000000000b2"))).encode()), JSON,
                 {"Content_Encoding": "gzip"}, b"{}"),
                (request(span("00000000000000b3")), "application/json; charset=utf-8", {}, b"{}"),
                (minimal, PROTOBUF, {}, b""),
                (b"{}", JSON, {}, b"{}"),
                (b'{"resourceSpans":[],"more":{"a":[1]}}', JSON, {}, b"{}"))):
            with self.subTest(number=number):
                answer = self.console.deliver(body, kind, **headers)
                self.assertEqual((answer.status, answer.raw), (200, answered))
                self.assertEqual(answer.headers["content-type"], PROTOBUF if kind == PROTOBUF else JSON)
        self.assertEqual(self.console.sql("SELECT count(*) FROM spans"), [(4,)])

    def test_a_bad_span_spares_the_others(self):
        good = span()  # the same one each time: another hour's would be another
        for bad in (span("00"), span("0" * 16), span(trace_id="0" * 32), span(trace_id="00"), span(parentSpanId="ab")):
            answer = self.console.send(request(good, bad))
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.json["partialSuccess"]["rejectedSpans"], "1")
            self.assertRegex(answer.json["partialSuccess"]["errorMessage"], "^span 2: its ")
        broken = field(1, field(2, field(2, field(1, b"\1"))))
        answer = self.console.send(broken, PROTOBUF)
        self.assertEqual((answer.status, answer.raw[:1]), (200, b"\x0a"))
        self.assertIn(b"traceId is not 16 bytes", answer.raw)
        self.assertEqual(self.console.sql("SELECT count(*) FROM spans"), [(1,)])

    def test_log_records_are_taken_as_spans_are(self):
        one = log_record(traceId=TRACE, spanId="00000000000000a1", attributes=[attribute("k", "v")])
        packed = gzip.compress(json.dumps(logs(one)).encode())
        minimal = field(1, field(2, field(2, field(5, field(1, b"of protobuf")))))
        cases = ((logs(one), JSON, {}, 200, b"{}"), (packed, JSON, {"Content_Encoding": "gzip"}, 200, b"{}"),
                 (minimal, PROTOBUF, {}, 200, b""), (b"{", JSON, {}, 400, "byte 1"),
                 (b"{}", "text/plain", {}, 415, "json"),
                 (field(1, field(2, field(2, field(3, b"\xff")))), PROTOBUF, {}, 400, "severityText"),
                 (gzip.compress(bytes(65 * MIB)), PROTOBUF, {"Content_Encoding": "gzip"}, 413, "larger"))
        for body, kind, headers, status, said in cases:
            with self.subTest(body=body[:60] if isinstance(body, bytes) else body, kind=kind):
                answer = self.console.deliver(body, kind, "/v1/logs", **headers)
                if status == 200:
                    self.assertEqual((answer.status, answer.raw), (status, said))
                else:
                    self.assert_status(answer, status, said, {400: 3, 413: 8, 415: 3}[status])
        answer = self.console.send(logs(log_record("kept"), log_record(traceId="ab")), path="/v1/logs")
        self.assertEqual(answer.json["partialSuccess"], {
            "rejectedLogRecords": "1", "errorMessage": "log record 2: its traceId is not 16 bytes long"})
        self.assertEqual(self.console.sql("SELECT body, severity, attributes FROM logs ORDER BY body"),
                         [("kept", "warn", "{}"), ("lost", "warn", '{"k":"v"}'), ("of protobuf", "unspecified", "{}")])

    def test_metrics_are_taken_as_spans_are(self):
        def metrics(*points):
            metric = {"name": "m", "gauge": {"dataPoints": points}}
            return {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}

        one = {"timeUnixNano": str(time.time_ns()), "asDouble": 1.5}
        minimal = field(1, field(2, field(2, field(1, b"n"))))
        cases = ((metrics(one), JSON, {}, 200, b"{}"), (minimal, PROTOBUF, {}, 200, b""),
                 (b"{", JSON, {}, 400, "byte 1"), (b"{}", "text/plain", {}, 415, "json"),
                 (field(1, field(2, field(2, field(1, b"\xff")))), PROTOBUF, {}, 400, "name"),
                 (gzip.compress(bytes(65 * MIB)), PROTOBUF, {"Content_Encoding": "gzip"}, 413, "larger"))
        for body, kind, headers, status, said in cases:
            with self.subTest(body=body[:60] if isinstance(body, bytes) else body, kind=kind):
                answer = self.console.send(body, kind, "/v1/metrics", **headers)
                if status == 200:
                    self.assertEqual((answer.status, answer.raw), (status, said))
                else:
                    self.assert_status(answer, status, said, {400: 3, 413: 8, 415: 3}[status])
        answer = self.console.send(metrics(one, {"asDouble": 1}), path="/v1/metrics")
        self.assertEqual(answer.json["partialSuccess"]["rejectedDataPoints"], "1")
        self.assertRegex(answer.json["partialSuccess"]["errorMessage"], "^point 2: its time is none")
        with contextlib.closing(sqlite3.connect(pathlib.Path(self.console.data, "traces", "metrics.db"))) as file:
            self.assertEqual(file.execute("SELECT length_s, samples, total, latest FROM points").fetchall(),
                             [(60, 1, 1.5, 1.5), (3600, 1, 1.5, 1.5)])

    def test_too_many_attributes_are_said(self):
        answer = self.console.send(request(span(attributes=[attribute(f"k{i}", "v") for i in range(130)])))
        self.assertEqual(answer.json["partialSuccess"],
                         {"rejectedSpans": "0", "errorMessage": "span 1: attributes past 128 were dropped"})

    def test_while_the_disk_lags_others_are_told_to_wait(self):
        """Somebody else holds the file's write lock, which is as good as a disk that stands still."""
        late = request(span())  # of the hour whose file is held, also when another has begun
        self.assertEqual(self.console.send(late).status, 200)
        with contextlib.closing(sqlite3.connect(self.console.files()[-1], isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answers, senders = [], []

            def another():
                senders.append(threading.Thread(target=lambda: answers.append(self.console.send(late))))
                senders[-1].start()
                return any(answer.status == 429 for answer in answers)

            self.console.wait_for(another)
            for sender in senders:
                sender.join()
            refused = next(answer for answer in answers if answer.status == 429)
            self.assert_status(refused, 429, "disk lags", 8)
            self.assertEqual(refused.headers["retry-after"], "1")
            ended = next(answer for answer in answers if answer.status == 503)
            self.assert_status(ended, 503, ".", 14)
            self.assertIn("retry-after", ended.headers)
        self.console.wait_for(lambda: self.console.send(request(span("00000000000000b3"))).status == 200)
        self.assertEqual(self.console.sql("SELECT count(*) FROM spans WHERE span_id = '00000000000000b3'"), [(1,)])


@unittest.skipIf(IS_POSTGRES, "of no database server")
class Places(unittest.TestCase):
    """Of those at the port for spans an address has a share: 127.0.0.2 and so on are strangers."""

    def setUp(self):
        self.console = self.enterContext(Console(OCTO_CONNECTIONS_PER_ADDRESS="4", OCTO_BUDGET_EXEMPT="127.0.0.1"))

    def connect(self, source, says=b""):
        connection = self.enterContext(socket.create_connection(
            ("127.0.0.1", self.console.otlp_port), timeout=patience(30), source_address=(source, 0)))
        connection.sendall(says)
        return connection

    def assert_let_in(self, source):
        with Client(self.console.otlp_port, source=source) as client:
            self.assertEqual(client.post("/v1/traces", request(span())).status, 200)

    def test_one_address_has_not_all_connections(self):
        for _ in range(4):
            self.connect("127.0.0.2", b"POST /v1/traces HTTP/1.1\r\nHost: x\r\n")
        self.assertRegex(self.connect("127.0.0.2").recv(65536), rb"^HTTP/1\.1 429 ")
        for other in ("127.0.0.1", "127.0.0.3"):
            self.assert_let_in(other)

    def test_one_address_keeps_few_bodies_waiting(self):
        half = b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        waiting = [self.connect("127.0.0.2", half) for _ in range(3)]
        refused = select.select(waiting, [], [], patience(30))[0]
        self.assertEqual(len(refused), 1)
        answer = refused[0].recv(65536)
        self.assertRegex(answer, rb"^HTTP/1\.1 429 ")
        self.assertRegex(answer, rb'"code":8\b[^}]*bodies')
        self.assert_let_in("127.0.0.3")


@unittest.skipIf(IS_POSTGRES, "of no database server")
class Retention(unittest.TestCase):
    def at(self, hours_ago, number, **members):
        start = time.time_ns() - hours_ago * 3600 * 10 ** 9
        return span(trace_id=f"{number:032x}", startTimeUnixNano=str(start), endTimeUnixNano=str(start + 10 ** 6), **members)

    def test_who_is_noisy_loses_his_oldest_and_nobody_else_anything(self):
        console = self.enterContext(Console(CONSOLE_KEEP_MB="16"))
        for hours_ago in (2, 3):
            self.assertEqual(console.deliver(request(self.at(hours_ago, hours_ago), service="quiet")).status, 200)
            for number in range(4):
                noise = [self.at(hours_ago, 1000 * hours_ago + 100 * number + one, attributes=[attribute("k", f"{one}" + "n" * 30000)])
                         for one in range(100)]
                self.assertEqual(console.deliver(request(*noise, service="noisy")).status, 200)
        self.assertEqual(console.ask("/api/statements").status, 200)  # all is summed up now
        console.service.kill()
        console.service.start()

        def told():
            senders = {one["service"]: one for one in console.ask("/api/retention").json["senders"]}
            return senders if senders["noisy"]["dropped_spans"] else None
        senders = console.wait_for(told)
        self.assertEqual((senders["noisy"]["spans"], senders["noisy"]["dropped_spans"]), (400, 400))
        self.assertEqual((senders["quiet"]["spans"], senders["quiet"]["dropped_spans"], senders["quiet"]["dropped_until"]), (2, 0, None))
        self.assertLess(senders["quiet"]["since"], senders["noisy"]["since"])
        self.assertEqual(senders["noisy"]["dropped_until"], senders["noisy"]["since"])
        for number, status in ((2, 200), (3, 200), (2000, 200), (3000, 404)):
            self.assertEqual(console.ask(f"/api/traces/{number:032x}").status, status, number)
        shown = console.octo("retention").stdout
        self.assertRegex(shown, r"(?s)MiB of 16, for 7 days at most, since .*SPANS GONE.*\nnoisy +\S+ \S+ +400 .* 400 .*\nquiet ")
        self.assertEqual(json.loads(console.octo("retention", "--json").stdout)["keep_days"], 7)


@unittest.skipIf(IS_POSTGRES, "of no database server")
class Disk(unittest.TestCase):
    def test_full_disk_stores_nothing_and_says_so(self):
        data = self.enterContext(tempfile.TemporaryDirectory())
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8M,mode=700", "tmpfs", data],
                               capture_output=True, text=True, check=False)
        if mount.returncode != 0:
            self.skipTest(f"no file system can be mounted here: {mount.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", data], check=True)
        console = Console(data)
        self.addCleanup(console.service.kill)
        console.service.start()
        self.assertEqual(console.send(request(span("f" * 16))).status, 200)
        filler = fill(data)
        many = request(*(span(f"{i:016x}", attributes=[attribute("k", f"{i}" * 200)]) for i in range(1, 400)))
        answer = console.send(many)
        self.assertEqual(answer.status, 503, answer)
        filler.unlink()
        self.assertEqual(console.send(many).status, 200)
        self.assertEqual(console.sql("SELECT count(*), count(DISTINCT span_id) FROM spans"), [(400, 400)])


@unittest.skipIf(IS_POSTGRES, "of no database server")
class Questions(unittest.TestCase):
    def setUp(self):
        self.console = self.enterContext(Console())

    def test_without_the_key_nothing_is_shown(self):
        with self.console.service.client() as client:
            for path in ("/api/traces", f"/api/traces/{TRACE}"):
                self.assertEqual(client.get(path).status, 401)

    def test_what_cannot_be_asked_is_named(self):
        for query, name in (("limit=0", "limit"), ("limit=x", "limit"), ("sort=oldest", "sort"),
                            ("status=bad", "status"),
                            ("min_ms=-1", "min_ms"), ("min_ms=5&max_ms=4", "max_ms"), ("since=yesterday", "since"),
                            ("since=2026-01-02&until=2026-01-01", "until"), ("cursor=x", "cursor"),
                            ("http_status=99", "http_status"), ("sql_id=%27", "sql_id"), ("span=all", "span")):
            with self.subTest(query=query):
                answer = self.console.ask(f"/api/traces?{query}")
                self.assertEqual(answer.status, 422, answer)
                self.assertEqual(answer.json["errors"][0]["pointer"], name)
        for trace in ("xy", TRACE.upper(), "0" * 32, TRACE + "0"):
            self.assertEqual(self.console.ask(f"/api/traces/{trace}").json["errors"][0]["pointer"], "trace_id")
        answer = self.console.ask(f"/api/traces/{TRACE}")
        self.assertEqual((answer.status, answer.json["detail"]), (404, f"no span of the trace {TRACE} is stored"))

    def test_an_attribute_is_told_of_each_trace(self):
        """Of the entry span, or of who recorded it, as text; an hour apart, and by a page."""
        hour = 3600 * 10 ** 9
        for number, value in enumerate(({"stringValue": "red"}, {"intValue": "7"}, {"boolValue": True}, None)):
            start = time.time_ns() - (number % 2) * hour
            attributes = [] if value is None else [{"key": "drone.x", "value": value}, {"key": "plain", "value": value}]
            self.console.send(request(span(trace_id=f"{number + 1:032x}", startTimeUnixNano=str(start), endTimeUnixNano=str(start + 10 ** 6),
                                           attributes=attributes)))
        def told(column):
            traces = self.console.ask(f"/api/traces?column={column}").json["traces"]
            return {int(entry["trace_id"], 16): entry["column"] for entry in traces}
        self.assertEqual(told("drone.x"), {1: "red", 2: "7", 3: "true", 4: None})
        self.assertEqual(told("span.plain"), told("drone.x"))
        self.assertEqual(set(told("resource.service.name").values()), {"shop"})
        self.assertEqual(set(told("nobody.has.it").values()) | set(told("").values()), {None})

    def test_a_cursor_is_of_its_order(self):
        for number in range(3):
            self.console.send(request(span(trace_id=f"{number + 1:032x}")))
        page = self.console.ask("/api/traces?limit=2").json
        self.assertEqual((len(page["traces"]), page["total"]), (2, 3))
        rest = self.console.ask(f"/api/traces?limit=2&cursor={page['next_cursor']}").json
        self.assertEqual((len(rest["traces"]), rest["total"], rest["next_cursor"]), (1, 3, None))
        self.assertEqual({entry["trace_id"] for entry in page["traces"] + rest["traces"]},
                         {f"{number + 1:032x}" for number in range(3)})
        wrong = self.console.ask(f"/api/traces?sort=slowest&cursor={page['next_cursor']}")
        self.assertEqual(wrong.json["errors"][0]["pointer"], "cursor")

    def test_attributes_are_those_of_the_view(self):
        """Whatever they are: the file keeps them in parts, which are put together twice (spans of sql/store/schema)."""
        odd = [{"key": "a \"b\" \\ \u202e", "value": {"stringValue": "x\n\"y\" \\ \x7f\U0001f680"}}, {"key": "", "value": {"stringValue": ""}},
               {"key": "list", "value": {"arrayValue": {"values": [{"intValue": "1"}, {"stringValue": "a,]"}]}}},
               {"key": "object", "value": {"kvlistValue": {"values": [{"key": "k", "value": {"boolValue": True}}]}}},
               {"key": "real", "value": {"doubleValue": 0.25}}, {"key": "none", "value": {}}, {"key": "no", "value": {"boolValue": False}},
               {"key": "most", "value": {"intValue": "9223372036854775807"}}, attribute("correlation.id", TRACE)]
        sql = [attribute("DbOracleSqlId", "a1xbxtm9g2j9q"), attribute("db.query.summary", "odd"), attribute("db.query.text", "SELECT \"x\"\n-- \\")]
        for ids in (range(1, 4), range(4, 7)):  # in the second a value that came before is one that comes again
            self.console.send(request(*(span(f"{at:016x}", kind=3, attributes=odd + sql + [attribute("own", f"{at}")]) for at in ids)))
        self.console.send(request(span(f"{7:016x}")))
        seen = {one["span_id"]: one["attributes"] for one in self.console.ask(f"/api/traces/{TRACE}").json["spans"]}
        kept = {span_id: json.loads(text) for span_id, text in
                self.console.sql(f"SELECT span_id, attributes FROM spans WHERE trace_id = '{TRACE}'")}
        self.assertEqual(seen, kept)
        self.assertEqual(seen[f"{7:016x}"], {})
        self.assertEqual((seen[f"{6:016x}"]["own"], seen[f"{6:016x}"]["db.query.text"], seen[f"{6:016x}"]["most"]),
                         ("6", "SELECT \"x\"\n-- \\", 9223372036854775807))

    def test_a_trace_tells_what_was_logged(self):
        now = time.time_ns()
        inner = span("00000000000000a2", parentSpanId="00000000000000a1", name="inner", startTimeUnixNano=str(now),
                     endTimeUnixNano=str(now + 10**6))
        self.console.send(request(span(startTimeUnixNano=str(now), endTimeUnixNano=str(now + 10**9)), inner))
        self.console.send(logs(log_record("by name", traceId=TRACE, spanId="00000000000000a2", timeUnixNano=str(now)),
                               log_record("\033[2Jby time", traceId=TRACE, timeUnixNano=str(now + 2 * 10**6)),
                               log_record("long after", traceId=TRACE, timeUnixNano=str(now + 2 * 10**9)),
                               log_record("of no trace")), path="/v1/logs")
        told = self.console.ask(f"/api/traces/{TRACE}").json
        self.assertEqual([(one["body"], one["at_span_id"], one["severity"]) for one in told["logs"]],
                         [("by name", "00000000000000a2", "warn"), ("\033[2Jby time", "00000000000000a1", "warn"),
                          ("long after", None, "warn")])
        self.assertFalse(told["has_more_logs"])
        shown = self.console.octo("trace", TRACE, LC_ALL="C").stdout
        self.assertRegex(shown, r"(?s)GET /.*\n *- 2\.00 ms warn: \?\[2Jby time .*\n *inner .*\n *- 0 us warn: by name "
                                r".*Logged beside these spans:\n- 2\.00 s warn: long after ")

    def test_odd_names_move_no_cursor(self):
        self.console.send(request(span(name="GET /\x1b[2J\x9b2J\n", attributes=[attribute("k", "\x1b")])))
        shown = self.console.octo("trace", "last").stdout
        self.assertNotRegex(shown, r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
        self.assertIn("GET /?[2J?2J?", shown)
        self.assertIn("GET /?[2J?2J?", self.console.octo("traces").stdout)

    def test_what_failed_is_red_on_a_terminal(self):
        self.console.send(request(span(status={"code": 2})))
        environment = {**self.console.environment, "TERM": "xterm", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        environment.pop("NO_COLOR", None)
        pid, terminal, _ = spawn([OCTO, "trace", "last"], environment)
        seen = b""
        with contextlib.suppress(OSError):  # the end, on a terminal
            while True:
                piece = os.read(terminal, 4096)
                seen += piece
                if not piece:
                    break
        os.waitpid(pid, 0)
        os.close(terminal)
        self.assertIn("\x1b[31m█".encode(), seen)
        self.assertNotIn("\x1b", self.console.octo("trace", "last", TERM="xterm").stdout)

    def test_usage(self):
        for arguments, code, words in ((["trace"], 2, "last"), (["trace", "xyz"], 2, "32 hexadecimal digits"),
                                       (["trace", TRACE], 1, "no span of the trace"),
                                       (["trace", "last"], 1, "no trace"),
                                       (["traces", "--limit", "0"], 1, "limit"), (["traces", "--limit"], 2, "value")):
            done = self.console.octo(*arguments)
            self.assertEqual(done.returncode, code, done)
            self.assertIn(words, done.stderr)
        self.console.service.stop()
        with tempfile.TemporaryDirectory() as data:
            done = subprocess.run([OCTO, "trace", "last", "--data", data], text=True, capture_output=True, check=False,
                                  env={name: value for name, value in self.console.environment.items()
                                       if not name.startswith(("OCTO_CONSOLE", "OCTO_DATA"))})
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"no console runs over {data}: start it with octo up", done.stderr)


class Whole(unittest.TestCase):
    """From the shop to the waterfall."""

    def test_a_purchase_is_one_trace_of_two_services(self):
        with Console() as console, Instance(
                OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{console.otlp_port}", OTEL_METRIC_EXPORT_INTERVAL="500",
                OTEL_BSP_SCHEDULE_DELAY="50", OCTO_PUSH_ORDERS="true",
                OCTO_TRACE_LOG=f"{console.data}/spans.jsonl") as instance:
            with instance.shop.client() as client:
                bought = client.post("/api/shop/checkout", checkout_body())
                self.assertEqual(bought.status, 200)
            trace = bought.headers["x-trace-id"]
            self.is_whole(console, trace)
            self.assert_pools(console)
            instance.shop.stop()
            instance.crm.stop()
            self.assert_as_in_the_file(console, trace)
            self.assert_found(console, trace)
            self.assert_readable(console, trace)
            self.assert_matched(console)

    def is_whole(self, console, trace):
        """All of it has come, and of the CRM what the push made there."""
        def look():
            answer = console.ask(f"/api/traces/{trace}")
            services = {one["service"] for one in answer.json.get("spans", ())}
            return len(services) == 2 and not answer.json["missing_parents"]
        console.wait_for(look)

    def assert_pools(self, console):
        """The four pools of both services, with what they may have together; a server's observers come on top."""
        pools = [("enterprise-crm-portal", "auth", 15), ("enterprise-crm-portal", "main", 30),
                 ("octo-drone-shop", "events", 15), ("octo-drone-shop", "main", 15)]
        if IS_POSTGRES:
            pools = sorted(pools + [(service, "observer", 1) for service in ("enterprise-crm-portal", "octo-drone-shop")])
        together = sum(limit for *_, limit in pools)
        def look():
            hub = console.ask("/api/hub").json
            return hub if hub["pool_limit"] == together else None
        hub = console.wait_for(look)
        self.assertEqual([(pool["service"], pool["name"], pool["limit"]) for pool in hub["pools"]], pools)
        for pool in hub["pools"]:
            self.assertTrue(pool["points"])
            self.assertLessEqual(pool["used_mean"], pool["used_most"])
            self.assertLessEqual(pool["used_most"], pool["limit"])
        shown = console.octo("hub").stdout
        self.assertRegex(shown, rf"(?s)pools, {together} sessions together at most\n.*enterprise-crm-portal main +30 ")

    def assert_as_in_the_file(self, console, trace):
        """Attribute by attribute what the services wrote into their file of spans."""
        lines = [json.loads(line) for line in pathlib.Path(console.data, "spans.jsonl").read_text().splitlines()]
        written = {line["span_id"]: line for line in lines if line["trace_id"] == trace}
        shown = {one["span_id"]: one for one in console.ask(f"/api/traces/{trace}").json["spans"]}
        self.assertGreater(len(written), 20)
        self.assertEqual(shown.keys(), written.keys())
        for span_id, line in written.items():
            self.assertEqual(shown[span_id]["attributes"], line["attributes"])
            self.assertEqual((shown[span_id]["name"], shown[span_id]["parent_span_id"]),
                             (line["name"], line["parent_span_id"] or None))

    def assert_found(self, console, trace):
        found = console.ask(f"/api/traces/{trace}").json
        self.assertEqual(found["duration_ns"], max(one["offset_ns"] + one["duration_ns"] for one in found["spans"]))
        self.assertEqual(sum(one["critical_ns"] for one in found["spans"]), found["spans"][0]["duration_ns"])
        statement = next(one for one in found["spans"] if one["statement"] == "order_insert")
        for query in ("", "service=enterprise-crm-portal&route=/api/orders", "route=POST%20/api/shop/checkout",
                      f"sql_id={statement['sql_id']}", "http_status=200", "status=ok", "sort=slowest"):
            with self.subTest(query=query):
                listed = console.ask(f"/api/traces?{query}").json["traces"]
                self.assertIn(trace, [entry["trace_id"] for entry in listed])
        for query in ("service=nobody", "http_status=404", "status=error", f"sql_id={'a' * 13}", "until=2001-01-01"):
            self.assertEqual(console.ask(f"/api/traces?{query}").json["traces"], [], query)
        self.assertEqual(json.loads(console.octo("trace", trace, "--json").stdout), found)

    def assert_matched(self, console):
        """Each statement of both services has its SQL_ID, its tags and its trace."""
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
        found = console.ask(f"/api/match?to={soon}").json
        self.assertEqual(found["mismatches"], [])
        self.assertEqual(set(found["all"].values()), {found["all"]["spans"]})
        self.assertEqual([one["service"] for one in found["services"]], ["enterprise-crm-portal", "octo-drone-shop"])
        self.assertTrue(all(one["spans"] > 20 for one in found["services"]), found["services"])
        self.assertEqual([(one["service"], one["is_off"]) for one in found["clocks"]],
                         [("enterprise-crm-portal", False)])

    def assert_readable(self, console, trace):
        for columns in (80, 160):
            for language in ("C", "C.UTF-8"):
                done = console.octo("trace", trace, COLUMNS=str(columns), LC_ALL=language)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                lines = done.stdout.splitlines()
                self.assertLessEqual(max(map(len, lines)), columns)
                self.assertEqual(done.stdout.isascii(), language == "C")
                self.assertRegex(lines[0], r"^POST /api/shop/checkout  ")
                self.assertTrue(lines[1].startswith(trace))
                self.assertTrue(any(re.match(r" +order_insert +", line) for line in lines))
                self.assertTrue(any("enterprise-crm-portal" in line for line in lines))
        last = console.octo("trace", "last")
        self.assertEqual(last.returncode, 0)
        self.assertIn(trace, console.octo("traces", "--route", "/api/shop/checkout").stdout)

    def test_after_a_kill_what_was_acknowledged_is_there(self):
        with Console() as console:
            for number in range(1, 40):
                self.assertEqual(console.send(request(span(f"{number:016x}"))).status, 200)
            console.service.kill()
            console.service.start()
            self.assertEqual(console.ask(f"/api/traces/{TRACE}").json["span_count"], 39)


@unittest.skipIf(IS_POSTGRES, "of no database server")
class Up(unittest.TestCase):
    """octo up, and what it does about ports."""

    @contextlib.contextmanager
    def up(self, *arguments):
        with tempfile.TemporaryDirectory() as data:
            command = [OCTO, "up", "--data", data, "--shop-port", "0", "--crm-port", "0", "--console-port", "0",
                       *arguments]
            environment = {name: value for name, value in os.environ.items() if not name.startswith(("OCTO_", "OTEL_"))}
            with subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT) as process:
                try:
                    yield data, process
                finally:
                    process.send_signal(signal.SIGINT)
                    process.stdout.read()

    def printed(self, process):
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Ctrl-C stops"):
                break
        return "".join(lines)

    def test_services_send_to_the_console(self):
        with self.up("--otlp-port", "0") as (data, process):
            printed = self.printed(process)
            self.assertTrue(printed.endswith("Ctrl-C stops all.\n"), printed)
            shop = int(re.search(r"Drone Shop +http://127\.0\.0\.1:(\d+)", printed).group(1))
            with Client(shop) as client:
                trace = client.get("/api/products/7").headers["x-trace-id"]
            deadline = time.monotonic() + patience(60)
            done = None
            while time.monotonic() < deadline and (done is None or trace not in done.stdout):
                done = subprocess.run([OCTO, "trace", "last", "--data", data], text=True, capture_output=True,
                                      check=False)
            self.assertEqual(done.returncode, 0, done)
            self.assertIn(trace, done.stdout)
            self.assertIn("GET /api/products/{product_id}", done.stdout)
            self.assert_logged(data, deadline)

    def assert_logged(self, data, deadline):
        """That both services listen, in their words, as rows."""
        told = set()
        while time.monotonic() < deadline and len(told) < 2:
            for path in pathlib.Path(data, "traces").glob("*.spans"):
                with contextlib.closing(sqlite3.connect(path)) as file:
                    told |= set(file.execute("SELECT service FROM logs WHERE body = 'listening'"))
        self.assertEqual(told, {("octo-drone-shop",), ("enterprise-crm-portal",)})

    def test_shoppers_come_along_and_leave_with_the_services(self):
        with self.up("--otlp-port", "0", "--traffic") as (data, process):
            printed = self.printed(process)
            self.assertIn("Shoppers who are made up come to the shop.\n", printed)
            ask = [OCTO, "traces", "--data", data, "--service", "octo-drone-shop", "--json"]
            deadline = time.monotonic() + patience(60)
            total = 0
            while time.monotonic() < deadline and total < 3:
                done = subprocess.run(ask, text=True, capture_output=True, check=False)
                total = json.loads(done.stdout)["total"] if done.returncode == 0 else 0
            self.assertGreaterEqual(total, 3)
            guests = self.children(process.pid, "traffic")
            self.assertEqual(len(guests), 1)
        self.assertEqual(process.wait(patience(60)), 0)
        self.assertFalse(pathlib.Path("/proc", guests[0]).exists())

    def children(self, parent, command):
        """Those that run this command of octo's, by their numbers."""
        numbers = pathlib.Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return [number for number in numbers
                if pathlib.Path(f"/proc/{number}/cmdline").read_text().split("\0")[1] == command]

    def test_a_port_that_was_named_is_taken(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            with self.up("--otlp-port", str(port)) as (_, process):
                self.assertEqual(process.stdout.read(),
                                 f"octo up: port {port} is taken, choose another with --otlp-port\n")
                self.assertEqual(process.wait(patience(60)), 1)


if __name__ == "__main__":
    unittest.main()
