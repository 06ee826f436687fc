/*
 * ora/zone.c: the time zone of the database, which what it calls LOCAL is in on the wire (see
 * session_priv.h). It is asked for once in a session, and only where such a value goes or comes.
 */
#include <string.h>

#include "ora/statement_priv.h"

static const char IS_REGION[] =
    "is in the database's own time zone, which is a region: cast it to TIMESTAMP WITH TIME ZONE";

/* One or two digits. */
static bool read_part(const char **at, int *ret)
{
    int digits = 0;

    for (*ret = 0; digits < 2 && **at >= '0' && **at <= '9'; digits++) {
        *ret = *ret * 10 + (*(*at)++ - '0');
    }
    return digits > 0;
}

static bool read_offset(const char *text, int *ret_min)
{
    const char *at = text + 1;
    int hours;
    int minutes;

    if ((*text != '+' && *text != '-') || !read_part(&at, &hours) || *at++ != ':' ||
        !read_part(&at, &minutes) || *at != '\0' || hours > 15 || minutes > 59) {
        return false;
    }
    *ret_min = (hours * 60 + minutes) * (*text == '-' ? -1 : 1);
    return true;
}

/* [+|-]HH:MM; anything else is a region's name. */
static void take_zone(struct ora_zone *zone, const struct octo_ora_text *text)
{
    char copy[8] = "";

    zone->fault = IS_REGION;
    if (text->length >= sizeof(copy)) {
        return;
    }
    memcpy(copy, text->at, text->length);
    if (read_offset(copy, &zone->offset_min)) {
        zone->fault = NULL;
    }
}

static bool ask(struct octo_ora_statement *statement, struct ora_zone *zone,
                struct octo_ora_error *error)
{
    struct octo_ora_text text;
    bool has_row;

    if (!ora_statement_execute(statement, error) || !ora_rows_fetch(statement, &has_row, error)) {
        return false;
    }
    if (!has_row || !octo_ora_get_text(statement, 1, &text, error)) {
        return ora_fault(error, OCTO_ORA_SERVER, "the server does not tell its time zone");
    }
    take_zone(zone, &text);
    zone->is_known = true;
    return true;
}

bool ora_zone_learn(struct octo_ora *session, struct octo_ora_error *error)
{
    struct octo_ora_statement *statement;
    bool ok;

    if (session->zone.is_known) {
        return true;
    }
    if (!octo_ora_prepare(session, "SELECT DBTIMEZONE FROM DUAL", &statement, error)) {
        return false;
    }
    ok = ask(statement, &session->zone, error);
    octo_ora_free(statement);
    return ok;
}
