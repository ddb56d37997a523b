#include "domain/residents/imports.h"
#include "base/limits.h"

/* The sheets of compounds, buildings, households and residents. A row says where it belongs by
 * names; what is missing on the way from the compound down is made. */

enum { UNIT_CHOICES = 8, BUILDING_MAX = 40, STAIRWELL_MAX = 20, DOOR_MAX = 20 };

/* ---- columns ---- */

/* Where a row belongs: the same columns in all sheets, as far down as each goes. */
enum { X_UNIT, X_COMPOUND, X_BUILDING, X_STAIRWELL, X_DOOR, X_PLACE };

#define EXTRA_UNIT                                                                                 \
  {                                                                                                \
    .name = "unit", .zh = "社区", .en = "Community",                                               \
    .headers = "所属社区|社区编码|社区代码|居委会", .example = "",                                 \
    .zh_help = "名称或12位编码；只管一个社区的可不填",                                             \
    .en_help = "name or 12-digit code; not needed where you have one community", .unit = true      \
  }
#define EXTRA_COMPOUND                                                                             \
  {                                                                                                \
    .name = "compound", .max = 60, .zh = "小区", .en = "Compound", .headers = "小区名称|所属小区", \
    .example = "幸福小区", .zh_help = "没有的会新建", .en_help = "made where there is none"        \
  }
#define EXTRA_BUILDING                                                                             \
  {                                                                                                \
    .name = "building", .max = BUILDING_MAX, .zh = "楼", .en = "Building",                         \
    .headers = "楼号|楼栋|楼栋号|楼名|幢", .example = "15号楼",                                    \
    .zh_help = "15号楼、15#、15 是同一栋；没有的会新建",                                           \
    .en_help = "15号楼, 15# and 15 are one; made where there is none"                            \
  }

static const struct import_extra building_extra[] = {EXTRA_UNIT, EXTRA_COMPOUND, {0}};
static const struct import_extra household_extra[] = {
    EXTRA_UNIT, EXTRA_COMPOUND, EXTRA_BUILDING, {0}};
static const struct import_extra resident_extra[] = {
    EXTRA_UNIT,
    EXTRA_COMPOUND,
    EXTRA_BUILDING,
    {.name = "stairwell",
     .max = STAIRWELL_MAX,
     .zh = "单元",
     .en = "Stairwell",
     .headers = "单元号|门洞",
     .example = "2",
     .zh_help = "没有单元的不填",
     .en_help = "empty where there are none"},
    {.name = "door",
     .max = DOOR_MAX,
     .zh = "门牌",
     .en = "Door",
     .headers = "门牌号|房号|户号|室|房间号",
     .example = "301"},
    {.name = "place",
     .max = 80,
     .zh = "楼门号",
     .en = "Building-stairwell-door",
     .headers = "户|楼-单元-门牌|住址",
     .example = "",
     .zh_help = "代替楼、单元、门牌三列，如15-2-301",
     .en_help = "instead of the three columns: 15-2-301"},
    {0}};

/* ---- reading names ---- */

/* The one community for which he may import, 0 where there are several. */
static int32_t own_community(const struct import_row *r) {
  int32_t scope[UNIT_CHOICES];
  const right_t right = kind_right(r->plan->kind, VERB_IMPORT);
  const int n = viewer_scope(r->viewer, right, scope, UNIT_CHOICES);
  if (n != 1) return 0;
  const struct unit_row *u = unit_by_no(r->viewer->tree, scope[0]);
  const bool community = u && (str_is(u->kind, "community") || str_is(u->kind, "compound"));
  return community ? u->no : 0;
}

/* "阳光 小区" is "阳光小区". */
static struct str without_spaces(struct arena *a, struct str s) {
  char *z = arena_strz(a, str_trim(s));
  size_t n = 0;
  for (const char *p = z; *p;) {
    if (strncmp(p, "\xE3\x80\x80", 3) == 0) {
      p += 3;
      continue;
    }
    if (*p != ' ' && *p != '\t') z[n++] = *p;
    p++;
  }
  return (struct str){z, n};
}

