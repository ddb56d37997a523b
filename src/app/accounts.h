/* The module of accounts: its three kinds, signing in and out, invitations, sessions and the
 * audit over HTTP (what they rest on is in auth/). One of the first lines of modules.c. Static. */
#ifndef APP_ACCOUNTS_H
#define APP_ACCOUNTS_H

#include "app/module.h"

extern const struct module accounts_module;

#endif
