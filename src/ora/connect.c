/*
 * ora/connect.c: how a server is reached (see session_priv.h): the descriptor's addresses one after
 * the other, each until its listener accepts, refuses or sends elsewhere.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ora/connect_data.h"
#include "ora/proxy.h"
#include "ora/refusal.h"
#include "ora/route.h"

#include "ora/session_priv.h"

enum {
    ID_BYTES = 16,
    ID_TEXT = 25,
    ROUTE_NAME_ROOM = 512,
    DIRECTORY_ROOM = 4096,
    REDIRECT_MAX = 65535,
};

/* What is known while a way is being looked for. */
struct reaching {
    struct octo_ora *session;
    const struct octo_ora_options *options;
    const struct ora_descriptor *descriptor;
    const struct ora_description *description; /* that is tried */
    const struct ora_who *who;
    struct ora_address named; /* that the descriptor names, whatever its listener sends us to */
    int64_t deadline_ms;      /* of all of it */
    unsigned tries;
    char wallet_dir[DIRECTORY_ROOM];
    char route_name[ROUTE_NAME_ROOM];
    struct ora_wr connect_data;
    struct octo_ora_error *error;
};

static bool not_connected(const struct reaching *r, const char *text)
{
    struct octo_ora *session = r->session;

    ora_link_close(&session->link);
    return ora_fault(r->error, OCTO_ORA_CONNECT, "%s port %s: %s", session->address.host,
                     session->address.port, text);
}

/* --- what the listener answers --- */

static bool take_refusal(const struct reaching *r, const struct ora_packet *packet)
{
    struct ora_packet more;
    struct ora_refuse refuse;
    const char *fault = ora_refuse_read(packet, &refuse);

    if (fault != NULL) {
        return not_connected(r, fault);
    }
    if (refuse.text.length == 0 && refuse.text_length > 0) {
        if (!ora_next_packet(r->session, &more, r->error)) {
            return false;
        }
        refuse.number =
            ora_refuse_number(&(struct ora_bytes){.at = more.body, .length = more.body_length});
    }
    ora_link_close(&r->session->link);
    return ora_refusal_tell(refuse.number, &r->session->address, r->description, r->error);
}

static bool take_accept(const struct reaching *r, const struct ora_packet *packet)
{
    struct octo_ora *session = r->session;
    struct ora_accept accept;
    const char *fault = ora_accept_read(packet, &accept);

    if (fault != NULL) {
        return not_connected(r, fault);
    }
    if (accept.version < ORA_VERSION_WIDE) {
        return not_connected(r, "the server is older than 12.1, which is not spoken");
    }
    if (accept.demands_encryption) {
        return not_connected(r, "the server demands Oracle's native encryption: set "
                                "SQLNET.ENCRYPTION_SERVER there to ACCEPTED");
    }
    session->sdu = accept.sdu;
    session->is_wide = true;
    session->has_fast_logon = accept.has_fast_logon;
    session->ends_responses = accept.has_end_of_response;
    return true;
}

/* A text that nobody else has: a listener's log shows it. */
static bool make_id(const struct reaching *r, char ret[ID_TEXT])
{
    uint8_t bytes[ID_BYTES];

    if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
        return ora_fault(r->error, OCTO_ORA_CONNECT, "OpenSSL has no random bytes");
    }
    (void)EVP_EncodeBlock((unsigned char *)ret, bytes, sizeof(bytes));
    return true;
}

static struct ora_tls_options tls_options(const struct reaching *r)
{
    return (struct ora_tls_options){
        .wallet = {.dir = r->wallet_dir[0] != '\0' ? r->wallet_dir : NULL,
                   .bytes = r->options->wallet,
                   .size = r->options->wallet_size,
                   .password = r->options->wallet_password},
        .version = r->description->tls,
        .matches_name = r->description->matches_dn,
        .dn = r->description->cert_dn,
        .host = r->session->address.host,
        .other_host = r->named.host,
        .route_name = r->route_name[0] != '\0' ? r->route_name : NULL,
    };
}

static bool secure(const struct reaching *r)
{
    const struct ora_tls_options options = tls_options(r);

    return ora_link_secure(&r->session->link, &options, r->error);
}