struct where {
  int32_t unit;
  struct str compound, building, stairwell, door; /* as people wrote them */
};

/* "15-2-301" or "15-301" in one column; the last piece is the door. */
static bool split_place(struct import_row *r, struct str text, struct where *w) {
  struct str piece[3];
  size_t n = 0;
  char *flat = arena_strz(r->a, text);
  static const struct str dashes[] = {STR_INIT("－"), STR_INIT("—"), STR_INIT("–")};
  struct str rest = {flat, text.n};
  for (size_t i = 0; i < ARRAY_LEN(dashes); i++)
    for (size_t at; (at = str_find(rest, dashes[i])) != (size_t)-1;) {
      flat[at] = '-';
      for (size_t k = 1; k < dashes[i].n; k++) flat[at + k] = ' ';
    }
  while (rest.p && n < 3) piece[n++] = str_trim(str_split(&rest, '-'));
  bool ok = !rest.p && n >= 2;
  for (size_t i = 0; i < n; i++)
    ok = ok && piece[i].n && str_utf8_len(piece[i]) <= (i ? DOOR_MAX : BUILDING_MAX);
  if (!ok) {
    problem_text(&r->problems, PROBLEM_bad_format, S("place"), S("15-2-301"), text,
                 (struct str){0});
    return false;
  }
  w->building = piece[0];
  w->stairwell = n == 3 ? piece[1] : (struct str){NULL, 0};
  w->door = piece[n - 1];
  return true;
}

/* ---- finding and making ---- */

QUERY(q_compounds_named, "SELECT id, unit FROM compound WHERE op = $1 AND retired = 0 "
                         "AND replace(name, ' ', '') = $2 ORDER BY id");

/* By the words that lead there, not by ids: what a trial made in one slice is made anew in the
 * next. */
static struct str key_of(struct import_row *r, const struct where *w, struct str last) {
  return arena_printf(r->a, "%d|" STR_FMT "|" STR_FMT, (int)w->unit,
                      STR_ARG(without_spaces(r->a, w->compound)), STR_ARG(last));
}

static int compound_found(struct tx *tx, struct import_row *r, const struct where *w,
                          struct str name, struct uuid *ret_id, int32_t *ret_unit, size_t *ret_n,
                          struct err *e) {
  const right_t read = kind_right(&compound_kind, VERB_READ);
  size_t n = 0;
  _cleanup_(cur_donep) struct cur *c = NULL;
  int x = cur_open(tx, &q_compounds_named, P(V_I64(r->viewer->op), V_TEXT(name)), &c, e);
  while (x >= 0 && (x = cur_next(c, e)) == 1) {
    const int32_t unit = (int32_t)cur_i64(c, 1);
    if (w->unit ? unit != w->unit : !viewer_may(r->viewer, read, unit)) continue;
    *ret_id = cur_uuid(c, 0);
    *ret_unit = unit;
    n++;
  }
  *ret_n = n;
  return x < 0 ? x : 0;
}

/* Leaves *ret nil, with a problem, where it can be neither found nor made. */
static int compound_of(struct tx *tx, struct import_row *r, struct where *w, struct uuid *ret,
                       struct err *e) {
  const struct str name = without_spaces(r->a, w->compound);
  const struct str key = key_of(r, w, S(""));
  size_t n = 0;
  if (import_known(r, &compound_kind, key, ret)) return 0;
  int x = compound_found(tx, r, w, name, ret, &(int32_t){0}, &n, e);
  if (x < 0) return x;
  if (n == 1) {
    import_know(r, &compound_kind, key, ret);
    return 0;
  }
  *ret = (struct uuid){{0}};
  if (n > 1 || !w->unit) {
    if (n > 1)
      problem_text(&r->problems, PROBLEM_ambiguous, S("compound"), (struct str){0}, w->compound,
                   (struct str){0});
    else
      problem_add(&r->problems, PROBLEM_required, S("unit"));
    return 0;
  }
  struct change *c = import_change(r, &compound_kind);
  change_set(c, COMPOUND_UNIT, V_I64(w->unit));
  change_set(c, COMPOUND_NAME, V_TEXT(name));
  x = import_make(tx, r, c, "compound", key, e);
  if (x >= 0) *ret = c->result->id;
  return x;
}

