#include "store/pg_impl.h"

void pg_put_u32(unsigned char *at, uint32_t v) {
  for (int i = 0; i < 4; i++) at[i] = (unsigned char)(v >> (24 - 8 * i));
}

void pg_put_u64(unsigned char *at, uint64_t v) {
  for (int i = 0; i < 8; i++) at[i] = (unsigned char)(v >> (56 - 8 * i));
}

static uint64_t get_be(const char *p, int n) {
  uint64_t v = 0;
  for (int i = 0; i < n; i++) v = v << 8 | (unsigned char)p[i];
  return v;
}

/* ---- out ---- */

static void send_fixed(struct pg_params *p, size_t i, int n) {
  p->values[i] = (const char *)p->fixed[i];
  p->lengths[i] = n;
  p->formats[i] = 1;
}

static void send_bytes(struct pg_params *p, size_t i, const void *at, size_t n) {
  p->values[i] = n ? at : "";
  p->lengths[i] = (int)n;
  p->formats[i] = 1;
}

static void send_f64(struct pg_params *p, size_t i, double f) {
  uint64_t bits;
  memcpy(&bits, &f, sizeof bits);
  pg_put_u64(p->fixed[i], bits);
  send_fixed(p, i, 8);
}

/* Any other type is sent in its text form, which the server reads; p->text has room for all. */
static void send_text_form(struct pg_params *p, size_t i, struct str s) {
  p->values[i] = p->text.p + p->text.n;
  p->lengths[i] = (int)s.n;
  p->formats[i] = 0;
  buf_str_add(&p->text, s);
  buf_char(&p->text, '\0');
}

static bool encode_i64(struct pg_params *p, size_t i, Oid type, int64_t v) {
  char digits[24];
  switch (type) {
  case OID_INT8:
    pg_put_u64(p->fixed[i], (uint64_t)v);
    send_fixed(p, i, 8);
    return true;
  case OID_INT4:
    if (v < INT32_MIN || v > INT32_MAX) return false;
    pg_put_u32(p->fixed[i], (uint32_t)v);
    send_fixed(p, i, 4);
    return true;
  case OID_INT2:
    if (v < INT16_MIN || v > INT16_MAX) return false;
    p->fixed[i][0] = (unsigned char)((uint64_t)v >> 8);
    p->fixed[i][1] = (unsigned char)v;
    send_fixed(p, i, 2);
    return true;
  case OID_BOOL:
    if (v != 0 && v != 1) return false;
    p->fixed[i][0] = (unsigned char)v;
    send_fixed(p, i, 1);
    return true;
  case OID_FLOAT8:
    send_f64(p, i, (double)v);
    return true;
  case OID_TEXT:
  case OID_BYTEA:
  case OID_UUID:
    return false;
  default: {
    int n = snprintf(digits, sizeof digits, "%lld", (long long)v);
    send_text_form(p, i, (struct str){digits, (size_t)n});
    return true;
  }
  }
}

static bool encode_text(struct pg_params *p, size_t i, Oid type, struct str s) {
  switch (type) {
  case OID_TEXT:
  case OID_VARCHAR:
  case OID_BPCHAR:
  case OID_NAME:
  case OID_JSON:
    send_bytes(p, i, s.p, s.n);
    return true;
  case OID_BYTEA:
  case OID_INT8:
  case OID_INT4:
  case OID_INT2:
  case OID_FLOAT8:
    return false;
  default:
    /* the text form ends at a NUL: refuse rather than cut */
    if (memchr(s.p, 0, s.n)) return false;
    send_text_form(p, i, s);
    return true;
  }
}

