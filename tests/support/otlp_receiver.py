"""A receiver of OTLP over HTTP that keeps what it was sent, and fails as it is told to."""

import gzip
import http.server
import json
import re
import ssl
import threading

from support.harness import patience

PATHS = {"/v1/traces": "traces", "/v1/metrics": "metrics", "/v1/logs": "logs",
         "/20200101/opentelemetry/private/v1/traces": "traces", "/20200101/opentelemetry/v1/metrics": "metrics",
         "/20200101/opentelemetry/v1/logs": "logs"}


class Request:
    """One that arrived: `signal`, the headers in lower case, the body unpacked."""

    def __init__(self, handler, body):
        self.path = handler.path
        self.signal = PATHS.get(handler.path)
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.packed = self.headers.get("content-encoding") == "gzip"
        self.body = gzip.decompress(body) if self.packed else body

    @property
    def is_json(self):
        return self.headers["content-type"] == "application/json"


class Receiver:
    """A context manager. `answer` is what it gives: a status, or None to say nothing at all until it is something
    else; `headers` go along."""

    def __init__(self, port=0, certificate=None):
        """With a certificate, a file that holds its key too, it is there by TLS alone."""
        self.requests = []
        self.refused = 0  # requests that got another answer than 200
        self.answer = 200
        self.headers = {}
        self.is_gone = False
        self.changed = threading.Condition()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # pylint: disable=invalid-name
                receiver.take(self)

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                """A sender that leaves is none."""

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http{'s' if certificate else ''}://127.0.0.1:{self.port}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)

    def take(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        with self.changed:
            if self.answer != 200:
                self.refused += 1
                self.changed.notify_all()
            self.changed.wait_for(lambda: self.answer is not None)
            status, headers = self.answer, dict(self.headers)
            if self.is_gone:
                handler.close_connection = True
                return
            if status == 200:
                self.requests.append(Request(handler, body))
                self.changed.notify_all()
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Type", handler.headers["Content-Type"])
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def of(self, signal):
        """What was taken of one signal."""
        with self.changed:
            return [request for request in self.requests if request.signal == signal]

    def now(self, answer, **headers):
        """From now on it answers so; header names with _ for -."""
        with self.changed:
            self.answer = answer
            self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
            self.changed.notify_all()

    def wait_for(self, is_so):
        """Until that holds, which is asked whenever something arrives."""
        with self.changed:
            if not self.changed.wait_for(is_so, patience(60)):
                raise AssertionError(f"never came: {len(self.requests)} requests taken, {self.refused} not")

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.is_gone = True
        self.now(503)
        self.server.shutdown()
        self.server.server_close()


# --- spans, as the file of spans has them ---

KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}


def value_of(value):
    """An AnyValue in JSON, as a value of Python's."""
    (kind, content), = value.items()
    if kind == "arrayValue":
        return [value_of(one) for one in content.get("values", [])]
    return int(content) if kind == "intValue" else content


def attributes_of(message):
    return {pair["key"]: value_of(pair["value"]) for pair in message.get("attributes", [])}


def micros(nanos):
    return int(nanos) // 1000


def with_dropped(line, message, *what):
    """Counts of what was dropped stand there where there are any."""
    for name in what:
        count = int(message.get(f"dropped{name.capitalize()}Count", 0))
        if count:
            line[f"dropped_{name}"] = count
    return line


def line_of(span, service):
    """A Span in JSON as the object that the file sink would have written a line for."""
    status = span.get("status", {})
    line = {"trace_id": span["traceId"], "span_id": span["spanId"], "parent_span_id": span.get("parentSpanId", ""),
            "name": span["name"], "kind": KINDS[int(span["kind"])], "service": service,
            "start_us": micros(span["startTimeUnixNano"]), "end_us": micros(span["endTimeUnixNano"]),
            "status": {0: "unset", 2: "error"}[int(status.get("code", 0))], "attributes": attributes_of(span)}
    if status.get("message"):
        line["status_text"] = status["message"]
    if span.get("events"):
        line["events"] = [with_dropped({"name": event["name"], "time_us": micros(event["timeUnixNano"]),
                                        "attributes": attributes_of(event)}, event, "attributes")
                          for event in span["events"]]
    if span.get("links"):
        line["links"] = [with_dropped({"trace_id": link["traceId"], "span_id": link["spanId"],
                                       "attributes": attributes_of(link)}, link, "attributes")
                         for link in span["links"]]
    return with_dropped(line, span, "attributes", "events", "links")


def lines_of(message):
    """All spans of an ExportTraceServiceRequest in JSON."""
    for resource in message["resourceSpans"]:
        service = attributes_of(resource["resource"])["service.name"]
        for scope in resource["scopeSpans"]:
            for span in scope.get("spans", []):
                yield line_of(span, service)


# --- lines of the log ---

def records_of(message):
    """Each LogRecord in JSON: its level, trace, event and pairs."""
    for record in (record for resource in message["resourceLogs"] for scope in resource["scopeLogs"]
                   for record in scope["logRecords"]):
        yield record["severityText"], record.get("traceId"), record["body"]["stringValue"], attributes_of(record)


# --- metrics, as Prometheus' page has them ---

def number(value):
    """As the page writes it."""
    return float(f"{float(value):.15g}")


def label(value):
    return str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def samples_of(message):
    """Each sample of an ExportMetricsServiceRequest in JSON: its name with labels, and its value."""
    for metric in (metric for resource in message["resourceMetrics"] for scope in resource["scopeMetrics"]
                   for metric in scope["metrics"]):
        name = re.sub(r"(?<=.)\.count$", "s", metric["name"]).replace(".", "_")
        kind = next(kind for kind in ("sum", "gauge", "histogram") if kind in metric)
        for point in metric[kind]["dataPoints"]:
            labels = [f'{key.replace(".", "_")}="{label(value)}"' for key, value in attributes_of(point).items()]
            in_braces = "{" + ",".join(labels) + "}" if labels else ""
            if kind != "histogram":
                suffix = "_total" if metric[kind].get("isMonotonic") else ""
                yield f"{name}{suffix}{in_braces}", number(point.get("asInt", point.get("asDouble")))
                continue
            count = 0
            for bound, bucket in zip([*point["explicitBounds"], "+Inf"], point["bucketCounts"]):
                count += int(bucket)
                le = 'le="' + (bound if bound == "+Inf" else f"{bound:g}") + '"'
                yield name + "_seconds_bucket{" + ",".join([*labels, le]) + "}", float(count)
            yield f"{name}_seconds_count{in_braces}", float(point["count"])
            yield f"{name}_seconds_sum{in_braces}", number(point["sum"])


def samples_of_page(page):
    return {line.rpartition(" ")[0]: number(line.rpartition(" ")[2])
            for line in page.splitlines() if not line.startswith("#")}


def lines_of_json(requests):
    return [line for request in requests for line in lines_of(json.loads(request.body))]
