/*
 * What a SQLite file and the directory around it are like. The file is opened as a service would
 * open it, but never made, and what a service would change (the journal's mode) is only told.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/clock.h"

#include "db/sqlite/sqlite_priv.h"

#define MIB INT64_C(1048576)

enum {
    CHECK_MS = 60000, /* of a large file only so much is read */
    PROGRESS_STEPS = 100000,
};
static const int64_t DISK_WARN = 512 * MIB;
static const int64_t DISK_FAIL = 32 * MIB; /* two full write-ahead logs */

static const char *const CHECKS[] = {"directory", "disk",      "file",
                                     "integrity", "write log", "write lock"};
enum { DIRECTORY, DISK, FILE_ITSELF, INTEGRITY, WRITE_LOG, WRITE_LOCK, CHECK_COUNT };

struct exam {
    const char *path;
    char *directory;
    uint64_t busy_timeout_ms;
    int64_t disk_bytes;
    sqlite3 *handle;
    uint64_t deadline_ns;
    struct findings *out;
};

static void add_err(const struct exam *exam, int check, int rc)
{
    struct err err;

    (void)sqlite_err(&err, exam->handle, rc, exam->path);
    finding_add(exam->out, CHECKS[check], FINDING_FAIL, "%s", err.text);
}

static void skip_from(const struct exam *exam, int check, const char *reason)
{
    findings_skip(exam->out, &CHECKS[check], (size_t)(CHECK_COUNT - check), reason);
}

/* --- around the file --- */

static char *directory_of(const char *path)
{
    char *directory = mem_strdup(path);
    char *slash = strrchr(directory, '/');

    if (slash == NULL) {
        free(directory);
        return mem_strdup(".");
    }
    slash[slash == directory ? 1 : 0] = '\0';
    return directory;
}

static bool check_directory(const struct exam *exam)
{
    struct stat info;

    if (stat(exam->directory, &info) != 0) {
        finding_add(exam->out, CHECKS[DIRECTORY], errno == ENOENT ? FINDING_WARN : FINDING_FAIL,
                    "%s: %s", exam->directory, strerrordesc_np(errno));
        finding_remedy(exam->out, "octo up or octo migrate makes it; or name another one (--data)");
        return false;
    }
    if (!S_ISDIR(info.st_mode)) {
        finding_add(exam->out, CHECKS[DIRECTORY], FINDING_FAIL, "%s is no directory",
                    exam->directory);
        finding_remedy(exam->out, "name another one (--data)");
        return false;
    }
    if (access(exam->directory, R_OK | W_OK | X_OK) != 0) {
        finding_add(exam->out, CHECKS[DIRECTORY], FINDING_FAIL, "%s: %s", exam->directory,
                    strerrordesc_np(errno));
        finding_remedy(exam->out, "let the user that runs octo write there, or name another one "
                                  "(--data)");
        return false;
    }
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        finding_add(exam->out, CHECKS[DIRECTORY], FINDING_WARN, "%s is open to others (mode %04o)",
                    exam->directory, (unsigned)info.st_mode & 07777);
        finding_remedy(exam->out,
                       "chmod 700 it; a service does so at its start where it is its own");
        return true;
    }
    finding_add(exam->out, CHECKS[DIRECTORY], FINDING_OK, "%s is there and may be written",
                exam->directory);
    return true;
}

static void check_disk(const struct exam *exam)
{
    struct statvfs info;
    enum finding_state state;
    int64_t free_bytes;

    if (statvfs(exam->directory, &info) != 0) {
        finding_add(exam->out, CHECKS[DISK], FINDING_FAIL, "%s: %s", exam->directory,
                    strerrordesc_np(errno));
        return;
    }
    free_bytes = (int64_t)(info.f_bavail * info.f_frsize);
    state = free_bytes < DISK_FAIL || free_bytes < exam->disk_bytes       ? FINDING_FAIL
            : free_bytes < DISK_WARN || free_bytes < 4 * exam->disk_bytes ? FINDING_WARN
                                                                          : FINDING_OK;
    finding_add(exam->out, CHECKS[DISK], state, "%lld MiB are free", (long long)(free_bytes / MIB));
    if (state != FINDING_OK) {
        finding_remedy(exam->out,
                       "free some space (octo audit drop): when it is full, nothing can be "
                       "written");
    }
}

/* --- the file --- */

static int on_progress(void *arg)
{
    const struct exam *exam = arg;

    return clock_has_passed(exam->deadline_ns) ? 1 : 0;
}

