#include "tests/support/tnsd/json_text.h"

#include <stdio.h>
#include <string.h>

void json_text_raw(struct ora_wr *wr, const char *json)
{
    ora_wr_raw(wr, json, strlen(json));
}

void json_text_member(struct ora_wr *wr, const char *name, const char *text)
{
    char escaped[8];

    json_text_raw(wr, ",\"");
    json_text_raw(wr, name);
    json_text_raw(wr, "\":\"");
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == '"' || *c == '\\') {
            (void)snprintf(escaped, sizeof(escaped), "\\u%04x", (unsigned)(unsigned char)*c);
            json_text_raw(wr, escaped);
        } else {
            ora_wr_u8(wr, (uint8_t)*c);
        }
    }
    json_text_raw(wr, "\"");
}
