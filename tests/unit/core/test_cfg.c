#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/cfg.h"
#include "core/thread.h"
#include "support/test.h"

struct settings {
    int64_t port;
    bool is_on;
    const char *data;
    const char *key;
};

static const struct cfg_row ROWS[] = {
    CFG_ROW_INT("T_PORT", "--port", settings, port, "8080", 1, 65535, "Port."),
    CFG_ROW_BOOL("T_ON", "--on", settings, is_on, "false", "Switch."),
    CFG_ROW_TEXT("T_DATA", "--data", settings, data, "var", "Directory."),
    CFG_ROW_SECRET("T_KEY", settings, key, SECRET_KEY, "Key."),
};

static const struct cfg_table TABLE = CFG_TABLE(ROWS);

enum { ARGS_MAX = 16 };

static const char *const NO_WORDS[] = {NULL};

struct fixture {
    struct arena arena;
    struct settings settings;
    struct err err;
    char *argv[ARGS_MAX];
    int argc;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.argc = 0};
    arena_init(&fixture.arena);
    (void)unsetenv("T_PORT");
    (void)unsetenv("T_ON");
    (void)unsetenv("T_DATA");
    (void)unsetenv("T_KEY");
    (void)unsetenv("T_KEY_FILE");
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    arena_fini(&f->arena);
    return 0;
}

/* Loads with these words behind the program's name; ends with NULL. */
static bool load(struct fixture *f, const char *const *words)
{
    f->argc = 0;
    f->argv[f->argc++] = arena_strdup(&f->arena, "octo");
    for (; *words != NULL; words++) {
        f->argv[f->argc++] = arena_strdup(&f->arena, *words);
    }
    f->argv[f->argc] = NULL;
    return cfg_load(&TABLE, &f->arena, &f->argc, f->argv, &f->settings, &f->err);
}

#define LOAD(f, ...) load(f, (const char *const[]){__VA_ARGS__, NULL})

static void cfg_load__nothing_set__defaults(void **state)
{
    struct fixture *f = *state;

    assert_true(load(f, NO_WORDS));
    assert_int_equal(f->settings.port, 8080);
    assert_false(f->settings.is_on);
    assert_string_equal(f->settings.data, "var");
    assert_string_equal(f->settings.key, "");
}

/* The command line is stronger than the environment; an empty variable counts as not set. */
static void cfg_load__all_sources__strongest_wins(void **state)
{
    struct fixture *f = *state;

    (void)setenv("T_PORT", "1000", 1);
    (void)setenv("T_DATA", "", 1);
    (void)setenv("T_ON", "YES", 1);
    assert_true(LOAD(f, "--port=2000"));
    assert_int_equal(f->settings.port, 2000);
    assert_string_equal(f->settings.data, "var");
    assert_true(f->settings.is_on);
}

static void cfg_load__options__taken_out_and_others_left(void **state)
{
    struct fixture *f = *state;

    assert_true(LOAD(f, "up", "--data", "dir", "--other=1", "--on", "--", "--port=7"));
    assert_string_equal(f->settings.data, "dir");
    assert_true(f->settings.is_on);
    assert_int_equal(f->settings.port, 8080);
    assert_int_equal(f->argc, 5);
    assert_string_equal(f->argv[1], "up");
    assert_string_equal(f->argv[2], "--other=1");
    assert_string_equal(f->argv[3], "--");
    assert_string_equal(f->argv[4], "--port=7");
    assert_null(f->argv[5]);
}

static void cfg_load__boolean_words__understood(void **state)
{
    struct fixture *f = *state;

    assert_true(LOAD(f, "--on=on"));
    assert_true(f->settings.is_on);
    assert_true(LOAD(f, "--on=0"));
    assert_false(f->settings.is_on);
    assert_false(LOAD(f, "--on=maybe"));
    assert_non_null(strstr(f->err.text, "--on: \"maybe\" is not a boolean"));
}

/* Each refusal names what was set, the value and the range. */
static void cfg_load__bad_values__named(void **state)
{
    struct fixture *f = *state;

    (void)setenv("T_PORT", "70000", 1);
    assert_false(load(f, NO_WORDS));
    assert_int_equal(f->err.code, ERR_CONFIG);
    assert_string_equal(f->err.text, "T_PORT: 70000 is not within 1 to 65535");
    (void)setenv("T_PORT", "http", 1);
    assert_false(load(f, NO_WORDS));
    assert_string_equal(f->err.text, "T_PORT: \"http\" is not an integer (1 to 65535)");
    (void)unsetenv("T_PORT");
    assert_false(LOAD(f, "--port"));
    assert_string_equal(f->err.text, "--port: a value is missing");
}

static const char *write_file(const char *text, size_t length)
{
    static char path[] = "/tmp/test-cfg-XXXXXX";
    int fd;

    memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
    fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), length);
    (void)close(fd);
    return path;
}

