/* core/private.h. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/private.h"
#include "support/test.h"

static char directory[64];
static char path[128];

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(directory, sizeof(directory), "/tmp/test-private-XXXXXX");
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof(path), "%s/file", directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path);
    (void)rmdir(directory);
    return 0;
}

static int file_of_mode(mode_t mode)
{
    int fd;

    (void)unlink(path); /* of an earlier mode, which may not let us open it */
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, mode), 0);
    return fd;
}

static mode_t mode_of(const char *what)
{
    struct stat status;

    assert_int_equal(stat(what, &status), 0);
    return status.st_mode & 07777;
}

/* What the owner may do stays. */
static void private_close__open_to_others__is_closed(void **state)
{
    static const mode_t MODES[][2] = {{0644, 0600}, {0640, 0600}, {0604, 0600}, {0466, 0400},
                                      {0601, 0600}, {0600, 0600}, {0400, 0400}};
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof(MODES) / sizeof(MODES[0]); i++) {
        int fd = file_of_mode(MODES[i][0]);

        assert_true(private_close(path, &err));
        assert_int_equal(mode_of(path), MODES[i][1]);
        assert_int_equal(fchmod(fd, MODES[i][0]), 0);
        assert_true(private_close_fd(fd, path, &err));
        assert_int_equal(mode_of(path), MODES[i][1]);
        (void)close(fd);
    }
    assert_int_equal(chmod(directory, 02775), 0);
    assert_true(private_close(directory, &err));
    assert_int_equal(mode_of(directory) & 0777, 0700);
    assert_int_equal(unlink(path), 0);
    assert_true(private_close(path, &err)); /* nothing is there */
}

/* A device that everybody writes to stays everybody's. */
static void private_close__no_file__is_left_alone(void **state)
{
    const mode_t before = mode_of("/dev/null");
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    struct err err;

    (void)state;
    assert_true(private_close("/dev/null", &err));
    assert_true(private_close_fd(fd, "/dev/null", &err));
    assert_true(private_is_kept(fd, "/dev/null", &err));
    assert_int_equal(mode_of("/dev/null"), before);
    (void)close(fd);
}

/* A file of root's may be its group's too, which is how it is given to a service. */
static void private_is_kept__modes__are_judged(void **state)
{
    const bool is_root = geteuid() == 0;
    const struct {
        mode_t mode;
        bool is_kept;
    } cases[] = {{0600, true},  {0400, true},  {0440, is_root}, {0640, is_root}, {0660, false},
                 {0650, false}, {0644, false}, {0604, false},   {0602, false},   {0777, false}};
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int fd = file_of_mode(cases[i].mode);

        assert_int_equal(private_is_kept(fd, path, &err), cases[i].is_kept);
        assert_true(cases[i].is_kept || strstr(err.text, path) != NULL);
        assert_int_equal(mode_of(path), cases[i].mode); /* nothing is mended that may be known */
        (void)close(fd);
    }
}

/* Another's file is refused by its name, and stays as it is. */
static void private_close__anothers__is_refused(void **state)
{
    static const char ANOTHERS[] = "/etc/passwd";
    const uid_t own = geteuid();
    bool is_closed;
    struct err err;

    (void)state;
    if (own == 0) { /* root may close everybody's: try as nobody */
        assert_int_equal(seteuid(65534), 0);
    }
    is_closed = private_close(ANOTHERS, &err);
    assert_int_equal(seteuid(own), 0);
    assert_false(is_closed);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.text, ANOTHERS));
    assert_non_null(strstr(err.text, "0644"));
    assert_int_equal(mode_of(ANOTHERS), 0644);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(private_close__open_to_others__is_closed),
        TEST(private_close__no_file__is_left_alone),
        TEST(private_is_kept__modes__are_judged),
        TEST(private_close__anothers__is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
