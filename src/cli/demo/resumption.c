#include "cli/demo/enterprises.h"
#include "domain/hazards/hazards.h"
#include "domain/enterprises/filing.h"
#include "domain/enterprises/guidance.h"
#include "domain/enterprises/responsibilities.h"
#include "domain/enterprises/resumption_step.h"

/* The way back to work, step by step: planned, filed under the checklist of the day, checked on the
 * spot, guided, resumed; some suspended for a week. And gaps in prevention, found and followed up.
 */

enum {
  FILES_BEFORE = 3, /* days before it opens; two are asked for */
  PLANS_BEFORE = 6,
  CHECKLISTS_FROM = 29, /* 24 February, counted from the first day */
  SUSPENDED_ON = 54,
  AGAIN_ON = 61,
};

static const char february[] =
    "{\"air\":true,\"cleaning\":true,\"flexible\":true,\"lifts\":50,\"meal_spacing\":1,\"meals\":"
    "true,\"officer\":true,\"returnees\":true,\"temperature\":true,\"undertaking\":true,\"visitor"
    "s\":true}";
static const char april[] =
    "{\"air\":true,\"by_manager\":true,\"cleaning\":true,\"lifts\":50,\"meals\":true,\"officer\":"
    "true,\"returnees\":true,\"temperature\":true,\"visitors\":true}";

/* One finding for each condition of the checklist under which it filed. */
static const char *const found_february[] = {
    "air",          "area",        "attendance", "cleaning",  "flexible", "lifts",
    "meal_spacing", "meals",       "officer",    "returnees", "spacing",  "stock",
    "temperature",  "undertaking", "visitors",   NULL};
static const char *const found_april[] = {
    "air",     "area",      "attendance", "by_manager", "cleaning",    "lifts",    "meals",
    "officer", "returnees", "spacing",    "stock",      "temperature", "visitors", NULL};

static struct str all_agree(struct player *p, const char *const *codes) {
  struct buf b = BUF_INIT(KIB(2));
  buf_char(&b, '{');
  for (size_t i = 0; codes[i]; i++)
    buf_printf(&b, "%s\"%s\":{\"agrees\":true}", i ? "," : "", codes[i]);
  buf_char(&b, '}');
  const struct str text = arena_dup(p->a, buf_str(&b));
  buf_done(&b);
  return text;
}

static bool by_april(const struct player *p, int32_t day) {
  return day >= p->first + CHECKLISTS_FROM + 54;
}

static bool guides(const struct demo_set *s) {
  return json_object_get(s->o, "departments") != NULL;
}

static bool files(const struct player *p, const struct demo_set *s, const struct demo_firm *f) {
  return guides(s) && f->resumes >= p->first + CHECKLISTS_FROM + FILES_BEFORE;
}

/* ---- steps ---- */

static int plan(struct player *p, const struct demo_firm *f, int32_t day, int32_t opens,
                struct err *e) {
  struct change *c = play_action_at(p, &enterprise_kind, &f->id, "plan", day, 9 * 60 + 30);
  change_set(c, ENTERPRISE_PLANNED_ON, play_day_val(p, opens));
  return play_add(p, c, e);
}

static int resume(struct player *p, struct demo_firm *f, int32_t day, struct err *e) {
  struct change *c = play_action_at(p, &enterprise_kind, &f->id,
                                    f->suspended ? "restart" : "resume", day, 8 * 60 + 35);
  change_set(c, ENTERPRISE_RESUMED_ON, play_day_val(p, day));
  if (f->suspended) c->reason = S("整改到位，复查通过");
  f->resumed = true;
  f->suspended = false;
  return play_add(p, c, e);
}

static int suspend(struct player *p, struct demo_firm *f, int32_t day, struct err *e) {
  struct change *c = play_action_at(p, &enterprise_kind, &f->id, "suspend", day, 10 * 60);
  c->reason = S("核查发现防控措施未落实，暂停一周整改");
  f->resumed = false;
  f->suspended = true;
  return play_add(p, c, e);
}

