/*
 * Property: of an id, a '?' and a query the parameters are either refused, with a client's error
 * that names a declared one and a text that can be shown, or bound to a struct within the limits of
 * the table; written out and bound again it is the same.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "core/buf.h"
#include "core/text.h"
#include "http/params.h"

enum { WRITTEN_MAX = 64 * 1024 };

struct asked {
    int64_t id;
    const char *search;
    const char *email;
    const char *status;
    const char *sort_by;
    const char *token;
    int64_t number;
    bool is_open;
    int64_t since_us;
    bool has_since;
    char first;
    bool has_first;
    struct page page;
};

static const char *const WORDS[] = {"open", "closed", NULL};

static bool parse_first(const char *text, void *into)
{
    *(char *)into = text[0];
    return text[1] == '\0';
}

static const struct param FIELDS[] = {
    PARAM_ID(struct asked, id, "id"),
    PARAM_TEXT(struct asked, search, 16),
    PARAM_EMAIL(struct asked, email),
    PARAM_WORD(struct asked, status, WORDS),
    PARAM_ANY_WORD_OR(struct asked, sort_by, WORDS, "open"),
    PARAM_TOKEN(struct asked, token, 8, "._-"),
    PARAM_INT(struct asked, number, -5, 20),
    PARAM_BOOL(struct asked, is_open),
    PARAM_TIME(struct asked, since),
    PARAM_PARSED(struct asked, first, 4, parse_first, "one byte"),
    PARAM_PAGE(struct asked),
};
static const struct param_shape SHAPE = PARAM_SHAPE(struct asked, FIELDS);

static bool is_declared(const char *name)
{
    for (size_t i = 0; i < SHAPE.count; i++) {
        if (strcmp(SHAPE.params[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void put(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, "&%s=", name);
    for (; value != NULL && *value != '\0'; value++) {
        buf_printf(out, "%%%02x", (unsigned)(unsigned char)*value);
    }
}

static void write_query(struct buf *out, const struct asked *asked)
{
    char since[UTC_TEXT_MAX];
    const char first[] = {asked->first, '\0'};

    put(out, "search", asked->search);
    put(out, "email", asked->email);
    put(out, "status", asked->status);
    put(out, "sort_by", asked->sort_by);
    put(out, "token", asked->token);
    buf_printf(out, "&number=%" PRId64 "&is_open=%d", asked->number, asked->is_open);
    if (asked->has_since) {
        utc_format(asked->since_us, since);
        put(out, "since", since);
    }
    if (asked->has_first) {
        put(out, "first", first);
    }
    buf_printf(out, "&limit=%" PRId64 "&offset=%" PRId64, asked->page.limit, asked->page.offset);
}

static void assert_limits(const struct asked *asked)
{
    assert(asked->id >= 1);
    assert(asked->search == NULL || utf8_count(asked->search) <= 16);
    assert(asked->email == NULL || strchr(asked->email, '@') != NULL);
    assert(asked->status == NULL || asked->status == WORDS[0] || asked->status == WORDS[1]);
    assert(asked->sort_by != NULL && text_word(WORDS, asked->sort_by) != NULL);
    assert(asked->token == NULL ||
           (strlen(asked->token) <= 8 && text_has_only(asked->token, "._-")));
    assert(asked->number >= -5 && asked->number <= 20);
    assert(asked->page.limit >= 1 && asked->page.limit <= PAGE_LIMIT_MAX);
    assert(asked->page.offset >= 0 && asked->page.offset <= PAGE_OFFSET_MAX);
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void assert_same(const struct asked *a, const struct asked *b)
{
    assert(a->id == b->id && same_text(a->search, b->search) && same_text(a->email, b->email));
    assert(a->status == b->status && same_text(a->sort_by, b->sort_by));
    assert(same_text(a->token, b->token) && a->number == b->number && a->is_open == b->is_open);
    assert(a->has_since == b->has_since && a->since_us == b->since_us);
    assert(a->has_first == b->has_first && a->first == b->first);
    assert(a->page.limit == b->page.limit && a->page.offset == b->page.offset);
}

static bool bind(struct arena *arena, const char *id, const char *raw, size_t length, void **ret,
                 struct err *err)
{
    const struct uri_param in_path[] = {{"id", id}};
    const struct uri_query path = {in_path, 1};
    struct uri_query query;

    if (!uri_query_parse(arena, raw, length, &query, err)) {
        assert(err->code == ERR_MALFORMED);
        return false;
    }
    if (!params_bind(arena, &SHAPE, &path, &query, ret, err)) {
        assert(err->code == ERR_MALFORMED || err->code == ERR_INVALID);
        assert(is_declared(err->field));
        assert(utf8_is_valid(err->text, strlen(err->text)));
        return false;
    }
    return true;
}

static void check(struct arena *arena, const char *id, const char *raw, size_t length)
{
    struct err err = {0};
    struct buf written;
    void *first = NULL;
    void *second = NULL;
    bool ok;

    if (!bind(arena, id, raw, length, &first, &err)) {
        assert(first == NULL);
        return;
    }
    assert_limits(first);
    buf_init(&written, WRITTEN_MAX);
    write_query(&written, first);
    assert(!written.bad);
    ok = bind(arena, id, written.data, written.length, &second, &err);
    assert(ok);
    assert_same(first, second);
    buf_fini(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *raw = (const char *)data;
    const char *mark = size == 0 ? NULL : memchr(raw, '?', size);
    struct arena arena;
    const char *id;

    if (mark == NULL) {
        return 0;
    }
    arena_init(&arena);
    id = arena_dup(&arena, raw, (size_t)(mark - raw));
    if (utf8_is_valid(id, strlen(id))) {
        check(&arena, id, mark + 1, size - (size_t)(mark - raw) - 1);
    }
    arena_fini(&arena);
    return 0;
}
