/*
 * cmd_sqlid.c: reads the options, then does one of three things: the SQL_ID of a text, an
 * explanation, or the catalogue of both services. Output is built whole and written once.
 */
#include "app/cmd_sqlid.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "db/catalogue.h"
#include "db/engines.h"
#include "db/sqlid.h"
#include "http/json_out.h"
#include "sql_crm_catalogue.h"
#include "sql_db_catalogue.h"
#include "sql_shop_catalogue.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

enum {
    TEXT_MAX = 16 << 20, /* bytes of one statement */
    OUTPUT_MAX = 64 << 20,
    READ_SIZE = 64 << 10,
};

static const char usage[] =
    "usage: octo sqlid [--hash] [--json] TEXT | -f FILE | -\n"
    "       octo sqlid --explain TEXT SQL_ID\n"
    "       octo sqlid --find SQL_ID | NAME [--backend ...] [--service ...] [--json]\n"
    "       octo sqlid --catalogue [--backend sqlite|postgres|oracle] [--service shop|crm] "
    "[--json]\n";

static const char help[] =
    "\n"
    "Prints Oracle's SQL_ID of a statement: of exactly these bytes, nothing trimmed.\n"
    "\n"
    "  TEXT              the statement itself\n"
    "  -f, --file FILE   the bytes of a file; a newline at its end counts\n"
    "  -                 the bytes of standard input\n"
    "  --hash            print HASH_VALUE after the SQL_ID\n"
    "  --json            print JSON\n"
    "  --explain         say which one or two changes turn TEXT (or -f FILE, or -) into a text\n"
    "                    with the SQL_ID: ends, line ends, case, binds, blanks, and the line\n"
    "                    breaks that a listing shows as blanks; exit status 1 when none does. It\n"
    "                    tries 2 million texts at most\n"
    "  --find            print the statements of the services that have the SQL_ID, or the\n"
    "                    name; exit status 1 when none has\n"
    "  --catalogue       print every statement of the services: name, SQL_ID, file and text\n"
    "  --backend NAME    only texts for sqlite, postgres or oracle\n"
    "  --service NAME    only statements of shop or crm\n"
    "  --help            print this\n"
    "\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage.\n";

struct options {
    bool wants_hash;
    bool wants_json;
    bool wants_catalogue;
    bool wants_explanation;
    bool wants_find;
    bool wants_help;
    const char *file;
    const char *backend;
    const char *service;
    char **rest; /* arguments that are no options */
    int rest_count;
};

struct dialect {
    const char *name;
    enum db_dialect dialect;
};

static const struct dialect dialects[] = {
    {"sqlite", DB_SQLITE},
    {"postgres", DB_POSTGRES},
    {"oracle", DB_ORACLE},
};
static const struct db_catalogue *const catalogues[] = {&sql_shop_catalogue, &sql_crm_catalogue};

enum {
    DIALECT_COUNT = sizeof(dialects) / sizeof(dialects[0]),
    CATALOGUE_COUNT = sizeof(catalogues) / sizeof(catalogues[0]),
};
_Static_assert((int)DIALECT_COUNT == (int)DB_DIALECT_COUNT, "every dialect has a name");

static int wrong_usage(const char *what)
{
    (void)fprintf(stderr, "octo sqlid: %s\n%s", what, usage);
    return EXIT_USAGE;
}

static int print(const struct buf *out)
{
    if (out->bad) {
        (void)fprintf(stderr, "octo sqlid: the output is too large\n");
        return EXIT_FAILED;
    }
    (void)fwrite(out->data, 1, out->length, stdout); /* main looks whether it arrived */
    return EXIT_DONE;
}

/* --- the text in question --- */

static bool read_all(FILE *file, const char *name, struct buf *text)
{
    for (;;) {
        char *at = buf_reserve(text, READ_SIZE);
        size_t count;

        if (at == NULL) {
            (void)fprintf(stderr, "octo sqlid: %s: longer than %d bytes\n", name, TEXT_MAX);
            return false;
        }
        count = fread(at, 1, READ_SIZE, file);
        text->length += count;
        if (count == 0) {
            break;
        }
    }
    if (ferror(file)) {
        (void)fprintf(stderr, "octo sqlid: %s: cannot read: %s\n", name, strerror(errno));
        return false;
    }
    return true;
}

