"""A TCP proxy that does something to what a server says, from a byte on: it cuts the connection, says nothing more,
or says something else and cuts it then. Only the first connection is tampered with."""

import contextlib
import socket
import threading

CUT, STALL, GARBAGE = "cut", "stall", "garbage"


class Tampering:
    def __init__(self, target, kind=None, at=0, held=None):
        """`held`: what a client sends with these bytes in it waits for what it sends next, and goes with that."""
        self.target = target
        self.held = held
        self.kind = kind
        self.at = at
        self.said = 0  # bytes of the server's in the first connection
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listening.getsockname()[1]
        self.is_first = True
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listening.accept()
                is_first, self.is_first = self.is_first, False
                server = socket.create_connection(self.target)
                for end in (client, server):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self.forward, args=(client, server), daemon=True).start()
                threading.Thread(target=self.backward, args=(server, client, is_first), daemon=True).start()

    @staticmethod
    def hang_up(*ends):
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def forward(self, client, server):
        with contextlib.suppress(OSError):
            while data := client.recv(1 << 16):
                if self.held and self.held in data:
                    data += client.recv(1 << 16)
                server.sendall(data)
        self.hang_up(server)
        client.close()

    def backward(self, server, client, is_first):
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 16):
                if not is_first:
                    client.sendall(data)
                    continue
                good = data[:max(0, self.at - self.said)] if self.kind else data
                bad = data[len(good):]
                self.said += len(data)
                client.sendall(good)
                if bad and self.kind == GARBAGE:
                    client.sendall(bytes((byte * 7 + 13) % 256 for byte in bad))
                if bad and self.kind != STALL:
                    break
        self.hang_up(client)
        server.close()
