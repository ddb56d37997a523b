#include "domain/gate/handover_page.h"
#include "domain/gate/handover.h"
#include "domain/gate/visitor.h"
#include "domain/rosters/rosters.h"

/* A handover as people read it: who gave the post to whom, whether both said so, what was left to
 * do, and who was inside at that moment. */

enum { INSIDE_MAX = 200 };

struct lines {
  struct rq *rq;
  struct emit em;
  struct jw *w;
};

static void line(struct lines *l, const char *zh, const char *en, struct str value) {
  if (!value.n) return;
  jw_object(l->w);
  jw_kstrz(l->w, "zh", zh);
  jw_kstrz(l->w, "en", en);
  jw_kstr(l->w, "value", value);
  jw_end(l->w);
}

/* Words in either language, for whoever looks. */
static void line_in(struct lines *l, const char *zh, const char *en, struct str in_zh,
                    struct str in_en) {
  jw_object(l->w);
  jw_kstrz(l->w, "zh", zh);
  jw_kstrz(l->w, "en", en);
  jw_k(l->w, "value");
  jw_object(l->w);
  jw_kstr(l->w, "zh", in_zh);
  jw_kstr(l->w, "en", in_en);
  jw_end(l->w);
  jw_end(l->w);
}

/* "05-08 17:30", where he who reads it is. */
static struct str moment_of(const struct lines *l, const struct record *rec, int field) {
  char text[MOMENT_TEXT];
  if (rec_null(rec, field)) return S("");
  moment_format(rec_i64(rec, field), l->rq->viewer->zone, text);
  return arena_printf(l->rq->a, "%.5s %.5s", text + 5, text + 11);
}

static int title_of(struct lines *l, const struct kind *k, const struct record *rec, int field,
                    struct str *ret, struct err *e) {
  struct record *found;
  *ret = S("");
  if (rec_null(rec, field)) return 0;
  const struct uuid id = rec_uuid(rec, field);
  int r = record_load(l->em.tx, l->rq->a, k, k->flags & KF_GLOBAL ? 0 : rec->op, &id, &found, e);
  if (r == -E_NOROW) return 0;
  if (r >= 0) r = emit_prefetch(&l->em, &found, 1, e);
  if (r >= 0) *ret = record_title(&l->em, found);
  return r;
}

/* "张** · 05-08 20:00 · 已确认" */
static int side(struct lines *l, const struct record *rec, bool outgoing, struct err *e) {
  const int person = outgoing ? HANDOVER_OUTGOING : HANDOVER_INCOMING;
  const int by = outgoing ? HANDOVER_OUTGOING_BY : HANDOVER_INCOMING_BY;
  struct str name;
  int r = title_of(l, &responder_kind, rec, person, &name, e);
  if (r < 0) return r;
  const struct str at = moment_of(l, rec, outgoing ? HANDOVER_OUTGOING_AT : HANDOVER_INCOMING_AT);
  const bool sure = !rec_null(rec, by) || rec_i64(rec, HANDOVER_CONFIRMED);
  struct arena *a = l->rq->a;
  const struct str when = at.n ? arena_printf(a, " · " STR_FMT, STR_ARG(at)) : S("");
  line_in(l, outgoing ? "交班人" : "接班人", outgoing ? "Handed over by" : "Taken over by",
          arena_printf(a, STR_FMT STR_FMT " · %s", STR_ARG(name.n ? name : S("没有登记姓名")),
                       STR_ARG(when), sure ? "已确认" : "未确认"),
          arena_printf(a, STR_FMT STR_FMT " · %s", STR_ARG(name.n ? name : S("no name")),
                       STR_ARG(when), sure ? "confirmed" : "not confirmed"));
  return 0;
}

