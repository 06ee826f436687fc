/* http/topic.h: who reads what of a topic, and what becomes of those that are slow. */
#include "core/thread.h"
#include "http/topic.h"
#include "support/test.h"

enum {
    RUN = 0xa1,
    SIZE = TOPIC_EVENT_MAX,
    MANY = 100000,
    THREADS = 4,
    POSTS = 2000,
};

struct fixture {
    struct topic *topic;
    struct topic_reader reader;
    atomic_int wakes;
    struct buf out;
};

static void count_wake(void *arg)
{
    atomic_fetch_add(&((struct fixture *)arg)->wakes, 1);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->topic = topic_new(SIZE, RUN);
    buf_init(&f->out, 4 * SIZE);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    if (f->reader.topic != NULL) {
        topic_leave(&f->reader);
    }
    topic_free(f->topic);
    buf_fini(&f->out);
    free(f);
    return 0;
}

static void join(struct fixture *f, const char *last_id)
{
    f->reader = (struct topic_reader){.wake = count_wake, .arg = f};
    topic_join(f->topic, &f->reader, last_id);
}

static void leave(struct fixture *f)
{
    topic_leave(&f->reader);
    f->reader.topic = NULL;
}

static void post(struct fixture *f, const char *data)
{
    assert_true(topic_post(f->topic, "order", data, strlen(data)));
}

static const char *read_all(struct fixture *f)
{
    buf_clear(&f->out);
    topic_read(&f->reader, &f->out, SIZE_MAX);
    return f->out.data != NULL && f->out.length > 0 ? f->out.data : "";
}

static void read__what_is_posted_after_joining__comes_once_and_in_order(void **state)
{
    struct fixture *f = *state;

    post(f, "before");
    join(f, NULL);
    assert_string_equal(read_all(f), "retry: 2000\nid: a1-1\n\n");
    assert_int_equal(f->wakes, 0);
    post(f, "one");
    post(f, "two");
    assert_int_equal(f->wakes, 2);
    assert_string_equal(read_all(f), "id: a1-2\nevent: order\ndata: one\n\n"
                                     "id: a1-3\nevent: order\ndata: two\n\n");
    assert_string_equal(read_all(f), "");
    leave(f);
    post(f, "three");
    assert_int_equal(f->wakes, 2);
}

static void read__a_limit__ends_behind_a_whole_event(void **state)
{
    struct fixture *f = *state;

    join(f, "");
    (void)read_all(f);
    post(f, "one");
    post(f, "two");
    buf_clear(&f->out);
    topic_read(&f->reader, &f->out, 1);
    assert_string_equal(f->out.data, "id: a1-1\nevent: order\ndata: one\n\n");
    topic_read(&f->reader, &f->out, 1);
    assert_string_equal(f->out.data, "id: a1-1\nevent: order\ndata: one\n\n");
    assert_string_equal(read_all(f), "id: a1-2\nevent: order\ndata: two\n\n");
}

static void join__last_id__goes_on_behind_it(void **state)
{
    struct fixture *f = *state;

    post(f, "one");
    post(f, "two");
    post(f, "three");
    join(f, "a1-1");
    assert_string_equal(read_all(f), "retry: 2000\nid: a1-1\n\n"
                                     "id: a1-2\nevent: order\ndata: two\n\n"
                                     "id: a1-3\nevent: order\ndata: three\n\n");
    leave(f);
    join(f, "a1-3");
    assert_string_equal(read_all(f), "retry: 2000\nid: a1-3\n\n");
    leave(f);
    join(f, "a1-0");
    assert_non_null(strstr(read_all(f), "data: one\n"));
}

/* An id of another process, or of none: what was missed since cannot be known, and is told so. */
static void join__an_id_that_names_nothing__is_told_and_gets_all_that_is_there(void **state)
{
    static const char *const ids[] = {
        "b2-1",
        "a1-3",
        "a1-9223372036854775807",
        "a1-99999999999999999999",
        "a1-01",
        "a1-+1",
        "a1--1",
        "a1-",
        "-1",
        "-",
        "x",
        "A1-1",
        "a1-1 ",
        "a1-1-1",
    };
    struct fixture *f = *state;

    post(f, "one");
    post(f, "two");
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        join(f, ids[i]);
        assert_string_equal(read_all(f), "retry: 2000\n\n"
                                         "id: a1-0\nevent: missed\ndata: {\"events\":null}\n\n"
                                         "id: a1-1\nevent: order\ndata: one\n\n"
                                         "id: a1-2\nevent: order\ndata: two\n\n");
        assert_string_equal(read_all(f), "");
        leave(f);
    }
}

/* Posts until the ring has gone round several times; the memory is of the size that it was. */
static void read__a_reader_that_slept__is_told_how_much_it_missed(void **state)
{
    struct fixture *f = *state;
    unsigned first;
    unsigned missed;
    const char *text;

    join(f, NULL);
    (void)read_all(f);
    for (int i = 1; i <= MANY; i++) {
        char data[16];

        (void)snprintf(data, sizeof(data), "%d", i);
        post(f, data);
    }
    text = read_all(f);
    assert_true(f->out.length <= SIZE + 128);
    assert_int_equal(
        sscanf(text, "id: a1-%u\nevent: missed\ndata: {\"events\":%u}\n\n", &first, &missed), 2);
    assert_int_equal(first, missed);
    text = strstr(text, "\n\n") + 2;
    for (unsigned i = missed + 1; i <= MANY; i++) {
        char expected[64];

        (void)snprintf(expected, sizeof(expected), "id: a1-%u\nevent: order\ndata: %u\n\n", i, i);
        assert_memory_equal(text, expected, strlen(expected));
        text += strlen(expected);
    }
    assert_string_equal(text, "");
}

