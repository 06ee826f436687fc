/*
 * ora/descriptor.h: connect descriptors: where a database may be reached, in which order that is
 * tried, for how long, and how its server proves who it is. What is here is what a descriptor says,
 * checked; what it leaves out stands at the default of Oracle's clients.
 *
 * A descriptor owns its text, and everything in it points there.
 */
#ifndef ORA_DESCRIPTOR_H
#define ORA_DESCRIPTOR_H

#include "ora/tree.h"

enum {
    ORA_HOST_MAX = 255,
    ORA_PORT_DEFAULT = 1521,
    ORA_DESCRIPTIONS_MAX = 16,
    ORA_ADDRESSES_MAX = 256, /* of one description */
};

/* How the entries of a list are tried. */
struct ora_order {
    bool failover;     /* one after the other, until one answers */
    bool load_balance; /* in an order of chance */
    bool source_route; /* the first alone: the others are where that one passes it on to */
};

enum ora_server { ORA_SERVER_ANY, ORA_SERVER_DEDICATED, ORA_SERVER_SHARED, ORA_SERVER_POOLED };
/* What a pooled server may still know of who had it before. */
enum ora_purity { ORA_PURITY_ANY, ORA_PURITY_NEW, ORA_PURITY_SELF };
enum ora_tls_version { ORA_TLS_ANY, ORA_TLS_1_2, ORA_TLS_1_3 };

/* An entry DESCRIPTION. A slice without characters: nothing is said. */
struct ora_description {
    uint16_t node;
    struct ora_order order;
    uint32_t retries;
    uint32_t retry_delay_ms;
    uint32_t tcp_ms;     /* for TCP to one address; 0: nothing is said */
    uint32_t connect_ms; /* for TCP, TLS and the listener's answer; 0: nothing is said */
    uint32_t expire_min; /* between probes whether the other side lives; 0: none */
    uint32_t sdu;
    bool has_tls; /* an address of it */
    bool use_sni;
    struct ora_slice service;
    struct ora_slice sid;
    struct ora_slice instance;
    struct ora_slice pool_class;
    struct ora_slice id_prefix;
    uint32_t server; /* enum ora_server */
    uint32_t purity; /* enum ora_purity */
    bool matches_dn; /* the server's certificate must be of the host, or of cert_dn */
    struct ora_slice cert_dn;
    struct ora_slice wallet_dir;
    uint32_t tls; /* enum ora_tls_version */
};

/* An entry ADDRESS. */
struct ora_address {
    bool is_tls;
    char host[ORA_HOST_MAX + 1];
    char port[6];
    char proxy[ORA_HOST_MAX + 1]; /* a proxy of HTTP on the way; "": none */
    char proxy_port[6];
};

struct ora_descriptor {
    char *text; /* for free() by ora_descriptor_fini */
    struct ora_tree tree;
    struct ora_order order; /* of the descriptions */
    struct ora_description descriptions[ORA_DESCRIPTIONS_MAX];
    size_t count;
};

bool ora_descriptor_init(struct ora_descriptor *ret); /* empty; false: no memory */
void ora_descriptor_fini(struct ora_descriptor *descriptor);
/* Fills it from its tree. The source is what the tree was read from. */
bool ora_descriptor_check(struct ora_descriptor *descriptor, const struct ora_source *source,
                          struct octo_ora_error *error);
/* The entry ADDRESS at that node. */
bool ora_address_check(const struct ora_tree *tree, uint16_t node, const struct ora_source *source,
                       struct ora_address *ret, struct octo_ora_error *error);
/* What stands at a node that ora_descriptor_check has found good: of an ADDRESS, of a list. */
void ora_address_read(const struct ora_tree *tree, uint16_t node, struct ora_address *ret);
struct ora_order ora_order_read(const struct ora_tree *tree, uint16_t node);

#endif
