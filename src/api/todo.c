#include "api/todo.h"
#include "base/limits.h"

/* Each kind's list comes in its own order of what is due; here they are merged, and gone on with
 * behind what was shown of each. */
struct lane {
  const struct kind *k;
  struct list_by due; /* LIST_ID: none */
  struct list_query lq;
  struct list_page page;
  size_t at;
};
struct todo {
  struct lane lanes[LIMIT_KINDS];
  size_t n;
  int64_t limit;
  struct str kind, after;
};

static int64_t due_ms(const struct viewer *v, const struct lane *l, const struct record *r) {
  if (l->due.what != LIST_FIELD || rec_null(r, l->due.field)) return INT64_MAX;
  if (l->k->fields[l->due.field].type == FT_MOMENT)
    return rec_i64(r, l->due.field) + l->k->owner->term_ms;
  return zone_moment(v->zone, rec_day(r, l->due.field) + 1, 0);
}

static const char *tone(const struct viewer *v, int64_t due) {
  if (due <= v->now_ms) return "overdue";
  return due <= zone_moment(v->zone, v->today + 1, 0) ? "today" : "later";
}

static bool possible(const struct viewer *v, const struct record *r, const struct transition *t) {
  return word_in(t->from, r->state) && viewer_may(v, transition_right(r->kind, t), record_unit(r));
}

/* The first of the kind's primary actions that this state allows and this viewer may. Where the
 * kind has none of its own: the first one that leads on, which asks for no reason. */
static const struct transition *action_of(const struct viewer *v, const struct record *r) {
  const char *primary = r->kind->screen ? r->kind->screen->primary : NULL;
  for (struct str rest = str_from(primary ? primary : ""); rest.p && rest.n;) {
    const struct transition *t = kind_transition(r->kind, str_split(&rest, ' '));
    if (t && possible(v, r, t)) return t;
  }
  for (const struct transition *t = primary ? NULL : r->kind->transitions; t && t->name; t++)
    if (!(t->flags & (TR_REASON | TR_CORRECTS)) && possible(v, r, t)) return t;
  return NULL;
}

static void write_action(struct jw *w, const struct transition *t) {
  jw_k(w, "action");
  if (!t) {
    jw_null(w);
    return;
  }
  jw_object(w);
  jw_kstrz(w, "name", t->name);
  jw_kstrz(w, "zh", t->zh);
  jw_kstrz(w, "en", t->en);
  jw_end(w);
}

static void write_due(struct jw *w, const struct viewer *v, const struct lane *l,
                      const struct record *r) {
  char text[MOMENT_TEXT];
  jw_k(w, "due");
  if (l->due.what != LIST_FIELD || rec_null(r, l->due.field)) {
    jw_null(w);
  } else if (l->k->fields[l->due.field].type == FT_DATE) {
    jw_str(w, rec_text(r, l->due.field));
  } else {
    moment_format(due_ms(v, l, r), v->zone, text);
    jw_strz(w, text);
  }
}

static void write_item(struct emit *em, struct jw *w, const struct lane *l, struct record *r) {
  const struct viewer *v = em->viewer;
  jw_object(w);
  jw_kstrz(w, "kind", l->k->name);
  jw_kstrz(w, "plural", l->k->plural);
  jw_kuuid(w, "id", &r->id);
  jw_kstr(w, "title", record_title(em, r));
  jw_kstr(w, "state", r->state);
  jw_k(w, "unit");
  emit_unit(w, unit_by_no(v->tree, record_unit(r)));
  write_due(w, v, l, r);
  jw_kstrz(w, "tone", tone(v, due_ms(v, l, r)));
  write_action(w, action_of(v, r));
  jw_end(w);
}

static void write_counts(struct jw *w, const struct todo *t) {
  jw_karray(w, "counts");
  for (size_t i = 0; i < t->n; i++) {
    const struct lane *l = &t->lanes[i];
    jw_object(w);
    jw_kstrz(w, "kind", l->k->name);
    jw_kstrz(w, "plural", l->k->plural);
    jw_kstrz(w, "zh", l->k->zh);
    jw_kstrz(w, "en", l->k->en);
    jw_ki64(w, "total", l->page.total);
    jw_end(w);
  }
  jw_end(w);
}

/* "34.CURSOR~66.CURSOR": behind what each kind's list is gone on with. */
static struct str after_of(struct str after, const struct kind *k) {
  while (after.p) {
    struct str rest = str_split(&after, '~');
    const struct str no = str_split(&rest, '.');
    int64_t n;
    if (rest.p && parse_i64(no, 1, UINT16_MAX, &n) == 0 && n == k->no) return rest;
  }
  return (struct str){NULL, 0};
}

