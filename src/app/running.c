#include "app/running.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/log.h"
#include "core/text.h"

enum { CONTENT_MAX = 128, NUMBER_ROOM = 32 /* behind "DIR/shop" */ };

/* "shop.4711.run" of that service. */
static bool is_entry(const struct service_traits *traits, const char *name)
{
    const size_t length = strlen(traits->name);
    const char *number = name + length + 1;

    return strncmp(name, traits->name, length) == 0 && name[length] == '.' &&
           strspn(number, "0123456789") > 0 &&
           strcmp(number + strspn(number, "0123456789"), ".run") == 0;
}

/* --- entering and leaving --- */

/* Those whose process is gone. The lock is had while the file is removed, so that of two that tidy
 * up at once neither removes what is not there any more. */
static void remove_stale(const struct service_traits *traits, const char *data_dir)
{
    DIR *directory = opendir(data_dir);
    struct dirent *entry;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        int fd = is_entry(traits, entry->d_name)
                     ? openat(dirfd(directory), entry->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
                     : -1;

        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
            (void)unlinkat(dirfd(directory), entry->d_name, 0);
        }
        if (fd >= 0) {
            (void)close(fd);
        }
    }
    if (directory != NULL) {
        (void)closedir(directory);
    }
}

/* `base` is "DIR/shop". A process of another container may have this one's number and the same
 * directory: then the next number that is free is taken. */
static bool name_entry(const char *draft, const char *base, struct running_entry *entry)
{
    for (int tries = 0; tries < RUNNING_MOST; tries++) {
        (void)snprintf(entry->path, sizeof(entry->path), "%s.%d.run", base, (int)getpid() + tries);
        if (link(draft, entry->path) == 0) {
            return true;
        }
        if (errno != EEXIST) {
            return false;
        }
    }
    return false;
}

/* Written whole and locked under another name: who finds it finds it so. False with errno. */
static bool write_entry(const char *base, const char *content, struct running_entry *entry)
{
    const size_t length = strlen(content);
    char draft[sizeof(entry->path)];
    int why;

    (void)snprintf(draft, sizeof(draft), "%s.run.XXXXXX", base);
    entry->fd = mkostemp(draft, O_CLOEXEC);
    if (entry->fd < 0) {
        return false;
    }
    if (flock(entry->fd, LOCK_EX | LOCK_NB) == 0 &&
        write(entry->fd, content, length) == (ssize_t)length && name_entry(draft, base, entry)) {
        (void)unlink(draft);
        return true;
    }
    why = errno;
    (void)unlink(draft);
    (void)close(entry->fd);
    entry->fd = -1;
    errno = why;
    return false;
}

void running_enter(const struct service_traits *traits, const struct settings *settings, int port,
                   struct running_entry *ret)
{
    char base[sizeof(ret->path) - NUMBER_ROOM];
    char content[CONTENT_MAX];

    *ret = (struct running_entry){.fd = -1};
    if (snprintf(base, sizeof(base), "%s/%s", settings->data_dir, traits->name) >=
        (int)sizeof(base)) {
        return; /* a path that long is found by its port */
    }
    remove_stale(traits, settings->data_dir);
    (void)snprintf(content, sizeof(content), "%d %d %.*s\n", (int)getpid(), port,
                   RUNNING_HOST_MAX - 1, settings->host);
    if (!write_entry(base, content, ret)) {
        const char *why = strerrordesc_np(errno);
        char directory[sizeof(ret->path) * 2];

        log_line(LOG_WARNING, NULL, "cannot say where this service runs",
                 "directory=%s error=\"%s\"",
                 log_quote(settings->data_dir, directory, sizeof(directory)), why);
    }
}

void running_leave(struct running_entry *entry)
{
    if (entry->fd >= 0) {
        (void)unlink(entry->path);
        (void)close(entry->fd);
    }
    entry->fd = -1;
}

/* --- looking --- */

static bool parse_entry(char *content, struct running *ret)
{
    char *rest = NULL;
    const char *pid = strtok_r(content, " \n", &rest);
    const char *port = strtok_r(NULL, " \n", &rest);
    const char *host = strtok_r(NULL, " \n", &rest);

    return host != NULL && strlen(host) < sizeof(ret->host) && text_to_int64(pid, &ret->pid) &&
           text_to_int64(port, &ret->port) && ret->port > 0 && ret->port <= UINT16_MAX &&
           memccpy(ret->host, host, '\0', sizeof(ret->host)) != NULL;
}

/* False: its process is gone, or it is none of ours. */
static bool read_entry(int directory, const char *name, struct running *ret)
{
    char content[CONTENT_MAX] = "";
    int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool is_alive;
    ssize_t length = -1;

    if (fd < 0) {
        return false;
    }
    is_alive = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (is_alive) {
        length = read(fd, content, sizeof(content) - 1);
    }
    (void)close(fd);
    return length > 0 && parse_entry(content, ret);
}

static int by_port(const void *a, const void *b)
{
    const struct running *first = a;
    const struct running *second = b;

    return (first->port > second->port) - (first->port < second->port);
}

size_t running_find(const struct service_traits *traits, const char *data_dir,
                    struct running out[RUNNING_MOST])
{
    DIR *directory = opendir(data_dir);
    struct dirent *entry;
    size_t count = 0;

    while (directory != NULL && count < RUNNING_MOST && (entry = readdir(directory)) != NULL) {
        count += is_entry(traits, entry->d_name) &&
                 read_entry(dirfd(directory), entry->d_name, &out[count]);
    }
    if (directory != NULL) {
        (void)closedir(directory);
    }
    qsort(out, count, sizeof(*out), by_port);
    return count;
}

const char *running_url(struct arena *arena, const struct running *running)
{
    return settings_url_of(arena, running->host, running->port);
}

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);

    return value != NULL && value[0] != '\0';
}

/* "--shop-port" or "--shop-port=8080". */
static bool is_given(const char *option, int argc, char **argv)
{
    const size_t length = strlen(option);

    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], option, length) == 0 &&
            (argv[i][length] == '\0' || argv[i][length] == '=')) {
            return true;
        }
    }
    return false;
}

bool running_is_named(const struct service_traits *traits, int argc, char **argv)
{
    for (size_t i = 0; i < traits->settings->count; i++) {
        const struct cfg_row *row = &traits->settings->rows[i];

        if ((row->offset == offsetof(struct settings, port) ||
             row->offset == offsetof(struct settings, url)) &&
            (is_set(row->env) || (row->option != NULL && is_given(row->option, argc, argv)))) {
            return true;
        }
    }
    return false;
}
