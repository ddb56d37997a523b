/* For tests of the areas' own rules: the whole product over a fresh installation on either engine,
 * without HTTP and without jobs running by themselves; its clock stands where the test puts it.
 * Changes are made as the program makes them (rules apply, rights are not asked). One thread beside
 * the writer's. */
#ifndef SHOUWANG_TESTS_UNIT_PRODUCT_FIXTURE_H
#define SHOUWANG_TESTS_UNIT_PRODUCT_FIXTURE_H

#include "core/app.h"
#include "domain/gate/gate.h"
#include "domain/gate/passes.h"
#include "domain/residents/residents.h"
#include "domain/rosters/rosters.h"
#include "domain/units/units.h"
#include "store_fixture.h"
#include <fcntl.h>

struct product {
  struct app *app;
  struct arena *a;
  struct viewer *v;
  struct fixture place;
  char keys[1200];
  struct err e;
};

static inline void product_done(struct product *p) {
  static const char *const suffixes[] = {"", ".lock", ".heads"};
  char name[1300];
  struct fixture f = p->place;
  arena_free(p->a);
  p->app = app_close(p->app);
  fixture_done(&f);
  for (size_t i = 0; i < ARRAY_LEN(suffixes) && p->keys[0]; i++) {
    snprintf(name, sizeof name, "%s%s", p->keys, suffixes[i]);
    unlink(name);
  }
  kinds_done();
}

/* Sets the clock and takes the viewer of that moment. */
static inline int product_at(struct product *p, int64_t now_ms) {
  clock_set_frozen(&p->app->clock, now_ms);
  return app_system_viewer(p->app, p->a, 0, &p->v, &p->e);
}

static inline struct change *product_make(struct product *p, const struct kind *k,
                                          enum change_verb verb) {
  struct change *c = change_make(p->a, &p->app->registry, p->v, k, verb);
  c->at_ms = p->v->now_ms;
  c->source = "test";
  c->internal = true;
  if (verb == CHANGE_CREATE) c->id = idgen_next(&p->app->ids, p->v->now_ms);
  return c;
}

static inline int product_do(struct product *p, struct change *c) {
  int r = change_do(c, &p->e);
  for (const struct problem *pr = c->problems.first; r < 0 && pr; pr = pr->next)
    printf("# %s." STR_FMT ": " STR_FMT "\n", c->kind->name, STR_ARG(pr->field),
           STR_ARG(problem_words(p->a, pr, false)));
  return r;
}

static inline int product_open(struct product *p, struct fixture *f, int64_t now_ms) {
  static int count;
  struct app_options o = {.create = true, .keys = p->keys};
  const char *tmp = getenv("TMPDIR");
  *p = (struct product){.a = arena_create(LIMIT_ARENA_JOB), .place = *f};
  *f = (struct fixture){0}; /* it is the product's from here on */
  p->place.store = store_close(p->place.store);
  snprintf(p->keys, sizeof p->keys, "%s/sw-product-%d-%d.keys", tmp ? tmp : "/tmp", (int)getpid(),
           ++count);
  if (p->place.schema[0])
    o.database = p->place.where;
  else
    o.data = p->place.where;
  int r = app_declare(&p->e);
  if (r >= 0) r = app_open(&o, &p->app, &p->e);
  return r < 0 ? r : product_at(p, now_ms);
}

#define PRODUCT(name_, now_)                                                                       \
  _cleanup_(product_done) struct product name_ = {0};                                              \
  CHECK_OK(product_open(&name_, f, (now_)), &name_.e)

static inline int64_t product_count(struct product *p, const char *sql) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  if (store_read(p->app->store, &tx, &p->e) < 0) return -1;
  if (cur_open_sql(tx, str_from(sql), NULL, 0, &c, &p->e) < 0) return -1;
  return cur_next(c, &p->e) > 0 ? cur_i64(c, 0) : -1;
}

