/*
 * ora/connect_data.h: what a client tells a listener of where it wants to go and who it is.
 */
#ifndef ORA_CONNECT_DATA_H
#define ORA_CONNECT_DATA_H

#include "ora/descriptor.h"
#include "ora/who.h"

/* The description without what is this machine's own affair (wallet, proxy), with `who`, and with a
 * text `id` that tells this connection from all others, behind the prefix that the description may
 * have for it. SECURITY goes along where TLS is spoken. */
void ora_connect_data_write(struct ora_wr *wr, const struct ora_tree *tree,
                            const struct ora_description *description, bool is_tls,
                            const struct ora_who *who, const char *id);
/* The name that routes a connection before anything was said, in the extension server_name of TLS.
 * False: the description cannot be said so, and the listener finds out by itself. */
bool ora_route_name_write(struct ora_wr *wr, const struct ora_tree *tree,
                          const struct ora_description *description);

#endif
