#include "ora/certificate.h"

#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <string.h>

bool ora_certificate_is_of_host(X509 *certificate, const char *host)
{
    return X509_check_host(certificate, host, 0, X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT, NULL) == 1 ||
           X509_check_ip_asc(certificate, host, 0) == 1;
}

static bool add_entry(const X509_NAME_ENTRY *entry, struct ora_dn *dn)
{
    const ASN1_OBJECT *object = X509_NAME_ENTRY_get_object(entry);
    const int nid = OBJ_obj2nid(object);
    char digits[ORA_DN_TYPE_MAX + 1];
    struct ora_slice type = {.at = digits};
    unsigned char *text = NULL;
    const int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
    bool ok = length >= 0;

    if (nid != NID_undef) {
        type.at = OBJ_nid2sn(nid);
    } else {
        ok = ok && OBJ_obj2txt(digits, sizeof(digits), object, 1) < (int)sizeof(digits);
    }
    if (ok) {
        type.length = strlen(type.at);
        ok = ora_dn_add(dn, type,
                        (struct ora_slice){.at = (const char *)text, .length = (size_t)length});
    }
    OPENSSL_free(text);
    return ok;
}

bool ora_certificate_subject(const X509 *certificate, struct ora_dn *ret)
{
    const X509_NAME *name = X509_get_subject_name(certificate);
    const int count = X509_NAME_entry_count(name);
    bool ok = true;

    ret->count = 0;
    for (int i = 0; ok && i < count; i++) {
        ok = add_entry(X509_NAME_get_entry(name, i), ret);
    }
    return ok;
}
