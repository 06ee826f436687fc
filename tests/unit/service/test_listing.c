/* service/listing.h: cursors, and pages as they are written. */
#include <string.h>

#include "core/digest.h"
#include "service/listing.h"
#include "support/test.h"

static void assert_round_trip(int64_t id, int64_t number, const char *sort, const char *text)
{
    struct listing_position position = {.id = id, .number = number};
    struct listing_position back;
    char cursor[LISTING_CURSOR_SIZE];

    (void)snprintf(position.sort, sizeof(position.sort), "%s", sort);
    (void)snprintf(position.text, sizeof(position.text), "%s", text);
    listing_position_format(&position, cursor);
    assert_true(listing_position_parse(cursor, &back));
    assert_int_equal(back.id, id);
    assert_int_equal(back.number, number);
    assert_string_equal(back.sort, sort);
    assert_string_equal(back.text, text);
}

static void listing_position__any__survives_the_trip(void **state)
{
    char longest[LISTING_TEXT_SIZE];

    (void)state;
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_round_trip(1, 0, "-id", "");
    assert_round_trip(7, -189900, "-price", "");
    assert_round_trip(3, 0, "name", "Dots. Are. Text");
    assert_round_trip(INT64_MAX, INT64_MIN, "abcdefghijklmnopqrstuvw", longest);
}

static void assert_refused(const char *plain, size_t length)
{
    struct listing_position position = {.id = 42};
    char cursor[2 * LISTING_CURSOR_SIZE];

    base64url_encode((const uint8_t *)plain, length, cursor);
    assert_false(listing_position_parse(cursor, &position));
    assert_int_equal(position.id, 42);
}

static void listing_position__made_up__is_refused(void **state)
{
    static const char *const texts[] = {
        "",       "1",      "1.0",     "1.0.name", "0.0.name.x", "-1.0.a.", "x.0.a.",
        "1.x.a.", "1.0..x", "1.0.A.x", "1.0.a b.", "1.0.a.\xff", " 1.0.a."};
    struct listing_position position;
    char plain[1000];

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_refused(texts[i], strlen(texts[i]));
    }
    assert_refused("1.0.a.x\0y", 9);
    (void)snprintf(plain, sizeof(plain), "1.0.%024d.", 0);
    memset(plain + 4, 'a', LISTING_SORT_SIZE);
    assert_refused(plain, strlen(plain));
    memset(plain, 'x', sizeof(plain));
    memcpy(plain, "1.0.a.", 6);
    assert_refused(plain, 6 + LISTING_TEXT_SIZE);
    assert_refused(plain, sizeof(plain));
    assert_false(listing_position_parse("MS4wLmEu=", &position));
    assert_true(listing_position_parse("MS4wLmEu", &position)); /* "1.0.a." */
}

struct written {
    struct reply rp;
    struct listing listing;
};

/* Writes rows with ids from 1 on, as a list does. */
static void write_rows(struct written *w, const struct listing_page *page, int64_t rows)
{
    struct err err;

    buf_init(&w->rp.body, 4096);
    json_out_init(&w->rp.json, &w->rp.body);
    assert_true(listing_begin(&w->listing, page, &w->rp, &err));
    json_begin_object(&w->rp.json, NULL);
    for (int64_t id = listing_id_after(&w->listing) + 1; id <= rows && listing_takes(&w->listing);
         id++) {
        listing_wrote(&w->listing, id, 10 * id, "row");
    }
    listing_end(&w->listing);
    json_end_object(&w->rp.json);
}

static void listing__rows_left__are_behind_the_cursor(void **state)
{
    struct listing_page page = {.limit = 3, .sort = "number"};
    struct written w;

    (void)state;
    write_rows(&w, &page, 5);
    assert_true(w.listing.is_more);
    assert_non_null(strstr(w.rp.body.data, "{\"count\":3,\"limit\":3,\"next_cursor\":\""));
    assert_int_equal(listing_most(&w.listing), 4);
    buf_fini(&w.rp.body);

    page.cursor = w.listing.last;
    page.has_cursor = true;
    write_rows(&w, &page, 5);
    assert_int_equal(listing_id_before(&w.listing), 3);
    assert_int_equal(listing_number(&w.listing, 99), 30);
    assert_string_equal(listing_text(&w.listing), "row");
    assert_string_equal(w.rp.body.data, "{\"count\":2,\"limit\":3,\"next_cursor\":null}");
    buf_fini(&w.rp.body);
}

/* A full page with nothing behind it is the last; so is an empty one. */
static void listing__no_rows_left__has_no_cursor(void **state)
{
    const struct listing_page page = {.limit = 3, .sort = "-id"};
    struct written w;

    (void)state;
    write_rows(&w, &page, 3);
    assert_string_equal(w.rp.body.data, "{\"count\":3,\"limit\":3,\"next_cursor\":null}");
    buf_fini(&w.rp.body);
    write_rows(&w, &page, 0);
    assert_string_equal(w.rp.body.data, "{\"count\":0,\"limit\":3,\"next_cursor\":null}");
    assert_int_equal(listing_id_before(&w.listing), INT64_MAX);
    assert_int_equal(listing_number(&w.listing, 99), 99);
    assert_string_equal(listing_text(&w.listing), "");
    buf_fini(&w.rp.body);
}

/* What no cursor has room for is an error, where a cursor is needed: one that is cut leads back. */
static void listing_can_go_on__text_without_room__is_an_error(void **state)
{
    const struct listing_page page = {.limit = 1, .sort = "name"};
    struct listing listing;
    char text[LISTING_TEXT_SIZE + 1];
    struct err err;

    (void)state;
    for (size_t length = LISTING_TEXT_SIZE - 1; length <= LISTING_TEXT_SIZE; length++) {
        const bool has_room = length < LISTING_TEXT_SIZE;

        memset(text, 'x', length);
        text[length] = '\0';
        assert_true(listing_begin(&listing, &page, NULL, &err));
        assert_true(listing_takes(&listing));
        listing_wrote(&listing, 7, 0, text);
        assert_true(listing_can_go_on(&listing, &err)); /* there may be no other row */
        assert_false(listing_takes(&listing));
        assert_int_equal(listing_can_go_on(&listing, &err), has_room);
    }
    assert_int_equal(err.code, ERR_LIMIT);
}

static void listing_begin__cursor_of_another_order__is_refused(void **state)
{
    const struct listing_page page = {
        .limit = 3, .sort = "name", .cursor = {.id = 1, .sort = "-id"}, .has_cursor = true};
    struct listing listing;
    struct err err;

    (void)state;
    assert_false(listing_begin(&listing, &page, NULL, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_string_equal(err.field, "cursor");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listing_position__any__survives_the_trip),
        cmocka_unit_test(listing_position__made_up__is_refused),
        cmocka_unit_test(listing__rows_left__are_behind_the_cursor),
        cmocka_unit_test(listing__no_rows_left__has_no_cursor),
        cmocka_unit_test(listing_can_go_on__text_without_room__is_an_error),
        cmocka_unit_test(listing_begin__cursor_of_another_order__is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
