#!/usr/bin/env python3
"""The table of raw requests through nginx in front of both services: where does it say the same?

By hand, with nginx installed (Debian: apt install nginx-light):

    tests/by_hand/raw_nginx.py [--all]

Prints the rows in which nginx answers with other statuses than the services alone, or all of them, and how many agree.
What nginx refuses it refuses by itself, and what it lets through it says anew, so a service behind it sees other bytes.
The table (tests/support/raw_requests.py) says where the two differ; the exit code is 1 where that is not so.
"""

import argparse
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from support.harness import INTERNAL_KEY, Instance, patience
from support.ports import free_port
from support.raw_http import Line, Nonsense, fill, tokens_of
from support.raw_requests import NGINX, TABLE

SECONDS = 2  # of silence, after which no more answers are waited for
CONFIGURATION = """
daemon off; pid {folder}/pid; worker_processes 1;
events {{ }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    large_client_header_buffers 4 32k; proxy_ignore_client_abort on;
    {servers}
}}
"""
SERVER = """
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://127.0.0.1:{behind}; proxy_http_version 1.1;
            proxy_set_header Host $http_host; proxy_set_header Connection "";
        }}
    }}
"""


@contextlib.contextmanager
def nginx(services):
    """Its port in front of each service."""
    ports = {service.name: free_port() for service in services}
    with tempfile.TemporaryDirectory(prefix="octo-nginx-") as folder:
        os.chmod(folder, 0o755)  # its workers may be somebody else
        written = pathlib.Path(folder) / "nginx.conf"
        written.write_text(CONFIGURATION.format(folder=folder, servers="".join(
            SERVER.format(port=ports[service.name], behind=service.port) for service in services)))
        with subprocess.Popen(["nginx", "-p", folder, "-c", written, "-e", f"{folder}/error.log"]) as process:
            try:
                wait_for(ports.values())
                yield ports
            finally:
                process.terminate()


def wait_for(ports):
    deadline = time.monotonic() + patience(10)
    for port in ports:
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                Line(port, SECONDS).socket.close()
                break
            if time.monotonic() > deadline:
                raise TimeoutError("nginx does not listen")
            time.sleep(0.05)


def statuses(port, row, filled):
    """Of the answers that come, until the connection ends or nothing comes for a while."""
    line = Line(port, SECONDS)
    came = []
    with line.socket, contextlib.suppress(Nonsense, OSError):
        line.say(fill(row.data, filled), row.ends)
        while len(came) < max(len(row.statuses), 1):
            came.append(line.take_answer(row.nobody and not came).status)
            if came[-1] == 100:
                line.say(fill(row.waits, filled))
    return tuple(came)


def ask(service, port, shows_all):
    """How many rows are answered otherwise than the table says that nginx does."""
    filled = {**tokens_of(service), "key": INTERNAL_KEY}
    agreeing = strange = 0
    for row in TABLE:
        seen = statuses(port, row, filled)
        said = NGINX.get(row.about, row.statuses)
        is_strange = seen != (said if isinstance(said, tuple) else (said,))
        agreeing += seen == row.statuses
        strange += is_strange
        if shows_all or seen != row.statuses or is_strange:
            print(f"{service.name:4} {row.about:60} RFC {row.where:20} {' '.join(map(str, row.statuses)):12} "
                  f"nginx {' '.join(map(str, seen)) or 'nothing'}{', not as the table says' if is_strange else ''}")
    print(f"{service.name}: nginx agrees in {agreeing} of {len(TABLE)} rows")
    return strange


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--all", action="store_true", help="print the rows that agree, too")
    arguments = parser.parse_args()
    with Instance() as instance, nginx((instance.shop, instance.crm)) as ports:
        return sum(ask(service, ports[service.name], arguments.all) for service in (instance.shop, instance.crm)) > 0


if __name__ == "__main__":
    sys.exit(main())
