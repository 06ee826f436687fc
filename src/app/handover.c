#include "app/handover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app/services.h"
#include "core/text.h"

enum { LENGTH_MOST = 1 << 20 };

/* --- which settings --- */

typedef void visit_secret(void *arg, const char *name);

static void visit_table(const struct cfg_table *table, visit_secret *visit, void *arg)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->rows[i].type == CFG_SECRET) {
            visit(arg, table->rows[i].env);
        }
    }
}

static void visit_secrets(visit_secret *visit, void *arg)
{
    visit_table(&settings_of_all, visit, arg);
    for (size_t i = 0; i < SERVICES; i++) {
        visit_table(services[i]->settings, visit, arg);
    }
}

/* --- collecting --- */

static void add_length(void *arg, const char *name)
{
    const char *value = getenv(name);
    size_t *length = arg;

    *length += value != NULL ? strlen(name) + strlen(value) + strlen("=") + 1 : 0;
}

static void add_entry(void *arg, const char *name)
{
    const char *value = getenv(name);
    struct handover *handover = arg;
    char *at = handover->entries + handover->length;

    if (value != NULL) {
        at = stpcpy(stpcpy(stpcpy(at, name), "="), value);
        handover->length = (size_t)(at - handover->entries) + 1;
    }
}

void handover_collect(struct handover *ret)
{
    size_t length = 0;

    *ret = (struct handover){.first_password = ""};
    visit_secrets(add_length, &length);
    ret->entries = mem_alloc(length + 1);
    visit_secrets(add_entry, ret);
}

void handover_fini(struct handover *handover)
{
    explicit_bzero(handover->entries, handover->length);
    free(handover->entries);
    explicit_bzero(handover, sizeof(*handover));
}

/* --- handing over --- */

/* A file of memory takes all that it is given at once. */
static bool put(int fd, const char *bytes, size_t length)
{
    return write(fd, bytes, length) == (ssize_t)length;
}

int handover_open(const struct handover *handover)
{
    int fd = memfd_create("octo-secrets", MFD_CLOEXEC);
    int why;

    if (fd >= 0 && put(fd, handover->first_password, strlen(handover->first_password) + 1) &&
        put(fd, handover->entries, handover->length) && lseek(fd, 0, SEEK_SET) == 0) {
        return fd;
    }
    why = errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    errno = why;
    return -1;
}

struct received {
    const char *name; /* of an entry, not ended */
    size_t length;
    bool is_known;
};

static void compare(void *arg, const char *name)
{
    struct received *received = arg;

    received->is_known |=
        strlen(name) == received->length && strncmp(name, received->name, received->length) == 0;
}

/* Another name is left out: it is no setting of ours. */
static void take_entry(char *entry)
{
    char *value = strchr(entry, '=');
    struct received received = {.name = entry};

    if (value == NULL) {
        return;
    }
    received.length = (size_t)(value - entry);
    visit_secrets(compare, &received);
    if (received.is_known) {
        *value = '\0';
        (void)setenv(entry, value + 1, 1);
    }
}

static size_t read_all(int fd, char *out, size_t size)
{
    size_t used = 0;
    ssize_t got;

    while ((got = read(fd, out + used, size - used)) > 0) {
        used += (size_t)got;
    }
    return used;
}

static void take_all(int fd, char *ret_first_password)
{
    char *text = mem_alloc(LENGTH_MOST + 1); /* ends with a NUL, whatever is read */
    const size_t length = read_all(fd, text, LENGTH_MOST);
    size_t at = strlen(text) + 1;

    if (memccpy(ret_first_password, text, '\0', PASSWORD_GENERATED_MAX) == NULL) {
        ret_first_password[0] = '\0'; /* none that we have made */
    }
    while (at < length) {
        const size_t next = at + strlen(text + at) + 1;

        take_entry(text + at);
        at = next;
    }
    explicit_bzero(text, length);
    free(text);
}

void handover_receive(char ret_first_password[PASSWORD_GENERATED_MAX])
{
    const char *number = getenv(SECRETS_VARIABLE);
    int64_t fd;

    ret_first_password[0] = '\0';
    if (number != NULL && text_to_int64(number, &fd)) {
        take_all((int)fd, ret_first_password);
        (void)close((int)fd);
    }
    (void)unsetenv(SECRETS_VARIABLE);
}

/* --- forgetting --- */

static void wipe(void *arg, const char *name)
{
    char *value;

    (void)arg;
    while ((value = getenv(name)) != NULL) {
        explicit_bzero(value, strlen(value)); /* where /proc/PID/environ shows it */
        (void)unsetenv(name);
    }
}

void handover_wipe_environment(void)
{
    visit_secrets(wipe, NULL);
}
