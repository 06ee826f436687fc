/*
 * app/running.h: which services run over a data directory, and where. Each says so in a file of its
 * own there, "shop.4711.run", which it keeps locked: a file whose lock can be had was left behind
 * by a process that is gone, whatever process bears its number now. So two runs over one directory
 * do not disturb each other, and both are found, also from two containers in which they have the
 * same number.
 */
#ifndef APP_RUNNING_H
#define APP_RUNNING_H

#include "service/settings.h"
#include "service/traits.h"

enum { RUNNING_MOST = 8, RUNNING_HOST_MAX = 64 };

struct running {
    int64_t pid;
    int64_t port;
    char host[RUNNING_HOST_MAX]; /* that it listens on */
};

/* --- of a service --- */

/* What is to be given back; -1: nothing. */
struct running_entry {
    int fd;
    char path[512];
};

/* The service listens there. A directory that does not take the file is logged and no more. */
void running_enter(const struct service_traits *traits, const struct settings *settings, int port,
                   struct running_entry *ret);
void running_leave(struct running_entry *entry);

/* --- of a command that looks for it --- */

/* Those of this service, in order of their ports; returns how many, at most RUNNING_MOST. */
size_t running_find(const struct service_traits *traits, const char *data_dir,
                    struct running out[RUNNING_MOST]);
/* "http://127.0.0.1:8080": where another process of this machine reaches it. */
const char *running_url(struct arena *arena, const struct running *running);
/* Does the command line or the environment say where the service is? Then nobody looks for it.
 * Before the settings are loaded, which takes the options away. */
bool running_is_named(const struct service_traits *traits, int argc, char **argv);

#endif
