#include "core/operation.h"
#include "api/link.h"
#include "core/settings.h"
#include "auth/audit.h"
#include "domain/daily_returns/clerk.h"
#include "domain/daily_returns/returns_api.h"
#include "domain/residents/residents.h"
#include "output/pdf.h"

/* What is carried from door to door: a letter for each enterprise, or sheets of codes to be cut
 * apart; its link as a code and three lines how to. That one was printed is in the audit of each.
 */

enum { LETTERS_MAX = 500, SHEET_MAX = 2000, AUDIT_AT_ONCE = 100, COLUMNS = 2, ROWS = 4 };

#define LETTER_COLUMNS                                                                             \
  "SELECT e.id, e.name, e.unit, e.link_serial, b.name, e.room FROM enterprise e "                  \
  "LEFT JOIN building b ON b.id = e.building "
/* In the order in which somebody goes through a house. */
#define LETTER_ORDER                                                                               \
  " AND e.op = $2 AND e.state <> 'closed' AND e.retired = 0 "                                      \
  "ORDER BY length(coalesce(b.name, '')), coalesce(b.name, ''), length(coalesce(e.room, '')), "    \
  "coalesce(e.room, ''), e.name, e.id"
QUERY(q_letters_unit, LETTER_COLUMNS "JOIN unit u ON u.no = e.unit "
                                     "WHERE u.path BETWEEN $1 AND $3" LETTER_ORDER);
QUERY(q_letters_building, LETTER_COLUMNS "WHERE e.building = $1" LETTER_ORDER);
QUERY(q_letters_one, LETTER_COLUMNS "WHERE e.id = $1" LETTER_ORDER);

struct letter {
  struct uuid id;
  int32_t unit;
  struct str name, place, url;
};
struct letters {
  struct rq *rq;
  struct str base, until;
  int32_t last_day;
  bool sheet;
  struct letter *list;
  size_t n, at, upto;
};

static struct str place_of(struct arena *a, struct str building, struct str room) {
  if (building.n && room.n)
    return arena_printf(a, STR_FMT " " STR_FMT, STR_ARG(building), STR_ARG(room));
  return building.n ? arena_dup(a, building) : arena_dup(a, room);
}

static int read_letters(struct letters *ls, struct tx *tx, const struct query *q,
                        const struct val *params, size_t n_params, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct arena *a = ls->rq->a;
  const right_t right = right_by_name(S("enterprise.link"));
  const size_t most = ls->sheet ? SHEET_MAX : LETTERS_MAX;
  char text[LINK_TEXT];
  int r = cur_open(tx, q, params, n_params, &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    const int32_t unit = (int32_t)cur_i64(c, 2);
    if (!viewer_may(ls->rq->viewer, right, unit)) continue;
    if (ls->n == most) {
      problem_limit(&ls->rq->problems, PROBLEM_too_many, S("unit"), (int64_t)most);
      return rq_check(ls->rq, e);
    }
    const struct uuid id = cur_uuid(c, 0);
    const struct link l = link_for(ls->rq->app, ls->rq->viewer, &clerk_purpose, &id, cur_i64(c, 3));
    link_make(ls->rq->app, &clerk_purpose, &l, text);
    ls->list[ls->n++] =
        (struct letter){.id = id,
                        .unit = unit,
                        .name = arena_dup(a, cur_text(c, 1)),
                        .place = place_of(a, cur_text(c, 4), cur_text(c, 5)),
                        .url = arena_printf(a, STR_FMT "/e/%s", STR_ARG(ls->base), text)};
  }
  return r < 0 ? r : 0;
}

/* ---- how they look ---- */

/* "企业防疫日报 每天16:00前", each of the forms that are due there. */
static struct str due_words(struct letters *ls, const struct template_set *set, int32_t unit) {
  const struct viewer *v = ls->rq->viewer;
  const struct return_form *forms[8];
  const size_t n = forms_for(set, v->tree, v->op, unit, v->today, forms, ARRAY_LEN(forms));
  struct buf b = BUF_INIT(KIB(4));
  for (size_t i = 0; i < n; i++)
    buf_printf(&b, "%s" STR_FMT "，%02d:%02d前", i ? "\n" : "", STR_ARG(forms[i]->name),
               forms[i]->deadline / 60, forms[i]->deadline % 60);
  const struct str text = arena_dup(ls->rq->a, buf_str(&b));
  buf_done(&b);
  return text;
}

static const char how[3][160] = {
    "1. 用微信或手机浏览器扫码，打开的就是贵单位当天的表，不用账号，也不用下载。",
    "2. 没有变化点“与昨天相同”，没有情况点“零报告”，有变化点“修改后报送”。",
    "3. 看到“已收到”和回执号才算报成，请截图留存；过了时限仍可补报。"};

