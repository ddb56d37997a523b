#include "domain/gate/handover.h"
#include "core/app.h"
#include "domain/rosters/rosters.h"

static const struct field fields[HANDOVER_FIELDS_] = {
    [HANDOVER_UNIT] = {1, "unit", FT_UNIT, FF_SYSTEM | FF_SCOPE | FF_FILTER, .zh = "社区",
                       .en = "Community"},
    [HANDOVER_POST] = {2, "post", FT_REF, FF_DEVICE | FF_REQUIRED | FF_FILTER | FF_TITLE,
                       .ref = "post", .zh = "值勤点", .en = "Post"},
    [HANDOVER_DAY] = {3, "day", FT_DATE, FF_DEVICE | FF_SYSTEM | FF_FILTER | FF_TITLE, .zh = "日期",
                      .en = "Day"},
    [HANDOVER_OUTGOING] = {4, "outgoing", FT_REF, FF_FILTER, .ref = "responder", .zh = "交班人",
                           .en = "Hands over"},
    [HANDOVER_INCOMING] = {5, "incoming", FT_REF, FF_FILTER, .ref = "responder", .zh = "接班人",
                           .en = "Takes over"},
    [HANDOVER_SHIFT] = {6, "shift", FT_REF, .ref = "shift", .zh = "所交班次",
                        .en = "Shift that ends"},
    [HANDOVER_INSIDE] = {7, "inside", FT_INT, .min = 0, .max = 100000, .zh = "在内访客人数",
                         .en = "Visitors still inside"},
    [HANDOVER_OVERDUE] = {8, "overdue", FT_LONGTEXT, .max = 2000, .zh = "外出未归的出入证号",
                          .en = "Passes still out"},
    [HANDOVER_IN_HAND] = {9, "in_hand", FT_LONGTEXT, .max = 2000, .zh = "未办完的事",
                          .en = "In hand"},
    [HANDOVER_KEYS] = {10, "keys", FT_TEXT, .max = 200, .zh = "钥匙", .en = "Keys"},
    [HANDOVER_STOCK] = {11, "stock", FT_TEXT, .max = 200, .zh = "物资", .en = "Stock"},
    [HANDOVER_REMARKS] = {12, "remarks", FT_LONGTEXT, .max = 2000, .zh = "备注", .en = "Remarks"},
    [HANDOVER_OUTGOING_AT] = {13, "outgoing_at", FT_MOMENT, FF_FILTER, .zh = "交班确认时间",
                              .en = "Handed over at"},
    [HANDOVER_INCOMING_AT] = {14, "incoming_at", FT_MOMENT, .zh = "接班确认时间",
                              .en = "Taken over at"},
    [HANDOVER_DEVICE_AT] = {15, "device_at", FT_MOMENT, .zh = "手机时间", .en = "Device time"},
    [HANDOVER_PAPER] = {16, "paper", FT_BOOL, .initial = "0", .zh = "由纸质记录补录",
                        .en = "Copied from paper"},
    [HANDOVER_CONFIRMED] = {17, "confirmed", FT_BOOL, FF_DEVICE | FF_SYSTEM | FF_FILTER,
                            .zh = "双方已确认", .en = "Confirmed by both"},
    [HANDOVER_OUTGOING_BY] = {18, "outgoing_by", FT_REF, FF_SYSTEM, .ref = "account",
                              .zh = "交班账号", .en = "Account handing over"},
    [HANDOVER_INCOMING_BY] = {19, "incoming_by", FT_REF, FF_SYSTEM, .ref = "account",
                              .zh = "接班账号", .en = "Account taking over"},
    [HANDOVER_OUTGOING_PROOF] = {20, "outgoing_proof", FT_TEXT, FF_NO_IMPORT, .max = 200,
                                 .zh = "交班凭证（不保存）",
                                 .en = "Proof of handing over (never kept)"},
    [HANDOVER_INCOMING_PROOF] = {21, "incoming_proof", FT_TEXT, FF_NO_IMPORT, .max = 200,
                                 .zh = "接班凭证（不保存）",
                                 .en = "Proof of taking over (never kept)"},
    [HANDOVER_CLOCK_DOUBTFUL] = {22, "clock_doubtful", FT_BOOL, FF_SYSTEM | FF_FILTER,
                                 .zh = "时钟存疑", .en = "Clock doubtful"},
};

static void take_post(struct change *c, struct record *rec, struct problems *ps) {
  struct post_facts post;
  char text[DAY_TEXT];
  const struct uuid id = rec_uuid(rec, HANDOVER_POST);
  if (!post_facts(change_app(c), &id, &post) || post.op != c->op) {
    problem_add(ps, PROBLEM_not_found, S("post"));
    return;
  }
  rec_set(rec, HANDOVER_UNIT, V_I64(post.unit));
  const int64_t at = change_judged(c, rec, HANDOVER_DEVICE_AT, HANDOVER_CLOCK_DOUBTFUL);
  day_format(zone_day(c->viewer->zone, at, NULL), text);
  rec_set(rec, HANDOVER_DAY, V_TEXT(arena_dup(c->a, (struct str){text, 10})));
}

