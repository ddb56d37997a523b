/* The web pages that lie inside the program: each file compressed once at build time
 * (scripts/embed-pages.py makes the table), served with a strong ETag and headers that let nothing
 * foreign in. The table is static and read-only, so any thread may serve from it; a reply borrows
 * its bytes. A program built without web/dist holds an empty table. */
#ifndef HTTP_PAGES_H
#define HTTP_PAGES_H

#include "http/http.h"

struct page {
  const char *path; /* "/desk/index.html"; the table is sorted by it, bytewise */
  const char *type; /* media type with its charset */
  const char *etag; /* quoted; of the content before compression */
  const uint8_t *data;
  uint32_t stored_n; /* bytes at `data` */
  uint32_t n;        /* bytes once unpacked */
  bool gzip;         /* `data` is gzip; otherwise it did not pay */
  bool immutable;    /* the name holds a digest of the content: cache for ever */
};
struct pages {
  const struct page *list;
  size_t n;
};

/* What the build embedded; empty but in the program itself, tests bring their own tables. */
extern const struct pages web_pages;

/* The file at `path`; for an address that is no file the index.html of the nearest folder at or
 * above it. NULL where a file name (a last part with a dot) is not there. */
const struct page *pages_find(const struct pages *p, struct str path);

/* Answers a GET that is no API route. -E_NOT_FOUND and -E_METHOD leave the request unanswered. */
_must_check_ int pages_serve(const struct pages *p, struct http_request *rq, struct err *e);

#endif
