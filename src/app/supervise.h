/*
 * app/supervise.h: keeps child processes of this executable running: waits until they listen,
 * starts again what dies, stops all on SIGINT or SIGTERM. One thread, the main one.
 */
#ifndef APP_SUPERVISE_H
#define APP_SUPERVISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;
struct handover;
struct settings;

/* Names the descriptor that a child writes lines to: READY_ADMIN when it has made its admin with
 * the password that was handed over to it, and its port, in decimal, when it listens. */
#define READY_VARIABLE "OCTO_READY_FD"
#define READY_ADMIN "admin"

enum { SUPERVISE_FAILURES_MAX = 5 };

struct child {
    const char *name;    /* the command: "shop" */
    char **arguments;    /* argv of the child, from the command's name on, NULL-terminated */
    bool stops_last;     /* others tell it something as they end */
    const char *without; /* a variable of the environment that is for the others; NULL: none */
    bool is_guest; /* comes when all others listen, listens to nobody and prints nothing; the others
                      stay where it ends too often */

    /* The supervisor's own. */
    pid_t pid;           /* 0: not running */
    int ready_fd;        /* -1: none */
    int port;            /* 0: does not listen yet */
    bool has_listened;   /* once, at least */
    bool has_made_admin; /* with the first password */
    uint64_t restart_ns; /* when it is to be started again, 0: not planned */
    uint64_t failed_ns[SUPERVISE_FAILURES_MAX];
    size_t failures;
};

struct supervision {
    struct child *children;
    size_t count;
    const char *command;             /* for messages: "up" */
    const struct settings *settings; /* of the first child: where all listen, and keep data */
    struct arena *arena;             /* for messages */
    struct handover *secrets;        /* what the children get, each time one is started */
    void (*all_listen)(const struct supervision *supervision); /* called once */
    bool is_announced;                                         /* it was called */
};

/* Runs until a signal ends it or a child cannot be kept alive; returns the exit code. */
int supervise(struct supervision *supervision);

#endif
