#include "service/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "sql_core.h"

enum { LOOK_MS = 5000, UNIT_MS = 1000, PATH_BYTES = 4200, PRIVATE = 0600 };
#define MIB INT64_C(1048576)

struct disk {
    struct service *service;
    struct writer_job job;
    struct arena arena;
    uint64_t due_ns;
    bool is_low; /* as it was told last */
};

static int64_t reserve_of(const struct service *service)
{
    return service->settings->disk_reserve_mb * MIB;
}

/* --- the reserve's file --- */

static bool reserve_path(const char *data_dir, char out[PATH_BYTES])
{
    return snprintf(out, PATH_BYTES, "%s/reserve", data_dir) < PATH_BYTES;
}

static bool reserve_err(struct err *err, const char *path, int number)
{
    return err_set(err, number == ENOSPC || number == EDQUOT ? ERR_CANNOT_STORE : ERR_IO, "%s: %s",
                   path, strerrordesc_np(number));
}

/* A part of it would be taken from the others for nothing. */
static bool allocate(int fd, int64_t bytes, const char *path, struct err *err)
{
    struct stat now;
    int number;

    if (fstat(fd, &now) == 0 && now.st_size == bytes && (int64_t)now.st_blocks * 512 >= bytes) {
        return true;
    }
    if (ftruncate(fd, 0) == 0 && (bytes == 0 || fallocate(fd, 0, 0, bytes) == 0)) {
        return true;
    }
    number = errno;
    if (ftruncate(fd, 0) != 0) {
        number = errno;
    }
    return reserve_err(err, path, number);
}

bool disk_reserve_make(const char *data_dir, int64_t bytes, struct err *err)
{
    char path[PATH_BYTES];
    bool is_made;
    int fd;

    if (!reserve_path(data_dir, path)) {
        return err_set(err, ERR_IO, "%.200s...: the path is too long", data_dir);
    }
    if (bytes == 0) {
        (void)unlink(path);
        return true;
    }
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, PRIVATE);
    if (fd < 0) {
        return reserve_err(err, path, errno);
    }
    is_made = allocate(fd, bytes, path, err);
    (void)close(fd);
    return is_made;
}

bool disk_reserve_give(const char *data_dir)
{
    char path[PATH_BYTES];

    return reserve_path(data_dir, path) && truncate(path, 0) == 0;
}

/* --- looking --- */

static bool free_on_disk(const struct service *service, int64_t *ret_bytes, struct err *err)
{
    const char *dir = service->settings->data_dir;
    struct statvfs info;

    if (statvfs(dir, &info) != 0) {
        return err_set(err, ERR_IO, "%s: %s", dir, strerrordesc_np(errno));
    }
    *ret_bytes = (int64_t)(info.f_bavail * info.f_frsize);
    return true;
}

/* Pages of the file that hold nothing. */
static bool free_in_file(struct ctx *ctx, struct service *service, int64_t *ret_bytes,
                         struct err *err)
{
    struct db_session *session = NULL;
    struct sql_db_file_row row = {.free = 0};
    const bool is_read = db_checkout(ctx, service->main_pool, &session, err) &&
                         sql_db_file(session, &row, err) == DB_ROW;

    db_checkin(session);
    *ret_bytes = row.free;
    return is_read;
}

bool disk_has_room(struct ctx *ctx, struct service *service, struct err *err)
{
    const int64_t reserve = reserve_of(service);
    int64_t disk_bytes = 0;
    int64_t file_bytes = 0;
    bool has_room;

    if (!db_is_embedded(service->db)) {
        return true;
    }
    if (!free_on_disk(service, &disk_bytes, err) ||
        (disk_bytes < reserve && !free_in_file(ctx, service, &file_bytes, err))) {
        return false;
    }
    has_room = disk_bytes + file_bytes >= reserve;
    atomic_store_explicit(&service->free_bytes, disk_bytes, memory_order_relaxed);
    atomic_store_explicit(&service->is_nearly_full, !has_room, memory_order_relaxed);
    return has_room ||
           err_set(err, ERR_CANNOT_STORE,
                   "the disk is nearly full: %lld MiB are left there and %lld in the file, and "
                   "%lld are to be",
                   (long long)(disk_bytes / MIB), (long long)(file_bytes / MIB),
                   (long long)(reserve / MIB));
}

/* --- as a job of the writer --- */

static uint64_t disk_due(void *arg)
{
    return ((const struct disk *)arg)->due_ns;
}

static void tell(struct disk *disk, bool is_low, const struct err *err)
{
    if (is_low && !disk->is_low) {
        log_err(LOG_WARNING, NULL, "little room", err);
    } else if (!is_low && disk->is_low) {
        log_line(LOG_INFO, NULL, "room again", "free_mib=%lld",
                 (long long)(atomic_load(&disk->service->free_bytes) / MIB));
    }
    disk->is_low = is_low;
}

/* Where there is room for twice as much, the reserve is whole again. */
static void mend_reserve(struct disk *disk)
{
    const struct service *service = disk->service;
    const int64_t reserve = reserve_of(service);
    struct err err = {0};

    if (atomic_load(&service->free_bytes) >= 2 * reserve &&
        !disk_reserve_make(service->settings->data_dir, reserve, &err)) {
        log_err(LOG_DEBUG, NULL, "no reserve", &err);
    }
}

static void disk_run(void *arg, bool is_last)
{
    struct disk *disk = arg;
    struct err err = {0};
    struct ctx ctx;
    bool has_room;

    if (is_last) {
        return;
    }
    ctx_init_background(&ctx, &disk->arena, NULL, disk->service->traits->module, disk->job.name,
                        UNIT_MS);
    has_room = disk_has_room(&ctx, disk->service, &err);
    arena_reset(&disk->arena);
    tell(disk, !has_room, &err);
    mend_reserve(disk);
    disk->due_ns = clock_after_ms(LOOK_MS);
}

static double read_free(void *arg)
{
    struct service *service = arg;

    return (double)atomic_load_explicit(&service->free_bytes, memory_order_relaxed);
}

struct disk *disk_new(struct writer *writer, struct service *service)
{
    struct disk *disk;

    if (!db_is_embedded(service->db)) {
        return NULL;
    }
    disk = mem_alloc(sizeof(*disk));
    disk->service = service;
    arena_init(&disk->arena);
    disk->job =
        (struct writer_job){.name = "BG disk", .due = disk_due, .run = disk_run, .arg = disk};
    metrics_gauge(service->metrics,
                  &(struct metric){.name = "disk_free_bytes",
                                   .unit = "By",
                                   .help = "Free on the disk of the data directory."},
                  read_free, service);
    writer_add(writer, &disk->job);
    return disk;
}

void disk_end(struct disk *disk)
{
    if (disk != NULL) {
        arena_fini(&disk->arena);
        free(disk);
    }
}
