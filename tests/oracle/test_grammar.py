"""The texts for Oracle, judged by a grammar of PL/SQL that others wrote (npm's antlr4ts-sql, from ANTLR's collection), and
wrong ones, each of which this or our own rules (tools/sql2c_oracle_lint.py) must refuse."""

import functools
import json
import pathlib
import re
import subprocess
import sys
import unittest

from support import npm
from support.tnsd import ROOT, statements

sys.path.insert(0, str(ROOT / "tools"))

import sql2c  # noqa: E402: found by the line above
from sql2c_oracle_lint import LACKS  # noqa: E402
from sql2c_tokens import significant, tokenize  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent / "grammar"

BRACKETS = r"\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)"
# What Oracle 19c knows and the grammar does not: what it looks like, something of the same place that the grammar knows, and
# the texts that have it. With that put in, all else of such a text is judged too.
UNKNOWN = {
    "JSON_TABLE": (rf"JSON_TABLE{BRACKETS}", "json_rows", """
        advice_candidates order_page_lines products_of_skus order_products_by_id order_products_by_sku sync_customers
        sync_failures_clear sync_lines_clear sync_orders sync_products"""),
    "LATERAL": (r"\bLATERAL \(", "(", "orders_changed orders_newest orders_of_customer"),
    "the page of a subquery that is a value": (r" OFFSET :\w+ ROWS FETCH NEXT 1 ROWS ONLY\)", ")", """
        session_trim tickets_newest tickets_newest_of tickets_oldest tickets_oldest_of"""),
    "NULLS behind CASE, where it takes that for a label": (r"END NULLS FIRST", "END", "customer_search"),
}

# A text that is right, and what is wrong with a piece of it. Who must refuse it: the rules, or where they have none for it
# the grammar.
RULES, GRAMMAR = "rules", "grammar"
QUERY = ("SELECT p.id, p.name, (SELECT count(*) FROM orders o WHERE o.product_id = p.id) AS sold FROM products p "
         "WHERE p.category = :category AND p.price >= 1 ORDER BY p.id FETCH FIRST :most ROWS ONLY")
INSERT = "INSERT INTO things (id, name) VALUES (:id, :name) RETURNING id INTO :ret_id"
UPDATE = "UPDATE things SET a = :a, b = 0 WHERE id = :id AND made_at < SYS_EXTRACT_UTC(SYSTIMESTAMP)"
MERGE = ("MERGE INTO things t USING (SELECT :a AS a, :b AS b FROM dual) n ON (t.a = n.a) WHEN MATCHED THEN UPDATE SET b = n.b "
         "WHEN NOT MATCHED THEN INSERT (a, b) VALUES (n.a, n.b)")
BLOCK = "BEGIN UPDATE things SET a = :a WHERE id = :id; SELECT b INTO :b FROM things WHERE id = :id; END;"
WRONG = (
    (QUERY, "FETCH FIRST :most ROWS ONLY", "LIMIT :most", RULES),
    (QUERY, "products p", "products AS p", RULES),
    (QUERY, "AS sold", "AS share", RULES),
    (QUERY, ":category", "''", RULES),
    (QUERY, "p.price >= 1", "p.is_active = TRUE", RULES),
    (QUERY, "p.price >= 1", "p.price::int >= 1", RULES),
    (QUERY, "p.price >= 1", "p.name ILIKE :name", RULES),
    (QUERY, "p.name,", "p.name, now() AS at,", RULES),
    (QUERY, "ONLY", "ONLY FOR UPDATE", RULES),
    (QUERY, "AS sold FROM", "AS sold, FROM", GRAMMAR),
    (QUERY, "p.price >= 1", "p.price >= 1 AND", GRAMMAR),
    (QUERY, "WHERE p.category", "WERE p.category", GRAMMAR),
    (QUERY, "ORDER BY p.id", "ORDER BY", GRAMMAR),
    (QUERY, "p.price >= 1", "p.made_at > interval '5 minutes'", GRAMMAR),
    (INSERT, "RETURNING id INTO :ret_id", "ON CONFLICT DO NOTHING", RULES),
    (INSERT, "(:id, :name)", "(:id, :name), (:id, :name)", RULES),
    (INSERT, "INTO :ret_id", "", GRAMMAR),
    (INSERT, "INSERT INTO", "INSERT OR IGNORE INTO", GRAMMAR),
    (INSERT, "(:id, :name)", ":id, :name", GRAMMAR),
    (UPDATE, "WHERE id", "FROM others WHERE id", RULES),
    (UPDATE, "a = :a, b = 0", "a = :a b = 0", GRAMMAR),
    (UPDATE, "a = :a, b = 0", "(a, b) = (:a, 0)", GRAMMAR),
    (MERGE, "VALUES (n.a, n.b)", "VALUES (n.a, n.b) RETURNING a INTO :ret_a", RULES),
    (MERGE, "(t.a = n.a)", "t.a = n.a", GRAMMAR),
    (MERGE, "WHEN NOT MATCHED THEN INSERT", "WHEN NOT MATCHED INSERT", GRAMMAR),
    (BLOCK, "END;", "END", GRAMMAR),
    (BLOCK, "; SELECT", " SELECT", GRAMMAR),
)


