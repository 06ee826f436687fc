/*
 * Files that staff keep beside their work: uploaded as forms do, listed, and given back to be
 * saved. A file has an id that is drawn here, and is found by it alone; what it was called where it
 * came from is text like any other. Whatever it claims to be, browsers are told to save it and not
 * to show it. Those from other hosts come by file_import.c. XML is read here too, and kept by
 * nobody.
 */
#include <string.h>

#include "core/digest.h"
#include "core/text.h"
#include "crm/kept_file.h"
#include "http/multipart.h"
#include "http/xml_in.h"
#include "service/listing.h"
#include "service/percent.h"
#include "service/security.h"
#include "service/write.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

#define UPLOADERS ((unsigned)(ROLE_ADMIN | ROLE_MANAGER))

enum {
    FORM_BYTES_MOST = KEPT_FILE_BYTES_MOST + (64 << 10), /* what a form adds to it */
    XML_BYTES_MOST = 256 << 10,
    DISPOSITION_MAX =
        1024, /* each byte of a name may take three, of 200 characters of four bytes */
};

static const char *const FORM_TYPES[] = {"multipart/form-data", NULL};
static const char *const XML_TYPES[] = {"application/xml", "text/xml", NULL};

/* --- the list --- */

static const struct reply_field file_fields[] = {
    REPLY_FIELD("file_id", REPLY_TEXT),     REPLY_FIELD("filename", REPLY_TEXT),
    REPLY_FIELD("size", REPLY_COUNT),       REPLY_FIELD("sha256", REPLY_TEXT),
    REPLY_FIELD("uploaded_by", REPLY_TEXT), REPLY_FIELD("created_at", REPLY_TIME),
};
static const struct reply_shape FILE_REPLY = REPLY_SHAPE("StoredFile", file_fields);

static const char *const SORTS[] = {"-created_at", NULL};

struct list_params {
    struct listing_page page;
};

static const struct param list_fields[] = {
    PARAM_LISTING(struct list_params, SORTS, "-created_at"),
};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct list_params, list_fields);

static bool put_files(struct listing *listing, struct db_session *session, void *arg,
                      struct err *err)
{
    struct json_out *out = &listing->rp->json;
    struct db_cursor *cursor = NULL;
    struct sql_file_row row;
    enum db_step step = DB_FAILED;

    (void)arg;
    if (!sql_files_newest_open(session, listing_id_before(listing), listing_most(listing), &cursor,
                               err)) {
        return false;
    }
    while ((step = sql_file_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        json_begin_object(out, NULL);
        json_put_text(out, "file_id", row.file_id);
        json_put_text(out, "filename", row.name);
        json_put_int(out, "size", row.size);
        json_put_text(out, "sha256", row.sha256);
        json_put_text(out, "uploaded_by", row.uploaded_by);
        json_put_time(out, "created_at", row.created_at_us);
        json_end_object(out);
        listing_wrote(listing, row.id, 0, NULL);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("files", &FILE_REPLY, REPLY_LIST),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("StoredFileList", &LISTING_REPLY, list_reply_fields);

static bool files_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    return listing_reply(rq, rp, "files", &given->page, put_files, NULL, err);
}

/* --- upload --- */

static const struct reply_field uploaded_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("uploaded"), 0),
    REPLY_FIELD("file_id", REPLY_TEXT),
    REPLY_FIELD("filename", REPLY_TEXT),
    REPLY_FIELD("size", REPLY_COUNT),
    REPLY_FIELD("sha256", REPLY_TEXT),
};
static const struct reply_shape UPLOADED_REPLY = REPLY_SHAPE("FileUploaded", uploaded_fields);

struct upload {
    struct request *rq;
    struct reply *rp;
    struct kept_file file;
};

/* Told of, not refused: some browsers send the path that a file has at home. */
static const char *name_of(struct request *rq, const char *sent)
{
    const char *name = kept_file_last_part(sent);

    if (name != sent) {
        security_record(rq, &(const struct attack){.type = "file_upload",
                                                   .severity = SEVERITY_MEDIUM,
                                                   .payload = sent});
    }
    return name;
}

