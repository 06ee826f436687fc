#!/usr/bin/env python3
"""A file of 200 KB over 64 connections: how fast the shop gives it, next to nginx with the same file.

By hand, on a machine that does nothing else, with nginx and wrk installed (Debian: apt install nginx-light wrk):

    tests/by_hand/asset_nginx.py [--rounds 7] [--seconds 4]

The files of web/ are smaller, so a copy of this checkout gets one more and is built as the launcher builds
(build-asset/, a minute the first time). Both answer by turns, each with as many threads as the shop has loops; printed
are the rates of each turn, the medians and their ratio. The exit code is 1 where that is below 0.8.
"""

import argparse
import contextlib
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))

from raw_nginx import wait_for
from support.harness import Instance
from support.ports import free_port

CONNECTIONS = 64
BYTES = 200 * 1024
NAME = "large.js"
RATIO = 0.8  # at least
LOOPS = "2"
CONFIGURATION = f"""
daemon off; pid {{folder}}/pid; worker_processes {LOOPS}; {{user}}
events {{{{ worker_connections 1024; }}}}
http {{{{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
    client_body_temp_path {{folder}}/body; proxy_temp_path {{folder}}/proxy; fastcgi_temp_path {{folder}}/fastcgi;
    uwsgi_temp_path {{folder}}/uwsgi; scgi_temp_path {{folder}}/scgi;
    types {{{{ text/javascript js; }}}}
    server {{{{ listen 127.0.0.1:{{port}}; location /assets/ {{{{ alias {{folder}}/; }}}} }}}}
}}}}
"""


def large_file():
    """Words of a script, so that it packs as one does; always the same."""
    words = re.findall(r"\S+\s+", (ROOT / "web/docs.js").read_text(encoding="utf-8"))
    text = "".join(random.Random(1).choices(words, k=BYTES // 3))
    return text.encode()[:BYTES]


def build():
    """The program of a copy of the checkout with one more file in web/."""
    copy, directory = ROOT / "build-asset/checkout", ROOT / "build-asset/build"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    for name in filter(None, os.fsdecode(listed).split("\0")):
        source, target = ROOT / name, copy / name
        if source.is_file() and not (target.exists() and target.stat().st_mtime == source.stat().st_mtime):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    large = copy / "web" / NAME
    if not large.exists() or large.read_bytes() != large_file():
        large.write_bytes(large_file())
    if not (directory / "build.ninja").exists():
        subprocess.run(["meson", "setup", directory, copy, "--buildtype=release", "-Db_lto=true"], check=True,
                       stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", directory, "src/app/octo"], check=True, stdout=subprocess.DEVNULL)
    return directory / "src/app/octo"


@contextlib.contextmanager
def nginx():
    """Its port."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="octo-nginx-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)  # its workers may be somebody else
        (folder / NAME).write_bytes(large_file())
        (folder / "nginx.conf").write_text(CONFIGURATION.format(
            folder=folder, port=port, user="user www-data;" if os.geteuid() == 0 else ""))
        with subprocess.Popen(["nginx", "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"]) as process:
            try:
                wait_for([port])
                yield port
            finally:
                process.terminate()


def rate(port, seconds):
    """Answers in a second, every one of them whole and 200."""
    done = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s",
                           f"http://127.0.0.1:{port}/assets/{NAME}"], text=True, capture_output=True, check=True)
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(done.stdout)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout).group(1))


def check_same(ports):
    """Both give that file, and all of it."""
    for port in ports:
        got = subprocess.run(["curl", "-sf", f"http://127.0.0.1:{port}/assets/{NAME}"], check=True,
                             capture_output=True).stdout
        if got != large_file():
            raise RuntimeError(f"port {port} gives another file: {len(got)} bytes")


def compare(ports, rounds, seconds):
    """The rates of each, a turn each; who comes first changes."""
    rates = {name: [] for name in ports}
    for port in ports.values():
        rate(port, 1)
    for turn in range(rounds):
        for name in sorted(ports, reverse=turn % 2 == 1):
            rates[name].append(rate(ports[name], seconds))
        print(f"turn {turn + 1}: " + ", ".join(f"{name} {rates[name][-1]:.0f}/s" for name in ports), flush=True)
    return {name: statistics.median(of_one) for name, of_one in rates.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=4, help="of each turn")
    arguments = parser.parse_args()
    with Instance(executable=str(build()), OCTO_LOOP_THREADS=LOOPS) as instance, nginx() as nginx_port:
        ports = {"octo": instance.shop.port, "nginx": nginx_port}
        check_same(ports.values())
        medians = compare(ports, arguments.rounds, arguments.seconds)
    ratio = medians["octo"] / medians["nginx"]
    print(f"median: octo {medians['octo']:.0f}/s, nginx {medians['nginx']:.0f}/s, ratio {ratio:.2f} "
          f"(wanted: {RATIO} or more)")
    return ratio < RATIO


if __name__ == "__main__":
    sys.exit(main())
