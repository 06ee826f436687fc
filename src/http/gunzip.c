#include "http/gunzip.h"

#include <zlib.h>

enum {
    PIECE = 16 * 1024,
    WINDOW_BITS_GZIP = 15 + 16, /* any window; 16 asks for the gzip form alone */
};

/* Adds what a stream of which all bytes are there unpacks to, piece by piece, until its end or
 * until that is too much. What goes on behind a member is another one (RFC 1952 section 2.2). */
static int unpack(z_stream *stream, struct buf *out)
{
    unsigned char piece[PIECE];
    int result = Z_OK;

    while (result == Z_OK && !out->bad) {
        stream->next_out = piece;
        stream->avail_out = sizeof(piece);
        result = inflate(stream, Z_NO_FLUSH);
        buf_add(out, piece, sizeof(piece) - stream->avail_out);
        if (result == Z_STREAM_END && stream->avail_in > 0) {
            result = inflateReset(stream);
        }
    }
    return result;
}

bool gunzip_body(struct buf *body, struct err *err)
{
    z_stream stream = {.next_in = (Bytef *)body->data, .avail_in = (uInt)body->length};
    struct buf plain;
    int result;
    bool ok = true;

    if (inflateInit2(&stream, WINDOW_BITS_GZIP) != Z_OK) {
        return err_set(err, ERR_INTERNAL, "zlib cannot start to unpack");
    }
    buf_init(&plain, body->max);
    result = unpack(&stream, &plain);
    if (plain.bad) {
        ok = err_set(err, ERR_TOO_LARGE, "body is larger than %zu bytes once it is unpacked",
                     body->max);
    } else if (result != Z_STREAM_END) {
        ok = err_set(err, ERR_MALFORMED, "body is no whole stream of gzip");
    }
    inflateEnd(&stream);
    if (ok) {
        buf_fini(body);
        *body = plain;
    } else {
        buf_fini(&plain);
    }
    return ok;
}
