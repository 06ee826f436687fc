"""What pages tell the portal of themselves: counted by its type, told of in the request's span, and never an error."""

import json
import pathlib
import re
import tempfile
import unittest

from support.harness import Instance

TYPES = ("web_vital", "js_error", "promise_rejection", "journey_step", "frontend_api", "navigation")
TOKEN = "0123456789abcdef" * 4


class Frontend(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())
        cls.page = cls.enterClassContext(cls.instance.crm.client())
        cls.operator = cls.enterClassContext(cls.instance.crm.client(internal=True))

    def counted(self):
        """Events by their type; None: those that were dropped."""
        metrics = self.operator.get("/metrics").raw.decode()
        return {kind or None: int(count) for kind, count in re.findall(
            r'^crm_frontend_events(?:_dropped)?_total(?:\{type="(\w+)"\})? (\d+)$', metrics, re.M)}

    def tell(self, body, kind="application/json"):
        answer = self.page.post("/api/observability/frontend", body, headers={"Content-Type": kind})
        self.assertEqual((answer.status, answer.raw), (204, b""), answer)

    def test_each_type_is_counted_as_json_and_as_text(self):
        before = self.counted()
        for name in TYPES:
            for kind in ("application/json", "text/plain;charset=UTF-8"):
                self.tell(json.dumps({"type": name, "page": "/orders", "payload": {"value": 1.5}}), kind)
        after = self.counted()
        self.assertEqual({name: after[name] - before[name] for name in after}, {**dict.fromkeys(TYPES, 2), None: 0})

    def test_what_is_none_is_dropped_and_answered_like_the_rest(self):
        before = self.counted()[None]
        wrong = (b"{", b"[]", b"\xff\xfe", b'{"type":"web_vital"}', b'{"type":"gossip","page":"/"}',
                 b'{"type":"navigation","page":"' + b"x" * 501 + b'"}', b'{"type":"navigation","page":"/","ts":-1}')
        for body in wrong:
            self.tell(body)
        self.assertEqual(self.counted()[None] - before, len(wrong))
        for body, kind, status in ((b"", "text/plain", 400), (b"x" * 16385, "text/plain", 413), (b"a=1", "application/x-www-form-urlencoded", 415)):
            answer = self.page.post("/api/observability/frontend", body, headers={"Content-Type": kind})
            self.assertEqual(answer.status, status, answer)

    def test_its_span_says_what_happened_and_no_secret(self):
        trace_log = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "spans.jsonl"
        with Instance(OCTO_TRACE_LOG=str(trace_log)) as instance:
            told = self.enterContext(instance.crm.client()).post("/api/observability/frontend", {
                "type": "js_error", "page": f"/orders?token={TOKEN}#x", "session_id": "s", "view_id": "v-1", "payload": {
                    "message": f"Cannot read {TOKEN}", "status": 500, "value": 0.25, "stack": "at app.js", "name": ["no"]}})
            self.assertEqual(told.status, 204, told)
            trace = told.headers["x-trace-id"]
            instance.crm.stop()  # then the log is whole
        text = trace_log.read_text(encoding="utf-8")
        of_it = next(line for line in text.splitlines() if trace in line and "frontend.event" in line)
        for part in ("js_error", '"/orders"', "Cannot read [secret:", "v-1", '"500"', '"0.25"'):
            self.assertIn(part, of_it)
        self.assertNotIn(TOKEN, text)
        self.assertNotIn("app.js", text)


if __name__ == "__main__":
    unittest.main()
