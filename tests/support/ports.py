"""Ports that no other test process of this machine takes, and no outgoing connection either."""

import contextlib
import random
import socket

RANGE = range(10000, 32000)  # below the ports that the kernel gives to outgoing connections
HELD = []  # each port's name in the abstract namespace, which ends with this process


def free_port():
    while True:
        port = random.choice(RANGE)
        name = socket.socket(socket.AF_UNIX)
        with contextlib.suppress(OSError), socket.socket() as probe:
            name.bind(f"\0octo-test-port-{port}")
            probe.bind(("127.0.0.1", port))
            HELD.append(name)
            return port
        name.close()
