#include "pool_fixture.h"

#include <unistd.h>

#include "core/clock.h"

const struct db_pool_options pool_options = {.name = "main",
                                             .size = 2,
                                             .overflow = 1,
                                             .checkout_timeout_ms = 100,
                                             .idle_check_ms = 1000,
                                             .keep_ms = 40000,
                                             .lifetime_ms = 60000,
                                             .hold_warn_ms = 500};

int pool_set_up(void **state)
{
    const struct db_options options = {
        .service = "test", .module = "octo-test", .location = "nowhere"};
    struct db_options own = options;
    struct pool_fixture *f = mem_alloc(sizeof(*f));
    struct err err = {.code = ERR_NONE};

    own.backend = fake_backend(NULL);
    arena_init(&f->arena);
    db_fixture_ctx(&f->ctx, &f->arena, "GET /a");
    if (!db_open(&own, &f->db, &err) || !db_pool_new(f->db, &pool_options, &f->pool, &err)) {
        return -1;
    }
    *state = f;
    return 0;
}

int pool_tear_down(void **state)
{
    struct pool_fixture *f = *state;

    clock_thaw();
    must_close(f->db);
    arena_fini(&f->arena);
    free(f);
    return 0;
}

struct db_session *must_checkout(struct pool_fixture *f)
{
    struct db_session *session = NULL;
    struct err err = {.code = ERR_NONE};

    if (!db_checkout(&f->ctx, f->pool, &session, &err)) {
        fail_msg("%s", err.text);
    }
    return session;
}

struct db_pool_view view_of(struct pool_fixture *f)
{
    struct db_pool_view view;

    assert_int_equal(db_pools(f->db, &view, 1), 1);
    return view;
}

void check_out_all(struct pool_fixture *f, struct db_session *sessions[3])
{
    for (size_t i = 0; i < 3; i++) {
        sessions[i] = must_checkout(f);
    }
}

void check_in_all(struct db_session *sessions[3])
{
    for (size_t i = 0; i < 3; i++) {
        db_checkin(sessions[i]);
    }
}

void use_pool(struct pool_fixture *f, const char *name, int64_t size, int64_t overflow)
{
    struct db_pool_options options = pool_options;
    struct err err;

    options.name = name;
    options.size = size;
    options.overflow = overflow;
    options.checkout_timeout_ms = 3600000; /* never in a test */
    assert_true(db_pool_new(f->db, &options, &f->pool, &err));
}

struct db_pool_view view_of_second(struct pool_fixture *f)
{
    struct db_pool_view views[2];

    assert_int_equal(db_pools(f->db, views, 2), 2);
    return views[1];
}

static void wait_for_session(void *arg)
{
    struct waiter *waiter = arg;
    struct db_session *session = NULL;
    struct arena arena;
    struct err err;
    struct ctx ctx;

    arena_init(&arena);
    db_fixture_ctx(&ctx, &arena, "GET /waiter");
    waiter->ok = db_checkout(&ctx, waiter->fixture->pool, &session, &err);
    mutex_lock(waiter->lock);
    waiter->order = (*waiter->served)++;
    mutex_unlock(waiter->lock);
    db_checkin(session);
    arena_fini(&arena);
}

void wait_until_waiters(struct pool_fixture *f, int64_t count)
{
    while (view_of_second(f).waiters != count) {
        usleep(500);
    }
}

void start_waiter(struct pool_fixture *f, struct waiter *waiter, struct mutex *lock, int *served)
{
    *waiter = (struct waiter){.fixture = f, .lock = lock, .served = served};
    thread_start(&waiter->thread, "waiter", wait_for_session, waiter);
}

void clock_jump(uint64_t ms)
{
    clock_freeze(clock_mono_ns() + ms * CLOCK_NS_PER_MS, clock_utc_us());
}
