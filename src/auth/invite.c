#include "auth/auth_impl.h"
#include "base/code32.h"
#include <stdlib.h>

/* ---- codes ---- */

const struct link_purpose invitation_purpose = {.no = 1,
                                                .code = "invitation",
                                                .kind = &account_kind,
                                                .once = true,
                                                .for_days = AUTH_INVITATION_DAYS};

enum { CODE_BYTES = 16 };
_Static_assert(CODE32_TEXT(CODE_BYTES) == AUTH_CODE_TEXT, "a code's length");

void code_make(char out[AUTH_CODE_TEXT]) {
  uint8_t raw[CODE_BYTES];
  randombytes_buf(raw, sizeof raw);
  code32_write(raw, sizeof raw, out);
  sodium_memzero(raw, sizeof raw);
}

bool code_hash(struct auth *au, struct str code, uint8_t out[HASH_BYTES]) {
  char norm[AUTH_CODE_TEXT - 1];
  if (code32_normal(code, norm, sizeof norm) != sizeof norm) return false;
  keys_mac(au->keys, KEY_INVITE, (struct str){norm, sizeof norm}, out, HASH_BYTES);
  return true;
}

/* ---- making ---- */

QUERY(q_invitee, "SELECT login, name, unit, state FROM account WHERE id = $1 AND retired = 0");
/* Thirty-two at a time: a batch of 3,000 must not be 3,000 round trips. */
enum { VOID_CHUNK = 32 };
QUERY(q_invitation_void,
      "DELETE FROM invitation WHERE used_ms IS NULL AND account IN ($1, $2, $3, $4, $5, $6, $7, "
      "$8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, "
      "$26, $27, $28, $29, $30, $31, $32)");

static struct str item_path(struct arena *a, size_t i) {
  return arena_printf(a, "users[%zu]", i);
}

static int look_one(struct auth_invite *inv, struct tx *tx, size_t i, struct err *e) {
  _cleanup_(cur_donep) struct cur *c = NULL;
  const struct uuid *account = &inv->accounts[i];
  struct auth_invitation *out = &inv->out[i];
  int r = cur_open(tx, &q_invitee, P(V_UUID(*account)), &c, e);
  if (r == 0) r = cur_next(c, e);
  if (r < 0) return r;
  bool found = r == 1, active = found && str_is(cur_text(c, 3), "active");
  if (found) {
    *out = (struct auth_invitation){.account = *account,
                                    .login = arena_dup(inv->a, cur_text(c, 0)),
                                    .name = arena_dup(inv->a, cur_text(c, 1)),
                                    .unit = (int32_t)cur_i64(c, 2)};
  }
  c = cur_done(c);
  const struct viewer *v = inv->viewer;
  bool outranks = false;
  if (!found || !may_there(v, right_by_name(S("invitation.create")), out->unit)) {
    problem_add(&inv->problems, PROBLEM_not_found, item_path(inv->a, i));
    return 0;
  }
  if (!active)
    problem_text(&inv->problems, PROBLEM_wrong_state, item_path(inv->a, i), S(""), S("disabled"),
                 S(""));
  r = account_outranks(tx, v, account, &outranks, e);
  if (r == 0 && outranks) problem_add(&inv->problems, PROBLEM_out_of_scope, item_path(inv->a, i));
  return r;
}

int auth_invite_ready(struct auth_invite *inv, struct tx *tx, struct err *e) {
  int64_t now = clock_now_ms(inv->auth->clock);
  int days = inv->days > 0 && inv->days <= 90 ? inv->days : invitation_purpose.for_days;
  problems_init(&inv->problems, inv->a);
  if (inv->n == 0 || inv->n > LIMIT_INVITATIONS) {
    problem_limit(&inv->problems, inv->n ? PROBLEM_too_many : PROBLEM_required, S("users"),
                  LIMIT_INVITATIONS);
    return err_set(e, E_INVALID, "the number of invitations");
  }
  inv->out = arena_array(inv->a, struct auth_invitation, inv->n);
  if (!inv->out) return err_set(e, E_NOMEM, "no memory for invitations");
  for (size_t i = 0; i < inv->n; i++) {
    int r = look_one(inv, tx, i, e);
    if (r < 0) return r;
    code_make(inv->out[i].code);
    inv->out[i].expires_ms = now + days * MS_DAY;
  }
  return problems_any(&inv->problems) ? err_set(e, E_INVALID, "some cannot be invited") : 0;
}

