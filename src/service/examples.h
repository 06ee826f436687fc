/*
 * service/examples.h: what the texts of replies may be, for the examples of the OpenAPI document. A
 * member means the same in all replies, so one example does; a text that has none is found by
 * tests/integration/test_contract.py.
 */
#ifndef SERVICE_EXAMPLES_H
#define SERVICE_EXAMPLES_H

#include "http/reply_shape.h"

extern const struct reply_example SERVICE_EXAMPLES[];
extern const size_t SERVICE_EXAMPLE_COUNT;

#endif
