/* ora/names.h: aliases, in files tnsnames.ora of all kinds. */
#include "ora/names.h"
#include "tests/support/test.h"

static const struct ora_names_where here = {.admin_dir = "."};

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

/* What the alias stands for written out, or the error. */
static void look_up(const char *alias, char ret[1024])
{
    struct ora_descriptor descriptor;
    struct octo_ora_error error;
    struct ora_wr wr;

    if (!ora_names_resolve(alias, &here, &descriptor, &error)) {
        assert_int_equal(error.kind, OCTO_ORA_USAGE);
        (void)snprintf(ret, 1024, "%s", error.text);
        return;
    }
    ora_wr_init(&wr, 1023);
    ora_tree_write(&descriptor.tree, ORA_TREE_ROOT, &wr);
    memcpy(ret, wr.data, wr.length);
    ret[wr.length] = '\0';
    ora_wr_fini(&wr);
    ora_descriptor_fini(&descriptor);
}

static void ora_names_resolve__file__gives_alias_or_says_what_is_wrong(void **state)
{
    static const struct {
        const char *what;
        const char *text;
        const char *alias;
        const char *expected;
    } files[] = {
        {"plain",
         "a = (DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))\nb = "
         "(DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=x)))\n",
         "b", "(DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=x)))"},
        {"any case", "Orders.Example.ORG=(DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))\n",
         "orders.example.org", "(DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))"},
        {"several aliases",
         "a, b,\n  c =\n (DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))\n", "c",
         "(DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))"},
        {"alias on the next line",
         "a,\nb.dom =\n(DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))\n", "B.DOM",
         "(DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))"},
        {"usual indentation",
         "ORCL =\n  (DESCRIPTION =\n    (ADDRESS = (PROTOCOL = TCP)(HOST = db)(PORT = 1521))\n    "
         "(CONNECT_DATA =\n      (SERVER = DEDICATED)\n      (SERVICE_NAME = orcl)\n    )\n  "
         ")\n\nX = (DESCRIPTION=(ADDRESS=(HOST=x))(CONNECT_DATA=(SID=x)))\n",
         "orcl",
         "(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVER=DEDICATED)"
         "(SERVICE_NAME=orcl)))"},
        {"tabs", "a\t=\t(DESCRIPTION=\n\t\t(ADDRESS=(HOST=a))\n\t)\n", "a",
         "(DESCRIPTION=(ADDRESS=(HOST=a)))"},
        {"CR LF",
         "# file\r\na =\r\n  (DESCRIPTION =\r\n    (ADDRESS = (HOST = a)(PORT = 1))\r\n  )\r\nb = "
         "(DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=x)))\r\n",
         "a", "(DESCRIPTION=(ADDRESS=(HOST=a)(PORT=1)))"},
        {"remarks everywhere",
         "# one (\na = # two )\n (DESCRIPTION= # three \"\n  (ADDRESS=(HOST=a)) # four =\n )\n#a = "
         "(DESCRIPTION=(ADDRESS=(HOST=z))(CONNECT_DATA=(SID=x)))\n",
         "a", "(DESCRIPTION=(ADDRESS=(HOST=a)))"},
        {"remark between aliases",
         "a, # the first\nb = (DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))\n", "b",
         "(DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))"},
        {"hash in quotes",
         "a = (DESCRIPTION=(ADDRESS=(HOST=a))(SECURITY=(SSL_SERVER_CERT_DN=\"CN=#1)\")))\n", "a",
         "(DESCRIPTION=(ADDRESS=(HOST=a))(SECURITY=(SSL_SERVER_CERT_DN=\"CN=#1)\")))"},
        {"Easy Connect",
         "a = tcps://db:1522/svc # a remark\nb = "
         "(DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=x)))\n",
         "a",
         "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST=db)(PORT=1522))(CONNECT_DATA=(SERVICE_NAME="
         "svc)))"},
        {"Easy Connect alone in its line", "a =\n  db/svc\n", "a",
         "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=svc)"
         "))"},
        {"later one counts",
         "a = (DESCRIPTION=(ADDRESS=(HOST=one))(CONNECT_DATA=(SID=x)))\nA = "
         "(DESCRIPTION=(ADDRESS=(HOST=two))(CONNECT_DATA=(SID=x)))\n",
         "a", "(DESCRIPTION=(ADDRESS=(HOST=two))(CONNECT_DATA=(SID=x)))"},
        {"without line end", "a = (DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))", "a",
         "(DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))"},
        {"byte order mark",
         "\xEF\xBB\xBF"
         "a = (DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))\n",
         "a", "(DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))"},
        {"line not closed",
         "a = (DESCRIPTION=(ADDRESS=(HOST=a))\nb = "
         "(DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=x)))\n",
         "b", "(DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=x)))"},
        {"not closed itself",
         "x = (DESCRIPTION=(ADDRESS=(HOST=x))(CONNECT_DATA=(SID=x)))\na =\n "
         "(DESCRIPTION=(ADDRESS=(HOST=a))\nb = "
         "(DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=x)))\n",
         "a",
         "./tnsnames.ora, line 3, column 2: the bracket that opens here is not closed before the "
         "next entry, or quotes are not"},
        {"one not closed, one closed twice",
         "a = (DESCRIPTION=(ADDRESS=(HOST=a))\nb = (DESCRIPTION=(ADDRESS=(HOST=b))))\n", "b",
         "(DESCRIPTION=(ADDRESS=(HOST=b)))"},
        {"closed twice",
         "a = (DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x))))\nb = "
         "(DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=x)))\n",
         "b", "(DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=x)))"},
        {"closed twice itself",
         "a = (DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x))))\nb = "
         "(DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=x)))\n",
         "a", "(DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))"},
        {"quotes not closed",
         "a = (DESCRIPTION=(ADDRESS=(HOST=\"a)))\nb = "
         "(DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=x)))\n",
         "b", "(DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=x)))"},
        {"quotes not closed itself",
         "a = (DESCRIPTION=(ADDRESS=(HOST=\"a)))\nb = "
         "(DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=x)))\n",
         "a",
         "./tnsnames.ora, line 1, column 5: the bracket that opens here is not closed before the "
         "next entry, or quotes are not"},
        {"no value", "a =\nb = (DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=x)))\n", "b",
         "(DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=x)))"},
        {"no value itself", "a =\nb = (DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=x)))\n",
         "a", "./tnsnames.ora, line 1, column 4: there is nothing behind '='"},
        {"junk",
         "this is no entry\n(nor this)\n= nor this\nb = "
         "(DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=x)))\n",
         "b", "(DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=x)))"},
        {"bad port",
         "a = (DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))\nb =\n  (DESCRIPTION=\n    "
         "(ADDRESS=(HOST=b)(PORT=x)))\n",
         "b", "./tnsnames.ora, line 4, column 28: a port is a number from 1 to 65535"},
        {"value is an alias", "a = b\nb = (DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=x)))\n",
         "a",
         "./tnsnames.ora, line 1, column 6: expected '/' and the service: a connect string is "
         "written [tcps://]HOST[:PORT]/SERVICE"},
        {"unknown, near",
         "orders = (DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))\norder_s = "
         "(DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))\ncustomers = "
         "(DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))\n",
         "order", "./tnsnames.ora has no alias order: is it orders, order_s"},
        {"unknown, far", "orders = (DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))\n",
         "shop", "./tnsnames.ora has no alias shop"},
        {"unknown, with a fault",
         "orders = (DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))\nx = (\n", "shop",
         "./tnsnames.ora has no alias shop; what is wrong there: ./tnsnames.ora, line 2, column 5: "
         "the bracket that opens here is not closed before the next entry, or quotes are not"},
        {"empty file", "", "a", "./tnsnames.ora has no alias a: it has none at all"},
        {"IFILE", "IFILE = more.ora\na = (DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))\n",
         "more", "(DESCRIPTION=(ADDRESS=(HOST=more))(CONNECT_DATA=(SID=x)))"},
        {"IFILE in quotes", "ifile=\"more.ora\"\n", "more",
         "(DESCRIPTION=(ADDRESS=(HOST=more))(CONNECT_DATA=(SID=x)))"},
        {"IFILE to itself",
         "IFILE = tnsnames.ora\na = (DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))\n", "a",
         "(DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))"},
        {"IFILE to itself, unknown",
         "IFILE = tnsnames.ora\na = (DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))\n",
         "shop",
         "./tnsnames.ora has no alias shop; what is wrong there: ./tnsnames.ora, line 1, column 9: "
         "IFILE leads back to this file"},
        {"IFILE missing, found",
         "IFILE = none.ora\na = (DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))\n", "a",
         "(DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))"},
        {"IFILE missing",
         "a = (DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))\nIFILE = none.ora\n", "shop",
         "./tnsnames.ora has no alias shop; what is wrong there: ./none.ora: No such file or "
         "directory"},
        {"IFILE of no name",
         "a = (DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=x)))\nIFILE = \"\"\n", "shop",
         "./tnsnames.ora has no alias shop; what is wrong there: ./: is no file"},
        {"IFILE later counts",
         "more = (DESCRIPTION=(ADDRESS=(HOST=here))(CONNECT_DATA=(SID=x)))\nIFILE = more.ora\n",
         "more", "(DESCRIPTION=(ADDRESS=(HOST=more))(CONNECT_DATA=(SID=x)))"},
        {"IFILE earlier does not",
         "IFILE = more.ora\nmore = (DESCRIPTION=(ADDRESS=(HOST=here))(CONNECT_DATA=(SID=x)))\n",
         "more", "(DESCRIPTION=(ADDRESS=(HOST=here))(CONNECT_DATA=(SID=x)))"},
        {"fault in IFILE", "IFILE = more.ora\n", "broken",
         "./more.ora, line 2, column 42: ADDRESS holds pairs in brackets, no value"},
    };
    char said[1024];

    (void)state;
    write_file("more.ora", "more = (DESCRIPTION=(ADDRESS=(HOST=more))(CONNECT_DATA=(SID=x)))\n"
                           "broken = (DESCRIPTION=(ADDRESS=(HOST=b))(ADDRESS=x))\n");
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        write_file("tnsnames.ora", files[i].text);
        look_up(files[i].alias, said);
        if (strcmp(said, files[i].expected) != 0) {
            fail_msg("%s: %s", files[i].what, said);
        }
    }
}

