#include "app/accounts.h"
#include "app/app.h"

static const struct kind *const kinds[] = {&account_kind, &role_grant_kind, &device_kind, NULL};

static int housekeeping(struct app *app, struct arena *a, struct err *e) {
  (void)a;
  return auth_housekeeping(app->auth, e);
}
static const struct job jobs[] = {
    {.name = "auth_housekeeping", .every_ms = MS_MINUTE, .run = housekeeping}, {0}};

const struct module accounts_module = {.name = "accounts", .zh = "账号与审计",
                                       .en = "Accounts and audit", .kinds = kinds, .jobs = jobs};
