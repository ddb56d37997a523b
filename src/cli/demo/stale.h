/* A demonstration that an older program made cannot be opened by this one. It is derived from the
 * description, so it is moved aside and loaded anew; nothing but a demonstration ever is. */
#ifndef CLI_DEMO_STALE_H
#define CLI_DEMO_STALE_H

#include "cli/cli.h"

/* 1: the folder, marked as a demonstration, was moved (with its keys) and that was said. 0: it is
 * not one, or not in a folder; nothing was touched. */
_must_check_ int demo_set_aside(const struct cli *cl, struct err *e);

#endif