static bool read_file(const char *path, struct buf *text)
{
    FILE *file = fopen(path, "rb");
    bool is_read;

    if (file == NULL) {
        (void)fprintf(stderr, "octo sqlid: %s: %s\n", path, strerror(errno));
        return false;
    }
    is_read = read_all(file, path, text);
    (void)fclose(file);
    return is_read;
}

/* The text from -f, standard input or the command line; `given` is NULL with -f. */
static bool read_text(const struct options *options, const char *given, struct buf *text)
{
    buf_reserve(text, 1); /* so that an empty text is one too */
    if (options->file != NULL) {
        return read_file(options->file, text);
    }
    if (strcmp(given, "-") == 0) {
        return read_all(stdin, "standard input", text);
    }
    buf_add_text(text, given);
    return true;
}

static int show_one(const struct options *options)
{
    const char *given = options->file == NULL ? options->rest[0] : NULL;
    int status = EXIT_FAILED;
    char sql_id[SQLID_SIZE];
    uint32_t hash_value;
    struct json_out json;
    struct buf text;
    struct buf out;

    buf_init(&text, TEXT_MAX + READ_SIZE);
    buf_init(&out, OUTPUT_MAX);
    if (!read_text(options, given, &text)) {
        goto out;
    }
    sqlid_of(text.data, text.length, sql_id);
    hash_value = sqlid_hash_value(text.data, text.length);
    if (options->wants_json) {
        json_out_init(&json, &out);
        json_begin_object(&json, NULL);
        json_put_text(&json, "sql_id", sql_id);
        json_put_int(&json, "hash_value", hash_value);
        json_end_object(&json);
    } else {
        buf_add_text(&out, sql_id);
        if (options->wants_hash) {
            buf_printf(&out, " %" PRIu32, hash_value);
        }
    }
    buf_add_char(&out, '\n');
    status = print(&out);
    if (given != NULL && sqlid_is_valid(given)) {
        (void)fprintf(stderr,
                      "octo sqlid: %s is a SQL_ID itself: octo sqlid --find %s names its "
                      "statement\n",
                      given, given);
    }
out:
    buf_fini(&out);
    buf_fini(&text);
    return status;
}

/* --- explanations --- */

static int explain(const struct options *options)
{
    const char *given = options->file == NULL ? options->rest[0] : NULL;
    const char *sql_id = options->rest[options->rest_count - 1];
    int status = EXIT_FAILED;
    char own[SQLID_SIZE];
    struct buf text;
    struct buf out;

    if (!sqlid_is_valid(sql_id)) {
        (void)fprintf(stderr,
                      "octo sqlid: '%s' is not a SQL_ID: 13 of the characters 0-9 and a-z without "
                      "e, i, l, o, the first at most g\n",
                      sql_id);
        return EXIT_USAGE;
    }
    buf_init(&text, TEXT_MAX + READ_SIZE);
    buf_init(&out, OUTPUT_MAX);
    if (!read_text(options, given, &text)) {
        goto out;
    }
    if (sqlid_explain(text.data, text.length, sql_id, &out) > 0) {
        status = print(&out);
        goto out;
    }
    sqlid_of(text.data, text.length, own);
    (void)printf("none of the known changes, alone or two together, gives %s; this text has %s\n"
                 "compare with SQL_FULLTEXT byte by byte: comments, hints, bind names, schema\n",
                 sql_id, own);
out:
    buf_fini(&out);
    buf_fini(&text);
    return status;
}

/* --- the catalogue --- */

struct listing {
    const struct options *options;
    struct buf *out;
    struct json_out json;
    int name_width;
    size_t count;
};

static bool is_wanted(const char *filter, const char *name)
{
    return filter == NULL || strcmp(filter, name) == 0;
}

static int longest_name(void)
{
    size_t longest = 0;

    for (size_t c = 0; c < CATALOGUE_COUNT; c++) {
        for (size_t i = 0; i < catalogues[c]->count; i++) {
            const size_t length = strlen(catalogues[c]->statements[i]->name);

            longest = length > longest ? length : longest;
        }
    }
    return (int)longest;
}

