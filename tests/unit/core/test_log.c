#include <pthread.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "support/test.h"

enum { CAPTURE_MAX = 16 * 1024 };

/* Standard error of the process is a pipe while `act` runs; what was written is returned. */
static const char *captured(void (*act)(void))
{
    static char text[CAPTURE_MAX];
    int ends[2];
    int before = dup(STDERR_FILENO);
    ssize_t got;

    assert_int_equal(pipe(ends), 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    (void)close(ends[1]);
    act();
    assert_true(dup2(before, STDERR_FILENO) >= 0);
    (void)close(before);
    got = read(ends[0], text, sizeof(text) - 1);
    text[got > 0 ? got : 0] = '\0';
    (void)close(ends[0]);
    return text;
}

static void log_one(void)
{
    log_line(LOG_DEBUG, NULL, "below the level", "x=%d", 1);
    log_line(LOG_INFO, "4bf92f3577b34da6a3ce929d0e0e4736", "started", "port=%d", 8080);
    log_line(LOG_INFO, NULL, "two words", "%s", "");
}

static void log_line__levels_and_pairs__one_line_each(void **state)
{
    (void)state;
    clock_freeze(1, 0);
    assert_string_equal(captured(log_one),
                        "ts=1970-01-01T00:00:00.000000Z level=info service=test "
                        "trace=4bf92f3577b34da6a3ce929d0e0e4736 event=started port=8080\n"
                        "ts=1970-01-01T00:00:00.000000Z level=info service=test "
                        "event=\"two words\"\n");
    clock_thaw();
}

static void log_repeats(void)
{
    clock_freeze(1, 0);
    for (int i = 0; i < 5; i++) {
        log_line(LOG_WARNING, NULL, "slow", "ms=%d", 7);
        log_line(LOG_INFO, NULL, "fine", "%s", "x=1");
    }
    log_line(LOG_WARNING, NULL, "slow", "ms=%d", 8);
    clock_freeze(11000 * CLOCK_NS_PER_MS, 0);
    log_line(LOG_WARNING, NULL, "slow", "ms=%d", 7);
    log_line(LOG_WARNING, NULL, "slow", "ms=%d", 7);
    log_flush_folded();
    log_flush_folded();
    clock_thaw();
}

static size_t occurrences(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        count++;
    }
    return count;
}

/* The first of a kind is written at once, its repeats of ten seconds as one count; information is
 * never folded, and another text is another line. */
static void log_line__repeated_warning__folded_with_count(void **state)
{
    const char *text = captured(log_repeats);

    (void)state;
    assert_int_equal(occurrences(text, "event=slow ms=7\n"), 2);
    assert_int_equal(occurrences(text, "event=slow ms=8\n"), 1);
    assert_int_equal(occurrences(text, "event=slow repeated=4 ms=7\n"), 1);
    assert_int_equal(occurrences(text, "event=slow repeated=1 ms=7\n"), 1);
    assert_int_equal(occurrences(text, "event=fine"), 5);
    assert_int_equal(occurrences(text, "\n"), 10);
}

/* Told of a count of repeats, as whoever reads standard error would be: meanwhile another thread
 * counts a repeat of its own, for which nothing has to be written. */
static void *repeat_other(void *arg)
{
    (void)arg;
    log_line(LOG_WARNING, NULL, "other", "ms=%d", 2);
    return NULL;
}

