/* Lists: scope, filters, orders, cursors, and what masked values must not give away. */
#include "kind/engine.h"
#include "kind_fixture.h"

#define READ "responder.read responder.names responder.reveal"

/* Eight people; ages and join dates with gaps, one retired. */
static bool people(struct world *w) {
  static const struct {
    const char *name, *unit, *more;
  } rows[] = {
      {"Zhao", "110102001001",
       ",\"age\":30,\"skills\":[\"driver\",\"nurse\"],\"joined\":\"2019-01-02\""},
      {"qian", "110102001001", ",\"age\":25,\"phone\":\"13800000001\",\"note\":\"50% off_duty\""},
      {"Sun", "110102001002", ",\"age\":41,\"kind\":\"worker\",\"joined\":\"2018-05-05\""},
      {"Li", "110102001002", ",\"skills\":[\"nurse\"]"},
      {"Zhou", "110106001001", ",\"age\":30,\"joined\":\"2020-03-03\""},
      {"Wu", "110106001001", ",\"age\":55,\"host\":\"110102001001\""},
      {"Zheng", "110102000000", ",\"joined\":\"2019-01-02\""},
      {"Wang", "110102001001", ",\"age\":60"},
  };
  int r = 0;
  struct change *c = NULL;
  for (size_t i = 0; i < ARRAY_LEN(rows) && r == 0; i++) {
    char body[300];
    clock_set_frozen(&w->clock, clock_now_ms(&w->clock) + MS_HOUR);
    snprintf(body, sizeof body, "{\"name\":\"%s\",\"unit\":\"%s\"%s}", rows[i].name, rows[i].unit,
             rows[i].more);
    c = world_do(w, &w->system, &resp_kind, CHANGE_CREATE, NULL, NULL, body, &r);
    if (r < 0) printf("# %s: %s\n", body, world_problems(w, c));
  }
  const struct uuid last = c->id;
  if (r == 0) world_do(w, &w->system, &resp_kind, CHANGE_RETIRE, &last, NULL, "{}", &r);
  return r == 0;
}

/* Asks with "key=value&key=value" and gives the names in order, or the problems, or the error. */
static const char *ask_page(struct world *w, const struct viewer *v, const char *query,
                            struct str after, struct list_page *ret_page) {
  struct list_query lq = {.after = after};
  struct problems ps;
  struct str rest = str_from(query);
  problems_init(&ps, w->a);
  struct type_ctx c = {.a = w->a, .tree = v->tree, .zone = v->zone, .today = v->today, .ps = &ps};
  while (rest.p && rest.n) {
    struct str value = str_split(&rest, '&'), key = str_split(&value, '=');
    list_parse(&lq, v, &resp_kind, key, value, &c);
  }
  struct buf b = BUF_INIT(KIB(16));
  if (problems_any(&ps)) {
    for (const struct problem *p = ps.first; p; p = p->next)
      buf_printf(&b, "%s%s@" STR_FMT, b.n ? " " : "", problem_name(p->code), STR_ARG(p->field));
  } else {
    _cleanup_(tx_endp) struct tx *tx = NULL;
    int r = store_read(w->f->store, &tx, &w->e);
    if (r == 0) r = record_list(tx, w->a, &w->en, v, &resp_kind, &lq, ret_page, &w->e);
    if (r < 0) buf_printf(&b, "%s %s", err_name(r), w->e.field);
    for (size_t i = 0; r == 0 && i < ret_page->n; i++)
      buf_printf(&b, "%s" STR_FMT, b.n ? " " : "",
                 STR_ARG(rec_text(ret_page->items[i], RESP_NAME)));
  }
  const char *z = arena_strz(w->a, buf_str(&b));
  buf_done(&b);
  return z;
}

static const char *ask(struct world *w, const struct viewer *v, const char *query) {
  struct list_page page;
  return ask_page(w, v, query, (struct str){NULL, 0}, &page);
}

