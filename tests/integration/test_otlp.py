"""Spans by OTLP: what receivers get is what the file of spans has, attribute by attribute, by whoever reads it; a
receiver that is gone, silent or busy holds nobody up, what it lost is counted, and what comes later arrives."""

import collections
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time
import unittest

from support.harness import OCTO, Instance, checkout_body, in_parallel, patience, scaled
from support.otlp_judges import fields_of_node, fields_of_ours, node_reads, protoc_prints, protoc_reads
from support.otlp_receiver import (Receiver, attributes_of, lines_of, lines_of_json, records_of, samples_of,
                                   samples_of_page)

KEY = "data-key-of-a-test"
WAITING = re.compile(r"(?m)^otel_sdk_(?:processor_span_queue_size|exporter_span_inflight)(?:\{.*\})? (?!0$)\S+$")
REQUESTS = scaled(200)


def by_id(spans):
    """Each span once, by its id."""
    found = {span["span_id"]: span for span in spans}
    if len(found) != len(spans):
        raise AssertionError(f"{len(spans) - len(found)} spans arrived twice")
    return found


def service_of(resources):
    return attributes_of(resources[0]["resource"])["service.name"]


class Spans(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="octo-otlp-"))
        self.trace_log = pathlib.Path(folder) / "spans.jsonl"

    def instance(self, **environment):
        """A busy receiver is waited for: what was sent once more would arrive twice."""
        return self.enterContext(Instance(OCTO_TRACE_LOG=str(self.trace_log), OTEL_BSP_SCHEDULE_DELAY="100",
                                          OTEL_EXPORTER_OTLP_TIMEOUT="240000", **environment))

    def buy_and_sync(self, instance):
        """Requests of many kinds: reads, writes, a refused one, a call from one service to the other."""
        with instance.shop.client() as shop, instance.crm.client(internal=True) as crm:
            for number in range(1, 20):
                shop.get(f"/api/products/{number}")
            self.assertEqual(shop.post("/api/shop/checkout", checkout_body("Zoë@example.com")).status, 200)
            self.assertEqual(shop.post("/api/shop/checkout", {"items": []}).status, 422)
            self.assertEqual(crm.post("/api/orders/sync").status, 200)
            crm.get("/api/customers?limit=5")

    def stop(self, instance):
        """When nothing waits to be sent: at its end a service has a few seconds for that."""
        for service in (instance.shop, instance.crm):
            deadline = time.monotonic() + patience(60)
            with service.client(internal=True) as client:
                while any(WAITING.findall(client.get("/metrics").raw.decode())):
                    self.assertLess(time.monotonic(), deadline, service.log())
                    time.sleep(0.05)
            self.assertEqual(service.stop(), 0)

    def written(self):
        return by_id([json.loads(line) for line in self.trace_log.read_text(encoding="utf-8").splitlines()])

    def assert_same(self, received):
        written = self.written()
        self.assertGreater(len(written), 60)
        self.assertEqual(received.keys(), written.keys())
        for span, line in written.items():
            self.assertEqual(received[span], line)

    def test_json_packed_to_two_receivers(self):
        with Receiver() as one, Receiver() as apm:
            instance = self.instance(
                OTEL_EXPORTER_OTLP_ENDPOINT=one.url, OTEL_EXPORTER_OTLP_PROTOCOL="http/json",
                OTEL_EXPORTER_OTLP_COMPRESSION="gzip", OTEL_EXPORTER_OTLP_HEADERS="x-tenant=octo%20test",
                OCI_APM_ENDPOINT=apm.url, OCI_APM_PRIVATE_DATAKEY=KEY,
                OTEL_RESOURCE_ATTRIBUTES="team=drones,deployment.environment.name=test")
            self.buy_and_sync(instance)
            self.stop(instance)
            self.assertNotIn(KEY, instance.shop.log() + instance.crm.log())
        self.assert_same(by_id(lines_of_json(one.of("traces"))))
        for request in one.of("traces"):
            self.assertEqual((request.path, request.is_json, request.packed), ("/v1/traces", True, True))
            self.assertEqual(request.headers["x-tenant"], "octo test")
            resource = attributes_of(json.loads(request.body)["resourceSpans"][0]["resource"])
            self.assertEqual((resource["team"], resource["deployment.environment.name"]), ("drones", "test"))
            self.assertIn(resource["service.name"], ("octo-drone-shop", "enterprise-crm-portal"))
            self.assertEqual(resource["host.name"], os.uname().nodename)
        for request in apm.of("traces"):
            self.assertEqual((request.path, request.headers["authorization"], request.is_json),
                             ("/20200101/opentelemetry/private/v1/traces", f"dataKey {KEY}", False))
        self.assertGreater(len(apm.of("traces")), 0)

    def test_protobuf_as_public_readers_see_it(self):
        with Receiver() as receiver:
            instance = self.instance(OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url)
            self.buy_and_sync(instance)
            self.stop(instance)
        bodies = [request.body for request in receiver.of("traces")]
        for reader in (node_reads, protoc_reads):
            with self.subTest(reader=reader.__name__):
                self.assert_same(by_id([line for body in reader(bodies) for line in lines_of(body)]))

    def test_disabled(self):
        with Receiver() as receiver:
            instance = self.instance(OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url, OTEL_SDK_DISABLED="true")
            self.buy_and_sync(instance)
            self.stop(instance)
        self.assertEqual(receiver.requests, [])


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def told(behind_us=0, **changes):
    """A message of a page whose clock is so far behind, of a load and a question of it."""
    now = time.time_ns() // 1000 - behind_us
    spans = [{"trace_id": TRACE, "id": "00f067aa0ba902b7", "kind": "load", "name": "load /orders", "page": "/orders",
              "start_us": now - 3000, "end_us": now - 1000},
             {"trace_id": TRACE, "id": "00f067aa0ba902b8", "parent_id": "00f067aa0ba902b7", "kind": "fetch", "method": "GET",
              "name": "GET /api/orders", "status": 503, "start_us": now - 2000, "end_us": now - 1000, **changes}]
    return {"sent_us": now, "spans": spans}