/* What lies behind a RESEND with that flag is a new session of TLS, on the bare connection. */
static bool secure_again(const struct reaching *r, const struct ora_packet *packet)
{
    const struct ora_tls_options options = tls_options(r);
    struct octo_ora *session = r->session;

    if (packet->type != ORA_PACKET_RESEND || (packet->flags & ORA_FLAG_RENEGOTIATE) == 0) {
        return true;
    }
    if (session->link.tls == NULL || session->in.length > session->taken) {
        return not_connected(r, "protocol error: TLS anew where there can be none");
    }
    return ora_link_secure_again(&session->link, &options, r->error);
}

/* Says where we want to go, as often as the listener asks; gives another answer than that. */
static bool ask(const struct reaching *r, uint8_t flags, struct ora_packet *ret)
{
    struct octo_ora *session = r->session;

    ret->type = ORA_PACKET_RESEND;
    for (int i = 0; ret->type == ORA_PACKET_RESEND && i <= ORA_RESENDS_MAX; i++) {
        ora_wr_clear(&session->packets);
        ora_connect_write(&session->packets, flags, r->description->sdu, r->connect_data.data,
                          r->connect_data.length);
        session->packets.is_bad = session->packets.is_bad || r->connect_data.is_bad;
        if (!ora_send(session, &session->packets, r->error) ||
            !ora_next_packet(session, ret, r->error) || !secure_again(r, ret)) {
            return false;
        }
    }
    return ret->type != ORA_PACKET_RESEND ||
           not_connected(r, "the listener asks for the same again and again");
}

/* --- one address --- */

static void begin_link(struct octo_ora *session)
{
    ora_link_close(&session->link);
    ora_wr_clear(&session->in);
    session->taken = 0;
    session->has_had_packet = false;
    session->is_wide = false;
    session->is_dead = false;
    session->sdu = ORA_SDU_DEFAULT;
}

/* Does what is sent to this host stay on this machine? Nothing is looked up. */
static bool is_here(const char *host)
{
    struct in6_addr six;
    struct in_addr four;

    if (inet_pton(AF_INET, host, &four) == 1) {
        return ntohl(four.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
    }
    return strcasecmp(host, "localhost") == 0 ||
           (inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six));
}

/* Until the bytes of the listener at session->address can be read. */
static bool open_link(const struct reaching *r)
{
    struct octo_ora *session = r->session;
    struct ora_link *link = &session->link;
    const struct ora_address *address = &session->address;
    const bool has_proxy = address->proxy[0] != '\0';
    const int64_t tcp_end = ora_now_ms() + r->description->tcp_ms;
    const bool ends_early = r->description->tcp_ms > 0 && tcp_end < link->deadline_ms;

    begin_link(session);
    if (r->options->needs_tls && !address->is_tls && !is_here(address->host)) {
        return ora_fault(
            r->error, OCTO_ORA_USAGE,
            "%s is another machine, and the connect string does not ask for TLS there: "
            "write tcps instead of tcp",
            address->host);
    }
    if (!ora_link_open(link, has_proxy ? address->proxy : address->host,
                       has_proxy ? address->proxy_port : address->port,
                       ends_early ? tcp_end : link->deadline_ms, r->description->expire_min,
                       r->error)) {
        return false;
    }
    if (has_proxy && !ora_phase(&link->phases, "proxy", address->proxy,
                                ora_proxy_ask(link, address->host, address->port, r->error))) {
        return false;
    }
    return !address->is_tls || secure(r);
}

/* The first ADDRESS at or below the node. */
static uint16_t find_address(const struct ora_tree *tree, uint16_t node)
{
    uint16_t found = ORA_TREE_NONE;

    if (node != ORA_TREE_ROOT && ora_tree_is(tree, node, "ADDRESS")) {
        return node;
    }
    for (uint16_t below = tree->nodes[node].first; below != ORA_TREE_NONE && found == ORA_TREE_NONE;
         below = tree->nodes[below].next) {
        found = find_address(tree, below);
    }
    return found;
}

/* Where the listener sends us. What makes TLS safe is the descriptor's, so nobody can be sent from
 * TLS to a place without. */
static bool read_new_address(const struct reaching *r, const struct ora_source *source,
                             struct ora_address *ret)
{
    struct ora_tree tree;
    uint16_t node;
    bool ok = ora_tree_init(&tree) || ora_fault_memory(r->error);

