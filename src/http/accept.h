/* What two request headers that hold lists say: Accept-Encoding and If-None-Match. They borrow
 * their arguments and take no memory; any thread. */
#ifndef HTTP_ACCEPT_H
#define HTTP_ACCEPT_H

#include "base/str.h"

/* Accept-Encoding: "gzip", "gzip;q=0.5", "*": but not with q=0. */
bool accepts_gzip(struct str accept_encoding);
/* If-None-Match: `etag` (quotes included) is in the list, weak or strong, or the list is "*". */
bool etag_listed(struct str list, struct str etag);

#endif