class BrowserSpans(unittest.TestCase):
    """What pages tell of their loads, clicks and questions (POST /api/browser-spans)."""

    def assert_near_now(self, span, since):
        self.assertLessEqual(since, span["end_us"])
        self.assertLessEqual(span["end_us"], time.time_ns() // 1000)

    def test_they_are_sent_on_as_those_of_a_service_of_their_own(self):
        with Receiver() as receiver, Instance(OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url, OTEL_METRICS_EXPORTER="none",
                                              OTEL_LOGS_EXPORTER="none", OTEL_TRACES_SAMPLER="parentbased_traceidratio",
                                              OTEL_TRACES_SAMPLER_ARG="0.25",
                                              OTEL_EXPORTER_OTLP_PROTOCOL="http/json") as instance:
            since = time.time_ns() // 1000 - 10_000
            for service, path in ((instance.shop, "/shop"), (instance.crm, "/orders")):
                with service.client() as nobody:
                    self.assertIn(b'data-traces="0.25"', nobody.get(path).raw)
                    self.assertEqual(nobody.post("/api/browser-spans", told()).json, {"taken": 2})
                    self.assertEqual(nobody.post("/api/browser-spans", told(behind_us=86_400_000_000)).json, {"taken": 2})
            self.assertEqual((instance.shop.stop(), instance.crm.stop()), (0, 0))
        of_browsers = [request for request in receiver.of("traces")
                       if service_of(json.loads(request.body)["resourceSpans"]).endswith("-browser")]
        self.assertEqual({service_of(json.loads(request.body)["resourceSpans"]) for request in of_browsers},
                         {"octo-drone-shop-browser", "enterprise-crm-portal-browser"})
        lines = lines_of_json(of_browsers)
        self.assertEqual(len(lines), 8)
        for line in lines:
            self.assertEqual(line["trace_id"], TRACE)
            self.assert_near_now(line, since)  # the clock of a page is not believed
        load, question = lines[:2]
        self.assertEqual((load["name"], load["kind"], load["parent_span_id"], load["attributes"]["url.path"]),
                         ("load /orders", "internal", "", "/orders"))
        self.assertEqual((question["parent_span_id"], question["kind"], question["status"],
                          question["attributes"]["http.response.status_code"]),
                         ("00f067aa0ba902b7", "client", "error", 503))

    def test_what_is_none_is_refused_and_named(self):
        with Receiver() as receiver, Instance(OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url, OTEL_METRICS_EXPORTER="none",
                                              OTEL_LOGS_EXPORTER="none") as instance:
            now = time.time_ns() // 1000
            with instance.shop.client() as nobody:
                for member, value in (("id", "0" * 16), ("trace_id", TRACE.upper()), ("parent_id", "0" * 16), ("end_us", now - 5000),
                                      ("end_us", now + 3_600_000_000), ("start_us", now - 901_000_000), ("name", "x" * 101),
                                      ("kind", "drag"), ("status", 99), ("method", "TRACE")):
                    answer = nobody.post("/api/browser-spans", told(**{member: value}))
                    self.assertEqual((answer.status, answer.json["errors"][0]["pointer"]), (422, f"/spans/1/{member}"), value)
                far = {"sent_us": 0, "spans": told(start_us=2**53, end_us=2**53)["spans"][1:]}
                answer = nobody.post("/api/browser-spans", far)
                self.assertEqual((answer.status, answer.json["errors"][0]["pointer"]), (422, "/spans/0/end_us"))
                many = told()
                many["spans"] *= 17
                self.assertEqual(nobody.post("/api/browser-spans", many).status, 422)
                self.assertEqual(nobody.call("POST", "/api/browser-spans", b" " * 20_000,
                                             {"Content-Type": "application/json"}).status, 413)
            self.assertEqual((instance.shop.stop(), instance.crm.stop()), (0, 0))
        for request in receiver.of("traces"):
            self.assertNotIn(b"-browser", request.body)

    def test_off_the_page_is_told_nothing(self):
        with Receiver() as receiver, Instance(OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url, OCTO_BROWSER_TRACES="false",
                                              OTEL_METRICS_EXPORTER="none", OTEL_LOGS_EXPORTER="none") as instance:
            with instance.crm.client() as nobody:
                self.assertNotIn(b"data-traces", nobody.get("/orders").raw)
                self.assertEqual(nobody.post("/api/browser-spans", told()).json, {"taken": 0})


class Metrics(unittest.TestCase):
    maxDiff = None

    def test_they_are_those_of_the_page(self):
        """Whatever the page says before and after a report, the report says too."""
        with Receiver() as receiver, Instance(
                OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url, OTEL_EXPORTER_OTLP_METRICS_PROTOCOL="http/json",
                OTEL_TRACES_EXPORTER="none", OTEL_METRIC_EXPORT_INTERVAL="200", OCTO_TRACE_LOG="/dev/null") as instance:
            instance.crm.stop()
            with instance.shop.client(internal=True) as client:
                for number in range(1, 60):
                    client.get(f"/api/products/{number}")
                self.assertEqual(client.post("/api/shop/checkout", checkout_body()).status, 200)
                seen = len(receiver.of("metrics"))
                receiver.wait_for(lambda: len(receiver.of("metrics")) > seen + 1)  # what was under way is counted
                before = samples_of_page(client.get("/metrics").raw.decode())
                seen = len(receiver.of("metrics"))
                receiver.wait_for(lambda: len(receiver.of("metrics")) > seen + 1)
                after = samples_of_page(client.get("/metrics").raw.decode())
            self.assertEqual(instance.shop.stop(), 0)
        self.assertEqual(receiver.of("traces"), [])
        report = dict(samples_of(json.loads(receiver.of("metrics")[seen + 1].body)))
        del before["shop_http_requests_in_flight"]  # the page's own request
        lasting = {name: value for name, value in before.items() if after[name] == value}
        self.assertEqual({name: (value, report.get(name)) for name, value in lasting.items()
                          if report.get(name) != value}, {})
        self.assertGreater(len(lasting), 500)
        timed = "db_client_operation_duration_seconds_count{db_system_name="
        self.assertGreater(sum(value for name, value in lasting.items() if name.startswith(timed)), 59)
        self.assertIn('http_server_request_duration_seconds_bucket{http_route="/api/products/{product_id}",'
                      'http_request_method="GET",http_response_status_code="404",url_scheme="http",le="0.005"}', lasting)
        self.assertEqual(lasting['db_client_connection_max{db_client_connection_pool_name="main"}'], 15)
        pool = '{db_client_connection_pool_name="main"}'
        self.assertGreater(after[f"db_pool_opened_total{pool}"], 0)
        self.assertEqual(after[f"db_client_connection_create_time_seconds_count{pool}"],
                         after[f"db_pool_opened_total{pool}"])
        last = json.loads(receiver.of("metrics")[-1].body)
        self.assertGreater(len(dict(samples_of(last))), 500)

    def test_public_readers_see_them(self):
        with Receiver() as receiver, Instance(OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=f"{receiver.url}/v1/metrics",
                                              OTEL_METRIC_EXPORT_INTERVAL="86400000") as instance:
            with instance.shop.client() as client:
                client.get("/api/products/1")
            self.assertEqual(instance.shop.stop(), 0)
            instance.crm.stop()
        bodies = [request.body for request in receiver.of("metrics")]
        self.assertEqual(len(bodies), 2)  # at the end of each
        shop = dict(samples_of(node_reads(bodies, "metrics")[0]))
        self.assertEqual(shop['shop_http_requests_total{route="/api/products/{product_id}",method="GET",status="200"}'], 1)
        self.assertIn("explicit_bounds: 0.001\n", protoc_prints(bodies[0], "metrics"))


class Logs(unittest.TestCase):
    LINE = re.compile(r'ts=\S+ level=(\w+) service=shop(?: trace=(\w+))? event=("[^"]*"|\S+)')

    def test_they_are_the_lines(self):
        with Receiver() as receiver, Instance(
                OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=f"{receiver.url}/v1/logs", OTEL_EXPORTER_OTLP_LOGS_PROTOCOL="http/json",
                OTEL_TRACES_EXPORTER="none") as instance:
            self.assertEqual(instance.shop.stop(), 0)
            written = [(line[1], line[2], line[3].strip('"'))
                       for line in map(self.LINE.match, instance.shop.log().splitlines()) if line]
        records = [record for message in (json.loads(request.body) for request in receiver.requests)
                   if service_of(message["resourceLogs"]) == "octo-drone-shop" for record in records_of(message)]
        told = [record[:3] for record in records]
        self.assertIn(("info", None, "listening"), told)
        first = written.index(told[0])  # those of before the exporter are only written
        self.assertEqual(told, written[first:first + len(told)])
        pairs = next(pairs for *_, event, pairs in records if event == "listening")
        self.assertEqual((pairs["host"], pairs["port"]), ("127.0.0.1", instance.shop.port))

    def test_public_readers_see_them(self):
        with Receiver() as receiver, Instance(OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=f"{receiver.url}/v1/logs") as instance:
            self.assertEqual(instance.shop.stop(), 0)
            instance.crm.stop()
        bodies = [request.body for request in receiver.requests]
        events = [event for message in node_reads(bodies, "logs") for _, _, event, _ in records_of(message)]
        self.assertEqual(events.count("listening"), 2)


class Encrypted(unittest.TestCase):
    def setUp(self):
        self.certificate = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "receiver.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=receiver", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.certificate,
                        "-out", self.certificate.with_suffix(".crt")], check=True, capture_output=True)
        with open(self.certificate, "a", encoding="ascii") as both:
            both.write(self.certificate.with_suffix(".crt").read_text(encoding="ascii"))

    def start_and_stop(self, receiver, **environment):
        with Instance(OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url, OTEL_METRICS_EXPORTER="none", OTEL_LOGS_EXPORTER="none",
                      OTEL_EXPORTER_OTLP_HEADERS="key=of-a-test", **environment) as instance:
            with instance.shop.client() as client:
                client.get("/api/products/1")
            self.assertEqual(instance.shop.stop(), 0)
            self.assertEqual(instance.crm.stop(), 0)
            return instance.shop.log()

    def test_a_certificate_that_is_trusted(self):
        with Receiver(certificate=self.certificate) as receiver:
            log = self.start_and_stop(receiver,
                                      OTEL_EXPORTER_OTLP_CERTIFICATE=str(self.certificate.with_suffix(".crt")))
        self.assertNotIn("telemetry is lost", log)
        self.assertEqual({request.headers["key"] for request in receiver.of("traces")}, {"of-a-test"})

    def test_a_certificate_that_is_not(self):
        """Nothing is said to it, the headers least of all."""
        with Receiver(certificate=self.certificate) as receiver:
            log = self.start_and_stop(receiver)
        self.assertEqual(receiver.requests, [])
        self.assertRegex(log, r'event="telemetry is lost" what=spans host=127.0.0.1 port=\d+ reason="[^"]*certificate')
        self.assertNotIn("of-a-test", log)


