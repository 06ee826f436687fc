#include "http/asset.h"

#include <string.h>

#include "http/negotiate.h"
#include "http/range.h"

#include "http/server_priv.h"

struct asset_place {
    const char *name;
};
static const struct param FIELDS_OF_PLACE[] = {PARAM_TAIL(struct asset_place, name)};
const struct param_shape asset_params = PARAM_SHAPE(struct asset_place, FIELDS_OF_PLACE);

static const char LASTING[] = "public, max-age=31536000, immutable";
static const char ASKED_ANEW[] = "no-cache";

static const struct asset *asset_called(const char *name, bool *ret_is_lasting)
{
    for (size_t i = 0; i < web_assets.count; i++) {
        const struct asset *asset = &web_assets.rows[i];

        *ret_is_lasting = strcmp(name, asset->lasting_name) == 0;
        if (*ret_is_lasting || strcmp(name, asset->name) == 0) {
            return asset;
        }
    }
    return NULL;
}

const struct asset *asset_find(const char *name)
{
    bool is_lasting;
    const struct asset *asset = asset_called(name, &is_lasting);

    return asset != NULL && !is_lasting ? asset : NULL;
}

/* A part is worth having only of the form that the client has the rest of (RFC 9110 section
 * 13.1.5). A date says nothing of it, since no date is ever given. */
static bool wants_part(const struct request *rq, const struct asset_form *form)
{
    const char *condition = request_field(rq, FIELD_IF_RANGE);

    return !rq->exchange->in.is_head && (condition == NULL || strcmp(condition, form->etag) == 0);
}

static bool refuse_range(struct request *rq, struct reply *rp, const struct asset_form *form,
                         struct err *err)
{
    (void)err_set(err, ERR_RANGE, "the file has %zu bytes, and none of them is in that range",
                  form->length);
    reply_problem(rq, rp, err);
    reply_header(rp, "Content-Range", arena_printf(rq->ctx.arena, "bytes */%zu", form->length));
    return true;
}

static bool put_form(struct request *rq, struct reply *rp, const struct asset_form *form,
                     struct err *err)
{
    struct range part = {.count = form->length};
    enum range_kind kind = RANGE_WHOLE;

    if (wants_part(rq, form)) {
        kind = range_parse(request_field(rq, FIELD_RANGE), form->length, &part);
    }
    if (kind == RANGE_OUTSIDE) {
        return refuse_range(rq, rp, form, err);
    }
    if (kind == RANGE_PART) {
        rp->status = 206;
        reply_header(rp, "Content-Range",
                     arena_printf(rq->ctx.arena, "bytes %zu-%zu/%zu", part.first,
                                  part.first + part.count - 1, form->length));
    }
    reply_constant(rp, form->bytes + part.first, part.count);
    return true;
}

static bool answer(struct request *rq, struct reply *rp, const struct asset *asset,
                   const char *cache, struct err *err)
{
    const struct asset_form *form =
        asset->packed.length > 0 && accepts_gzip(request_field(rq, FIELD_ACCEPT_ENCODING))
            ? &asset->packed
            : &asset->plain;

    rp->content_type = asset->media;
    reply_header(rp, "ETag", form->etag);
    reply_header(rp, "Cache-Control", cache);
    if (etag_matches(request_field(rq, FIELD_IF_NONE_MATCH), form->etag)) {
        rp->status = 304;
        return true;
    }
    reply_header(rp, "Accept-Ranges", "bytes");
    if (form == &asset->packed) {
        reply_header(rp, "Content-Encoding", "gzip");
    }
    return put_form(rq, rp, form, err);
}

bool asset_answer(struct request *rq, struct reply *rp, const struct asset *asset, struct err *err)
{
    return answer(rq, rp, asset, ASKED_ANEW, err);
}

bool handle_asset(struct request *rq, struct reply *rp, struct err *err)
{
    const struct asset_place *place = rq->params;
    bool is_lasting = false;
    const struct asset *asset = asset_called(place->name, &is_lasting);

    if (asset == NULL) {
        return err_set(err, ERR_NOT_FOUND, "there is no such file");
    }
    return answer(rq, rp, asset, is_lasting ? LASTING : ASKED_ANEW, err);
}

/* --- made at the start --- */

void made_asset_init(struct made_asset *made, const char *media, size_t most)
{
    *made = (struct made_asset){.asset = {.name = "", .lasting_name = "", .media = media}};
    buf_init(&made->plain, most);
    buf_init(&made->packed, most);
}

static struct asset_form form_of(const struct buf *buf, char *etag)
{
    digest_sha256_hex(buf->data, buf->length, etag + 1);
    etag[0] = '"';
    etag[DIGEST_SHA256_HEX_MAX] = '"';
    etag[DIGEST_SHA256_HEX_MAX + 1] = '\0';
    return (struct asset_form){
        .bytes = (const unsigned char *)buf->data, .length = buf->length, .etag = etag};
}

void made_asset_finish(struct made_asset *made, struct gzip_pool *gzip)
{
    buf_add(&made->packed, made->plain.data, made->plain.length);
    made->asset.plain = form_of(&made->plain, made->etags[0]);
    if (gzip_body(gzip, &made->packed)) {
        made->asset.packed = form_of(&made->packed, made->etags[1]);
    }
}

void made_asset_fini(struct made_asset *made)
{
    buf_fini(&made->plain);
    buf_fini(&made->packed);
}
