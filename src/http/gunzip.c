#include "http/gunzip.h"

#include <zlib.h>

enum {
    PIECE = 16 * 1024,
    WINDOW_BITS_GZIP = 15 + 16, /* any window; 16 asks for the gzip form alone */
};

struct unpacking {
    z_stream stream;
    struct buf plain;
    gunzip_may_grow *may_grow;
    void *arg;
    int result; /* zlib's */
};

/* Adds what a stream of which all bytes are there unpacks to, piece by piece, until its end or
 * until that is too much. What goes on behind a member is another one (RFC 1952 section 2.2).
 * False: it may not grow. */
static bool unpack(struct unpacking *unpacking, struct err *err)
{
    z_stream *stream = &unpacking->stream;
    struct buf *plain = &unpacking->plain;
    unsigned char piece[PIECE];

    unpacking->result = Z_OK;
    while (unpacking->result == Z_OK && !plain->bad) {
        const size_t before = plain->capacity;

        stream->next_out = piece;
        stream->avail_out = sizeof(piece);
        unpacking->result = inflate(stream, Z_NO_FLUSH);
        buf_add(plain, piece, sizeof(piece) - stream->avail_out);
        if (plain->capacity > before &&
            !unpacking->may_grow(unpacking->arg, plain->capacity - before, err)) {
            return false;
        }
        if (unpacking->result == Z_STREAM_END && stream->avail_in > 0) {
            unpacking->result = inflateReset(stream);
        }
    }
    return true;
}

bool gunzip_body(struct buf *body, gunzip_may_grow *may_grow, void *arg, struct err *err)
{
    struct unpacking unpacking = {
        .stream = {.next_in = (Bytef *)body->data, .avail_in = (uInt)body->length},
        .may_grow = may_grow,
        .arg = arg,
    };
    bool ok;

    if (inflateInit2(&unpacking.stream, WINDOW_BITS_GZIP) != Z_OK) {
        return err_set(err, ERR_INTERNAL, "zlib cannot start to unpack");
    }
    buf_init(&unpacking.plain, body->max);
    ok = unpack(&unpacking, err);
    if (ok && unpacking.plain.bad) {
        ok = err_set(err, ERR_TOO_LARGE, "body is larger than %zu bytes once it is unpacked",
                     body->max);
    } else if (ok && unpacking.result != Z_STREAM_END) {
        ok = err_set(err, ERR_MALFORMED, "body is no whole stream of gzip");
    }
    inflateEnd(&unpacking.stream);
    if (ok) {
        buf_fini(body);
        *body = unpacking.plain;
    } else {
        buf_fini(&unpacking.plain);
    }
    return ok;
}
