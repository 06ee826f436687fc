/* Readers that come, ask, linger and leave as chance has it, on two pools whose batches are
 * answered, fail or are given up: nobody is left waiting, and all sessions are back at the end. A
 * seed repeats what one thread does; the pools' openers run beside it. */
#include <sys/epoll.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fiber.h"
#include "db/pipeline.h"
#include "sql_conformance.h"
#include "tests/support/db_fixture.h"
#include "tests/support/fake_backend.h"
#include "tests/support/test.h"

enum {
    READERS = 12,
    POOLS = 2,
    SEEDS = 60,
    TURNS = 300,
    END_TURNS = 1000, /* many times what the last deadline needs */
    WITHIN_MS = 3000,
    TURN_MS = 20,
    GIVEN_UP_MS = 5000,
};

struct world;

struct reader {
    struct world *world;
    struct arena arena;
    struct ctx ctx;
    struct ctx_place place;
    struct fiber *fiber; /* while it lingers */
    bool is_there;
};

struct world {
    struct db *db;
    struct db_pool *pools[POOLS];
    struct db_pipelines *pipelines;
    struct fibers *fibers;
    struct reader readers[READERS];
    int epoll;
    uint64_t random;
    uint64_t now_ns;
    bool is_ending; /* nobody lingers any more */
    unsigned read;  /* statements that gave their row */
};

static uint64_t chance(struct world *w, uint64_t below)
{
    w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (w->random >> 33) % below;
}

static void linger(struct reader *reader)
{
    if (!reader->world->is_ending && chance(reader->world, 3) == 0) {
        reader->fiber = fiber_self();
        fiber_pause();
        reader->fiber = NULL;
    }
}

/* Pays no heed to being refused. Within one session it may take another, of the other pool. */
static void read_some(struct reader *reader, size_t pool)
{
    struct db_session *session = NULL;
    struct sql_thing_count_row row;
    struct err err = {.code = ERR_NONE};

    if (!db_checkout(&reader->ctx, reader->world->pools[pool], &session, &err)) {
        return;
    }
    do {
        linger(reader);
        if (sql_thing_count(session, &row, &err) == DB_ROW) {
            reader->world->read++;
        }
        if (pool == 0 && chance(reader->world, 4) == 0) {
            read_some(reader, 1);
        }
        linger(reader);
    } while (chance(reader->world, 3) > 0);
    db_checkin(session);
}

static void run(void *arg)
{
    struct reader *reader = arg;

    read_some(reader, chance(reader->world, POOLS));
    arena_fini(&reader->arena);
    reader->is_there = false;
}

static void come(struct world *w, struct reader *reader)
{
    *reader = (struct reader){.world = w, .is_there = true};
    arena_init(&reader->arena);
    ctx_init_background(&reader->ctx, &reader->arena, NULL, "octo-test", "GET /",
                        1 + chance(w, WITHIN_MS));
    reader->place.together = w->pipelines;
    reader->ctx.place = &reader->place;
    assert_int_not_equal(fiber_run(w->fibers, run, reader), FIBER_NONE);
}

static void go_on(struct world *w)
{
    for (size_t i = 0; i < READERS; i++) {
        struct reader *reader = &w->readers[i];

        if (!reader->is_there && !w->is_ending && chance(w, 3) == 0) {
            come(w, reader);
        } else if (reader->fiber != NULL && (w->is_ending || chance(w, 2) == 0)) {
            fiber_resume(reader->fiber);
        }
    }
}

static enum db_batch_state some_state(struct world *w)
{
    static const enum db_batch_state states[] = {DB_BATCH_ANSWERED, DB_BATCH_ANSWERED,
                                                 DB_BATCH_ANSWERED, DB_BATCH_SENT,
                                                 DB_BATCH_SENDING,  DB_BATCH_LOST};

    return w->is_ending ? DB_BATCH_ANSWERED : states[chance(w, sizeof(states) / sizeof(states[0]))];
}

