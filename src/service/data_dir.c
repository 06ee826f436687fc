#include "service/data_dir.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/private.h"
#include "core/text.h"
#include "service/internal_key.h"

bool data_dir_make(const char *path, struct err *err)
{
    char part[PATH_MAX];
    size_t length = strlen(path);

    if (length == 0 || length >= sizeof(part)) {
        return err_set(err, ERR_CONFIG, "OCTO_DATA_DIR: no usable path");
    }
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0') {
            continue;
        }
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST) {
            const int native = errno;

            (void)err_set(err, ERR_IO, "cannot make the data directory %.300s: %s", path,
                          strerrordesc_np(native));
            err->native = native;
            return false;
        }
    }
    return true;
}

/* Nothing is in it, or something of ours: then nobody keeps other things there for others. A disk
 * of its own has lost+found. */
static bool is_ours(const struct service_traits *traits, const char *path)
{
    static const char *const NOBODYS[] = {".", "..", "lost+found", NULL};
    const size_t length = strlen(traits->name);
    DIR *directory = opendir(path);
    bool is_empty = directory != NULL;
    bool has_ours = false;
    struct dirent *entry;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        is_empty = is_empty && text_word(NOBODYS, entry->d_name) != NULL;
        has_ours = has_ours || strcmp(entry->d_name, INTERNAL_KEY_FILE) == 0 ||
                   (strncmp(entry->d_name, traits->name, length) == 0 &&
                    strcmp(entry->d_name + length, ".db") == 0);
    }
    if (directory != NULL) {
        (void)closedir(directory);
    }
    return is_empty || has_ours;
}

/* The directory of a service alone: not /tmp, nor the working directory of somebody else. */
static bool may_be_closed(const struct service_traits *traits, const char *path,
                          const struct stat *status)
{
    return status->st_uid == geteuid() && (status->st_mode & S_ISVTX) == 0 && is_ours(traits, path);
}

static bool close_directory(const struct service_traits *traits, const char *path, struct err *err)
{
    struct stat status;

    if (stat(path, &status) != 0 || (status.st_mode & (S_IRWXG | S_IRWXO)) == 0) {
        return true;
    }
    if (!may_be_closed(traits, path, &status)) {
        return err_set(err, ERR_CONFIG,
                       "%.300s is open to others (mode %04o) and holds other things than Octo's, "
                       "or belongs to somebody else: chmod 700 it, or name a directory of its own "
                       "(--data, OCTO_DATA_DIR)",
                       path, (unsigned)status.st_mode & 07777);
    }
    return private_close(path, err);
}

bool data_dir_close_to_others(const struct service_traits *traits, const struct settings *settings,
                              struct arena *arena, struct err *err)
{
    static const char *const SUFFIXES[] = {"", "-wal", "-shm"};
    const char *database = settings_database(traits, settings, arena);

    for (size_t i = 0; i < sizeof(SUFFIXES) / sizeof(SUFFIXES[0]); i++) {
        if (!private_close(arena_printf(arena, "%s%s", database, SUFFIXES[i]), err)) {
            return false;
        }
    }
    return private_close(arena_printf(arena, "%s/" INTERNAL_KEY_FILE, settings->data_dir), err) &&
           close_directory(traits, settings->data_dir, err);
}
