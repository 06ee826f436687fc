/*
 * 75 connections in 15 threads, whose servers are killed at random: while they say something, and
 * from another thread at any moment. Nothing is shared that threads would have to be kept from
 * (ThreadSanitizer sees it), and descriptors and memory are what they were.
 *
 * OCTO_ORA_KILL_SECONDS=60 has it go on for so long instead of one second.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <dirent.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "tests/support/test.h"
#include "tests/unit/ora/life.h"

enum {
    THREADS = 15,
    LIVES_OF_A_THREAD = 5,
    CONNECTIONS_MAX = 1024,
    CONNECT_MS = 30000,
    CALL_MS = 30000,
    BREAK_AFTER_MS = 20,
    LIFE_BYTES = 2500, /* about as many as a server says in a whole life */
    KILL_EVERY_MS = 2,
    MEMORY_SLACK = 512 << 10, /* what libraries keep for the next time */
};

static struct {
    char dsn[64];
    int listening;
    int64_t end_ms;
    atomic_ulong parts;
    atomic_ulong failures;
    atomic_ulong kills;
    atomic_bool is_over;
    pthread_mutex_t lock;     /* guards what follows */
    int fds[CONNECTIONS_MAX]; /* of servers; -1: a free place */
    size_t servers;
} all = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* xorshift, by Marsaglia: the same numbers in each run. */
static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* --- servers --- */

static size_t take_place(int fd)
{
    size_t place = 0;

    (void)pthread_mutex_lock(&all.lock);
    while (all.fds[place] >= 0) {
        place++;
        assert(place < CONNECTIONS_MAX);
    }
    all.fds[place] = fd;
    all.servers++;
    (void)pthread_mutex_unlock(&all.lock);
    return place;
}

/* The descriptor is closed while nobody can think that it is still this server's. */
static void leave_place(size_t place, struct server *server)
{
    (void)pthread_mutex_lock(&all.lock);
    server_free(server);
    all.fds[place] = -1;
    all.servers--;
    (void)pthread_mutex_unlock(&all.lock);
}

struct seat {
    int fd;
    struct server_plan plan;
};

static void *serve(void *arg)
{
    const struct seat seat = *(struct seat *)arg;
    struct server *server = server_new(seat.fd, &seat.plan);
    struct pollfd ready = {.fd = seat.fd, .events = POLLIN};
    const size_t place = take_place(seat.fd);

    free(arg);
    do {
        (void)poll(&ready, 1, -1);
    } while (server_run(server));
    leave_place(place, server);
    return NULL;
}

/* Every second server is one that ends by itself, somewhere in what it says. */
static void *accept_clients(void *arg)
{
    uint32_t random = 2463534242;
    pthread_attr_t detached;
    int fd;

    (void)arg;
    (void)pthread_attr_init(&detached);
    (void)pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    while ((fd = accept(all.listening, NULL, NULL)) >= 0) {
        struct seat *seat = calloc(1, sizeof(*seat));
        pthread_t thread;

        assert(seat != NULL);
        *seat = (struct seat){
            .fd = fd,
            .plan = {.is_23ai = next_random(&random) % 2 == 0,
                     .fault = next_random(&random) % 2 == 0 ? SERVER_CUT : SERVER_WELL,
                     .at = next_random(&random) % LIFE_BYTES}};
        assert(pthread_create(&thread, &detached, serve, seat) == 0);
    }
    (void)pthread_attr_destroy(&detached);
    return NULL;
}

/* Kills one server after the other, whatever it does. */
static void *kill_servers(void *arg)
{
    uint32_t random = 88675123;

    (void)arg;
    while (!atomic_load(&all.is_over)) {
        const size_t place = next_random(&random) % (THREADS * LIVES_OF_A_THREAD);

        (void)poll(NULL, 0, KILL_EVERY_MS);
        (void)pthread_mutex_lock(&all.lock);
        if (all.fds[place] >= 0) {
            (void)shutdown(all.fds[place], SHUT_RDWR);
            (void)atomic_fetch_add(&all.kills, 1);
        }
        (void)pthread_mutex_unlock(&all.lock);
    }
    return NULL;
}

/* --- clients --- */

/* The part that is due; gives the one that comes next. */
static enum server_phase step(struct life *life, enum server_phase phase)
{
    bool ok;

