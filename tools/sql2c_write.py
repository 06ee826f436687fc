"""Writes a service's C catalogue. See tools/sql2c.py."""

import re

from sql2c_dialects import DIALECTS
from sql2c_model import TYPES, RowUse, has_null_field

def c_string(text):
    """A C literal, one source line per line of the text."""
    lines = text.split("\n")
    pieces = [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    return "\n        ".join(f'"{c_escaped(piece)}"' for piece in pieces) or '""'


def c_escaped(text):
    escapes = {"\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
    escaped = "".join(escapes.get(c) or (c if c >= " " else f"\\{ord(c):03o}") for c in text)
    return re.sub(r"(?<=\?)\?", r"\\?", escaped)  # two in a row could begin a trigraph


def c_comment(lines):
    lines = [line.replace("*/", "* /").replace("/*", "/ *") for line in lines]
    return "/* " + "\n * ".join(lines) + " */"


def wrapped(head, parts, tail, limit=100):
    """`head(part, part)tail` over as many lines as it takes, aligned after the bracket."""
    indent = " " * (len(head) + 1)
    lines = [head + "("]
    for at, part in enumerate(parts):
        piece = part + (")" + tail if at == len(parts) - 1 else ",")
        is_first = lines[-1].endswith("(")
        if not is_first and len(lines[-1]) + 1 + len(piece) > limit:
            lines.append(indent + piece)
        else:
            lines[-1] += piece if is_first else " " + piece
    return "\n".join(lines)


def join_declaration(c_type, name):
    return c_type + name if c_type.endswith("*") else f"{c_type} {name}"


def param_declaration(param):
    c_type = TYPES[param.type].c_type
    if param.is_nullable and param.type != "text":
        c_type = f"const {c_type} *"
    return join_declaration(c_type, param.c_name)


def param_value(param):
    if param.type == "now":
        return "db_value_now()"
    or_null = "_or_null" if param.is_nullable and param.type != "text" else ""
    return f"db_value_{param.type}{or_null}({param.c_name})"


def is_reordered(variant):
    """Are the placeholders others than the parameters, each once and in their order?"""
    return variant.bind_order != list(range(len(variant.bind_order)))


def places_table(name, places):
    return f"static const uint8_t {name}[] = {{{', '.join(map(str, places))}}};\n"


def filled_table(kind, name, entries):
    """Where the texts are that are never empty."""
    listed = ",\n    ".join(entries)
    return [f"static const {kind} {name}[] = {{\n    {listed},\n}};\n"] if entries else []


def filled_entry(name, member, fields):
    count = sum(each.is_filled for each in fields)
    return [f"    .{member}s = {name},", f"    .{member}_count = {count},"] if count else []


class Writer:
    """Writes the three files of one service."""

    def __init__(self, service, rows, statements, scripts):
        self.service = service
        self.rows = rows
        self.statements = statements
        self.scripts = scripts

    def object_name(self, statement):
        return f"sql_{self.service}__{statement.name}"

    def batch_name(self, statement):
        return f"{self.object_name(statement)}_batch"

    def sources(self):
        return " and ".join(sorted({each.file.rpartition("/")[0] for each in self.statements}))

    # The header for wiring and tools.

    def catalogue_header(self):
        guard = f"SQL_{self.service.upper()}_CATALOGUE_H"
        return f"""/*
 * sql_{self.service}_catalogue.h: statements and scripts of {self.sources()}.
 * Made by tools/sql2c.py; edit those files instead.
 */
#ifndef {guard}
#define {guard}

#include "db/catalogue.h"

/* By name. */
extern const struct db_catalogue sql_{self.service}_catalogue;
/* In order of version. */
extern const struct db_script sql_{self.service}_scripts[];
extern const size_t sql_{self.service}_script_count;

#endif
"""

    # The header with the typed functions.

    def header(self):
        guard = f"SQL_{self.service.upper()}_H"
        parts = [
            f"""/*
 * sql_{self.service}.h: one typed function per statement of {self.sources()}.
 * Made by tools/sql2c.py; edit those files instead.
 *
 * A null parameter is a NULL pointer. Text is borrowed until the call returns; text in a row lives
 * as db/db.h says.
 */
#ifndef {guard}
#define {guard}

#include "db/db.h"
#include "db/value.h"
#include "sql_{self.service}_catalogue.h"
"""
        ]
        parts += [self.row_header(row) for row in self.rows]
        for statement in self.statements:
            parts.append(self.statement_header(statement))
        parts.append("#endif\n")
        return "\n".join(parts)

    def row_header(self, row):
        return "\n".join([
            f"/* --- row {row.name} ({row.file}:{row.line}) --- */\n",
            c_comment(row.docs),
            *self.row_struct(row.struct, row.columns),
            *self.next_function(f"sql_{row.name}_next", row.struct),
        ])

    def statement_header(self, statement):
        place = f"{statement.file}:{statement.line}"
        lines = [
            f"/* --- {statement.name} ({place}) --- */\n",
            f"extern const struct db_statement {self.object_name(statement)};",
        ]
        if statement.batch:
            lines.append(f"extern const struct db_statement {self.batch_name(statement)};")
        lines[-1] += "\n"
        if statement.columns:
            if not statement.row:
                lines += self.row_struct(statement.struct, statement.members)
            lines += self.query_functions(statement)
        else:
            lines += self.execute_functions(statement)
        return "\n".join(lines)

    def row_struct(self, struct, members):
        lines = [f"{struct} {{"]
        for member in members:
            if isinstance(member, RowUse):
                lines.append(f"    {member.row.struct} {member.c_name};")
                continue
            is_nullable_text = member.is_nullable and member.type == "text"
            note = " /* NULL where it is null */" if is_nullable_text else ""
            declaration = join_declaration(TYPES[member.type].c_type, member.c_name)
            lines.append(f"    {declaration};{note}")
            if has_null_field(member):
                lines.append(f"    bool {member.c_name}_is_null;")
        return lines + ["};\n"]

    def next_function(self, name, struct):
        return self.function(
            f"enum db_step {name}",
            ["struct db_cursor *cursor", f"{struct} *ret_row", "struct err *err"],
            ["    return db_cursor_next(cursor, ret_row, err);"])

    def function(self, head, parameters, body):
        return [wrapped(f"MUST_CHECK static inline {head}", parameters, ""), "{", *body, "}\n"]

    def call(self, function, statement, arguments):
        """Body of a function that hands its values over."""
        if not statement.params:
            return ["    " + wrapped(f"return {function}",
                    ["session", f"&{self.object_name(statement)}", "NULL", *arguments], ";")]
        values = [f"        {param_value(param)}," for param in statement.params]
        return [
            "    const struct db_value values[] = {",
            *values,
            "    };",
            "",
            wrapped(f"    return {function}",
                    ["session", f"&{self.object_name(statement)}", "values", *arguments], ";"),
        ]

    def query_functions(self, statement):
        name = f"sql_{statement.name}"
        given = ["struct db_session *session", *map(param_declaration, statement.c_params)]
        row = f"{statement.struct} *ret_row"
        cursor = "struct db_cursor **ret_cursor"
        error = "struct err *err"
        return [
            c_comment(statement.docs),
            *self.function(f"enum db_step {name}", [*given, row, error],
                           self.call("db_row", statement, ["ret_row", "err"])),
            *self.function(f"bool {name}_open", [*given, cursor, error],
                           self.call("db_cursor_open", statement, ["ret_cursor", "err"])),
            *([] if statement.row else self.next_function(f"{name}_next", statement.struct)),
            *self.batch_query(statement),
        ]

    def batch_query(self, statement):
        """Rows that a write gives; reads of many keys are one statement of their own."""
        if statement.is_read_only or not statement.c_params:
            return []
        name = f"sql_{statement.name}"
        body = wrapped("    return db_cursor_open_batch",
                       ["session", f"&{self.object_name(statement)}", "(const struct db_value *)sets",
                        "count", "ret_cursor", "err"], ";")
        return self.args_functions(statement) + self.function(
            f"bool {name}_open_batch",
            ["struct db_session *session", f"const struct {name}_args *sets", "size_t count",
             "struct db_cursor **ret_cursor", "struct err *err"], [body])

    def execute_functions(self, statement):
        name = f"sql_{statement.name}"
        given = ["struct db_session *session", *map(param_declaration, statement.c_params)]
        changes = "int64_t *ret_changes"
        error = "struct err *err"
        lines = [
            c_comment(statement.docs),
            *self.function(f"bool {name}", [*given, error],
                           self.call("db_exec", statement, ["NULL", "err"])),
            *self.function(f"bool {name}_count", [*given, changes, error],
                           self.call("db_exec", statement, ["ret_changes", "err"])),
        ]
        return lines + (self.batch_functions(statement) if statement.c_params else [])

    def batch_functions(self, statement):
        name = f"sql_{statement.name}"
        rows = f"const struct {name}_args *rows"
        body = wrapped("    return db_exec_batch",
                       ["session", f"&{self.object_name(statement)}", "(const struct db_value *)rows",
                        "count", "ret_changes", "err"], ";")
        return self.args_functions(statement) + self.function(
            f"bool {name}_batch",
            ["struct db_session *session", rows, "size_t count", "int64_t *ret_changes",
             "struct err *err"], [body])

    def args_functions(self, statement):
        name = f"sql_{statement.name}"
        values = [f"        {param_value(param)}," for param in statement.params]
        return [
            f"struct {name}_args {{",
            f"    struct db_value values[{len(statement.params)}];",
            "};\n",
            wrapped(f"static inline struct {name}_args {name}_args",
                    list(map(param_declaration, statement.c_params)), ""),
            "{",
            f"    return (struct {name}_args){{{{",
            *values,
            "    }};",
            "}\n",
        ]

    # The tables.

    def source(self):
        parts = [
            f"""/*
 * sql_{self.service}.c: the statement and script tables of {self.sources()}.
 * Made by tools/sql2c.py; edit those files instead.
 */
#include "sql_{self.service}.h"

/* Scripts are longer than the 4095 bytes that C17 asks every compiler to take. */
#pragma GCC diagnostic ignored "-Woverlength-strings"
"""
        ]
        parts += [self.statement_tables(statement) for statement in self.statements]
        parts += [self.catalogue_table(), self.script_table()]
        return "\n".join(parts)

    def statement_tables(self, statement):
        lines = []
        if statement.params:
            lines.append(f"static const struct db_param {statement.name}_params[] = {{")
            for param in statement.params:
                lines.append(f'    {{"{param.name}", {TYPES[param.type].constant}, '
                             f"{c_bool(param.is_nullable)}}},")
            lines.append("};\n")
        if statement.columns:
            lines.append(f"static const struct db_column {statement.name}_columns[] = {{")
            lines += [self.column_entry(statement, column) for column in statement.columns]
            lines.append("};\n")
        lines += filled_table("uint8_t", f"{statement.name}_filled_params",
                              [str(at) for at, param in enumerate(statement.params) if param.is_filled])
        lines += filled_table("uint16_t", f"{statement.name}_filled_columns",
                              [f"offsetof({statement.struct}, {column.c_path})"
                               for column in statement.columns if column.is_filled])
        for dialect, variant in statement.variants.items():
            if is_reordered(variant):
                lines.append(places_table(f"{statement.name}_{dialect}_binds", variant.bind_order))
            for what in ("lob_places", "lob_columns"):
                if getattr(variant, what):
                    lines.append(places_table(f"{statement.name}_{dialect}_{what}", getattr(variant, what)))
        lines += self.statement_object(statement)
        if statement.batch:
            lines += self.batch_object(statement)
        return "\n".join(lines)

    def column_entry(self, statement, column):
        struct = statement.struct
        lines = [
            f'    {{.name = "{column.name}",',
            f"     .type = {TYPES[column.type].constant},",
            f"     .is_nullable = {c_bool(column.is_nullable)},",
        ]
        if has_null_field(column):
            lines.append(f"     .null_offset = offsetof({struct}, {column.c_path}_is_null),")
        lines.append(f"     .offset = offsetof({struct}, {column.c_path})}},")
        return "\n".join(lines)

    def statement_object(self, statement):
        lines = [
            f"const struct db_statement {self.object_name(statement)} = {{",
            f'    .name = "{statement.name}",',
            f'    .file = "{statement.file}",',
        ]
        if statement.params:
            lines.append(f"    .params = {statement.name}_params,")
            lines.append(f"    .param_count = {len(statement.params)},")
            lines += filled_entry(f"{statement.name}_filled_params", "filled_param", statement.params)
        if statement.batch:
            lines.append(f"    .batch = &{self.batch_name(statement)},")
        if statement.columns:
            lines.append(f"    .columns = {statement.name}_columns,")
            lines.append(f"    .column_count = {len(statement.columns)},")
            lines.append(f"    .row_size = sizeof({statement.struct}),")
            lines += filled_entry(f"{statement.name}_filled_columns", "filled_column", statement.columns)
        for dialect, variant in statement.variants.items():
            lines += self.variant_entry(statement, dialect, variant)
        return lines + ["};\n"]

    def batch_object(self, statement):
        """The same statement for many rows at once."""
        return [
            f"const struct db_statement {self.batch_name(statement)} = {{",
            f'    .name = "{statement.name}_batch",',
            f'    .file = "{statement.file}",',
            "    .is_batch = true,",
            f"    .params = {statement.name}_params,",
            f"    .param_count = {len(statement.params)},",
            *filled_entry(f"{statement.name}_filled_params", "filled_param", statement.params),
            *self.variant_entry(statement, "postgres", statement.batch),
            "};\n",
        ]

    def variant_entry(self, statement, dialect, variant):
        lines = [
            f"    .variants[{DIALECTS[dialect].constant}] = {{",
            f"        .text = {c_string(variant.text)},",
            f'        .sql_id = "{variant.sql_id}",',
            f'        .operation = "{variant.operation}",',
            f'        .collection = "{c_escaped(variant.collection)}",',
            f"        .is_read_only = {c_bool(variant.is_read_only)},",
        ]
        if is_reordered(variant):
            lines.append(f"        .bind_order = {statement.name}_{dialect}_binds,")
        lines.append(f"        .bind_count = {len(variant.bind_order)},")
        lines += [f"        .{what} = true," for what in ("is_block", "gives_binds", "may_collide")
                  if getattr(variant, what)]
        for what in ("lob_place", "lob_column"):
            if getattr(variant, f"{what}s"):
                lines.append(f"        .{what}s = {statement.name}_{dialect}_{what}s,")
                lines.append(f"        .{what}_count = {len(getattr(variant, f'{what}s'))},")
        return [*lines, "    },"]

    def catalogue_table(self):
        lines = []
        names = sorted([self.object_name(statement) for statement in self.statements] +
                       [self.batch_name(statement) for statement in self.statements if statement.batch])
        if self.statements:
            lines.append("static const struct db_statement *const statements[] = {")
            lines += [f"    &{name}," for name in names]
            lines.append("};\n")
        lines.append(f"const struct db_catalogue sql_{self.service}_catalogue = {{")
        lines.append(f'    .service = "{self.service}",')
        if self.statements:
            lines.append("    .statements = statements,")
        lines.append(f"    .count = {len(names)},")
        return "\n".join(lines + ["};\n"])

    def script_table(self):
        lines = [f"const struct db_script sql_{self.service}_scripts[] = {{"]
        for script in self.scripts:
            lines += [
                "    {",
                f"        .version = {script.version},",
                f'        .name = "{script.name}",',
                f"        .is_seed = {c_bool(script.is_seed)},",
            ]
            for dialect, text in script.texts.items():
                checksum = script.checksums[dialect]
                lines.append(f'        .checksum[{DIALECTS[dialect].constant}] = "{checksum}",')
                lines.append(f"        .text[{DIALECTS[dialect].constant}] = {c_string(text)},")
            lines.append("    },")
        if not self.scripts:
            lines.append("    {.version = 0}, /* none: C has no empty arrays */")
        lines.append("};\n")
        lines.append(f"const size_t sql_{self.service}_script_count = {len(self.scripts)};\n")
        return "\n".join(lines)


def c_bool(value):
    return "true" if value else "false"
