/* The module of accounts: its three kinds, signing in and out, invitations, sessions and the
 * audit over HTTP (what they rest on is in auth/). One of the first lines of modules.c. Static. */
#ifndef API_ACCOUNTS_MODULE_H
#define API_ACCOUNTS_MODULE_H

#include "core/module.h"

extern const struct module accounts_module;

#endif