/* The phone's clock is set right here too; what is copied from paper is taken as it stands there.
 */
static void when(const struct change *c, struct record *rec) {
  static const int moments[] = {HANDOVER_OUTGOING_AT, HANDOVER_INCOMING_AT};
  for (size_t i = 0; i < ARRAY_LEN(moments); i++)
    if (!rec_null(rec, moments[i]) && !rec_i64(rec, HANDOVER_PAPER))
      rec_set(rec, moments[i], V_I64(change_when(c, rec_i64(rec, moments[i]))));
}

/* One person's proof, made for the phone that it came from. What cannot be proved (any more) is no
 * reason to lose the record: it is taken as not confirmed. */
struct confirmed {
  struct uuid account, responder;
  bool good;
};

static int look_at(struct tx *tx, struct change *c, const struct record *rec, int field,
                   struct confirmed *ret, struct problems *ps, struct err *e) {
  struct auth_author_info *who;
  const struct str name = str_from(handover_kind.fields[field].name);
  *ret = (struct confirmed){0};
  if (rec_null(rec, field)) return 0;
  int r = auth_author_look(change_app(c)->auth, tx, c->a, rec_text(rec, field), &who, e);
  if (r < 0) return r;
  ret->good =
      who->verdict == AUTHOR_GOOD && (uuid_is_nil(&c->device) || uuid_eq(&who->device, &c->device));
  if (!ret->good) {
    problem_rule_warn(ps, name, S("凭证无效或已失效，按未确认登记"),
                      S("not a valid proof (any more): taken as not confirmed"));
    return 0;
  }
  ret->account = who->account;
  ret->responder = who->person->responder;
  return 0;
}

static void set_side(struct record *rec, int by, int responder, const struct confirmed *who) {
  rec_set(rec, by, V_UUID(who->account));
  if (!uuid_is_nil(&who->responder)) rec_set(rec, responder, V_UUID(who->responder));
}

/* Without a proof of his own the one who sends it hands over. */
static int confirm(struct tx *tx, struct change *c, struct record *rec, struct problems *ps,
                   struct err *e) {
  const struct viewer *v = c->viewer;
  struct confirmed out, in;
  int r = look_at(tx, c, rec, HANDOVER_OUTGOING_PROOF, &out, ps, e);
  if (r >= 0) r = look_at(tx, c, rec, HANDOVER_INCOMING_PROOF, &in, ps, e);
  if (r < 0) return r;
  if (!out.good)
    out = (struct confirmed){.account = v->user,
                             .responder = v->responder,
                             .good =
                                 rec_null(rec, HANDOVER_OUTGOING_PROOF) && !uuid_is_nil(&v->user)};
  if (in.good && uuid_eq(&in.account, &out.account)) {
    problem_warn(ps, PROBLEM_same_person, S("incoming_proof"));
    in.good = false;
  }
  if (!uuid_is_nil(&out.account)) set_side(rec, HANDOVER_OUTGOING_BY, HANDOVER_OUTGOING, &out);
  if (in.good) set_side(rec, HANDOVER_INCOMING_BY, HANDOVER_INCOMING, &in);
  rec_set(rec, HANDOVER_CONFIRMED, V_I64(out.good && in.good));
  return 0;
}

static int apply(struct tx *tx, struct change *c, const struct record *old, struct record *rec,
                 struct problems *ps, struct err *e) {
  (void)old;
  take_post(c, rec, ps);
  when(c, rec);
  /* the program's own (the model case) says itself who confirmed */
  int r = c->viewer->system ? 0 : confirm(tx, c, rec, ps, e);
  rec_set(rec, HANDOVER_OUTGOING_PROOF, V_NULL);
  rec_set(rec, HANDOVER_INCOMING_PROOF, V_NULL);
  return r;
}

static const char *const indexes[] = {"unit, day", NULL};

static const struct screen handover_screen = {
    .group = "gates",
    .order = 50,
    .zh_lead = "每班交接由交班人、接班人在同一部手机上确认，断网时也能做，联网后到这里。",
    .en_lead = "Both confirm a handover on one phone, also without network; it arrives "
               "here later.",
    .columns = "day outgoing_at post outgoing incoming inside confirmed paper",
    .quick = "post day clock_doubtful"};
const struct kind handover_kind = {KIND(43, "handover", "handovers", "交接班", "Handover", fields),
                                   .screen = &handover_screen, .flags = KF_EVENT | KF_SYNC,
                                   .indexes = indexes, .apply = apply};
