/*
 * store/where.h: a condition on spans, as people write it:
 *
 *   duration > 250ms and (db.rows = 100..500 or not http.route ~ "/api/products")
 *
 * Fields are those of every span (service, name, route, kind, status, http_status, duration,
 * sql_id, statement); attributes by their names, where these have a dot in them, and as span.NAME
 * where they have none; attributes of who sent the span as resource.NAME. Names and values with
 * other characters than letters, digits and _ - . / : @ * + $ { } stand in double quotes.
 *
 * Tests: = and != (there, and another value), < <= > >=, = 5..9 (both ends belong to it), ~ and !~
 * (contains, whatever the case of ASCII's letters; !~ is there, and does not), exists, absent. A
 * number may have a unit: ns, us, ms, s, m; a duration without one is in milliseconds. Tests are
 * joined by not, and, or, in this order, and by brackets. any(...) holds for a span in whose trace
 * some span is as it says.
 *
 * Parsing gives a tree of fixed bounds. Memory: the arena. Pure functions.
 */
#ifndef STORE_WHERE_H
#define STORE_WHERE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"

enum {
    WHERE_TEXT_MAX = 2000, /* characters of a condition */
    WHERE_LEAVES_MOST = 32,
    WHERE_NODES_MOST = 4 * WHERE_LEAVES_MOST,
    WHERE_DEPTH_MOST = 16,
};

enum where_field {
    WHERE_SERVICE,
    WHERE_NAME,
    WHERE_ROUTE, /* the name, or what stands behind its method */
    WHERE_KIND,
    WHERE_STATUS,
    WHERE_HTTP_STATUS,
    WHERE_DURATION, /* nanoseconds */
    WHERE_SQL_ID,
    WHERE_STATEMENT, /* its name */
    WHERE_ATTRIBUTE,
    WHERE_RESOURCE,
};

enum where_test {
    WHERE_EQUAL,
    WHERE_UNEQUAL,
    WHERE_LESS,
    WHERE_LESS_EQUAL,
    WHERE_MORE,
    WHERE_MORE_EQUAL,
    WHERE_BETWEEN,
    WHERE_CONTAINS,
    WHERE_LACKS,
    WHERE_EXISTS,
    WHERE_ABSENT,
};

/* A value of a span or of a test. Text that looks like a number and was not quoted is both. */
struct where_value {
    const char *text; /* NULL: it is only a number */
    bool is_number;
    double number;
};

struct where_leaf {
    enum where_field field;
    const char *key; /* of an attribute; else NULL */
    enum where_test test;
    struct where_value value;
    struct where_value most; /* of WHERE_BETWEEN */
};

enum where_kind { WHERE_LEAF, WHERE_AND, WHERE_OR, WHERE_NOT, WHERE_ANY };

struct where_node {
    enum where_kind kind;
    size_t first; /* nodes; of WHERE_LEAF the leaf */
    size_t second;
};

struct where {
    struct where_node nodes[WHERE_NODES_MOST];
    size_t node_count;
    size_t root;
    struct where_leaf leaves[WHERE_LEAVES_MOST];
    size_t leaf_count;
    size_t any_count;
};

/* ERR_INVALID, field "q", says what is wrong at which character. */
MUST_CHECK bool where_parse(struct arena *arena, const char *text, const struct where **ret,
                            struct err *err);

/* Does this test hold for a value? NULL: the span has none. */
bool where_leaf_holds(const struct where_leaf *leaf, const struct where_value *value);

/* The words of those fields that have a few. */
const char *where_kind_word(int64_t kind); /* opentelemetry.proto.trace.v1.Span.SpanKind */
const char *where_status_word(int64_t status);

#endif
