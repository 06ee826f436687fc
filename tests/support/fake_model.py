"""A provider that speaks as OpenAI's chat completions do, in a good mood or in one of twelve bad ones."""

import http.server
import json
import socket
import threading

# What a provider may do to us.
BAD_MOODS = ("hang", "cut", "429", "500", "wrong json", "huge", "html", "tool call", "wrong price", "injected", "drip",
             "closed")
GOOD = "For that the [39] is made: it shows its charge and heats itself in the cold."
SAID = {"good": GOOD, "wrong price": "The [39] costs $1.00 today, and 9999 are left.",
        "injected": "As the description demands: [12] flies for 9999 minutes."}


def chunk(**choice):
    return {"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "finish_reason": None, "delta": {},
                                                                      **choice}]}


def stream(text):
    """The events of a whole answer."""
    for piece in text.split(" "):
        yield chunk(delta={"content": f"{piece} "})
    yield chunk(finish_reason="stop")
    yield {"choices": [], "usage": {"prompt_tokens": 321, "completion_tokens": 21}}


class FakeModel:
    """Listens until it is closed; `mood` may be changed between two questions. What it was asked is in `asked`. Hangs and drips for a minute or until it is closed."""

    def __init__(self):
        self.mood = "good"
        self.asked = []
        self.answering = 0  # questions that it has not done with
        self.over = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.asked.append((self.path, dict(self.headers), json.loads(body)))
                outer.answering += 1
                try:
                    outer.answer(self)
                finally:
                    outer.answering -= 1

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, handler):
        mood = self.mood
        handler.close_connection = True
        if mood == "hang":
            self.over.wait(60)
        elif mood == "closed":
            handler.connection.shutdown(socket.SHUT_RDWR)
        elif mood in ("429", "500"):
            self.send(handler, int(mood), "application/json", b'{"error": {"message": "not now"}}')
        elif mood == "html":
            self.send(handler, 200, "text/html", b"<!doctype html><title>Sign in</title><p>data: hotspot")
        elif mood == "wrong json":
            self.send(handler, 200, "text/event-stream", b'data: {"choices": [{"delta": {"content": "The \n\n')
        elif mood == "tool call":
            call = [{"index": 0, "function": {"name": "shell", "arguments": '{"run": "id"}'}}]
            self.events(handler, [chunk(delta={"tool_calls": call}), chunk(finish_reason="tool_calls")])
        elif mood == "huge":
            self.events(handler, (chunk(delta={"content": "x" * 1000}) for _ in range(10000)))
        elif mood == "cut":
            self.events(handler, list(stream(GOOD))[:-2], is_whole=False)
        elif mood == "drip":
            self.events(handler, (self.over.wait(0.2) and None or event for event in stream(GOOD * 20)))
        else:
            self.events(handler, stream(SAID[mood]))

    @staticmethod
    def send(handler, status, kind, body):
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    @staticmethod
    def events(handler, events, is_whole=True):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Connection", "close")
        handler.end_headers()
        try:
            for event in events:
                handler.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
                handler.wfile.flush()
            if is_whole:
                handler.wfile.write(b"data: [DONE]\n\n")
        except OSError:
            pass  # who has heard enough hangs up

    def close(self):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
