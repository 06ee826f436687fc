"""TLS records of full size between a service and its server. PostgreSQL 15 sends 8 KB in one at most, servers from
17 on 16 KB, so a proxy does it for this one."""

import contextlib
import select
import socket
import ssl
import tempfile
import time
import unittest

from support import postgres
from support.harness import IS_POSTGRES, SERVICES, Instance, patience
from support.postgres_tls import SSL_REQUEST, self_signed
from support.proxy import Listener

RECORD = 16384  # RFC 8446 section 5.1
ORDERS = 100


class FullRecords(Listener):
    """A proxy that takes TLS from clients and sends them the end of each answer in a full record."""

    def __init__(self, host, port, folder):
        super().__init__(host, port)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*self_signed(folder))
        self.full_records = 0

    def serve(self, client):
        with contextlib.suppress(OSError), client, socket.create_connection(self.target) as server:
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if client.recv(len(SSL_REQUEST)) == SSL_REQUEST:
                client.sendall(b"S")
                with self.context.wrap_socket(client, server_side=True) as encrypted:
                    self.carry(encrypted, server)

    def carry(self, client, server):
        answer = b""
        while True:
            ready = [client] if client.pending() else select.select([client, server], [], [])[0]
            if client in ready:
                said = client.recv(RECORD)
                if not said:
                    return
                server.sendall(said)
            if server in ready:
                said = server.recv(1 << 22)
                if not said:
                    return
                answer += said
                if is_whole(answer):
                    self.pass_on(client, answer)
                    answer = b""

    def pass_on(self, client, answer):
        if len(answer) > RECORD:
            client.sendall(answer[:-RECORD])
            wait_until_read(client)
            self.full_records += 1
        client.sendall(answer[-RECORD:])


def is_whole(answer):
    """Messages of the server, of which the last says that it waits for more to do (or asks for a password)."""
    at, kind = 0, b""
    while at + 5 <= len(answer):
        kind, length = answer[at:at + 1], int.from_bytes(answer[at + 1:at + 5], "big")
        at += 1 + length
    return at == len(answer) and kind in (b"Z", b"R", b"E")


def wait_until_read(client):
    """Until nothing that was sent to the client waits in the kernel of this machine."""
    ours, theirs = (f"0100007F:{port:04X}" for port in (client.getsockname()[1], client.getpeername()[1]))
    deadline = time.monotonic() + patience(60)
    while time.monotonic() < deadline:
        with open("/proc/net/tcp", encoding="ascii") as table:
            sockets = {tuple(line.split()[1:3]): line.split()[4] for line in table}
        sent, received = sockets[ours, theirs].split(":")[0], sockets[theirs, ours].split(":")[1]
        if int(sent, 16) == int(received, 16) == 0:
            return
    raise RuntimeError("the client does not read")


@unittest.skipUnless(IS_POSTGRES, "an embedded database has no connections")
class Records(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="octo-records-"))
        port = postgres.cluster().port
        self.proxy = self.enterContext(FullRecords("127.0.0.1", port, folder))
        instance = Instance()
        for name, url in instance.database.environment(SERVICES).items():
            instance.environment[name] = (url.replace(f":{port}/", f":{self.proxy.port}/")
                                          + ("&" if "?" in url else "?") + "sslmode=require")
        self.shop = self.enterContext(instance).shop
        self.shop.execute("INSERT INTO orders (customer_id, total, notes) SELECT min(c.id), 1, repeat('x', 400) "
                          f"FROM customers c, generate_series(1, {ORDERS}) n GROUP BY n")

    def pool(self):
        with self.shop.client(internal=True) as client:
            return next(pool for pool in client.get("/api/observability/pools").json["pools"]
                        if pool["name"] == "main")

    def test_their_ends_are_read(self):
        """On a loop a session that does not answer is given up, and a worker waits for it to its deadline."""
        with self.shop.client(internal=True) as client:
            for path, name in (("/api/products", "products"), (f"/api/orders?limit={ORDERS}", "orders")):
                before, full = self.pool(), self.proxy.full_records
                answer = client.get(path)
                self.assertEqual(answer.status, 200, answer)
                self.assertGreater(len(answer.json[name]), 50)
                self.assertGreater(self.proxy.full_records, full, path)
                after = self.pool()
                self.assertEqual((after["checkouts"] - before["checkouts"], after["closed"] - before["closed"]),
                                 (1, 0), path)


if __name__ == "__main__":
    unittest.main()
