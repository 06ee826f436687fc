#!/usr/bin/env python3
"""Can a user be told from nobody by the time that a wrong password takes? By hand, on a quiet machine: it measures.

    tests/by_hand/sign_in_times.py [COUNT]     so many guesses at each of the two (2000)

Guesses at admin and at a name that nobody has, of the same length, come in random order over connections from the
same addresses. Two tests of two samples say how likely times as different as these are where there is no difference:
the sum of ranks (Mann and Whitney 1947), which sees a shift, and the greatest distance of the two distributions
(Smirnov 1939), which sees any difference. Exit code 1: one of them says less than one in a thousand.
"""

import math
import pathlib
import random
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from support.harness import Instance  # noqa: E402
from support.sign_ins import address, sign_in  # noqa: E402

NAMES = ("admin", "nimda")
ADDRESSES = 8
ATTEMPTS = "1000"  # no limit is met


def measure(service, count):
    order = list(NAMES) * count
    random.shuffle(order)
    times = {name: [] for name in NAMES}
    for turn, name in enumerate(order):
        begun = time.perf_counter()
        answer = sign_in(service, name, "wrong-horse-battery", address(turn % ADDRESSES))
        times[name].append(time.perf_counter() - begun)
        assert answer.status == 401, answer
    return [sorted(times[name]) for name in NAMES]


def rank_sum(first, second):
    """Two-sided, by the normal approximation; times do not tie."""
    ranks = {value: rank for rank, value in enumerate(sorted(first + second), 1)}
    n, m = len(first), len(second)
    u = sum(ranks[value] for value in first) - n * (n + 1) / 2
    z = (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(z) / math.sqrt(2))


def distance(first, second):
    """By the asymptotic distribution."""
    both = sorted(first + second)
    n, m = len(first), len(second)
    most = i = j = 0
    for value in both:
        while i < n and first[i] <= value:
            i += 1
        while j < m and second[j] <= value:
            j += 1
        most = max(most, abs(i / n - j / m))
    root = math.sqrt(n * m / (n + m))
    x = (root + 0.12 + 0.11 / root) * most
    return min(1, 2 * sum((-1) ** (k - 1) * math.exp(-2 * k * k * x * x) for k in range(1, 100)))


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    is_told = False
    with Instance(MAX_LOGIN_ATTEMPTS=ATTEMPTS) as instance:
        for service in (instance.shop, instance.crm):
            samples = measure(service, count)
            chances = rank_sum(*samples), distance(*samples)
            is_told = is_told or min(chances) < 0.001
            print(service.name, *(f"{name}: median {statistics.median(times) * 1000:.3f} ms"
                                  for name, times in zip(NAMES, samples)),
                  "by ranks p=%.3f, by distance p=%.3f" % chances, flush=True)
    return 1 if is_told else 0


if __name__ == "__main__":
    sys.exit(main())
