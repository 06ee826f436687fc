#include "ora/ezconnect.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "ora/fault.h"

/* Where a parameter stands in a descriptor. */
enum place { PLACE_DESCRIPTION, PLACE_ADDRESS, PLACE_CONNECT_DATA, PLACE_SECURITY };

static const struct parameter {
    const char *key;
    const char *name;
    enum place place;
} parameters[] = {
    {"connect_timeout", "CONNECT_TIMEOUT", PLACE_DESCRIPTION},
    {"connection_id_prefix", "CONNECTION_ID_PREFIX", PLACE_CONNECT_DATA},
    {"enable", "ENABLE", PLACE_DESCRIPTION},
    {"expire_time", "EXPIRE_TIME", PLACE_DESCRIPTION},
    {"failover", "FAILOVER", PLACE_DESCRIPTION},
    {"https_proxy", "HTTPS_PROXY", PLACE_ADDRESS},
    {"https_proxy_port", "HTTPS_PROXY_PORT", PLACE_ADDRESS},
    {"load_balance", "LOAD_BALANCE", PLACE_DESCRIPTION},
    {"my_wallet_directory", "MY_WALLET_DIRECTORY", PLACE_SECURITY},
    {"pool_boundary", "POOL_BOUNDARY", PLACE_CONNECT_DATA},
    {"pool_connection_class", "POOL_CONNECTION_CLASS", PLACE_CONNECT_DATA},
    {"pool_name", "POOL_NAME", PLACE_CONNECT_DATA},
    {"pool_purity", "POOL_PURITY", PLACE_CONNECT_DATA},
    {"recv_buf_size", "RECV_BUF_SIZE", PLACE_DESCRIPTION},
    {"retry_count", "RETRY_COUNT", PLACE_DESCRIPTION},
    {"retry_delay", "RETRY_DELAY", PLACE_DESCRIPTION},
    {"sdu", "SDU", PLACE_DESCRIPTION},
    {"send_buf_size", "SEND_BUF_SIZE", PLACE_DESCRIPTION},
    {"source_route", "SOURCE_ROUTE", PLACE_DESCRIPTION},
    {"ssl_server_cert_dn", "SSL_SERVER_CERT_DN", PLACE_SECURITY},
    {"ssl_server_dn_match", "SSL_SERVER_DN_MATCH", PLACE_SECURITY},
    {"ssl_version", "SSL_VERSION", PLACE_SECURITY},
    {"tcp_connect_timeout", "TRANSPORT_CONNECT_TIMEOUT", PLACE_DESCRIPTION},
    {"tls_server_cert_dn", "SSL_SERVER_CERT_DN", PLACE_SECURITY},
    {"tls_server_dn_match", "SSL_SERVER_DN_MATCH", PLACE_SECURITY},
    {"transport_connect_timeout", "TRANSPORT_CONNECT_TIMEOUT", PLACE_DESCRIPTION},
    {"use_sni", "USE_SNI", PLACE_DESCRIPTION},
    {"wallet_location", "MY_WALLET_DIRECTORY", PLACE_SECURITY},
};

struct reading {
    struct ora_tree *tree;
    const struct ora_source *source;
    const char *at;
    const char *end;
    struct octo_ora_error *error;
    bool is_tls;
    uint16_t description;
    uint16_t connect_data;
    uint16_t security;
};

static struct ora_slice slice_of(const char *text)
{
    return (struct ora_slice){.at = text, .length = strlen(text)};
}

static uint16_t add(struct reading *r, uint16_t parent, const char *name, struct ora_slice value)
{
    return ora_tree_add(r->tree, parent, slice_of(name), value,
                        value.at != NULL ? value.at : r->at);
}

static uint16_t add_group(struct reading *r, uint16_t parent, const char *name)
{
    return add(r, parent, name, (struct ora_slice){.at = NULL});
}

static bool is_next(const struct reading *r, char c)
{
    return r->at < r->end && *r->at == c;
}

static bool skip(struct reading *r, char c)
{
    const bool is = is_next(r, c);

    r->at += is ? 1 : 0;
    return is;
}

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

/* --- hosts --- */

static bool read_protocol(struct reading *r)
{
    const char *at = r->at;
    struct ora_slice name = {.at = at};

    while (at < r->end && isalnum((unsigned char)*at)) {
        at++;
    }
    name.length = (size_t)(at - name.at);
    if (r->end - at >= 3 && memcmp(at, "://", 3) == 0) {
        r->at = at + 3;
    } else if (name.length == 0 && r->end - at >= 2 && memcmp(at, "//", 2) == 0) {
        r->at = at + 2;
        return true;
    } else {
        return true;
    }
    r->is_tls = ora_slice_is(name, "tcps");
    return r->is_tls || ora_slice_is(name, "tcp") ||
           ora_source_fault(r->source, name.at, r->error,
                            "the protocol %.*s is not spoken: write tcp:// or tcps://",
                            (int)(name.length > 32 ? 32 : name.length), name.at);
}