QUERY(q_building_by_code, "SELECT id FROM building WHERE compound = $1 AND code = $2 "
                          "AND retired = 0");
QUERY(q_lone_by_code, "SELECT id FROM building WHERE op = $1 AND unit = $2 AND code = $3 "
                      "AND compound IS NULL AND retired = 0");
QUERY(q_household_by_code, "SELECT id FROM household WHERE building = $1 AND code = $2 "
                           "AND retired = 0");

QUERY(q_any_by_code, "SELECT b.id, c.name FROM building b JOIN compound c ON c.id = b.compound "
                     "WHERE b.op = $1 AND b.unit = $2 AND b.code = $3 AND b.retired = 0 "
                     "ORDER BY b.id LIMIT 2"); /* limit: one, or several */

static int one_id(struct tx *tx, const struct query *q, const struct val *p, size_t n,
                  struct uuid *ret, bool *ret_found, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int x = cur_open(tx, q, p, n, &c, e);
  if (x >= 0) x = cur_next(c, e);
  *ret_found = x > 0;
  if (x > 0) *ret = cur_uuid(c, 0);
  return x < 0 ? x : 0;
}

/* A sheet of a community often leaves the compound out. Where only one has such a building it is
 * meant, and the row says so; of several, one has to be named. */
static int in_any_compound(struct tx *tx, struct import_row *r, const struct where *w,
                           struct str code, struct uuid *ret, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  struct str first = {NULL, 0};
  int x =
      cur_open(tx, &q_any_by_code, P(V_I64(r->viewer->op), V_I64(w->unit), V_TEXT(code)), &c, e);
  if (x < 0 || (x = cur_next(c, e)) <= 0) return x;
  *ret = cur_uuid(c, 0);
  first = arena_dup(r->a, cur_text(c, 1));
  if ((x = cur_next(c, e)) < 0) return x;
  if (x == 0) {
    problem_rule_warn(
        &r->problems, S("compound"),
        arena_printf(r->a, "未填小区，按“" STR_FMT "”的楼登记", STR_ARG(first)),
        arena_printf(r->a, "is not said; the building of " STR_FMT " was taken", STR_ARG(first)));
    return 0;
  }
  problem_rule(&r->problems, S("compound"),
               arena_printf(r->a, "“" STR_FMT "”、“" STR_FMT "”都有这个楼号，请填小区",
                            STR_ARG(first), STR_ARG(cur_text(c, 1))),
               arena_printf(r->a, STR_FMT " and " STR_FMT " both have such a building: say which",
                            STR_ARG(first), STR_ARG(cur_text(c, 1))));
  return 0;
}

/* The building of that name, with its compound (nil where it stands alone); nil where it is not
 * there. */
static int building_found(struct tx *tx, struct import_row *r, const struct where *w,
                          const struct uuid *compound, struct uuid *ret, struct err *e) {
  const struct str code = place_normal(r->a, w->building);
  bool found;
  int x = uuid_is_nil(compound)
              ? one_id(tx, &q_lone_by_code, P(V_I64(r->viewer->op), V_I64(w->unit), V_TEXT(code)),
                       ret, &found, e)
              : one_id(tx, &q_building_by_code, P(V_UUID(*compound), V_TEXT(code)), ret, &found, e);
  if (x < 0 || found) return x;
  *ret = (struct uuid){{0}};
  return uuid_is_nil(compound) ? in_any_compound(tx, r, w, code, ret, e) : 0;
}

/* "石头胡同小区 6号楼", as an export names a building: the compound and the name. */
static int without_compound(struct tx *tx, struct import_row *r, struct where *w, struct err *e) {
  struct uuid id;
  size_t at = w->building.n, n = 0;
  while (at && w->building.p[at - 1] != ' ') at--;
  const struct str compound = str_trim(str_sub(w->building, 0, at));
  const struct str name = without_spaces(r->a, compound);
  if (!name.n || (w->compound.n && !str_eq(name, without_spaces(r->a, w->compound)))) return 0;
  int x = compound_found(tx, r, w, name, &id, &(int32_t){0}, &n, e);
  if (x < 0 || (!n && !w->compound.n)) return x;
  w->compound = compound;
  w->building = str_sub(w->building, at, w->building.n);
  return 0;
}

