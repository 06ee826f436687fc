/* Passwords and tokens leave nothing behind in memory, however often their buffers have grown. */
#include <malloc.h>
#include <string.h>

#include "tests/support/test.h"
#include "tests/unit/ora/peer.h"

enum { SERVER_19 = 12 };

static size_t left_behind; /* pieces of memory that were given back with a secret in them */

static void look(const void *block)
{
    static const char secret[] = "PASSWORD"; /* as in AUTH_PASSWORD, with the value behind it */

    if (block != NULL && memmem(block, malloc_usable_size((void *)(uintptr_t)block), secret,
                                sizeof(secret) - 1) != NULL) {
        left_behind++;
    }
}

/* The linker has these called in place of libc's. */
void __real_free(void *block);
void *__real_realloc(void *block, size_t size);
void __wrap_free(void *block);
void *__wrap_realloc(void *block, size_t size);

void __wrap_free(void *block)
{
    look(block);
    __real_free(block);
}

void *__wrap_realloc(void *block, size_t size)
{
    look(block);
    return __real_realloc(block, size);
}

static void octo_ora_change_password__buffers_that_grow__are_wiped(void **state)
{
    char password[ORA_PASSWORD_MAX + 1];
    struct octo_ora_error error;
    struct peer peer;

    (void)state;
    memset(password, 'x', ORA_PASSWORD_MAX);
    password[ORA_PASSWORD_MAX] = '\0';
    peer_open(&peer, SERVER_19);
    peer.session->key_length = 32;
    peer_say(&peer, "09 00 00");
    peer_send(&peer);
    left_behind = 0;
    assert_true(octo_ora_change_password(peer.session, password, password, &error));
    assert_int_equal(left_behind, 0);
    peer_hear(&peer);
    look(peer.heard.data); /* it was there, and would have been seen */
    assert_true(left_behind > 0);
    peer_close(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(octo_ora_change_password__buffers_that_grow__are_wiped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