/* Of an IPv6 address in brackets what is between them. */
static bool read_host(struct reading *r, struct ora_slice *ret)
{
    const bool is_bracketed = skip(r, '[');
    const char *start = r->at;

    while (r->at < r->end && (is_bracketed ? isxdigit((unsigned char)*r->at) || *r->at == ':' ||
                                                 *r->at == '.' || *r->at == '%'
                                           : is_name_char(*r->at))) {
        r->at++;
    }
    *ret = (struct ora_slice){.at = start, .length = (size_t)(r->at - start)};
    if (ret->length == 0) {
        return ora_source_fault(r->source, start, r->error, "there is no host");
    }
    return !is_bracketed || skip(r, ']') ||
           ora_source_fault(r->source, r->at, r->error, "the bracket of the address is not closed");
}

static bool read_port(struct reading *r, struct ora_slice *ret)
{
    const char *start = r->at;

    while (r->at < r->end && isdigit((unsigned char)*r->at)) {
        r->at++;
    }
    *ret = (struct ora_slice){.at = start, .length = (size_t)(r->at - start)};
    return ret->length > 0 ||
           ora_source_fault(r->source, start, r->error, "a port is a number from 1 to 65535");
}

/* Gives it to the addresses of this group that have none yet. */
static void set_ports(struct reading *r, uint16_t list, struct ora_slice port)
{
    for (uint16_t node = r->tree->nodes[list].first; node != ORA_TREE_NONE;
         node = r->tree->nodes[node].next) {
        if (ora_tree_is(r->tree, node, "ADDRESS") &&
            ora_tree_find(r->tree, node, "PORT") == ORA_TREE_NONE) {
            (void)add(r, node, "PORT", port);
        }
    }
}

/* Are semicolons in what comes, up to the service? */
static bool has_groups(const struct reading *r)
{
    const char *at = r->at;

    while (at < r->end && *at != '/' && *at != ';') {
        at++;
    }
    return at < r->end && *at == ';';
}

/* Hosts that commas separate, below the node of a list. */
static bool read_group(struct reading *r, uint16_t list)
{
    do {
        const uint16_t address = add_group(r, list, "ADDRESS");
        struct ora_slice host;
        struct ora_slice port;

        if (!read_host(r, &host)) {
            return false;
        }
        (void)add(r, address, "PROTOCOL", slice_of(r->is_tls ? "tcps" : "tcp"));
        (void)add(r, address, "HOST", host);
        if (skip(r, ':')) {
            if (!read_port(r, &port)) {
                return false;
            }
            set_ports(r, list, port);
        }
    } while (skip(r, ','));
    set_ports(r, list, slice_of("1521"));
    return true;
}

/* --- the service --- */

static struct ora_slice read_word(struct reading *r)
{
    const char *start = r->at;

    while (r->at < r->end && (is_name_char(*r->at) || *r->at == '$' || *r->at == '#')) {
        r->at++;
    }
    return (struct ora_slice){.at = start, .length = (size_t)(r->at - start)};
}

static bool read_service(struct reading *r)
{
    struct ora_slice word;

    if (!skip(r, '/')) {
        return ora_source_fault(r->source, r->at, r->error,
                                "expected '/' and the service: a connect string is written "
                                "[tcps://]HOST[:PORT]/SERVICE");
    }
    (void)add(r, r->connect_data, "SERVICE_NAME", read_word(r));
    if (skip(r, ':')) {
        word = read_word(r);
        if (!ora_slice_is(word, "dedicated") && !ora_slice_is(word, "shared") &&
            !ora_slice_is(word, "pooled")) {
            return ora_source_fault(r->source, word.at, r->error,
                                    "a server is dedicated, shared or pooled");
        }
        (void)add(r, r->connect_data, "SERVER", word);
    }
    if (skip(r, '/')) {
        word = read_word(r);
        if (word.length == 0) {
            return ora_source_fault(r->source, word.at, r->error, "there is no instance");
        }
        (void)add(r, r->connect_data, "INSTANCE_NAME", word);
    }
    return true;
}

/* --- parameters --- */

static bool read_quoted(struct reading *r, struct ora_slice *ret)
{
    const char *start = r->at;
    const char *end = memchr(start + 1, '"', (size_t)(r->end - start - 1));

    if (end == NULL) {
        return ora_source_fault(r->source, start, r->error,
                                "the quotes that open here are not closed");
    }
    *ret = (struct ora_slice){.at = start + 1, .length = (size_t)(end - start - 1)};
    r->at = end + 1;
    return true;
}

