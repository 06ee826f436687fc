/*
 * http/asset.h: files that are part of the program: style sheets, scripts, icons. tools/assets.py
 * makes their table from web/ when the program is built; it is constant, so answers borrow the
 * bytes and copy none.
 *
 * Each has two addresses: one for good, which bears the hash of the bytes and may be cached for
 * ever, and the plain one, which is asked for anew each time. web_assets.h has the first as
 * ASSET_PAGE_CSS for web/page.css.
 */
#ifndef HTTP_ASSET_H
#define HTTP_ASSET_H

#include <stdbool.h>
#include <stddef.h>

#include "core/digest.h"
#include "core/gzip.h"
#include "http/params.h"
#include "http/request.h"

#define ASSET_PREFIX "/assets/" /* stands before a name in its address */

struct asset_form {
    const unsigned char *bytes;
    size_t length;    /* 0: this form is no shorter, and there is none */
    const char *etag; /* strong */
};

struct asset {
    const char *name; /* "page.css" */
    const char *lasting_name;
    const char *media;
    struct asset_form plain;
    struct asset_form packed; /* with gzip */
};

struct asset_table {
    const struct asset *rows;
    size_t count;
};
extern const struct asset_table web_assets; /* generated */

/* The one with this name ("icon.svg"), NULL: there is none. */
const struct asset *asset_find(const char *name);

/* An asset that is made when the server starts; `plain` is filled in by who makes it. */
struct made_asset {
    struct asset asset;
    struct buf plain;
    struct buf packed;
    char etags[2][DIGEST_SHA256_HEX_MAX + 2]; /* with their quotes */
};
void made_asset_init(struct made_asset *made, const char *media, size_t most);
void made_asset_finish(struct made_asset *made, struct gzip_pool *gzip); /* once it is whole */
void made_asset_fini(struct made_asset *made);

/* GET of one whose address does not change with its bytes. */
bool asset_answer(struct request *rq, struct reply *rp, const struct asset *asset, struct err *err);

/* GET of "/assets/{name...}" with these parameters; ERR_NOT_FOUND where no file has that name. */
extern const struct param_shape asset_params;
bool handle_asset(struct request *rq, struct reply *rp, struct err *err);

#endif