static void list_indented(struct buf *out, const char *text)
{
    while (*text != '\0') {
        const size_t length = strcspn(text, "\n");

        buf_add_text(out, "    ");
        buf_add(out, text, length);
        buf_add_char(out, '\n');
        text += length + (text[length] != '\0');
    }
}

static void list_variant(struct listing *listing, const char *service,
                         const struct db_statement *statement, const struct dialect *dialect)
{
    const struct db_variant *variant = &statement->variants[dialect->dialect];

    if (listing->options->wants_json) {
        struct json_out *json = &listing->json;

        json_begin_object(json, NULL);
        json_put_text(json, "service", service);
        json_put_text(json, "name", statement->name);
        json_put_text(json, "backend", dialect->name);
        json_put_text(json, "sql_id", variant->sql_id);
        json_put_int(json, "hash_value", sqlid_hash_value(variant->text, strlen(variant->text)));
        json_put_text(json, "file", statement->file);
        json_put_text(json, "text", variant->text);
        json_end_object(json);
        return;
    }
    buf_printf(listing->out, "%-4s  %-*s  %-8s  %s  %s\n", service, listing->name_width,
               statement->name, dialect->name, variant->sql_id, statement->file);
    list_indented(listing->out, variant->text);
}

/* By name, or by the SQL_ID of one of its texts. */
static bool is_sought(const struct options *options, const struct db_statement *statement,
                      const struct db_variant *variant)
{
    const char *sought = options->wants_find ? options->rest[0] : NULL;

    return sought == NULL || strcmp(sought, statement->name) == 0 ||
           strcmp(sought, variant->sql_id) == 0;
}

static void list_statement(struct listing *listing, const char *service,
                           const struct db_statement *statement)
{
    for (size_t d = 0; d < DIALECT_COUNT; d++) {
        const struct db_variant *variant = &statement->variants[dialects[d].dialect];

        if (variant->text != NULL && is_wanted(listing->options->backend, dialects[d].name) &&
            is_wanted(listing->options->service, service) &&
            is_sought(listing->options, statement, variant)) {
            list_variant(listing, service, statement, &dialects[d]);
            listing->count++;
        }
    }
}

static void list_all(struct listing *listing, const struct db_catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->count; i++) {
        list_statement(listing, "octo", catalogue->statements[i]);
    }
}

/* What the database layer and its engines ask by themselves is in no service's catalogue. */
static void list_own(struct listing *listing)
{
    if (listing->options->wants_find) {
        list_all(listing, &sql_db_catalogue);
        for (size_t i = 0; db_engines[i] != NULL; i++) {
            list_all(listing, db_engines[i]->own);
        }
    }
}

static int show_catalogue(const struct options *options)
{
    struct buf out;
    struct listing listing = {.options = options, .out = &out, .name_width = longest_name()};
    int status = EXIT_FAILED;

    buf_init(&out, OUTPUT_MAX);
    json_out_init(&listing.json, &out);
    if (options->wants_json) {
        json_begin_list(&listing.json, NULL);
    }
    for (size_t c = 0; c < CATALOGUE_COUNT; c++) {
        for (size_t i = 0; i < catalogues[c]->count; i++) {
            list_statement(&listing, catalogues[c]->service, catalogues[c]->statements[i]);
        }
    }
    list_own(&listing);
    if (options->wants_json) {
        json_end_list(&listing.json);
        buf_add_char(&out, '\n');
    }
    if (listing.count > 0) {
        status = print(&out);
    } else if (options->wants_find) {
        (void)fprintf(stderr,
                      "octo sqlid: no statement of the services has the SQL_ID or name %s; of "
                      "another text: octo sqlid --explain TEXT SQL_ID\n",
                      options->rest[0]);
    } else {
        (void)fputs("octo sqlid: no statement has a text for this backend\n", stderr);
    }
    buf_fini(&out);
    return status;
}

/* --- options --- */

