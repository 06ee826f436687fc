/* SQLite's result codes as ours, by table. Extended codes are looked up first, then their class. */
#include <errno.h>
#include <string.h>

#include "db/sqlite/sqlite_priv.h"

struct sqlite_code {
    int native;
    enum err_code code;
    const char *remedy; /* NULL where the text says it all */
};

static const struct sqlite_code CODES[] = {
    {SQLITE_CONSTRAINT_UNIQUE, ERR_UNIQUE, NULL},
    {SQLITE_CONSTRAINT_PRIMARYKEY, ERR_UNIQUE, NULL},
    {SQLITE_CONSTRAINT_ROWID, ERR_UNIQUE, NULL},
    {SQLITE_CONSTRAINT_FOREIGNKEY, ERR_FOREIGN_KEY, NULL},
    {SQLITE_CONSTRAINT_CHECK, ERR_CHECK, NULL},
    {SQLITE_CONSTRAINT_NOTNULL, ERR_CHECK, NULL},
    {SQLITE_CONSTRAINT_TRIGGER, ERR_CHECK, NULL},
    {SQLITE_CONSTRAINT_DATATYPE, ERR_CHECK, NULL},
    {SQLITE_CONSTRAINT, ERR_DATABASE, NULL},
    {SQLITE_BUSY, ERR_SERIALIZATION, NULL},
    {SQLITE_LOCKED, ERR_SERIALIZATION, NULL},
    {SQLITE_FULL, ERR_CANNOT_STORE, "the disk is full: free some space, nothing needs repair"},
    {SQLITE_IOERR_WRITE, ERR_CANNOT_STORE,
     "the file could not be written: look at quotas and limits (ulimit -f), at the disk and at the "
     "kernel's log"},
    {SQLITE_IOERR_SHMSIZE, ERR_CANNOT_STORE, "the -shm file cannot grow: free some space"},
    {SQLITE_IOERR_FSYNC, ERR_CANNOT_STORE,
     "the disk did not take what was written: look at it and at the kernel's log"},
    {SQLITE_IOERR, ERR_IO, "the file system failed: look at the disk and at the kernel's log"},
    {SQLITE_CANTOPEN, ERR_CONNECT,
     "the directory must exist and be writable for the user that runs this program"},
    {SQLITE_READONLY, ERR_DATABASE,
     "the file or its directory is read-only, or the statement writes outside a write unit"},
    {SQLITE_PERM, ERR_CONNECT, "the file is not readable for the user that runs this program"},
    {SQLITE_AUTH, ERR_DATABASE, NULL},
    {SQLITE_CORRUPT, ERR_DAMAGED, "the file is damaged: stop the service and restore a backup"},
    {SQLITE_NOTADB, ERR_DAMAGED, "the file is something else: point the service at another path"},
    {SQLITE_NOMEM, ERR_UNAVAILABLE, "no memory is left"},
    {SQLITE_TOOBIG, ERR_LIMIT, NULL},
    {SQLITE_INTERRUPT, ERR_UNAVAILABLE, "the statement was cancelled"},
    {SQLITE_MISMATCH, ERR_CHECK, NULL},
    {SQLITE_SCHEMA, ERR_SCHEMA, NULL},
};

static const struct sqlite_code *code_find(int native)
{
    for (size_t i = 0; i < sizeof(CODES) / sizeof(CODES[0]); i++) {
        if (CODES[i].native == native) {
            return &CODES[i];
        }
    }
    return NULL;
}

bool sqlite_err(struct err *err, sqlite3 *handle, int rc, const char *path)
{
    const struct sqlite_code *found;
    int native = rc;
    int system = 0;
    const char *text = sqlite3_errstr(rc);

    if (handle != NULL && (sqlite3_errcode(handle) & 0xff) == (rc & 0xff)) {
        native = sqlite3_extended_errcode(handle);
        text = sqlite3_errmsg(handle);
        system = sqlite3_system_errno(handle);
    }
    found = code_find(native);
    if (found == NULL) {
        found = code_find(native & 0xff);
    }
    (void)err_set(err, found != NULL ? found->code : ERR_DATABASE, "%s", text);
    if (found != NULL && found->remedy != NULL) {
        (void)err_set(err, found->code, "%s%s%s (%s): %s", text, system != 0 ? ": " : "",
                      system != 0 ? strerrordesc_np(system) : "", path, found->remedy);
    }
    err->native = native;
    return false;
}
