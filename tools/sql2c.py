#!/usr/bin/python3
"""Makes a service's C statement catalogue from the .sql files below sql/.

    sql2c.py --root . --service shop --dialects sqlite --output build/src/db --depfile x.d

reads sql/core and sql/shop and writes three files:

    sql_shop_catalogue.h   the catalogue and the schema scripts, for wiring and tools
    sql_shop.h             a row struct and typed functions per statement
    sql_shop.c             the tables behind both

Everything that can be seen to be wrong in a statement is an error with file and line, so that it
stops the build and not a request. A file holds several statements:

    -- name: stock_take
    -- Takes `quantity` units if they are there; no row means too few are left.
    -- params: product_id int, quantity int, now now
    -- columns: stock int
    UPDATE products SET stock = stock - :quantity, updated_at = :now
     WHERE id = :product_id AND stock >= :quantity
    RETURNING stock

The text goes on to the next `-- name:` or `-- row:`; white space at its end is not part of it. Types
are int, money (cents in C), time (microseconds), bool, real, text, which is never empty, and text0,
which may be; each is nullable with `?`. A parameter may also be `now`: the session binds it, and a text
for a server may ask the server's clock instead. Long `params` and `columns` go on in lines that begin
with `--` and two blanks.

A row that several statements give is declared once

    -- row: product
    -- A product as shoppers see it.
    -- columns: id int, name text, price money

and becomes one C struct: `-- columns: product.*` is that row alone, `-- columns: quantity int,
product.*` has it as a member.

A text after `-- sqlite:` is for that dialect, one after `-- sqlite, postgres:` for both; one without a
mark is for all that have no text of their own. What the dialects are is said in sql2c_dialects.py.

A text for Oracle is made by the rules of sql2c_oracle.py, from PostgreSQL's or the one for all, unless
one stands below `-- oracle:`; sql2c_oracle_lint.py refuses what 19c would. A dialect that is `wanted` may
be without a text for a statement, which --list names with the reason. What the engine is told of such a
text is in struct db_variant (db/catalogue.h):

  - each place of a :name is a bind (bind_order), but in a block, BEGIN or DECLARE ... END;, each name is;
  - the columns come out of binds behind those, in their order (gives_binds): after RETURNING a, b INTO
    :a, :b, or last of all in a block, whose row is there where its first column is not NULL. A column that
    a parameter has the name of is received as :ret_a, a parameter with a reserved name is bound as :p_a.
    Their types are the columns' own; lob_columns are CLOBs, by the scripts in schema/;
  - what is no block and writes may go as an array, one execution a row;
  - may_collide and lob_places say what else an engine has to know.

An INSERT of one row of values gets a second text on PostgreSQL, under the name with `_batch` behind it,
that stores many rows at once; to Oracle the same text goes as an array. The scripts in schema/ and seed/ use the same marks, and `-- all:` to end
them. A seed without a text for Oracle gets one by the rules of sql2c_oracle_seed.py.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

sys.dont_write_bytecode = True  # the source tree stays as it is

from sql2c_batch import add_batch
from sql2c_check import check_rows_used, check_unique, complete, find_lob_columns, take_rows
from sql2c_dialects import DIALECTS
from sql2c_model import SqlError
from sql2c_oracle_seed import derived_seed, unique_keys
from sql2c_read import check_versions, clob_columns, read_file, read_script
from sql2c_write import Writer


@dataclass
class Service:
    rows: list
    statements: list
    scripts: list
    inputs: list  # files and directories that the result depends on


def load_service(root, service, required, wanted=()):
    """Reads and checks everything of one service: the core and its own files. Below sql/db is what the
    database layer asks for itself, in a directory more what one engine does, below sql/store what
    files of spans are asked, below sql/sums the file of their sums, below sql/metrics that of metrics: these
    are without the core."""
    loaded = Service([], [], [], [])
    stands_alone = service in ("core", "store", "sums", "metrics") or service.split("/")[0] == "db"
    for directory in [service] if stands_alone else ["core", service]:
        for below in (directory, f"{directory}/schema", f"{directory}/seed"):
            folder = root / "sql" / below
            if not folder.is_dir():
                continue
            files = sorted(folder.glob("*.sql"))
            loaded.inputs += [folder, *files]
            for path in files:
                shown = path.relative_to(root).as_posix()
                if below == directory:
                    rows, statements = read_file(path, shown)
                    loaded.rows += rows
                    loaded.statements += statements
                else:
                    loaded.scripts.append(read_script(path, shown, [*required, *wanted]))
    by_name = {row.name: row for row in loaded.rows}
    for statement in loaded.statements:
        take_rows(statement, by_name)
    check_unique(loaded.rows, loaded.statements)
    check_rows_used(loaded.rows)
    clobs = clob_columns(loaded.scripts)
    for statement in loaded.statements:
        complete(statement, required, wanted)
        find_lob_columns(statement, clobs)
        add_batch(statement, required)
    loaded.rows.sort(key=lambda row: row.name)
    loaded.statements.sort(key=lambda statement: statement.name)
    loaded.scripts.sort(key=lambda script: script.version)
    check_versions(loaded.scripts)
    derive_seeds(loaded.scripts, [*required, *wanted])
    return loaded


def derive_seeds(scripts, asked):
    """Those without a section for Oracle get PostgreSQL's by rule. It is the source, so it is what is held against
    what ran: how it reads for Oracle may change."""
    keys = unique_keys(scripts)
    for script in scripts:
        if "oracle" in asked and script.is_seed and "postgres" in script.marked and "oracle" not in script.marked:
            script.texts["oracle"] = derived_seed(script.texts["postgres"], keys, script.file)
            script.checksums["oracle"] = script.checksums["postgres"]


def print_list(statements, dialect):
    counts = {"written": 0, "general": 0, "by rule": 0, "missing": 0}
    for statement in statements:
        variant = statement.variants.get(dialect)
        base = statement.texts.get("postgres") or statement.texts.get(None)
        kind = ("missing" if variant is None else "written" if not variant.is_derived
                else "general" if variant.text == base.text else "by rule")
        counts[kind] += 1
        print(f"{kind:8}  {statement.name}" + (f"  {statement.missing[dialect]}" if variant is None else ""))
    print(", ".join(f"{count} {kind}" for kind, count in counts.items()))


def write_depfile(path, target, inputs):
    # The directories are inputs too: a file that comes or goes changes them.
    names = [str(name).replace(" ", "\\ ") for name in inputs]
    path.write_text(f"{target}: " + " \\\n  ".join(names) + "\n", encoding="utf-8")


def write_changed(path, text):
    """Leaves the time of what stays as it was, so that nothing is built anew from it."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description="Make the C statement catalogue of a service.")
    parser.add_argument("--root", type=Path, required=True, help="directory that holds sql/")
    parser.add_argument("--service", required=True, help="core, shop, crm, store, db or db/ENGINE")
    parser.add_argument("--dialects", default="sqlite", help="required ones, comma-separated")
    parser.add_argument("--wanted", default="", help="those of which a text may be missing")
    parser.add_argument("--list", metavar="DIALECT", help="say of each text whether it is written, made by rule or "
                        "missing, and write nothing")
    parser.add_argument("--output", type=Path, help="directory to write to")
    parser.add_argument("--depfile", type=Path, help="dependencies in make's form")
    options = parser.parse_args(arguments)
    options.dialects = options.dialects.split(",")
    options.wanted = [options.list] if options.list else list(filter(None, options.wanted.split(",")))
    unknown = [dialect for dialect in [*options.dialects, *options.wanted] if dialect not in DIALECTS]
    if unknown:
        parser.error(f"unknown dialect: {', '.join(unknown)}")
    if bool(options.output) == bool(options.list):
        parser.error("--output or --list, one of them")
    return options


def main(arguments):
    options = parse_arguments(arguments)
    try:
        loaded = load_service(options.root, options.service, options.dialects, options.wanted)
    except SqlError as error:
        print(error, file=sys.stderr)
        return 1
    if not loaded.statements:  # an empty catalogue would only break the build later, and elsewhere
        print(f"{options.root / 'sql' / options.service}: no statements: was the checkout moved or "
              "copied? Then set its build directory up anew", file=sys.stderr)
        return 1
    if options.list:
        print_list(loaded.statements, options.list)
        return 0
    writer = Writer(options.service.replace("/", "_"), loaded.rows, loaded.statements, loaded.scripts)
    name = f"sql_{writer.service}"
    first = options.output / f"{name}_catalogue.h"
    write_changed(first, writer.catalogue_header())
    write_changed(options.output / f"{name}.h", writer.header())
    write_changed(options.output / f"{name}.c", writer.source())
    if options.depfile:
        write_depfile(options.depfile, first, loaded.inputs)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
