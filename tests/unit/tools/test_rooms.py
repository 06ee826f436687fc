"""tools/rooms.py: what it sees of which file knows which, and that the rooms of src/ are without a circle."""

import pathlib
import tempfile
import unittest

import rooms

BODY = "\n{\n}\n"


class Planted(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "db"
        self.folder.mkdir()

    def plant(self, **files):
        for name, text in files.items():
            stem, suffix = name.rsplit("_", 1)
            (self.folder / f"{stem}.{suffix}").write_text(text, encoding="utf-8")

    def known(self, room):
        return rooms.graph_of(self.folder)[f"db/{room}"]

    def circles(self):
        return rooms.circles_in(self.folder)

    def test_includes__both_ways__are_a_circle(self):
        self.plant(a_h="void a(void);\n", a_c='#include "db/a.h"\n#include "db/b.h"\nvoid a(void)' + BODY,
                   b_h="void b(void);\n", b_c='#include "db/b.h"\n#include "db/a.h"\nvoid b(void)' + BODY)
        self.assertEqual(self.circles(), ["db/a -> db/b -> db/a"])

    def test_calls__behind_a_shared_header__are_a_circle(self):
        self.plant(db_priv_h="void a(void);\nvoid b(void);\nvoid c(void);\n",
                   a_c='#include "db/db_priv.h"\nvoid a(void)\n{\n    b();\n}\n',
                   b_c='#include "db/db_priv.h"\nvoid b(void)\n{\n    c();\n}\n',
                   c_c='#include "db/db_priv.h"\nvoid c(void)\n{\n    a();\n}\n')
        self.assertEqual(self.circles(), ["db/a -> db/b -> db/c -> db/a"])

    def test_header__speaks_for_several__knows_only_what_it_includes(self):
        self.plant(db_h="void db_open(void);\nvoid db_take(void);\n", db_c="void db_open(void)\n{\n    db_take();\n}\n",
                   pool_c='#include "db/db.h"\nvoid db_take(void)' + BODY)
        self.assertEqual(self.circles(), [])
        self.assertEqual(self.known("db"), {"db/pool"})
        self.assertEqual(self.known("pool"), {"db/db.h"})

    def test_subdirectory__knows_and_is_known(self):
        """Behind a header that its files share, too, and from outside of it."""
        (self.folder / "engine").mkdir()
        for name, calls in (("engine/a.c", "b"), ("engine/b.c", "c"), ("c.c", "a")):
            function = pathlib.Path(name).stem
            (self.folder / name).write_text('#include "db/engine/engine_priv.h"\n'
                                            f"void {function}(void)\n{{\n    {calls}();\n}}\n", encoding="utf-8")
        (self.folder / "engine/engine_priv.h").write_text("void a(void);\nvoid b(void);\n", encoding="utf-8")
        self.assertEqual(self.circles(), ["db/c -> db/engine/a -> db/engine/b -> db/c"])
        self.assertIn("db/engine/engine_priv.h", self.known("engine/a"))

    def test_name__handed_on_or_of_an_object__is_known(self):
        self.plant(a_c="void a(void)\n{\n    start(b);\n    look(table[1]);\n}\n", b_c="void b(void)" + BODY,
                   c_c="const struct row *const table[] = {\n    NULL,\n};\n")
        self.assertEqual(self.known("a"), {"db/b", "db/c"})

    def test_inline_function_and_macro__in_a_header__call_too(self):
        self.plant(a_h="void a(void);\nstatic inline void first(void)\n{\n    b();\n}\n#define SECOND() \\\n    c()\n",
                   a_c="void a(void)" + BODY, b_c="void b(void)" + BODY, c_c="void c(void)" + BODY)
        self.assertEqual(self.known("a"), {"db/b", "db/c"})

    def test_other_things_of_that_name__are_not_meant(self):
        self.plant(a_c='static void c(void)\n{\n    x->b(1);\n    x.b = "b()"; /* b() */\n    struct b y;\n}\n',
                   b_c="void b(void)" + BODY, c_c="static void c(void)" + BODY)
        self.assertEqual(self.known("a"), set())
        self.assertEqual(self.known("c"), set())

    def test_macro_that_is_taken_away__is_not_used(self):
        self.plant(a_h="#undef b\nvoid a(void);\n", a_c="void a(void)" + BODY, b_c="void b(void)" + BODY)
        self.assertEqual(self.known("a"), set())

    def test_definition__over_several_lines__is_seen(self):
        self.plant(a_c="void a(void)\n{\n    b();\n}\n",
                   b_c="bool b(const struct ctx *ctx,\n       int more) REQUIRES(lock)\n{\n}\n")
        self.assertEqual(self.known("a"), {"db/b"})


class House(unittest.TestCase):
    def test_rooms__of_the_house__are_without_a_circle(self):
        for directory in rooms.DIRECTORIES:
            with self.subTest(directory):
                self.assertTrue(rooms.graph_of(rooms.ROOT / directory), "there is no room")
                self.assertEqual(rooms.circles_in(rooms.ROOT / directory), [])

    def test_rooms__of_the_database__are_seen_to_know_each_other(self):
        graph = rooms.graph_of(rooms.ROOT / "src/db")
        self.assertIn("db/pool_slots", graph["db/pool"])
        self.assertLessEqual({"db/postgres/fit", "db/postgres/postgres_priv.h"}, graph["db/postgres/open"])
        self.assertGreater(sum(map(len, graph.values())), len(graph), "hardly anybody knows anybody")


if __name__ == "__main__":
    unittest.main()