static int building_of(struct tx *tx, struct import_row *r, struct where *w, struct uuid *ret,
                       struct err *e) {
  struct uuid compound = {{0}};
  *ret = compound;
  int x = without_compound(tx, r, w, e);
  if (x < 0) return x;
  if (w->compound.n) {
    x = compound_of(tx, r, w, &compound, e);
    if (x < 0 || uuid_is_nil(&compound)) return x;
  } else if (!w->unit) {
    problem_add(&r->problems, PROBLEM_required, S("compound"));
    return 0;
  }
  const struct str key = key_of(r, w, place_normal(r->a, w->building));
  if (import_known(r, &building_kind, key, ret)) return 0;
  x = building_found(tx, r, w, &compound, ret, e);
  if (x < 0 || problems_any(&r->problems)) return x;
  if (!uuid_is_nil(ret)) {
    import_know(r, &building_kind, key, ret);
    return 0;
  }
  struct change *c = import_change(r, &building_kind);
  if (uuid_is_nil(&compound))
    change_set(c, BUILDING_UNIT, V_I64(w->unit));
  else
    change_set(c, BUILDING_COMPOUND, V_UUID(compound));
  change_set(c, BUILDING_NAME, V_TEXT(str_trim(w->building)));
  x = import_make(tx, r, c, "building", key, e);
  if (x >= 0) *ret = c->result->id;
  return x;
}

static struct str code_of(struct import_row *r, const struct where *w) {
  return household_code(r->a, place_normal(r->a, w->building), place_normal(r->a, w->stairwell),
                        place_normal(r->a, w->door));
}

static int household_of(struct tx *tx, struct import_row *r, struct where *w, struct uuid *ret,
                        struct err *e) {
  struct uuid building;
  bool found;
  *ret = (struct uuid){{0}};
  int x = building_of(tx, r, w, &building, e);
  if (x < 0 || uuid_is_nil(&building)) return x;
  const struct str code = code_of(r, w); /* the building's name is known alone by now */
  const struct str key = key_of(r, w, code);
  if (import_known(r, &household_kind, key, ret)) return 0;
  x = one_id(tx, &q_household_by_code, P(V_UUID(building), V_TEXT(code)), ret, &found, e);
  if (x < 0) return x;
  if (found) {
    import_know(r, &household_kind, key, ret);
    return 0;
  }
  struct change *c = import_change(r, &household_kind);
  change_set(c, HOUSEHOLD_BUILDING, V_UUID(building));
  if (w->stairwell.n) change_set(c, HOUSEHOLD_STAIRWELL, V_TEXT(str_trim(w->stairwell)));
  change_set(c, HOUSEHOLD_DOOR, V_TEXT(str_trim(w->door)));
  x = import_make(tx, r, c, "door", key, e);
  if (x >= 0) *ret = c->result->id;
  return x;
}

static int existing(struct tx *tx, struct import_row *r, const struct kind *k,
                    const struct uuid *id, struct record **ret, struct err *e) {
  struct record *rec;
  int x = record_load(tx, r->a, k, r->viewer->op, id, &rec, e);
  if (x >= 0 && !rec->retired && record_visible(r->viewer, rec)) *ret = rec;
  return x == -E_NOROW ? 0 : x;
}

/* ---- compounds ---- */

static struct where where_of(const struct import_row *r) {
  struct where w = {.unit = r->unit ? r->unit : own_community(r), .compound = r->extra[X_COMPOUND]};
  return w;
}

