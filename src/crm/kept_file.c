#include "crm/kept_file.h"

#include <inttypes.h>
#include <string.h>

#include "core/rng.h"
#include "core/text.h"
#include "crm/settings.h"
#include "service/audit.h"
#include "sql_crm.h"

enum { ROW_BYTES = 1024 /* that a file counts for besides its size, as in sql/crm/schema */ };

const char *kept_file_last_part(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *backslash = strrchr(name, '\\');

    name = slash != NULL ? slash + 1 : name;
    return backslash != NULL && backslash + 1 > name ? backslash + 1 : name;
}

bool kept_file_name(const char *name, const char *field, struct err *err)
{
    if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        utf8_count(name) > KEPT_FILE_NAME_MOST) {
        return err_field(err, ERR_INVALID, field, "needs a name of 1 to %d characters",
                         KEPT_FILE_NAME_MOST);
    }
    for (const char *at = name; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f) {
            return err_field(err, ERR_INVALID, field, "has a control character in its name");
        }
    }
    return true;
}

void kept_file_make(struct arena *arena, const char *name, const void *bytes, size_t length,
                    struct kept_file *ret)
{
    uint8_t id[KEPT_FILE_ID_BYTES];
    char *text = arena_alloc(arena, base64url_size(length));

    base64url_encode(bytes, length, text);
    ret->name = name;
    ret->content = text;
    ret->size = (int64_t)length;
    digest_sha256_hex(bytes, length, ret->sha256);
    rng_secret(id, sizeof(id));
    digest_hex(id, sizeof(id), ret->file_id);
}

/* Last of all, since whoever adds or removes another file waits for it. */
static bool take_room(struct request *rq, struct db_session *session, int64_t bytes,
                      struct err *err)
{
    const int64_t most_mb = crm_settings(service_of(rq))->file_store_mb;
    int64_t changes = 0;

    if (!sql_file_room_take_count(session, bytes, most_mb << 20, &changes, err)) {
        return err_wrap(err, "make room for the file");
    }
    return changes > 0 || err_set(err, ERR_CONFLICT,
                                  "with it all files would take more than %" PRId64
                                  " MiB (FILE_STORE_MB): remove some, or have the setting raised",
                                  most_mb);
}

bool kept_file_add(struct request *rq, struct db_session *session, const struct kept_file *file,
                   const char *action, struct err *err)
{
    struct sql_file_add_row added;

    if (sql_file_add(session, file->file_id, file->name, file->size, file->sha256, file->content,
                     rq->ctx.caller.username, &added, err) != DB_ROW) {
        return err_wrap(err, "store the file");
    }
    if (!take_room(rq, session, file->size + ROW_BYTES, err)) {
        return false;
    }
    audit_note(rq, action, arena_printf(rq->ctx.arena, "file:%" PRId64, added.id), NULL);
    return true;
}

bool kept_file_remove(struct request *rq, struct db_session *session, const char *file_id,
                      struct err *err)
{
    struct sql_file_remove_row removed;
    const enum db_step step = sql_file_remove(session, file_id, &removed, err);

    if (step == DB_NO_ROW) {
        return err_field(err, ERR_NOT_FOUND, "file_id",
                         "there is no such file: GET /api/files lists their ids");
    }
    if (step != DB_ROW || !sql_file_room_give(session, removed.size + ROW_BYTES, err)) {
        return err_wrap(err, "remove the file");
    }
    audit_note(rq, "file.removed", arena_printf(rq->ctx.arena, "file:%" PRId64, removed.id), NULL);
    return true;
}
