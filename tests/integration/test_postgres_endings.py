"""Sessions that the server ends behind the answer to a statement, on a machine that is slow to say so: what was
answered has run, and its span bears no error. A proxy puts the server's last words where it waits for more, and
keeps the connection."""

import contextlib
import json
import pathlib
import tempfile
import time
import unittest

from support import postgres
from support.harness import IS_POSTGRES, SERVICES, Instance, patience
from support.proxy import Connection, Listener

LAST_WORDS = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
FATAL = b"E" + (4 + len(LAST_WORDS)).to_bytes(4, "big") + LAST_WORDS
ROW, WAITS_IN_TRANSACTION = b"D\0", b"Z\0\0\0\5T"


class Ending(Connection):
    """Ends the session behind the first answer with a row within a transaction, once it is told to."""

    def backward(self):
        with contextlib.suppress(OSError):
            while data := self.server.recv(1 << 20):
                if self.proxy.is_to_end and ROW in data and data.endswith(WAITS_IN_TRANSACTION):
                    self.proxy.is_to_end = False
                    self.client.sendall(data[:-len(WAITS_IN_TRANSACTION)] + FATAL)
                    return  # and says nothing more
                self.client.sendall(data)
        self.hang_up()


class EndingProxy(Listener):
    is_to_end = False

    def serve(self, client):
        with contextlib.suppress(OSError), client:
            Ending(self, client).serve()

    def count(self, _trace, _connection):
        """Nobody asks."""


@unittest.skipUnless(IS_POSTGRES, "an embedded database has no connections")
class Endings(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="octo-endings-"))
        self.trace_log = pathlib.Path(folder) / "spans.jsonl"
        port = postgres.cluster().port
        self.proxy = self.enterContext(EndingProxy("127.0.0.1", port))
        instance = Instance(OCTO_TRACE_LOG=str(self.trace_log))
        for name, url in instance.database.environment(SERVICES).items():
            instance.environment[name] = url.replace(f":{port}/", f":{self.proxy.port}/")
        self.shop = self.enterContext(instance).shop

    def statements(self, trace):
        """Spans of statements, once that of the request is there, which ends last."""
        deadline = time.monotonic() + patience(60)
        spans = []
        while not any(span["kind"] == "server" for span in spans):
            self.assertLess(time.monotonic(), deadline, spans)
            with open(self.trace_log, encoding="utf-8") as lines:
                spans = [json.loads(line) for line in lines if trace in line and line.endswith("\n")]
        return [span for span in spans if "db.query.text" in span["attributes"]]

    def test_what_was_answered_bears_no_error(self):
        with self.shop.client() as client:
            self.proxy.is_to_end = True
            answer = client.post("/api/cart/add", {"product_id": 1, "quantity": 1})
        self.assertFalse(self.proxy.is_to_end)
        self.assertEqual(answer.status, 503, answer)
        statements = self.statements(answer.headers["x-trace-id"])
        self.assertEqual({span["name"] for span in statements}, {"cart_make", "product_by_id", "cart_add"})
        for span in statements:  # which travelled together
            self.assertEqual(span["status"], "unset", span)
            self.assertNotIn("db.response.status_code", span["attributes"])
            rows = "db.rows" if span["name"] == "cart_make" else "db.response.returned_rows"
            self.assertEqual(span["attributes"][rows], 1)


if __name__ == "__main__":
    unittest.main()
