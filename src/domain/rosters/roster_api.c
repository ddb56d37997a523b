#include "api/api.h"
#include "core/operation.h"
#include "base/limits.h"
#include "api/todo.h"
#include "domain/rosters/roster_api.h"

/* The board, the phone's day, and shifts made from templates. */

enum { BOARD_DAYS = 35, BOARD_RECORDS = 4000, GENERATE_DAYS = 62, GENERATE_SHIFTS = 2000 };

struct filter {
  const char *key;
  struct str value;
};

/* Writes every record of a branch that passes the filters, as this viewer may see it. */
/* Where `ret_more` is NULL, more than a board holds is refused: half a board would be read as
 * whole. */
static int write_all(struct rq *rq, struct tx *tx, struct jw *w, const struct kind *k, int32_t unit,
                     const struct filter *filters, size_t n, bool *ret_more, struct err *e) {
  struct type_ctx c = rq_types(rq);
  struct list_query lq = {.limit = LIMIT_PAGE, .unit = unit};
  struct emit em = {.tx = tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  size_t written = 0;
  int r = 0;
  for (size_t i = 0; i < n; i++)
    list_parse(&lq, rq->viewer, k, str_from(filters[i].key), filters[i].value, &c);
  jw_array(w);
  if (viewer_may(rq->viewer, kind_right(k, VERB_READ), 0)) {
    do {
      struct list_page page = {.total = -1};
      r = record_list(tx, rq->a, &rq->app->registry, rq->viewer, k, &lq, &page, e);
      if (r >= 0) r = emit_records(&em, w, page.items, page.n, e);
      lq.after = page.next;
      written += page.n;
    } while (r >= 0 && lq.after.p && written < BOARD_RECORDS);
  }
  jw_end(w);
  if (r < 0) return r;
  if (ret_more) *ret_more = lq.after.p;
  if (ret_more || !lq.after.p) return 0;
  problem_limit(&rq->problems, PROBLEM_too_many, S("unit"), BOARD_RECORDS);
  return err_set(e, E_INVALID, "more than a board holds");
}

static struct str day_text(struct arena *a, int32_t day) {
  char text[DAY_TEXT];
  day_format(day, text);
  return arena_dup(a, (struct str){text, 10});
}

static int day_range(struct rq *rq, int32_t *ret_from, int32_t *ret_to, int32_t most,
                     struct err *e) {
  int r = rq_day(rq, "from", ret_from, e);
  if (r < 0) return r;
  *ret_to = *ret_from + 6;
  if (rq_arg(rq, "to").n) r = rq_day(rq, "to", ret_to, e);
  if (r < 0) return r;
  if (*ret_to < *ret_from) problem_add(&rq->problems, PROBLEM_dates_reversed, S("to"));
  if (*ret_to - *ret_from >= most) problem_limit(&rq->problems, PROBLEM_too_large, S("to"), most);
  return rq_check(rq, e);
}

/* GET rosters/board?unit=&from=&to= */
int roster_board(struct rq *rq, struct jw *w, struct err *e) {
  int32_t unit, from, to;
  int r = rq_unit(rq, "unit", "shift.read", &unit, e);
  if (r >= 0) r = day_range(rq, &from, &to, BOARD_DAYS, e);
  if (r < 0) return r;
  struct str range = arena_printf(rq->a, STR_FMT ".." STR_FMT, STR_ARG(day_text(rq->a, from)),
                                  STR_ARG(day_text(rq->a, to)));
  const struct unit_row *u = unit_by_no(rq->viewer->tree, unit);
  const struct filter open[] = {{"filter[state]", S("open")}};
  const struct filter shifts[] = {{"filter[state]", S("open")}, {"filter[date]", range}};
  const struct filter assignments[] = {{"filter[date]", range},
                                       {"filter[state]", S("due,present,late,excused,absent")}};
  const struct filter people[] = {{"filter[state]", S("active")}};
  jw_object(w);
  jw_k(w, "unit");
  emit_unit(w, u);
  jw_kstr(w, "from", day_text(rq->a, from));
  jw_kstr(w, "to", day_text(rq->a, to));
  jw_k(w, "posts");
  r = write_all(rq, rq->tx, w, &post_kind, unit, open, 1, NULL, e);
  jw_k(w, "shifts");
  if (r >= 0) r = write_all(rq, rq->tx, w, &shift_kind, unit, shifts, 2, NULL, e);
  jw_k(w, "assignments");
  if (r >= 0) r = write_all(rq, rq->tx, w, &assignment_kind, unit, assignments, 2, NULL, e);
  jw_k(w, "people");
  if (r >= 0) r = write_all(rq, rq->tx, w, &responder_kind, unit, people, 1, NULL, e);
  jw_end(w);
  return r;
}

/* ---- the phone's day ---- */

QUERY(q_my_assignments,
      "SELECT id FROM assignment WHERE responder = $1 AND retired = 0 AND state <> 'cancelled' "
      "AND starts_at < $3 AND ends_at > $2 ORDER BY starts_at LIMIT 20"); /* limit: of two days */

static int my_assignments(struct rq *rq, struct tx *tx, struct jw *w, struct err *e) {
  struct uuid ids[20];
  size_t n = 0;
  struct emit em = {.tx = tx, .en = &rq->app->registry, .viewer = rq->viewer, .a = rq->a};
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int r = 0;
  if (!uuid_is_nil(&rq->viewer->responder)) {
    r = cur_open(tx, &q_my_assignments,
                 P(V_UUID(rq->viewer->responder), V_I64(rq->now_ms - 12 * MS_HOUR),
                   V_I64(rq->now_ms + 36 * MS_HOUR)),
                 &cur, e);
    while (r >= 0 && (r = cur_next(cur, e)) == 1 && n < ARRAY_LEN(ids)) ids[n++] = cur_uuid(cur, 0);
  }
  cur_donep(&cur);
  jw_array(w);
  for (size_t i = 0; i < n && r >= 0; i++) {
    struct record *rec;
    r = record_get(tx, rq->a, rq->viewer, &assignment_kind, &ids[i], &rec, e);
    if (r == -E_NOT_FOUND)
      r = 0;
    else if (r >= 0)
      r = emit_record(&em, w, rec, e);
  }
  jw_end(w);
  return r < 0 ? r : 0;
}

/* The words for the page's head and the zone in which its times are read. */
static void day_operation(struct rq *rq, struct jw *w) {
  struct operation op;
  if (rq_operation_open(rq, w, &op)) jw_end(w);
}

/* What of the phone this viewer may use at all; the engine decides each time anyway. */
static void day_rights(struct rq *rq, struct jw *w) {
  static const struct {
    const char *name;
    const char *right;
  } shown[] = {{"sign_in", "sign_in.create"},
               {"on_behalf", "sign_in.on_behalf"},
               {"gate", "gate_event.create"}};
  jw_kobject(w, "may");
  for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
    jw_key(w, str_from(shown[i].name));
    jw_bool(w, viewer_may(rq->viewer, right_by_name(str_from(shown[i].right)), 0));
  }
  jw_end(w);
}