/* Cut off before it has read anything, a reader comes back with the id it got, and is told again.
 */
static void join__an_id_whose_followers_are_gone__is_told_how_much_it_missed(void **state)
{
    struct fixture *f = *state;
    char data[SIZE / 2] = {0};

    memset(data, 'x', sizeof(data) - 1);
    for (int i = 0; i < 4; i++) {
        post(f, data);
    }
    join(f, "a1-1");
    assert_non_null(strstr(read_all(f), "retry: 2000\n\n"
                                        "id: a1-3\nevent: missed\ndata: {\"events\":2}\n\n"
                                        "id: a1-4\n"));
}

static void post__an_event_that_is_too_long__is_refused_and_takes_no_number(void **state)
{
    struct fixture *f = *state;
    char data[TOPIC_EVENT_MAX] = {0};

    memset(data, 'x', sizeof(data) - 1);
    join(f, NULL);
    (void)read_all(f);
    assert_false(topic_post(f->topic, "order", data, strlen(data)));
    assert_int_equal(f->wakes, 0);
    post(f, "one");
    assert_string_equal(read_all(f), "id: a1-1\nevent: order\ndata: one\n\n");
}

static void post_many(void *arg)
{
    struct fixture *f = arg;

    for (int i = 0; i < POSTS; i++) {
        (void)topic_post(f->topic, "order", "x", 1);
    }
}

/* The number of the last event of a text in which none is missing behind `last` but those that it
 * tells of. */
static unsigned follow(const char *text, unsigned last)
{
    for (; *text != '\0'; text = strstr(text, "\n\n") + 2) {
        unsigned number;
        unsigned missed = 0;

        assert_int_equal(sscanf(text, "id: a1-%u", &number), 1);
        if (sscanf(text, "id: a1-%*u\nevent: missed\ndata: {\"events\":%u}", &missed) == 1) {
            assert_int_equal(number, last + missed);
        } else {
            assert_int_equal(number, last + 1);
        }
        last = number;
    }
    return last;
}

/* What each reader got and was told to have missed adds up to what was posted. */
static void read__while_others_post__accounts_for_every_event(void **state)
{
    struct fixture *f = *state;
    struct thread threads[THREADS] = {0};
    unsigned last = 0;

    join(f, NULL);
    (void)read_all(f);
    for (int i = 0; i < THREADS; i++) {
        thread_start(&threads[i], "poster", post_many, f);
    }
    WAIT_UNTIL((last = follow(read_all(f), last)) == THREADS * POSTS);
    for (int i = 0; i < THREADS; i++) {
        thread_join(&threads[i]);
    }
    assert_int_equal(f->wakes, THREADS * POSTS);
}

/* Only readers of that name are dismissed, and told so; the others read on. */
static void dismiss__readers_of_a_name__are_woken_to_leave(void **state)
{
    struct fixture *f = *state;
    struct fixture other = {.topic = f->topic};
    struct topic_reader third = {.who = "ann", .wake = count_wake, .arg = &other};
    const char *const *who;
    struct arena arena;

    arena_init(&arena);
    assert_int_equal(topic_readers(f->topic, &arena, &who), 0);
    join(f, NULL);
    assert_int_equal(topic_readers(f->topic, &arena, &who), 0);
    leave(f);
    f->reader = (struct topic_reader){.who = "bob", .wake = count_wake, .arg = f};
    topic_join(f->topic, &f->reader, NULL);
    join(&other, NULL);
    topic_join(f->topic, &third, NULL);
    assert_int_equal(topic_readers(f->topic, &arena, &who), 2);
    assert_string_equal(who[0], "bob");
    assert_string_equal(who[1], "ann");
    topic_dismiss(f->topic, "ann");
    assert_true(atomic_load(&third.is_dismissed));
    assert_false(atomic_load(&f->reader.is_dismissed));
    assert_false(atomic_load(&other.reader.is_dismissed));
    assert_int_equal(f->wakes, 0);
    assert_int_equal(other.wakes, 1);
    topic_leave(&third);
    leave(&other);
    arena_fini(&arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(read__what_is_posted_after_joining__comes_once_and_in_order),
        TEST(read__a_limit__ends_behind_a_whole_event),
        TEST(join__last_id__goes_on_behind_it),
        TEST(join__an_id_that_names_nothing__is_told_and_gets_all_that_is_there),
        TEST(read__a_reader_that_slept__is_told_how_much_it_missed),
        TEST(join__an_id_whose_followers_are_gone__is_told_how_much_it_missed),
        TEST(post__an_event_that_is_too_long__is_refused_and_takes_no_number),
        TEST(read__while_others_post__accounts_for_every_event),
        TEST(dismiss__readers_of_a_name__are_woken_to_leave),
    };

    return cmocka_run_group_tests_name("http/topic", tests, NULL, NULL);
}