    *ret = (struct ora_address){.is_tls = false};
    ok = ok && ora_tree_read(&tree, source, source->text, source->text + source->length,
                             ORA_TREE_PLAIN, r->error);
    if (ok) {
        node = find_address(&tree, ORA_TREE_ROOT);
        ok = node != ORA_TREE_NONE
                 ? ora_address_check(&tree, node, source, ret, r->error)
                 : ora_source_fault(source, source->text, r->error, "there is no ADDRESS");
    }
    ora_tree_fini(&tree);
    if (!ok) {
        r->error->kind = OCTO_ORA_CONNECT; /* not the caller's fault */
        return false;
    }
    return ret->is_tls || !r->session->address.is_tls ||
           not_connected(r, "the listener sends a client that came by TLS to an address without");
}

/* The data of a REDIRECT, wherever they are. */
static bool read_redirect(const struct reaching *r, const struct ora_packet *packet,
                          struct ora_wr *ret)
{
    struct ora_redirect redirect = {.data_length = 0};
    struct ora_packet more;
    const char *fault = ora_redirect_read(packet, &redirect);

    if (fault != NULL) {
        return not_connected(r, fault);
    }
    ora_wr_raw(ret, redirect.data.at, redirect.data.length);
    if (redirect.data.length < redirect.data_length) {
        if (!ora_next_packet(r->session, &more, r->error)) {
            return false;
        }
        ora_wr_raw(ret, more.body, more.body_length);
    }
    ora_wr_u8(ret, 0);
    return !ret->is_bad || ora_fault_memory(r->error);
}

static bool follow(struct reaching *r, const struct ora_packet *packet)
{
    const bool has_parts = (packet->flags & ORA_FLAG_REDIRECT_PARTS) != 0;
    char name[ORA_HOST_MAX + 32];
    struct ora_source source = {.name = name};
    struct ora_address address;
    struct ora_wr data;
    bool ok;

    (void)snprintf(name, sizeof(name), "redirect by %s port %s", r->session->address.host,
                   r->session->address.port);
    ora_wr_init(&data, REDIRECT_MAX + 1);
    ok = read_redirect(r, packet, &data);
    if (ok) {
        source.text = (const char *)data.data;
        source.length = strlen(source.text);
        ok = read_new_address(r, &source, &address);
    }
    if (ok && has_parts && source.length + 1 < data.length) {
        ora_wr_clear(&r->connect_data);
        ora_wr_raw(&r->connect_data, data.data + source.length + 1,
                   data.length - source.length - 2);
    }
    ora_wr_fini(&data);
    if (!ok) {
        return false;
    }
    (void)snprintf(address.proxy, sizeof(address.proxy), "%s", r->named.proxy);
    (void)snprintf(address.proxy_port, sizeof(address.proxy_port), "%s", r->named.proxy_port);
    r->session->address = address;
    return open_link(r);
}

static bool take_answer(const struct reaching *r, const struct ora_packet *packet)
{
    switch (packet->type) {
    case ORA_PACKET_ACCEPT:
        return take_accept(r, packet);
    case ORA_PACKET_REFUSE:
        return take_refusal(r, packet);
    case ORA_PACKET_REDIRECT:
        return not_connected(r, "the listener sends its clients elsewhere again and again");
    default:
        return not_connected(r, "protocol error: what answers is no listener of Oracle");
    }
}

static bool greet(struct reaching *r)
{
    struct ora_packet packet = {.flags = 0};
    bool is_redirect = true;
    bool ok = true;

    for (int i = 0; ok && is_redirect; i++) {
        ok = (i == 0 || follow(r, &packet)) && ask(r, i == 0 ? 0 : ORA_FLAG_REDIRECTED, &packet);
        is_redirect = ok && packet.type == ORA_PACKET_REDIRECT && i < ORA_REDIRECTS_MAX;
        ok = ora_phase(&r->session->link.phases, "listener", r->session->address.host,
                       ok && (is_redirect || take_answer(r, &packet)));
    }
    return ok;
}

static bool write_connect_data(struct reaching *r)
{
    const struct ora_tree *tree = &r->descriptor->tree;
    struct ora_wr name;
    char id[ID_TEXT];

    if (!make_id(r, id)) {
        return false;
    }
    ora_wr_clear(&r->connect_data);
    ora_connect_data_write(&r->connect_data, tree, r->description, r->named.is_tls, r->who, id);
    r->route_name[0] = '\0';
    ora_wr_init(&name, ROUTE_NAME_ROOM - 1);
    if (r->description->use_sni && ora_route_name_write(&name, tree, r->description)) {
        memcpy(r->route_name, name.data, name.length);
        r->route_name[name.length] = '\0';
    }
    ora_wr_fini(&name);
    return true;
}