/* GET me/day: all that a phone needs to begin the day. */
int my_day(struct rq *rq, struct jw *w, struct err *e) {
  char now[MOMENT_TEXT];
  const struct filter gates[] = {{"filter[kind]", S("gate")}, {"filter[state]", S("open")}};
  bool more = false;
  jw_object(w);
  jw_k(w, "now");
  moment_format(rq->now_ms, rq->viewer->zone, now);
  jw_strz(w, now);
  jw_kstr(w, "today", day_text(rq->a, rq->viewer->today));
  jw_k(w, "user");
  auth_user_json(w, rq->session, rq->viewer->tree);
  day_operation(rq, w);
  day_rights(rq, w);
  jw_kobject(w, "policy");
  for (const struct policy_key *k = policy_keys; k->key; k++) {
    jw_key(w, str_from(k->key));
    jw_decimal(w, policy(rq->app, rq->viewer->op, k->key, rq->viewer->today), k->scale);
  }
  jw_end(w);
  jw_k(w, "assignments");
  int r = my_assignments(rq, rq->tx, w, e);
  jw_k(w, "gates");
  if (r >= 0) r = write_all(rq, rq->tx, w, &post_kind, 0, gates, 2, &more, e);
  jw_kbool(w, "gates_more", more);
  jw_kobject(w, "todo");
  if (r >= 0) r = todo_write(rq, rq->tx, w, e);
  jw_end(w);
  jw_end(w);
  return r;
}

/* ---- shifts from templates ---- */

struct generate {
  struct rq *rq;
  struct change *by; /* carries viewer, arena and time for the shifts made */
  int32_t unit, from, to;
  int64_t made, there;
};

struct template_row {
  struct uuid id, post;
  int64_t start, end, required, cover;
  struct str weekdays;
  int32_t from, to;
};

