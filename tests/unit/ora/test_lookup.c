/* ora/lookup.h: addresses of hosts, when the system's look-up answers and when it does not. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "ora/lookup.h"
#include "ora/wait.h"
#include "tests/support/test.h"

/* In place of the system's: the host "silent" is answered when somebody says so. */
typedef int look_up_fn(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **ret);
static sem_t answer;
static atomic_int waiting;

int getaddrinfo(const char *restrict host, const char *restrict port,
                const struct addrinfo *restrict hints, struct addrinfo **restrict ret)
{
    look_up_fn *system_look_up;

    *(void **)&system_look_up = dlsym(RTLD_NEXT, "getaddrinfo");
    if ((hints->ai_flags & AI_NUMERICHOST) != 0) {
        return system_look_up(host, port, hints, ret);
    }
    if (strcmp(host, "silent") == 0) {
        (void)atomic_fetch_add(&waiting, 1);
        while (sem_wait(&answer) != 0) {
        }
        (void)atomic_fetch_sub(&waiting, 1);
    }
    return strcmp(host, "unknown") == 0 ? EAI_NONAME
                                        : system_look_up("127.0.0.1", port, hints, ret);
}

/* Before each thread is begun: then there may be no memory for it. */
static bool is_full;

int pthread_attr_init(pthread_attr_t *attributes)
{
    int (*system_init)(pthread_attr_t *);

    *(void **)&system_init = dlsym(RTLD_NEXT, "pthread_attr_init");
    return is_full ? ENOMEM : system_init(attributes);
}

static bool is_found(const char *host, int ms, struct octo_ora_error *error)
{
    struct addrinfo *found = ora_lookup(host, "1521", ora_now_ms() + ms, error);

    if (found != NULL) {
        assert_int_equal(found->ai_family, AF_INET);
        freeaddrinfo(found);
    }
    return found != NULL;
}

static void ora_lookup__answered__gives_addresses(void **state)
{
    struct octo_ora_error error;

    (void)state;
    assert_true(is_found("db.example.org", 60000, &error));
    assert_true(is_found("127.0.0.1", 0, &error));
    assert_false(is_found("unknown", 60000, &error));
    assert_string_equal(error.text, "host unknown: Name or service not known");
    assert_int_equal(error.kind, OCTO_ORA_CONNECT);
}

static void ora_lookup__silence__is_waited_for_until_the_moment(void **state)
{
    struct octo_ora_error error;

    (void)state;
    assert_false(is_found("silent", 20, &error));
    assert_string_equal(error.text,
                        "host silent: no address in time: does its name server answer?");
    assert_int_equal(sem_post(&answer), 0);
    WAIT_UNTIL(atomic_load(&waiting) == 0);
}

/* What is left behind does not pile up, and an address in digits needs no look-up. */
static void ora_lookup__many_in_silence__are_bounded(void **state)
{
    struct octo_ora_error error;

    (void)state;
    for (int i = 0; i < ORA_LOOKUPS_MAX; i++) {
        assert_false(is_found("silent", 0, &error));
    }
    WAIT_UNTIL(atomic_load(&waiting) == ORA_LOOKUPS_MAX);
    assert_false(is_found("db.example.org", 60000, &error));
    assert_string_equal(error.text, "host db.example.org: too many look-ups of names are waiting: "
                                    "does the name server answer?");
    assert_true(is_found("127.0.0.1", 0, &error));
    for (int i = 0; i < ORA_LOOKUPS_MAX; i++) {
        assert_int_equal(sem_post(&answer), 0);
    }
    WAIT_UNTIL(is_found("db.example.org", 60000, &error));
}

/* No thread to look up with: that is said, and counts as a look-up no longer. */
static void ora_lookup__no_thread_to_be_had__error(void **state)
{
    struct octo_ora_error error;

    (void)state;
    is_full = true;
    for (int i = 0; i <= ORA_LOOKUPS_MAX; i++) {
        error = (struct octo_ora_error){.kind = OCTO_ORA_USAGE};
        assert_false(is_found("db.example.org", 60000, &error));
        assert_string_equal(error.text, "host db.example.org: Cannot allocate memory");
        assert_int_equal(error.kind, OCTO_ORA_CONNECT);
    }
    is_full = false;
    assert_true(is_found("db.example.org", 60000, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_lookup__answered__gives_addresses),
        cmocka_unit_test(ora_lookup__silence__is_waited_for_until_the_moment),
        cmocka_unit_test(ora_lookup__many_in_silence__are_bounded),
        cmocka_unit_test(ora_lookup__no_thread_to_be_had__error),
    };

    return sem_init(&answer, 0, 0) == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
