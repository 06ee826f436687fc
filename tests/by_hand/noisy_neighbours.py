#!/usr/bin/env python3
"""Does a stranger who floods one open route keep a buyer from buying?

    tests/by_hand/noisy_neighbours.py [--connections N] [--checkouts N] [--route TEXT]

On SQLite and on PostgreSQL, where it is installed: for each route that anybody may call, of shop and portal, so many
connections (200) send it as fast as they are answered, from an address of their own, while a buyer from another one
checks out (10 times). Prints the slowest checkout beside each route and what the noise was answered. The exit code is 1
where a checkout was refused or took longer than a second. The noise runs on this machine too and takes its share of it.
"""

import argparse
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from support import noise  # noqa: E402
from support.harness import Instance, backends, checkout_body  # noqa: E402

LIMIT_SECONDS = 1.0


def try_route(instance, service, name, request, options):
    """Whether every checkout was done in time."""
    with instance.shop.client() as buyer:
        with noise.Noise(service.port, options.connections, request) as made:
            bought = noise.buy(buyer, options.checkouts, checkout_body(items=[{"product_id": 12, "quantity": 1}]))
    noise.wait_until_quiet(service)
    slowest = max(seconds for seconds, _ in bought)
    refused = [answer for _, answer in bought if answer.status != 200]
    is_good = slowest < LIMIT_SECONDS and not refused
    print(f"{'ok  ' if is_good else 'FAIL'} {service.name:4} {name:42} slowest {slowest * 1000:6.0f} ms, "
          f"refused {len(refused)}; noise {made.answered}", flush=True)
    if refused:
        print(f"     {refused[0]}")
    return is_good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--checkouts", type=int, default=10)
    parser.add_argument("--route", default="", help="only those with this in their name")
    options = parser.parse_args()
    failed = 0
    for backend, on_server in backends():
        print(f"{backend}:")
        with Instance(on_server=on_server) as instance:
            instance.shop.execute("UPDATE products SET stock = 1000000 WHERE id = 12")
            for service in (instance.shop, instance.crm):
                with service.client() as client:
                    document = client.get("/openapi.json").json
                for name, request in noise.open_requests(document):
                    if options.route in name:
                        failed += not try_route(instance, service, name, request, options)
    print(f"{failed} routes by which a buyer was kept waiting")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