TEST_BOTH(scope_of_lists) {
  WORLD(w);
  CHECK(people(&w));
  struct viewer city = world_user(&w, 1, CITY, READ), a = world_user(&w, 2, DISTRICT_A, READ),
                b1 = world_user(&w, 3, COMM_B1, READ), none = world_user(&w, 4, CITY, "post.read"),
                two = world_user(&w, 5, COMM_A2, READ);
  world_grant(&w, &two, COMM_B1, READ);
  CHECK_STR(ask(&w, &w.system, ""), "Zhao qian Sun Li Zhou Wu Zheng");
  CHECK_STR(ask(&w, &city, ""), "Zhao qian Sun Li Zhou Wu Zheng");
  CHECK_STR(ask(&w, &a, ""), "Zhao qian Sun Li Wu Zheng"); /* Wu by his second scope */
  CHECK_STR(ask(&w, &b1, ""), "Zhou Wu");
  CHECK_STR(ask(&w, &two, ""), "Sun Li Zhou Wu");
  CHECK_STR(ask(&w, &none, ""), "forbidden responder");
  CHECK_STR(ask(&w, &a, "unit=110102001002"), "Sun Li");
  CHECK_STR(ask(&w, &a, "unit=110106001001"), "Wu"); /* what he sees anyway, and no more */
  CHECK_STR(ask(&w, &city, "unit=110102000000&sort=-id"), "Zheng Wu Li Sun qian Zhao");
  CHECK_STR(ask(&w, &city, "retired=1&filter[age]=60"), "Wang");
  CHECK_STR(ask(&w, &city, "filter[retired]=true"), "Wang");
  struct viewer other = city;
  other.op = 2;
  CHECK_STR(ask(&w, &other, ""), "");
  /* more grants than fit as parameters */
  struct viewer many = world_user(&w, 6, COMM_A1, READ);
  for (int i = 0; i < 20; i++) world_grant(&w, &many, COMM_A2, READ);
  world_grant(&w, &many, COMM_B1, READ);
  CHECK_STR(ask(&w, &many, ""), "Zhao qian Sun Li Zhou Wu");
}

TEST_BOTH(filters) {
  WORLD(w);
  CHECK(people(&w));
  const struct viewer *v = &w.system;
  CHECK_STR(ask(&w, v, "filter[age]=30"), "Zhao Zhou");
  CHECK_STR(ask(&w, v, "filter[age]=25,41"), "qian Sun");
  CHECK_STR(ask(&w, v, "filter[age]=30..41"), "Zhao Sun Zhou");
  CHECK_STR(ask(&w, v, "filter[age]=..25"), "qian");
  CHECK_STR(ask(&w, v, "filter[age]=50..&retired=1"), "Wu Wang");
  CHECK_STR(ask(&w, v, "filter[age]=null"), "Li Zheng");
  CHECK_STR(ask(&w, v, "filter[skills]=nurse"), "Zhao Li");
  CHECK_STR(ask(&w, v, "filter[kind]=worker"), "Sun");
  CHECK_STR(ask(&w, v, "filter[joined]=2019-01-01..2019-12-31&filter[age]=30"), "Zhao");
  CHECK_STR(ask(&w, v, "filter[name]=~ZH"), "Zhao Zhou Zheng");
  CHECK_STR(ask(&w, v, "filter[unit]=110102001002"), "Sun Li");
  CHECK_STR(ask(&w, v, "filter[state]=planned&filter[age]=55"), "Wu");
  CHECK_STR(ask(&w, v, "filter[created_at]=2020-05-08"), "Zhao qian Sun Li Zhou Wu");
  CHECK_STR(ask(&w, v, "q=zh"), "Zhao Zhou Zheng");
  CHECK_STR(ask(&w, v, "q=50%25"), "");
  CHECK_STR(ask(&w, v, "q=0% o"), "qian");
  CHECK_STR(ask(&w, v, "q=%"), "qian");
  CHECK_STR(ask(&w, v, "q=f_d"), "qian");
  CHECK_STR(ask(&w, v, "q=' OR 1=1 --"), "");
  CHECK_STR(ask(&w, v, "filter[phone]=13800000001"), "qian");
  CHECK_STR(ask(&w, v, "filter[phone]=null&filter[age]=30"), "Zhao Zhou");
}

TEST_BOTH(refused_questions) {
  WORLD(w);
  CHECK(people(&w));
  struct viewer plain = world_user(&w, 1, CITY, "responder.read");
  struct viewer u = world_user(&w, 2, CITY, READ);
  CHECK_STR(ask(&w, &u, "filter[nope]=1"), "unknown_field@filter[nope]");
  CHECK_STR(ask(&w, &u, "sort=nope"), "unknown_field@sort");
  CHECK_STR(ask(&w, &u, "wrong=1"), "unknown_field@wrong");
  CHECK_STR(ask(&w, &u, "filter[note]=x"), "not_filterable@filter[note]");
  CHECK_STR(ask(&w, &u, "filter[address]=x"), "not_filterable@filter[address]");
  CHECK_STR(ask(&w, &u, "sort=phone"), "not_filterable@sort");
  CHECK_STR(ask(&w, &u, "sort=skills"), "not_filterable@sort");
  CHECK_STR(ask(&w, &u, "filter[phone]=~138"), "bad_format@filter[phone]");
  CHECK_STR(ask(&w, &u, "filter[age]=x&filter[state]=flown&limit=0"),
            "wrong_type@filter[age] not_in_list@filter[state] wrong_type@limit");
  CHECK_STR(ask(&w, &u, "unit=999999999999"), "not_found@unit");
  /* whoever sees masks may not ask for what is behind them */
  CHECK_STR(ask(&w, &plain, "filter[phone]=13800000001"), "not_filterable@filter[phone]");
  CHECK_STR(ask(&w, &plain, "filter[name]=Zhao"), "not_filterable@filter[name]");
  CHECK_STR(ask(&w, &plain, "sort=name"), "not_filterable@sort");
  CHECK_STR(ask(&w, &plain, "q=zh"), "");
  CHECK_STR(ask(&w, &plain, "q=off"), "qian");
  /* names at one place give no names at another */
  struct viewer mixed = world_user(&w, 3, CITY, "responder.read");
  world_grant(&w, &mixed, COMM_A1, "responder.names responder.reveal");
  CHECK_STR(ask(&w, &mixed, "filter[name]=~zh"), "Zhao");
  CHECK_STR(ask(&w, &mixed, "sort=name"), "Wu Zhao qian");
  CHECK_STR(ask(&w, &mixed, "q=zh"), "Zhao");
  CHECK_STR(ask(&w, &mixed, "filter[phone]=13800000001"), "qian");
  CHECK_STR(ask(&w, &mixed, "sort=age&limit=2"), "qian Zhao");
}

