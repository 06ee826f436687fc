/* The file of spans: its bound, and several processes that share it. */
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/arena.h"
#include "support/test.h"
#include "trace/trace_file.h"

enum { LINE = 10, LINES = 400, PROCESSES = 4, TEXT_MAX = 1 << 16 };

static char directory[32];
static char path[64];
static char previous[72];

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(directory, sizeof(directory), "/tmp/test-trace-XXXXXX");
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof(path), "%s/spans", directory);
    (void)snprintf(previous, sizeof(previous), "%s.1", path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)chmod(directory, 0700);
    (void)unlink(path);
    (void)unlink(previous);
    (void)rmdir(previous);
    (void)rmdir(directory);
    return 0;
}

static struct trace_file must_open(const char *where, uint64_t max_bytes)
{
    struct trace_file file;
    struct err err = {.code = ERR_NONE};

    if (!trace_file_open(where, max_bytes, &file, &err)) {
        fail_msg("%s", err.text);
    }
    return file;
}

static void must_append(struct trace_file *file, const char *line)
{
    assert_int_equal(trace_file_append(file, line, strlen(line)), strlen(line));
}

/* "" where there is none. */
static const char *text_of(const char *where)
{
    static char text[TEXT_MAX];
    FILE *file = fopen(where, "re");

    text[0] = '\0';
    if (file != NULL) {
        text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
        (void)fclose(file);
    }
    return text;
}

/* The file that is full becomes the previous one, in whose place it comes. */
static void trace_file__full__is_put_aside(void **state)
{
    struct trace_file file = must_open(path, 12);

    (void)state;
    must_append(&file, "one\n");
    must_append(&file, "two\n");
    must_append(&file, "six\n"); /* which just fits */
    assert_string_equal(text_of(path), "one\ntwo\nsix\n");
    assert_string_equal(text_of(previous), "");
    must_append(&file, "ten\n");
    assert_string_equal(text_of(path), "ten\n");
    assert_string_equal(text_of(previous), "one\ntwo\nsix\n");
    must_append(&file, "longer than the limit\n"); /* has a file of its own */
    assert_string_equal(text_of(path), "longer than the limit\n");
    assert_string_equal(text_of(previous), "ten\n");
    trace_file_close(&file);
}

/* What is there already counts. */
static void trace_file__opened_again__goes_on(void **state)
{
    struct trace_file file = must_open(path, 8);

    (void)state;
    must_append(&file, "one\n");
    trace_file_close(&file);
    file = must_open(path, 8);
    must_append(&file, "two\n");
    must_append(&file, "six\n");
    trace_file_close(&file);
    assert_string_equal(text_of(path), "six\n");
    assert_string_equal(text_of(previous), "one\ntwo\n");
}

/* Two that have it open: neither writes on in a file that the other put aside, and none is put
 * aside twice. A file that somebody took away is made anew. */
static void trace_file__shared__both_follow(void **state)
{
    struct trace_file first = must_open(path, 8);
    struct trace_file second = must_open(path, 8);

    (void)state;
    must_append(&first, "one\n");
    must_append(&second, "two\n");
    must_append(&first, "six\n");
    must_append(&second, "ten\n");
    assert_string_equal(text_of(path), "six\nten\n");
    assert_string_equal(text_of(previous), "one\ntwo\n");
    assert_int_equal(unlink(path), 0);
    must_append(&second, "new\n");
    must_append(&first, "own\n");
    assert_string_equal(text_of(path), "new\nown\n");
    trace_file_close(&first);
    trace_file_close(&second);
}

static void write_lines(int process)
{
    struct trace_file file = must_open(path, (uint64_t)PROCESSES * LINES * LINE * 2 / 3);
    char line[LINE + 1];

    for (int i = 0; i < LINES; i++) {
        (void)snprintf(line, sizeof(line), "%d:%07d\n", process, i);
        if (trace_file_append(&file, line, LINE) != LINE) {
            _exit(1);
        }
    }
    trace_file_close(&file);
    _exit(0);
}

static size_t lines_in(const char *where, int seen[PROCESSES][LINES])
{
    const char *text = text_of(where);
    size_t count = 0;

    for (; *text != '\0'; text += LINE, count++) {
        assert_int_equal(text[LINE - 1], '\n');
        seen[text[0] - '0'][atoi(text + 2)]++;
    }
    return count;
}

