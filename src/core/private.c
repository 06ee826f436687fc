#include "core/private.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#include "core/log.h"

enum { OF_OTHERS = S_IRWXG | S_IRWXO, OF_ALL = 07777 };

static bool is_open_to_others(const struct stat *status)
{
    return (S_ISREG(status->st_mode) || S_ISDIR(status->st_mode)) &&
           (status->st_mode & OF_OTHERS) != 0;
}

static mode_t closed(const struct stat *status)
{
    return status->st_mode & OF_ALL & ~(mode_t)OF_OTHERS;
}

/* `failure` is the errno of the attempt to close it, 0 when that succeeded. */
static bool report(const char *path, const struct stat *status, int failure, struct err *err)
{
    const unsigned mode = status->st_mode & OF_ALL;
    char quoted[PATH_MAX];

    if (failure == 0) {
        log_line(LOG_WARNING, NULL, "closed to others",
                 "path=%s mode=%04o note=\"they may have looked at it\"",
                 log_quote(path, quoted, sizeof(quoted)), mode);
        return true;
    }
    (void)err_set(err, ERR_CONFIG,
                  "%.300s is open to others (mode %04o) and not ours to close: chmod go= it", path,
                  mode);
    err->native = failure;
    return false;
}

bool private_close(const char *path, struct err *err)
{
    struct stat status;

    return stat(path, &status) != 0 || !is_open_to_others(&status) ||
           report(path, &status, chmod(path, closed(&status)) == 0 ? 0 : errno, err);
}

bool private_close_fd(int fd, const char *path, struct err *err)
{
    struct stat status;

    return fstat(fd, &status) != 0 || !is_open_to_others(&status) ||
           report(path, &status, fchmod(fd, closed(&status)) == 0 ? 0 : errno, err);
}

bool private_is_kept(int fd, const char *path, struct err *err)
{
    mode_t others = OF_OTHERS;
    struct stat status;

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        return true;
    }
    if (status.st_uid == 0) {
        others &= ~(mode_t)S_IRGRP;
    }
    return (status.st_mode & others) == 0 ||
           err_set(err, ERR_CONFIG,
                   "%.300s is open to others (mode %04o), so it holds no secret: chmod 600 it, and "
                   "have another one made if anybody may have looked",
                   path, (unsigned)status.st_mode & OF_ALL);
}