static int compound_place(struct tx *tx, struct import_row *r, struct record **ret, struct err *e) {
  struct where w = {.unit = r->given[COMPOUND_UNIT] ? (int32_t)r->values[COMPOUND_UNIT].i : 0};
  struct uuid id;
  size_t n = 0;
  if (!r->given[COMPOUND_NAME]) return 0;
  const struct str name = without_spaces(r->a, r->values[COMPOUND_NAME].s);
  import_set(r, COMPOUND_NAME, V_TEXT(name));
  if (!w.unit && (w.unit = own_community(r)) != 0) import_set(r, COMPOUND_UNIT, V_I64(w.unit));
  int x = compound_found(tx, r, &w, name, &id, &(int32_t){0}, &n, e);
  if (x < 0) return x;
  if (n > 1)
    problem_text(&r->problems, PROBLEM_ambiguous, S("name"), (struct str){0}, name,
                 (struct str){0});
  return n == 1 ? existing(tx, r, &compound_kind, &id, ret, e) : 0;
}

static struct str compound_key(const struct import_row *r, const char **ret_column) {
  *ret_column = "name";
  if (!r->given[COMPOUND_NAME]) return (struct str){NULL, 0};
  const int64_t unit = r->given[COMPOUND_UNIT] ? r->values[COMPOUND_UNIT].i : 0;
  return arena_printf(r->a, "%lld|" STR_FMT, (long long)unit,
                      STR_ARG(without_spaces(r->a, r->values[COMPOUND_NAME].s)));
}

static const char *const compound_examples[] = {"unit",    "石头社区",  "name", "幸福小区",
                                                "address", "幸福路1号", NULL};
static const struct import_plan compound_plan = {.kind = &compound_kind,
                                                 .required = "name",
                                                 .filled = "",
                                                 .optional = "unit",
                                                 .examples = compound_examples,
                                                 .key = compound_key,
                                                 .place = compound_place};

/* ---- buildings ---- */

static int building_place(struct tx *tx, struct import_row *r, struct record **ret, struct err *e) {
  struct where w = where_of(r);
  struct uuid compound = {{0}}, id;
  if (!r->given[BUILDING_NAME]) return 0;
  w.building = r->values[BUILDING_NAME].s;
  if (w.compound.n) {
    int x = compound_of(tx, r, &w, &compound, e);
    if (x < 0 || uuid_is_nil(&compound)) return x;
    import_set(r, BUILDING_COMPOUND, V_UUID(compound));
  } else if (!w.unit) {
    problem_add(&r->problems, PROBLEM_required, S("compound"));
    return 0;
  } else {
    import_set(r, BUILDING_UNIT, V_I64(w.unit));
  }
  int x = building_found(tx, r, &w, &compound, &id, e);
  return x < 0 || uuid_is_nil(&id) ? x : existing(tx, r, &building_kind, &id, ret, e);
}

static struct str building_key(const struct import_row *r, const char **ret_column) {
  *ret_column = "name";
  if (!r->given[BUILDING_NAME]) return (struct str){NULL, 0};
  return arena_printf(r->a, "%d|" STR_FMT "|" STR_FMT, (int)r->unit,
                      STR_ARG(without_spaces(r->a, r->extra[X_COMPOUND])),
                      STR_ARG(place_normal(r->a, r->values[BUILDING_NAME].s)));
}

static const char *const building_examples[] = {"name",    "15号楼",   "kind",       "住宅楼",
                                                "floors",  "6",        "stairwells", "4",
                                                "manager", "幸福物业", NULL};
static const struct import_plan building_plan = {.kind = &building_kind,
                                                 .extra = building_extra,
                                                 .required = "name",
                                                 .filled = "compound unit",
                                                 .examples = building_examples,
                                                 .key = building_key,
                                                 .place = building_place};

/* ---- households ---- */

static int household_place(struct tx *tx, struct import_row *r, struct record **ret,
                           struct err *e) {
  struct where w = where_of(r);
  struct uuid building, id;
  bool found;
  w.building = r->extra[X_BUILDING];
  if (!w.building.n) problem_add(&r->problems, PROBLEM_required, S("building"));
  if (!r->given[HOUSEHOLD_DOOR]) problem_add(&r->problems, PROBLEM_required, S("door"));
  if (problems_any(&r->problems)) return 0;
  w.door = r->values[HOUSEHOLD_DOOR].s;
  if (r->given[HOUSEHOLD_STAIRWELL]) w.stairwell = r->values[HOUSEHOLD_STAIRWELL].s;
  int x = building_of(tx, r, &w, &building, e);
  if (x < 0 || uuid_is_nil(&building)) return x;
  import_set(r, HOUSEHOLD_BUILDING, V_UUID(building));
  x = one_id(tx, &q_household_by_code, P(V_UUID(building), V_TEXT(code_of(r, &w))), &id, &found, e);
  return x < 0 || !found ? x : existing(tx, r, &household_kind, &id, ret, e);
}

