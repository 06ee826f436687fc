#include "core/gzip.h"

#include <stdlib.h>
#include <zlib.h>

#include "core/arena.h"
#include "core/thread.h"

enum {
    SPARE_MAX = 4, /* more than these work at once only under load, and are closed */
    LEVEL = 1,     /* JSON shrinks to a fifth already; more costs several times the time */
    WINDOW_BITS_GZIP = 13 + 16, /* 8 KiB window; 16 asks for the gzip form */
    MEMORY_LEVEL = 6,
    INPUT_MAX = 16 * 1024 * 1024,
};

struct compressor {
    struct compressor *next;
    z_stream stream;
};

struct gzip_pool {
    struct mutex lock; /* guards both below */
    struct compressor *spare;
    size_t spare_count;
};

struct gzip_pool *gzip_pool_new(void)
{
    struct gzip_pool *pool = mem_alloc(sizeof(*pool));

    mutex_init(&pool->lock);
    return pool;
}

static void compressor_free(struct compressor *compressor)
{
    deflateEnd(&compressor->stream);
    free(compressor);
}

void gzip_pool_free(struct gzip_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    while (pool->spare != NULL) {
        struct compressor *next = pool->spare->next;

        compressor_free(pool->spare);
        pool->spare = next;
    }
    mutex_fini(&pool->lock);
    free(pool);
}

static struct compressor *compressor_acquire(struct gzip_pool *pool)
{
    struct compressor *compressor;

    mutex_lock(&pool->lock);
    compressor = pool->spare;
    if (compressor != NULL) {
        pool->spare = compressor->next;
        pool->spare_count--;
    }
    mutex_unlock(&pool->lock);
    if (compressor == NULL) {
        compressor = mem_alloc(sizeof(*compressor));
        if (deflateInit2(&compressor->stream, LEVEL, Z_DEFLATED, WINDOW_BITS_GZIP, MEMORY_LEVEL,
                         Z_DEFAULT_STRATEGY) != Z_OK) {
            free(compressor);
            return NULL;
        }
    }
    return compressor;
}

static void compressor_release(struct gzip_pool *pool, struct compressor *compressor)
{
    bool is_kept;

    deflateReset(&compressor->stream);
    mutex_lock(&pool->lock);
    is_kept = pool->spare_count < SPARE_MAX;
    if (is_kept) {
        compressor->next = pool->spare;
        pool->spare = compressor;
        pool->spare_count++;
    }
    mutex_unlock(&pool->lock);
    if (!is_kept) {
        compressor_free(compressor);
    }
}

bool gzip_body(struct gzip_pool *pool, struct buf *body)
{
    struct compressor *compressor;
    struct buf packed;
    z_stream *stream;
    int result;

    if (body->length == 0 || body->length > INPUT_MAX) {
        return false;
    }
    compressor = compressor_acquire(pool);
    if (compressor == NULL) {
        return false;
    }
    stream = &compressor->stream;
    buf_init(&packed, body->length);
    /* Room for less than the input: what does not fit was not worth it. */
    stream->next_out = (Bytef *)buf_reserve(&packed, body->length - 1);
    stream->avail_out = (uInt)(body->length - 1);
    stream->next_in = (Bytef *)body->data;
    stream->avail_in = (uInt)body->length;
    result = deflate(stream, Z_FINISH);
    packed.length = stream->total_out;
    compressor_release(pool, compressor);
    if (result != Z_STREAM_END) {
        buf_fini(&packed);
        return false;
    }
    packed.max = body->max;
    buf_fini(body);
    *body = packed;
    return true;
}
