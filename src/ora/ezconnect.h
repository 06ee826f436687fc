/*
 * ora/ezconnect.h: Easy Connect Plus, the short form of a connect string:
 *
 *     [[PROTOCOL:]//]HOST[:PORT][,HOST[:PORT]...][;HOST...]/[SERVICE][:SERVER][/INSTANCE][?PARAMETERS]
 *
 * as Oracle's "Database Net Services Reference" of 19c and later describes it.
 */
#ifndef ORA_EZCONNECT_H
#define ORA_EZCONNECT_H

#include "ora/tree.h"

/* Adds the DESCRIPTION that the text from `at` to `end` stands for, which is a part of the source
 * without blanks at its ends. A port is also that of the hosts before it in its group that have
 * none. Hosts that commas separate share the load, unless the parameters say otherwise, as Oracle's
 * clients do it; groups that semicolons separate are tried in turn. A parameter that there is not
 * is passed over. */
bool ora_ezconnect_read(struct ora_tree *tree, const struct ora_source *source, const char *at,
                        const char *end, struct octo_ora_error *error);

#endif
