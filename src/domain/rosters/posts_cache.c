#include "core/snapshots.h"
#include "domain/rosters/rosters.h"

/* Posts by id, since every event at a gate asks for one: a snapshot with a table by hash. */

struct post_entry {
  struct uuid id;
  struct post_facts facts;
};
struct posts {
  struct post_entry *slots;
  size_t mask;
};

QUERY(q_posts_all, "SELECT id, unit, op, kind, state, photo_required, "
                   "COALESCE(code_serial, 0), retired, "
                   "CASE WHEN state = 'closed' THEN COALESCE(closed_at, 0) ELSE updated_ms END "
                   "FROM post");
QUERY(q_posts_count, "SELECT count(*) FROM post");

static struct post_entry *slot(struct post_entry *slots, size_t mask, const struct uuid *id) {
  size_t at = (size_t)hash64(id->b, 16) & mask;
  while (!uuid_is_nil(&slots[at].id) && !uuid_eq(&slots[at].id, id)) at = (at + 1) & mask;
  return &slots[at];
}

static int load(struct app *app, struct tx *tx, struct arena *a, void **ret_data, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  struct posts *posts = arena_new(a, struct posts);
  int64_t n = 0;
  (void)app;
  int r = tx_i64(tx, &q_posts_count, P_NONE, &n, e);
  if (r >= 0) r = cur_open(tx, &q_posts_all, P_NONE, &cur, e);
  if (r < 0) return r;
  size_t size = 64;
  while (size < (size_t)n * 2 + 2) size *= 2;
  posts->slots = arena_array(a, struct post_entry, size);
  posts->mask = size - 1;
  while (!arena_failed(a) && n-- > 0 && (r = cur_next(cur, e)) == 1) {
    const struct uuid id = cur_uuid(cur, 0);
    *slot(posts->slots, posts->mask, &id) =
        (struct post_entry){.id = id,
                            .facts = {.unit = (int32_t)cur_i64(cur, 1),
                                      .op = cur_i64(cur, 2),
                                      .gate = str_is(cur_text(cur, 3), "gate"),
                                      .open = str_is(cur_text(cur, 4), "open") && !cur_i64(cur, 7),
                                      .photo = cur_i64(cur, 5) != 0,
                                      .code_serial = cur_i64(cur, 6),
                                      .retired = cur_i64(cur, 7) != 0,
                                      .closed_ms = cur_i64(cur, 8)}};
  }
  *ret_data = posts;
  return r < 0 ? r : 0;
}
static const struct snapshot_type posts_snapshot = {.name = "posts", .kinds = "post", .load = load};
const struct snapshot_type *const roster_snapshots[] = {&posts_snapshot, NULL};

bool post_facts(struct app *app, const struct uuid *post, struct post_facts *ret_facts) {
  _cleanup_(snapshot_unrefp) struct snapshot *s = snapshot_ref(app, &posts_snapshot);
  const struct posts *posts = s->data;
  const struct post_entry *at = slot(posts->slots, posts->mask, post);
  if (!uuid_eq(&at->id, post) || uuid_is_nil(post)) return false;
  *ret_facts = at->facts;
  return true;
}
