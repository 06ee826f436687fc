"""Builds of the program that are broken on purpose, by patches."""

import contextlib
import pathlib
import shutil
import subprocess

from support.harness import ROOT


class BrokenBuilds:
    """A copy of the tree that is built with one patch at a time; what no patch touches is compiled once."""

    def __init__(self, folder, *options):
        self.source, self.build = pathlib.Path(folder, "source"), pathlib.Path(folder, "build")
        shutil.copytree(ROOT, self.source, ignore=shutil.ignore_patterns(
            ".git", "build*", "var", "node_modules", "__pycache__"))
        self.run("meson", "setup", self.build, self.source, "--buildtype=debug", *options)

    def run(self, *command):
        done = subprocess.run(command, cwd=self.source, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{command}: {done.stdout[-5000:]}{done.stderr}")

    @contextlib.contextmanager
    def executable(self, patch, target="src/app/octo"):
        self.run("patch", "-p1", "--fuzz=3", "-i", patch)
        try:
            self.run("ninja", "-C", self.build, target)
            yield str(self.build / target)
        finally:
            self.run("patch", "-p1", "--fuzz=3", "--reverse", "-i", patch)
