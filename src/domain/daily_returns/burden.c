#include "base/limits.h"
#include "domain/daily_returns/returns_api.h"
#include "domain/rosters/rosters.h"

/* The burden meter: how many boxes somebody has to fill by hand on a day. A box counts for each
 * return that is due, if its template asks it that day, it is required, and nothing else fills it:
 * typed ones always, those counted from staff lines only where the enterprise keeps none. What the
 * file knows and what a formula sums costs nobody anything. */

enum { CALLERS_SHOWN = 200 };

QUERY(q_burden,
      "SELECT d.template, d.caller, count(*), "
      "CAST(coalesce(sum(CASE WHEN EXISTS (SELECT 1 FROM staff_line l WHERE l.enterprise = "
      "d.enterprise AND l.retired = 0 AND (l.ended_on IS NULL OR l.ended_on >= d.day)) THEN 1 ELSE "
      "0 END), 0) AS BIGINT), "
      "CAST(coalesce(sum(CASE WHEN d.nil = 1 OR d.no_change = 1 THEN 1 ELSE 0 END), 0) AS BIGINT) "
      "FROM daily_return d JOIN unit u ON u.no = d.unit WHERE d.op = $1 AND d.day = $2 AND d.state "
      "<> 'exempt' AND u.path BETWEEN $3 AND $4 GROUP BY d.template, d.caller "
      "ORDER BY d.template, d.caller");
QUERY(q_burden_enterprises,
      "SELECT count(DISTINCT d.enterprise) FROM daily_return d JOIN unit u ON u.no = d.unit "
      "WHERE d.op = $1 AND d.day = $2 AND d.state <> 'exempt' AND u.path BETWEEN $3 AND $4");

struct form_burden {
  const struct return_form *form;
  int64_t typed, counted, optional, known, summed; /* boxes of one return */
  int64_t due, boxes, one_tap;
};
struct caller_burden {
  struct uuid id;
  int64_t due, boxes;
};
struct burden {
  struct form_burden forms[TEMPLATES_MAX];
  struct caller_burden callers[CALLERS_SHOWN];
  size_t n_forms, n_callers;
  int64_t enterprises, due, boxes, one_tap;
};

static void count_boxes(struct form_burden *b, int32_t day) {
  for (size_t i = 0; i < b->form->n_items; i++) {
    const struct template_item *it = &b->form->items[i];
    if (!form_asks(it, day)) continue;
    if (it->source == SOURCE_FORMULA)
      b->summed++;
    else if (it->source == SOURCE_ENTERPRISE)
      b->known++;
    else if (!it->required)
      b->optional++;
    else if (it->source == SOURCE_STAFF)
      b->counted++;
    else
      b->typed++;
  }
}

static struct form_burden *form_at(struct burden *b, const struct return_form *form, int32_t day) {
  for (size_t i = 0; i < b->n_forms; i++)
    if (b->forms[i].form == form) return &b->forms[i];
  if (b->n_forms == TEMPLATES_MAX) return NULL;
  struct form_burden *f = &b->forms[b->n_forms++];
  *f = (struct form_burden){.form = form};
  count_boxes(f, day);
  return f;
}

static void add_caller(struct burden *b, const struct uuid *id, int64_t due, int64_t boxes) {
  size_t i = 0;
  while (i < b->n_callers && !uuid_eq(&b->callers[i].id, id)) i++;
  if (i == CALLERS_SHOWN) return;
  if (i == b->n_callers) b->callers[b->n_callers++] = (struct caller_burden){.id = *id};
  b->callers[i].due += due;
  b->callers[i].boxes += boxes;
}

static int count_all(struct tx *tx, const struct branch *of, const struct template_set *set,
                     struct burden *b, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r =
      tx_i64(tx, &q_burden_enterprises, P(of->op, of->on, of->low, of->high), &b->enterprises, e);
  if (r >= 0) r = cur_open(tx, &q_burden, P(of->op, of->on, of->low, of->high), &c, e);
  while (r >= 0 && (r = cur_next(c, e)) == 1) {
    const struct uuid template = cur_uuid(c, 0);
    const struct uuid caller = cur_null(c, 1) ? (struct uuid){{0}} : cur_uuid(c, 1);
    const struct return_form *form = form_by_id(set, &template);
    struct form_burden *f = form ? form_at(b, form, of->day) : NULL;
    const int64_t due = cur_i64(c, 2), lined = cur_i64(c, 3), tapped = cur_i64(c, 4);
    if (!f) continue;
    const int64_t boxes = due * f->typed + (due - lined) * f->counted;
    f->due += due;
    f->boxes += boxes;
    f->one_tap += tapped;
    b->due += due;
    b->boxes += boxes;
    b->one_tap += tapped;
    add_caller(b, &caller, due, boxes);
  }
  return r < 0 ? r : 0;
}

static void write_form(struct jw *w, const struct form_burden *f) {
  jw_object(w);
  jw_kuuid(w, "id", &f->form->id);
  jw_kstr(w, "template", f->form->code);
  jw_ki64(w, "version", f->form->version);
  jw_kstr(w, "name", f->form->name);
  jw_kstr(w, "name_en", f->form->name_en);
  jw_ki64(w, "typed", f->typed);
  jw_ki64(w, "counted", f->counted);
  jw_ki64(w, "optional", f->optional);
  jw_ki64(w, "known", f->known);
  jw_ki64(w, "summed", f->summed);
  jw_ki64(w, "due", f->due);
  jw_ki64(w, "boxes", f->boxes);
  jw_ki64(w, "one_tap", f->one_tap);
  jw_end(w);
}

static int write_caller(struct emit *em, struct jw *w, const struct caller_burden *b,
                        struct err *e) {
  struct record *who = NULL;
  int r = uuid_is_nil(&b->id)
              ? 0
              : record_load(em->tx, em->a, &responder_kind, em->viewer->op, &b->id, &who, e);
  if (r == -E_NOROW) r = 0;
  jw_object(w);
  jw_k(w, "caller");
  if (who) {
    jw_object(w);
    jw_kuuid(w, "id", &b->id);
    jw_kstr(w, "title", record_title(em, who));
    jw_end(w);
  } else
    jw_null(w);
  jw_ki64(w, "due", b->due);
  jw_ki64(w, "boxes", b->boxes);
  jw_end(w);
  return r;
}

/* GET return-templates/burden?unit=&date= */
int burden_get(struct rq *rq, struct jw *w, struct err *e) {
  struct branch of;
  struct burden *b = arena_new(rq->a, struct burden);
  _cleanup_(template_set_unrefp) struct template_set *set = template_set_ref();
  *b = (struct burden){0};
  int r = rq_branch(rq, "daily_return.read", &of, e);
  if (r >= 0) r = count_all(rq->tx, &of, set, b, e);
  if (r < 0) return r;
  struct emit em = {.tx = rq->tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  jw_object(w);
  jw_kstr(w, "day", of.day_text);
  jw_ki64(w, "enterprises", b->enterprises);
  jw_ki64(w, "due", b->due);
  jw_ki64(w, "boxes", b->boxes);
  jw_ki64(w, "one_tap", b->one_tap);
  jw_karray(w, "templates");
  for (size_t i = 0; i < b->n_forms; i++) write_form(w, &b->forms[i]);
  jw_end(w);
  jw_karray(w, "callers");
  for (size_t i = 0; i < b->n_callers && r >= 0; i++) r = write_caller(&em, w, &b->callers[i], e);
  jw_end(w);
  jw_end(w);
  return r;
}