/* Written from several processes at once, and put aside in the middle: each line is there, once. */
static void trace_file__several_processes__no_line_is_lost(void **state)
{
    static int seen[PROCESSES][LINES];
    int status;

    (void)state;
    for (int i = 0; i < PROCESSES; i++) {
        if (fork() == 0) {
            write_lines(i);
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    assert_true(lines_in(path, seen) > 0);
    assert_true(lines_in(previous, seen) > 0);
    for (int i = 0; i < PROCESSES; i++) {
        for (int k = 0; k < LINES; k++) {
            assert_int_equal(seen[i][k], 1);
        }
    }
}

/* What cannot be put aside grows no further: the lines are lost, and the caller is told. */
static void trace_file__cannot_be_put_aside__keeps_its_bound(void **state)
{
    struct trace_file file = must_open(path, 8);

    (void)state;
    must_append(&file, "one\n");
    must_append(&file, "two\n");
    assert_int_equal(mkdir(previous, 0700), 0); /* no file can take its place */
    assert_int_equal(trace_file_append(&file, "six\n", 4), 0);
    assert_string_equal(text_of(path), "one\ntwo\n");
    assert_int_equal(rmdir(previous), 0);
    must_append(&file, "ten\n");
    assert_string_equal(text_of(path), "ten\n");
    trace_file_close(&file);
}

/* What the disk took of a line before it was full is no line, and the next one is whole. */
static void trace_file__disk_is_full__no_part_of_a_line_stays(void **state)
{
    struct trace_file file = must_open(path, 1000);
    struct rlimit before;
    struct rlimit brief;

    (void)state;
    must_append(&file, "one\n");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    brief = before;
    brief.rlim_cur = 10;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &brief), 0);
    assert_int_equal(trace_file_append(&file, "two\nlong\n", 9), 4);
    assert_int_equal(trace_file_append(&file, "long\n", 5), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    must_append(&file, "six\n");
    assert_string_equal(text_of(path), "one\ntwo\nsix\n");
    trace_file_close(&file);
}

/* A link is followed, so that it stays what it is. */
static void trace_file__link__its_target_is_put_aside(void **state)
{
    struct trace_file file;
    char link[64];

    (void)state;
    (void)snprintf(link, sizeof(link), "%s/link", directory);
    assert_int_equal(symlink(path, link), 0);
    file = must_open(link, 4);
    must_append(&file, "one\n");
    must_append(&file, "two\n");
    trace_file_close(&file);
    assert_string_equal(text_of(link), "two\n");
    assert_string_equal(text_of(previous), "one\n");
    assert_int_equal(unlink(link), 0);
}

static mode_t mode_of(const char *where)
{
    struct stat status;

    assert_int_equal(stat(where, &status), 0);
    return status.st_mode & 0777;
}

/* Spans name who did what: whatever the mask, and what is there from before is closed. */
static void trace_file__modes__are_the_owners_alone(void **state)
{
    const mode_t before = umask(022);
    struct trace_file file = must_open(path, 4);

    (void)state;
    must_append(&file, "one\n");
    must_append(&file, "two\n");
    trace_file_close(&file);
    assert_int_equal(mode_of(path), 0600);
    assert_int_equal(mode_of(previous), 0600);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(chmod(previous, 0640), 0);
    file = must_open(path, 4);
    trace_file_close(&file);
    assert_int_equal(mode_of(path), 0600);
    assert_int_equal(mode_of(previous), 0600);
    (void)umask(before);
}

/* What is no file has no size and no place that could be changed. */
static void trace_file__pipe__is_written_as_it_is(void **state)
{
    struct trace_file file;
    char where[64];
    char got[16] = "";
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    (void)snprintf(where, sizeof(where), "/proc/self/fd/%d", ends[1]);
    file = must_open(where, 4);
    must_append(&file, "one\n");
    must_append(&file, "two\n");
    assert_int_equal(read(ends[0], got, sizeof(got)), 8);
    assert_string_equal(got, "one\ntwo\n");
    trace_file_close(&file);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(trace_file__full__is_put_aside),
        TEST(trace_file__opened_again__goes_on),
        TEST(trace_file__shared__both_follow),
        TEST(trace_file__several_processes__no_line_is_lost),
        TEST(trace_file__cannot_be_put_aside__keeps_its_bound),
        TEST(trace_file__disk_is_full__no_part_of_a_line_stays),
        TEST(trace_file__link__its_target_is_put_aside),
        TEST(trace_file__modes__are_the_owners_alone),
        TEST(trace_file__pipe__is_written_as_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