    life->error.text[0] = '\0';
    if (phase == SERVER_BREAK) {
        octo_ora_set_call_ms(life->session, BREAK_AFTER_MS);
    }
    ok = life_part(life, phase);
    (void)atomic_fetch_add(&all.parts, 1);
    if (!ok) {
        assert(life->error.text[0] != '\0');
        (void)atomic_fetch_add(&all.failures, 1);
        return phase == SERVER_LOG_ON ? SERVER_LOG_ON : SERVER_CLOSE;
    }
    if (phase == SERVER_BREAK) {
        octo_ora_set_call_ms(life->session, CALL_MS);
    }
    return phase == SERVER_CLOSE ? SERVER_LOG_ON : phase + 1;
}

static void *live(void *arg)
{
    struct life lives[LIVES_OF_A_THREAD];
    enum server_phase phases[LIVES_OF_A_THREAD] = {SERVER_LOG_ON};

    (void)arg;
    for (size_t i = 0; i < LIVES_OF_A_THREAD; i++) {
        lives[i] = (struct life){.options = {.dsn = all.dsn,
                                             .user = "app",
                                             .password = "word",
                                             .connect_ms = CONNECT_MS,
                                             .call_ms = CALL_MS}};
    }
    while (now_ms() < all.end_ms) {
        for (size_t i = 0; i < LIVES_OF_A_THREAD; i++) {
            phases[i] = step(&lives[i], phases[i]);
        }
    }
    for (size_t i = 0; i < LIVES_OF_A_THREAD; i++) {
        (void)life_part(&lives[i], SERVER_CLOSE);
    }
    return NULL;
}

static void run_clients(size_t count, int64_t ms)
{
    pthread_t threads[THREADS];

    all.end_ms = now_ms() + ms;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, live, NULL), 0);
    }
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
}

static bool are_servers_gone(void)
{
    bool are_gone;

    (void)pthread_mutex_lock(&all.lock);
    are_gone = all.servers == 0;
    (void)pthread_mutex_unlock(&all.lock);
    return are_gone;
}

/* --- what is left --- */

static size_t count_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(directory);
    while (readdir(directory) != NULL) {
        count++;
    }
    (void)closedir(directory);
    return count;
}

/* Sanitizers have an allocator of their own, which libc knows nothing of. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t count_memory(void)
{
    const struct mallinfo2 info = mallinfo2();

    return __sanitizer_get_current_allocated_bytes != NULL
               ? __sanitizer_get_current_allocated_bytes()
               : info.uordblks + info.hblkhd;
}

static void listen_here(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof(address);

    all.listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(all.listening, (const struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(all.listening, THREADS * LIVES_OF_A_THREAD), 0);
    assert_int_equal(getsockname(all.listening, (struct sockaddr *)&address, &length), 0);
    (void)snprintf(all.dsn, sizeof(all.dsn), "127.0.0.1:%hu/svc", ntohs(address.sin_port));
    memset(all.fds, -1, sizeof(all.fds));
}

static void life__servers_are_killed__leaves_nothing_behind(void **state)
{
    const char *seconds = getenv("OCTO_ORA_KILL_SECONDS");
    const int64_t ms = seconds == NULL ? 1000 : 1000 * strtol(seconds, NULL, 10);
    pthread_t acceptor;
    pthread_t killer;
    size_t descriptors;
    size_t memory;

    (void)state;
    (void)mallopt(M_ARENA_MAX, 1); /* the one that mallinfo2 tells of */
    listen_here();
    assert_int_equal(pthread_create(&acceptor, NULL, accept_clients, NULL), 0);
    run_clients(1, 100); /* libraries have made what they keep */
    WAIT_UNTIL(are_servers_gone());
    descriptors = count_descriptors();
    memory = count_memory();
    assert_int_equal(pthread_create(&killer, NULL, kill_servers, NULL), 0);
    run_clients(THREADS, ms);
    atomic_store(&all.is_over, true);
    assert_int_equal(pthread_join(killer, NULL), 0);
    WAIT_UNTIL(are_servers_gone());
    print_message("%lu parts of lives, %lu failed, %lu kills; memory %zu to %zu bytes\n",
                  atomic_load(&all.parts), atomic_load(&all.failures), atomic_load(&all.kills),
                  memory, count_memory());
    assert_int_equal(count_descriptors(), descriptors);
    assert_true(count_memory() <= memory + MEMORY_SLACK);
    assert_true(atomic_load(&all.failures) > 0);
    assert_true(atomic_load(&all.parts) > atomic_load(&all.failures));
    (void)shutdown(all.listening, SHUT_RDWR);
    assert_int_equal(pthread_join(acceptor, NULL), 0);
    (void)close(all.listening);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(life__servers_are_killed__leaves_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