QUERY(q_templates_of_branch,
      "SELECT t.id, t.post, t.start, t.end_at, t.required, t.weekdays, t.valid_from, t.valid_to, "
      "coalesce(t.cover, 0) "
      "FROM shift_template t JOIN unit u ON u.no = t.unit JOIN post p ON p.id = t.post "
      "WHERE t.op = $1 AND t.retired = 0 AND p.retired = 0 AND p.state = 'open' "
      "AND u.path BETWEEN $2 AND $3 AND t.id > $4 "
      "ORDER BY t.id LIMIT 500"); /* limit: gone on with from the last */
QUERY(q_shift_there,
      "SELECT count(*) FROM shift WHERE post = $1 AND date = $2 AND start = $3 AND retired = 0");

static bool on_weekday(struct str weekdays, int32_t day) {
  const char digit = (char)('0' + day_weekday(day));
  return !weekdays.p || str_find_char(weekdays, digit) != (size_t)-1;
}

static int make_shift(struct tx *tx, struct generate *g, const struct template_row *t, int32_t day,
                      struct err *e) {
  int64_t there = 0;
  struct arena *a = g->rq->a;
  struct str date = day_text(a, day);
  int r = tx_i64(tx, &q_shift_there, P(V_UUID(t->post), V_TEXT(date), V_I64(t->start)), &there, e);
  if (r < 0) return r;
  if (there) {
    g->there++;
    return 0;
  }
  if (g->made >= GENERATE_SHIFTS) {
    problem_limit(&g->rq->problems, PROBLEM_quota, S("to"), GENERATE_SHIFTS);
    return err_set(e, E_INVALID, "too many shifts at once");
  }
  struct change *c = change_make(a, g->by->en, g->by->viewer, &shift_kind, CHANGE_CREATE);
  change_set(c, SHIFT_POST, V_UUID(t->post));
  change_set(c, SHIFT_DATE, V_TEXT(date));
  change_set(c, SHIFT_START, V_I64(t->start));
  change_set(c, SHIFT_END, V_I64(t->end));
  change_set(c, SHIFT_REQUIRED, V_I64(t->required));
  change_set(c, SHIFT_TEMPLATE, V_UUID(t->id));
  if (t->cover) change_set(c, SHIFT_COVER, V_I64(1));
  g->made++;
  return change_within(tx, g->by, c, e);
}

enum { TEMPLATES_AT_ONCE = 500 };

/* The branch's templates behind `last`. */
static int read_templates(struct tx *tx, struct generate *g, const struct uuid *last,
                          struct template_row *rows, size_t *ret_n, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  struct arena *a = g->rq->a;
  char low[UNIT_PATH_MAX], high[UNIT_PATH_MAX];
  size_t n = 0;
  unit_path_range(unit_by_no(g->rq->viewer->tree, g->unit), low, high);
  int r =
      cur_open(tx, &q_templates_of_branch,
               P(V_I64(g->rq->viewer->op), V_TEXTZ(low), V_TEXTZ(high), V_UUID(*last)), &cur, e);
  while (r >= 0 && n < TEMPLATES_AT_ONCE && (r = cur_next(cur, e)) == 1) {
    rows[n] = (struct template_row){.id = cur_uuid(cur, 0),
                                    .post = cur_uuid(cur, 1),
                                    .start = cur_i64(cur, 2),
                                    .end = cur_i64(cur, 3),
                                    .required = cur_i64(cur, 4),
                                    .cover = cur_i64(cur, 8),
                                    .weekdays = arena_dup(a, cur_text(cur, 5)),
                                    .from = INT32_MIN,
                                    .to = INT32_MAX};
    if (!cur_null(cur, 6) && day_parse(cur_text(cur, 6), &rows[n].from) < 0) rows[n].from = 0;
    if (!cur_null(cur, 7) && day_parse(cur_text(cur, 7), &rows[n].to) < 0) rows[n].to = 0;
    n++;
  }
  *ret_n = n;
  return r < 0 ? r : 0;
}

static int generate_run(struct tx *tx, void *arg, struct err *e) {
  struct generate *g = arg;
  struct template_row *rows = arena_array(g->rq->a, struct template_row, TEMPLATES_AT_ONCE);
  struct uuid last = {{0}};
  size_t n = TEMPLATES_AT_ONCE;
  int r = 0;
  g->made = g->there = 0;
  while (r >= 0 && n == TEMPLATES_AT_ONCE) {
    r = read_templates(tx, g, &last, rows, &n, e);
    for (size_t i = 0; i < n && r >= 0; i++)
      for (int32_t day = g->from; day <= g->to && r >= 0; day++)
        if (day >= rows[i].from && day <= rows[i].to && on_weekday(rows[i].weekdays, day))
          r = make_shift(tx, g, &rows[i], day, e);
    if (n) last = rows[n - 1].id;
  }
  return r < 0 ? r : 0;
}
static const struct cmd_class generate_cmd = {.name = "shifts_generate", .run = generate_run};

