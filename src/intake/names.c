#include "intake/names.h"
#include "intake/relay.h"
#include <stdlib.h>

const char *const name_by_words[NAME_BYS_] = {"code", "name", "short", "core", "part"};

/* ---- names as they are compared ---- */

struct str name_whole(struct arena *a, struct str name) {
  const struct str plain = relay_normal(a, name);
  char *to = arena_alloc(a, plain.n + 1);
  size_t n = 0;
  for (size_t i = 0; to && i < plain.n; i++) {
    const char c = plain.p[i];
    const bool keep = (unsigned char)c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (keep) to[n++] = c;
  }
  return (struct str){to, to ? n : 0};
}

struct str name_core(struct str whole, struct str place) {
  static const struct str tails[] = {
      STR_INIT("有限责任公司"), STR_INIT("股份有限公司"), STR_INIT("有限公司"), STR_INIT("分公司"),
      STR_INIT("总公司"),       STR_INIT("公司"),         STR_INIT("集团")};
  struct str core = whole;
  struct str city = place;
  if (str_ends(city, S("市"))) city.n -= S("市").n;
  const struct str heads[] = {place, city};
  for (size_t i = 0; i < ARRAY_LEN(heads); i++)
    if (heads[i].n && core.n > heads[i].n && str_starts(core, heads[i]))
      core = str_sub(core, heads[i].n, core.n);
  for (size_t i = 0; i < ARRAY_LEN(tails); i++)
    if (core.n > tails[i].n && str_ends(core, tails[i])) core.n -= tails[i].n;
  return core.n >= 4 ? core : whole;
}

/* ---- the index ---- */

static int by_hash(const void *a, const void *b) {
  const struct name_slot *x = a, *y = b;
  if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
  return x->at < y->at ? -1 : x->at > y->at;
}

static void slot(struct name_index *ix, enum name_by by, struct str key, size_t at) {
  if (key.n)
    ix->slots[by][ix->n_slots[by]++] = (struct name_slot){hash64(key.p, key.n), (uint32_t)at};
}

static size_t count_short(struct str list) {
  size_t n = 0;
  while (list.p) n += str_trim(str_split(&list, ',')).n > 0;
  return n;
}

int names_index(struct name_index *ix, const struct str *short_names, struct err *e) {
  size_t n_short = 0;
  for (size_t i = 0; short_names && i < ix->n; i++) n_short += count_short(short_names[i]);
  for (int by = 0; by < NAME_PART; by++) {
    ix->slots[by] = arena_array(ix->a, struct name_slot, (by == NAME_SHORT ? n_short : ix->n) + 1);
    if (!ix->slots[by]) return err_set(e, E_NOMEM, "no memory for names");
    ix->n_slots[by] = 0;
  }
  for (size_t i = 0; i < ix->n; i++) {
    struct named *of = &ix->all[i];
    struct str rest = short_names ? short_names[i] : (struct str){NULL, 0};
    of->whole = name_whole(ix->a, of->name);
    of->core = name_core(of->whole, ix->place);
    slot(ix, NAME_CODE, name_whole(ix->a, of->credit_code), i);
    slot(ix, NAME_WHOLE, of->whole, i);
    slot(ix, NAME_CORE, of->core, i);
    while (rest.p) slot(ix, NAME_SHORT, name_whole(ix->a, str_split(&rest, ',')), i);
  }
  for (int by = 0; by < NAME_PART; by++)
    qsort(ix->slots[by], ix->n_slots[by], sizeof *ix->slots[by], by_hash);
  return arena_failed(ix->a) ? err_set(e, E_NOMEM, "no memory for names") : 0;
}

/* ---- finding ---- */

static struct str key_of(const struct name_index *ix, const struct named *n, enum name_by by) {
  (void)ix;
  return by == NAME_WHOLE ? n->whole : by == NAME_CORE ? n->core : (struct str){NULL, 0};
}

static void found(struct name_matches *m, const struct named *n) {
  for (size_t i = 0; i < m->n; i++)
    if (m->found[i] == n) return;
  if (m->n < NAMES_SHOWN)
    m->found[m->n++] = n;
  else
    m->more = true;
}

static void look_up(const struct name_index *ix, enum name_by by, struct str key,
                    struct name_matches *m) {
  const uint64_t h = hash64(key.p, key.n);
  size_t low = 0, high = ix->n_slots[by];
  while (low < high) {
    const size_t mid = low + (high - low) / 2;
    if (ix->slots[by][mid].hash < h)
      low = mid + 1;
    else
      high = mid;
  }
  for (; low < ix->n_slots[by] && ix->slots[by][low].hash == h; low++) {
    const struct named *n = &ix->all[ix->slots[by][low].at];
    const struct str is = key_of(ix, n, by);
    if (!is.p || str_eq(is, key)) found(m, n);
  }
}

static void part(const struct name_index *ix, struct str key, struct name_matches *m) {
  static const char *const say_nothing[] = {"公司", "有限公司", "集团", "分公司", "北京"};
  if (key.n < 6) return; /* nor does one character */
  for (size_t i = 0; i < ARRAY_LEN(say_nothing); i++)
    if (str_is(key, say_nothing[i])) return;
  for (size_t i = 0; i < ix->n; i++) {
    const struct named *n = &ix->all[i];
    if (str_find(n->whole, key) != (size_t)-1 ||
        (n->core.n >= 6 && str_find(key, n->core) != (size_t)-1))
      found(m, n);
  }
}

static struct str joined(struct arena *a, const struct str *pieces, size_t from, size_t to) {
  struct str all = pieces[from];
  for (size_t i = from + 1; i < to; i++)
    all = arena_printf(a, STR_FMT STR_FMT, STR_ARG(all), STR_ARG(pieces[i]));
  return name_whole(a, all);
}

/* The longest run of pieces that is a name, by the best kind of likeness. */
void names_find(const struct name_index *ix, const struct str *pieces, size_t n,
                struct name_matches *ret) {
  *ret = (struct name_matches){.n = 0};
  if (n > RELAY_HEAD) n = RELAY_HEAD;
  for (int by = 0; by < NAME_BYS_; by++)
    for (size_t len = n; len > 0; len--)
      for (size_t from = 0; from + len <= n; from++) {
        const struct str whole = joined(ix->a, pieces, from, from + len);
        if (!whole.n) continue;
        const struct str key = by >= NAME_CORE ? name_core(whole, ix->place) : whole;
        if (by == NAME_PART)
          part(ix, key, ret);
        else
          look_up(ix, (enum name_by)by, key, ret);
        if (!ret->n) continue;
        ret->by = (enum name_by)by;
        ret->from = from;
        ret->to = from + len;
        return;
      }
}

/* The register is read in the order of its ids. */
const struct named *names_by_id(const struct name_index *ix, const struct uuid *id) {
  size_t low = 0, high = ix->n;
  while (low < high) {
    const size_t mid = low + (high - low) / 2;
    const int order = memcmp(ix->all[mid].id.b, id->b, sizeof id->b);
    if (order == 0) return &ix->all[mid];
    if (order < 0)
      low = mid + 1;
    else
      high = mid;
  }
  return NULL;
}