static int void_former(struct tx *tx, const struct auth_invite *inv, struct err *e) {
  int r = 0;
  for (size_t i = 0; r == 0 && i < inv->n; i += VOID_CHUNK) {
    struct val v[VOID_CHUNK];
    for (size_t k = 0; k < VOID_CHUNK; k++)
      v[k] = V_UUID(inv->out[i + k < inv->n ? i + k : i].account);
    r = tx_exec(tx, &q_invitation_void, v, VOID_CHUNK, NULL, e);
  }
  return r;
}

enum { INVITE_COLUMNS = 5 };
static int invite_run(struct tx *tx, void *arg, struct err *e) {
  static const enum val_type types[INVITE_COLUMNS] = {VAL_BLOB, VAL_UUID, VAL_UUID, VAL_I64,
                                                      VAL_I64};
  static const struct bulk insert = {.name = "invitation_insert",
                                     .table = "invitation",
                                     .columns = "code_hash, account, made_by, made_ms, expires_ms",
                                     .types = types,
                                     .n_columns = INVITE_COLUMNS};
  struct auth_invite *inv = arg;
  struct arena *a = tx_arena(tx);
  struct val *rows = arena_array(a, struct val, inv->n * INVITE_COLUMNS);
  uint8_t(*hashes)[HASH_BYTES] = arena_alloc_array(a, HASH_BYTES, inv->n);
  int64_t now = clock_now_ms(inv->auth->clock);
  if (!rows || !hashes) return err_set(e, E_NOMEM, "no memory for invitations");
  for (size_t i = 0; i < inv->n; i++) {
    const struct auth_invitation *x = &inv->out[i];
    if (!code_hash(inv->auth, str_from(x->code), hashes[i]))
      return err_set(e, E_BUG, "a code that cannot be read back");
    struct val *v = rows + i * INVITE_COLUMNS;
    v[0] = V_BLOB(((struct str){(char *)hashes[i], HASH_BYTES}));
    v[1] = V_UUID(x->account);
    v[2] = uuid_is_nil(&inv->viewer->user) ? V_NULL : V_UUID(inv->viewer->user);
    v[3] = V_I64(now);
    v[4] = V_I64(x->expires_ms);
    int r = audit_by(tx, inv->viewer, "invite", &account_kind, &x->account, x->unit, S(""), e);
    if (r < 0) return r;
  }
  int r = void_former(tx, inv, e);
  return r ?: tx_bulk(tx, &insert, rows, inv->n, e);
}
const struct cmd_class auth_invite_cmd = {.name = "invite", .run = invite_run};

/* ---- looking ---- */

QUERY(q_invitation_look,
      "SELECT i.account, a.login, a.name, a.unit, i.expires_ms FROM invitation i JOIN account a "
      "ON a.id = i.account WHERE i.code_hash = $1 AND i.used_ms IS NULL AND i.expires_ms > $2 "
      "AND a.state = 'active' AND a.retired = 0");

int auth_invitation_look(struct auth *au, struct arena *a, struct str code, struct str peer,
                         struct auth_invitation *ret_invitation, struct err *e) {
  uint8_t hash[HASH_BYTES];
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *c = NULL;
  if (peer_blocked(au, peer)) return err_set(e, E_RATE, "too many attempts from this address");
  bool readable = code_hash(au, code, hash);
  int r = readable ? store_read(au->store, &tx, e) : 0;
  if (r == 0 && readable)
    r = cur_open(
        tx, &q_invitation_look,
        P(V_BLOB(((struct str){(char *)hash, HASH_BYTES})), V_I64(clock_now_ms(au->clock))), &c, e);
  if (r == 0 && readable) r = cur_next(c, e);
  if (r < 0) return r;
  if (r == 0) {
    peer_failed(au, peer);
    return err_set(e, E_GONE, "the invitation is used, expired or unknown");
  }
  *ret_invitation = (struct auth_invitation){.account = cur_uuid(c, 0),
                                             .login = arena_dup(a, cur_text(c, 1)),
                                             .name = arena_dup(a, cur_text(c, 2)),
                                             .unit = (int32_t)cur_i64(c, 3),
                                             .expires_ms = cur_i64(c, 4)};
  return 0;
}
