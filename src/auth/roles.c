#include "auth/roles.h"
#include "json/json.h"
#include <stdio.h>
#include <stdlib.h>

/* Name, zh, en, what its holder may give, flags. The three administrators are apart: none can do
 * another's part, and nobody can be two of them. */
#define ROLE_TABLE(X)                                                                              \
  X("sysadmin", "系统管理员", "System administrator",                                              \
    "sysadmin secadmin auditor city_duty district_duty coordinator lead secondee store books "     \
    "clerk viewer",                                                                                \
    ROLE_EXCLUSIVE)                                                                                \
  X("secadmin", "安全管理员", "Security administrator", "", ROLE_EXCLUSIVE)                        \
  X("auditor", "审计员", "Auditor", "", ROLE_EXCLUSIVE)                                            \
  X("city_duty", "市级值班员", "City duty officer",                                                \
    "district_duty coordinator lead secondee store books clerk viewer", 0)                         \
  X("district_duty", "区级值班员", "District duty officer",                                        \
    "coordinator lead secondee store books clerk viewer", 0)                                       \
  X("coordinator", "街道协调员", "Subdistrict coordinator",                                        \
    "lead secondee store books clerk viewer", 0)                                                   \
  X("lead", "社区负责人", "Community lead", "secondee clerk viewer", 0)                            \
  X("secondee", "下沉干部", "Secondee", "", 0)                                                     \
  X("store", "库管员", "Store-keeper", "", 0)                                                      \
  X("books", "账务员", "Book-keeper", "", 0)                                                       \
  X("clerk", "企业填报员", "Enterprise clerk", "", 0)                                              \
  X("viewer", "查看员", "Viewer", "", 0)

static const struct role table[] = {
#define X(name, zh, en, may_grant, flags) {name, zh, en, may_grant, flags},
    ROLE_TABLE(X)
#undef X
};

const struct choice role_choices[] = {
#define X(name, zh, en, may_grant, flags) {name, zh, en},
    ROLE_TABLE(X)
#undef X
        {0}};

const char *const auth_rights[] = {"audit.read",         "session.read",     "session.revoke",
                                   "invitation.create",  "keys.manage",      "account.lock",
                                   "account.disable",    "device.revoke",    "give.sysadmin",
                                   "give.secadmin",      "give.auditor",     "give.city_duty",
                                   "give.district_duty", "give.coordinator", "give.lead",
                                   "give.secondee",      "give.store",       "give.books",
                                   "give.clerk",         "give.viewer",      NULL};

/* People of a branch are managed by whoever leads it; what he may give is bounded by the table
 * above, and by his branch. */
#define MANAGES_PEOPLE                                                                             \
  "account.read account.names account.create account.update account.disable account.import "       \
  "role_grant.* invitation.create device.read device.update device.revoke session.read"

const struct role_grant auth_role_grants[] = {
    {"sysadmin", MANAGES_PEOPLE " account.export"},
    {"secadmin", "account.read account.lock role_grant.read device.read device.update "
                 "device.revoke session.read session.revoke keys.manage"},
    {"auditor", "*.read"},
    {"city_duty", MANAGES_PEOPLE},
    {"district_duty", MANAGES_PEOPLE},
    {"coordinator", MANAGES_PEOPLE},
    {"lead", MANAGES_PEOPLE},
    {"viewer", "*.read -audit.read -account.read -role_grant.read -device.read -session.read"},
    {0}};

size_t roles_count(void) {
  return ARRAY_LEN(table);
}
const struct role *role_at(size_t i) {
  return i < ARRAY_LEN(table) ? &table[i] : NULL;
}
int role_index(struct str name) {
  for (size_t i = 0; i < ARRAY_LEN(table); i++)
    if (str_is(name, table[i].name)) return (int)i;
  return -1;
}

right_t role_give_right(int role) {
  char name[64];
  if (role < 0) return RIGHT_NONE;
  snprintf(name, sizeof name, "give.%s", table[role].name);
  return right_by_name(str_from(name));
}

/* ---- patterns ---- */

static bool matches(struct str pattern, struct str name) {
  while (pattern.n) {
    if (pattern.p[0] == '*') {
      struct str rest = str_sub(pattern, 1, pattern.n);
      for (size_t skip = 0; skip <= name.n; skip++) {
        if (matches(rest, str_sub(name, skip, name.n))) return true;
        if (skip < name.n && name.p[skip] == '.') break; /* a star stays in its half */
      }
      return false;
    }
    if (!name.n || pattern.p[0] != name.p[0]) return false;
    pattern = str_sub(pattern, 1, pattern.n);
    name = str_sub(name, 1, name.n);
  }
  return name.n == 0;
}

struct roles {
  struct right_set sets[ARRAY_LEN(table)];
};

