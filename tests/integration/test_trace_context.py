"""What W3C Trace Context says of traceparent and tracestate, over a hop from one service to the other: the cases of
the recommendation's own test suite, levels 1 and 2, at the words that the shop is told by the CRM."""

import contextlib
import json
import pathlib
import re
import tempfile
import threading
import time
import unittest

from support.harness import INTERNAL_KEY, Instance, checkout_body, patience
from support.proxy import Listener
from support.raw_http import Line
from support.raw_requests import get, raw

TRACE = "12345678901234567890123456789012"
SPAN = "1234567890123456"
PARENT = f"traceparent: 00-{TRACE}-{SPAN}-01"
WRITTEN = re.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-(0[0-3])")
NOTHING = None  # of a tracestate: it is not sent at all
STATES = [f"bar{n:02}={n:02}" for n in range(1, 34)]
KEY = "abcdefghijklmnopqrstuvwxyz0123456789_-*/"
VALUE = "".join(chr(c) for c in range(0x20, 0x7f) if chr(c) not in ",=")


def parent(version="00", trace=TRACE, span=SPAN, flags="01", more=""):
    return f"traceparent: {version}-{trace}-{span}-{flags}{more}"


def state(*texts):
    return [f"tracestate: {text}" for text in texts]


# What is wrong with a traceparent: the trace is a new one, and tracestate goes nowhere.
NEW = {
    "none": [],
    "two": [parent(trace=TRACE[:-1] + "1"), parent()],
    "twice the same": [parent(), parent()],
    "a name with a hyphen": [parent().replace("traceparent", "trace-parent")],
    "a name with a point": [parent().replace("traceparent", "trace.parent")],
    "something behind version 00": [parent(more=".")],
    "a field behind version 00": [parent(more="-what-the-future-will-be-like")],
    "no dash behind a later version": [parent("cc", more=".what-the-future-will-be-like")],
    "version ff": [parent("ff")],
    "a version of points": [parent(".0")],
    "a version that ends with a point": [parent("0.")],
    "a version of three digits": [parent("000")],
    "a version of four digits": [parent("0000")],
    "a version of one digit": [parent("0")],
    "a version in capitals": [parent("CC")],
    "a trace of noughts": [parent(trace="0" * 32)],
    "a trace that begins with a point": [parent(trace="." + TRACE[1:])],
    "a trace that ends with a point": [parent(trace=TRACE[:-1] + ".")],
    "a trace in capitals": [parent(trace="A" * 32)],
    "a long trace": [parent(trace=TRACE + "3")],
    "a short trace": [parent(trace=TRACE[:-1])],
    "a span of noughts": [parent(span="0" * 16)],
    "a span that begins with a point": [parent(span="." + SPAN[1:])],
    "a span that ends with a point": [parent(span=SPAN[:-1] + ".")],
    "a span in capitals": [parent(span="B" * 16)],
    "a long span": [parent(span=SPAN + "7")],
    "a short span": [parent(span=SPAN[:-1])],
    "flags that begin with a point": [parent(flags=".0")],
    "flags that end with a point": [parent(flags="0.")],
    "flags in capitals": [parent(flags="0A")],
    "long flags": [parent(flags="001")],
    "short flags": [parent(flags="1")],
    "no flags": [f"traceparent: 00-{TRACE}-{SPAN}"],
    "no text": ["traceparent:"],
    "bytes that are not ASCII": ["traceparent: \xe9"],
}

# What is good: the trace goes on, with these flags.
SAME = {
    "as it should be": ([parent()], "01"),
    "not sampled": ([parent(flags="00")], "00"),
    "random": ([parent(flags="02")], "02"),
    "sampled and random": ([parent(flags="03")], "03"),
    "flags that nobody knows": ([parent(flags="ff")], "03"),
    "only flags that nobody knows": ([parent(flags="fc")], "00"),
    "a later version": ([parent("cc")], "01"),
    "a later version that goes on": ([parent("cc", more="-what-the-future-will-be-like")], "01"),
    "a name in mixed letters": ([parent().replace("traceparent", "TraceParent")], "01"),
    "a name in wild letters": ([parent().replace("traceparent", "TrAcEpArEnT")], "01"),
    "a name in capitals": ([parent().replace("traceparent", "TRACEPARENT")], "01"),
    "a blank before": ([parent().replace(": ", ":  ")], "01"),
    "a tab before": ([parent().replace(": ", ":\t")], "01"),
    "a blank behind": ([parent(more=" ")], "01"),
    "a tab behind": ([parent(more="\t")], "01"),
    "blanks all around": ([parent(more=" \t").replace(": ", ":\t ")], "01"),
}

