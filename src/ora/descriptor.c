#include "ora/descriptor.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ora/dn.h"
#include "ora/fault.h"
#include "ora/packet.h"

enum {
    RETRIES_MAX = 1000,
    DURATION_MAX = 24 * 3600 * 1000, /* ms */
    MINUTES_MAX = 24 * 60,
    NAME_MAX_LENGTH = 255,
    DN_MAX_LENGTH = 1024,
    PATH_MAX_LENGTH = 4000,
    RETRY_DELAY_MS = 1000,
    PORT_MAX = 65535,
    DEPTH = 3, /* of lists: descriptions, lists of addresses, addresses */
};

/* --- values --- */

enum kind { KIND_SWITCH, KIND_NUMBER, KIND_DURATION, KIND_TEXT, KIND_CHOICE };

struct choice {
    const char *word;
    uint32_t value;
};

/* A pair that is understood, and where in a struct its value goes. */
struct field {
    const char *name;
    enum kind kind;
    size_t offset;
    uint32_t min;                 /* of a number */
    uint32_t max;                 /* of a number, a duration in ms, or characters */
    const struct choice *choices; /* ended by one without a word */
    const char *expected;         /* of a choice */
};

static const struct choice switches[] = {
    {"on", 1}, {"yes", 1},   {"true", 1}, {"1", 1},  {"off", 0},
    {"no", 0}, {"false", 0}, {"0", 0},    {NULL, 0},
};

static const struct choice servers[] = {
    {"dedicated", ORA_SERVER_DEDICATED},
    {"shared", ORA_SERVER_SHARED},
    {"pooled", ORA_SERVER_POOLED},
    {NULL, 0},
};

static const struct choice purities[] = {
    {"default", ORA_PURITY_ANY}, {"new", ORA_PURITY_NEW}, {"self", ORA_PURITY_SELF}, {NULL, 0}};

static const struct choice versions[] = {
    {"TLSv1.2", ORA_TLS_1_2},         {"1.2", ORA_TLS_1_2},
    {"TLSv1.3", ORA_TLS_1_3},         {"1.3", ORA_TLS_1_3},
    {"TLSv1.2,TLSv1.3", ORA_TLS_ANY}, {"1.2 or 1.3", ORA_TLS_ANY},
    {"undetermined", ORA_TLS_ANY},    {NULL, 0},
};

static const struct field order_fields[] = {
    {"FAILOVER", KIND_SWITCH, offsetof(struct ora_order, failover), 0, 1, switches, NULL},
    {"LOAD_BALANCE", KIND_SWITCH, offsetof(struct ora_order, load_balance), 0, 1, switches, NULL},
    {"SOURCE_ROUTE", KIND_SWITCH, offsetof(struct ora_order, source_route), 0, 1, switches, NULL},
    {NULL, KIND_TEXT, 0, 0, 0, NULL, NULL},
};

#define IN(member_) offsetof(struct ora_description, member_)

static const struct field description_fields[] = {
    {"RETRY_COUNT", KIND_NUMBER, IN(retries), 0, RETRIES_MAX, NULL, NULL},
    {"RETRY_DELAY", KIND_DURATION, IN(retry_delay_ms), 0, DURATION_MAX, NULL, NULL},
    {"TRANSPORT_CONNECT_TIMEOUT", KIND_DURATION, IN(tcp_ms), 0, DURATION_MAX, NULL, NULL},
    {"TCP_CONNECT_TIMEOUT", KIND_DURATION, IN(tcp_ms), 0, DURATION_MAX, NULL, NULL},
    {"CONNECT_TIMEOUT", KIND_DURATION, IN(connect_ms), 0, DURATION_MAX, NULL, NULL},
    {"EXPIRE_TIME", KIND_NUMBER, IN(expire_min), 0, MINUTES_MAX, NULL, NULL},
    {"SDU", KIND_NUMBER, IN(sdu), 0, INT32_MAX, NULL, NULL},
    {"USE_SNI", KIND_SWITCH, IN(use_sni), 0, 1, switches, NULL},
    {NULL, KIND_TEXT, 0, 0, 0, NULL, NULL},
};