static void draw_letter(struct letters *ls, struct pdf *p, const struct template_set *set,
                        const struct letter *l) {
  const struct unit_row *u = unit_by_no(ls->rq->viewer->tree, l->unit);
  const struct str due = due_words(ls, set, l->unit);
  struct pdf_pair pairs[2];
  size_t n = 0;
  pdf_banner(p, S("企业日报填报码"), 30);
  pdf_heading(p, 2, l->name);
  if (l->place.n) pairs[n++] = (struct pdf_pair){S("地点"), l->place};
  if (due.n) pairs[n++] = (struct pdf_pair){S("每天填报"), due};
  if (n) pdf_pairs(p, pairs, n);
  pdf_qr(p, l->url, 90, l->name);
  for (size_t i = 0; i < ARRAY_LEN(how); i++) pdf_paragraph(p, str_from(how[i]));
  pdf_space(p, 3);
  pdf_paragraph(p, S("Scan the code with WeChat or the telephone's browser: it opens your "
                     "enterprise's return of the day, without an account."));
  pdf_note(p,
           arena_printf(ls->rq->a,
                        "此码只代表本单位，请交给填报人本人，不要转发到群里。遗失或外传请告知联络人"
                        "更换，旧码随即作废。有效期至 " STR_FMT "。" STR_FMT,
                        STR_ARG(ls->until), STR_ARG(u ? u->name : S(""))));
}

static void draw_card(struct letters *ls, struct pdf *p, const struct letter *l) {
  const struct pdf_pair pairs[2] = {{S("地点"), l->place}, {S("有效期"), ls->until}};
  const struct pdf_card card = {
      .band = {.text = S("企业日报填报码"), .colour = 0x1d4e89, .pattern = PDF_PLAIN},
      .title = l->name,
      .pairs = l->place.n ? pairs : pairs + 1,
      .n_pairs = l->place.n ? 2 : 1,
      .qr = l->url,
      .note = S("1. 微信或浏览器扫码，不用账号。2. 点“与昨天相同”“零报告”或“修改后报送”。"
                "3. 见回执号才算报成。请勿转发。")};
  pdf_card(p, &card);
}

static int draw(struct letters *ls, struct buf *out, struct err *e) {
  _cleanup_(buf_done) struct buf json = BUF_INIT(LIMIT_PDF_JSON);
  _cleanup_(template_set_unrefp) struct template_set *set = template_set_ref();
  struct pdf p;
  const struct pdf_options o = {.title = S("企业日报填报码"),
                                .author = S("守望"),
                                .created_ms = ls->rq->now_ms,
                                .zh = true,
                                .margin_mm = ls->sheet ? 10 : 20};
  pdf_begin(&p, &json, &o);
  if (ls->sheet) pdf_cards_begin(&p, COLUMNS, ROWS);
  for (size_t i = 0; i < ls->n; i++) {
    if (ls->sheet) {
      draw_card(ls, &p, &ls->list[i]);
      continue;
    }
    if (i) pdf_page_break(&p);
    draw_letter(ls, &p, set, &ls->list[i]);
  }
  if (ls->sheet) pdf_cards_end(&p);
  pdf_end(&p);
  if (arena_failed(ls->rq->a)) return err_set(e, E_NOMEM, "no memory for the letters");
  return pdf_render(&p, out, e);
}

/* ---- that they were printed ---- */

static int audit_run(struct tx *tx, void *arg, struct err *e) {
  struct letters *ls = arg;
  const struct str detail = ls->sheet ? S("{\"form\":\"sheet\"}") : S("{\"form\":\"letter\"}");
  int r = 0;
  for (size_t i = ls->at; i < ls->upto && r >= 0; i++)
    r = audit_by(tx, ls->rq->viewer, "link_printed", &enterprise_kind, &ls->list[i].id,
                 ls->list[i].unit, detail, e);
  return r;
}
static const struct cmd_class audit_cmd = {.name = "letters_printed", .run = audit_run};

static int letters_work(struct letters *ls, struct jw *w, struct err *e) {
  struct rq *rq = ls->rq;
  int r = draw(ls, w->b, e);
  for (ls->at = 0; ls->at < ls->n && r >= 0; ls->at = ls->upto) {
    ls->upto = ls->at + AUDIT_AT_ONCE < ls->n ? ls->at + AUDIT_AT_ONCE : ls->n;
    r = writer_run(rq->app->writer, &audit_cmd, ls, CMD_BULK, e);
  }
  if (r < 0) return r;
  rq_file(rq, "application/pdf", S("enterprise-links.pdf"));
  http_add_header(rq->http, "Cache-Control", S("no-store"));
  return 0;
}

