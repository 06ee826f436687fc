/* Asks an Oracle database, and prints the first column of what it answers. docs/oracle.md builds
 * it. */
#include <octo/ora.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    char password[1026];
    struct octo_ora_options options = {.password = password};
    struct octo_ora *session = NULL;
    struct octo_ora_statement *statement = NULL;
    struct octo_ora_error error;
    struct octo_ora_text text;
    bool has_row = false;
    bool ok;

    if (argc != 4 || fgets(password, sizeof(password), stdin) == NULL) {
        (void)fputs("usage: ora CONNECT-STRING USER QUERY, the password on standard input\n",
                    stderr);
        return 2;
    }
    password[strcspn(password, "\n")] = '\0';
    options.dsn = argv[1];
    options.user = argv[2];
    ok = octo_ora_connect(&options, &session, &error) &&
         octo_ora_prepare(session, argv[3], &statement, &error) &&
         octo_ora_execute(statement, &error) && octo_ora_fetch(statement, &has_row, &error);
    while (ok && has_row && octo_ora_get_text(statement, 1, &text, &error)) {
        (void)printf("%.*s\n", (int)text.length, text.length > 0 ? text.at : "");
        ok = octo_ora_fetch(statement, &has_row, &error);
    }
    if (!ok || has_row) {
        (void)fprintf(stderr, "%s\n", error.text);
    }
    octo_ora_free(statement);
    octo_ora_close(session);
    return ok && !has_row ? 0 : 1;
}