static const struct field connect_data_fields[] = {
    {"SERVICE_NAME", KIND_TEXT, IN(service), 0, NAME_MAX_LENGTH, NULL, NULL},
    {"SID", KIND_TEXT, IN(sid), 0, NAME_MAX_LENGTH, NULL, NULL},
    {"INSTANCE_NAME", KIND_TEXT, IN(instance), 0, NAME_MAX_LENGTH, NULL, NULL},
    {"POOL_CONNECTION_CLASS", KIND_TEXT, IN(pool_class), 0, NAME_MAX_LENGTH, NULL, NULL},
    {"CONNECTION_ID_PREFIX", KIND_TEXT, IN(id_prefix), 0, 8, NULL, NULL},
    {"SERVER", KIND_CHOICE, IN(server), 0, 0, servers, "dedicated, shared or pooled"},
    {"POOL_PURITY", KIND_CHOICE, IN(purity), 0, 0, purities, "new or self"},
    {NULL, KIND_TEXT, 0, 0, 0, NULL, NULL},
};

static const struct field security_fields[] = {
    {"SSL_SERVER_DN_MATCH", KIND_SWITCH, IN(matches_dn), 0, 1, switches, NULL},
    {"SSL_SERVER_CERT_DN", KIND_TEXT, IN(cert_dn), 0, DN_MAX_LENGTH, NULL, NULL},
    {"MY_WALLET_DIRECTORY", KIND_TEXT, IN(wallet_dir), 0, PATH_MAX_LENGTH, NULL, NULL},
    {"WALLET_LOCATION", KIND_TEXT, IN(wallet_dir), 0, PATH_MAX_LENGTH, NULL, NULL},
    {"SSL_VERSION", KIND_CHOICE, IN(tls), 0, 0, versions, "TLSv1.2 or TLSv1.3"},
    {NULL, KIND_TEXT, 0, 0, 0, NULL, NULL},
};

#undef IN

struct checking {
    const struct ora_tree *tree;
    const struct ora_source *source;
    struct octo_ora_error *error;
};

static const char *place_of(const struct ora_node *node)
{
    return node->value.length > 0 ? node->value.at : node->at;
}

static bool read_digits(struct ora_slice *rest, uint32_t max, uint32_t *ret)
{
    uint64_t number = 0;
    size_t count = 0;

    while (count < rest->length && rest->at[count] >= '0' && rest->at[count] <= '9') {
        number = number * 10 + (uint64_t)(rest->at[count] - '0');
        number = number > UINT32_MAX ? UINT32_MAX : number;
        count++;
    }
    rest->at += count;
    rest->length -= count;
    *ret = (uint32_t)number;
    return count > 0 && number <= max;
}

static bool check_number(const struct checking *c, const struct ora_node *node,
                         const struct field *field, uint32_t *ret)
{
    struct ora_slice rest = node->value;

    return (read_digits(&rest, field->max, ret) && rest.length == 0 && *ret >= field->min) ||
           ora_source_fault(c->source, place_of(node), c->error,
                            "%s takes a whole number from %u to %u", field->name,
                            (unsigned)field->min, (unsigned)field->max);
}

static bool check_duration(const struct checking *c, const struct ora_node *node,
                           const struct field *field, uint32_t *ret)
{
    static const struct choice units[] = {{"", 1000},     {"sec", 1000}, {"s", 1000}, {"ms", 1},
                                          {"min", 60000}, {"m", 60000},  {NULL, 0}};
    struct ora_slice rest = node->value;
    uint32_t number;

    if (read_digits(&rest, UINT32_MAX, &number)) {
        rest = ora_slice_trim(rest);
        for (const struct choice *unit = units; unit->word != NULL; unit++) {
            if (ora_slice_is(rest, unit->word) && number <= field->max / unit->value &&
                number >= field->min) {
                *ret = number * unit->value;
                return true;
            }
        }
    }
    return ora_source_fault(c->source, place_of(node), c->error,
                            "%s takes a number of seconds, or one with ms, sec or min behind it, "
                            "up to a day",
                            field->name);
}