/* ---- for whom ---- */

static int for_unit(struct letters *ls, struct tx *tx, struct str code, struct err *e) {
  const struct viewer *v = ls->rq->viewer;
  const struct unit_row *u = unit_by_code(v->tree, code);
  char low[UNIT_PATH_MAX], high[UNIT_PATH_MAX];
  if (!u || !viewer_may(v, right_by_name(S("enterprise.link")), u->no))
    return err_set(e, E_NOT_FOUND, "no such unit in your branch");
  unit_path_range(u, low, high);
  return read_letters(ls, tx, &q_letters_unit, P(V_TEXTZ(low), V_I64(v->op), V_TEXTZ(high)), e);
}

static int for_building(struct letters *ls, struct tx *tx, struct str text, struct err *e) {
  const struct viewer *v = ls->rq->viewer;
  struct record *building;
  struct uuid id;
  if (uuid_parse(text, &id) < 0) return err_set(e, E_NOT_FOUND, "no such building");
  int r = record_get(tx, ls->rq->a, v, &building_kind, &id, &building, e);
  return r < 0 ? r : read_letters(ls, tx, &q_letters_building, P(V_UUID(id), V_I64(v->op)), e);
}

static int for_ids(struct letters *ls, struct tx *tx, const json_t *ids, struct err *e) {
  const size_t most = ls->sheet ? SHEET_MAX : LETTERS_MAX;
  int r = 0;
  if (json_array_size(ids) > most) {
    problem_limit(&ls->rq->problems, PROBLEM_too_many, S("ids"), (int64_t)most);
    return rq_check(ls->rq, e);
  }
  for (size_t i = 0; i < json_array_size(ids) && r >= 0; i++) {
    struct uuid id;
    if (uuid_parse(json_str(json_array_get(ids, i)), &id) < 0)
      return err_set(e, E_NOT_FOUND, "no such enterprise");
    r = read_letters(ls, tx, &q_letters_one, P(V_UUID(id), V_I64(ls->rq->viewer->op)), e);
  }
  return r;
}

static int read_target(struct letters *ls, struct err *e) {
  struct rq *rq = ls->rq;
  const json_t *ids = json_object_get(rq->body, "ids");
  const struct str building = json_str(json_object_get(rq->body, "building"));
  const struct str unit = json_str(json_object_get(rq->body, "unit"));
  const struct str form = json_str(json_object_get(rq->body, "form"));
  _cleanup_(tx_endp) struct tx *tx = NULL;
  if (form.n && !str_is(form, "letter") && !str_is(form, "sheet"))
    problem_text(&rq->problems, PROBLEM_not_in_list, S("form"), S("letter, sheet"), form,
                 S("letter、sheet"));
  if (json_is_array(ids) + (building.n > 0) + (unit.n > 0) != 1)
    problem_rule(&rq->problems, S("unit"), S("请指定企业、楼宇、单位中的一种"),
                 S("name enterprises, a building or a unit, one of them"));
  int r = rq_check(rq, e);
  ls->sheet = str_is(form, "sheet");
  ls->list = arena_array(rq->a, struct letter, SHEET_MAX);
  if (r >= 0 && !ls->list) r = err_set(e, E_NOMEM, "no memory for the letters");
  if (r >= 0) r = rq_read(rq, &tx, e);
  if (r < 0) return r;
  if (unit.n) return for_unit(ls, tx, unit, e);
  return building.n ? for_building(ls, tx, building, e) : for_ids(ls, tx, ids, e);
}

/* POST enterprises/letters {"ids"|"building"|"unit", "form": "letter"|"sheet"} */
int enterprise_letters(struct rq *rq, struct jw *w, struct err *e) {
  struct letters *ls = arena_new(rq->a, struct letters);
  int y, m, d;
  if (!json_is_object(rq->body)) return err_set(e, E_MALFORMED, "the body must be an object");
  *ls =
      (struct letters){.rq = rq,
                       .base = rq_link_base(rq),
                       .last_day = rq->viewer->today + (int32_t)setting_i64(rq->app, rq->viewer->op,
                                                                            "returns.link_days")};
  day_to_civil(ls->last_day, &y, &m, &d);
  ls->until = arena_printf(rq->a, "%d年%d月%d日", y, m, d);
  int r = read_target(ls, e);
  if (r < 0) return r;
  if (!ls->n) return err_set(e, E_NOT_FOUND, "there is no enterprise to print a letter for");
  return letters_work(ls, w, e);
}