/* An address that does not answer has its share of the time that is left, and no more. */
static bool try_address(struct reaching *r, uint16_t node, size_t left)
{
    struct octo_ora *session = r->session;
    const int64_t now = ora_now_ms();
    const int64_t whole = r->deadline_ms > now ? r->deadline_ms - now : 0;
    const int64_t share =
        r->description->connect_ms > 0 ? r->description->connect_ms : whole / (int64_t)left;

    r->tries++;
    ora_address_read(&r->descriptor->tree, node, &r->named);
    session->address = r->named;
    session->link.deadline_ms = now + (share < whole ? share : whole);
    return write_connect_data(r) && open_link(r) && greet(r);
}

/* --- all of them --- */

static bool is_final(const struct octo_ora_error *error)
{
    return error->kind == OCTO_ORA_MEMORY || error->kind == OCTO_ORA_USAGE;
}

static bool has_time(const struct reaching *r)
{
    return ora_now_ms() < r->deadline_ms;
}

static bool try_addresses(struct reaching *r, uint64_t *chance)
{
    uint16_t nodes[ORA_ADDRESSES_MAX];
    const size_t count = ora_route_addresses(r->descriptor, r->description, chance, nodes);

    for (size_t i = 0; i < count; i++) {
        if (try_address(r, nodes[i], count - i)) {
            return true;
        }
        if (is_final(r->error) || !has_time(r)) {
            return false;
        }
    }
    return false;
}

/* False: there is no next try. */
static bool pause_before_retry(const struct reaching *r)
{
    const int64_t end = ora_now_ms() + r->description->retry_delay_ms;

    if (end >= r->deadline_ms) {
        return false;
    }
    if (ora_wait(-1, 0, end) == ORA_WAITED_LOST) {
        return false; /* given up */
    }
    return ora_phase(&r->session->link.phases, "pause", "before a retry", true);
}

static bool try_description(struct reaching *r, uint64_t *chance)
{
    const struct ora_slice named = r->description->wallet_dir;
    const char *dir = r->options->wallet_dir != NULL ? r->options->wallet_dir : "";
    const bool is_system =
        named.length > 0 ? ora_slice_is(named, "SYSTEM") : strcasecmp(dir, "SYSTEM") == 0;

    r->wallet_dir[0] = '\0';
    if (!is_system && named.length > 0) {
        (void)ora_slice_copy(named, r->wallet_dir, sizeof(r->wallet_dir));
    } else if (!is_system) {
        (void)snprintf(r->wallet_dir, sizeof(r->wallet_dir), "%s", dir);
    }
    for (uint32_t i = 0; i <= r->description->retries; i++) {
        if ((i > 0 && !pause_before_retry(r))) {
            return false;
        }
        if (try_addresses(r, chance)) {
            return true;
        }
        if (is_final(r->error) || !has_time(r)) {
            return false;
        }
    }
    return false;
}

static void tell_tries(const struct reaching *r)
{
    struct octo_ora_error *error = r->error;
    const size_t length = strlen(error->text);

    if (r->tries > 1 && !is_final(error)) {
        (void)snprintf(error->text + length, sizeof(error->text) - length, "; the last of %u tries",
                       r->tries);
    }
}

const struct ora_description *ora_reach(struct octo_ora *session,
                                        const struct octo_ora_options *options,
                                        const struct ora_descriptor *descriptor,
                                        const struct ora_who *who, struct octo_ora_error *error)
{
    struct reaching r = {.session = session,
                         .options = options,
                         .descriptor = descriptor,
                         .who = who,
                         .deadline_ms = session->link.deadline_ms,
                         .error = error};
    uint16_t order[ORA_DESCRIPTIONS_MAX];
    uint64_t chance = 0;
    size_t count;
    bool ok = false;

    if (RAND_bytes((unsigned char *)&chance, sizeof(chance)) != 1) {
        (void)ora_fault(error, OCTO_ORA_CONNECT, "OpenSSL has no random bytes");
        return NULL;
    }
    ora_wr_init(&r.connect_data, REDIRECT_MAX);
    count = ora_route_descriptions(descriptor, &chance, order);
    for (size_t i = 0; !ok && i < count && (i == 0 || (!is_final(error) && has_time(&r))); i++) {
        r.description = &descriptor->descriptions[order[i]];
        ok = try_description(&r, &chance);
    }
    ora_wr_fini(&r.connect_data);
    session->link.deadline_ms = r.deadline_ms;
    if (!ok) {
        tell_tries(&r);
    }
    return ok ? r.description : NULL;
}