int handover_section(struct rq *rq, struct tx *tx, const struct record *rec, struct jw *w,
                     struct err *e) {
  struct lines l = {.rq = rq,
                    .em = {.tx = tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a},
                    .w = w};
  static const struct {
    int field;
    const char *zh, *en;
  } texts[] = {{HANDOVER_IN_HAND, "未办完的事", "In hand"},
               {HANDOVER_OVERDUE, "外出未归的出入证号", "Passes still out"},
               {HANDOVER_KEYS, "钥匙", "Keys"},
               {HANDOVER_STOCK, "物资", "Stock"},
               {HANDOVER_REMARKS, "备注", "Remarks"}};
  struct str post, shift;
  jw_karray(w, "items");
  int r = title_of(&l, kind_by_name(S("post")), rec, HANDOVER_POST, &post, e);
  if (r >= 0) r = title_of(&l, kind_by_name(S("shift")), rec, HANDOVER_SHIFT, &shift, e);
  if (r < 0) return r;
  line(&l, "值勤点", "Post", post);
  line(&l, "所交班次", "Shift that ended", shift);
  r = side(&l, rec, true, e);
  if (r >= 0) r = side(&l, rec, false, e);
  if (r < 0) return r;
  const bool both = rec_i64(rec, HANDOVER_CONFIRMED), paper = rec_i64(rec, HANDOVER_PAPER);
  line_in(&l, "双方确认", "Both confirmed",
          both    ? S("是")
          : paper ? S("由纸质记录补录")
                  : S("否，请向双方核实"),
          both    ? S("yes")
          : paper ? S("copied from paper")
                  : S("no: ask both"));
  if (!rec_null(rec, HANDOVER_INSIDE))
    line(&l, "当时在内访客", "Visitors inside then",
         arena_printf(rq->a, "%lld", (long long)rec_i64(rec, HANDOVER_INSIDE)));
  for (size_t i = 0; i < ARRAY_LEN(texts); i++)
    line(&l, texts[i].zh, texts[i].en, rec_text(rec, texts[i].field));
  jw_end(w);
  return 0;
}

/* ---- who was inside ---- */

/* Of the days up to it: nobody stays for a month unseen, and the register is long. */
QUERY(q_inside_then,
      "SELECT id FROM visitor WHERE op = $1 AND unit = $2 AND day >= $3 AND day <= $4 "
      "AND retired = 0 AND state IN ('inside', 'left') AND arrived_at <= $5 "
      "AND (left_at IS NULL OR left_at > $5) ORDER BY arrived_at LIMIT 200"); /* limit: more */

int handover_inside_section(struct rq *rq, struct tx *tx, const struct record *rec, struct jw *w,
                            struct err *e) {
  enum { DAYS = 7 };
  struct uuid ids[INSIDE_MAX];
  struct record *found[INSIDE_MAX] = {0}, *shown[INSIDE_MAX];
  char from[DAY_TEXT];
  size_t n = 0, n_shown = 0;
  const int32_t day = rec_day(rec, HANDOVER_DAY);
  const int64_t at = !rec_null(rec, HANDOVER_OUTGOING_AT) ? rec_i64(rec, HANDOVER_OUTGOING_AT)
                     : !rec_null(rec, HANDOVER_DEVICE_AT) ? rec_i64(rec, HANDOVER_DEVICE_AT)
                                                          : rec->created_ms;
  day_format(day - DAYS, from);
  {
    _cleanup_(cur_donep) struct cur *c = NULL;
    int r = cur_open(tx, &q_inside_then,
                     P(V_I64(rec->op), V_I64(rec_unit(rec, HANDOVER_UNIT)), V_TEXTZ(from),
                       rec->v[HANDOVER_DAY], V_I64(at)),
                     &c, e);
    while (r >= 0 && (r = cur_next(c, e)) == 1 && n < INSIDE_MAX) ids[n++] = cur_uuid(c, 0);
    if (r < 0) return r;
  }
  int r = n ? records_by_ids(tx, rq->a, &visitor_kind, rec->op, ids, n, found, e) : 0;
  for (size_t i = 0; i < n && r >= 0; i++)
    if (found[i] && record_visible(rq->viewer, found[i])) shown[n_shown++] = found[i];
  if (r >= 0) r = page_items(rq, tx, w, shown, n_shown, e);
  jw_kbool(w, "more", n == INSIDE_MAX);
  return r;
}