# Lines of tracestate beside a good traceparent, and the list that goes on.
STATE = {
    "one line": (state("foo=1,bar=2"), "foo=1,bar=2"),
    "a name with a hyphen": (["trace-state: foo=1"], NOTHING),
    "a name with a point": (["trace.state: foo=1"], NOTHING),
    "a name in mixed letters": (["TraceState: foo=1"], "foo=1"),
    "a name in wild letters": (["TrAcEsTaTe: foo=1"], "foo=1"),
    "a name in capitals": (["TRACESTATE: foo=1"], "foo=1"),
    "no text": (state(""), NOTHING),
    "no text in a second line": (state("foo=1", ""), "foo=1"),
    "no text in the first line": (state("", "foo=1"), "foo=1"),
    "several lines": (state("foo=1,bar=2", "rojo=1,congo=2", "baz=3"), "foo=1,bar=2,rojo=1,congo=2,baz=3"),
    "a key twice, the same": (state("foo=1,foo=1"), NOTHING),
    "a key twice": (state("foo=1,foo=2"), NOTHING),
    "a key twice in two lines, the same": (state("foo=1", "foo=1"), NOTHING),
    "a key twice in two lines": (state("foo=1", "foo=2"), NOTHING),
    "all characters": (state(f"{KEY}={VALUE}"), f"{KEY}={VALUE}"),
    "all characters and a tenant": (state(f"{KEY}@a-z0-9_-*/={VALUE}"), f"{KEY}@a-z0-9_-*/={VALUE}"),
    "blanks between": (state("foo=1 \t , \t bar=2, \t baz=3"), "foo=1,bar=2,baz=3"),
    "tabs between": (state("foo=1\t \t,\t \tbar=2,\t \tbaz=3"), "foo=1,bar=2,baz=3"),
    "a blank before": (state(" foo=1"), "foo=1"),
    "a tab before": (state("\tfoo=1"), "foo=1"),
    "a blank behind": (state("foo=1 "), "foo=1"),
    "a tab behind": (state("foo=1\t"), "foo=1"),
    "blanks all around": (state("\t foo=1 \t"), "foo=1"),
    "blanks that begin a value": (state("foo=  1"), "foo=  1"),
    "a blank in a key": (state("foo =1"), NOTHING),
    "a key in capitals": (state("FOO=1"), NOTHING),
    "a point in a key": (state("foo.bar=1"), NOTHING),
    "a key that ends with an at": (state("foo@=1,bar=2"), "foo@=1,bar=2"),
    "a key that begins with an at": (state("@foo=1,bar=2"), NOTHING),
    "a key with two ats": (state("foo@@bar=1,bar=2"), "foo@@bar=1,bar=2"),
    "a key of three parts": (state("foo@bar@baz=1,bar=2"), "foo@bar@baz=1,bar=2"),
    "32 members": (state(",".join(STATES[:10]), ",".join(STATES[10:32])), ",".join(STATES[:32])),
    "33 members": (state(",".join(STATES[:10]), ",".join(STATES[10:])), NOTHING),
    "a key of 256": (state("foo=1", "z" * 256 + "=1"), "foo=1," + "z" * 256 + "=1"),
    "a key of 257": (state("foo=1", "z" * 257 + "=1"), NOTHING),
    "a key of 241 and 14": (state("foo=1", "t" * 241 + "@" + "v" * 14 + "=1"),
                            "foo=1," + "t" * 241 + "@" + "v" * 14 + "=1"),
    "a key of 242 and 1": (state("foo=1", "t" * 242 + "@v=1"), "foo=1," + "t" * 242 + "@v=1"),
    "a key of 1 and 15": (state("foo=1", "t@" + "v" * 15 + "=1"), "foo=1,t@" + "v" * 15 + "=1"),
    "an equals sign in a value": (state("foo=bar=baz"), NOTHING),
    "no value": (state("foo=,bar=3"), NOTHING),
    "bytes that are not ASCII": (state("foo=caf\xe9"), NOTHING),
    "512 characters": (state("a=" + "1" * 254, "b=" + "2" * 253), "a=" + "1" * 254 + ",b=" + "2" * 253),
    "513 characters": (state("a=" + "1" * 254, "b=" + "2" * 254), "a=" + "1" * 254),
    "long members among short ones": (state("a=1", "b=" + "2" * 250, "c=3", "d=" + "4" * 256),
                                      "a=1,b=" + "2" * 250 + ",c=3"),
}


class Tap(Listener):
    """In front of `service`: keeps the heads of what the other one asks it."""

    def __init__(self):
        super().__init__("127.0.0.1", 0)
        self.service = None
        self.lock = threading.Lock()
        self.came = []

    def serve(self, client):
        with Line(self.service.port, patience(30)).socket as server, client:
            back = threading.Thread(target=self.pump, args=(server, client), daemon=True)
            back.start()
            self.pump(client, server, self.keep)
            back.join()

    def pump(self, source, target, keep=None):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if keep:
                    keep(data)
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(2)

    def keep(self, data):
        """A request of these services goes out in one piece, or two: its head stands in the first."""
        head = data.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        if "HTTP/1.1" in head[0]:
            with self.lock:
                self.came.append([(name.lower(), text) for name, _, text in
                                  (line.partition(": ") for line in head[1:])])

    def take(self):
        with self.lock:
            taken, self.came = self.came, []
        return taken


