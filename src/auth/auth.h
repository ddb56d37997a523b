/* Who asks, and what he may: accounts, sessions, invitations, roles and keys, behind the two
 * interfaces that the kind engine needs (viewer, sealer). One `struct auth` per process, owned by
 * struct app, safe from any thread.
 *
 * Order at start: kinds_init (with auth_rights and the three account kinds) → auth_start →
 * writer_start with auth_audit's part → registry with auth_sealer and auth_observer →
 * auth_attach. */
#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include "auth/accounts.h"
#include "auth/audit.h"
#include "auth/keys.h"
#include "auth/password.h"
#include "auth/roles.h"

#define AUTH_IDLE_MS     (30 * MS_MINUTE)
#define AUTH_ABSOLUTE_MS (12 * MS_HOUR)
#define AUTH_LOCK_MS     (300 * MS_SECOND)
enum {
  AUTH_FAILURES = 5,        /* wrong passwords in a row, then AUTH_LOCK_MS of silence */
  AUTH_PEER_ATTEMPTS = 300, /* failures of one address in five minutes: a district behind one
                                address must still get in at eight in the morning */
  AUTH_TOKEN_TEXT = 44,     /* 32 random bytes in base64url, and NUL */
  AUTH_CSRF_TEXT = 33,
  AUTH_CODE_TEXT = 27, /* 16 random bytes in base32, and NUL */
  AUTH_INVITATION_DAYS = 14,
  AUTH_DEVICE_DAYS = 30, /* unused so long, a device's token ends */
  AUTH_AUTHOR_DAYS = 8,  /* a phone works for seven days without a network */
};

/* Tables beside the kinds; they declare themselves for the schema. */
extern const struct table_def auth_tables[];
extern const size_t auth_tables_count;

struct auth;
struct auth_options {
  struct clock *clock;
  const char *keys_file;
  bool create_keys;
  const struct role_grant *const *grants; /* as roles_init takes them */
  int64_t idle_ms, absolute_ms;           /* 0: the defaults */
  size_t hash_threads;                    /* 0: 2 */
};
_must_check_ int auth_start(const struct auth_options *o, struct auth **ret_auth, struct err *e);
/* After the registry is whole and the writer runs; before any request. */
_must_check_ int auth_attach(struct auth *au, struct registry *en, struct err *e);
/* How long a session lives unused (at once, for all), and at most (for new ones); 0: the default.
 */
void auth_set_times(struct auth *au, int64_t idle_ms, int64_t absolute_ms);
/* Before the writer stops: ends what is under way. */
void auth_detach(struct auth *au);
/* After the writer has stopped. */
struct auth *auth_stop(struct auth *au);

struct keys *auth_keys(struct auth *au);
struct sealer *auth_sealer(struct auth *au);
struct audit *auth_audit(struct auth *au);
const struct roles *auth_roles(const struct auth *au);
/* Audit rows for every change, and caches refreshed when accounts change. */
struct change_observer auth_observer(struct auth *au);

/* ---- a request's viewer ---- */

struct auth_grant {
  int16_t role;
  int32_t unit;     /* 0: everything */
  struct uuid op;   /* nil: every operation */
  int32_t from, to; /* days, both included */
  int64_t ended_ms; /* when it was taken back; 0: it stands */
};
/* A live session, copied into the request's arena. */
struct auth_session {
  struct uuid id, account, responder, device;
  struct str login, name;
  int32_t unit;
  bool zh, must_change_password;
  char csrf[AUTH_CSRF_TEXT];
  int64_t created_ms, expires_ms;
  const struct auth_grant *grants;
  size_t n_grants;
  bool dated; /* what it may depends on the day or the moment */
};
/* From a bearer token or the cookie: no query where it is cached. -E_UNAUTHENTICATED where it is
 * unknown, idle too long, expired or revoked. */
_must_check_ int auth_session(struct auth *au, struct arena *a, struct str token,
                              struct auth_session **ret_session, struct err *e);
/* Must a reader be asked whose token that is? Where memory knows him, *ret_session is what
 * auth_session() would give; NULL where the token is none, or must be looked for. Never waits. */
bool auth_session_reads(struct auth *au, struct arena *a, struct str token,
                        struct auth_session **ret_session);
/* Compares with the database: true where another process has changed an account, a grant, a session
 * or a device since; all sessions are read again then. */
bool auth_look(struct auth *au, struct tx *tx);
/* Cookie sessions send it with every unsafe request; compared in constant time. */
bool auth_csrf_ok(const struct auth_session *s, struct str header);

