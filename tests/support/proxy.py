"""A TCP proxy that counts round trips.

A round trip begins where a client speaks after the server has spoken, or for another trace; what it says until
the server answers belongs to the same one. Which trace a round trip belongs to is read from the bytes: the statement that sets a
transaction's tags carries the trace id and stands in the transaction's first round trip.
"""

import collections
import contextlib
import re
import socket
import threading

TRACE_ID = re.compile(rb"\b[0-9a-f]{32}\b")


class Connection:
    """One client's; `trace` is whose transaction it is in."""

    def __init__(self, proxy, client):
        self.proxy = proxy
        self.client = client
        self.server = socket.create_connection(proxy.target)
        self.server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lock = threading.Lock()
        self.is_answered = True
        self.trace = None

    def serve(self):
        back = threading.Thread(target=self.backward, daemon=True)
        with self.client, self.server:
            back.start()
            with contextlib.suppress(OSError):
                while data := self.client.recv(1 << 20):
                    self.note(data)
                    self.server.sendall(data)
            self.hang_up()
            back.join()

    def backward(self):
        with contextlib.suppress(OSError):
            while data := self.server.recv(1 << 20):
                with self.lock:
                    self.is_answered = True
                self.client.sendall(data)
        self.hang_up()

    def note(self, data):
        found = TRACE_ID.search(data)
        with self.lock:
            is_new, self.is_answered = self.is_answered, False
        trace = found.group().decode() if found else self.trace
        if is_new or trace != self.trace:
            self.proxy.count(trace, self)
        self.trace = trace

    def hang_up(self):
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Listener:
    """Listens on a port of its own and serves each client in a thread. A context manager."""

    def __init__(self, host, port):
        self.target = (host, port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def serve(self, client):
        raise NotImplementedError

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.listener.accept()[0]
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Proxy(Listener):
    def __init__(self, host, port):
        super().__init__(host, port)
        self.round_trips = collections.Counter()  # by trace id
        self.journal = []  # of all, in order: the trace id and the connection
        self.lock = threading.Lock()

    def count(self, trace, connection):
        with self.lock:
            self.round_trips[trace] += 1
            self.journal.append((trace, connection))

    def serve(self, client):
        with contextlib.suppress(OSError), client:
            Connection(self, client).serve()
