#include "kind/inner.h"

/* Names of list arguments that are columns of every record. */
static const struct {
  const char *name;
  enum list_what what;
} columns[] = {{"state", LIST_STATE},
               {"retired", LIST_RETIRED},
               {"created_at", LIST_CREATED},
               {"created", LIST_CREATED},
               {"id", LIST_ID}};

bool list_column(const struct kind *k, struct str name, struct list_by *ret_by) {
  int f;
  if (field_find(k, name, &f)) {
    *ret_by = list_field(f);
    return true;
  }
  for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
    if (!str_is(name, columns[i].name)) continue;
    *ret_by = (struct list_by){.what = columns[i].what};
    if (columns[i].what == LIST_STATE) return k->states && k->states[0].value;
    return columns[i].what != LIST_RETIRED || !(k->flags & KF_EVENT);
  }
  return false;
}

static void refuse(struct type_ctx *c, enum problem_code code, struct str key, struct str value) {
  problem_text(c->ps, code, key, (struct str){0}, value, (struct str){0});
}

bool list_may(const struct viewer *v, const struct kind *k, struct list_by by, bool sort) {
  if (by.what != LIST_FIELD) return true;
  const uint32_t flags = k->fields[by.field].flags;
  if (flags & FF_SEALED)
    return !sort && flags & FF_LOOKUP && viewer_may(v, kind_right(k, VERB_REVEAL), 0);
  if (!(flags & (sort ? FF_SORT : FF_FILTER))) return false;
  if (flags & FF_REVEAL && !viewer_may(v, kind_right(k, VERB_REVEAL), 0)) return false;
  return !(flags & FF_PERSONAL) || viewer_may(v, kind_right(k, VERB_NAMES), 0);
}

static bool yes(struct str value) {
  return str_is(value, "1") || str_is(value, "true");
}

static void parse_filter(struct list_query *lq, const struct viewer *v, const struct kind *k,
                         struct str key, struct str name, struct str value, struct type_ctx *c) {
  struct list_by by;
  const bool known = list_column(k, name, &by);
  if (!known && k->owner && str_is(name, "mine")) {
    if (yes(value) || str_is(value, "me"))
      lq->mine = true;
    else
      refuse(c, PROBLEM_not_in_list, key, value);
    return;
  }
  if (!known) {
    refuse(c, PROBLEM_unknown_field, key, name);
    return;
  }
  if (!list_may(v, k, by, false)) {
    refuse(c, PROBLEM_not_filterable, key, name);
    return;
  }
  if (lq->n_filters == LIMIT_FILTERS) {
    problem_limit(c->ps, PROBLEM_too_many, key, LIMIT_FILTERS);
    return;
  }
  struct list_filter *lf = &lq->filters[lq->n_filters];
  *lf = (struct list_filter){by, arena_dup(c->a, value)};
  struct term t;
  if (term_parse(&t, k, lf, key, c)) lq->n_filters++;
}

static void parse_sort(struct list_query *lq, const struct viewer *v, const struct kind *k,
                       struct str key, struct str value, struct type_ctx *c) {
  struct str name = value;
  const bool descending = str_starts(value, S("-"));
  if (descending) name = str_sub(value, 1, value.n);
  struct list_by by;
  if (!list_column(k, name, &by)) {
    refuse(c, PROBLEM_unknown_field, key, name);
    return;
  }
  if (by.what == LIST_STATE || by.what == LIST_RETIRED || !list_may(v, k, by, true)) {
    refuse(c, PROBLEM_not_filterable, key, name);
    return;
  }
  lq->sort = by.what == LIST_CREATED ? (struct list_by){.what = LIST_ID} : by;
  lq->descending = descending;
}

void list_parse(struct list_query *lq, const struct viewer *v, const struct kind *k, struct str key,
                struct str value, struct type_ctx *c) {
  int64_t n;
  if (str_starts(key, S("filter[")) && str_ends(key, S("]"))) {
    parse_filter(lq, v, k, key, str_sub(key, 7, key.n - 8), value, c);
  } else if (str_is(key, "sort")) {
    parse_sort(lq, v, k, key, value, c);
  } else if (str_is(key, "limit")) {
    if (parse_i64(value, 1, INT64_MAX, &n) < 0)
      problem_text(c->ps, PROBLEM_wrong_type, key, S("1…500"), value, (struct str){0});
    else if (n > LIMIT_PAGE)
      problem_limit(c->ps, PROBLEM_too_large, key, LIMIT_PAGE);
    else
      lq->limit = (int)n;
  } else if (str_is(key, "after")) {
    lq->after = arena_dup(c->a, value);
  } else if (str_is(key, "q")) {
    struct str q = str_trim(value);
    const size_t chars = str_utf8_len(q);
    if (chars == (size_t)-1)
      problem_add(c->ps, PROBLEM_bad_utf8, key);
    else if (chars > LIMIT_TEXT_DEFAULT)
      problem_limit(c->ps, PROBLEM_too_long, key, LIMIT_TEXT_DEFAULT);
    else
      lq->q = q.n ? arena_dup(c->a, q) : (struct str){NULL, 0};
  } else if (str_is(key, "unit")) {
    struct uuid id;
    const struct unit_row *u = NULL;
    if (c->tree && uuid_parse(value, &id) == 0) u = unit_by_id(c->tree, &id);
    if (c->tree && !u) u = unit_by_code(c->tree, value);
    if (u && kind_scoped(k))
      lq->unit = u->no;
    else
      refuse(c, u ? PROBLEM_not_filterable : PROBLEM_not_found, key, value);
  } else if (str_is(key, "retired")) {
    lq->with_retired = yes(value);
  } else if (str_is(key, "count") || str_is(key, "total")) {
    lq->count = yes(value);
  } else {
    refuse(c, PROBLEM_unknown_field, key, value);
  }
}

