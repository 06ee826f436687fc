"""Builds of the program that are broken on purpose, by patches."""

import contextlib
import pathlib
import shutil
import subprocess

from support.harness import ROOT

BUILD = "build-test"  # which ./octo test has built


class BrokenBuilds:
    """A copy of the checkout and of what was built there, in which one patch is put in at a time: all that no patch
    touches is built already. Paths of a build are relative to it, so it does not see that it was copied."""

    def __init__(self, folder):
        if not (ROOT / BUILD / "build.ninja").exists():
            raise AssertionError(f"{ROOT / BUILD} is not there: ./octo test fault makes it")
        self.source = pathlib.Path(folder, "octo")
        self.build = self.source / BUILD
        shutil.copytree(ROOT, self.source, ignore=self.is_left_out)

    @staticmethod
    def is_left_out(folder, names):
        if pathlib.Path(folder) != ROOT:
            return {"node_modules", "__pycache__"}
        return {name for name in names if name in (".git", "var") or name.startswith("build") and name != BUILD}

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
