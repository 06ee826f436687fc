#include "ora/refusal.h"

#include <stddef.h>
#include <stdio.h>

#include "ora/fault.h"

enum { NAMED_MAX = 128 };

enum named { NAMED_NOTHING, NAMED_SERVICE, NAMED_SID, NAMED_INSTANCE };

/* Oracle's "Database Error Messages Reference" has the numbers. */
static const struct refusal {
    uint16_t number;
    enum named named; /* what the words end with */
    const char *words;
    const char *remedy;
} refusals[] = {
    {12504, NAMED_NOTHING, "the listener wants a service to be named",
     "write it behind the host: HOST[:PORT]/SERVICE"},
    {12505, NAMED_SID, "the listener knows no SID",
     "ask for a service instead (SERVICE_NAME), or see which there are: lsnrctl services"},
    {12506, NAMED_NOTHING, "the listener's access list does not allow this machine's address",
     "add it there; to try again does not help"},
    {12514, NAMED_SERVICE, "the listener knows no service",
     "see which there are (lsnrctl services); a database that is starting, or stopped, is not "
     "there yet"},
    {12516, NAMED_SERVICE, "no server can take the session of service",
     "its database has no room for further processes: raise PROCESSES there, or keep fewer "
     "sessions"},
    {12518, NAMED_NOTHING, "the listener could not hand the session on",
     "the server machine lacks processes or memory"},
    {12519, NAMED_SERVICE, "no server can take the session of service",
     "its database has no room for further processes: raise PROCESSES there, or keep fewer "
     "sessions"},
    {12520, NAMED_SERVICE, "there is no server of the kind that was asked for, of service",
     "leave SERVER=DEDICATED, SHARED or POOLED out, or start such servers there"},
    {12521, NAMED_INSTANCE, "the listener knows no instance", "leave INSTANCE_NAME out"},
    {12526, NAMED_SERVICE, "the database is open to administrators alone, of service",
     "wait until it is open again"},
    {12528, NAMED_SERVICE, "the database takes no sessions yet, of service",
     "wait until it is open"},
    {12529, NAMED_SERVICE, "the listener's connection manager does not let us through to service",
     "ask for a rule there"},
    {12564, NAMED_NOTHING, "the listener refuses every connection", "look at its log"},
};

static struct ora_slice name_of(enum named named, const struct ora_description *description)
{
    struct ora_slice name = {.at = ""};

    switch (named) {
    case NAMED_SERVICE:
        name = description->service;
        break;
    case NAMED_SID:
        name = description->sid;
        break;
    case NAMED_INSTANCE:
        name = description->instance;
        break;
    default:
        break;
    }
    name.at = name.at != NULL ? name.at : "";
    name.length = name.length > NAMED_MAX ? NAMED_MAX : name.length;
    return name;
}

bool ora_refusal_tell(uint32_t number, const struct ora_address *address,
                      const struct ora_description *description, struct octo_ora_error *error)
{
    const struct refusal *found = NULL;
    struct ora_slice name;

    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        if (refusals[i].number == number) {
            found = &refusals[i];
        }
    }
    if (number == 0) {
        return ora_fault(error, OCTO_ORA_CONNECT,
                         "%s port %s: the listener refuses without a reason: look at its log",
                         address->host, address->port);
    }
    if (found == NULL) {
        (void)ora_fault(error, OCTO_ORA_CONNECT, "%s port %s: ORA-%05u: the listener refuses",
                        address->host, address->port, (unsigned)number);
    } else {
        name = name_of(found->named, description);
        (void)ora_fault(error, OCTO_ORA_CONNECT, "%.120s port %s: ORA-%05u: %s%s%.*s: %s",
                        address->host, address->port, (unsigned)number, found->words,
                        name.length > 0 ? " " : "", (int)name.length, name.at, found->remedy);
    }
    error->number = (int)number;
    return false;
}