static struct str household_key(const struct import_row *r, const char **ret_column) {
  *ret_column = "door";
  if (!r->given[HOUSEHOLD_DOOR] || !r->extra[X_BUILDING].n) return (struct str){NULL, 0};
  const struct str stairwell =
      r->given[HOUSEHOLD_STAIRWELL] ? r->values[HOUSEHOLD_STAIRWELL].s : (struct str){NULL, 0};
  return arena_printf(r->a, "%d|" STR_FMT "|" STR_FMT, (int)r->unit,
                      STR_ARG(without_spaces(r->a, r->extra[X_COMPOUND])),
                      STR_ARG(household_code(r->a, place_normal(r->a, r->extra[X_BUILDING]),
                                             place_normal(r->a, stairwell),
                                             place_normal(r->a, r->values[HOUSEHOLD_DOOR].s))));
}

static const char *const household_examples[] = {"stairwell", "2",        "door",   "301", "tenure",
                                                 "自住",      "occupied", "有人住", NULL};
static const struct import_plan household_plan = {.kind = &household_kind,
                                                  .extra = household_extra,
                                                  .required = "building door",
                                                  .filled = "building",
                                                  .examples = household_examples,
                                                  .key = household_key,
                                                  .place = household_place};

/* ---- residents: the combined sheet ---- */

static bool where_lives(struct import_row *r, struct where *w) {
  *w = where_of(r);
  if (r->extra[X_PLACE].n && !r->extra[X_DOOR].n) {
    if (!split_place(r, r->extra[X_PLACE], w)) return false;
  } else {
    w->building = r->extra[X_BUILDING];
    w->stairwell = r->extra[X_STAIRWELL];
    w->door = r->extra[X_DOOR];
  }
  if (!w->building.n) problem_add(&r->problems, PROBLEM_required, S("building"));
  if (!w->door.n) problem_add(&r->problems, PROBLEM_required, S("door"));
  return !problems_any(&r->problems);
}

QUERY(q_resident_named, "SELECT id FROM resident WHERE household = $1 AND name = $2 "
                        "AND retired = 0 ORDER BY id LIMIT 2"); /* limit: one, or several */

/* By the ID number: whoever has moved out of elsewhere is somebody new here. */
static int by_number(struct tx *tx, struct import_row *r, const struct uuid *household,
                     struct record **ret, struct err *e) {
  struct record *found[32]; /* he may have lived in several homes before */
  size_t n = 0;
  int x =
      record_find(tx, &r->app->registry, r->a, &resident_kind, r->viewer->op, RESIDENT_CITIZEN_ID,
                  r->values[RESIDENT_CITIZEN_ID].s, found, ARRAY_LEN(found), &n, e);
  for (size_t i = 0; i < n && x >= 0; i++) {
    const struct uuid home = rec_uuid(found[i], RESIDENT_HOUSEHOLD);
    if (found[i]->retired || !record_visible(r->viewer, found[i])) continue;
    if (rec_is(found[i], RESIDENT_LIVING, "moved_out") && !uuid_eq(&home, household)) continue;
    *ret = found[i];
    if (!rec_is(found[i], RESIDENT_LIVING, "moved_out")) return x;
  }
  return x;
}

/* By the name within the household, where it is the only one of that name. One whose number is
 * another is another person. */
