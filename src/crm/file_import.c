/*
 * A file that stands at some address, fetched and kept like one that was uploaded. Off unless
 * FILE_IMPORT_HOSTS names the hosts that may be asked; what may be asked at all is decided by
 * net/http_fetch.h.
 */
#include "crm/kept_file.h"
#include "net/http_fetch.h"
#include "service/security.h"
#include "service/write.h"

#include "crm/crm_priv.h"

#define IMPORTERS ((unsigned)(ROLE_ADMIN | ROLE_MANAGER))

enum { URL_MOST = 2000, TIMEOUT_MS = 10000 };

struct import_body {
    const char *url;
};

static const struct json_field import_fields[] = {
    JSON_TEXT(struct import_body, url, 1, URL_MOST, JSON_REQUIRED),
};
static const struct json_shape IMPORT = JSON_SHAPE("FileImport", struct import_body, import_fields);

static const struct reply_field imported_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("imported"), 0),
    REPLY_FIELD("url", REPLY_TEXT),
    REPLY_FIELD("status_code", REPLY_INT),
    REPLY_FIELD("content_length", REPLY_COUNT),
    REPLY_FIELD("file_id", REPLY_TEXT),
    REPLY_FIELD("filename", REPLY_TEXT),
    REPLY_FIELD("sha256", REPLY_TEXT),
};
static const struct reply_shape IMPORTED_REPLY = REPLY_SHAPE("FileImported", imported_fields);

struct import {
    struct request *rq;
    struct reply *rp;
    const char *url;
    int status;
    struct kept_file file;
};

static bool store_import(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct import *import = arg;
    struct json_out *out = &import->rp->json;

    (void)ctx;
    if (!kept_file_add(import->rq, session, &import->file, "file.imported", err)) {
        return false;
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "imported");
    json_put_text(out, "url", import->url);
    json_put_int(out, "status_code", import->status);
    json_put_int(out, "content_length", import->file.size);
    json_put_text(out, "file_id", import->file.file_id);
    json_put_text(out, "filename", import->file.name);
    json_put_text(out, "sha256", import->file.sha256);
    json_end_object(out);
    return true;
}

/* A refusal is of the address that was sent: the field at fault. */
static bool refuse(struct request *rq, const char *url, struct err *err)
{
    const struct err why = *err;

    switch (why.code) {
    case ERR_FORBIDDEN:
        security_record(rq, &(const struct attack){
                                .type = "ssrf", .severity = SEVERITY_CRITICAL, .payload = url});
        return err_field(err, ERR_INVALID, "/url", "%s", why.text);
    case ERR_INVALID:
        return err_field(err, ERR_INVALID, "/url", "url %s", why.text);
    case ERR_TOO_LARGE:
        return err_field(err, ERR_INVALID, "/url", "%s", why.text);
    default: /* whose fault it is has been said */
        return false;
    }
}

/* What came is kept under the last part of its address, or under the name of any file. */
static bool take(struct import *import, const struct http_fetched *fetched, struct err *err)
{
    struct arena *arena = import->rq->ctx.arena;
    const char *name = kept_file_last_part(fetched->name);

    import->status = fetched->status;
    if (fetched->status != 200) {
        (void)err_set(err, ERR_PEER, "it was answered with status %d", fetched->status);
        err->is_public = true;
        return false;
    }
    if (name[0] == '\0') {
        name = "import";
    }
    if (!kept_file_name(name, "/url", err)) {
        return false;
    }
    kept_file_make(arena, name, fetched->body.data != NULL ? fetched->body.data : "",
                   fetched->body.length, &import->file);
    return true;
}

static bool fetch(struct import *import, struct err *err)
{
    const struct crm_settings *settings = crm_settings(service_of(import->rq));
    const struct http_fetch_rules rules = {
        .hosts = settings->import_hosts,
        .networks = settings->import_networks,
        .timeout_ms = TIMEOUT_MS,
        .body_max = KEPT_FILE_BYTES_MOST,
    };
    struct http_fetched fetched;
    bool ok;

    ok = http_fetch(&import->rq->ctx, &rules, import->url, &fetched, err)
             ? take(import, &fetched, err)
             : refuse(import->rq, import->url, err);
    buf_fini(&fetched.body);
    return ok;
}

static bool files_import(struct request *rq, struct reply *rp, struct err *err)
{
    const struct import_body *body = rq->body;
    struct import import = {.rq = rq, .rp = rp, .url = body->url};
    bool is_done = false;

    if (crm_settings(service_of(rq))->import_hosts[0] == '\0') {
        return err_set(err, ERR_NOT_FOUND,
                       "files are fetched from nowhere: FILE_IMPORT_HOSTS names no host");
    }
    if (!service_replay(rq, rp, service_of(rq)->main_pool, &is_done, err)) {
        return false;
    }
    return is_done || (fetch(&import, err) && service_write(rq, rp, service_of(rq)->main_pool,
                                                            store_import, &import, err));
}

static const struct route ROUTES[] = {
    {POST, "/api/files/import-url", files_import, IMPORTERS,
     .flags = ROUTE_TAKES_KEY | ROUTE_CALLS_PEER, .body = &IMPORT, .reply = &IMPORTED_REPLY,
     .outcomes = GIVES_404,
     .summary =
         "Fetch a file of 4 MB at most from a host that FILE_IMPORT_HOSTS names, and keep it"},
};
const struct route_table crm_file_import_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                   "files", "Files that staff keep"};
