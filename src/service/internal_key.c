#include "service/internal_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/digest.h"
#include "core/private.h"
#include "core/rng.h"

enum { KEY_BYTES = 32, KEY_HEX = 2 * KEY_BYTES, KEY_MOST = 512 };

static bool fail(struct err *err, const char *what, const char *path)
{
    int native = errno;

    (void)err_set(err, ERR_IO, "%s %.300s: %s", what, path, strerrordesc_np(native));
    err->native = native;
    return false;
}

/* Reads the file; an absent one gives "" and true. */
static bool read_key(const char *path, struct arena *arena, const char **ret_key, struct err *err)
{
    char *text = arena_alloc(arena, KEY_MOST + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const char *why;
    ssize_t length;

    if (fd < 0 && errno == ENOENT) {
        *ret_key = "";
        return true;
    }
    if (fd < 0) {
        return fail(err, "cannot open", path);
    }
    if (!private_is_kept(fd, path, err)) {
        (void)close(fd);
        return false;
    }
    length = read(fd, text, KEY_MOST);
    (void)close(fd);
    if (length < 0) {
        return fail(err, "cannot read", path);
    }
    text[strcspn(text, "\r\n")] = '\0';
    why = secret_weakness(SECRET_KEY, text);
    if (why != NULL) {
        return err_set(err, ERR_CONFIG,
                       "%.300s is no good key, it %s: take the file away, and the services make "
                       "another at their next start",
                       path, why);
    }
    *ret_key = text;
    return true;
}

/* Under a name that nobody else has, which is put behind `path` in place of its X's. */
static bool write_draft(char *path, struct err *err)
{
    uint8_t bytes[KEY_BYTES];
    char text[KEY_HEX + 2];
    int fd = mkostemp(path, O_CLOEXEC);
    bool is_written;

    if (fd < 0) {
        return fail(err, "cannot make", path);
    }
    rng_secret(bytes, sizeof(bytes));
    digest_hex(bytes, sizeof(bytes), text);
    text[KEY_HEX] = '\n';
    is_written = write(fd, text, KEY_HEX + 1) == KEY_HEX + 1 && fsync(fd) == 0;
    explicit_bzero(bytes, sizeof(bytes));
    explicit_bzero(text, sizeof(text));
    if (!is_written) {
        (void)fail(err, "cannot write", path);
        (void)unlink(path);
    }
    (void)close(fd);
    return is_written;
}

/* The key is written whole under another name and then linked to its own, which fails when another
 * process was faster: nobody ever reads half a key, and everybody reads the same. */
static bool create_key(const char *path, struct arena *arena, struct err *err)
{
    char *draft = arena_printf(arena, "%s.XXXXXX", path);
    bool is_there;

    if (!write_draft(draft, err)) {
        return false;
    }
    is_there = link(draft, path) == 0 || errno == EEXIST;
    if (!is_there) {
        (void)fail(err, "cannot make", path);
    }
    (void)unlink(draft);
    return is_there;
}

bool internal_key_load(const struct settings *settings, struct arena *arena, bool may_create,
                       const char **ret_key, struct err *err)
{
    const char *path = arena_printf(arena, "%s/" INTERNAL_KEY_FILE, settings->data_dir);
    const char *key = "";

    if (settings->internal_key[0] != '\0') {
        *ret_key = settings->internal_key;
        return true;
    }
    if (!read_key(path, arena, &key, err)) {
        return false;
    }
    if (key[0] == '\0' && may_create &&
        !(create_key(path, arena, err) && read_key(path, arena, &key, err))) {
        return false;
    }
    if (key[0] == '\0') {
        return err_set(
            err, ERR_CONFIG,
            "no internal key: %.300s is missing; octo up makes it, or name the services' "
            "data directory with --data",
            path);
    }
    *ret_key = key;
    return true;
}
