/*
 * console/match_counts.h: statements that spans or database servers alone know of, and those that
 * the two count differently, as what does not fit.
 */
#ifndef CONSOLE_MATCH_COUNTS_H
#define CONSOLE_MATCH_COUNTS_H

#include "console/mismatches.h"
#include "console/server_counts.h"

void match_counts_add(struct mismatches *mismatches, const struct compared *compared);

#endif
