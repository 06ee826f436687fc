"""Clients that sign in from addresses of their own (all of 127/8 is this machine), and crowds of them."""

import http.client
import json
import selectors
import socket
import threading

from support.harness import PASSWORD, Answer, patience

LOGIN = "/api/auth/login"


def address(number):
    """One of 16 million, never 127.0.0.1 itself."""
    return f"127.{1 + number // 65025}.{number // 255 % 255}.{1 + number % 255}"


def sign_in(service, username, password=PASSWORD, source="127.0.0.1"):
    """The answer to one attempt over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=patience(60),
                                            source_address=(source, 0))
    try:
        connection.request("POST", LOGIN, json.dumps({"username": username, "password": password}),
                           {"Content-Type": "application/json"})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def spray(service, names, source):
    """The statuses of guesses at all these names over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=patience(60),
                                            source_address=(source, 0))
    statuses = []
    for name in names:
        connection.request("POST", LOGIN, json.dumps({"username": name, "password": "wrong"}),
                           {"Content-Type": "application/json"})
        statuses.append(Answer(connection.getresponse()).status)
    connection.close()
    return statuses


def raw_post(path, body, **fields):
    text = json.dumps(body)
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return (f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{more}"
            f"Content-Length: {len(text)}\r\n\r\n{text}").encode()


def guess(number):
    """At a name that nobody else has guessed at."""
    return raw_post(LOGIN, {"username": f"made-up-{number}", "password": "wrong-horse-battery"})


class Crowd:
    """So many connections, each from another address, that say what `request(n)` gives at full speed, the next when
    the last is answered, until the block ends. `statuses` counts what they were answered."""

    def __init__(self, service, connections, request):
        self.port, self.count, self.request, self.statuses = service.port, connections, request, {}
        self.must_end = threading.Event()
        self.is_busy = threading.Event()  # the first has been refused: what there is for them is taken
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.must_end.set()
        self.thread.join()

    def served(self):
        """How many answers were not refusals."""
        return sum(count for status, count in list(self.statuses.items()) if status != "503")

    def run(self):
        with selectors.DefaultSelector() as ready:
            sockets = [socket.create_connection(("127.0.0.1", self.port), patience(60), (address(index), 0))
                       for index in range(self.count)]
            asked = 0
            for one in sockets:
                ready.register(one, selectors.EVENT_READ)
                one.sendall(self.request(asked))
                asked += 1
            while not self.must_end.is_set():
                for key, _ in ready.select(0.1):
                    status = key.fileobj.recv(1 << 16)[9:12].decode()
                    self.statuses[status] = self.statuses.get(status, 0) + 1
                    if status == "503":
                        self.is_busy.set()
                    key.fileobj.sendall(self.request(asked))
                    asked += 1
            for one in sockets:
                one.close()
