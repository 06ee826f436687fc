/*
 * shop/advice_*.h: what is read from a question and a description, and what is chosen for it.
 */
#include <string.h>

#include "shop/advice_facts.h"
#include "shop/advice_text.h"
#include "sql_shop.h"
#include "support/test.h"

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

static struct advice_question read_question(const char *text)
{
    struct advice_question question;

    advice_read_question(&arena, text, &question);
    return question;
}

/* --- words --- */

static void advice_words__forms_of_a_word__have_one_stem(void **state)
{
    static const char *const families[][3] = {
        {"map", "mapping", "Mapper"},          {"battery", "batteries", "packs"},
        {"spray", "spraying", "Sprayer"},      {"charges", "charging", "Charger"},
        {"inspect", "inspects", "Inspection"}, {"propeller", "propellers", "props"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        const char *first = advice_words_of(&arena, families[i][0]).items[0].stem;

        assert_string_equal(advice_words_of(&arena, families[i][1]).items[0].stem, first);
        assert_string_equal(advice_words_of(&arena, families[i][2]).items[0].stem, first);
    }
}

static void advice_words__numbers__are_parted_from_units(void **state)
{
    const struct advice_words words = advice_words_of(&arena, "61MP, $1,200.50 28-inch IP45 1,2");

    (void)state;
    assert_int_equal(words.count, 8);
    assert_int_equal(words.items[0].milli, 61000);
    assert_string_equal(words.items[1].stem, "mp");
    assert_true(words.items[1].is_joined);
    assert_int_equal(words.items[2].milli, 1200500);
    assert_true(words.items[2].is_money);
    assert_int_equal(words.items[3].milli, 28000);
    assert_false(words.items[4].is_joined);
    assert_string_equal(words.items[5].text, "ip45");
    assert_int_equal(words.items[6].milli, 1000);
    assert_int_equal(words.items[7].milli, 2000);
}

static void advice_words__too_much__is_cut(void **state)
{
    char text[4001];
    struct advice_words words;

    (void)state;
    memset(text, '9', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    words = advice_words_of(&arena, text);
    assert_int_equal(words.count, 1);
    assert_int_equal(words.items[0].milli, (int64_t)ADVICE_NUMBER_MAX * ADVICE_MILLI);
    for (size_t i = 0; i + 1 < sizeof(text); i++) {
        text[i] = i % 2 == 0 ? 'a' : ' ';
    }
    assert_int_equal(advice_words_of(&arena, text).count, ADVICE_WORDS_MAX);
    assert_int_equal(advice_words_of(&arena, NULL).count, 0);
}

/* --- questions --- */

struct bounds {
    const char *question;
    enum advice_measure measure;
    int64_t least;
    int64_t most;
};

static void advice_question__bounds__are_read(void **state)
{
    static const struct bounds rows[] = {
        {"camera drones under $500", ADVICE_PRICE, 0, 49999},
        {"up to 500 dollars", ADVICE_PRICE, 0, 50000},
        {"costs less than 12,000", ADVICE_PRICE, 0, 1199999},
        {"a gimbal for $4000", ADVICE_PRICE, 0, 400000},
        {"between 300 and 600 dollars", ADVICE_PRICE, 30000, 60000},
        {"between $300 and $600", ADVICE_PRICE, 30000, 60000},
        {"more than 60 minutes of flight time", ADVICE_FLIGHT, 61, ADVICE_NO_MOST},
        {"flies for at least 2 hours", ADVICE_FLIGHT, 120, ADVICE_NO_MOST},
        {"range over 15 km", ADVICE_RANGE, 15001, ADVICE_NO_MOST},
        {"range of 1.5 km or more", ADVICE_RANGE, 1500, ADVICE_NO_MOST},
        {"carries 10 kg", ADVICE_PAYLOAD, 10000, ADVICE_NO_MOST},
        {"fewer than 5 left", ADVICE_STOCK, 0, 4},
        {"which are in stock", ADVICE_STOCK, 1, ADVICE_NO_MOST},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct advice_question question = read_question(rows[i].question);

        assert_true(question.has_bounds);
        assert_int_equal(question.least[rows[i].measure], rows[i].least);
        assert_int_equal(question.most[rows[i].measure], rows[i].most);
    }
}

static void advice_question__numbers_that_bound_nothing__are_left(void **state)
{
    static const char *const questions[] = {"a drone below 250 grams", "28 inch propellers",
                                            "charges 40 minutes",      "Condor Agri 30",
                                            "sell it to me at $1",     ""};

    (void)state;
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        assert_false(read_question(questions[i]).has_bounds);
    }
}

static void advice_question__wishes__are_read(void **state)
{
    (void)state;
    assert_int_equal(read_question("your cheapest battery").wish, ADVICE_CHEAPEST);
    assert_int_equal(read_question("the most expensive drone").wish, ADVICE_DEAREST);
    assert_int_equal(read_question("which flies longest").wish, ADVICE_LONGEST);
    assert_int_equal(read_question("the longest range").wish, ADVICE_FARTHEST);
    assert_int_equal(read_question("the biggest payload").wish, ADVICE_STRONGEST);
    assert_int_equal(read_question("at least 5 km").wish, ADVICE_NO_WISH);
    assert_true(read_question("A versus B").compares);
    assert_true(read_question("promise me something").asks_for_favour);
}

/* Whatever the customer types, the search gets words in quotes. */
static void advice_search_words__marks_of_the_engine__are_gone(void **state)
{
    const struct advice_question question =
        read_question("zebra\" OR name:* NEAR(a b) -gimbal ^fox 61MP (");

    (void)state;
    assert_string_equal(advice_search_words(&arena, &question),
                        "\"zebra\" OR \"name\" OR \"near\" OR \"gimbal\" OR \"fox\" OR \"61mp\" OR "
                        "\"61\" OR \"mp\"");
    assert_null(advice_search_words(&arena, &(struct advice_question){.has_bounds = false}));
}

/* --- facts --- */

static void advice_facts__labels__say_which_number(void **state)
{
    const struct advice_words all = advice_words_of(
        &arena, "Flight time 34 minutes, range up to 1.5 km. Payload of 1.2 kg, weighs 6.4 kg; "
                "charges in 40 minutes; range finder to 3 km");
    const struct advice_words none = advice_words_of(&arena, "Weighs 6 kg, 180 minutes of viewing");
    const struct advice_facts facts = advice_facts_of(&all);
    const struct advice_facts nothing = advice_facts_of(&none);

    (void)state;
    assert_int_equal(facts.minutes, 34);
    assert_int_equal(facts.metres, 1500);
    assert_int_equal(facts.grams, 1200);
    assert_int_equal(nothing.minutes, -1);
    assert_int_equal(nothing.metres, -1);
    assert_int_equal(nothing.grams, -1);
}

/* --- choices and answers --- */

static const struct sql_product_row catalogue[] = {
    {.id = 1,
     .name = "Falcon Survey",
     .sku = "FAL-1",
     .category = "Complete Drones",
     .price_cents = 190000,
     .stock = 3,
     .description = "Maps fields. Flight time 40 minutes on one 6S 5200 mAh battery."},
    {.id = 2,
     .name = "Falcon | Heavy",
     .sku = "FAL-2",
     .category = "Complete Drones",
     .price_cents = 990000,
     .stock = 0,
     .description = "Lifts tools. Payload 12 kg, range 6.5 km."},
    {.id = 3,
     .name = "Cell 6S",
     .sku = "CEL-6",
     .category = "Batteries",
     .price_cents = 17999,
     .stock = 9,
     .description = "6S 5200 mAh."},
    {.id = 4,
     .name = "Cell 12S",
     .sku = "CEL-12",
     .category = "Batteries",
     .price_cents = 54900,
     .stock = 9,
     .description = "12S 16000 mAh."},
};
enum { CATALOGUE_SIZE = sizeof(catalogue) / sizeof(catalogue[0]) };

static struct advice choose(const char *text)
{
    struct advice_question question = read_question(text);
    struct advice advice;

    advice_choose(&arena, &question, catalogue, CATALOGUE_SIZE, &advice);
    return advice;
}

static void assert_choice(const char *text, enum advice_kind kind, size_t count, int64_t first)
{
    const struct advice advice = choose(text);

    assert_int_equal(advice.kind, kind);
    assert_int_equal(advice.count, count);
    assert_int_equal(advice.ids[0], first);
}

static void advice_choose__each_kind_of_question__has_its_answer(void **state)
{
    (void)state;
    assert_choice("How much is the Falcon Survey?", ADVICE_ONE, 1, 1);
    assert_choice("fal-2", ADVICE_ONE, 1, 2);
    assert_choice("which maps my field", ADVICE_FOUND, 1, 1);
    assert_choice("Falcon Heavy or Falcon Survey", ADVICE_COMPARISON, 2, 2);
    assert_choice("battery for the Falcon Survey", ADVICE_PARTS, 1, 3);
    assert_choice("cheapest drone", ADVICE_FOUND, 2, 1);
    assert_choice("drones with a payload of 10 kg", ADVICE_FOUND, 1, 2);
    assert_choice("drones with a payload of 13 kg", ADVICE_NONE_FITS, 0, 0);
    assert_choice("a zeppelin", ADVICE_UNKNOWN, 0, 0);
}

static void advice_write__table__keeps_its_cells(void **state)
{
    struct advice_question question = read_question("compare");
    const struct advice advice = {.kind = ADVICE_COMPARISON, .ids = {2, 1}, .count = 2};
    const struct sql_product_row rows[] = {catalogue[1], catalogue[0]};

    (void)state;
    assert_string_equal(advice_write(&arena, &question, &advice, rows, 2, NULL),
                        "|  | Falcon \\| Heavy (product 2) | Falcon Survey (product 1) |\n"
                        "| --- | --- | --- |\n"
                        "| Price | $9900.00 | $1900.00 |\n"
                        "| Stock | out of stock | 3 in stock |\n"
                        "| Kind | Complete Drones | Complete Drones |\n"
                        "| Flight time |  | 40 min |\n"
                        "| Range | 6.5 km |  |\n"
                        "| Payload | 12 kg |  |\n"
                        "| What it is | Lifts tools. Payload 12 kg, range 6.5 km. | Maps fields. "
                        "Flight time 40 minutes on one 6S 5200 mAh battery. |");
}

static void advice_question__products_by_number__are_these(void **state)
{
    static const struct {
        const char *text;
        size_t count;
        int64_t ids[ADVICE_COMPARED_MOST];
    } CASES[] = {
        {"What is product 25?", 1, {25}},
        {"Compare products 1 and 3", 2, {1, 3}},
        {"compare product 1 with product 3", 2, {1, 3}},
        {"difference between product 7 and 9", 2, {7, 9}},
        {"products 4, 2 and 40 please", 3, {4, 2, 40}},
        {"compare products 1, 2, 3 and 4", 3, {1, 2, 3}},
        {"compare product 5 and product 5", 1, {5}},
        {"product 6 and 20 km of range", 1, {6}},
        {"product 8 and 9", 1, {8}},
        {"product 0 or product 1.5", 0, {0}},
        {"compare products", 0, {0}},
        {"product", 0, {0}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const struct advice_question question = read_question(CASES[i].text);

        assert_int_equal(question.product_count, CASES[i].count);
        for (size_t k = 0; k < CASES[i].count; k++) {
            assert_int_equal(question.product_ids[k], CASES[i].ids[k]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(advice_question__products_by_number__are_these),
        cmocka_unit_test(advice_words__forms_of_a_word__have_one_stem),
        cmocka_unit_test(advice_words__numbers__are_parted_from_units),
        cmocka_unit_test(advice_words__too_much__is_cut),
        cmocka_unit_test(advice_question__bounds__are_read),
        cmocka_unit_test(advice_question__numbers_that_bound_nothing__are_left),
        cmocka_unit_test(advice_question__wishes__are_read),
        cmocka_unit_test(advice_search_words__marks_of_the_engine__are_gone),
        cmocka_unit_test(advice_facts__labels__say_which_number),
        cmocka_unit_test(advice_choose__each_kind_of_question__has_its_answer),
        cmocka_unit_test(advice_write__table__keeps_its_cells),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
