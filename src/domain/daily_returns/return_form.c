#include "domain/daily_returns/returns_api.h"
#include "domain/daily_returns/staff_line.h"

/* A return as a page needs it: the boxes with their words and definitions, what each starts with,
 * the equations, what was reported already, and the staff lines. The clerk's page and the caller's
 * screen read the same. */

enum { LINES_SHOWN = 1000 };

static void write_words(struct jw *w, const char *zh_key, struct str zh, const char *en_key,
                        struct str en) {
  jw_key(w, str_from(zh_key));
  jw_str(w, zh);
  jw_key(w, str_from(en_key));
  jw_str(w, en);
}

static const char *const type_names[] = {"count", "text", "bool", "date", "choice"};
static const char *const source_names[] = {"typed", "staff_lines", "enterprise", "formula"};

/* What stands in the file and is changed there: shown as this reader may see it, or empty. */
static int write_filed(struct emit *em, struct jw *w, const struct template_item *it,
                       const struct prefill *p, struct err *e) {
  struct str text = {NULL, 0};
  bool masked;
  const int field = str_is(it->key, "enterprise.contact") ? ENTERPRISE_CONTACT
                    : str_is(it->key, "enterprise.phone") ? ENTERPRISE_PHONE
                                                          : -1;
  int r = field < 0 ? 0 : emit_text(em, p->enterprise, field, &text, &masked, e);
  jw_str(w, text.p ? text : S(""));
  return r;
}

static int write_item(struct emit *em, struct jw *w, const struct template_item *it,
                      const struct prefill *p, struct err *e) {
  int r = 0;
  jw_object(w);
  jw_kstr(w, "code", it->code);
  write_words(w, "zh", it->zh, "en", it->en);
  write_words(w, "definition_zh", it->zh_definition, "definition_en", it->en_definition);
  write_words(w, "group_zh", it->group_zh, "group_en", it->group_en);
  jw_kstrz(w, "type", type_names[it->type]);
  jw_k(w, "source");
  /* without lines there is nothing to count: the box is typed */
  jw_strz(w, it->source == SOURCE_STAFF && !p->has_lines ? "typed" : source_names[it->source]);
  jw_kstr(w, "key", it->key);
  jw_kbool(w, "required", it->required);
  jw_kbool(w, "carries", it->carries);
  if (it->most < INT64_MAX) {
    jw_ki64(w, "max", it->most);
  }
  if (it->choices.n) {
    struct str rest = it->choices;
    jw_karray(w, "choices");
    while (rest.p) jw_str(w, str_trim(str_split(&rest, ',')));
    jw_end(w);
  }
  jw_k(w, "value");
  json_t *value = prefill_value(p, it);
  if (value)
    jw_tree(w, value);
  else if (it->source == SOURCE_ENTERPRISE && !item_said_in_return(it))
    r = write_filed(em, w, it, p, e);
  else
    jw_null(w);
  json_decref(value);
  jw_end(w);
  return r;
}

static void write_rule(struct jw *w, const struct template_rule *ru) {
  static const struct {
    char op;
    const char *name;
  } names[] = {{'=', "eq"}, {'<', "le"}, {'>', "ge"}};
  jw_object(w);
  jw_kstrz(w, "level", ru->hard ? "hard" : "soft");
  jw_kstr(w, "left", ru->left_text);
  jw_k(w, "operator");
  for (size_t i = 0; i < ARRAY_LEN(names); i++)
    if (names[i].op == ru->op) jw_strz(w, names[i].name);
  jw_kstr(w, "right", ru->right_text);
  write_words(w, "zh", ru->zh, "en", ru->en);
  jw_end(w);
}

static void write_moment(struct jw *w, const struct viewer *v, int32_t day, int minute) {
  char text[MOMENT_TEXT];
  moment_format(zone_moment(v->zone, day, minute), v->zone, text);
  jw_strz(w, text);
}