static int generate_answer(struct rq *rq, struct jw *w, struct err *e) {
  (void)e;
  struct generate *g = rq->work;
  jw_object(w);
  jw_ki64(w, "made", g->made);
  jw_ki64(w, "there", g->there);
  jw_end(w);
  return 0;
}

static int body_day(struct rq *rq, const char *name, int32_t *ret_day) {
  if (day_parse(json_str(json_object_get(rq->body, name)), ret_day) == 0) return 0;
  problem_add(&rq->problems, PROBLEM_bad_date, str_from(name));
  return -E_INVALID;
}

/* POST shifts/generate {"unit": CODE, "from": DAY, "to": DAY} */
int shifts_generate(struct rq *rq, struct err *e) {
  struct generate *g = arena_new(rq->a, struct generate);
  const struct unit_row *u =
      unit_by_code(rq->viewer->tree, json_str(json_object_get(rq->body, "unit")));
  *g = (struct generate){.rq = rq};
  if (body_day(rq, "from", &g->from) == 0 && body_day(rq, "to", &g->to) == 0) {
    if (g->to < g->from) problem_add(&rq->problems, PROBLEM_dates_reversed, S("to"));
    if (g->to - g->from >= GENERATE_DAYS)
      problem_limit(&rq->problems, PROBLEM_too_large, S("to"), GENERATE_DAYS);
  }
  if (!u || !viewer_may(rq->viewer, right_by_name(S("shift.create")), u->no))
    problem_add(&rq->problems, PROBLEM_out_of_scope, S("unit"));
  int r = rq_check(rq, e);
  if (r < 0) return r;
  g->unit = u->no;
  g->by = change_make(rq->a, &rq->app->registry, rq->viewer, &shift_kind, CHANGE_CREATE);
  g->by->at_ms = rq->now_ms;
  g->by->source = "api";
  return rq_do(rq, &generate_cmd, g, CMD_NORMAL, generate_answer, e);
}

const struct route roster_routes[] = {
    {HTTP_GET, "/api/v1/rosters/board", "shift.read", .answer = roster_board, .zh = "排班板",
     .en = "posts, shifts, assignments and people of a branch", .query = "unit from?:date to?:date",
     .gives = "unit:UnitRef from:date to:date posts:Post[] shifts:Shift[] assignments:Assignment[] "
              "people:Responder[]"},
    {HTTP_GET, "/api/v1/me/day", NULL, .flags = ROUTE_SIGNED_IN | ROUTE_SHORT, .answer = my_day,
     .zh = "我的一天", .en = "a phone's day: shifts, gates, policy", .gives = "MyDay"},
    {HTTP_GET, "/api/v1/device/day", NULL, .flags = ROUTE_SIGNED_IN | ROUTE_DEVICE | ROUTE_SHORT,
     .answer = device_day, .zh = "本机的一天", .en = "what a gate's phone keeps of the days ahead",
     .query = "date?:date", .gives = "DeviceDay"},
    {HTTP_POST, "/api/v1/shifts/generate", "shift.create", .handle = shifts_generate,
     .zh = "按模板生成班次", .en = "shifts from templates", .takes = "unit from:date to:date",
     .gives = "made:int there:int"},
    {HTTP_POST, "/api/v1/batches/:id/accounts", "account.create", .handle = batch_accounts,
     .zh = "为批次人员建账号", .en = "accounts for a batch, some hundred per call",
     .takes = "dry?:bool",
     .gives = "people:int made:int missing:int ready:int out_of_scope:int users:id[]"},
    {HTTP_POST, "/api/v1/photos", "sign_in.create", .flags = ROUTE_UNTYPED,
     .body_limit = LIMIT_BODY_PHOTO, .handle = photo_post, .zh = "上传在岗照",
     .en = "an on-duty photo", .takes = "file:image/jpeg image/webp", .gives = "id:id"},
    {HTTP_GET, "/api/v1/photos/:id", "photo.read", .handle = photo_get, .zh = "查看在岗照",
     .en = "an on-duty photo; the reading is audited", .gives = "file:image/jpeg image/webp"},
    {0}};
