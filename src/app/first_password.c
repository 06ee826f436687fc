#include "app/first_password.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool write_line(int fd, const char *password)
{
    return dprintf(fd, "%s\n", password) > 0 && fsync(fd) == 0;
}

/* Whole, under another name first: who finds it finds it so, and nobody has it open. False with
 * errno. */
static bool write_file(const char *path, const char *password)
{
    char draft[PATH_MAX];
    bool is_written;
    int fd;

    if (snprintf(draft, sizeof(draft), "%s.XXXXXX", path) >= (int)sizeof(draft)) {
        errno = ENAMETOOLONG;
        return false;
    }
    fd = mkostemp(draft, O_CLOEXEC); /* of mode 0600 */
    if (fd < 0) {
        return false;
    }
    is_written = write_line(fd, password) && rename(draft, path) == 0;
    if (!is_written) {
        const int why = errno;

        (void)unlink(draft);
        errno = why;
    }
    (void)close(fd);
    return is_written;
}

void first_password_tell(const char *whose, const char *file, const char *password,
                         const struct settings *settings)
{
    char path[PATH_MAX];

    if (isatty(STDOUT_FILENO) == 1) {
        (void)printf("%s: sign in as admin with the password %s (shown only this once)\n", whose,
                     password);
    } else if (snprintf(path, sizeof(path), "%s/%s", settings->data_dir, file) <
                   (int)sizeof(path) &&
               write_file(path, password)) {
        (void)printf("%s: sign in as admin with the password in %s (remove it once it is read)\n",
                     whose, path);
    } else {
        (void)fprintf(stderr,
                      "octo: %s: the password of admin cannot be written to %s: %s: octo password "
                      "admin sets another one\n",
                      whose, path, strerrordesc_np(errno));
    }
    (void)fflush(stdout);
}
