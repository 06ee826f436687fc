#include "service/sso_user.h"

#include <string.h>

#include "core/digest.h"
#include "core/text.h"
#include "service/password.h"
#include "sql_core.h"

enum { NAME_LEAST = 3, NAME_MOST = 80 };

/* ---- roles ---- */

static bool take_role(struct arena *arena, char *row, struct sso_roles *ret, struct err *err)
{
    char *group = strchr(row, '=');

    if (group == NULL) {
        return err_set(err, ERR_CONFIG, "%s lacks =GROUP: write admin=octo-admins", row);
    }
    *group++ = '\0';
    row = text_trimmed(arena, row);
    group = text_trimmed(arena, group);
    if (auth_role(row) == 0 || *group == '\0') {
        return err_set(err, ERR_CONFIG,
                       "%s=%s: a role (user, viewer, support, analyst, manager, admin, "
                       "chaos-operator) and a group are expected",
                       row, group);
    }
    if (ret->count == SSO_ROLES_MOST) {
        return err_set(err, ERR_CONFIG, "more than %d roles", SSO_ROLES_MOST);
    }
    ret->rows[ret->count].role = row;
    ret->rows[ret->count++].group = group;
    return true;
}

bool sso_roles_parse(struct arena *arena, const char *text, struct sso_roles *ret, struct err *err)
{
    char *rest = arena_strdup(arena, text);
    char *row;

    ret->count = 0;
    while ((row = strsep(&rest, ",")) != NULL) {
        if (!text_is_blank(row) && !take_role(arena, row, ret, err)) {
            return false;
        }
    }
    return true;
}

const char *sso_roles_of(const struct sso_roles *roles, const struct id_token *token)
{
    for (size_t i = 0; i < roles->count; i++) {
        for (size_t j = 0; j < token->group_count; j++) {
            if (strcmp(roles->rows[i].group, token->groups[j]) == 0) {
                return roles->rows[i].role;
            }
        }
    }
    return roles->count > 0 ? "user" : NULL;
}

/* ---- users ---- */

/* What may stand in a user's name of what the provider calls him. */
static const char *clean_name(struct arena *arena, const struct id_token *token)
{
    const char *wished = token->username != NULL ? token->username : token->email;
    char *name = arena_strdup(arena, wished != NULL ? wished : "");
    size_t length = strcspn(name, "@");

    length = length < NAME_MOST ? length : NAME_MOST;
    name[length] = '\0';
    return length >= NAME_LEAST && text_has_only(name, "._-") && !auth_name_is_reserved(name)
               ? name
               : "sso";
}

/* A name or an address that another has stays his: then both are made of who this is, which nobody
 * else can be. */
static bool make_user(struct ctx *ctx, struct db_session *session, const char *issuer,
                      const struct sso_roles *roles, const struct id_token *token,
                      struct auth_user *ret, struct err *err)
{
    const char *identity = arena_printf(ctx->arena, "%s\n%s", issuer, token->subject);
    const char *role = sso_roles_of(roles, token);
    const char *name = clean_name(ctx->arena, token);
    struct sql_user_create_row made;
    char mark[DIGEST_MARK_MAX];
    enum db_step step;

    digest_mark(identity, mark);
    *ret = (struct auth_user){
        .username = name,
        .email =
            token->email != NULL ? token->email : arena_printf(ctx->arena, "%s@sso.invalid", mark),
        .role = role != NULL ? role : "user",
        .last_login_is_null = true,
    };
    step = sql_user_create(session, ret->username, ret->email, PASSWORD_UNUSABLE, ret->role, &made,
                           err);
    if (step == DB_NO_ROW) {
        ret->username = arena_printf(ctx->arena, "%s-%s", name, mark);
        ret->email = arena_printf(ctx->arena, "%s@sso.invalid", mark);
        step = sql_user_create(session, ret->username, ret->email, PASSWORD_UNUSABLE, ret->role,
                               &made, err);
    }
    if (step == DB_NO_ROW) {
        return err_set(err, ERR_CONFLICT, "somebody is called %s already", ret->username);
    }
    ret->id = made.id;
    return step == DB_ROW && sql_identity_add(session, issuer, token->subject, made.id, err);
}

bool sso_user_of(struct ctx *ctx, struct db_session *session, const char *issuer,
                 const struct sso_roles *roles, const struct id_token *token, struct auth_user *ret,
                 struct err *err)
{
    const char *role = sso_roles_of(roles, token);
    struct sql_identity_user_row row;

    switch (sql_identity_user(session, issuer, token->subject, &row, err)) {
    case DB_FAILED:
        return err_wrap(err, "look for who signs in");
    case DB_NO_ROW:
        return make_user(ctx, session, issuer, roles, token, ret, err) &&
               sql_identity_signed_in(session, ret->id, ret->role, err);
    case DB_ROW:
        break;
    }
    *ret = (struct auth_user){.id = row.id,
                              .username = row.username,
                              .email = row.email,
                              .role = role != NULL ? role : row.role,
                              .last_login_us = row.last_login_us,
                              .last_login_is_null = row.last_login_us_is_null};
    return row.is_active ? sql_identity_signed_in(session, ret->id, ret->role, err)
                         : err_set(err, ERR_FORBIDDEN, "the user %s is switched off", row.username);
}