enum option_value {
    OPTION_FILE = 'f',
    OPTION_HASH = 256, /* from here on without a short form */
    OPTION_JSON,
    OPTION_CATALOGUE,
    OPTION_BACKEND,
    OPTION_SERVICE,
    OPTION_EXPLAIN,
    OPTION_FIND,
    OPTION_HELP,
};

static bool parse(int argc, char **argv, struct options *ret)
{
    static const struct option known[] = {
        {"file", required_argument, NULL, OPTION_FILE},
        {"hash", no_argument, NULL, OPTION_HASH},
        {"json", no_argument, NULL, OPTION_JSON},
        {"catalogue", no_argument, NULL, OPTION_CATALOGUE},
        {"backend", required_argument, NULL, OPTION_BACKEND},
        {"service", required_argument, NULL, OPTION_SERVICE},
        {"explain", no_argument, NULL, OPTION_EXPLAIN},
        {"find", no_argument, NULL, OPTION_FIND},
        {"help", no_argument, NULL, OPTION_HELP},
        {NULL, 0, NULL, 0},
    };
    int option;

    optind = 0; /* the caller has used getopt before: start afresh */
    while ((option = getopt_long(argc, argv, "f:", known, NULL)) != -1) {
        switch (option) {
        case OPTION_FILE:
            ret->file = optarg;
            break;
        case OPTION_HASH:
            ret->wants_hash = true;
            break;
        case OPTION_JSON:
            ret->wants_json = true;
            break;
        case OPTION_CATALOGUE:
            ret->wants_catalogue = true;
            break;
        case OPTION_BACKEND:
            ret->backend = optarg;
            break;
        case OPTION_SERVICE:
            ret->service = optarg;
            break;
        case OPTION_EXPLAIN:
            ret->wants_explanation = true;
            break;
        case OPTION_FIND:
            ret->wants_find = true;
            break;
        case OPTION_HELP:
            ret->wants_help = true;
            break;
        default:
            return false;
        }
    }
    ret->rest = argv + optind;
    ret->rest_count = argc - optind;
    return true;
}

static bool is_known_backend(const char *name)
{
    for (size_t i = 0; i < DIALECT_COUNT; i++) {
        if (strcmp(dialects[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_known_service(const char *name)
{
    for (size_t i = 0; i < CATALOGUE_COUNT; i++) {
        if (strcmp(catalogues[i]->service, name) == 0) {
            return true;
        }
    }
    return false;
}

/* NULL when the options go together. */
static const char *what_is_wrong(const struct options *options)
{
    const int expected = (options->wants_catalogue ? 0 : 1) + (options->wants_explanation ? 1 : 0) -
                         (options->file != NULL ? 1 : 0);

    const bool lists = options->wants_catalogue || options->wants_find;

    if (options->wants_catalogue + options->wants_find + options->wants_explanation > 1) {
        return "--catalogue, --find and --explain exclude each other";
    }
    if (lists && options->file != NULL) {
        return "--file goes with a text or --explain";
    }
    if (!lists && (options->backend != NULL || options->service != NULL)) {
        return "--backend and --service go with --catalogue and --find";
    }
    if (options->wants_hash && (lists || options->wants_explanation)) {
        return "--hash goes with a text alone";
    }
    if (options->wants_json && options->wants_explanation) {
        return "--explain has no JSON form";
    }
    if (options->backend != NULL && !is_known_backend(options->backend)) {
        return "unknown backend";
    }
    if (options->service != NULL && !is_known_service(options->service)) {
        return "unknown service";
    }
    if (options->rest_count != expected) {
        return options->rest_count < expected ? "too few arguments" : "too many arguments";
    }
    return NULL;
}

int cmd_sqlid(int argc, char **argv)
{
    struct options options = {0};
    const char *wrong;

    if (!parse(argc, argv, &options)) {
        (void)fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (options.wants_help) {
        (void)printf("%s%s", usage, help);
        return EXIT_DONE;
    }
    wrong = what_is_wrong(&options);
    if (wrong != NULL) {
        return wrong_usage(wrong);
    }
    if (options.wants_catalogue || options.wants_find) {
        return show_catalogue(&options);
    }
    return options.wants_explanation ? explain(&options) : show_one(&options);
}
