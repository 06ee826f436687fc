/*
 * tests/support/test.h: cmocka with the headers it needs, in the order it needs them.
 */
#ifndef TESTS_SUPPORT_TEST_H
#define TESTS_SUPPORT_TEST_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
/* clang-format on */
#include <unistd.h>

/* Waits until it holds. What has not come within a minute is a fault of its own: the program ends,
 * since other threads may still use what the test has on its stack. */
#define WAIT_UNTIL(condition_)                                                                     \
    for (int left_ms_ = 60000; !(condition_); left_ms_--) {                                        \
        if (left_ms_ == 0) {                                                                       \
            print_error("%s:%d: never came: %s\n", __FILE__, __LINE__, #condition_);               \
            abort();                                                                               \
        }                                                                                          \
        usleep(1000);                                                                              \
    }

#endif
