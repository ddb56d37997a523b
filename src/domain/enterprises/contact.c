#include "domain/enterprises/contact.h"

static const struct choice contact_roles[] = {
    {"legal_person", "法定代表人", "legal person"},
    {"epidemic_head", "疫情防控负责人", "head of prevention"},
    {"epidemic_officer", "专职防疫员", "full-time epidemic officer"},
    {"union_chair", "工会主席", "union chair"},
    {"contact", "联系人", "contact"},
    {"clerk", "填报人", "clerk"},
    {0}};

static const struct choice remind_ways[] = {{"sms", "短信", "text message"},
                                            {"mail", "邮件", "mail"},
                                            {"none", "不提醒", "not reminded"},
                                            {0}};
static const struct choice languages[] = {
    {"zh", "中文", "Chinese"}, {"en", "英文", "English"}, {0}};

static const struct field contact_fields[CONTACT_FIELDS_] = {
    [CONTACT_ENTERPRISE] = OF_ENTERPRISE(1),
    [CONTACT_UNIT] = ITS_UNIT(2),
    [CONTACT_ROLE] = {3, "role", FT_ENUM, FF_REQUIRED | FF_FILTER | FF_TITLE,
                      .choices = contact_roles, .zh = "职责", .en = "Role"},
    [CONTACT_NAME] = {4, "name", FT_TEXT, FF_REQUIRED | FF_PERSONAL | FF_TITLE, .min = 1, .max = 40,
                      .mask = MASK_NAME, .zh = "姓名", .en = "Name"},
    [CONTACT_PHONE] = {5, "phone", FT_PHONE, FF_SEALED | FF_LOOKUP, .mask = MASK_PHONE,
                       .zh = "电话", .en = "Phone", .headers = "联系电话|手机"},
    [CONTACT_FROM] = {6, "from_on", FT_DATE, .zh = "起", .en = "From"},
    [CONTACT_TO] = {7, "to_on", FT_DATE, .zh = "止", .en = "To"},
    [CONTACT_NOTE] = {8, "note", FT_TEXT, .max = 200, .zh = "备注", .en = "Note"},
    [CONTACT_EMAIL] = {9, "email", FT_TEXT, FF_SEALED, .max = 120, .mask = MASK_TAIL,
                       .zh = "电子邮箱", .en = "E-mail", .headers = "邮箱|电子邮件"},
    [CONTACT_REMIND] = {10, "remind_by", FT_ENUM, FF_FILTER, .choices = remind_ways,
                        .zh = "催报提醒方式", .en = "Reminded by",
                        .zh_help = "不填：有填报人就提醒填报人，否则提醒联系人",
                        .en_help = "empty: the clerk is reminded, or the contact where there is "
                                   "none"},
    [CONTACT_LANGUAGE] = {11, "language", FT_ENUM, .choices = languages, .zh = "提醒语言",
                          .en = "Language of reminders"},
};

/* One address and nothing else, as the relay will want it. */
static bool is_address(struct str s) {
  const size_t at = str_find_char(s, '@');
  for (size_t i = 0; i < s.n; i++)
    if (s.p[i] <= ' ' || s.p[i] >= 0x7f || strchr("<>,;:\\\"()[]", s.p[i])) return false;
  return at != (size_t)-1 && at > 0 && at + 1 < s.n &&
         str_find_char(str_sub(s, at + 1, s.n), '@') == (size_t)-1;
}

/* What is sealed is plain in the change only; else it stands in the record as it was. */
static bool has(const struct change *c, const struct record *old, int field) {
  if (c->given[field]) return c->v[field].t == VAL_TEXT && c->v[field].s.n > 0;
  return old && old->sealed[field].p;
}

static void check(const struct change *c, const struct record *old, struct record *rec,
                  struct problems *ps) {
  dates_in_order(rec, CONTACT_FROM, CONTACT_TO, ps);
  if (c->given[CONTACT_EMAIL] && has(c, old, CONTACT_EMAIL) && !is_address(c->v[CONTACT_EMAIL].s))
    problem_text(ps, PROBLEM_bad_format, S("email"), S("name@host"), (struct str){0},
                 S("名称@主机"));
  if (rec_is(rec, CONTACT_REMIND, "mail") && !has(c, old, CONTACT_EMAIL))
    problem_add(ps, PROBLEM_required, S("email"));
  if (rec_is(rec, CONTACT_REMIND, "sms") && !has(c, old, CONTACT_PHONE))
    problem_add(ps, PROBLEM_required, S("phone"));
}

static const struct screen enterprise_contact_screen = {
    .columns = "name role phone email remind_by from_on to_on"};
const struct kind enterprise_contact_kind = {
    KIND(51, "enterprise_contact", "enterprise-contacts", "企业联系人", "Enterprise contact",
         contact_fields),
    .screen = &enterprise_contact_screen, .check = check, .apply = of_enterprise_apply};
