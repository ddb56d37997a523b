#include "http/pages.h"

#include "http/accept.h"
#include "http/headers.h"

#define ZLIB_CONST /* next_in may point at what is read only */
#include <zlib.h>

/* What stands in where nothing was embedded; the table that the build makes takes its place. */
__attribute__((weak)) const struct pages web_pages = {NULL, 0};

static const struct page *exact(const struct pages *p, struct str path) {
  size_t lo = 0, hi = p->n;
  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    int order = str_cmp(str_from(p->list[mid].path), path);
    if (order == 0) return &p->list[mid];
    if (order < 0)
      lo = mid + 1;
    else
      hi = mid;
  }
  return NULL;
}

static size_t last_slash(struct str path) {
  size_t i = path.n;
  while (i > 0 && path.p[i - 1] != '/') i--;
  return i; /* bytes up to and including the slash; 0 where there is none */
}

const struct page *pages_find(const struct pages *p, struct str path) {
  const struct page *found = exact(p, path);
  if (found) return found;
  struct str name = str_sub(path, last_slash(path), path.n);
  if (str_find_char(name, '.') != (size_t)-1) return NULL;

  /* "/desk" means the folder as much as "/desk/" does: look below the whole path first. */
  char at[256];
  size_t n = path.n;
  while (n > 0 && path.p[n - 1] == '/') n--;
  for (;;) {
    static const char index[] = "/index.html";
    if (n + sizeof index <= sizeof at) {
      memcpy(at, path.p, n);
      memcpy(at + n, index, sizeof index);
      found = exact(p, str_from(at));
      if (found) return found;
    }
    if (n == 0) return NULL;
    n = last_slash((struct str){path.p, n});
    while (n > 0 && path.p[n - 1] == '/') n--;
  }
}

static int unpack(struct arena *a, const struct page *page, struct str *ret_text, struct err *e) {
  char *out = arena_alloc(a, page->n ? page->n : 1);
  if (!out || arena_failed(a)) return err_set(e, E_NOMEM, "no memory to unpack a page");
  z_stream z = {.next_in = page->data,
                .avail_in = page->stored_n,
                .next_out = (unsigned char *)out,
                .avail_out = page->n};
  if (inflateInit2(&z, 15 + 16) != Z_OK) return err_set(e, E_NOMEM, "no memory to unpack a page");
  int status = inflate(&z, Z_FINISH);
  size_t done = page->n - z.avail_out;
  inflateEnd(&z);
  if (status != Z_STREAM_END || done != page->n)
    return err_field(e, E_BUG, "an embedded page does not unpack", page->path);
  *ret_text = (struct str){out, done};
  return 0;
}

/* A program built without the pages says so to whoever opens it in a browser. */
static const char not_built[] =
    "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>守望 Shouwang</title>"
    "<h1>网页尚未构建</h1><p>本程序构建时没有网页。请在源代码目录运行 <code>make</code>，"
    "然后重新启动；接口 <code>/api/v1</code> 可以照常使用。</p>"
    "<div lang=\"en\"><h1>The web pages were not built</h1><p>This program was built without them. "
    "Run "
    "<code>make</code> in the source folder and start it again; the interface <code>/api/v1</code> "
    "works all the same.</p></div></html>\n";

int pages_serve(const struct pages *p, struct http_request *rq, struct err *e) {
  const struct page *page = pages_find(p, http_path(rq));
  if (p->n == 0 && str_is(http_path(rq), "/") && http_method(rq) == HTTP_GET) {
    http_reply(rq, 503, "text/html; charset=utf-8", S(not_built), HTTP_BORROWED);
    return 0;
  }
  if (!page) return err_set(e, E_NOT_FOUND, "no such page");
  if (http_method(rq) != HTTP_GET) return err_set(e, E_METHOD, "a page is only read");

  bool fresh = etag_listed(http_header(rq, "If-None-Match"), str_from(page->etag));
  bool packed = page->gzip && accepts_gzip(http_header(rq, "Accept-Encoding"));
  struct str body = {(const char *)page->data, page->stored_n};
  if (!fresh && page->gzip && !packed) {
    int r = unpack(http_arena(rq), page, &body, e);
    if (r < 0) return r;
  }

  const char *policy = headers_page_policy(str_from(page->path));
  if (policy) http_add_header(rq, "Content-Security-Policy", str_from(policy));
  http_add_header(rq, "ETag", str_from(page->etag));
  http_add_header(rq, "Vary", S("Accept-Encoding"));
  http_add_header(rq, "Cache-Control",
                  page->immutable ? S("public, max-age=31536000, immutable") : S("no-cache"));
  if (fresh) {
    http_reply(rq, 304, page->type, (struct str){"", 0}, HTTP_BORROWED);
    return 0;
  }
  if (packed) http_add_header(rq, "Content-Encoding", S("gzip"));
  http_reply(rq, 200, page->type, body, HTTP_BORROWED);
  return 0;
}
