#!/usr/bin/env python3
"""Makes one script and one style sheet of an application's pages, by esbuild: web/console/main.tsx with all that it
imports becomes console.js and console.css. Libraries are Debian's: those that are installed, or that ./octo unpacked.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

INSTALLED = Path("/usr/share/nodejs")
UNPACKED = Path(__file__).resolve().parent.parent / "build-react" / INSTALLED.relative_to("/")
# What browsers of 2020 know; --jsx=automatic has React's own function called for each element.
OPTIONS = ["--bundle", "--minify", "--target=es2020", "--jsx=automatic", "--charset=utf8", "--log-level=warning",
           '--define:process.env.NODE_ENV="production"']


def write_depfile(path, target, inputs):
    names = [str(name).replace(" ", "\\ ") for name in inputs]
    path.write_text(f"{target}: " + " \\\n  ".join(names) + "\n", encoding="utf-8")


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--esbuild", required=True, help="the program")
    parser.add_argument("--entry", type=Path, required=True, help="the first file")
    parser.add_argument("--output", type=Path, required=True, help="the script; the style sheet lies beside it")
    parser.add_argument("--depfile", type=Path, help="dependencies in make's form")
    options = parser.parse_args(arguments)
    with tempfile.NamedTemporaryFile(suffix=".json") as about:
        status = subprocess.run([options.esbuild, options.entry, *OPTIONS, f"--outfile={options.output}",
                                 f"--metafile={about.name}"], check=False,
                                env=dict(os.environ, NODE_PATH=f"{INSTALLED}{os.pathsep}{UNPACKED}")).returncode
        if status == 0 and options.depfile:
            inputs = json.load(about)["inputs"]  # names relative to where it ran
            write_depfile(options.depfile, options.output, [Path(name).resolve() for name in inputs])
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