static int file(struct player *p, struct demo_firm *f, int32_t day, int32_t opens, struct err *e) {
  const bool later = by_april(p, day);
  struct change *c = play_make_at(p, &filing_kind, CHANGE_CREATE, day, 10 * 60);
  f->filing = c->id;
  f->filed = day;
  change_set(c, FILING_ENTERPRISE, V_UUID(f->id));
  change_set(c, FILING_PLANNED_ON, play_day_val(p, opens));
  change_set(c, FILING_FIRST_BATCH, V_I64((f->staff + 2) / 3));
  change_set(c, FILING_ANSWERS, V_TEXTZ(later ? april : february));
  change_set(c, FILING_ATTENDANCE, V_I64(later ? 800 : 450));
  change_set(c, FILING_AREA, V_I64(320));
  change_set(c, FILING_SPACING, V_I64(120));
  change_set(c, FILING_STOCK, V_I64(later ? 10 : 7));
  change_set(c, FILING_MEALS, V_TEXTZ(f->staff > 60 ? "staggered" : "boxed"));
  change_set(c, FILING_MODE, V_TEXTZ(later ? "on_site" : "shifts"));
  int r = play_add(p, c, e);
  if (r < 0) return r;
  return play_add(p, play_action_at(p, &filing_kind, &f->filing, "file", day, 10 * 60 + 20), e);
}

static int check(struct player *p, struct demo_firm *f, int32_t day, struct err *e) {
  struct change *c = play_action_at(p, &filing_kind, &f->filing, "check_first", day, 14 * 60);
  change_set(c, FILING_FINDINGS, V_TEXTZ("间距、测温、消毒记录与备案一致"));
  change_set(c, FILING_FOUND,
             V_TEXT(all_agree(p, by_april(p, f->filed) ? found_april : found_february)));
  int r = play_add(p, c, e);
  if (r < 0) return r;
  return play_add(p, play_action_at(p, &filing_kind, &f->filing, "check_second", day, 14 * 60 + 40),
                  e);
}

static int guide(struct player *p, const struct demo_set *s, const struct demo_firm *f, int32_t day,
                 struct err *e) {
  const json_t *all = json_object_get(s->o, "departments"),
               *directives = json_object_get(s->o, "directives");
  const size_t i = (size_t)(f - s->firms);
  const json_t *with = json_array_get(all, i % json_array_size(all));
  struct buf b = BUF_INIT(KIB(1));
  for (size_t k = 0; k < json_array_size(with); k++) {
    if (k) buf_char(&b, ',');
    buf_str_add(&b, json_str(json_array_get(with, k)));
  }
  struct change *c = play_make_at(p, &guidance_kind, CHANGE_CREATE, day, 15 * 60);
  change_set(c, GUIDANCE_ENTERPRISE, V_UUID(f->id));
  change_set(c, GUIDANCE_DAY, play_day_val(p, day));
  change_set(c, GUIDANCE_DEPARTMENTS, V_TEXT(arena_dup(p->a, buf_str(&b))));
  change_set(c, GUIDANCE_DIRECTIVE,
             V_TEXT(json_str(json_array_get(directives, i % json_array_size(directives)))));
  change_set(c, GUIDANCE_TEXT, V_TEXTZ("错峰上岗、工位间距、测温消毒、物资三天用量"));
  change_set(c, GUIDANCE_BY, V_UUID(s->callers[f->caller]));
  buf_done(&b);
  return play_add(p, c, e);
}

/* Those that open: on which day before it does what happens. */
static int on_its_way(struct player *p, const struct demo_set *s, struct demo_firm *f, int32_t day,
                      struct err *e) {
  const int32_t left = f->resumes - day;
  const bool filed = files(p, s, f);
  int r = 0;
  if (left == PLANS_BEFORE) r = plan(p, f, day, f->resumes, e);
  if (r >= 0 && filed && left == FILES_BEFORE) r = file(p, f, day, f->resumes, e);
  if (r >= 0 && guides(s) && left == 2) r = guide(p, s, f, day, e);
  if (r >= 0 && filed && left == 1) {
    r = check(p, f, day, e);
    if (r >= 0)
      r = play_add(p, play_action_at(p, &filing_kind, &f->filing, "accept", day, 17 * 60), e);
  }
  return r < 0 || left != 0 ? r : resume(p, f, day, e);
}

