#include "app/ora_privilege.h"

#include "core/text.h"

bool ora_privilege_read(const char *word, enum octo_ora_privilege *ret)
{
    static const struct {
        const char *word;
        enum octo_ora_privilege privilege;
    } known[] = {{"sysdba", OCTO_ORA_SYSDBA},       {"sysoper", OCTO_ORA_SYSOPER},
                 {"sysbackup", OCTO_ORA_SYSBACKUP}, {"sysdg", OCTO_ORA_SYSDG},
                 {"syskm", OCTO_ORA_SYSKM},         {"sysrac", OCTO_ORA_SYSRAC}};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (text_equal_fold(known[i].word, word)) {
            *ret = known[i].privilege;
            return true;
        }
    }
    return false;
}
