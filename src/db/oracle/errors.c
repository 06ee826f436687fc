/*
 * ORA numbers as our codes, by table, with what to do about it where somebody can do something. Of
 * the server's text the first line is told: further ones may quote values.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

#include "db/oracle/oracle_priv.h"

struct ora_code {
    int number;
    enum err_code code;
    const char *remedy; /* NULL where the text says it all */
};

/* Numbers and their meaning are those of Oracle's Database Error Messages. */
static const struct ora_code CODES[] = {
    {1, ERR_UNIQUE, NULL},
    {54, ERR_SERIALIZATION, NULL},
    {60, ERR_SERIALIZATION, NULL},
    {1400, ERR_CHECK, NULL},
    {1407, ERR_CHECK, NULL},
    {1438, ERR_CHECK, NULL},
    {2290, ERR_CHECK, NULL},
    {2291, ERR_FOREIGN_KEY, NULL},
    {2292, ERR_FOREIGN_KEY, NULL},
    {12899, ERR_CHECK, NULL},
    {8177, ERR_SERIALIZATION, NULL},
    {30006, ERR_SERIALIZATION, NULL}, /* busy, WAIT has run out */
    {1555, ERR_SERIALIZATION, NULL},  /* snapshot too old */
    {4068, ERR_SERIALIZATION, NULL},  /* a package was compiled anew */
    {4020, ERR_SERIALIZATION, NULL},  /* deadlock over an object's definition */
    {4021, ERR_UNAVAILABLE, NULL},
    {1013, ERR_UNAVAILABLE, "the statement was cancelled"},
    {51, ERR_UNAVAILABLE, NULL},
    {4031, ERR_UNAVAILABLE, "the server's shared memory is full: look at its alert log"},
    {4036, ERR_UNAVAILABLE, "PGA_AGGREGATE_LIMIT of the server is reached"},
    {30036, ERR_CANNOT_STORE, "the server's undo is full: wait, or give it more room"},
    {257, ERR_CANNOT_STORE, "the archiver has no room: free some space, nothing needs repair"},
    {1536, ERR_CANNOT_STORE, "the user's quota is used up: ALTER USER ... QUOTA"},
    {1652, ERR_CANNOT_STORE, "the temporary tablespace is full"},
    {1653, ERR_CANNOT_STORE, "the tablespace is full: add a data file"},
    {1654, ERR_CANNOT_STORE, "the tablespace is full: add a data file"},
    {1688, ERR_CANNOT_STORE, "the tablespace is full: add a data file"},
    {1691, ERR_CANNOT_STORE, "the tablespace is full: add a data file"},
    {1950, ERR_CONFIG, "the user has no quota: ALTER USER ... QUOTA"},
    {1000, ERR_LIMIT, "make OPEN_CURSORS of the server larger: a session keeps 200 statements"},
    {1456, ERR_DATABASE, "the statement writes outside a write unit"},
    {16000, ERR_DATABASE, "the server is a standby"},
    {1031, ERR_CONFIG, "sign in as the service's own user, or grant this one the right"},
    {942, ERR_SCHEMA, "run the migrations, or grant the right to see it"},
    {904, ERR_SCHEMA, NULL},
    {900, ERR_SCHEMA, NULL},
    {902, ERR_SCHEMA, NULL},
    {903, ERR_SCHEMA, NULL},
    {905, ERR_SCHEMA, NULL},
    {906, ERR_SCHEMA, NULL},
    {907, ERR_SCHEMA, NULL},
    {909, ERR_SCHEMA, NULL},
    {911, ERR_SCHEMA, NULL},
    {913, ERR_SCHEMA, NULL},
    {917, ERR_SCHEMA, NULL},
    {918, ERR_SCHEMA, NULL},
    {923, ERR_SCHEMA, NULL},
    {932, ERR_SCHEMA, NULL},
    {933, ERR_SCHEMA, NULL},
    {936, ERR_SCHEMA, NULL},
    {947, ERR_SCHEMA, NULL},
    {955, ERR_SCHEMA, NULL},
    {1006, ERR_SCHEMA, NULL},
    {1008, ERR_SCHEMA, NULL},
    {2289, ERR_SCHEMA, "run the migrations"},
    {6550, ERR_SCHEMA, NULL},
    {6553, ERR_SCHEMA, NULL},
    {1722, ERR_INVALID, NULL},
    {1840, ERR_INVALID, NULL},
    {1861, ERR_INVALID, NULL},
    {1426, ERR_INVALID, NULL},
    {1476, ERR_INVALID, NULL},
    {1461, ERR_INVALID, NULL},
    {22835, ERR_LIMIT, NULL},
    {40441, ERR_INVALID, NULL}, /* JSON syntax */
    {600, ERR_DATABASE, "look at the server's alert log"},
    {7445, ERR_DATABASE, "look at the server's alert log"},
    /* On the way to a session. */
    {1017, ERR_CONFIG, "check user and password"},
    {1045, ERR_CONFIG, "GRANT CREATE SESSION"},
    {28000, ERR_CONFIG, "ALTER USER ... ACCOUNT UNLOCK, once it is known who locked it"},
    {28001, ERR_CONFIG, "give the user a new password"},
    {1033, ERR_CONNECT, "the server starts or stops: wait a moment"},
    {1034, ERR_CONNECT, "the instance is down: start it"},
    {1089, ERR_CONNECT, "the server stops: wait until it is back"},
    {1090, ERR_CONNECT, "the server stops: wait until it is back"},
    {1109, ERR_CONNECT, "the database is not open"},
    {18, ERR_CONNECT, "make the pools smaller or SESSIONS larger"},
    {20, ERR_CONNECT, "make the pools smaller or PROCESSES larger"},
    {2391, ERR_CONNECT, "make the pools smaller or SESSIONS_PER_USER of the user's profile larger"},
    {12154, ERR_CONFIG, NULL},
    {12170, ERR_CONNECT, "check host and port, and the firewalls on the way"},
    {12505, ERR_CONFIG, "check the SID in the connect string"},
    {12506, ERR_CONFIG, "the listener's access list does not have this machine: add its address"},
    {12514, ERR_CONNECT,
     "check the service in the connect string; a database that starts is not known there yet"},
    {12516, ERR_CONNECT, "the server has no room for another session"},
    {12518, ERR_CONNECT, "the server has no room for another session"},
    {12519, ERR_CONNECT, "the server has no room for another session"},
    {12520, ERR_CONNECT, "the server has no room for another session"},
    {12528, ERR_CONNECT, "the database is being started or stopped: wait a moment"},
    {12541, ERR_CONNECT, "start the listener, or check host and port"},
    {28759, ERR_CONFIG, "the wallet cannot be opened"},
    {29024, ERR_CONFIG,
     "the server's certificate is of an authority that the wallet does not have"},
};

