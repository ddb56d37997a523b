/* The link by which an enterprise reports without an account (core/links.h): what it opens. */
#ifndef DOMAIN_DAILY_RETURNS_CLERK_H
#define DOMAIN_DAILY_RETURNS_CLERK_H

#include "core/links.h"

extern const struct link_purpose clerk_purpose;

#endif
