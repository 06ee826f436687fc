#include "ora/dialect.h"

#include <string.h>

#include "ora/logon_types.h"

enum {
    PROTOCOL_HIGHEST = 6,
    CHARSET_UTF8 = 873,
    ENCODING = 0x03, /* several bytes a character; texts have their length */
    TEXT_SHORT = 4000,
    TEXT_LONG = 32767,
    RUNTIME_LONG_TEXTS = 0x04, /* in byte 6 of the server's */
    CAPS_TTC4 = 40,            /* place of a compile-time capability, and a bit of it */
    END_OF_RESPONSE = 0x20,
};

/* What a client of ours can do: the meaning of each place is the protocol's. */
static const uint8_t compile_caps[53] = {
    [0] = 6,
    [4] = 0xEA,
    [5] = 0x18,
    [7] = ORA_FIELD_VERSION_MAX,
    [8] = 1,
    [9] = 1,
    [15] = 0x29,
    [16] = 0x90,
    [17] = 3,
    [18] = 7,
    [19] = 3,
    [21] = 1,
    [23] = 0xCF,
    [26] = 4,
    [27] = 1,
    [31] = 0x10,
    [34] = 0x0C,
    [35] = 0x20,
    [37] = 0xB8,
    [39] = 8,
    [CAPS_TTC4] = 0x44,
    [42] = 5,
    [44] = 0x3E,
    [45] = 2,
    [52] = 3,
};
static const uint8_t runtime_caps[11] = {[0] = 2, [6] = 5};

void ora_protocol_write(struct ora_wr *wr, const char *driver)
{
    ora_wr_u8(wr, ORA_MSG_PROTOCOL);
    ora_wr_u8(wr, PROTOCOL_HIGHEST);
    ora_wr_u8(wr, 0);
    ora_wr_raw(wr, driver, strlen(driver) + 1);
}

static void declare_type(struct ora_wr *wr, uint16_t type)
{
    struct ora_declared_otherwise as = {.as = type, .form = 1};

    for (size_t i = 0; i < sizeof(ora_declared_otherwise) / sizeof(ora_declared_otherwise[0]);
         i++) {
        if (ora_declared_otherwise[i].type == type) {
            as = ora_declared_otherwise[i];
        }
    }
    ora_wr_u16(wr, type);
    ora_wr_u16(wr, as.as);
    ora_wr_u16(wr, as.form);
    ora_wr_u16(wr, 0);
}

void ora_types_write(struct ora_wr *wr, bool ends_responses)
{
    uint8_t caps[sizeof(compile_caps)];

    memcpy(caps, compile_caps, sizeof(caps));
    caps[CAPS_TTC4] |= ends_responses ? END_OF_RESPONSE : 0;
    ora_wr_u8(wr, ORA_MSG_DATA_TYPES);
    ora_wr_u16_le(wr, CHARSET_UTF8);
    ora_wr_u16_le(wr, CHARSET_UTF8);
    ora_wr_u8(wr, ENCODING);
    ora_wr_u8(wr, sizeof(caps));
    ora_wr_raw(wr, caps, sizeof(caps));
    ora_wr_u8(wr, sizeof(runtime_caps));
    ora_wr_raw(wr, runtime_caps, sizeof(runtime_caps));
    for (size_t i = 0; i < sizeof(ora_declared_types) / sizeof(ora_declared_types[0]); i++) {
        declare_type(wr, ora_declared_types[i]);
    }
    ora_wr_u16(wr, 0);
}

const char *ora_protocol_take(const struct ora_message *message, struct ora_dialect *ret,
                              uint32_t *ret_max_text)
{
    const struct ora_bytes *caps = &message->of.protocol.compile_caps;
    const struct ora_bytes *runtime = &message->of.protocol.runtime_caps;
    uint8_t version;

    if (caps->is_chunked || caps->length <= ORA_CAPS_FIELD_VERSION || runtime->is_chunked) {
        return "protocol error: a server without capabilities";
    }
    version = caps->at[ORA_CAPS_FIELD_VERSION];
    if (version < ORA_FV_12_1) {
        return "the server is older than 12.1, which is not spoken";
    }
    *ret = (struct ora_dialect){
        .field_version = version < ORA_FIELD_VERSION_MAX ? version : ORA_FIELD_VERSION_MAX,
        .has_sql_type = true,
    };
    *ret_max_text =
        runtime->length > 6 && (runtime->at[6] & RUNTIME_LONG_TEXTS) != 0 ? TEXT_LONG : TEXT_SHORT;
    return NULL;
}