/* ---- one filter as a term: what is compared with what ---- */

static bool text_like(const struct field *f) {
  return !(f->flags & FF_SEALED) && field_type(f)->storage == VAL_TEXT && f->type != FT_DATE;
}

/* A bare date where a moment is meant is the whole day: its first or its last millisecond. */
static bool moment_piece(struct type_ctx *c, struct str text, bool end, struct val *ret_v) {
  int32_t day;
  if (!c->zone || day_parse(text, &day) < 0) return false;
  *ret_v = V_I64(end ? zone_moment(c->zone, day + 1, 0) - 1 : zone_moment(c->zone, day, 0));
  return true;
}

static bool piece(struct term *t, struct str text, bool end, struct str path, struct type_ctx *c,
                  struct val *ret_v) {
  static const struct field moment = {.type = FT_MOMENT, .name = "created_at"};
  static const struct field retired = {.type = FT_BOOL, .name = "retired"};
  static const struct field id = {.type = FT_UUID, .name = "id"};
  const struct field *f = t->f;
  text = str_trim(text);
  if (t->what == LIST_STATE) {
    if (!kind_state(t->k, text)) {
      problem_text(c->ps, PROBLEM_not_in_list, path, S("state"), text, (struct str){0});
      return false;
    }
    *ret_v = V_TEXT(text);
    return true;
  }
  if (t->what == LIST_RETIRED) f = &retired;
  if (t->what == LIST_CREATED) f = &moment;
  if (t->what == LIST_ID) f = &id;
  if (f->type == FT_MOMENT && moment_piece(c, text, end, ret_v)) return true;
  if (!field_from_text(c, f, text, path, ret_v)) return false;
  if (ret_v->t != VAL_NULL) return true;
  problem_add(c->ps, PROBLEM_required, path);
  return false;
}

static bool ordered(const struct term *t) {
  return t->f ? field_type(t->f)->ordered : t->what == LIST_CREATED;
}

bool term_parse(struct term *t, const struct kind *k, const struct list_filter *lf, struct str path,
                struct type_ctx *c) {
  const struct str text = lf->text;
  *t = (struct term){.k = k, .what = lf->by.what, .f = list_filter_field(k, lf)};
  if (str_is(text, "null")) {
    t->op = TERM_NULL;
    return true;
  }
  if (str_is(text, "!null")) {
    t->op = TERM_RANGE; /* without ends: any value */
    return true;
  }
  const size_t dots = str_find(text, S(".."));
  if (ordered(t) && dots != (size_t)-1) {
    struct str lo = str_sub(text, 0, dots), hi = str_sub(text, dots + 2, text.n);
    t->op = TERM_RANGE;
    t->has_lo = lo.n > 0;
    t->has_hi = hi.n > 0;
    return (!t->has_lo || piece(t, lo, false, path, c, &t->v[0])) &&
           (!t->has_hi || piece(t, hi, true, path, c, &t->v[1]));
  }
  if (str_starts(text, S("~")) && t->f && text_like(t->f)) {
    t->op = TERM_CONTAINS;
    t->v[0] = V_TEXT(str_sub(text, 1, text.n));
    if (str_utf8_valid(text)) return true;
    problem_add(c->ps, PROBLEM_bad_utf8, path);
    return false;
  }
  /* A moment given as a date is a day, which is a range. */
  if (((t->f && t->f->type == FT_MOMENT) || t->what == LIST_CREATED) &&
      moment_piece(c, text, false, &t->v[0]) && moment_piece(c, text, true, &t->v[1])) {
    t->op = TERM_RANGE;
    t->has_lo = t->has_hi = true;
    return true;
  }
  t->op = TERM_IN;
  for (struct str rest = text; rest.p;) {
    struct str one = str_split(&rest, ',');
    if (t->n == LIMIT_TERM_VALUES) {
      problem_limit(c->ps, PROBLEM_too_many, path, LIMIT_TERM_VALUES);
      return false;
    }
    if (!piece(t, one, false, path, c, &t->v[t->n])) return false;
    t->n++;
  }
  return t->n > 0;
}

struct val list_like(struct arena *a, const char *before, struct str text, const char *after) {
  struct buf b = BUF_INIT(KIB(16));
  buf_printf(&b, "%s", before);
  for (size_t i = 0; i < text.n; i++) {
    char c = text.p[i];
    if (c == '%' || c == '_' || c == '\\') buf_char(&b, '\\');
    buf_char(&b, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
  }
  buf_printf(&b, "%s", after);
  struct val v = V_TEXT(arena_dup(a, buf_str(&b)));
  buf_done(&b);
  return v;
}
