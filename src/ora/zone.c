/*
 * ora/zone.c: the time zone of the database, which what it calls LOCAL is in on the wire (see
 * session_priv.h). It is asked for once in a session, and only where such a value goes or comes.
 */
#include <stdio.h>
#include <string.h>

#include "ora/statement_priv.h"

static const char IS_REGION[] =
    "is in the database's own time zone, which is a region: cast it to TIMESTAMP WITH TIME ZONE";

/* [+|-]HH:MM; anything else is a region's name. */
static void take_zone(struct ora_zone *zone, const struct octo_ora_text *text)
{
    char copy[8] = "";
    unsigned hours;
    unsigned minutes;
    char sign;
    int end = 0;

    zone->fault = IS_REGION;
    if (text->length >= sizeof(copy)) {
        return;
    }
    memcpy(copy, text->at, text->length);
    if (sscanf(copy, "%c%2u:%2u%n", &sign, &hours, &minutes, &end) == 3 && copy[end] == '\0' &&
        (sign == '+' || sign == '-') && hours <= 15 && minutes <= 59) {
        zone->offset_min = (int)(hours * 60 + minutes) * (sign == '-' ? -1 : 1);
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
