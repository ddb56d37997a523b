#include "http/static.h"
#include "http/accept.h"
#include <stdlib.h>
#include <zlib.h>

enum { GZIP_WRAPPER = 16 };

static int compare(const void *key, const void *element) {
  const struct str *path = key;
  const struct web_file *f = element;
  return str_cmp(*path, str_from(f->path));
}

const struct web_file *static_find(const struct web_file *files, size_t n, struct str path) {
  char with_index[512];
  if (str_ends(path, S("/"))) {
    static const char index[] = "index.html";
    if (path.n + sizeof index > sizeof with_index) return NULL;
    memcpy(with_index, path.p, path.n);
    memcpy(with_index + path.n, index, sizeof index);
    path = (struct str){with_index, path.n + sizeof index - 1};
  }
  return bsearch(&path, files, n, sizeof *files, compare);
}

static bool inflate_all(const struct web_file *f, char *out) {
  z_stream z = {.next_in = (Bytef *)(uintptr_t)f->gz,
                .avail_in = (uInt)f->gz_len,
                .next_out = (Bytef *)out,
                .avail_out = (uInt)f->raw_len};
  if (inflateInit2(&z, 15 + GZIP_WRAPPER) != Z_OK) return false;
  bool ok = inflate(&z, Z_FINISH) == Z_STREAM_END && z.total_out == f->raw_len;
  inflateEnd(&z);
  return ok;
}

void static_reply(struct http_request *rq, const struct web_file *f) {
  http_add_header(rq, "Cache-Control",
                  f->immutable ? S("public, max-age=31536000, immutable") : S("no-cache"));
  http_add_header(rq, "ETag", str_from(f->etag));
  if (f->gz) http_add_header(rq, "Vary", S("Accept-Encoding"));
  if (etag_listed(http_header(rq, "If-None-Match"), str_from(f->etag))) {
    http_reply(rq, 304, f->content_type, S(""), HTTP_BORROWED);
    return;
  }
  struct str body = {(const char *)f->raw, f->raw_len};
  if (f->gz && accepts_gzip(http_header(rq, "Accept-Encoding"))) {
    http_add_header(rq, "Content-Encoding", S("gzip"));
    body = (struct str){(const char *)f->gz, f->gz_len};
  } else if (!f->raw) {
    char *out = arena_alloc(http_arena(rq), f->raw_len);
    if (!out || arena_failed(http_arena(rq)) || !inflate_all(f, out)) {
      http_reply(rq, 503, "text/plain; charset=utf-8", S("out of memory\n"), HTTP_BORROWED);
      return;
    }
    body.p = out;
  }
  http_reply(rq, 200, f->content_type, body, HTTP_BORROWED);
}
