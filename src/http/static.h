/* The web pages: files that were compressed, hashed and compiled into the program
 * (scripts/embed-web.py writes the table, sorted by path). Static memory; any thread. */
#ifndef HTTP_STATIC_H
#define HTTP_STATIC_H

#include "http/http.h"

struct web_file {
  const char *path; /* "/assets/phone-3fa9c1d2.js" */
  const char *content_type;
  const unsigned char *raw; /* NULL where `gz` is there: it is inflated for the few who want it */
  size_t raw_len;
  const unsigned char *gz; /* NULL where compressing does not pay */
  size_t gz_len;
  const char *etag; /* quotes included */
  bool immutable;   /* the name holds the hash of the content */
};

/* Generated. */
extern const struct web_file web_files[];
extern const size_t web_files_n;

/* "/x/" finds "/x/index.html". NULL where there is none. */
const struct web_file *static_find(const struct web_file *files, size_t n, struct str path);
/* Answers with the file, or 304 where the client has it. */
void static_reply(struct http_request *rq, const struct web_file *f);

#endif
