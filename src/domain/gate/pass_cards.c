#include "core/operation.h"
#include "domain/gate/reverse.h"
#include "domain/gate/pass_api.h"
#include "domain/rosters/rosters.h"
#include "output/pdf.h"

/* What is printed: cards, and the poster of a gate. Cards are in Chinese, as are those who carry
 * them; they say neither ID number nor phone. */

enum { CARDS_MAX = 5000, MARK_AT_ONCE = 100 };

/* ---- which ---- */

#define CARD_COLUMNS                                                                               \
  "SELECT p.id, c.name, h.code, r.name, p.plate, v.name FROM pass p "                              \
  "LEFT JOIN compound c ON c.id = p.compound LEFT JOIN household h ON h.id = p.household "         \
  "LEFT JOIN building b ON b.id = h.building LEFT JOIN resident r ON r.id = p.resident "           \
  "LEFT JOIN visitor v ON v.id = p.visitor "                                                       \
  "WHERE p.op = $1 AND p.state = 'active' AND p.retired = 0 AND p.valid_to >= $3 "
/* In the order in which somebody goes from door to door. */
#define CARD_ORDER                                                                                 \
  " AND ($4 = 0 OR p.printed_at IS NULL) "                                                         \
  "ORDER BY length(coalesce(b.name, '')), coalesce(b.name, ''), "                                  \
  "length(coalesce(h.stairwell, '')), coalesce(h.stairwell, ''), "                                 \
  "length(coalesce(h.door, '')), coalesce(h.door, ''), p.id LIMIT 5001" /* limit: said */
QUERY(q_cards_compound, CARD_COLUMNS "AND p.compound = $2" CARD_ORDER);
QUERY(q_cards_building, CARD_COLUMNS "AND h.building = $2" CARD_ORDER);
QUERY(q_cards_household, CARD_COLUMNS "AND p.household = $2" CARD_ORDER);
QUERY(q_cards_one, CARD_COLUMNS "AND p.id = $2" CARD_ORDER);

struct card {
  struct uuid id;
  struct str estate, door, name, plate, visitor;
};
struct cards {
  struct rq *rq;
  struct pass_target target;
  bool only_unprinted;
  struct card *list;
  size_t n, at, upto;
};

static int read_cards(struct cards *cs, struct tx *tx, const struct query *q, const struct uuid *id,
                      struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  struct arena *a = cs->rq->a;
  char today[DAY_TEXT];
  day_format(cs->rq->viewer->today, today);
  int r = cur_open(
      tx, q, P(V_I64(cs->rq->viewer->op), V_UUID(*id), V_TEXTZ(today), V_I64(cs->only_unprinted)),
      &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) == 1) {
    if (cs->n == CARDS_MAX) {
      problem_limit(&cs->rq->problems, PROBLEM_too_many, S("compound"), CARDS_MAX);
      return rq_check(cs->rq, e);
    }
    cs->list[cs->n++] = (struct card){.id = cur_uuid(cur, 0),
                                      .estate = arena_dup(a, cur_text(cur, 1)),
                                      .door = arena_dup(a, cur_text(cur, 2)),
                                      .name = arena_dup(a, cur_text(cur, 3)),
                                      .plate = arena_dup(a, cur_text(cur, 4)),
                                      .visitor = arena_dup(a, cur_text(cur, 5))};
  }
  return r < 0 ? r : 0;
}

/* A list of passes: each is asked for by itself, since they may lie anywhere. */
static int read_listed(struct cards *cs, struct tx *tx, struct err *e) {
  const right_t print = right_by_name(S("pass.print"));
  int r = 0;
  for (size_t i = 0; i < cs->target.n_ids && r >= 0; i++) {
    struct record *pass;
    r = record_get(tx, cs->rq->a, cs->rq->viewer, &pass_kind, &cs->target.ids[i], &pass, e);
    if (r >= 0 && !viewer_may(cs->rq->viewer, print, rec_unit(pass, PASS_UNIT)))
      r = err_set(e, E_FORBIDDEN, "the right is missing at the unit concerned");
    if (r >= 0) r = read_cards(cs, tx, &q_cards_one, &cs->target.ids[i], e);
  }
  return r;
}