static void write_next(struct rq *rq, struct jw *w, const struct todo *t) {
  struct buf b = BUF_INIT(KIB(8));
  bool more = false;
  for (size_t i = 0; i < t->n; i++) {
    const struct lane *l = &t->lanes[i];
    const struct str at =
        l->at ? list_cursor(rq->a, rq->viewer, l->k, &l->lq, l->page.items[l->at - 1])
              : l->lq.after;
    more = more || l->at < l->page.n || l->page.next.p;
    if (at.n) buf_printf(&b, "%s%d." STR_FMT, b.n ? "~" : "", (int)l->k->no, STR_ARG(at));
  }
  jw_kstr(w, "next", more ? arena_dup(rq->a, buf_str(&b)) : (struct str){NULL, 0});
  buf_done(&b);
}

static struct lane *first_due(const struct viewer *v, struct todo *t) {
  struct lane *first = NULL;
  int64_t least = 0;
  for (size_t i = 0; i < t->n; i++) {
    struct lane *l = &t->lanes[i];
    if (l->at == l->page.n) continue;
    const int64_t due = due_ms(v, l, l->page.items[l->at]);
    if (first && due >= least) continue;
    first = l;
    least = due;
  }
  return first;
}

static int read_lanes(struct rq *rq, struct tx *tx, struct todo *t, struct emit *em,
                      struct err *e) {
  const struct viewer *v = rq->viewer;
  for (size_t i = 0; i < kinds_count(); i++) {
    const struct kind *k = kind_at(i);
    int32_t roots[1];
    if (!k->owner || (t->kind.n && !str_is(t->kind, k->plural))) continue;
    if (viewer_scope(v, kind_right(k, VERB_READ), roots, 1) == 0) continue;
    struct lane *l = &t->lanes[t->n++];
    *l = (struct lane){.k = k};
    if (k->owner->due) l->due = list_field(field_named(k, k->owner->due));
    l->lq = (struct list_query){.sort = l->due,
                                .after = after_of(t->after, k),
                                .limit = (int)t->limit,
                                .count = true,
                                .mine = true,
                                .open = true};
    int r = record_list(tx, rq->a, &rq->app->registry, v, k, &l->lq, &l->page, e);
    if (r >= 0) r = emit_prefetch(em, l->page.items, l->page.n, e);
    if (r < 0) return r;
  }
  return 0;
}

static int write_page(struct rq *rq, struct tx *tx, struct todo *t, struct jw *w, struct err *e) {
  struct emit em = {.tx = tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  struct lane *l;
  int r = rq->viewer->op ? read_lanes(rq, tx, t, &em, e) : 0;
  if (r < 0) return r;
  jw_karray(w, "items");
  for (int64_t n = 0; n < t->limit && (l = first_due(rq->viewer, t)); n++)
    write_item(&em, w, l, l->page.items[l->at++]);
  jw_end(w);
  write_next(rq, w, t);
  write_counts(w, t);
  return 0;
}

int todo_write(struct rq *rq, struct tx *tx, struct jw *w, struct err *e) {
  struct todo *t = arena_new(rq->a, struct todo);
  t->limit = LIMIT_PAGE_DEFAULT;
  return write_page(rq, tx, t, w, e);
}

int todo_answer(struct rq *rq, struct jw *w, struct err *e) {
  struct todo *t = arena_new(rq->a, struct todo);
  const struct str limit = rq_arg(rq, "limit");
  *t = (struct todo){
      .limit = LIMIT_PAGE_DEFAULT, .kind = rq_arg(rq, "kind"), .after = rq_arg(rq, "after")};
  if (limit.n && parse_i64(limit, 1, LIMIT_PAGE, &t->limit) < 0)
    problem_limit(&rq->problems, PROBLEM_too_large, S("limit"), LIMIT_PAGE);
  const struct kind *k = t->kind.n ? kind_by_plural(t->kind) : NULL;
  if (t->kind.n && (!k || !k->owner))
    problem_text(&rq->problems, PROBLEM_not_in_list, S("kind"), (struct str){0}, t->kind,
                 (struct str){0});
  int r = rq_check(rq, e);
  if (r < 0) return r;
  jw_object(w);
  r = write_page(rq, rq->tx, t, w, e);
  jw_end(w);
  return r;
}
