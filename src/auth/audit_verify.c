#include "auth/audit_impl.h"
#include "base/log.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* ---- recomputing ---- */

QUERY(q_audit_page,
      "SELECT pos, at_ms, actor, op, action, kind, id, unit, detail, chain FROM audit "
      "WHERE pos > $1 AND pos < $2 ORDER BY pos LIMIT 5000"); /* limit: walks by pos */
QUERY(q_audit_next_lane, "SELECT pos FROM audit WHERE pos >= $1 ORDER BY pos LIMIT 1");
QUERY(q_audit_chain, "SELECT chain FROM audit WHERE pos = $1");

static struct audit_view view_of(const struct cur *c) {
  return (struct audit_view){.pos = cur_i64(c, 0),
                             .at_ms = cur_i64(c, 1),
                             .actor = cur_uuid(c, 2),
                             .op = cur_i64(c, 3),
                             .action = cur_text(c, 4),
                             .kind = cur_i64(c, 5),
                             .id = cur_uuid(c, 6),
                             .unit = cur_i64(c, 7),
                             .detail = cur_text(c, 8)};
}

static void found(struct audit_verdict *v, enum audit_finding what, int64_t lane, int64_t no) {
  if (v->finding != AUDIT_SOUND) return;
  v->finding = what;
  v->lane = lane;
  v->no = no;
}

/* 1: there may be more in this lane; 0: its end, or the verdict is in. */
static int verify_page(struct tx *tx, int64_t lane, struct audit_head *at, struct buf *canon,
                       struct audit_verdict *v, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int64_t first = lane << AUDIT_LANE_SHIFT, end = (lane + 1) << AUDIT_LANE_SHIFT;
  int r = cur_open(tx, &q_audit_page, P(V_I64(first + at->no), V_I64(end)), &c, e);
  if (r < 0) return r;
  bool any = false;
  while ((r = cur_next(c, e)) == 1) {
    struct audit_view row = view_of(c);
    struct str stands = cur_blob(c, 9);
    uint8_t want[AUDIT_CHAIN];
    any = true;
    if (row.pos != first + at->no + 1) {
      found(v, AUDIT_MISSING, lane, at->no + 1);
      return 0;
    }
    audit_hash(canon, &row, at->chain, want);
    if (!buf_ok(canon)) return err_set(e, E_NOMEM, "no memory to check the audit");
    if (stands.n != AUDIT_CHAIN || memcmp(stands.p, want, AUDIT_CHAIN) != 0) {
      found(v, AUDIT_ALTERED, lane, at->no + 1);
      return 0;
    }
    memcpy(at->chain, want, AUDIT_CHAIN);
    at->no++;
    v->rows++;
  }
  return r < 0 ? r : any;
}

static int verify_lane(struct tx *tx, int64_t lane, struct audit_verdict *v, struct err *e) {
  _cleanup_(buf_done) struct buf canon = BUF_INIT(KIB(256));
  struct audit_head at = {0};
  int r;
  while ((r = verify_page(tx, lane, &at, &canon, v, e)) == 1) {
  }
  return r;
}

/* ---- anchors ---- */

/* `<keys>.heads`, one line each: "head LANE NO CHAIN" for where a lane stood, "broken LANE NO
 * CHAIN" for a head that was found missing or changed: such a line stays for good, so that a cut
 * tail is not forgotten when the chain grows on. The last line is a MAC over the others. */
enum { ANCHOR_FILE_MAX = 64 * 1024, ANCHORS_MAX = 2 * AUDIT_LANES };
struct anchor {
  int64_t lane, no;
  uint8_t chain[AUDIT_CHAIN];
  bool broken;
};
struct anchors {
  struct anchor a[ANCHORS_MAX];
  size_t n;
};

static void anchor_name(const char *keys, const char *suffix, char out[static 4200]) {
  snprintf(out, 4200, "%s.heads%s", keys, suffix);
}

