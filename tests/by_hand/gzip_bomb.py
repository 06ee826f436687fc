#!/usr/bin/env python3
"""What does a request cost the console that is small on the wire and enormous when unpacked?

    tests/by_hand/gzip_bomb.py [--gib N]

Sends N GiB (10) of zeros, packed by gzip into a thousandth of that, as traces, logs and metrics, in both encodings, one after
the other and then all at a time. Each has to be answered with 413, and the console's resident memory may at no moment
be 80 MB above what it was before for each that is under way. Prints both; the exit code is 1 where anything is otherwise. The peak is the kernel's
own, VmHWM of /proc/PID/status, begun anew before each by /proc/PID/clear_refs: see proc(5).
"""

import argparse
import pathlib
import struct
import sys
import zlib

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "integration"), str(HERE.parent.parent / "tools")]

from support.harness import in_parallel  # noqa: E402
from test_console import JSON, PROTOBUF, Console  # noqa: E402

CHUNK = 64 << 20
LIMIT_BYTES = 80_000_000
REQUESTS = [(path, kind) for path in ("/v1/traces", "/v1/logs", "/v1/metrics") for kind in (PROTOBUF, JSON)]


def bomb(gib):
    """One member of gzip (RFC 1952). Behind a full flush the packer knows nothing of what was before, so that the same
    bytes again are the same zeros again."""
    chunks = (gib << 30) // CHUNK
    zeros = bytes(CHUNK)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    check = 0
    for _ in range(chunks):
        check = zlib.crc32(zeros, check)
    head = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    return head + packed * chunks + packer.flush() + struct.pack("<II", check, (chunks * CHUNK) & 0xffffffff)


def memory(pid, name):
    """Bytes."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{name}:")) * 1024


def cost(console, send):
    """How far the console's memory went above what it was."""
    pid = console.service.process.pid
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
    before = memory(pid, "VmRSS")
    answers = send()
    more = memory(pid, "VmHWM") - before
    is_good = more < LIMIT_BYTES * len(answers) and all(answer.status == 413 for answer in answers)
    print(f"{'ok  ' if is_good else 'FAIL'} {more / 1e6:6.1f} MB above {before / 1e6:.1f} MB, answered "
          f"{sorted({answer.status for answer in answers})}", flush=True)
    return is_good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gib", type=int, default=10)
    packed = bomb(parser.parse_args().gib)
    print(f"{len(packed)} bytes on the wire")
    failed = 0
    with Console() as console:
        def send(number):
            path, kind = REQUESTS[number]
            return console.send(packed, kind, path, Content_Encoding="gzip")
        for number, (path, kind) in enumerate(REQUESTS):
            print(f"{path} {kind}: ", end="")
            failed += not cost(console, lambda number=number: [send(number)])
        print("all at a time: ", end="")
        failed += not cost(console, lambda: in_parallel(len(REQUESTS), send))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