/* What the request is about; made by the app. `tree` is borrowed for the request. */
struct auth_scope {
  int64_t op;
  bool over;         /* the operation was named and is closed: it is only read */
  struct uuid op_id; /* of the operation's record */
  int32_t today;
  int64_t now_ms;
  int64_t rights_ms; /* the rights are those of that moment; 0: of now */
  const struct zone *zone;
  struct unit_tree *tree;
};
/* Whoever must change his password first may nothing but that: he gets no grants. */
struct viewer *auth_viewer(struct auth *au, struct arena *a, const struct auth_session *s,
                           const struct auth_scope *sc);
/* The system account, for jobs and the command line. */
struct viewer *auth_system_viewer(struct arena *a, const struct auth_scope *sc);
/* What a link or code is for, a row of the area that hands it out (`.links` of its module; checked
 * at start). Tokens and their reading: core/links.h; requests that come by one: api/link.h. */
struct link_purpose {
  uint8_t no;              /* stable: stands in every token */
  const char *code;        /* "enterprise" */
  const struct kind *kind; /* of the subject: what it opens */
  const char *rights;      /* of the subject and what refers to it, "staff_line.create …" */
  /* Kinds that code may change for the holder beside those: "alarm". */
  const char *by_code;
  const char *serial; /* the subject's number that is raised to end all former ones */
  const char *ends;   /* states of the subject in which none is good; NULL: retired alone */
  const char *days;   /* setting: how long one lasts; NULL: as long as its subject */
  const char *link_per_minute, *address_per_minute; /* settings: how often it may come */
  bool typed;               /* on paper: letters and digits to be read off, and a short MAC */
  enum key_purpose old_key; /* tokens of the first release are under it; 0: there were none */
  /* Used once, by whoever has the random code, of which a hash is kept (auth/invite.c). */
  bool once;
  int for_days; /* … how long it lasts */
};
extern const struct link_purpose invitation_purpose;
/* Whoever holds it: no account; the audit names the subject in the actor's place. */
struct viewer *auth_link_viewer(struct arena *a, const struct link_purpose *p,
                                const struct uuid *subject, int32_t unit,
                                const struct auth_scope *sc);
/* {"id","login","name","language","unit":{…},"roles":[…],"must_change_password"} */
void auth_user_json(struct jw *w, const struct auth_session *s, const struct unit_tree *tree);

/* ---- signing in ---- */

enum auth_task_type {
  AUTH_LOGIN,    /* login, password → session */
  AUTH_ACCEPT,   /* code, password, login where he chooses one → session */
  AUTH_PASSWORD, /* session, password (the old one), new_password → all other sessions end */
};
/* Runs on the pool and then as a command; `done` is called once, on one of their threads. All text
 * is borrowed until then; results lie in the arena. */
struct auth_task {
  enum auth_task_type type;
  struct arena *a;
  struct str login, password, new_password, code;
  struct str peer;   /* address text */
  struct str device; /* the device's own token, or empty */
  const struct auth_session *session;
  void (*done)(struct auth_task *t);
  void *owner;
  /* Results. */
  int result;
  struct err err; /* E_UNAUTHENTICATED, E_RATE (locked or too fast; err.sys: seconds), E_GONE, … */
  struct problems problems;
  char token[AUTH_TOKEN_TEXT];
  struct auth_session *out;
  struct auth_flow *flow; /* private */
};
/* 0: `done` will come. -E_RATE or -E_BUSY at once: it will not. */
_must_check_ int auth_submit(struct auth *au, struct auth_task *t, struct err *e);
/* Waits; for the command line and tests, never on an HTTP or writer thread. */
_must_check_ int auth_run(struct auth *au, struct auth_task *t, struct err *e);

/* ---- commands: arguments of the writer's command classes ---- */

/* Ends one session (`session`), or all of an account's. For others' sessions the caller's route
 * asks session.revoke, and the command asks it again at the account's unit. */
struct auth_end {
  struct auth *auth;
  const struct viewer *viewer;
  struct uuid session, account; /* one of them */
  int64_t ended;
};
extern const struct cmd_class auth_end_cmd;

/* Takes off the lock of a login (security administrator). */
struct auth_unlock {
  struct auth *auth;
  const struct viewer *viewer;
  struct uuid account;
};
extern const struct cmd_class auth_unlock_cmd;

/* One-time invitations for accounts that exist; those unused before become void. Filled by
 * auth_invite_ready, which asks the rights, looks everybody up and makes the codes; then run. */