/* Each ends the session; the driver knows them too. */
static const struct ora_code DEAD[] = {
    {28, ERR_CONNECTION_LOST, "an administrator has ended the session"},
    {31, ERR_CONNECTION_LOST, "an administrator has ended the session"},
    {1012, ERR_CONNECTION_LOST, NULL},
    {1041, ERR_CONNECTION_LOST, NULL},
    {1089, ERR_CONNECTION_LOST, "the server stops"},
    {1092, ERR_CONNECTION_LOST, "the server stops"},
    {2396, ERR_CONNECTION_LOST, "it was idle for longer than IDLE_TIME of the user's profile"},
    {3113, ERR_CONNECTION_LOST, NULL},
    {3114, ERR_CONNECTION_LOST, NULL},
    {3135, ERR_CONNECTION_LOST, NULL},
};

static const struct ora_code *find(const struct ora_code *table, size_t count, int number)
{
    for (size_t i = 0; i < count && number != 0; i++) {
        if (table[i].number == number) {
            return &table[i];
        }
    }
    return NULL;
}

/* ORA-02091 says that the transaction was rolled back, and below that why. */
static const char *cause_of(const char *text)
{
    static const char rolled_back[] = "ORA-02091";
    const char *next = strchr(text, '\n');

    return strncmp(text, rolled_back, strlen(rolled_back)) == 0 && next != NULL ? next + 1 : text;
}

static int number_of(const char *text)
{
    return strncmp(text, "ORA-", 4) == 0 ? (int)strtol(text + 4, NULL, 10) : 0;
}

static bool tell(struct err *err, const struct octo_ora_error *from, const struct ora_code *found,
                 enum err_code otherwise)
{
    const char *text = cause_of(from->text);
    const char *remedy = found != NULL ? found->remedy : NULL;

    (void)err_set(err, found != NULL ? found->code : otherwise, "%.*s%s%s",
                  (int)strcspn(text, "\n"), text, remedy != NULL ? ": " : "",
                  remedy != NULL ? remedy : "");
    err->native = from->number;
    return false;
}