static int write_one(struct rq *rq, struct emit *em, struct jw *w, const struct return_form *f,
                     const struct form_query *q, struct err *e) {
  struct prefill p;
  int r = prefill_read(em->tx, em->en, rq->a, em->viewer, &q->enterprise, f, q->day, &p, e);
  if (r < 0) return r;
  jw_object(w);
  jw_kstr(w, "template", f->code);
  jw_ki64(w, "version", f->version);
  write_words(w, "name", f->name, "name_en", f->name_en);
  jw_kstr(w, "note", f->note);
  jw_k(w, "deadline");
  write_moment(w, em->viewer, q->day, f->deadline);
  jw_k(w, "cutoff");
  write_moment(w, em->viewer, q->day, f->cutoff);
  jw_kobject(w, "levels");
  for (size_t i = 0; i < TEMPLATE_LEVELS; i++) {
    if (f->levels[i] < 0) continue;
    jw_key(w, str_from(template_level_names[i]));
    write_moment(w, em->viewer, q->day, f->levels[i]);
  }
  jw_end(w);
  jw_karray(w, "fields");
  for (size_t i = 0; i < f->n_items && r >= 0; i++)
    if (form_asks(&f->items[i], q->day)) r = write_item(em, w, &f->items[i], &p, e);
  jw_end(w);
  jw_karray(w, "checks");
  for (size_t i = 0; i < f->n_rules; i++) write_rule(w, &f->rules[i]);
  jw_end(w);
  jw_k(w, "yesterday");
  if (p.yesterday && p.yesterday_on == q->day - 1)
    jw_tree(w, p.yesterday);
  else
    jw_null(w);
  jw_kbool(w, "before", p.yesterday != NULL);
  jw_k(w, "return");
  if (p.row)
    r = emit_record(em, w, p.row, e);
  else
    jw_null(w);
  jw_end(w);
  return r;
}

QUERY(q_lines_of, "SELECT id FROM staff_line WHERE op = $1 AND enterprise = $2 AND retired = 0 AND "
                  "ended_on IS NULL ORDER BY id LIMIT 1001"); /* limit: said */

/* To the enterprise's own clerk: it is he who wrote them down, so nothing is masked. */
static int write_own_line(struct emit *em, struct jw *w, struct record *line, struct err *e) {
  static const int shown[] = {LINE_NAME,       LINE_HUBEI,       LINE_LEFT_ON,
                              LINE_WHERE,      LINE_BACK_ON,     LINE_ISOLATING_UNTIL,
                              LINE_AT_WORK_ON, LINE_PLAN_BACK_ON};
  int r = record_plain(em->en->sealer, line, LINE_NAME, em->a, e);
  if (r < 0) return r;
  jw_object(w);
  jw_kuuid(w, "id", &line->id);
  jw_ki64(w, "rev", line->rev);
  for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
    jw_key(w, str_from(staff_line_kind.fields[shown[i]].name));
    jw_str(w, rec_text(line, shown[i]));
  }
  jw_end(w);
  return 0;
}

static int write_lines(struct rq *rq, struct emit *em, struct jw *w, const struct uuid *enterprise,
                       struct err *e) {
  struct record **lines = arena_array(rq->a, struct record *, LINES_SHOWN);
  size_t n = 0;
  bool more = false;
  if (!lines) return err_set(e, E_NOMEM, "no memory for staff lines");
  int r = records_found(em->tx, rq->a, &staff_line_kind, em->viewer->op, &q_lines_of,
                        P(V_I64(em->viewer->op), V_UUID(*enterprise)), lines, LINES_SHOWN, &n,
                        &more, e);
  if (r >= 0 && more) return err_set(e, E_TOO_LARGE, "the enterprise keeps too many staff lines");
  jw_array(w);
  for (size_t i = 0; i < n && r >= 0; i++)
    r = em->viewer->link ? write_own_line(em, w, lines[i], e) : emit_record(em, w, lines[i], e);
  jw_end(w);
  return r < 0 ? r : 0;
}

int form_write(struct rq *rq, const struct viewer *v, const struct form_query *q, struct jw *w,
               struct err *e) {
  _cleanup_(template_set_unrefp) struct template_set *set = template_set_ref();
  const struct return_form *forms[16];
  struct record *enterprise;
  char day[DAY_TEXT];
  struct emit em = {.tx = rq->tx, .en = &rq->app->registry, .viewer = v, .a = rq->a};
  int r = record_get(rq->tx, rq->a, v, &enterprise_kind, &q->enterprise, &enterprise, e);
  if (r == -E_NOROW) return err_set(e, E_NOT_FOUND, "no such enterprise");
  if (r < 0) return r;
  const size_t n = forms_for(set, v->tree, v->op, rec_unit(enterprise, ENTERPRISE_UNIT), q->day,
                             forms, ARRAY_LEN(forms));
  day_format(q->day, day);
  jw_object(w);
  jw_k(w, "enterprise");
  r = emit_record(&em, w, enterprise, e);
  jw_kstrz(w, "day", day);
  jw_k(w, "now");
  char now[MOMENT_TEXT];
  moment_format(rq->now_ms, v->zone, now);
  jw_strz(w, now);
  jw_karray(w, "forms");
  for (size_t i = 0; i < n && r >= 0; i++)
    if (!q->code.n || str_eq(q->code, forms[i]->code)) r = write_one(rq, &em, w, forms[i], q, e);
  jw_end(w);
  jw_k(w, "lines");
  if (r >= 0) r = write_lines(rq, &em, w, &q->enterprise, e);
  jw_end(w);
  return r;
}