/* Goes through all pages of two and joins them. */
static const char *pages(struct world *w, const struct viewer *v, const char *query) {
  struct buf b = BUF_INIT(KIB(4));
  struct str after = {NULL, 0};
  for (int i = 0; i < 10; i++) {
    struct list_page page = {0};
    const char *names = ask_page(w, v, query, after, &page);
    buf_printf(&b, "%s%s", i ? "|" : "", names);
    after = page.next;
    if (!after.p) break;
  }
  const char *z = arena_strz(w->a, buf_str(&b));
  buf_done(&b);
  return z;
}

TEST_BOTH(orders_and_cursors) {
  WORLD(w);
  CHECK(people(&w));
  const struct viewer *v = &w.system;
  CHECK_STR(pages(&w, v, "limit=3"), "Zhao qian Sun|Li Zhou Wu|Zheng");
  CHECK_STR(pages(&w, v, "limit=3&sort=-created_at"), "Zheng Wu Zhou|Li Sun qian|Zhao");
  CHECK_STR(pages(&w, v, "limit=2&sort=age"), "qian Zhao|Zhou Sun|Wu Li|Zheng");
  CHECK_STR(pages(&w, v, "limit=2&sort=-age"), "Wu Sun|Zhou Zhao|qian Zheng|Li");
  CHECK_STR(pages(&w, v, "limit=2&sort=joined"), "Sun Zhao|Zheng Zhou|qian Li|Wu");
  CHECK_STR(pages(&w, v, "limit=2&sort=-joined"), "Zhou Zheng|Zhao Sun|Wu Li|qian");
  CHECK_STR(pages(&w, v, "limit=4&sort=name"), "Li Sun Wu Zhao|Zheng Zhou qian");
  /* a row that comes between does not disturb those that follow */
  struct list_page page = {0};
  CHECK_STR(ask_page(&w, v, "limit=2&sort=age", (struct str){0}, &page), "qian Zhao");
  int r;
  world_do(&w, v, &resp_kind, CHANGE_CREATE, NULL, NULL,
           "{\"name\":\"Feng\",\"unit\":\"110102001001\",\"age\":20}", &r);
  CHECK_OK(r, &w.e);
  const struct str next = page.next;
  CHECK_STR(ask_page(&w, v, "limit=2&sort=age", next, &page), "Zhou Sun");
  /* of another list, or none at all */
  CHECK_STR(ask_page(&w, v, "sort=-age", next, &page), "invalid after");
  CHECK_STR(ask_page(&w, v, "sort=joined", next, &page), "invalid after");
  CHECK_STR(ask_page(&w, v, "", S("AQ"), &page), "invalid after");
  CHECK_STR(ask_page(&w, v, "", S("' OR 1=1"), &page), "invalid after");
  page.total = 0;
  ask_page(&w, v, "limit=1&count=1&filter[age]=30", (struct str){0}, &page);
  CHECK_EQ_I64(page.total, 2);
  CHECK_EQ_I64(page.n, 1);
}