struct auth_invite {
  struct auth *auth;
  const struct viewer *viewer;
  struct arena *a;
  const struct uuid *accounts;
  size_t n; /* at most LIMIT_INVITATIONS */
  int days; /* 0: AUTH_INVITATION_DAYS */
  struct problems problems;
  struct auth_invitation *out; /* n, in the same order */
};
struct auth_invitation {
  struct uuid account;
  struct str login, name;
  int32_t unit;
  char code[AUTH_CODE_TEXT];
  int64_t expires_ms;
};
_must_check_ int auth_invite_ready(struct auth_invite *inv, struct tx *tx, struct err *e);
extern const struct cmd_class auth_invite_cmd;
/* Who is invited, for the page behind /i/<code>: -E_GONE where used, expired or unknown. */
_must_check_ int auth_invitation_look(struct auth *au, struct arena *a, struct str code,
                                      struct str peer, struct auth_invitation *ret_invitation,
                                      struct err *e);

/* ---- devices, and who writes on them ---- */

/* Registers this device for the session's account and unit; the token is shown once. */
struct auth_device {
  struct auth *auth;
  const struct viewer *viewer;
  struct arena *a;
  struct str name, public_key, app_version;
  int32_t unit;
  struct uuid post; /* nil where it stands at none */
  struct problems problems;
  struct uuid id;
  char token[AUTH_TOKEN_TEXT];
};
extern const struct cmd_class auth_device_cmd;

/* A device by its token. */
struct auth_device_info {
  struct uuid id, post, account;
  int32_t unit;
  struct str name;
  int64_t last_seen_ms;
  int64_t last_item_ms; /* when what it sent last happened; 0: nothing yet */
  bool ended;           /* revoked, lost, or not used for AUTH_DEVICE_DAYS */
};
/* -E_UNAUTHENTICATED where no device has or had that token. */
_must_check_ int auth_device_look(struct auth *au, struct tx *tx, struct arena *a, struct str token,
                                  struct auth_device_info **ret_device, struct err *e);
/* May read what phones keep (kinds with FF_DEVICE fields, and what their titles are made of) at the
 * device's unit, nobody's full name, and change nothing. */
struct viewer *auth_device_viewer(struct arena *a, const struct auth_device_info *d,
                                  const struct auth_scope *sc);
/* Notes that it was heard from, without waiting for it. */
void auth_device_heard(struct auth *au, const struct uuid *device, int64_t at_ms);

/* The proof of who writes on a device: a token of the person's for that device, good for
 * AUTH_AUTHOR_DAYS. */
struct auth_author {
  struct auth *auth;
  const struct viewer *viewer; /* the person */
  struct uuid device;
  int32_t unit; /* the device's */
  char token[AUTH_TOKEN_TEXT];
  int64_t expires_ms;
};
extern const struct cmd_class auth_author_cmd;
/* Ends somebody's proofs (on all devices where the device is nil). */
struct auth_author_end {
  struct auth *auth;
  const struct viewer *viewer;
  struct uuid device, account;
  int64_t ended;
};
extern const struct cmd_class auth_author_end_cmd;
enum author_verdict {
  AUTHOR_GOOD,
  AUTHOR_UNKNOWN,
  AUTHOR_EXPIRED,
  AUTHOR_REVOKED,
  AUTHOR_CLOSED,        /* the account is not active */
  AUTHOR_DEVICE_REVOKED /* the device that it was made for */
};
struct auth_author_info {
  enum author_verdict verdict;
  struct uuid account, device; /* nil where unknown */
  int32_t unit;                /* the device's */
  struct auth_session *person; /* where good: responder, name, grants as of now */
};
_must_check_ int auth_author_look(struct auth *au, struct tx *tx, struct arena *a, struct str token,
                                  struct auth_author_info **ret_author, struct err *e);

/* Sets a password without the old one and without the rule for new ones (demonstration, command
 * line); takes its time. */
_must_check_ int auth_set_password(struct auth *au, const struct uuid *account, struct str password,
                                   bool must_change, struct err *e);

/* ---- lists, jobs ---- */

/* {"items":[{"id","user":{"id","login"},"device","created_at","last_seen_at","peer","current"}]}:
 * his own, and with session.read those of accounts in his branch. */
_must_check_ int auth_sessions_json(struct auth *au, struct tx *tx, const struct viewer *v,
                                    const struct auth_session *current, struct jw *w,
                                    struct err *e);
/* Each minute: writes last_seen in one batch, deletes what has expired, anchors the audit. */
_must_check_ int auth_housekeeping(struct auth *au, struct err *e);

struct auth_stats {
  int64_t cached, hits, misses, logins, refused;
};
void auth_stats(struct auth *au, struct auth_stats *ret_stats);

#endif