@functools.cache
def texts():
    """Of both services and of what the database layer asks by itself, each by its name. The grammar wants an end mark behind
    what makes a table or drops it."""
    asked = [*sql2c.load_service(ROOT, "db", ["sqlite", "postgres"], ("oracle",)).statements,
             *sql2c.load_service(ROOT, "db/oracle", ["oracle"]).statements]
    found = {each["name"]: each["text"] for each in statements("--catalogue")} | {
        each.name: each.variants["oracle"].text for each in asked}
    return {name: text + ";" * (re.match(r"(CREATE|DROP) TABLE\b", text) is not None) for name, text in found.items()}


def listed():
    """The name of each text that the grammar does not know, with what is known in its place."""
    return {name: (look, instead) for look, instead, names in UNKNOWN.values() for name in names.split()}


def wrong(right, piece, fault):
    assert right.count(piece) == 1, (right, piece)
    return right.replace(piece, fault)


@functools.cache
def judged():
    """What the grammar finds wrong with each text that is asked about here, by the text; all in one process, since it costs
    the more the less of the grammar it has met."""
    npm.need(HERE)
    catalogue = texts()
    known = [re.sub(*listed()[name], text) for name, text in catalogue.items() if name in listed()]
    asked = list(dict.fromkeys([*catalogue.values(), *known, *(row[0] for row in WRONG), *(wrong(*row[:3]) for row in WRONG)]))
    done = subprocess.run(["node", "parse.js"], cwd=HERE, input=json.dumps(asked), text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return dict(zip(asked, json.loads(done.stdout), strict=True))


def ruled(text):
    """What our own rules find wrong with it."""
    return next((what for find, what, _ in LACKS if find(significant(tokenize(text)))), None)


class Grammar(unittest.TestCase):
    maxDiff = None

    def test_every_text__is_taken_but_for_what_it_does_not_know(self):
        catalogue, faults = texts(), judged()
        self.assertEqual({name: faults[text] for name, text in catalogue.items() if faults[text] and name not in listed()}, {})
        self.assertEqual([name for name in listed() if not faults[catalogue[name]]], [])

    def test_what_it_does_not_know__is_what_the_list_says_and_nothing_else(self):
        catalogue, faults = texts(), judged()
        for name, (look, instead) in listed().items():
            with self.subTest(name):
                self.assertRegex(catalogue[name], look)
                self.assertIsNone(faults[re.sub(look, instead, catalogue[name])])

    def test_wrong_texts__are_refused_by_one_of_the_two(self):
        faults = judged()
        for right, piece, fault, by in WRONG:
            text = wrong(right, piece, fault)
            with self.subTest(text):
                self.assertEqual((ruled(right), faults[right]), (None, None))
                self.assertEqual(RULES if ruled(text) else GRAMMAR if faults[text] else None, by)


if __name__ == "__main__":
    unittest.main()