static bool check_choice(const struct checking *c, const struct ora_node *node,
                         const struct field *field, uint32_t *ret)
{
    for (const struct choice *choice = field->choices; choice->word != NULL; choice++) {
        if (ora_slice_is(node->value, choice->word)) {
            *ret = choice->value;
            return true;
        }
    }
    return ora_source_fault(c->source, place_of(node), c->error, "%s is %s", field->name,
                            field->expected != NULL ? field->expected : "on or off");
}

static bool check_value(const struct checking *c, const struct ora_node *node,
                        const struct field *field, void *to)
{
    uint32_t number = 0;
    bool ok;

    if (node->value.at == NULL) {
        return ora_source_fault(c->source, node->at, c->error, "%s takes a value, not pairs",
                                field->name);
    }
    switch (field->kind) {
    case KIND_SWITCH:
        ok = check_choice(c, node, field, &number);
        *(bool *)((char *)to + field->offset) = number != 0;
        return ok;
    case KIND_NUMBER:
        return check_number(c, node, field, (uint32_t *)(void *)((char *)to + field->offset));
    case KIND_DURATION:
        return check_duration(c, node, field, (uint32_t *)(void *)((char *)to + field->offset));
    case KIND_CHOICE:
        return check_choice(c, node, field, (uint32_t *)(void *)((char *)to + field->offset));
    default:
        *(struct ora_slice *)(void *)((char *)to + field->offset) = node->value;
        return node->value.length <= field->max ||
               ora_source_fault(c->source, place_of(node), c->error,
                                "%s has more than %u characters", field->name,
                                (unsigned)field->max);
    }
}

static bool check_dn(const struct checking *c, struct ora_slice text)
{
    struct ora_dn dn;
    const char *at = NULL;
    const char *fault = text.length > 0 ? ora_dn_read(text, &dn, &at) : NULL;

    return fault == NULL ||
           ora_source_fault(c->source, at, c->error, "SSL_SERVER_CERT_DN: %s", fault);
}

/* What of the pairs below a node is understood; others are passed on as they are. */
static bool check_fields(const struct checking *c, uint16_t parent, const struct field *fields,
                         void *to)
{
    for (uint16_t node = c->tree->nodes[parent].first; node != ORA_TREE_NONE;
         node = c->tree->nodes[node].next) {
        for (const struct field *field = fields; field->name != NULL; field++) {
            if (ora_tree_is(c->tree, node, field->name) &&
                !check_value(c, &c->tree->nodes[node], field, to)) {
                return false;
            }
        }
    }
    return true;
}

static bool holds_pairs(const struct checking *c, uint16_t node)
{
    const struct ora_node *it = &c->tree->nodes[node];

    return it->value.length == 0 ||
           ora_source_fault(c->source, it->at, c->error, "%.*s holds pairs in brackets, no value",
                            (int)it->name.length, it->name.at);
}

/* --- addresses --- */

static bool check_host(const struct checking *c, const struct ora_node *node, char *ret)
{
    if (node->value.length == 0) {
        return ora_source_fault(c->source, node->at, c->error,
                                node->value.at == NULL ? "a host is a value, not pairs"
                                                       : "there is no host");
    }
    for (size_t i = 0; i < node->value.length; i++) {
        if ((unsigned char)node->value.at[i] <= ' ') {
            return ora_source_fault(c->source, node->value.at + i, c->error,
                                    "a host has no blanks in it");
        }
    }
    return ora_slice_copy(node->value, ret, ORA_HOST_MAX + 1) ||
           ora_source_fault(c->source, node->value.at, c->error, "a host of over %d characters",
                            ORA_HOST_MAX);
}