/* A few are suspended in March and at work again a week later. */
static int interrupted(struct player *p, const struct demo_set *s, struct demo_firm *f, int32_t day,
                       struct err *e) {
  const size_t i = (size_t)(f - s->firms);
  const int32_t since = day - p->first;
  if (i % 25 != 5 || !guides(s)) return 0;
  if (since == SUSPENDED_ON && f->resumed && f->resumes < day - 1) return suspend(p, f, day, e);
  if (since == AGAIN_ON && f->suspended) return resume(p, f, day, e);
  return 0;
}

/* Those that have not opened yet: how far they are by the last day. */
static int not_yet(struct player *p, const struct demo_set *s, struct demo_firm *f, int32_t day,
                   struct err *e) {
  const size_t i =
      (size_t)(f - s->firms) - (size_t)json_integer_value(json_object_get(s->o, "resumed"));
  const int32_t opens = p->last + 4 + (int32_t)(i % 9);
  int r = 0;
  if (i >= 25) return 0;
  if (day == p->last - 12 + (int32_t)(i % 6)) r = plan(p, f, day, opens, e);
  if (!guides(s) || r < 0) return r;
  if (i < 9 && day == p->last - 4 + (int32_t)(i % 3)) r = file(p, f, day, opens, e);
  if (r >= 0 && i < 3 && day == p->last - 1) r = check(p, f, day, e);
  return r;
}

static int close_last(struct player *p, struct demo_set *s, int32_t day, struct err *e) {
  struct demo_firm *f = &s->firms[s->n - 1];
  if (play_date(s->o, "closed", 0) != day) return 0;
  struct change *c = play_action_at(p, &enterprise_kind, &f->id, "close", day, 11 * 60);
  change_set(c, ENTERPRISE_CLOSED_ON, play_day_val(p, day));
  c->reason = S("租约到期，迁往外区");
  f->closed = true;
  return play_add(p, c, e);
}

/* Who answers for what, at some of them: from the day on which checklists are in force. */
static int responsibilities(struct player *p, struct demo_set *s, int32_t day, struct err *e) {
  const json_t *rows = json_object_get(json_object_get(p->doc, "enterprises"), "responsibility");
  const size_t n = (size_t)json_integer_value(json_object_get(s->o, "responsible"));
  int r = 0;
  if (day != p->first + CHECKLISTS_FROM) return 0;
  for (size_t i = 0; i < n && r >= 0; i++)
    for (size_t k = 0; k < json_array_size(rows) && r >= 0; k++) {
      const json_t *row = json_array_get(rows, k);
      const struct str body = json_str(json_array_get(row, 1));
      struct change *c = play_make_at(p, &responsibility_kind, CHANGE_CREATE, day, 16 * 60);
      change_set(c, RESPONSIBILITY_ENTERPRISE, V_UUID(s->firms[i].id));
      change_set(c, RESPONSIBILITY_PARTY, V_TEXT(json_str(json_array_get(row, 0))));
      change_set(c, RESPONSIBILITY_BODY, V_TEXT(body.n ? body : s->firms[i].name));
      change_set(c, RESPONSIBILITY_PERSON, V_TEXT(play_name(p)));
      change_set(c, RESPONSIBILITY_TEXT, V_TEXT(json_str(json_array_get(row, 2))));
      change_set(c, RESPONSIBILITY_FROM, play_day_val(p, day));
      r = play_add(p, c, e);
    }
  return r;
}

int play_resumption_day(struct player *p, struct demo_set *s, int32_t day, struct err *e) {
  int r = responsibilities(p, s, day, e);
  for (size_t i = 0; i < s->n && r >= 0; i++) {
    struct demo_firm *f = &s->firms[i];
    if (!f->registered || f->closed) continue;
    r = f->resumes ? on_its_way(p, s, f, day, e) : not_yet(p, s, f, day, e);
    if (r >= 0) r = interrupted(p, s, f, day, e);
  }
  if (r >= 0) r = close_last(p, s, day, e);
  return r < 0 ? r : play_flush(p, e);
}

/* ---- gaps ---- */