/* A city, a district, a subdistrict and two communities. */
static inline int product_units(struct product *p) {
  static const struct {
    const char *code, *kind, *parent;
  } units[] = {{"110000000000", "city", NULL},
               {"110102000000", "district", "110000000000"},
               {"110102013000", "subdistrict", "110102000000"},
               {"110102013001", "community", "110102013000"},
               {"110102013002", "community", "110102013000"}};
  struct change *c = product_make(p, &operation_kind, CHANGE_CREATE);
  change_set(c, OPERATION_CODE, V_TEXTZ("test"));
  change_set(c, OPERATION_NAME, V_TEXTZ("试验行动"));
  change_set(c, OPERATION_TIMEZONE, V_TEXTZ("Asia/Shanghai"));
  change_set(c, OPERATION_BEGINS, V_TEXTZ("2020-01-01"));
  int r = product_do(p, c);
  if (r >= 0) r = product_at(p, p->v->now_ms);
  for (size_t i = 0; i < ARRAY_LEN(units) && r >= 0; i++) {
    c = product_make(p, &unit_kind, CHANGE_CREATE);
    change_set(c, UNIT_CODE, V_TEXTZ(units[i].code));
    change_set(c, UNIT_NAME, V_TEXTZ(units[i].code));
    change_set(c, UNIT_KIND, V_TEXTZ(units[i].kind));
    if (units[i].parent) change_set(c, UNIT_PARENT_CODE, V_TEXTZ(units[i].parent));
    r = product_do(p, c);
  }
  return r < 0 ? r : product_at(p, p->v->now_ms);
}

static inline int32_t product_unit(struct product *p, const char *code) {
  const struct unit_row *u = unit_by_code(p->v->tree, str_from(code));
  return u ? u->no : 0;
}

static inline int product_gate(struct product *p, int32_t unit, const char *name,
                               struct uuid *ret_post) {
  struct change *c = product_make(p, &post_kind, CHANGE_CREATE);
  *ret_post = c->id;
  change_set(c, POST_UNIT, V_I64(unit));
  change_set(c, POST_NAME, V_TEXTZ(name));
  change_set(c, POST_KIND, V_TEXTZ("gate"));
  return product_do(p, c);
}

/* A compound with one building. */
static inline int product_building(struct product *p, int32_t unit, struct uuid *ret_building) {
  struct change *c = product_make(p, &compound_kind, CHANGE_CREATE);
  const struct uuid compound = c->id;
  change_set(c, COMPOUND_UNIT, V_I64(unit));
  change_set(c, COMPOUND_NAME, V_TEXTZ("试验小区"));
  int r = product_do(p, c);
  if (r < 0) return r;
  c = product_make(p, &building_kind, CHANGE_CREATE);
  *ret_building = c->id;
  change_set(c, BUILDING_COMPOUND, V_UUID(compound));
  change_set(c, BUILDING_NAME, V_TEXTZ("1"));
  return product_do(p, c);
}

static inline int product_household(struct product *p, const struct uuid *building, int door,
                                    struct uuid *ret_household) {
  struct change *c = product_make(p, &household_kind, CHANGE_CREATE);
  *ret_household = c->id;
  change_set(c, HOUSEHOLD_BUILDING, V_UUID(*building));
  change_set(c, HOUSEHOLD_DOOR, V_TEXT(arena_printf(p->a, "%d", door)));
  return product_do(p, c);
}

/* class household, or person: for a new resident of it. */
static inline int product_pass(struct product *p, const char *pass_class,
                               const struct uuid *household, struct uuid *ret_pass) {
  struct uuid resident = {{0}};
  struct change *c;
  if (strcmp(pass_class, "person") == 0) {
    c = product_make(p, &resident_kind, CHANGE_CREATE);
    resident = c->id;
    change_set(c, RESIDENT_HOUSEHOLD, V_UUID(*household));
    change_set(c, RESIDENT_NAME, V_TEXTZ("试居"));
    int r = product_do(p, c);
    if (r < 0) return r;
  }
  c = product_make(p, &pass_kind, CHANGE_CREATE);
  *ret_pass = c->id;
  change_set(c, PASS_CLASS, V_TEXTZ(pass_class));
  change_set(c, PASS_HOUSEHOLD, V_UUID(*household));
  if (!uuid_is_nil(&resident)) change_set(c, PASS_RESIDENT, V_UUID(resident));
  change_set(c, PASS_VALID_FROM, V_TEXTZ("2020-01-01"));
  change_set(c, PASS_VALID_TO, V_TEXTZ("2020-12-31"));
  return product_do(p, c);
}

#endif
