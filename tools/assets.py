#!/usr/bin/env python3
"""Makes the table of src/http/asset.h from the files of web/: bytes, gzip form, validators, names.

TypeScript, and style sheets below web/, are no files of their own: tools/bundle.py makes scripts and style sheets of
them, which stand in the table beside the others.

web_assets.h has a name for the address of each file, so that a page that mentions one that is not there does not
compile: web/page.css is ASSET_PAGE_CSS, "/assets/page.0a1b2c3d4e5f6071.css".
"""

import argparse
import hashlib
import re
import sys
import zlib
from pathlib import Path

PREFIX = "/assets/"
HASH_DIGITS = 16
BYTES_A_LINE = 20
MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
BUNDLED = {".ts", ".tsx"}
# Such a name is a path and a part of a C name as it stands, and has nothing that a URL escapes.
NAME = re.compile(r"(?:[a-z][a-z0-9_-]*/)*[a-z][a-z0-9_-]*\.[a-z0-9]+")


class AssetError(Exception):
    pass


class Asset:
    def __init__(self, name, data):
        suffix = Path(name).suffix
        if not NAME.fullmatch(name):
            raise AssetError(f"{name}: a name is of small letters, digits, - and _, and has one suffix")
        if suffix not in MEDIA:
            raise AssetError(f"{name}: no media type is known for {suffix}: name it in MEDIA of tools/assets.py")
        if not data:
            raise AssetError(f"{name}: the file is empty")
        self.name = name
        self.data = data
        self.media = MEDIA[suffix]
        self.lasting_name = f"{name[:-len(suffix)]}.{digest(data)}{suffix}"
        packed = gzip(data)
        self.packed = packed if len(packed) < len(data) else b""

    def c_name(self):
        return re.sub(r"[^a-z0-9]", "_", self.name)


def digest(data):
    return hashlib.sha256(data).hexdigest()[:HASH_DIGITS]


def gzip(data):
    """Without a name or a time: the same bytes give the same form."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31, 9)
    return packer.compress(data) + packer.flush()


def is_bundled(path, directory):
    return path.suffix in BUNDLED or (path.suffix == ".css" and path.parent != directory)


def load(directory, bundles=()):
    """The assets by name, and the files and directories that they depend on."""
    assets, inputs = [], [directory, *bundles]
    for path in sorted(directory.rglob("*")):
        if path.is_dir():
            inputs.append(path)
        elif not is_bundled(path, directory):
            inputs.append(path)
            assets.append(Asset(path.relative_to(directory).as_posix(), path.read_bytes()))
    assets += [Asset(path.name, path.read_bytes()) for path in bundles]
    if not assets:
        raise AssetError(f"{directory}: no assets")
    names = {}
    for asset in assets:
        for name in (asset.c_name(), asset.name, asset.lasting_name):
            if names.setdefault(name, asset.name) != asset.name:
                raise AssetError(f"{asset.name} and {names[name]} have the same name: {name}")
    return assets, inputs


def header(assets):
    lines = ["/* Made by tools/assets.py from web/. */", "#ifndef WEB_ASSETS_H", "#define WEB_ASSETS_H", ""]
    lines += [f'#define ASSET_{asset.c_name().upper()} "{PREFIX}{asset.lasting_name}"' for asset in assets]
    return "\n".join(lines + ["", "#endif", ""])


def bytes_of(name, data):
    lines = [f"static const unsigned char {name}[] = {{"]
    for at in range(0, len(data), BYTES_A_LINE):
        lines.append("".join(f"{byte}," for byte in data[at:at + BYTES_A_LINE]))
    return lines + ["};"]


def form(name, data):
    return f'{{{name}, sizeof({name}), "\\"{digest(data)}\\""}}' if data else "{NULL, 0, NULL}"


def source(assets):
    lines = ["/* Made by tools/assets.py from web/. */", '#include "http/asset.h"', "", "#include <stddef.h>", ""]
    rows = []
    for asset in assets:
        name = asset.c_name()
        lines += bytes_of(f"{name}_bytes", asset.data)
        if asset.packed:
            lines += bytes_of(f"{name}_packed", asset.packed)
        rows += [f'    {{"{asset.name}", "{asset.lasting_name}",', f'     "{asset.media}",',
                 f"     {form(f'{name}_bytes', asset.data)},", f"     {form(f'{name}_packed', asset.packed)}}},"]
    lines += ["static const struct asset rows[] = {", *rows, "};",
              "const struct asset_table web_assets = {rows, sizeof(rows) / sizeof(rows[0])};", ""]
    return "\n".join(lines)


def write_depfile(path, target, inputs):
    # The directories are inputs too: a file that comes or goes changes them.
    names = [str(name).replace(" ", "\\ ") for name in inputs]
    path.write_text(f"{target}: " + " \\\n  ".join(names) + "\n", encoding="utf-8")


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--web", type=Path, required=True, help="directory of the files")
    parser.add_argument("--bundles", type=Path, nargs="*", default=[], help="files that were made of others")
    parser.add_argument("--output", type=Path, required=True, help="directory to write to")
    parser.add_argument("--depfile", type=Path, help="dependencies in make's form")
    options = parser.parse_args(arguments)
    try:
        assets, inputs = load(options.web, options.bundles)
    except AssetError as error:
        print(error, file=sys.stderr)
        return 1
    target = options.output / "web_assets.h"
    target.write_text(header(assets), encoding="utf-8")
    (options.output / "web_assets.c").write_text(source(assets), encoding="utf-8")
    if options.depfile:
        write_depfile(options.depfile, target, inputs)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
