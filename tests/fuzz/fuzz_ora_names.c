/*
 * Property: a connect string of either form is read without a step past its end, and what it stands
 * for, written out, stands for the same. So does what a listener is told.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ora/connect_data.h"
#include "ora/ezconnect.h"
#include "ora/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 4096, OUT_MAX = 1 << 20 };

static bool read(const char *text, size_t length, struct ora_descriptor *ret)
{
    const struct ora_source source = {.name = "input", .text = text, .length = length};
    struct octo_ora_error error;
    bool ok = ora_descriptor_init(ret);

    assert(ok);
    ok = (length > 0 && text[0] == '('
              ? ora_tree_read(&ret->tree, &source, text, text + length, ORA_TREE_PLAIN, &error)
              : ora_ezconnect_read(&ret->tree, &source, text, text + length, &error)) &&
         ora_descriptor_check(ret, &source, &error);
    assert(ok || error.text[0] != '\0');
    return ok;
}

static void check_description(const struct ora_descriptor *d, const struct ora_description *it)
{
    static const struct ora_who who = {.program = "p", .machine = "m", .user = "u"};
    uint16_t nodes[ORA_ADDRESSES_MAX];
    uint64_t chance = 1;
    const size_t count = ora_route_addresses(d, it, &chance, nodes);
    struct ora_descriptor told;
    struct ora_wr wr;

    assert(count > 0 && count <= ORA_ADDRESSES_MAX);
    for (size_t i = 0; i < count; i++) {
        struct ora_address address;

        ora_address_read(&d->tree, nodes[i], &address);
        assert(address.host[0] != '\0' && atol(address.port) > 0);
    }
    ora_wr_init(&wr, OUT_MAX);
    ora_connect_data_write(&wr, &d->tree, it, it->has_tls, &who, "id");
    assert(!wr.is_bad && read((const char *)wr.data, wr.length, &told));
    assert(told.count == 1);
    ora_descriptor_fini(&told);
    ora_wr_clear(&wr);
    (void)ora_route_name_write(&wr, &d->tree, it);
    ora_wr_fini(&wr);
}

static void check(const struct ora_descriptor *once)
{
    struct ora_descriptor twice;
    struct ora_wr first;
    struct ora_wr second;

    ora_wr_init(&first, OUT_MAX);
    ora_wr_init(&second, OUT_MAX);
    ora_tree_write(&once->tree, ORA_TREE_ROOT, &first);
    assert(read((const char *)first.data, first.length, &twice));
    ora_tree_write(&twice.tree, ORA_TREE_ROOT, &second);
    assert(first.length == second.length && memcmp(first.data, second.data, first.length) == 0);
    assert(once->count == twice.count);
    for (size_t i = 0; i < once->count; i++) {
        check_description(once, &once->descriptions[i]);
    }
    ora_descriptor_fini(&twice);
    ora_wr_fini(&first);
    ora_wr_fini(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ora_descriptor descriptor;

    if (size > INPUT_MAX) {
        return 0;
    }
    if (read((const char *)data, size, &descriptor)) {
        check(&descriptor);
    }
    ora_descriptor_fini(&descriptor);
    return 0;
}
