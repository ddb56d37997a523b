#include "auth/auth_impl.h"

/* Nothing here ever passes the generic engine: hashes of passwords, tokens and codes only. */
const struct table_def auth_tables[] = {
    {.name = "credential",
     .columns = "account uuid PRIMARY KEY, hash text NOT NULL, changed_ms i64 NOT NULL"},
    /* By the keyed hash of what was typed, whether such a login exists or not: nothing tells the
     * two apart. */
    {.name = "login_failure",
     .columns = "login_hash blob PRIMARY KEY, failed i64 NOT NULL, at_ms i64 NOT NULL, "
                "locked_until_ms i64 NOT NULL",
     .after = "CREATE INDEX login_failure_at ON login_failure (at_ms)"},
    {.name = "login_session",
     .columns = "token_hash blob PRIMARY KEY, id uuid NOT NULL, account uuid NOT NULL, "
                "device uuid, created_ms i64 NOT NULL, last_seen_ms i64 NOT NULL, "
                "expires_ms i64 NOT NULL, peer text",
     .after = "CREATE UNIQUE INDEX login_session_id ON login_session (id);\n"
              "CREATE INDEX login_session_account ON login_session (account);\n"
              "CREATE INDEX login_session_expires ON login_session (expires_ms)"},
    {.name = "invitation",
     .columns = "code_hash blob PRIMARY KEY, account uuid NOT NULL, made_by uuid, "
                "made_ms i64 NOT NULL, expires_ms i64 NOT NULL, used_ms i64",
     .after = "CREATE INDEX invitation_account ON invitation (account)"},
    {.name = "device_secret",
     .columns = "token_hash blob PRIMARY KEY, device uuid NOT NULL, made_ms i64 NOT NULL",
     .after = "CREATE UNIQUE INDEX device_secret_device ON device_secret (device)"},
    /* Who may be named as the author of what a phone sends. Kept past its end, so that what comes
     * later is known for what it is. */
    {.name = "device_author",
     .columns = "token_hash blob PRIMARY KEY, device uuid NOT NULL, account uuid NOT NULL, "
                "made_ms i64 NOT NULL, expires_ms i64 NOT NULL, revoked_ms i64",
     .after = "CREATE INDEX device_author_device ON device_author (device, account);\n"
              "CREATE INDEX device_author_account ON device_author (account);\n"
              "CREATE INDEX device_author_expires ON device_author (expires_ms)"},
    /* Raised by whatever makes a cached session wrong: other servers look at it. */
    {.name = "auth_epoch", .columns = "one i64 PRIMARY KEY, n i64 NOT NULL"},
    /* By actor only what is not a plain creation: an index over all would touch as many pages a
     * commit as there are people at the gates, and cost twice what the rest of the row does. */
    {.name = "audit",
     .columns = "pos i64 PRIMARY KEY, at_ms i64 NOT NULL, actor uuid, op i64 NOT NULL, "
                "action text NOT NULL, kind i64 NOT NULL, id uuid, unit i64 NOT NULL, "
                "detail text, chain blob NOT NULL",
     .after = "CREATE INDEX audit_at ON audit (at_ms);\n"
              "CREATE INDEX audit_id ON audit (id);\n"
              "CREATE INDEX audit_actor ON audit (actor, at_ms) WHERE action <> 'create'",
     .after_sqlite = "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN "
                     "SELECT RAISE(ABORT, 'the audit is append-only'); END;\n"
                     "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN "
                     "SELECT RAISE(ABORT, 'the audit is append-only'); END",
     .after_postgres =
         "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
         "'BEGIN RAISE EXCEPTION ''the audit is append-only''; END';\n"
         "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
         "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"},
};
const size_t auth_tables_count = ARRAY_LEN(auth_tables);

__attribute__((constructor)) static void declare_tables(void) {
  schema_add_tables(auth_tables, auth_tables_count);
}
