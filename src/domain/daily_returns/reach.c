#include "domain/daily_returns/reach.h"
#include "core/settings.h"
#include "domain/enterprises/contact.h"

/* Whom a reminder goes to. What a contact's row says comes first; where none says anything, the
 * clerk, then the contact, then the telephone of the file. Whoever said "not reminded" is not, and
 * his enterprise's telephone, which may be his, neither. */

enum { CONTACTS = 30 };
enum reach_by { REACH_ANY, REACH_SMS, REACH_MAIL };

QUERY(q_contacts,
      "SELECT id FROM enterprise_contact WHERE op = $1 AND enterprise = $2 "
      "AND retired = 0 AND (from_on IS NULL OR from_on <= $3) "
      "AND (to_on IS NULL OR to_on >= $3) ORDER BY id LIMIT 31"); /* limit: the first are reached */

struct reaching {
  struct registry *en;
  struct arena *a;
  enum reach_by by;
  struct record *contacts[CONTACTS];
  size_t n;
  struct reach *out;
  size_t n_out;
};

/* Those in office; whoever has more than CONTACTS of them is reached by the first. */
static int read_contacts(struct reaching *re, struct tx *tx, const struct record *enterprise,
                         int32_t day, struct err *e) {
  bool more;
  return records_found(tx, re->a, &enterprise_contact_kind, enterprise->op, &q_contacts,
                       P(V_I64(enterprise->op), V_UUID(enterprise->id), day_val(re->a, day)),
                       re->contacts, CONTACTS, &re->n, &more, e);
}

static bool mobile(struct str s) {
  return s.n == 11 && s.p[0] == '1';
}

/* The plain text of a sealed field; empty where its key is gone. */
static int plain(struct reaching *re, struct record *rec, int field, struct str *ret,
                 struct err *e) {
  *ret = S("");
  int r = record_plain(re->en->sealer, rec, field, re->a, e);
  if (r == -E_GONE) return 0;
  if (r >= 0) *ret = rec_text(rec, field);
  return r;
}

static void add(struct reaching *re, const char *channel, struct str address,
                enum message_language language) {
  const struct str to = arena_printf(re->a, "%s:" STR_FMT, channel, STR_ARG(address));
  for (size_t i = 0; i < re->n_out; i++)
    if (str_eq(re->out[i].to, to)) return;
  if (re->n_out < REACH_MAX) re->out[re->n_out++] = (struct reach){to, language};
}

/* By the way he asked for, else by whichever he has. */
static int reach_contact(struct reaching *re, struct record *c, struct err *e) {
  const bool asked_mail = rec_is(c, CONTACT_REMIND, "mail");
  const bool asked_sms = rec_is(c, CONTACT_REMIND, "sms");
  const enum message_language language = rec_is(c, CONTACT_LANGUAGE, "en") ? SAY_EN : SAY_ZH;
  struct str phone, email;
  int r = plain(re, c, CONTACT_PHONE, &phone, e);
  if (r >= 0) r = plain(re, c, CONTACT_EMAIL, &email, e);
  if (r < 0) return r;
  if (!asked_mail && re->by != REACH_MAIL && mobile(phone))
    add(re, "sms", phone, language);
  else if (!asked_sms && re->by != REACH_SMS && email.n)
    add(re, "smtp", email, language);
  return 0;
}

static int reach_role(struct reaching *re, const char *role, bool asked, struct err *e) {
  int r = 0;
  for (size_t i = 0; i < re->n && r >= 0; i++) {
    struct record *c = re->contacts[i];
    if (rec_is(c, CONTACT_REMIND, "none") || asked == rec_null(c, CONTACT_REMIND)) continue;
    if (asked || rec_is(c, CONTACT_ROLE, role)) r = reach_contact(re, c, e);
  }
  return r;
}

int reach_of(struct tx *tx, struct app *app, struct arena *a, const struct record *enterprise,
             int32_t day, struct reach out[REACH_MAX], size_t *ret_n, struct err *e) {
  static const char *const roles[] = {"clerk", "contact"};
  const struct str way = setting_text(app, enterprise->op, "returns.remind_by", a);
  const enum reach_by by = str_is(way, "sms")    ? REACH_SMS
                           : str_is(way, "smtp") ? REACH_MAIL
                                                 : REACH_ANY;
  struct reaching re = {.en = &app->registry, .a = a, .by = by, .out = out};
  bool spared = false;
  *ret_n = 0;
  if (str_is(way, "none")) return 0;
  int r = read_contacts(&re, tx, enterprise, day, e);
  if (r >= 0) r = reach_role(&re, NULL, true, e);
  for (size_t i = 0; i < ARRAY_LEN(roles) && r >= 0 && !re.n_out; i++)
    r = reach_role(&re, roles[i], false, e);
  for (size_t i = 0; i < re.n; i++) spared |= rec_is(re.contacts[i], CONTACT_REMIND, "none");
  if (r >= 0 && !re.n_out && !spared && by != REACH_MAIL) {
    struct record copy = *enterprise;
    struct str phone;
    r = plain(&re, &copy, ENTERPRISE_PHONE, &phone, e);
    if (r >= 0 && mobile(phone)) add(&re, "sms", phone, SAY_ZH);
  }
  *ret_n = re.n_out;
  return r < 0 ? r : 0;
}
