/* The PostgreSQL engine's own structures. pg_conn.c: connection, transaction control, errors;
 * pg_wire.c: values to and from the wire; postgres.c: statements and cursors; pg_bulk.c.
 *
 * The connection is in libpq's pipeline mode. BEGIN, SAVEPOINT and RELEASE are not sent by
 * themselves: they wait and travel with the next statement, so that a command costs one round trip
 * per statement and nothing else. */
#ifndef STORE_PG_IMPL_H
#define STORE_PG_IMPL_H

#include "store/store_impl.h"
#include <libpq-fe.h>

enum { PG_OLDEST = 140000, PG_CONTROLS = 8, PG_GONE = 16, PG_LATE = 40 };

/* Types by their fixed numbers in pg_type. */
enum {
  OID_BOOL = 16,
  OID_BYTEA = 17,
  OID_NAME = 19,
  OID_INT8 = 20,
  OID_INT2 = 21,
  OID_INT4 = 23,
  OID_TEXT = 25,
  OID_OID = 26,
  OID_JSON = 114,
  OID_FLOAT4 = 700,
  OID_FLOAT8 = 701,
  OID_BPCHAR = 1042,
  OID_VARCHAR = 1043,
  OID_VOID = 2278,
  OID_UUID = 2950,
};

enum pg_control {
  PG_BEGIN,
  PG_COMMIT,
  PG_ROLLBACK,
  PG_SAVEPOINT,
  PG_RELEASE,
  PG_UNDO,
  PG_CONTROL_N_
};

struct pg_prep {
  struct prep base;
  char name[16];
  int n_params;
  size_t columns;
  Oid params[LIMIT_PARAMS];
};

struct pg_cur {
  struct cur base;
  struct pg_conn *conn;
  PGresult *row;   /* the row that stands ready */
  PGresult *first; /* read as the cursor was opened */
  PGresult **kept; /* rows read ahead because another statement needed the line */
  size_t n_kept, at_kept, cap_kept;
  int failed;
  struct err err;
  struct pg_cur *next; /* free ones */
};

struct pg_conn {
  struct conn base;
  PGconn *pg;
  struct prep_cache cache;
  enum pg_control wait[PG_CONTROLS]; /* not sent yet */
  size_t n_wait;
  size_t expect; /* controls and late statements sent in this round, whose results come first */
  uint64_t late; /* which of these are late statements, by place, */
  uint64_t one;  /* … and which of them must have changed a row */
  bool aborted;  /* a late statement failed, perhaps of a command that has ended */
  bool in_tx, lost;
  bool cancelled; /* in this transaction: the connection is not used again */
  uint32_t names;
  char gone[PG_GONE][16]; /* statements to be deallocated at a quiet moment */
  size_t n_gone;
  struct pg_cur *stream; /* whose rows are still coming */
  struct pg_cur *free_curs;
};

/* ---- pg_conn.c ---- */

int pg_err(const PGconn *pg, const PGresult *res, const char *what, struct err *e);
int pg_lost(struct pg_conn *c, const char *what, struct err *e);
/* The next result; waits under the transaction's limit, and has the server end a statement that
 * outlives it. */
PGresult *pg_result(struct pg_conn *c);
/* Reads what another cursor left on the line, and sends what waits; the caller adds his statement
 * and calls pg_round(). */
_must_check_ int pg_ready(struct pg_conn *c, struct err *e);
/* Ends the sending and reads the results of the controls. After 0 the statement's own results
 * follow, and then pg_drain(); after a failure the line is free again. */
_must_check_ int pg_round(struct pg_conn *c, struct err *e);
/* Reads up to and including the sync. */
void pg_drain(struct pg_conn *c);
/* One result of a statement that gives one; *ret_res may be NULL. Reads its end too. */
_must_check_ int pg_one(struct pg_conn *c, const char *what, PGresult **ret_res, struct err *e);
/* What waits, where nothing of the transaction has reached the server yet (else n is 0). */
struct pg_fresh {
  enum pg_control wait[PG_CONTROLS];
  size_t n;
};
struct pg_fresh pg_fresh(const struct pg_conn *c);
/* True: the connection was lost, but nothing with it, and a new one stands as the old one did. */
bool pg_again(struct pg_conn *c, const struct pg_fresh *before);

int pg_store_open(struct store *s, bool create, struct err *e);
void pg_store_close(struct store *s);
int pg_connect(struct store *s, const struct conn *as, struct conn **ret_conn, struct err *e);
void pg_disconnect(struct conn *base);
bool pg_changed(struct store *s);
int pg_analyze(struct store *s, struct err *e);
int pg_tx_begin(struct conn *base, struct err *e);
int pg_tx_commit(struct conn *base, struct err *e);
void pg_tx_rollback(struct conn *base);
int pg_tx_savepoint(struct conn *c, struct err *e);
int pg_tx_release(struct conn *base, struct err *e);
int pg_tx_undo(struct conn *base, struct err *e);
bool pg_tx_aborted(struct conn *base);
int pg_script(struct conn *base, struct str sql, struct err *e);
void pg_prep_drop(struct prep *p, void *arg);

struct pg_params;

/* ---- postgres.c ---- */

/* Frees the line of a cursor's rows: the rest is read into memory, or forgotten. */
void pg_keep_rows(struct pg_cur *cur);
void pg_skip_rows(struct pg_cur *cur);
_must_check_ int pg_prepare(struct pg_conn *c, const char *what, const char *sql,
                            struct pg_prep **ret_prep, struct err *e);
/* Sends an encoded statement and reads the one result. */
_must_check_ int pg_call(struct pg_conn *c, const char *what, const struct pg_prep *p,
                         const struct pg_params *w, PGresult **ret_res, struct err *e);
/* Sends it with what comes next; its result is read by that one's pg_round(). */
_must_check_ int pg_call_later(struct pg_conn *c, const struct pg_prep *p,
                               const struct pg_params *w, bool one_row, struct err *e);
/* Reads the results of what was sent so far. */
_must_check_ int pg_settle(struct pg_conn *c, struct err *e);

/* ---- pg_wire.c ---- */

struct pg_params {
  const char *values[LIMIT_PARAMS];
  int lengths[LIMIT_PARAMS], formats[LIMIT_PARAMS];
  unsigned char fixed[LIMIT_PARAMS][8];
  struct buf text; /* what has to be sent as text */
};
static inline void pg_params_done(struct pg_params *p) {
  buf_done(&p->text);
}
_must_check_ int pg_encode(struct pg_params *p, const Oid *types, const struct val *v, size_t n,
                           const char *what, struct err *e);
/* Can cur_i64() and its like read it? */
bool pg_readable(Oid type);
int64_t pg_i64(const PGresult *res, int col);
double pg_f64(const PGresult *res, int col);
struct str pg_text(const PGresult *res, int col);
void pg_put_u32(unsigned char *at, uint32_t v);
void pg_put_u64(unsigned char *at, uint64_t v);

/* ---- pg_bulk.c ---- */

int pg_bulk(struct conn *base, const struct bulk *b, const struct val *rows, size_t n,
            struct err *e);
int pg_bulk_later(struct conn *base, const struct bulk *b, const struct val *rows, size_t n,
                  struct err *e);

#endif