static void ora_names_resolve__files_in_files__end_somewhere(void **state)
{
    char path[16];
    char text[64];
    char said[1024];

    (void)state;
    write_file("tnsnames.ora", "IFILE = 1.ora\n");
    for (int i = 1; i < 10; i++) {
        (void)snprintf(path, sizeof(path), "%d.ora", i);
        (void)snprintf(text, sizeof(text), "a%d = db/svc\nIFILE = %d.ora\n", i, i + 1);
        write_file(path, text);
    }
    look_up("a7", said);
    assert_string_equal(said, "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))"
                              "(CONNECT_DATA=(SERVICE_NAME=svc)))");
    look_up("a8", said);
    assert_non_null(strstr(said, "./7.ora, line 2, column 9: files include files too deeply"));
}

/* The first directory that has the file: what the caller names, the environment, the wallet. */
static void ora_names_resolve__directories__are_asked_in_turn(void **state)
{
    static const struct ora_names_where wallet = {.admin_dir = "nowhere", .wallet_dir = "."};
    struct ora_descriptor descriptor;
    struct octo_ora_error error;

    (void)state;
    write_file("tnsnames.ora", "a = db/svc\n");
    assert_true(ora_names_resolve("a", &wallet, &descriptor, &error));
    ora_descriptor_fini(&descriptor);
    assert_int_equal(setenv("TNS_ADMIN", "/nowhere/at/all", 1), 0);
    assert_true(ora_names_resolve("a", &wallet, &descriptor, &error));
    ora_descriptor_fini(&descriptor);
    assert_int_equal(unlink("tnsnames.ora"), 0);
    assert_false(ora_names_resolve("a", &wallet, &descriptor, &error));
    assert_string_equal(error.text,
                        "a: an alias stands in a file tnsnames.ora, and there is none in nowhere, "
                        "/nowhere/at/all, .: set TNS_ADMIN to its directory, or write "
                        "[tcps://]HOST[:PORT]/SERVICE");
    assert_int_equal(unsetenv("TNS_ADMIN"), 0);
}

static int go_to_directory(void **state)
{
    static char directory[] = "/tmp/octo-tnsnames-XXXXXX";

    *state = directory;
    return mkdtemp(directory) != NULL && chdir(directory) == 0 ? 0 : -1;
}

static int leave_directory(void **state)
{
    char path[16];

    (void)unlink("tnsnames.ora");
    (void)unlink("more.ora");
    for (int i = 1; i < 10; i++) {
        (void)snprintf(path, sizeof(path), "%d.ora", i);
        (void)unlink(path);
    }
    return chdir("/") == 0 ? rmdir(*state) : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_names_resolve__file__gives_alias_or_says_what_is_wrong),
        cmocka_unit_test(ora_names_resolve__files_in_files__end_somewhere),
        cmocka_unit_test(ora_names_resolve__directories__are_asked_in_turn),
    };

    (void)unsetenv("TNS_ADMIN");
    (void)unsetenv("ORACLE_HOME");
    return cmocka_run_group_tests(tests, go_to_directory, leave_directory);
}
