"""Builds a copy of the checkout, and ends with us. See tools/mutate.py."""

import subprocess


def ends_with_us(sign):
    """What stands before a command that gets this signal when we have ended, however we did."""
    return ["setpriv", "--pdeathsig", sign]


def ninja(build, *targets):
    """What ninja says when it fails, None otherwise."""
    done = subprocess.run([*ends_with_us("TERM"), "ninja", "-C", build, *targets], check=False, text=True,
                          errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout if done.returncode != 0 else None