static bool check_port(const struct checking *c, const struct ora_node *node, char ret[6])
{
    struct ora_slice rest = node->value;
    uint32_t port;

    if (!read_digits(&rest, PORT_MAX, &port) || rest.length > 0 || port == 0) {
        return ora_source_fault(c->source, place_of(node), c->error,
                                "a port is a number from 1 to %d", PORT_MAX);
    }
    (void)snprintf(ret, 6, "%hu", (unsigned short)port);
    return true;
}

static bool check_protocol(const struct checking *c, const struct ora_node *node, bool *ret_is_tls)
{
    *ret_is_tls = ora_slice_is(node->value, "tcps");
    return *ret_is_tls || ora_slice_is(node->value, "tcp") ||
           ora_source_fault(c->source, place_of(node), c->error,
                            "the protocol %.*s is not spoken: take tcp or tcps",
                            (int)(node->value.length > 32 ? 32 : node->value.length),
                            node->value.length > 0 ? node->value.at : "");
}

bool ora_address_check(const struct ora_tree *tree, uint16_t node, const struct ora_source *source,
                       struct ora_address *ret, struct octo_ora_error *error)
{
    const struct checking c = {.tree = tree, .source = source, .error = error};
    bool ok = holds_pairs(&c, node);

    *ret = (struct ora_address){.port = "1521", .proxy_port = "80"};
    for (uint16_t below = tree->nodes[node].first; ok && below != ORA_TREE_NONE;
         below = tree->nodes[below].next) {
        const struct ora_node *it = &tree->nodes[below];

        if (ora_tree_is(tree, below, "PROTOCOL")) {
            ok = check_protocol(&c, it, &ret->is_tls);
        } else if (ora_tree_is(tree, below, "HOST")) {
            ok = check_host(&c, it, ret->host);
        } else if (ora_tree_is(tree, below, "PORT")) {
            ok = check_port(&c, it, ret->port);
        } else if (ora_tree_is(tree, below, "HTTPS_PROXY")) {
            ok = check_host(&c, it, ret->proxy);
        } else if (ora_tree_is(tree, below, "HTTPS_PROXY_PORT")) {
            ok = check_port(&c, it, ret->proxy_port);
        }
    }
    if (!ok) {
        return false;
    }
    if (ret->host[0] == '\0') {
        return ora_source_fault(source, tree->nodes[node].at, error, "the ADDRESS has no HOST");
    }
    return ret->proxy[0] == '\0' || ret->is_tls ||
           ora_source_fault(source, tree->nodes[node].at, error,
                            "HTTPS_PROXY is for the protocol tcps alone");
}

void ora_address_read(const struct ora_tree *tree, uint16_t node, struct ora_address *ret)
{
    const struct ora_source source = {.name = "", .text = ""};
    struct octo_ora_error error;

    (void)ora_address_check(tree, node, &source, ret, &error);
}

struct ora_order ora_order_read(const struct ora_tree *tree, uint16_t node)
{
    const struct ora_source source = {.name = "", .text = ""};
    struct octo_ora_error error;
    const struct checking c = {.tree = tree, .source = &source, .error = &error};
    struct ora_order order = {.failover = true};

    (void)check_fields(&c, node, order_fields, &order);
    return order;
}

/* --- descriptions --- */

static bool check_addresses(const struct checking *c, uint16_t list, int depth, size_t *count,
                            bool *has_tls)
{
    struct ora_order order = {.failover = true};
    struct ora_address address;
    bool ok = holds_pairs(c, list) && check_fields(c, list, order_fields, &order);

    for (uint16_t node = c->tree->nodes[list].first; ok && node != ORA_TREE_NONE;
         node = c->tree->nodes[node].next) {
        if (ora_tree_is(c->tree, node, "ADDRESS")) {
            ok = ora_address_check(c->tree, node, c->source, &address, c->error);
            *has_tls = *has_tls || (ok && address.is_tls);
            ++*count;
        } else if (ora_tree_is(c->tree, node, "ADDRESS_LIST")) {
            ok = depth < DEPTH ? check_addresses(c, node, depth + 1, count, has_tls)
                               : ora_source_fault(c->source, c->tree->nodes[node].at, c->error,
                                                  "lists of addresses are nested too deeply");
        }
    }
    return ok;
}