/* ---- how they look ---- */

static const struct {
  const char *cls, *words;
  uint32_t colour;
  enum pdf_pattern pattern;
} bands[] = {{"person", "个人出入证", 0x1d4e89, PDF_PLAIN},
             {"household", "家庭出入证", 0x1b6b3a, PDF_STRIPES},
             {"vehicle", "车辆出入证", 0x8a4b08, PDF_CHECKS},
             {"visitor", "访客出入证", 0x6b2d73, PDF_DOTS}};

static struct pdf_band band_of(const struct record *pass) {
  for (size_t i = 0; i < ARRAY_LEN(bands); i++)
    if (rec_is(pass, PASS_CLASS, bands[i].cls))
      return (struct pdf_band){str_from(bands[i].words), bands[i].colour, bands[i].pattern};
  return (struct pdf_band){.text = S("出入证")};
}

static struct str day_words(struct arena *a, const struct record *pass, int field) {
  int y, m, d;
  day_to_civil(rec_day(pass, field), &y, &m, &d);
  return arena_printf(a, "%d.%d.%d", y, m, d);
}

static struct str rule_words(struct cards *cs, const struct record *pass) {
  struct arena *a = cs->rq->a;
  const int32_t today = cs->rq->viewer->today;
  const int64_t days = policy(cs->rq->app, pass->op, "pass_household_days", today);
  const int64_t minutes = policy(cs->rq->app, pass->op, "pass_household_minutes", today);
  struct str rule = S("");
  if (rec_is(pass, PASS_CLASS, "household") && days > 1)
    rule = arena_printf(a, "每户每%lld天一人外出一次", (long long)days);
  else if (rec_is(pass, PASS_CLASS, "household") && days == 1)
    rule = S("每户每天一人外出一次");
  if (rule.n && minutes > 0 && minutes % 60 == 0)
    rule = arena_printf(a, STR_FMT "，限%lld小时", STR_ARG(rule), (long long)(minutes / 60));
  else if (rule.n && minutes > 0)
    rule = arena_printf(a, STR_FMT "，限%lld分钟", STR_ARG(rule), (long long)minutes);
  return arena_printf(a, STR_FMT "%s请勿转借，遗失请报社区。", STR_ARG(rule), rule.n ? "。" : "");
}

static int draw_card(struct cards *cs, struct pdf *p, const struct card *c,
                     const struct record *pass, struct err *e) {
  struct arena *a = cs->rq->a;
  struct pass_code code;
  struct pdf_pair pairs[4];
  size_t n = 0;
  int r = pass_code_of(cs->rq->app, pass, &code, e);
  if (r < 0) return r;
  const struct str number = rec_text(pass, PASS_NUMBER), who = c->name.n ? c->name : c->visitor;
  if (who.n) pairs[n++] = (struct pdf_pair){S("姓名"), mask_text(a, MASK_NAME, who)};
  if (c->plate.n) pairs[n++] = (struct pdf_pair){S("车牌"), c->plate};
  if (c->door.n) pairs[n++] = (struct pdf_pair){S("门牌"), c->door};
  pairs[n++] =
      (struct pdf_pair){S("有效期"), arena_printf(a, STR_FMT "\n至 " STR_FMT,
                                                  STR_ARG(day_words(a, pass, PASS_VALID_FROM)),
                                                  STR_ARG(day_words(a, pass, PASS_VALID_TO)))};
  const struct pdf_card card = {
      .band = band_of(pass),
      .title = c->estate,
      .big = arena_printf(a, "%.4s %.4s", number.p, number.p + PASS_NUMBER_DIGITS / 2),
      .pairs = pairs,
      .n_pairs = n,
      .qr = arena_dup(a, pass_code_str(&code)),
      .note = rule_words(cs, pass)};
  pdf_card(p, &card);
  return 0;
}