static bool store_file(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct upload *upload = arg;
    const struct kept_file *file = &upload->file;
    struct json_out *out = &upload->rp->json;

    (void)ctx;
    if (!kept_file_add(upload->rq, session, file, "file.uploaded", err)) {
        return false;
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "uploaded");
    json_put_text(out, "file_id", file->file_id);
    json_put_text(out, "filename", file->name);
    json_put_int(out, "size", file->size);
    json_put_text(out, "sha256", file->sha256);
    json_end_object(out);
    return true;
}

static bool files_upload(struct request *rq, struct reply *rp, struct err *err)
{
    struct upload upload = {.rq = rq, .rp = rp};
    struct multipart_part part;
    const char *name;

    if (!multipart_find(rq->ctx.arena, request_field(rq, FIELD_CONTENT_TYPE), rq->body_text,
                        rq->body_length, "file", &part, err)) {
        return false;
    }
    if (part.file_name == NULL) {
        return err_field(err, ERR_INVALID, "file", "is no file: it has no file name");
    }
    name = name_of(rq, part.file_name);
    if (!kept_file_name(name, "file", err)) {
        return false;
    }
    if (part.length > KEPT_FILE_BYTES_MOST) {
        return err_field(err, ERR_TOO_LARGE, "file", "must not be longer than %d bytes",
                         KEPT_FILE_BYTES_MOST);
    }
    kept_file_make(rq->ctx.arena, name, part.content, part.length, &upload.file);
    return service_write(rq, rp, service_of(rq)->main_pool, store_file, &upload, err);
}

/* --- download --- */

struct download_params {
    const char *path; /* the file's id: the name is what clients know */
};

static const struct param download_fields[] = {
    {.name = "path",
     .kind = PARAM_KIND_TEXT,
     .is_required = true,
     .offset = offsetof(struct download_params, path),
     .most = KEPT_FILE_NAME_MOST},
};
static const struct param_shape DOWNLOAD_PARAMS =
    PARAM_SHAPE(struct download_params, download_fields);

static bool read_file(struct request *rq, const char *file_id, struct sql_file_content_row *ret,
                      struct err *err)
{
    struct db_session *session = NULL;
    enum db_step step;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_file_content(session, file_id, ret, err);
    db_checkin(session);
    if (step == DB_NO_ROW) {
        return err_field(err, ERR_NOT_FOUND, "path",
                         "there is no such file: GET /api/files lists their ids");
    }
    return step == DB_ROW || err_wrap(err, "read the file");
}

/* RFC 6266 with the encoding of RFC 8187: any name, in ASCII alone. */
static void put_disposition(struct reply *rp, const char *name)
{
    struct buf value;

    buf_init(&value, DISPOSITION_MAX + 3 * 4 * KEPT_FILE_NAME_MOST);
    buf_add_text(&value, "attachment; filename*=UTF-8''");
    percent_encode(&value, name, "");
    reply_header(rp, "Content-Disposition", value.data);
    buf_fini(&value);
}

static bool files_download(struct request *rq, struct reply *rp, struct err *err)
{
    const struct download_params *given = rq->params;
    struct sql_file_content_row row;
    uint8_t *bytes;
    size_t count = 0;

    if (!read_file(rq, given->path, &row, err)) {
        return false;
    }
    bytes = arena_alloc(rq->ctx.arena, (size_t)row.size + 4);
    if (strlen(row.content) + 1 != base64url_size((size_t)row.size) ||
        !base64url_decode(row.content, strlen(row.content), bytes, &count)) {
        return err_set(err, ERR_INTERNAL, "the stored file is damaged");
    }
    rp->content_type = "application/octet-stream";
    buf_add(&rp->body, bytes, count);
    put_disposition(rp, row.name);
    return true;
}

/* --- removal --- */

static const struct reply_field removed_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("removed"), 0),
    REPLY_FIELD("file_id", REPLY_TEXT),
};
static const struct reply_shape REMOVED_REPLY = REPLY_SHAPE("FileRemoved", removed_fields);

struct removal_params {
    const char *file_id;
};