static void resolve(struct roles *r, const struct role_grant *g, struct rows *rs) {
  struct right_set row = {0};
  int role = role_index(str_from(g->role));
  if (role < 0) {
    rows_wrong(rs, "grant", g->role, "no such role");
    return;
  }
  for (struct str rest = str_from(g->rights); rest.p && rest.n;) {
    struct str word = str_trim(str_split(&rest, ' '));
    bool minus = str_starts(word, S("-")), any = false;
    struct str pattern = minus ? str_sub(word, 1, word.n) : word;
    if (!word.n) continue;
    for (right_t i = 0; (size_t)i < rights_count(); i++) {
      if (!matches(pattern, str_from(right_name(i)))) continue;
      any = true;
      if (minus)
        row.w[i / 64] &= ~(UINT64_C(1) << (i % 64));
      else
        right_add(&row, i);
    }
    if (!any)
      rows_wrong(rs, "grant", g->role, "no right is called \"" STR_FMT "\"", STR_ARG(pattern));
  }
  for (size_t w = 0; w < RIGHT_WORDS; w++) r->sets[role].w[w] |= row.w[w];
}

void roles_check(const struct role_grant *g, struct rows *rs) {
  struct roles r = {0};
  for (; g && g->role; g++) resolve(&r, g, rs);
}

/* What a role may give follows from its row. */
static void resolve_giving(struct roles *r, struct rows *rs) {
  for (size_t i = 0; i < ARRAY_LEN(table); i++) {
    for (struct str rest = str_from(table[i].may_grant); rest.p && rest.n;) {
      const struct str given = str_split(&rest, ' ');
      right_t give = role_give_right(role_index(given));
      if (give == RIGHT_NONE)
        rows_wrong(rs, "role", table[i].name, "nobody can give \"" STR_FMT "\"", STR_ARG(given));
      else
        right_add(&r->sets[i], give);
    }
  }
}

int roles_init(const struct role_grant *const *tables, struct roles **ret_roles, struct err *e) {
  struct rows rs;
  struct roles *r = calloc(1, sizeof *r);
  if (!r) return err_set(e, E_NOMEM, "no memory for roles");
  rows_init(&rs);
  rows_of(&rs, "roles", __FILE__);
  resolve_giving(r, &rs);
  for (const struct role_grant *g = auth_role_grants; g->role; g++) resolve(r, g, &rs);
  for (; tables && *tables; tables++)
    for (const struct role_grant *g = *tables; g->role; g++) resolve(r, g, &rs);
  const int x = rows_verdict(&rs, e);
  if (x < 0) {
    free(r);
    return x;
  }
  *ret_roles = r;
  return 0;
}

struct roles *roles_free(struct roles *r) {
  free(r);
  return NULL;
}

const struct right_set *role_rights(const struct roles *r, int role) {
  return &r->sets[role];
}

/* ---- the matrix ---- */

static int by_name(const void *a, const void *b) {
  return strcmp(right_name(*(const right_t *)a), right_name(*(const right_t *)b));
}

static size_t sorted_rights(right_t out[LIMIT_PERMISSIONS]) {
  size_t n = rights_count();
  for (size_t i = 0; i < n; i++) out[i] = (right_t)i;
  qsort(out, n, sizeof *out, by_name);
  return n;
}

void rights_print(const struct roles *r, struct buf *out) {
  right_t order[LIMIT_PERMISSIONS];
  size_t n = sorted_rights(order);
  for (size_t i = 0; i < n; i++) {
    buf_printf(out, "%-32s", right_name(order[i]));
    for (size_t role = 0; role < ARRAY_LEN(table); role++)
      if (right_has(&r->sets[role], order[i])) buf_printf(out, " %s", table[role].name);
    buf_char(out, '\n');
  }
}

void rights_json(const struct roles *r, struct buf *out) {
  right_t order[LIMIT_PERMISSIONS];
  size_t n = sorted_rights(order);
  struct jw w;
  jw_init(&w, out);
  jw_object(&w);
  jw_karray(&w, "roles");
  for (size_t role = 0; role < ARRAY_LEN(table); role++) {
    jw_object(&w);
    jw_kstrz(&w, "name", table[role].name);
    jw_kstrz(&w, "zh", table[role].zh);
    jw_kstrz(&w, "en", table[role].en);
    jw_end(&w);
  }
  jw_end(&w);
  jw_kobject(&w, "rights");
  for (size_t i = 0; i < n; i++) {
    jw_key(&w, str_from(right_name(order[i])));
    jw_array(&w);
    for (size_t role = 0; role < ARRAY_LEN(table); role++)
      if (right_has(&r->sets[role], order[i])) jw_strz(&w, table[role].name);
    jw_end(&w);
  }
  jw_end(&w);
  jw_end(&w);
}
