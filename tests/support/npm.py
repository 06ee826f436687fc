"""Packages of npm that tests are judged by: what a folder's package-lock.json names."""

import fcntl
import functools
import os
import re
import subprocess
import unittest

NO_REGISTRY = re.compile(r"\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT)\b")


@functools.cache
def install(folder):
    """Once, and no package's own script runs. What npm said, when it had something to do."""
    there = folder / "node_modules/.package-lock.json"
    with open(folder / "package-lock.json", encoding="utf-8") as wanted:
        fcntl.flock(wanted, fcntl.LOCK_EX)
        if there.exists() and there.stat().st_mtime >= os.fstat(wanted.fileno()).st_mtime:
            return None
        return subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, text=True,
                              capture_output=True, check=False)


def need(folder):
    """Without a registry nobody can install them: a test that needs them is skipped then."""
    done = install(folder)
    if done and NO_REGISTRY.search(done.stderr):
        raise unittest.SkipTest("npm reaches no registry")
    if done and done.returncode != 0:
        raise AssertionError(f"npm ci: {done.stderr}\n{done.stdout}")
