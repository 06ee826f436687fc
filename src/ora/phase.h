/*
 * ora/phase.h: tells whoever wants to know what connecting is made of, and how long each part took.
 */
#ifndef ORA_PHASE_H
#define ORA_PHASE_H

#include <octo/ora.h>

struct ora_phases {
    octo_ora_on_phase *tell; /* NULL: nobody wants to know */
    void *arg;
    int64_t begun_us;
};

void ora_phases_begin(struct ora_phases *phases, octo_ora_on_phase *tell, void *arg);
/* What was done since the last one. Gives `ok`. */
bool ora_phase(struct ora_phases *phases, const char *name, const char *where, bool ok);

#endif
