/*
 * app/server_sides.h: shows what the console answers about statements as database servers count
 * them, beside what spans tell.
 */
#ifndef APP_SERVER_SIDES_H
#define APP_SERVER_SIDES_H

#include "app/asking.h"

/* Asks and shows. Returns the exit code. */
int server_sides_show(struct asking *asking, const char *path);

#endif