static bool read_value(struct reading *r, struct ora_slice *ret)
{
    const char *start = r->at;

    if (is_next(r, '"')) {
        return read_quoted(r, ret);
    }
    while (r->at < r->end && *r->at != '&') {
        if (*r->at == '"') {
            return ora_source_fault(r->source, r->at, r->error, "quotes go around the whole value");
        }
        r->at++;
    }
    *ret = ora_slice_trim((struct ora_slice){.at = start, .length = (size_t)(r->at - start)});
    return true;
}

static void add_to_addresses(struct reading *r, uint16_t parent, const char *name,
                             struct ora_slice value)
{
    for (uint16_t node = r->tree->nodes[parent].first; node != ORA_TREE_NONE;
         node = r->tree->nodes[node].next) {
        if (ora_tree_is(r->tree, node, "ADDRESS")) {
            (void)add(r, node, name, value);
        } else if (ora_tree_is(r->tree, node, "ADDRESS_LIST")) {
            add_to_addresses(r, node, name, value);
        }
    }
}

static void set_parameter(struct reading *r, struct ora_slice key, struct ora_slice value)
{
    const struct parameter *parameter = NULL;

    for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
        if (ora_slice_is(key, parameters[i].key)) {
            parameter = &parameters[i];
        }
    }
    if (parameter == NULL || value.length == 0) {
        return;
    }
    switch (parameter->place) {
    case PLACE_DESCRIPTION:
        (void)add(r, r->description, parameter->name, value);
        break;
    case PLACE_ADDRESS:
        add_to_addresses(r, r->description, parameter->name, value);
        break;
    case PLACE_CONNECT_DATA:
        (void)add(r, r->connect_data, parameter->name, value);
        break;
    case PLACE_SECURITY:
        if (r->security == ORA_TREE_NONE) {
            r->security = add_group(r, r->description, "SECURITY");
        }
        (void)add(r, r->security, parameter->name, value);
        break;
    }
}

static bool read_parameters(struct reading *r)
{
    if (!skip(r, '?')) {
        return r->at == r->end ||
               ora_source_fault(r->source, r->at, r->error,
                                "expected '?' and parameters, or the end: a service has letters, "
                                "digits and . - _ $ #");
    }
    do {
        struct ora_slice key = {.at = r->at};
        struct ora_slice value = {.at = NULL};

        while (r->at < r->end && (isalnum((unsigned char)*r->at) || *r->at == '_')) {
            r->at++;
        }
        key.length = (size_t)(r->at - key.at);
        if (key.length == 0 || !skip(r, '=')) {
            return ora_source_fault(r->source, r->at, r->error, "expected NAME=VALUE");
        }
        if (!read_value(r, &value)) {
            return false;
        }
        set_parameter(r, key, value);
    } while (skip(r, '&'));
    return r->at == r->end || ora_source_fault(r->source, r->at, r->error, "expected '&'");
}

/* Where a list has several addresses. */
static void share_load(struct reading *r, uint16_t list)
{
    size_t addresses = 0;

    for (uint16_t node = r->tree->nodes[list].first; node != ORA_TREE_NONE;
         node = r->tree->nodes[node].next) {
        if (ora_tree_is(r->tree, node, "ADDRESS_LIST")) {
            share_load(r, node);
        }
        addresses += ora_tree_is(r->tree, node, "ADDRESS") ? 1 : 0;
    }
    if (addresses > 1) {
        (void)add(r, list, "LOAD_BALANCE", slice_of("ON"));
    }
}

/* One group stands in the description itself, several are lists. */
static bool read_hosts(struct reading *r)
{
    const bool is_list = has_groups(r);

    do {
        if (!read_group(r,
                        is_list ? add_group(r, r->description, "ADDRESS_LIST") : r->description)) {
            return false;
        }
    } while (skip(r, ';'));
    return true;
}

bool ora_ezconnect_read(struct ora_tree *tree, const struct ora_source *source, const char *at,
                        const char *end, struct octo_ora_error *error)
{
    struct reading r = {.tree = tree, .source = source, .at = at, .end = end, .error = error};

    r.description = add_group(&r, ORA_TREE_ROOT, "DESCRIPTION");
    if (!read_protocol(&r) || !read_hosts(&r)) {
        return false;
    }
    r.connect_data = add_group(&r, r.description, "CONNECT_DATA");
    if (!read_service(&r) || !read_parameters(&r)) {
        return false;
    }
    if (ora_tree_find(tree, r.description, "LOAD_BALANCE") == ORA_TREE_NONE) {
        share_load(&r, r.description);
    }
    return !tree->is_full ||
           (tree->count < ORA_TREE_NODES_MAX
                ? ora_fault_memory(error)
                : ora_source_fault(source, at, error, "more hosts than are taken"));
}