static int draw_all(struct cards *cs, struct record **passes, struct buf *out, struct err *e) {
  _cleanup_(buf_done) struct buf json = BUF_INIT(LIMIT_PDF_JSON);
  struct pdf p;
  const struct pdf_options o = {.title = S("出入证"),
                                .author = S("守望"),
                                .created_ms = cs->rq->now_ms,
                                .zh = true,
                                .margin_mm = 10};
  int r = 0;
  pdf_begin(&p, &json, &o);
  pdf_cards_begin(&p, 2, 5);
  for (size_t i = 0; i < cs->n && r >= 0; i++)
    if (passes[i]) r = draw_card(cs, &p, &cs->list[i], passes[i], e);
  pdf_cards_end(&p);
  pdf_end(&p);
  if (r >= 0 && arena_failed(cs->rq->a)) return err_set(e, E_NOMEM, "no memory for the cards");
  return r < 0 ? r : pdf_render(&p, out, e);
}

/* ---- that they were printed ---- */

static int mark_run(struct tx *tx, void *arg, struct err *e) {
  struct cards *cs = arg;
  int r = 0;
  for (size_t i = cs->at; i < cs->upto && r >= 0; i++) {
    struct change *c = change_make(tx_arena(tx), &cs->rq->app->registry, cs->rq->viewer, &pass_kind,
                                   CHANGE_UPDATE);
    c->id = cs->list[i].id;
    c->at_ms = cs->rq->now_ms;
    c->internal = true;
    change_set(c, PASS_PRINTED_AT, V_I64(cs->rq->now_ms));
    r = change_ready(c, e);
    if (r >= 0) r = change_run(tx, c, e);
  }
  return r;
}
static const struct cmd_class mark_cmd = {.name = "passes_printed", .run = mark_run};

static int cards_work(struct cards *cs, struct jw *w, struct err *e) {
  struct rq *rq = cs->rq;
  struct uuid *ids = arena_array(rq->a, struct uuid, cs->n);
  struct record **passes = arena_array(rq->a, struct record *, cs->n);
  int r = ids && passes ? 0 : err_set(e, E_NOMEM, "no memory for the cards");
  if (r == 0) {
    _cleanup_(tx_endp) struct tx *tx = NULL;
    for (size_t i = 0; i < cs->n; i++) ids[i] = cs->list[i].id;
    r = rq_read(rq, &tx, e);
    if (r >= 0) r = records_by_ids(tx, rq->a, &pass_kind, rq->viewer->op, ids, cs->n, passes, e);
  }
  if (r >= 0) r = draw_all(cs, passes, w->b, e);
  for (cs->at = 0; cs->at < cs->n && r >= 0; cs->at = cs->upto) {
    cs->upto = cs->at + MARK_AT_ONCE < cs->n ? cs->at + MARK_AT_ONCE : cs->n;
    r = writer_run(rq->app->writer, &mark_cmd, cs, CMD_BULK, e);
  }
  if (r >= 0) rq_file(rq, "application/pdf", S("passes.pdf"));
  return r;
}

/* POST passes/cards {"ids"|"compound"|"building"|"household", "only_unprinted"} */
int pass_cards(struct rq *rq, struct jw *w, struct err *e) {
  static const struct query *const queries[] = {[TARGET_COMPOUND] = &q_cards_compound,
                                                [TARGET_BUILDING] = &q_cards_building,
                                                [TARGET_HOUSEHOLD] = &q_cards_household};
  struct cards *cs = arena_new(rq->a, struct cards);
  cs->rq = rq;
  cs->only_unprinted = json_is_true(json_object_get(rq->body, "only_unprinted"));
  _cleanup_(tx_endp) struct tx *tx = NULL;
  int r = rq_read(rq, &tx, e);
  if (r >= 0) r = pass_target(rq, tx, "pass.print", true, &cs->target, e);
  if (r < 0) return r;
  cs->list = arena_array(rq->a, struct card, CARDS_MAX);
  if (!cs->list || arena_failed(rq->a)) return err_set(e, E_NOMEM, "no memory for the cards");
  r = cs->target.kind == TARGET_IDS
          ? read_listed(cs, tx, e)
          : read_cards(cs, tx, queries[cs->target.kind], &cs->target.id, e);
  if (r < 0) return r;
  if (cs->n == 0) return err_set(e, E_NOT_FOUND, "there is no pass to print");
  tx_endp(&tx);
  return cards_work(cs, w, e);
}