/* The first column of the first row, "" without one. */
static int ask_text(const struct exam *exam, const char *sql, char *out, size_t size)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(exam->handle, sql, -1, &stmt, NULL);
    const unsigned char *text = NULL;

    if (rc == SQLITE_OK) {
        rc = sqlite3_step(stmt);
    }
    if (rc == SQLITE_ROW) {
        text = sqlite3_column_text(stmt, 0);
    }
    (void)snprintf(out, size, "%s", text != NULL ? (const char *)text : "");
    (void)sqlite3_finalize(stmt);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static bool check_file(struct exam *exam)
{
    struct stat info;
    char version[32];
    int rc;

    if (stat(exam->path, &info) != 0) {
        finding_add(exam->out, CHECKS[FILE_ITSELF], errno == ENOENT ? FINDING_WARN : FINDING_FAIL,
                    "%s: %s", exam->path, strerrordesc_np(errno));
        finding_remedy(exam->out, "octo up or octo migrate makes it");
        return false;
    }
    rc = sqlite3_open_v2(exam->path, &exam->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                         NULL);
    if (rc == SQLITE_OK) {
        (void)sqlite3_extended_result_codes(exam->handle, 1);
        (void)sqlite3_busy_timeout(exam->handle, (int)exam->busy_timeout_ms);
        sqlite3_progress_handler(exam->handle, PROGRESS_STEPS, on_progress, exam);
        rc = ask_text(exam, "PRAGMA schema_version", version, sizeof(version));
    }
    if (rc != SQLITE_OK) {
        add_err(exam, FILE_ITSELF, rc);
        return false;
    }
    if (sqlite3_db_readonly(exam->handle, NULL) != 0) {
        finding_add(exam->out, CHECKS[FILE_ITSELF], FINDING_FAIL, "%s may only be read",
                    exam->path);
        finding_remedy(exam->out, "let the user that runs octo write it");
        return false;
    }
    finding_add(exam->out, CHECKS[FILE_ITSELF], FINDING_OK, "%s is a database of %lld KiB",
                exam->path, (long long)info.st_size / 1024);
    return true;
}

/* The first line that tells something: a headline between asterisks may stand above it. */
static const char *first_damage(char *answer)
{
    char *line = answer;
    char *end = strchr(answer, '\n');

    if (answer[0] == '*' && end != NULL) {
        line = end + 1;
    }
    line[strcspn(line, "\n")] = '\0';
    return line;
}

static void check_integrity(struct exam *exam)
{
    char answer[256];
    int rc;

    exam->deadline_ns = clock_after_ms(CHECK_MS);
    rc = ask_text(exam, "PRAGMA quick_check(1)", answer, sizeof(answer));
    exam->deadline_ns = CLOCK_NEVER;
    if ((rc & 0xff) == SQLITE_INTERRUPT) {
        finding_add(exam->out, CHECKS[INTEGRITY], FINDING_WARN,
                    "the file is too large to read in %d s", CHECK_MS / 1000);
        finding_remedy(exam->out, "PRAGMA quick_check in the sqlite3 program takes its time");
    } else if (rc != SQLITE_OK) {
        add_err(exam, INTEGRITY, rc);
    } else if (strcmp(answer, "ok") != 0) {
        finding_add(exam->out, CHECKS[INTEGRITY], FINDING_FAIL, "%s is damaged: %s", exam->path,
                    first_damage(answer));
        finding_remedy(exam->out, "stop the service and restore a backup");
    } else {
        finding_add(exam->out, CHECKS[INTEGRITY], FINDING_OK, "each page is what it should be");
    }
}

/* Opening the file as a service does would change it: true when there is nothing to change. */
static bool check_write_log(const struct exam *exam)
{
    char mode[32];
    int rc = ask_text(exam, "PRAGMA journal_mode", mode, sizeof(mode));

    if (rc != SQLITE_OK) {
        add_err(exam, WRITE_LOG, rc);
    } else if (strcmp(mode, "wal") != 0) {
        finding_add(exam->out, CHECKS[WRITE_LOG], FINDING_WARN,
                    "the journal's mode is %s, with which readers and the writer wait for each "
                    "other",
                    mode);
        finding_remedy(exam->out, "the next start of the service sets it to WAL");
    } else {
        finding_add(exam->out, CHECKS[WRITE_LOG], FINDING_OK, "written ahead (WAL)");
        return true;
    }
    return false;
}

/* Takes the writer's lock for a moment, waiting for it as long as a service would. */
static void check_write_lock(const struct exam *exam)
{
    int rc = sqlite3_exec(exam->handle, "BEGIN IMMEDIATE", NULL, NULL, NULL);

    (void)sqlite3_exec(exam->handle, "ROLLBACK", NULL, NULL, NULL);
    if ((rc & 0xff) == SQLITE_BUSY) {
        finding_add(exam->out, CHECKS[WRITE_LOCK], FINDING_FAIL,
                    "another process has been writing to %s for more than %llu ms", exam->path,
                    (unsigned long long)exam->busy_timeout_ms);
        finding_remedy(exam->out, "end what holds it (fuser -v %s names the processes)",
                       exam->path);
    } else if (rc != SQLITE_OK) {
        add_err(exam, WRITE_LOCK, rc);
    } else {
        finding_add(exam->out, CHECKS[WRITE_LOCK], FINDING_OK, "nobody keeps it");
    }
}

bool sqlite_diagnose(const struct db_options *options, const struct db_demand *demand,
                     const char *obstacle, struct findings *out)
{
    struct exam exam = {.path = options->location,
                        .directory = directory_of(options->location),
                        .busy_timeout_ms = options->busy_timeout_ms,
                        .disk_bytes = demand->disk_bytes,
                        .deadline_ns = CLOCK_NEVER,
                        .out = out};
    bool is_ready = false;

    if (obstacle != NULL) {
        skip_from(&exam, DIRECTORY, obstacle);
    } else if (!check_directory(&exam)) {
        skip_from(&exam, DISK, "there is no directory to look at");
    } else {
        check_disk(&exam);
        if (check_file(&exam)) {
            check_integrity(&exam);
            is_ready = check_write_log(&exam);
            check_write_lock(&exam);
        } else {
            skip_from(&exam, INTEGRITY, "there is no database to look at");
        }
    }
    (void)sqlite3_close(exam.handle);
    free(exam.directory);
    return is_ready;
}