static void fail_sometimes(struct world *w)
{
    static const enum fake_call calls[] = {FAKE_QUERY, FAKE_SET_TAGS, FAKE_NEXT};
    static const enum err_code codes[] = {ERR_CONNECTION_LOST, ERR_INTERNAL};

    if (chance(w, 4) == 0) {
        fake_fail(calls[chance(w, 3)], 0, 1, codes[chance(w, 2)]);
    }
}

/* Somebody waits, and no session is open. */
static bool is_opening(struct db *db)
{
    struct db_pool_view views[POOLS];
    bool is_opening = false;

    assert_int_equal(db_pools(db, views, POOLS), POOLS);
    for (size_t i = 0; i < POOLS; i++) {
        is_opening |= views[i].waiters > 0 && views[i].opened == views[i].closed;
    }
    return is_opening;
}

static void turn(struct world *w)
{
    fail_sometimes(w);
    go_on(w);
    WAIT_UNTIL(!is_opening(w->db)); /* what another thread does about it */
    fake_send_as(some_state(w));
    (void)db_pipelines_send(w->pipelines);
    go_on(w);
    fake_receive_as(some_state(w));
    db_pipelines_receive(w->pipelines);
    w->now_ns += chance(w, chance(w, 20) == 0 ? GIVEN_UP_MS : TURN_MS) * CLOCK_NS_PER_MS;
    clock_freeze(w->now_ns, clock_utc_us());
}

static bool is_anybody_there(const struct world *w)
{
    for (size_t i = 0; i < READERS; i++) {
        if (w->readers[i].is_there) {
            return true;
        }
    }
    return false;
}

static void begin(struct world *w, uint64_t seed)
{
    const struct db_options options = {.service = "test",
                                       .module = "octo-test",
                                       .location = "nowhere",
                                       .backend = fake_backend(NULL)};
    static const char *const names[POOLS] = {"main", "auth"};
    struct err err = {.code = ERR_NONE};

    *w = (struct world){.random = seed, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    fake_pipelines();
    assert_true(db_open(&options, &w->db, &err));
    for (size_t i = 0; i < POOLS; i++) {
        const struct db_pool_options pool = {
            .name = names[i], .size = 1 + (int64_t)i, .checkout_timeout_ms = WITHIN_MS};

        assert_true(db_pool_new(w->db, &pool, &w->pools[i], &err));
    }
    w->pipelines = db_pipelines_new(w->db, w->epoll, 0);
    assert_non_null(w->pipelines);
    w->fibers = fibers_new(READERS);
    w->now_ns = clock_mono_ns();
    clock_freeze(w->now_ns, clock_utc_us());
}

static bool is_in_use(struct db *db)
{
    struct db_pool_view views[POOLS];
    int64_t users = 0;

    assert_int_equal(db_pools(db, views, POOLS), POOLS);
    for (size_t i = 0; i < POOLS; i++) {
        users += views[i].in_use + views[i].waiters;
    }
    return users > 0;
}

static void end(struct world *w)
{
    w->is_ending = true;
    for (int left = END_TURNS; left > 0 && (is_anybody_there(w) || is_in_use(w->db)); left--) {
        turn(w);
    }
    assert_false(is_anybody_there(w));
    assert_false(is_in_use(w->db));
    clock_thaw();
    db_pipelines_free(w->pipelines);
    db_close(w->db);
    fibers_free(w->fibers);
    close(w->epoll);
}

static void pipelines__anything_happens__nobody_is_left_waiting(void **state)
{
    unsigned read = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct world world;

        begin(&world, seed);
        for (int i = 0; i < TURNS; i++) {
            turn(&world);
        }
        end(&world);
        read += world.read;
    }
    assert_true(read > SEEDS * READERS); /* it is not all refusals */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pipelines__anything_happens__nobody_is_left_waiting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
