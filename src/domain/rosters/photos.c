#include "api/api.h"
#include "core/jobs.h"
#include "core/operation.h"
#include "base/limits.h"
#include "domain/rosters/roster_api.h"

/* On-duty photos: small, sealed under the operation's key, kept for a few days, never searched by
 * face, read only by those who may and not without a trace. */

const struct table_def photo_tables[2] = {
    {.name = "photo",
     .columns = "id uuid PRIMARY KEY, op i64 NOT NULL, unit i64 NOT NULL, owner uuid NOT NULL, "
                "at_ms i64 NOT NULL, expires_day i64 NOT NULL, content_type text NOT NULL, "
                "sealed blob NOT NULL",
     .after = "CREATE INDEX photo_expires ON photo (expires_day)"},
    {0}};

QUERY(q_photo_add, "INSERT INTO photo (id, op, unit, owner, at_ms, expires_day, content_type, "
                   "sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
QUERY(q_photo_get, "SELECT unit, content_type, sealed FROM photo WHERE id = $1 AND op = $2");
QUERY(q_photo_expire, "DELETE FROM photo WHERE op = $1 AND expires_day < $2");

struct photo {
  struct rq *rq;
  struct uuid id;
  int32_t unit, expires;
  const char *type;
  struct str sealed, plain;
};

/* By the first bytes, not by what the sender says. */
static const char *photo_type(struct str b) {
  if (str_starts(b, S("\xff\xd8\xff"))) return "image/jpeg";
  if (b.n > 12 && str_starts(b, S("RIFF")) && str_eq(str_sub(b, 8, 4), S("WEBP")))
    return "image/webp";
  return NULL;
}

static int add_run(struct tx *tx, void *arg, struct err *e) {
  const struct photo *p = arg;
  const struct viewer *v = p->rq->viewer;
  return tx_exec(tx, &q_photo_add,
                 P(V_UUID(p->id), V_I64(v->op), V_I64(p->unit), V_UUID(v->user),
                   V_I64(p->rq->now_ms), V_I64(p->expires), V_TEXTZ(p->type), V_BLOB(p->sealed)),
                 NULL, e);
}
static const struct cmd_class add_cmd = {.name = "photo_add", .run = add_run};

static int add_answer(struct rq *rq, struct jw *w, struct err *e) {
  (void)e;
  const struct photo *p = rq->work;
  jw_object(w);
  jw_kuuid(w, "id", &p->id);
  jw_end(w);
  rq->status = 201;
  return 0;
}

int photo_post(struct rq *rq, struct err *e) {
  struct photo *p = arena_new(rq->a, struct photo);
  struct app *app = rq->app;
  const struct str body = http_body(rq->http);
  int32_t scope[1];
  *p = (struct photo){.rq = rq, .type = photo_type(body)};
  if (!rq->viewer->op) return err_set(e, E_NOT_FOUND, "no operation is open");
  if (!p->type) return err_set(e, E_UNSUPPORTED, "a photo is JPEG or WebP");
  int n = viewer_scope(rq->viewer, right_by_name(S("sign_in.create")), scope, 1);
  p->unit = n == SCOPE_ALL ? unit_root(rq->viewer->tree) : n > 0 ? scope[0] : 0;
  p->id = idgen_next(&app->ids, rq->now_ms);
  p->expires = rq->viewer->today +
               (int32_t)policy(app, rq->viewer->op, "photo_keep_days", rq->viewer->today);
  struct sealer *s = app->registry.sealer;
  int r = s->ops->seal(s, rq->viewer->op, sign_in_kind.no, &p->id,
                       sign_in_kind.fields[SIGN_IN_PHOTO].no, body, rq->a, &p->sealed, e);
  return r < 0 ? r : rq_do(rq, &add_cmd, p, CMD_NORMAL, add_answer, e);
}

static int read_run(struct tx *tx, void *arg, struct err *e) {
  struct photo *p = arg;
  struct rq *rq = p->rq;
  _cleanup_(cur_donep) struct cur *cur = NULL;
  int r = cur_open(tx, &q_photo_get, P(V_UUID(p->id), V_I64(rq->viewer->op)), &cur, e);
  if (r >= 0) r = cur_next(cur, e);
  if (r < 0) return r;
  if (r == 0) return err_set(e, E_NOT_FOUND, "no such photo, or deleted by its date");
  p->unit = (int32_t)cur_i64(cur, 0);
  if (!viewer_may(rq->viewer, right_by_name(S("photo.read")), p->unit))
    return err_set(e, E_NOT_FOUND, "no such photo, or deleted by its date");
  p->type = str_is(cur_text(cur, 1), "image/webp") ? "image/webp" : "image/jpeg";
  struct sealer *s = rq->app->registry.sealer;
  r = s->ops->unseal(s, rq->viewer->op, sign_in_kind.no, &p->id,
                     sign_in_kind.fields[SIGN_IN_PHOTO].no, cur_blob(cur, 2), rq->a, &p->plain, e);
  /* the reading is durable before the photo is shown */
  return r < 0 ? r
               : audit_by(tx, rq->viewer, "read_photo", &sign_in_kind, &p->id, p->unit,
                          (struct str){0}, e);
}
static const struct cmd_class read_cmd = {.name = "photo_read", .run = read_run};

static int read_answer(struct rq *rq, struct jw *w, struct err *e) {
  const struct photo *p = rq->work;
  (void)e;
  rq->type = p->type;
  buf_str_add(w->b, p->plain);
  return 0;
}

int photo_get(struct rq *rq, struct err *e) {
  struct photo *p = arena_new(rq->a, struct photo);
  *p = (struct photo){.rq = rq};
  if (uuid_parse(rq->params[0], &p->id) < 0) return err_set(e, E_NOT_FOUND, "no such photo");
  return rq_do(rq, &read_cmd, p, CMD_NORMAL, read_answer, e);
}

static int expire_run(struct tx *tx, void *arg, struct err *e) {
  const struct viewer *v = arg;
  return tx_exec(tx, &q_photo_expire, P(V_I64(v->op), V_I64(v->today)), NULL, e);
}
static const struct cmd_class expire_cmd = {.name = "photos_expire", .run = expire_run};

int photos_expire(struct job_run *run, struct err *e) {
  return writer_run(run->app->writer, &expire_cmd, run->viewer, CMD_BULK, e);
}