static int anchors_parse(struct audit *au, struct str text, struct anchors *out, struct err *e) {
  struct str rest = text;
  out->n = 0;
  while (rest.p && rest.n) {
    size_t before = (size_t)(rest.p - text.p);
    struct str line = str_split(&rest, '\n'), word = str_split(&line, ' ');
    if (str_is(word, "end")) {
      uint8_t want[32], got[32];
      keys_mac(au->keys, KEY_ANCHOR, (struct str){text.p, before}, want, sizeof want);
      if (hex_decode(line, got, sizeof got) == 0 && sodium_memcmp(got, want, sizeof got) == 0)
        return 0;
      break;
    }
    struct anchor *a = &out->a[out->n];
    a->broken = str_is(word, "broken");
    if (out->n++ == ANCHORS_MAX ||
        parse_i64(str_split(&line, ' '), 0, AUDIT_LANES - 1, &a->lane) != 0 ||
        parse_i64(str_split(&line, ' '), 1, INT64_MAX, &a->no) != 0 ||
        hex_decode(line, a->chain, AUDIT_CHAIN) != 0)
      break;
  }
  return err_set(e, E_INVALID, "the file of audit heads is damaged");
}

static int anchors_read(struct audit *au, struct anchors *out, struct err *e) {
  char name[4200], text[ANCHOR_FILE_MAX];
  size_t n = 0;
  anchor_name(keys_file(au->keys), "", name);
  out->n = 0;
  int fd = open(name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) return 0;
    return err_sys(e, E_IO, "cannot read the audit heads", errno);
  }
  ssize_t r;
  while (n < sizeof text && (r = read(fd, text + n, sizeof text - n)) != 0) {
    if (r < 0 && errno == EINTR) continue;
    if (r < 0) break;
    n += (size_t)r;
  }
  close(fd);
  return anchors_parse(au, (struct str){text, n}, out, e);
}

static int anchors_write(struct audit *au, const struct anchors *as, struct err *e) {
  _cleanup_(buf_done) struct buf b = BUF_INIT(ANCHOR_FILE_MAX);
  char hex[2 * AUDIT_CHAIN + 1], name[4200];
  for (size_t i = 0; i < as->n; i++) {
    hex_encode(as->a[i].chain, AUDIT_CHAIN, hex);
    buf_printf(&b, "%s %lld %lld %s\n", as->a[i].broken ? "broken" : "head",
               (long long)as->a[i].lane, (long long)as->a[i].no, hex);
  }
  uint8_t mac[32];
  keys_mac(au->keys, KEY_ANCHOR, buf_str(&b), mac, sizeof mac);
  hex_encode(mac, sizeof mac, hex);
  buf_printf(&b, "end %s\n", hex);
  if (!buf_ok(&b)) return err_set(e, E_NOMEM, "no memory for the audit heads");
  anchor_name(keys_file(au->keys), "", name);
  return keys_write_file(name, buf_str(&b), e);
}

enum anchor_state { ANCHOR_STANDS, ANCHOR_CUT, ANCHOR_CHANGED };
static int anchor_look(struct tx *tx, const struct anchor *a, enum anchor_state *ret_state,
                       struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  int r = cur_open(tx, &q_audit_chain, P(V_I64((a->lane << AUDIT_LANE_SHIFT) + a->no)), &c, e);
  if (r == 0) r = cur_next(c, e);
  if (r < 0) return r;
  struct str chain = r ? cur_blob(c, 0) : (struct str){0};
  *ret_state = r == 0 ? ANCHOR_CUT
               : chain.n == AUDIT_CHAIN && memcmp(chain.p, a->chain, AUDIT_CHAIN) == 0
                   ? ANCHOR_STANDS
                   : ANCHOR_CHANGED;
  return 0;
}