static int by_name(struct tx *tx, struct import_row *r, const struct uuid *household,
                   struct record **ret, struct err *e) {
  struct uuid id = {{0}};
  size_t n = 0;
  {
    _cleanup_(cur_donep) struct cur *c = NULL;
    int x = cur_open(tx, &q_resident_named, P(V_UUID(*household), r->values[RESIDENT_NAME]), &c, e);
    while (x >= 0 && (x = cur_next(c, e)) == 1) {
      id = cur_uuid(c, 0);
      n++;
    }
    if (x < 0) return x;
  }
  if (n > 1 && !r->given[RESIDENT_CITIZEN_ID])
    problem_text(&r->problems, PROBLEM_ambiguous, S("name"), (struct str){0},
                 r->values[RESIDENT_NAME].s, (struct str){0});
  if (n != 1) return 0;
  struct record *one = NULL;
  int x = existing(tx, r, &resident_kind, &id, &one, e);
  if (x < 0 || !one) return x;
  if (!r->given[RESIDENT_CITIZEN_ID] || !one->sealed[RESIDENT_CITIZEN_ID].p) *ret = one;
  return 0;
}

static int resident_place(struct tx *tx, struct import_row *r, struct record **ret, struct err *e) {
  struct where w;
  struct uuid household;
  if (!where_lives(r, &w)) return 0;
  int x = household_of(tx, r, &w, &household, e);
  if (x < 0 || uuid_is_nil(&household)) return x;
  import_set(r, RESIDENT_HOUSEHOLD, V_UUID(household));
  if (r->given[RESIDENT_CITIZEN_ID]) x = by_number(tx, r, &household, ret, e);
  if (x >= 0 && !*ret && r->given[RESIDENT_NAME]) x = by_name(tx, r, &household, ret, e);
  return x;
}

static struct str resident_key(const struct import_row *r, const char **ret_column) {
  struct import_row copy = *r;
  struct where w;
  if (r->given[RESIDENT_CITIZEN_ID]) {
    *ret_column = "citizen_id";
    return r->values[RESIDENT_CITIZEN_ID].s;
  }
  *ret_column = "name";
  problems_init(&copy.problems, r->a); /* said when the row is placed */
  if (!r->given[RESIDENT_NAME] || !where_lives(&copy, &w)) return (struct str){NULL, 0};
  return arena_printf(r->a, "%d|" STR_FMT "|" STR_FMT "|" STR_FMT, (int)w.unit,
                      STR_ARG(without_spaces(r->a, w.compound)), STR_ARG(code_of(&copy, &w)),
                      STR_ARG(r->values[RESIDENT_NAME].s));
}

/* "是否在住: 是", "性别: 男性", "身份证号: 无": how people fill such sheets in. */
static struct str resident_cell(const struct field *f, struct str text) {
  static const struct {
    const char *field, *written, *meant;
  } words[] = {
      {"living", "是", "在住"},     {"living", "在", "在住"},       {"living", "常住", "在住"},
      {"living", "否", "暂时外出"}, {"living", "不在", "暂时外出"}, {"living", "外出", "暂时外出"},
      {"living", "搬出", "已搬出"}, {"living", "已搬走", "已搬出"}, {"living", "搬走", "已搬出"},
      {"sex", "男性", "男"},        {"sex", "女性", "女"}};
  static const char *const nothing[] = {"无", "没有", "不详", "-", "--", "—", "/"};
  for (size_t i = 0; i < ARRAY_LEN(words); i++)
    if (strcmp(f->name, words[i].field) == 0 && str_is(text, words[i].written))
      return str_from(words[i].meant);
  if (f->flags & FF_SEALED || f->type == FT_TAGS || f->type == FT_DATE)
    for (size_t i = 0; i < ARRAY_LEN(nothing); i++)
      if (str_is(text, nothing[i])) return S("");
  return text;
}

static const char *const resident_examples[] = {"name",     "张某某", "sex",  "男",    "relation",
                                                "户主",     "living", "在住", "birth", "",
                                                "employer", "",       NULL};
static const struct import_plan resident_plan = {.kind = &resident_kind,
                                                 .extra = resident_extra,
                                                 .required = "building|place door|place name",
                                                 .filled = "household",
                                                 .left_out = "place",
                                                 .examples = resident_examples,
                                                 .cell = resident_cell,
                                                 .key = resident_key,
                                                 .place = resident_place};

const struct import_plan *const residents_imports[] = {&compound_plan, &building_plan,
                                                       &household_plan, &resident_plan, NULL};
