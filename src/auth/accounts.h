/* Accounts as kinds (account, role_grant, device), and the tables that hold what must never pass
 * through the generic engine: hashes of passwords, sessions, invitations and devices' secrets. All
 * static. */
#ifndef AUTH_ACCOUNTS_H
#define AUTH_ACCOUNTS_H

#include "kind/engine.h"

enum {
  ACCOUNT_LOGIN,
  ACCOUNT_NAME,
  ACCOUNT_UNIT,
  ACCOUNT_RESPONDER,
  ACCOUNT_LANGUAGE,
  ACCOUNT_MUST_CHANGE,
  ACCOUNT_LAST_SEEN,
  ACCOUNT_FIELDS_
};
enum {
  GRANT_ACCOUNT,
  GRANT_ROLE,
  GRANT_UNIT,
  GRANT_OPERATION,
  GRANT_FROM,
  GRANT_TO,
  GRANT_FIELDS_
};
enum {
  DEVICE_NAME,
  DEVICE_UNIT,
  DEVICE_ACCOUNT,
  DEVICE_PUBLIC_KEY,
  DEVICE_LAST_SEEN,
  DEVICE_POST,
  DEVICE_APP_VERSION,
  DEVICE_LAST_SYNC,
  DEVICE_WAITING,
  DEVICE_OLDEST_WAITING_AT,
  DEVICE_CLOCK_OFFSET,
  DEVICE_SEQ_SEEN,
  DEVICE_MISSING,
  DEVICE_LAST_ITEM_AT,
  DEVICE_FIELDS_
};

extern const struct kind account_kind;    /* "users" */
extern const struct kind role_grant_kind; /* "grants" */
extern const struct kind device_kind;     /* "devices" */

#endif
