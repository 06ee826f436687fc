"""A client of server-sent events, as EventSource reads them: fields by line, an event at each empty one."""

import http.client
import json
import socket

from support.harness import patience


class Event:
    def __init__(self, kind, data, event_id):
        self.kind, self.json, self.id = kind, json.loads(data), event_id
        self.raw = {"id": event_id, "event": kind, "data": data}  # as EventSource gives it

    def __repr__(self):
        return f"<{self.kind} {self.id} {self.json}>"


class Stream:
    """Open from the start: whatever is posted afterwards comes. `window` bounds what the kernel takes in for a
    reader that sleeps. A context manager."""

    def __init__(self, service, path, headers, last_id=None, window=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=patience(60))
        self.connection.sock = socket.socket()
        if window:
            self.connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self.connection.sock.settimeout(patience(60))
        self.connection.sock.connect(("127.0.0.1", service.port))
        sent = dict(headers, **({"Last-Event-ID": last_id} if last_id else {}))
        self.connection.request("GET", path, headers={"Accept": "text/event-stream", **sent})
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.last_id = last_id
        self.retry_ms = None
        if self.status == 200:
            self.read_block()  # the start, with which the stream is known to be open

    def read_block(self):
        """The fields of a block; None at the end of the stream. A comment is a block without fields."""
        fields = {}
        while True:
            line = self.answer.readline()
            if not line:
                return None
            if line == b"\n":
                break
            name, _, value = line.decode("utf-8").rstrip("\n").partition(":")
            value = value.removeprefix(" ")
            fields[name] = f"{fields[name]}\n{value}" if name == "data" and name in fields else value
        self.last_id = fields.get("id", self.last_id)
        self.retry_ms = fields.get("retry", self.retry_ms)
        return fields

    def next(self):
        """The next event; None at the end."""
        while (fields := self.read_block()) is not None:
            if "data" in fields:
                return Event(fields.get("event", "message"), fields["data"], self.last_id)
        return None

    def take(self, count):
        return [self.next() for _ in range(count)]

    def rest(self):
        """All events to the end of the stream."""
        return list(iter(self.next, None))

    def close(self):
        self.answer.close()
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