static uint32_t clamp_sdu(uint32_t sdu)
{
    return sdu < ORA_SDU_MIN ? ORA_SDU_MIN : sdu > ORA_SDU_MAX ? ORA_SDU_MAX : sdu;
}

static bool check_description(const struct checking *c, uint16_t node, struct ora_description *ret)
{
    const uint16_t connect_data = ora_tree_find(c->tree, node, "CONNECT_DATA");
    const uint16_t security = ora_tree_find(c->tree, node, "SECURITY");
    size_t addresses = 0;

    *ret = (struct ora_description){.node = node,
                                    .order = {.failover = true},
                                    .retry_delay_ms = RETRY_DELAY_MS,
                                    .sdu = ORA_SDU_DEFAULT,
                                    .matches_dn = true};
    if (!holds_pairs(c, node) || !check_fields(c, node, order_fields, &ret->order) ||
        !check_fields(c, node, description_fields, ret) ||
        !check_addresses(c, node, 1, &addresses, &ret->has_tls)) {
        return false;
    }
    if (addresses == 0 || addresses > ORA_ADDRESSES_MAX) {
        return ora_source_fault(c->source, c->tree->nodes[node].at, c->error,
                                "the DESCRIPTION has %s ADDRESS",
                                addresses == 0 ? "no" : "too many entries");
    }
    ret->sdu = clamp_sdu(ret->sdu);
    return (connect_data == ORA_TREE_NONE ||
            (holds_pairs(c, connect_data) &&
             check_fields(c, connect_data, connect_data_fields, ret))) &&
           (security == ORA_TREE_NONE ||
            (holds_pairs(c, security) && check_fields(c, security, security_fields, ret) &&
             check_dn(c, ret->cert_dn)));
}

static bool check_list(const struct checking *c, struct ora_descriptor *d, uint16_t parent)
{
    for (uint16_t node = d->tree.nodes[parent].first; node != ORA_TREE_NONE;
         node = d->tree.nodes[node].next) {
        if (!ora_tree_is(&d->tree, node, "DESCRIPTION")) {
            continue;
        }
        if (d->count == ORA_DESCRIPTIONS_MAX) {
            return ora_source_fault(c->source, d->tree.nodes[node].at, c->error,
                                    "more than %d entries DESCRIPTION", ORA_DESCRIPTIONS_MAX);
        }
        if (!check_description(c, node, &d->descriptions[d->count])) {
            return false;
        }
        d->count++;
    }
    return true;
}

bool ora_descriptor_check(struct ora_descriptor *d, const struct ora_source *source,
                          struct octo_ora_error *error)
{
    const struct checking c = {.tree = &d->tree, .source = source, .error = error};
    const uint16_t list = ora_tree_find(&d->tree, ORA_TREE_ROOT, "DESCRIPTION_LIST");
    const uint16_t first = d->tree.nodes[ORA_TREE_ROOT].first;

    d->count = 0;
    d->order = (struct ora_order){.failover = true};
    if (list != ORA_TREE_NONE &&
        (!holds_pairs(&c, list) || !check_fields(&c, list, order_fields, &d->order))) {
        return false;
    }
    return check_list(&c, d, list) &&
           (d->count > 0 ||
            ora_source_fault(source,
                             first != ORA_TREE_NONE ? d->tree.nodes[first].at : source->text, error,
                             "there is no DESCRIPTION"));
}

bool ora_descriptor_init(struct ora_descriptor *ret)
{
    ret->text = NULL;
    ret->count = 0;
    return ora_tree_init(&ret->tree);
}

void ora_descriptor_fini(struct ora_descriptor *descriptor)
{
    ora_tree_fini(&descriptor->tree);
    free(descriptor->text);
    descriptor->text = NULL;
}