/* What stood before and no longer does is kept as broken; the rest gives way to the new heads. */
static int anchors_renew(struct audit *au, struct store *s, struct tx *tx, struct anchors *as,
                         bool *ret_changed, struct err *e) {
  struct anchors old = *as;
  as->n = 0;
  *ret_changed = false;
  for (size_t i = 0; i < old.n; i++) {
    enum anchor_state st = ANCHOR_STANDS;
    int r = old.a[i].broken ? 0 : anchor_look(tx, &old.a[i], &st, e);
    if (r < 0) return r;
    if (st != ANCHOR_STANDS) {
      log_error("audit_broken", "lane=%lld no=%lld finding=%s", (long long)old.a[i].lane,
                (long long)old.a[i].no, st == ANCHOR_CUT ? "cut" : "altered");
      *ret_changed = true;
    }
    if (old.a[i].broken || st != ANCHOR_STANDS) {
      as->a[as->n] = old.a[i];
      as->a[as->n++].broken = true;
    }
  }
  (void)au;
  for (size_t lane = 0; lane < store_lanes(s) && lane < AUDIT_LANES; lane++) {
    struct audit_head h;
    int r = audit_read_head(tx, lane, &h, e);
    if (r < 0) return r;
    if (h.no == 0) continue;
    if (as->n == ANCHORS_MAX) return err_set(e, E_TOO_LARGE, "too many broken audit heads");
    struct anchor *a = &as->a[as->n++];
    *a = (struct anchor){.lane = (int64_t)lane, .no = h.no};
    memcpy(a->chain, h.chain, AUDIT_CHAIN);
    bool known = false;
    for (size_t i = 0; i < old.n; i++)
      known |= !old.a[i].broken && old.a[i].lane == a->lane && old.a[i].no == a->no;
    if (known) continue;
    *ret_changed = true;
    char hex[2 * AUDIT_CHAIN + 1];
    hex_encode(h.chain, AUDIT_CHAIN, hex);
    log_info("audit_head", "lane=%zu no=%lld chain=%s", lane, (long long)h.no, hex);
  }
  return 0;
}

int audit_anchor(struct audit *au, struct store *s, struct err *e) {
  struct anchors as;
  struct tx *tx = NULL;
  bool changed = false;
  pthread_mutex_lock(&au->anchoring);
  int r = anchors_read(au, &as, e);
  if (r == 0) r = store_read(s, &tx, e);
  if (r == 0) r = anchors_renew(au, s, tx, &as, &changed, e);
  tx_end(tx);
  if (r == 0 && changed) r = anchors_write(au, &as, e);
  pthread_mutex_unlock(&au->anchoring);
  return r;
}

int audit_anchors_reset(const char *keys_file, struct err *e) {
  char name[4200], old[4200];
  anchor_name(keys_file, "", name);
  anchor_name(keys_file, ".before-restore", old);
  if (rename(name, old) != 0 && errno != ENOENT)
    return err_sys(e, E_IO, "cannot set the audit heads aside", errno);
  return 0;
}

/* ---- the verdict ---- */

static int verify_anchors(struct audit *au, struct tx *tx, struct audit_verdict *v, struct err *e) {
  struct anchors as;
  int r = anchors_read(au, &as, e);
  for (size_t i = 0; r == 0 && i < as.n; i++) {
    enum anchor_state st = ANCHOR_CUT;
    if (!as.a[i].broken) r = anchor_look(tx, &as.a[i], &st, e);
    if (r < 0) break;
    v->anchors++;
    if (st != ANCHOR_STANDS)
      found(v, st == ANCHOR_CUT ? AUDIT_TAIL_CUT : AUDIT_ALTERED, as.a[i].lane, as.a[i].no);
  }
  return r;
}

int audit_verify(struct audit *au, struct store *s, struct audit_verdict *ret_verdict,
                 struct err *e) {
  _cleanup_(tx_endp) struct tx *tx = NULL;
  struct audit_verdict v = {0};
  int r = store_read(s, &tx, e);
  for (int64_t lane = 0; r == 0; lane++) {
    int64_t pos;
    r = tx_i64(tx, &q_audit_next_lane, P(V_I64(lane << AUDIT_LANE_SHIFT)), &pos, e);
    if (r == -E_NOROW) {
      r = 0;
      break;
    }
    if (r < 0) break;
    lane = pos >> AUDIT_LANE_SHIFT;
    v.lanes++;
    r = verify_lane(tx, lane, &v, e);
  }
  if (r == 0) r = verify_anchors(au, tx, &v, e);
  if (r == 0) *ret_verdict = v;
  return r;
}