static bool encode_one(struct pg_params *p, size_t i, Oid type, const struct val *v) {
  switch (v->t) {
  case VAL_NULL:
    return true;
  case VAL_I64:
    return encode_i64(p, i, type, v->i);
  case VAL_F64:
    if (type != OID_FLOAT8) return false;
    send_f64(p, i, v->f);
    return true;
  case VAL_TEXT:
    return !v->s.p || encode_text(p, i, type, v->s);
  case VAL_BLOB:
    if (!v->s.p) return true;
    if (type != OID_BYTEA && !(type == OID_UUID && v->s.n == 16)) return false;
    send_bytes(p, i, v->s.p, v->s.n);
    return true;
  case VAL_UUID:
    if (type != OID_UUID && type != OID_BYTEA) return false;
    send_bytes(p, i, v->u.b, 16);
    return true;
  }
  return false;
}

int pg_encode(struct pg_params *p, const Oid *types, const struct val *v, size_t n,
              const char *what, struct err *e) {
  size_t room = 1;
  for (size_t i = 0; i < n; i++) {
    bool has_text = v[i].t == VAL_TEXT || v[i].t == VAL_BLOB;
    if (has_text && v[i].s.n > LIMIT_BULK_BYTES)
      return err_field(e, E_TOO_LARGE, "a parameter too long", what);
    room += (has_text ? v[i].s.n : 24) + 1;
  }
  p->text = BUF_INIT(room);
  bool by_text = false;
  for (size_t i = 0; i < n; i++)
    by_text |= types[i] != OID_INT8 && types[i] != OID_TEXT && types[i] != OID_BYTEA &&
               types[i] != OID_UUID;
  /* reserved at once: the values point into it */
  if (by_text && !buf_room(&p->text, room)) return err_set(e, E_NOMEM, "no memory for parameters");
  for (size_t i = 0; i < n; i++) {
    p->values[i] = NULL;
    p->lengths[i] = 0;
    p->formats[i] = 1;
    if (!encode_one(p, i, types[i], &v[i])) {
      char at[64];
      snprintf(at, sizeof at, "%s $%zu", what, i + 1);
      return err_set_at(e, E_BUG, "a parameter does not fit the type that the server expects", at,
                        (int)types[i], __FILE__, __LINE__);
    }
  }
  return 0;
}

/* ---- in ---- */

bool pg_readable(Oid type) {
  switch (type) {
  case OID_BOOL:
  case OID_BYTEA:
  case OID_NAME:
  case OID_INT8:
  case OID_INT2:
  case OID_INT4:
  case OID_TEXT:
  case OID_OID:
  case OID_JSON:
  case OID_FLOAT8:
  case OID_BPCHAR:
  case OID_VARCHAR:
  case OID_VOID:
  case OID_UUID:
    return true;
  default:
    return false;
  }
}

double pg_f64(const PGresult *res, int col) {
  if (PQgetisnull(res, 0, col)) return 0;
  if (PQftype(res, col) != OID_FLOAT8) return (double)pg_i64(res, col);
  double f;
  uint64_t bits = get_be(PQgetvalue(res, 0, col), 8);
  memcpy(&f, &bits, sizeof f);
  return f;
}

int64_t pg_i64(const PGresult *res, int col) {
  int64_t v = 0;
  if (PQgetisnull(res, 0, col)) return 0;
  const char *p = PQgetvalue(res, 0, col);
  switch (PQftype(res, col)) {
  case OID_INT8:
    return (int64_t)get_be(p, 8);
  case OID_INT4:
    return (int32_t)get_be(p, 4);
  case OID_INT2:
    return (int16_t)get_be(p, 2);
  case OID_OID:
    return (int64_t)get_be(p, 4);
  case OID_BOOL:
    return p[0] != 0;
  case OID_FLOAT8:
    return (int64_t)pg_f64(res, col);
  case OID_TEXT: /* as SQLite does: a number where the text is one */
    if (parse_i64(pg_text(res, col), INT64_MIN, INT64_MAX, &v) < 0) return 0;
    return v;
  default:
    return 0;
  }
}

struct str pg_text(const PGresult *res, int col) {
  if (PQgetisnull(res, 0, col)) return (struct str){NULL, 0};
  return (struct str){PQgetvalue(res, 0, col), (size_t)PQgetlength(res, 0, col)};
}