class TraceContext(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="octo-trace-"))
        self.trace_log = pathlib.Path(folder) / "spans.jsonl"
        self.to_shop, self.to_crm = self.enterContext(Tap()), self.enterContext(Tap())
        self.instance = Instance(
            OCTO_TRACE_LOG=str(self.trace_log), OCTO_PUSH_ORDERS="true",
            SERVICE_SHOP_URL=f"http://127.0.0.1:{self.to_shop.port}",
            SERVICE_CRM_URL=f"http://127.0.0.1:{self.to_crm.port}")
        self.shop, self.crm = self.instance.shop, self.instance.crm
        self.to_shop.service, self.to_crm.service = self.shop, self.crm
        self.enterContext(self.instance)

    def sync(self, fields):
        """The trace that the caller of the CRM is told, and what the CRM tells the shop, by name."""
        line = Line(self.crm.port, patience(30))
        with line.socket:
            line.say(raw(get(f"X-Internal-Service-Key: {INTERNAL_KEY}", "Content-Length: 0", *fields,
                             target="/api/orders/sync", method="POST")))
            answer = line.take_answer()
        self.assertEqual(answer.status, 200, answer.body)
        heads = self.to_shop.take()
        self.assertTrue(heads)
        return answer.fields["x-trace-id"], [self.context(head) for head in heads]

    def context(self, head):
        """traceparent's parts and tracestate of a head, each of which stands there once at most."""
        parents = [text for name, text in head if name == "traceparent"]
        states = [text for name, text in head if name == "tracestate"]
        self.assertEqual((len(parents), len(states) <= 1), (1, True), head)
        self.assertRegex(parents[0], f"^{WRITTEN.pattern}$")
        return (*WRITTEN.fullmatch(parents[0]).groups(), states[0] if states else NOTHING)

    def test_what_is_no_traceparent_begins_a_trace(self):
        seen = {TRACE}
        for about, fields in NEW.items():
            told, contexts = self.sync(fields + state("foo=1"))
            for trace, span, flags, states in contexts:
                self.assertEqual((trace, flags, states), (told, "03", NOTHING), about)
                self.assertNotEqual(span, SPAN)
            self.assertNotIn(told, seen, about)
            seen.add(told)

    def test_a_traceparent_goes_on(self):
        spans = set()
        for about, (fields, expected) in SAME.items():
            told, contexts = self.sync(fields)
            self.assertEqual(told, TRACE, about)
            for trace, span, flags, states in contexts:
                self.assertEqual((trace, flags, states), (TRACE, expected, NOTHING), about)
                self.assertNotIn(span, {SPAN} | spans, about)
                spans.add(span)

    def test_tracestate_goes_on(self):
        for about, (fields, expected) in STATE.items():
            for trace, _, _, states in self.sync([PARENT, *fields])[1]:
                self.assertEqual((trace, states), (TRACE, expected), about)

    def test_several_calls_of_one_request(self):
        with self.shop.client() as buyer:
            for _ in range(3):
                self.assertEqual(buyer.post("/api/shop/checkout", checkout_body()).status, 200)
        _, contexts = self.sync([PARENT])
        self.instance.shop.stop()
        self.instance.crm.stop()
        with open(self.trace_log, encoding="utf-8") as lines:
            spans = [span for span in map(json.loads, lines) if span["trace_id"] == TRACE]
        asked = {span["span_id"] for span in spans if span["service"] == "enterprise-crm-portal"}
        answered = {span["parent_span_id"] for span in spans
                    if span["service"] == "octo-drone-shop" and span["kind"] == "server"}
        self.assertEqual(len({span for _, span, _, _ in contexts}), len(contexts))
        self.assertEqual({span for _, span, _, _ in contexts}, answered)
        self.assertLessEqual(answered, asked)

    def test_a_purchase_goes_on_to_the_portal(self):
        states = 'foo=1,bar="\\2'
        with self.shop.client() as buyer:
            answer = buyer.post("/api/shop/checkout", checkout_body(), headers={
                "traceparent": PARENT.split(": ")[1], "tracestate": states})
        self.assertEqual((answer.status, answer.headers["x-trace-id"]), (200, TRACE))
        deadline = time.monotonic() + patience(30)
        heads = []
        while not heads:
            self.assertLess(time.monotonic(), deadline, self.shop.log())
            heads = self.to_crm.take()
            time.sleep(0.01)
        for head in heads:
            self.assertEqual(self.context(head)[::3], (TRACE, states))


if __name__ == "__main__":
    unittest.main()