/* ---- the poster ---- */

struct poster {
  struct uuid post;
  struct str name, unit;
  bool a3;
  int64_t serial;
};

static int draw_poster(struct rq *rq, const struct poster *po, struct buf *out, struct err *e) {
  _cleanup_(buf_done) struct buf json = BUF_INIT(LIMIT_PDF_JSON);
  struct pdf p;
  char code[LINK_TEXT];
  const double grow = po->a3 ? 1.4 : 1;
  const struct pdf_options o = {.title = S("卡口扫码登记"),
                                .author = S("守望"),
                                .created_ms = rq->now_ms,
                                .a3 = po->a3,
                                .zh = true,
                                .margin_mm = 15};
  gate_code_write(rq->app, &po->post, po->serial, code);
  const struct str link = arena_printf(rq->a, STR_FMT "/g/%s", STR_ARG(rq_link_base(rq)), code);
  pdf_begin(&p, &json, &o);
  pdf_banner(&p, po->unit, 24 * grow);
  pdf_banner(&p, po->name, 44 * grow);
  pdf_space(&p, 4 * grow);
  pdf_qr(&p, link, 135 * grow, (struct str){0});
  pdf_banner(&p, S("进出请扫码"), 40 * grow);
  pdf_banner(&p, S("扫码后选本人出入证，把结果给值守人员看"), 20 * grow);
  pdf_space(&p, 3 * grow);
  pdf_note(&p,
           arena_printf(rq->a, "没有手机的，请出示出入证卡片或告诉值守人员。卡口编号 %s", code));
  pdf_end(&p);
  if (arena_failed(rq->a)) return err_set(e, E_NOMEM, "no memory for the poster");
  return pdf_render(&p, out, e);
}

/* POST posts/:id/poster {"size": "a4"|"a3"} */
int gate_poster(struct rq *rq, struct jw *w, struct err *e) {
  struct poster *po = arena_new(rq->a, struct poster);
  struct record *post;
  const struct str size = json_str(json_object_get(rq->body, "size"));
  _cleanup_(tx_endp) struct tx *tx = NULL;
  if (size.n && !str_is(size, "a4") && !str_is(size, "a3"))
    problem_text(&rq->problems, PROBLEM_not_in_list, S("size"), S("a4, a3"), size, S("a4、a3"));
  int r = rq_check(rq, e);
  if (r < 0) return r;
  if (uuid_parse(rq->params[0], &po->post) < 0) return err_set(e, E_NOT_FOUND, "no such post");
  r = rq_read(rq, &tx, e);
  if (r >= 0) r = record_get(tx, rq->a, rq->viewer, &post_kind, &po->post, &post, e);
  if (r < 0) return r;
  if (!rec_is(post, POST_KIND, "gate")) return err_set(e, E_NOT_FOUND, "the post is no gate");
  if (!viewer_may(rq->viewer, right_by_name(S("pass.print")), rec_unit(post, POST_UNIT)))
    return err_set(e, E_FORBIDDEN, "the right is missing at the unit concerned");
  const struct unit_row *u = unit_by_no(rq->viewer->tree, rec_unit(post, POST_UNIT));
  po->name = rec_text(post, POST_NAME);
  po->unit = u ? u->name : S("");
  po->a3 = str_is(size, "a3");
  po->serial = rec_null(post, POST_CODE_SERIAL) ? 0 : rec_i64(post, POST_CODE_SERIAL);
  tx_endp(&tx);
  r = draw_poster(rq, po, w->b, e);
  if (r >= 0) rq_file(rq, "application/pdf", S("gate.pdf"));
  return r;
}
