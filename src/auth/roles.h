/* Roles and what they may. A role is a row of one table; what it may is the union of the rows that
 * auth and the modules declare (`struct role_grant`), by patterns over the names of rights,
 * resolved once at start into one right_set per role. Static and read-only after roles_init; any
 * thread. */
#ifndef AUTH_ROLES_H
#define AUTH_ROLES_H

#include "kind/rows.h"
#include "kind/viewer.h"

/* "lead": "post.* shift.read -shift.export": rights by pattern, `*` for any run of characters in
 * either half; with a minus, what earlier patterns of the same row gave is taken back. */
struct role_grant {
  const char *role;
  const char *rights;
};

enum role_flag {
  ROLE_EXCLUSIVE = 1, /* at most one of these for one person (system, security, audit) */
};

struct role {
  const char *name, *zh, *en;
  const char *may_grant; /* "lead secondee": roles that its holder may give within his branch */
  uint32_t flags;
};

size_t roles_count(void);
const struct role *role_at(size_t i);
int role_index(struct str name); /* -1 where none */
extern const struct choice role_choices[];

/* Rights that belong to auth itself ("audit.read", "session.revoke", "give.lead" …), for the list
 * that kinds_init takes; ends with NULL. */
extern const char *const auth_rights[];
/* What the roles may of what belongs to auth; ends with {0}. */
extern const struct role_grant auth_role_grants[];

struct roles;
/* After kinds_init. `tables` are arrays ending with {0}, the list ends with NULL; auth's own come
 * first by themselves. A pattern that matches nothing, an unknown role: E_BUG, said in the log. */
_must_check_ int roles_init(const struct role_grant *const *tables, struct roles **ret_roles,
                            struct err *e);
/* The same of one area's rows alone, for whoever collects what is wrong. */
void roles_check(const struct role_grant *g, struct rows *rs);
struct roles *roles_free(struct roles *r);
const struct right_set *role_rights(const struct roles *r, int role);
/* The right that lets its holder give that role: "give.<role>". */
right_t role_give_right(int role);

/* Every role × right, as text (for people and the golden copy) or JSON. */
void rights_print(const struct roles *r, struct buf *out);
void rights_json(const struct roles *r, struct buf *out);

#endif