static bool server_err(struct err *err, const struct octo_ora_error *from)
{
    const int cause = number_of(cause_of(from->text));
    const int number = cause != 0 ? cause : from->number;

    (void)tell(err, from, find(CODES, sizeof(CODES) / sizeof(CODES[0]), number), ERR_DATABASE);
    err->native = number;
    return false;
}

/* What the server was silent for until the deadline is late, and not lost by anybody's doing. */
static bool lost_err(struct err *err, const struct db_conn *conn, const struct octo_ora_error *from)
{
    if (from->number == 0 && clock_has_passed(conn->deadline_ns) &&
        strstr(from->text, "no answer in time") != NULL) {
        return err_set(err, ERR_DEADLINE, "%s did not answer: the session is given up",
                       conn->place.address);
    }
    return tell(err, from, find(DEAD, sizeof(DEAD) / sizeof(DEAD[0]), from->number),
                ERR_CONNECTION_LOST);
}

static bool timeout_err(struct err *err, const struct db_conn *conn,
                        const struct octo_ora_error *from)
{
    const uint64_t kept_ns = ORACLE_BREAK_MS * CLOCK_NS_PER_MS;
    const bool is_late = conn->deadline_ns != CLOCK_NEVER &&
                         clock_has_passed(conn->deadline_ns > kept_ns ? conn->deadline_ns - kept_ns
                                                                      : conn->deadline_ns);

    (void)err_set(err, is_late ? ERR_DEADLINE : ERR_UNAVAILABLE,
                  is_late ? "statement stopped at its deadline" : "the statement was cancelled");
    err->native = from->number;
    return false;
}

bool oracle_err(struct err *err, const struct db_conn *conn, const struct octo_ora_error *from)
{
    switch (from->kind) {
    case OCTO_ORA_SERVER:
        return server_err(err, from);
    case OCTO_ORA_TIMEOUT:
        return timeout_err(err, conn, from);
    case OCTO_ORA_LOST:
    case OCTO_ORA_UNKNOWN:
        return lost_err(err, conn, from);
    case OCTO_ORA_MEMORY:
        return tell(err, from, NULL, ERR_UNAVAILABLE);
    case OCTO_ORA_USAGE:
    case OCTO_ORA_CONNECT:
    case OCTO_ORA_NONE:
        break;
    }
    return tell(err, from, NULL, ERR_INVALID);
}

bool oracle_connect_err(struct err *err, const struct octo_ora_error *from)
{
    const int said = number_of(from->text);
    const struct ora_code *found =
        find(CODES, sizeof(CODES) / sizeof(CODES[0]), from->number != 0 ? from->number : said);

    if (from->kind == OCTO_ORA_USAGE) {
        return tell(err, from, NULL, ERR_CONFIG);
    }
    return tell(err, from, found, ERR_CONNECT);
}

void oracle_status_code(const struct err *err, char out[DB_STATUS_CODE_SIZE])
{
    out[0] = '\0';
    if (err->native > 0) {
        (void)snprintf(out, DB_STATUS_CODE_SIZE, "ORA-%05d", err->native);
    }
}

/* What a definition ends with that is made a second time; numbers as above. */
bool oracle_was_there(const struct err *err)
{
    static const int NUMBERS[] = {
        955,  /* name is already used by an existing object */
        942,  /* DROP TABLE: table or view does not exist */
        1418, /* DROP INDEX: specified index does not exist */
        1408, /* such column list already indexed */
        1430, /* ADD: column being added already exists in table */
        904,  /* DROP COLUMN: invalid identifier */
        1442, /* MODIFY NOT NULL: column is already NOT NULL */
        1451, /* MODIFY NULL: column is already NULL */
        2260, /* table can have only one primary key */
        2261, /* such unique or primary key already exists */
        2264, /* name already used by an existing constraint */
        2275, /* such a referential constraint already exists */
        2289, /* DROP SEQUENCE: sequence does not exist */
        2443, /* DROP CONSTRAINT: nonexistent constraint */
        4080, /* DROP TRIGGER: trigger does not exist */
        4081, /* trigger already exists */
    };

    for (size_t i = 0; i < sizeof(NUMBERS) / sizeof(NUMBERS[0]); i++) {
        if (NUMBERS[i] == err->native) {
            return true;
        }
    }
    return false;
}
