"""A shop that says whatever a test wants: the peer of the CRM's synchronisation.

`page(query, number)` gives the answer to the number-th GET /api/orders, counted from 0, and
`order(order_id)` the answer to GET /api/orders/{id}: bytes, a (status, bytes) pair, None for 404, or an
iterator whose pieces are sent as they come, for as long as the client listens.
"""

import contextlib
import http.server
import json
import threading
import urllib.parse


def page(orders, **more):
    """A page of orders, each given as a dictionary or as the text of its JSON."""
    texts = [o if isinstance(o, str) else json.dumps(o) for o in orders]
    members = "".join(f", {json.dumps(name)}: {json.dumps(value)}" for name, value in more.items())
    return f'{{"orders": [{",".join(texts)}]{members}}}'.encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        tail = url.path.removeprefix("/api/orders").strip("/")
        if tail:
            answer = self.server.shop.order(int(tail))
        else:
            answer = self.server.shop.next_page(dict(urllib.parse.parse_qsl(url.query)))
        self.give(answer if answer is not None else (404, b'{"error": "not found"}'))

    def give(self, answer):
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        self.send_response(status)
        for name, value in self.server.shop.headers.items():
            self.send_header(name, value)
        if isinstance(body, bytes):
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        self.send_header("Connection", "close")
        self.end_headers()
        for piece in body:
            self.wfile.write(piece)
        self.close_connection = True

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A client that has had enough goes away."""


class FakeShop:
    def __init__(self):
        self.page = lambda query, number: page([])
        self.order = lambda order_id: None
        self.headers = {"Content-Type": "application/json"}
        self.queries = []  # of the pages that were asked for
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.shop = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def next_page(self, query):
        self.queries.append(query)
        return self.page(query, len(self.queries) - 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.server.shutdown()
        self.thread.join()
        self.server.server_close()
