"""Somebody without a name who asks as much as he can, with the longest texts that are kept of him."""

import socket

from support.harness import patience

AT_ONCE = 200  # requests that are under way together
AGENT = "x" * 480
UNREADABLE = f"GET /\x01 HTTP/1.1\r\nHost: x\r\nUser-Agent: {AGENT}\r\n\r\n".encode()


def request(line, *fields, body=""):
    return "\r\n".join((f"{line} HTTP/1.1", "Host: x", f"User-Agent: {AGENT}", *fields,
                        f"Content-Length: {len(body)}", "", body)).encode("latin-1")


class Stranger:
    """Sends requests together and counts what is answered."""

    def __init__(self, port):
        self.port = port

    def send(self, make, count):
        answered = 0
        with socket.create_connection(("127.0.0.1", self.port), patience(30)) as line:
            for start in range(0, count, AT_ONCE):
                number = min(AT_ONCE, count - start)
                line.sendall(b"".join(make(start + each) for each in range(number)))
                answered += self.take(line, number)
        return answered

    @staticmethod
    def take(line, number):
        """Bodies do not hold what begins a head."""
        seen, tail = 0, b""
        while seen < number or not tail.endswith((b"}", b"\n")):
            some = line.recv(1 << 20)
            if not some:
                break
            seen += (tail[-8:] + some).count(b"HTTP/1.1 ")
            tail = some
        return seen

    def send_unreadable(self, count):
        answered = 0
        for _ in range(count):
            with socket.create_connection(("127.0.0.1", self.port), patience(30)) as line:
                line.sendall(UNREADABLE)
                while line.recv(65536):
                    pass
                answered += 1
        return answered