static const struct param removal_fields[] = {
    {.name = "file_id",
     .kind = PARAM_KIND_TEXT,
     .place = PARAM_IN_PATH,
     .offset = offsetof(struct removal_params, file_id),
     .most = KEPT_FILE_ID_SIZE - 1,
     .marks = ""},
};
static const struct param_shape REMOVAL_PARAMS = PARAM_SHAPE(struct removal_params, removal_fields);

struct removal {
    struct request *rq;
    struct reply *rp;
};

static bool remove_file(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct removal *removal = arg;
    const struct removal_params *given = removal->rq->params;
    struct json_out *out = &removal->rp->json;

    (void)ctx;
    if (!kept_file_remove(removal->rq, session, given->file_id, err)) {
        return false;
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "removed");
    json_put_text(out, "file_id", given->file_id);
    json_end_object(out);
    return true;
}

static bool files_remove(struct request *rq, struct reply *rp, struct err *err)
{
    struct removal removal = {.rq = rq, .rp = rp};

    return service_write(rq, rp, service_of(rq)->main_pool, remove_file, &removal, err);
}

/* --- XML --- */

static const struct reply_field parsed_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("parsed"), 0),
    REPLY_FIELD("root", REPLY_TEXT),
    REPLY_FIELD("elements", REPLY_COUNT),
    REPLY_FIELD("depth", REPLY_COUNT),
    REPLY_FIELD("result", REPLY_TEXT),
};
static const struct reply_shape PARSED_REPLY = REPLY_SHAPE("XmlParsed", parsed_fields);

static void put_parsed(struct json_out *out, const struct xml_facts *facts, const char *text)
{
    json_begin_object(out, NULL);
    json_put_text(out, "status", "parsed");
    json_put_text(out, "root", facts->root);
    json_put_int(out, "elements", facts->elements);
    json_put_int(out, "depth", facts->depth);
    json_put_text(out, "result", text);
    json_end_object(out);
}

static bool files_parse_xml(struct request *rq, struct reply *rp, struct err *err)
{
    struct xml_facts facts;
    struct buf text;
    bool ok;

    buf_init(&text, (size_t)XML_BYTES_MOST * XML_GROWTH_MAX);
    ok = xml_normalize(rq->ctx.arena, rq->body_text, rq->body_length, &text, &facts, err);
    if (ok) {
        put_parsed(&rp->json, &facts, text.data);
    } else if (facts.has_doctype) {
        security_record(
            rq, &(const struct attack){
                    .type = "xxe",
                    .severity = SEVERITY_CRITICAL,
                    .payload = text_repaired(rq->ctx.arena, rq->body_text, rq->body_length)});
    }
    buf_fini(&text);
    return ok;
}

static const struct route ROUTES[] = {
    {GET, "/api/files", files_list, CRM_READERS, .flags = ROUTE_RERUN_READS, .params = &LIST_PARAMS,
     .reply = &LIST_REPLY, .summary = "Stored files, newest first"},
    {POST, "/api/files/upload", files_upload, UPLOADERS, .flags = ROUTE_TAKES_KEY,
     .takes = FORM_TYPES, .body_max = FORM_BYTES_MOST, .reply = &UPLOADED_REPLY,
     .summary = "Store a file of 4 MB at most: the part `file` of a form"},
    {POST, "/api/files/parse-xml", files_parse_xml, UPLOADERS, .takes = XML_TYPES,
     .body_max = XML_BYTES_MOST, .reply = &PARSED_REPLY,
     .summary = "Read a document of XML, without DOCTYPE and entities, and give it in one form"},
    {GET, "/api/files/download", files_download, CRM_READERS, .params = &DOWNLOAD_PARAMS,
     .media = "application/octet-stream", .outcomes = GIVES_404,
     .summary = "One stored file, by its id"},
    {DELETE, "/api/files/{file_id}", files_remove, UPLOADERS, .flags = ROUTE_TAKES_KEY,
     .params = &REMOVAL_PARAMS, .reply = &REMOVED_REPLY, .summary = "Remove a stored file"},
};
const struct route_table crm_file_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "files",
                                            "Files that staff keep"};