static void meet_another(void *arg, const struct log_entry *entry)
{
    pthread_t thread;

    if (entry->repeats > 0) {
        assert_int_equal(pthread_create(&thread, NULL, repeat_other, NULL), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        *(bool *)arg = true;
    }
}

static void log_while_written(void)
{
    bool has_met = false;

    clock_freeze(1, 0);
    log_line(LOG_WARNING, NULL, "slow", "ms=%d", 1);
    log_line(LOG_WARNING, NULL, "slow", "ms=%d", 1);
    clock_freeze(5000 * CLOCK_NS_PER_MS, 0);
    log_line(LOG_WARNING, NULL, "other", "ms=%d", 2);
    clock_freeze(11000 * CLOCK_NS_PER_MS, 0);
    log_tee(meet_another, &has_met);
    log_line(LOG_INFO, NULL, "later", "%s", "");
    log_tee(NULL, NULL);
    assert_true(has_met);
    log_flush_folded();
    clock_thaw();
}

/* A count that takes its time to be written, since nobody reads, holds up no other thread. */
static void log_line__count_is_written__others_count_on(void **state)
{
    const char *text = captured(log_while_written);

    (void)state;
    assert_int_equal(occurrences(text, "event=slow repeated=1 ms=1\n"), 1);
    assert_int_equal(occurrences(text, "event=other repeated=1 ms=2\n"), 1);
}

static void log_many_kinds(void)
{
    for (int i = 0; i < 100; i++) {
        log_line(LOG_ERROR, NULL, "kind", "n=%d", i);
    }
    log_line(LOG_ERROR, NULL, "kind", "n=%d", 0);
    log_line(LOG_ERROR, NULL, "kind", "n=%d", 99);
    log_flush_folded();
}

/* More kinds than there are slots: none is lost, and those that have one keep it. */
static void log_line__more_kinds_than_slots__all_written(void **state)
{
    const char *text = captured(log_many_kinds);

    (void)state;
    assert_int_equal(occurrences(text, "event=kind n="), 101);
    assert_int_equal(occurrences(text, "event=kind repeated=1 n=0\n"), 1);
}

static void log_forgery(void)
{
    struct err err = {.code = ERR_NONE};

    log_line(LOG_INFO, NULL, "odd", "x=%s", "a\nts=forged");
    (void)err_field(&err, ERR_INVALID, "/a b", "bad \"value\"");
    err.native = 19;
    memcpy(err.sqlstate, "23505", sizeof(err.sqlstate));
    log_err(LOG_ERROR, NULL, "refused", &err);
    log_flush_folded();
}

/* A value cannot start a line of its own; an error shows all that it knows. */
static void log_line__line_end_in_value__stays_one_line(void **state)
{
    const char *text = captured(log_forgery);

    (void)state;
    assert_int_equal(occurrences(text, "\n"), 2);
    assert_non_null(strstr(text, "x=a ts=forged\n"));
    assert_non_null(strstr(text, "event=refused error=invalid text=\"bad \\\"value\\\"\" native=19 "
                                 "sqlstate=23505 field=\"/a b\"\n"));
}

static void log_quote__texts__quoted_where_needed(void **state)
{
    char out[16];

    (void)state;
    assert_string_equal(log_quote("plain", out, sizeof(out)), "plain");
    assert_string_equal(log_quote("", out, sizeof(out)), "\"\"");
    assert_string_equal(log_quote("a b", out, sizeof(out)), "\"a b\"");
    assert_string_equal(log_quote("a=b", out, sizeof(out)), "\"a=b\"");
    assert_string_equal(log_quote("a\"\\\n\x01", out, sizeof(out)), "\"a\\\"\\\\\\n?\"");
    for (size_t size = 0; size < sizeof(out); size++) {
        memset(out, 'X', sizeof(out));
        (void)log_quote("a \"very\" long\ntext", out, size);
        if (size > 0) {
            assert_true(strlen(out) < size);
        }
        assert_int_equal(out[size], 'X');
    }
}

static void log_level_parse__names__found(void **state)
{
    enum log_level level = LOG_ERROR;

    (void)state;
    assert_true(log_level_parse("Warning", &level));
    assert_int_equal(level, LOG_WARNING);
    assert_false(log_level_parse("loud", &level));
    assert_int_equal(level, LOG_WARNING);
}

/* What a tee was given, one line each. */
static char teed[1024];

static void tee_entry(void *arg, const struct log_entry *entry)
{
    const size_t used = strlen(teed);

    assert_ptr_equal(arg, teed);
    (void)snprintf(teed + used, sizeof(teed) - used, "%d %lld %s %s [%s] %llu\n", (int)entry->level,
                   (long long)entry->utc_us, entry->trace_id != NULL ? entry->trace_id : "-",
                   entry->event, entry->pairs, (unsigned long long)entry->repeats);
}

static void log_with_tee(void)
{
    clock_freeze(1, 7);
    log_tee(tee_entry, teed);
    log_line(LOG_DEBUG, NULL, "below the level", "x=%d", 1);
    log_line(LOG_INFO, "4bf92f3577b34da6a3ce929d0e0e4736", "started", "port=%d", 8080);
    for (int i = 0; i < 3; i++) {
        log_line(LOG_WARNING, NULL, "slow to tee", "%s", "ms=7");
    }
    log_flush_folded();
    log_tee(NULL, NULL);
    log_line(LOG_INFO, NULL, "after", "%s", "");
    clock_thaw();
}

/* Each line that is written, and no other. */
static void log_tee__lines__are_given_as_written(void **state)
{
    (void)state;
    teed[0] = '\0';
    (void)captured(log_with_tee);
    assert_string_equal(teed, "1 7 4bf92f3577b34da6a3ce929d0e0e4736 started [port=8080] 0\n"
                              "2 7 - slow to tee [ms=7] 0\n"
                              "2 7 - slow to tee [ms=7] 2\n");
}

/* What log_quote made of a value comes back. */
static void log_next_pair__quoted_values__come_back(void **state)
{
    static const char *const VALUES[] = {"plain", "",      "two words", "a\"b\\c\nd=e",
                                         "\\n",   "Zoë\\", "\\\\n"};
    char pairs[512] = "";
    char quoted[64];
    char key[8];
    char value[64];
    const char *at = pairs;

    (void)state;
    for (size_t i = 0; i < sizeof(VALUES) / sizeof(VALUES[0]); i++) {
        const size_t used = strlen(pairs);

        (void)snprintf(pairs + used, sizeof(pairs) - used, "%sk%zu=%s", i > 0 ? " " : "", i,
                       log_quote(VALUES[i], quoted, sizeof(quoted)));
    }
    for (size_t i = 0; i < sizeof(VALUES) / sizeof(VALUES[0]); i++) {
        char expected[8];

        (void)snprintf(expected, sizeof(expected), "k%zu", i % 10);
        assert_true(log_next_pair(&at, key, sizeof(key), value, sizeof(value)));
        assert_string_equal(key, expected);
        assert_string_equal(value, VALUES[i]);
    }
    assert_false(log_next_pair(&at, key, sizeof(key), value, sizeof(value)));
}

/* Whatever stands there it ends, and stays inside what it is given. */
static void log_next_pair__no_pairs_of_ours__ends(void **state)
{
    static const char *const TEXTS[] = {"a",
                                        "=",
                                        "a=\"",
                                        "a=\"\\",
                                        "a=\"b\"c d",
                                        "  ",
                                        "ü=üü",
                                        "long-key=long-value",
                                        "a=\"long value\""};
    char key[4];
    char value[4];

    (void)state;
    for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
        const char *at = TEXTS[i];
        size_t pairs = 0;

        while (log_next_pair(&at, key, sizeof(key), value, sizeof(value))) {
            assert_true(strlen(key) < sizeof(key) && strlen(value) < sizeof(value));
            assert_true(++pairs <= strlen(TEXTS[i]));
        }
        assert_int_equal(strspn(at, " "), strlen(at));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_line__levels_and_pairs__one_line_each),
        cmocka_unit_test(log_line__repeated_warning__folded_with_count),
        cmocka_unit_test(log_line__count_is_written__others_count_on),
        cmocka_unit_test(log_line__more_kinds_than_slots__all_written),
        cmocka_unit_test(log_line__line_end_in_value__stays_one_line),
        cmocka_unit_test(log_quote__texts__quoted_where_needed),
        cmocka_unit_test(log_level_parse__names__found),
        cmocka_unit_test(log_tee__lines__are_given_as_written),
        cmocka_unit_test(log_next_pair__quoted_values__come_back),
        cmocka_unit_test(log_next_pair__no_pairs_of_ours__ends),
    };

    log_setup("test", LOG_INFO);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
