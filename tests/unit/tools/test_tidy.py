"""tools/tidy.py: each rule of the house refuses what is planted against it, by its name, and nothing
that is allowed."""

import contextlib
import pathlib
import tempfile
import unittest
from unittest import mock

import tidy

PURPOSE = "/* What it is for. */\n"


class Rules(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    @contextlib.contextmanager
    def house(self):
        with mock.patch.object(tidy, "ROOT", self.root), mock.patch.object(tidy, "breaches", []):
            yield tidy.breaches

    def breaches_of(self, name, text):
        """What is said of one file below src."""
        path = self.root / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PURPOSE + text, encoding="utf-8")
        with self.house() as breaches:
            tidy.check_source(path)
            return list(breaches)

    def assert_refused(self, rule, name, text, line=2):
        found = self.breaches_of(name, text)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(f"src/{name}:{line}: {rule}: "), found[0])

    def assert_allowed(self, name, text):
        self.assertEqual(self.breaches_of(name, text), [])

    # Engines.

    def test_engine__includes_the_pool(self):
        self.assert_refused("engine", "db/postgres/x.c", '#include "db/pool_slots.h"\n')

    def test_engine__includes_a_span(self):
        self.assert_refused("engine", "db/sqlite/x.c", '#include "trace/span.h"\n')

    def test_engine__includes_the_table_of_engines(self):
        self.assert_refused("engine", "db/sqlite/x.c", '#include "db/engines.h"\n')

    def test_engine__includes_another(self):
        self.assert_refused("engine", "db/sqlite/x.c", '#include "db/postgres/array.h"\n')

    def test_engine__is_included_by_the_pool(self):
        self.assert_refused("engine", "db/pool.c", '#include "db/sqlite/sqlite.h"\n')

    def test_engine__what_engines_share_is_included_by_the_pool(self):
        self.assert_refused("engine", "db/pool.c", '#include "db/engine/bell.h"\n')

    def test_engine__is_included_by_a_service(self):
        self.assert_refused("engine", "shop/x.c", '#include "db/backend.h"\n')

    def test_engine__what_engines_share_includes_one(self):
        self.assert_refused("engine", "db/engine/x.c", '#include "db/sqlite/sqlite.h"\n')

    def test_engine__includes_the_contract_core_and_what_all_share(self):
        self.assert_allowed("db/postgres/x.c", '#include "core/buf.h"\n#include "db/backend.h"\n'
                            '#include "db/engine/bell.h"\n#include "db/postgres/postgres_priv.h"\n'
                            "#include <libpq-fe.h>\n")

    # Layers, headers, statements.

    def test_layer__shop_includes_the_portal(self):
        self.assert_refused("layer", "shop/x.c", '#include "crm/orders.h"\n')

    def test_layer__is_none(self):
        self.assert_refused("layer", "attic/x.c", "int x;\n", line=1)

    def test_layer__lower_one_includes_a_higher(self):
        self.assert_refused("layer", "db/x.c", '#include "http/request.h"\n')

    def test_private_header__from_elsewhere(self):
        self.assert_refused("private header", "service/x.c", '#include "db/db_priv.h"\n')

    def test_private_header__from_an_engine_of_the_same_layer(self):
        self.assert_refused("private header", "db/sqlite/x.c", '#include "db/db_priv.h"\n')

    def test_foreign_header__of_a_server_in_a_service(self):
        self.assert_refused("foreign header", "crm/x.c", "#include <libpq-fe.h>\n")

    def test_foreign_header__of_another_engine(self):
        self.assert_refused("foreign header", "db/postgres/x.c", "#include <sqlite3.h>\n")

    def test_generated__statements_of_the_other_service(self):
        self.assert_refused("generated", "shop/x.c", '#include "sql_crm.h"\n')

    def test_generated__an_engines_statements_in_the_pool(self):
        self.assert_refused("generated", "db/pool.c", '#include "sql_db_postgres.h"\n')

    def test_generated__own_statements_are_allowed(self):
        self.assert_allowed("db/postgres/x.c", '#include "sql_db_postgres.h"\n')
        self.assert_allowed("shop/x.c", '#include "sql_shop.h"\n')

    def test_sql_in_c(self):
        for text in ("SELECT 1 FROM products", "insert into x VALUES (1)", "UPDATE x SET y = 1"):
            self.assert_refused("SQL in C", "db/migrate.c", f'static const char T[] = "{text}";\n')

    def test_statement__is_called_or_refused(self):
        for path, text in (("sql/shop/x.sql", "-- name: here\nSELECT 1\n\n-- name: there\nSELECT 2\n"),
                           ("src/shop/x.c", PURPOSE + "/* sql_there() */\nbool a(void) { return sql_here_open(s, e); }\n")):
            (self.root / path).parent.mkdir(parents=True)
            (self.root / path).write_text(text, encoding="utf-8")
        with self.house() as breaches:
            tidy.check_statements([self.root / "src/shop/x.c"])
            self.assertEqual(breaches, ["sql/shop/x.sql:4: unused statement: nothing in src/ calls sql_there()"])

    # How code reads.

    def test_banned_function(self):
        self.assert_refused("banned function", "core/x.c", "int f(char *a) { return atoi(a); }\n")

    def test_bare_heap_call(self):
        self.assert_refused("bare heap call", "db/x.c", "void *f(void) { return malloc(1); }\n")
        self.assert_allowed("core/y.c", "void *f(void) { return malloc(1); }\n")

    def test_unfinished_work(self):
        self.assert_refused("unfinished work", "db/x.c", "/* TO" "DO: more */\n")

    def test_purpose(self):
        with mock.patch(__name__ + ".PURPOSE", "\n"):
            self.assert_refused("purpose", "db/x.h", "int x;\n", line=1)

    def test_length__of_a_function(self):
        body = "    x++;\n" * (tidy.FUNCTION_LINES_MAX + 1)
        self.assert_refused("length", "db/x.c", f"void f(int x)\n{{\n{body}}}\n", line=3)

    def test_length__of_a_file(self):
        self.assert_refused("length", "db/x.c", "int x;\n" * tidy.FILE_LINES_MAX, line=1)

    def test_what_stands_in_a_comment_is_none(self):
        self.assert_allowed("shop/x.c", '/*\n#include "crm/orders.h"\nmalloc(1) "SELECT x FROM y" */\n')


if __name__ == "__main__":
    unittest.main()