class Failures(unittest.TestCase):
    """One service, whose exporter's figures are read from its page of metrics."""

    QUEUE = 256

    def start(self, receiver, **environment):
        self.instance = self.enterContext(Instance(
            OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"{receiver.url}/v1/traces", OTEL_BSP_SCHEDULE_DELAY="50",
            OTEL_BSP_MAX_QUEUE_SIZE=str(self.QUEUE), OTEL_BSP_MAX_EXPORT_BATCH_SIZE="64", **environment))
        self.instance.crm.stop()

    def ask(self):
        """So many requests at once as to fill the queue several times over; each is answered."""
        def one(_):
            with self.instance.shop.client() as client:
                return collections.Counter(client.get(f"/api/products/{number % 50 + 1}").status
                                           for number in range(REQUESTS))
        self.assertEqual(sum(in_parallel(4, one), collections.Counter()), {200: 4 * REQUESTS})

    def figures(self):
        """The sum of each metric of ours, by its name and why something was lost."""
        found = collections.Counter()
        with self.instance.shop.client(internal=True) as client:
            for line in client.get("/metrics").raw.decode().splitlines():
                if line.startswith("otel_sdk_"):
                    labels = line.partition("{")[2].partition("}")[0]
                    why = [label.split('"')[1] for label in labels.split(",") if label.startswith("error_type=")]
                    found[line.partition("{")[0], *why] += float(line.rpartition(" ")[2])
        return found

    def check(self, receiver, make_ill, make_well):
        self.ask()
        receiver.wait_for(lambda: receiver.requests)
        make_ill()
        self.ask()
        self.ask()
        figures = self.figures()
        self.assertLessEqual(figures["otel_sdk_processor_span_queue_size",], self.QUEUE)
        self.assertGreater(figures["otel_sdk_processor_span_processed_total", "queue_full"], 0)
        before = len(receiver.requests)
        make_well()
        self.ask()
        receiver.wait_for(lambda: len(receiver.requests) > before)
        self.assertEqual(self.instance.shop.stop(), 0)

    def test_receiver_hangs(self):
        with Receiver() as receiver:
            self.start(receiver, OTEL_EXPORTER_OTLP_PROTOCOL="http/json")
            self.check(receiver, lambda: receiver.now(None), lambda: receiver.now(200))

    def test_receiver_says_503(self):
        with Receiver() as receiver:
            self.start(receiver, OTEL_EXPORTER_OTLP_PROTOCOL="http/json")
            self.check(receiver, lambda: receiver.now(503, Retry_After="1"), lambda: receiver.now(200))

    def test_receiver_is_gone(self):
        """Another one comes to its place."""
        with Receiver() as receiver:
            self.start(receiver, OTEL_EXPORTER_OTLP_PROTOCOL="http/json")
            self.ask()
            receiver.wait_for(lambda: receiver.requests)
        self.ask()
        self.ask()
        self.assertGreater(self.figures()["otel_sdk_processor_span_processed_total", "queue_full"], 0)
        with Receiver(receiver.port) as receiver:
            self.ask()
            receiver.wait_for(lambda: receiver.requests)
            self.assertEqual(self.instance.shop.stop(), 0)

    def test_end_while_the_receiver_hangs(self):
        """Ends by itself, with what was not sent counted as lost."""
        with Receiver() as receiver:
            receiver.now(None)
            self.start(receiver)
            self.ask()
            receiver.wait_for(lambda: receiver.refused)
            self.assertEqual(self.instance.shop.stop(), 0)
            self.assertEqual(receiver.requests, [])
            self.assertIn('event="telemetry is lost"', self.instance.shop.log())