static void cfg_load__secret_file__read_and_trimmed(void **state)
{
    struct fixture *f = *state;
    const char *path = write_file("s3cret\n", 7);

    (void)setenv("T_KEY_FILE", path, 1);
    assert_true(load(f, NO_WORDS));
    assert_string_equal(f->settings.key, "s3cret");
    (void)setenv("T_KEY", "explicit", 1);
    assert_true(load(f, NO_WORDS));
    assert_string_equal(f->settings.key, "explicit");
    (void)unlink(path);
    (void)unsetenv("T_KEY");
    assert_false(load(f, NO_WORDS));
    assert_int_equal(f->err.native, ENOENT);
    assert_non_null(strstr(f->err.text, "T_KEY_FILE: cannot read /tmp/test-cfg-"));
}

/* Writes the second half only when the first one has been read. */
static void write_in_halves(void *arg)
{
    const int fd = open((const char *)arg, O_WRONLY | O_CLOEXEC);
    int waiting = 1;

    (void)!write(fd, "s3cret ", 7);
    while (ioctl(fd, FIONREAD, &waiting) == 0 && waiting > 0) {
        usleep(1000);
    }
    (void)!write(fd, "of two\n", 7);
    (void)close(fd);
}

/* What comes in pieces, as through a pipe, is put together. */
static void cfg_load__secret_in_pieces__is_put_together(void **state)
{
    struct fixture *f = *state;
    char directory[] = "/tmp/test-cfg-XXXXXX";
    char path[sizeof(directory) + 4];
    struct thread writer;
    bool is_loaded;

    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof(path), "%s/key", directory);
    assert_int_equal(mkfifo(path, 0600), 0);
    thread_start(&writer, "writer", write_in_halves, path);
    (void)setenv("T_KEY_FILE", path, 1);
    is_loaded = load(f, NO_WORDS);
    thread_join(&writer);
    (void)unlink(path);
    (void)rmdir(directory);
    assert_true(is_loaded);
    assert_string_equal(f->settings.key, "s3cret of two");
}

/* A refused secret is never repeated in the error. */
static void cfg_load__bad_secret__not_echoed(void **state)
{
    struct fixture *f = *state;
    static char text[5000];
    const char *path;

    memset(text, 'S', sizeof(text));
    path = write_file(text, sizeof(text));
    (void)setenv("T_KEY_FILE", path, 1);
    assert_false(load(f, NO_WORDS));
    assert_null(strstr(f->err.text, "SS"));
    (void)unlink(path);
    (void)setenv("T_KEY", "SSSS\xFF", 1);
    assert_false(load(f, NO_WORDS));
    assert_null(strstr(f->err.text, "SS"));
}

/* Standard output goes to a file while `act` runs; what was written is returned. */
static const char *printed(void (*act)(const struct cfg_table *table, const char *heading))
{
    static char text[4096];
    FILE *file = tmpfile();
    int before = dup(STDOUT_FILENO);
    size_t got;

    assert_non_null(file);
    (void)fflush(stdout);
    assert_true(dup2(fileno(file), STDOUT_FILENO) >= 0);
    act(&TABLE, "alpha");
    (void)fflush(stdout);
    assert_true(dup2(before, STDOUT_FILENO) >= 0);
    (void)close(before);
    rewind(file);
    got = fread(text, 1, sizeof(text) - 1, file);
    text[got] = '\0';
    (void)fclose(file);
    return text;
}

static void cfg_print_markdown__table__in_its_order(void **state)
{
    (void)state;
    assert_string_equal(printed(cfg_print_markdown),
                        "## alpha\n\n"
                        "| name | option | type | default | range | help |\n"
                        "| --- | --- | --- | --- | --- | --- |\n"
                        "| `T_PORT` | `--port` | integer | 8080 | 1 to 65535 | Port. |\n"
                        "| `T_ON` | `--on` | boolean | false | true, false | Switch. |\n"
                        "| `T_DATA` | `--data` | text | var | at most 4096 bytes | Directory. |\n"
                        "| `T_KEY` or `T_KEY_FILE` |  | secret |  | at least 32 characters, "
                        "16 of them distinct | Key. |\n");
}

static void cfg_print_help__table__names_everything(void **state)
{
    const char *text = printed(cfg_print_help);

    (void)state;
    assert_non_null(strstr(text, "alpha:\n  T_PORT, --port\n      Port.\n"));
    assert_non_null(strstr(text, "integer, 1 to 65535, default 8080\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(cfg_load__nothing_set__defaults),
        TEST(cfg_load__all_sources__strongest_wins),
        TEST(cfg_load__options__taken_out_and_others_left),
        TEST(cfg_load__boolean_words__understood),
        TEST(cfg_load__bad_values__named),
        TEST(cfg_load__secret_file__read_and_trimmed),
        TEST(cfg_load__secret_in_pieces__is_put_together),
        TEST(cfg_load__bad_secret__not_echoed),
        TEST(cfg_print_markdown__table__in_its_order),
        TEST(cfg_print_help__table__names_everything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