static struct demo_set *set_of(struct player *p, const json_t *gap) {
  const int32_t unit = play_unit(p, json_str(json_object_get(gap, "unit")));
  struct demo_enterprises *en = p->enterprises;
  for (size_t i = 0; i < en->n_sets; i++)
    if (unit_within(p->v->tree, unit, en->sets[i].unit)) return &en->sets[i];
  return NULL;
}

static int find_gap(struct player *p, struct demo_set *s, const json_t *gap, struct uuid *ret_id,
                    int32_t day, struct err *e) {
  const json_t *firm = json_object_get(gap, "firm"), *building = json_object_get(gap, "building");
  struct change *c = play_make_at(p, &hazard_kind, CHANGE_CREATE, day, 11 * 60);
  *ret_id = c->id;
  change_set(c, HAZARD_UNIT, V_I64(play_unit(p, json_str(json_object_get(gap, "unit")))));
  change_set(c, HAZARD_KIND, V_TEXT(json_str(json_object_get(gap, "kind"))));
  change_set(c, HAZARD_TEXT, V_TEXT(json_str(json_object_get(gap, "what"))));
  change_set(c, HAZARD_FOUND_ON, play_day_val(p, day));
  change_set(c, HAZARD_DUE_ON, V_TEXT(json_str(json_object_get(gap, "due"))));
  change_set(c, HAZARD_OWNER, V_TEXT(play_name(p)));
  if (firm) change_set(c, HAZARD_ENTERPRISE, V_UUID(s->firms[json_integer_value(firm)].id));
  if (building) change_set(c, HAZARD_BUILDING, V_UUID(s->buildings[json_integer_value(building)]));
  if (json_object_get(gap, "name"))
    change_set(c, HAZARD_NAME, V_TEXT(json_str(json_object_get(gap, "name"))));
  return play_add(p, c, e);
}

/* Found without being on the register: it is put there, and that closes the gap. */
static int put_on_register(struct player *p, struct demo_set *s, const json_t *gap, int32_t day,
                           struct err *e) {
  struct demo_firm *f = &s->firms[s->count - 1];
  f->unit = play_unit(p, json_str(json_object_get(gap, "unit")));
  f->staff = json_integer_value(json_object_get(gap, "headcount"));
  f->away = f->there = f->elsewhere = f->here = 0;
  const struct str name = arena_dup(p->keep, json_str(json_object_get(gap, "name")));
  return play_firm_add(p, s, f, name, zone_moment(p->zone, day, 15 * 60), e);
}

static int gap_day(struct player *p, struct demo_set *s, const json_t *gap, struct uuid *id,
                   int32_t day, struct err *e) {
  int r = play_date(gap, "on", 0) == day ? find_gap(p, s, gap, id, day, e) : 0;
  if (r >= 0 && play_date(gap, "registered", 0) == day) r = put_on_register(p, s, gap, day, e);
  if (r >= 0 && play_date(gap, "fixed", 0) == day) {
    struct change *c = play_action_at(p, &hazard_kind, id, "fix", day, 16 * 60);
    change_set(c, HAZARD_FIXED_ON, play_day_val(p, day));
    if (json_object_get(gap, "registered"))
      change_set(c, HAZARD_ENTERPRISE, V_UUID(s->firms[s->count - 1].id));
    r = play_add(p, c, e);
  }
  if (r >= 0 && play_date(gap, "verified", 0) == day)
    r = play_add(p, play_action_at(p, &hazard_kind, id, "verify", day, 16 * 60 + 20), e);
  return r;
}

int play_gaps_day(struct player *p, int32_t day, struct err *e) {
  const json_t *gaps = json_object_get(json_object_get(p->doc, "enterprises"), "gaps");
  int r = 0;
  for (size_t i = 0; i < json_array_size(gaps) && r >= 0; i++) {
    const json_t *gap = json_array_get(gaps, i);
    struct demo_set *s = set_of(p, gap);
    if (!s) return err_set(e, E_BUG, "the description of a gap");
    r = gap_day(p, s, gap, &p->enterprises->gaps[i], day, e);
  }
  return r < 0 ? r : play_flush(p, e);
}