TEST_BOTH(masks_and_history) {
  WORLD(w);
  int r;
  struct viewer a = world_user(&w, 1, DISTRICT_A, READ " responder.create responder.update"),
                masked = world_user(&w, 2, DISTRICT_A, "responder.read"),
                out = world_user(&w, 3, DISTRICT_B, READ);
  struct change *c = world_do(&w, &a, &resp_kind, CHANGE_CREATE, NULL, NULL,
                              "{\"name\":\"欧阳小明\",\"unit\":\"110102001001\","
                              "\"phone\":\"13812341234\",\"address\":\"某某胡同十二号\"}",
                              &r);
  CHECK_OK(r, &w.e);
  const struct uuid id = c->id;
  world_do(&w, &a, &resp_kind, CHANGE_UPDATE, &id, NULL,
           "{\"phone\":\"13900000002\",\"host\":\"110106001001\",\"age\":20}", &r);
  CHECK_OK(r, &w.e);
  struct record *rec = world_get(&w, &masked, &resp_kind, &id);
  CHECK(rec);
  json_t *j = world_emit(&w, &masked, rec);
  CHECK_STR(world_at(j, "name", NULL), "欧**");
  CHECK_STR(world_at(j, "phone", NULL), "139****0002");
  CHECK_STR(world_at(j, "address", NULL), "某某****");
  CHECK_EQ_I64(json_array_size(json_object_get(j, "masked")), 3);
  CHECK(!json_object_get(j, "destroyed"));
  CHECK(json_is_array(json_object_get(j, "skills")) && json_is_null(json_object_get(j, "note")));

  _cleanup_(tx_endp) struct tx *tx = NULL;
  CHECK_OK(store_read(w.f->store, &tx, &w.e), &w.e);
  struct emit em = {.tx = tx, .en = &w.en, .viewer = &masked, .a = w.a};
  struct str text;
  bool is_masked;
  CHECK_OK(emit_text(&em, rec, RESP_NAME, &text, &is_masked, &w.e), &w.e);
  CHECK(str_is(text, "欧**") && is_masked);
  CHECK_OK(emit_text(&em, rec, RESP_HOST, &text, &is_masked, &w.e), &w.e);
  CHECK(str_is(text, "乙一社区") && !is_masked);
  CHECK(str_is(record_title(&em, rec), "欧**"));

  struct buf b = BUF_INIT(KIB(64));
  struct jw jw;
  jw_init(&jw, &b);
  r = history_write(&em, &jw, &resp_kind, &id, &w.e);
  const bool good = jw_ok(&jw);
  struct str json = arena_dup(w.a, buf_str(&b));
  buf_done(&b);
  CHECK_OK(r, &w.e);
  CHECK(good);
  CHECK_OK(json_read(w.a, json, &j, &w.e), &w.e);
  const json_t *items = json_object_get(j, "items");
  CHECK_EQ_I64(json_array_size(items), 2);
  const json_t *update = json_array_get(items, 0), *changes = json_object_get(update, "changes");
  CHECK_STR(world_at(update, "action", NULL), "update");
  CHECK_STR(world_at(changes, "phone", "old"), "138****1234");
  CHECK_STR(world_at(changes, "phone", "new"), "139****0002");
  CHECK_STR(world_at(json_object_get(changes, "host"), "new", "code"), "110106001001");
  CHECK(!json_object_get(changes, "name"));
  CHECK_STR(world_at(json_object_get(json_array_get(items, 1), "changes"), "name", "new"), "欧**");
  struct viewer far = world_user(&w, 4, COMM_A2, READ);
  em.viewer = &far;
  CHECK_EQ_I64(history_write(&em, &jw, &resp_kind, &id, &w.e), -E_NOT_FOUND);

  /* opened for a reason, told to the observers, and gone with its key */
  struct reveal rv = {.en = &w.en,
                      .viewer = &masked,
                      .a = w.a,
                      .kind = &resp_kind,
                      .id = id,
                      .fields = S("phone,address"),
                      .reason = S("核对")};
  CHECK_EQ_I64(writer_run(w.en.writer, &reveal_cmd, &rv, CMD_NORMAL, &w.e), -E_FORBIDDEN);
  CHECK_EQ_I64(w.revealed, 0);
  rv.viewer = &a;
  rv.fields = S("phone,age");
  rv.reason = S(" ");
  CHECK_EQ_I64(writer_run(w.en.writer, &reveal_cmd, &rv, CMD_NORMAL, &w.e), -E_INVALID);
  CHECK_EQ_I64(rv.problems.errors, 2);
  rv.fields = S("phone,address");
  rv.reason = S("核对");
  CHECK_OK(writer_run(w.en.writer, &reveal_cmd, &rv, CMD_NORMAL, &w.e), &w.e);
  CHECK_EQ_I64(w.revealed, 1);
  CHECK(str_is(w.last_fields, "phone,address"));
  CHECK(rec_is(rv.rec, RESP_PHONE, "13900000002") &&
        rec_is(rv.rec, RESP_ADDRESS, "某某胡同十二号"));
  w.sealer.destroyed = true;
  rec = world_get(&w, &out, &resp_kind, &id);
  CHECK(rec);
  j = world_emit(&w, &out, rec);
  CHECK(json_is_null(json_object_get(j, "phone")));
  CHECK_EQ_I64(json_array_size(json_object_get(j, "destroyed")), 2);
  CHECK_EQ_I64(writer_run(w.en.writer, &reveal_cmd, &rv, CMD_NORMAL, &w.e), -E_GONE);
}