class Lists(unittest.TestCase):
    maxDiff = None

    def test_our_fields_are_those_of_the_protocol(self):
        """Names, numbers, types and lists of every message that we have."""
        ours, node = fields_of_ours(), fields_of_node()
        self.assertEqual(ours, {name: node[name] for name in ours})
        self.assertGreater(sum(map(len, ours.values())), 150)


class Doctor(unittest.TestCase):
    def look(self, **environment):
        """Its exit code, and what it says of the shop's receiver."""
        with tempfile.TemporaryDirectory(prefix="octo-otlp-") as folder:
            done = subprocess.run([OCTO, "doctor", "--data", folder, "--json"], text=True, capture_output=True,
                                  check=False, env={**os.environ, "OCTO_DISK_RESERVE_MB": "0", **environment})
        shop = next(one for one in json.loads(done.stdout)["services"] if one["service"] == "shop")
        return [(one["state"], one["seen"], one.get("remedy")) for one in shop["checks"]
                if one["check"] == "spans by OTLP"]

    def test_receivers(self):
        with Receiver() as receiver:
            address = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url}
            self.assertEqual(self.look(**address), [("ok", f"{receiver.url}/v1/traces takes them", None)])
            self.assertEqual(receiver.requests[0].body, b"")
            self.assertEqual(self.look(**address, OTEL_EXPORTER_OTLP_PROTOCOL="http/json")[0][0], "ok")
            self.assertEqual(receiver.requests[-1].body, b"{}")
            for status, remedy in ((401, "does not know the key"), (404, "nobody takes spans at that path"),
                                   (415, "http/json"), (503, None)):
                receiver.now(status)
                (state, seen, said), = self.look(**address)
                self.assertEqual((state, seen), ("warn", f"{receiver.url}/v1/traces answers with status {status}"))
                self.assertIn(remedy, said) if remedy else self.assertIsNone(said)
        (state, seen, said), = self.look(**address)
        self.assertEqual(state, "warn")
        self.assertIn("spans are lost", said)
        self.assertEqual(self.look(), [])

    def test_settings_that_are_wrong(self):
        done = subprocess.run([OCTO, "shop"], text=True, capture_output=True, check=False,
                              env={**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"})
        self.assertEqual(done.returncode, 1)
        self.assertIn("OTEL_EXPORTER_OTLP_ENDPOINT", done.stderr)


if __name__ == "__main__":
    unittest.main()
