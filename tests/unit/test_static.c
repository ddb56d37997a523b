#include "harness.h"
#include "http/accept.h"
#include "http/headers.h"
#include "http/static.h"
#include "http_client.h"
#include <zlib.h>

/* A table as scripts/embed-web.py writes it; the compressed text is made by the first test. */

static unsigned char packed[256];
static const char page[] = "<!doctype html><title>x</title>xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
static struct web_file table[] = {
    {"/assets/a-12345678.js", "text/javascript; charset=utf-8", (const unsigned char *)"let a", 5,
     NULL, 0, "W/\"a1\"", true},
    {"/desk/index.html", "text/html; charset=utf-8", NULL, sizeof page - 1, packed, 0, "W/\"d1\"",
     false},
    {"/index.html", "text/html; charset=utf-8", (const unsigned char *)"<p>", 3, NULL, 0, "W/\"i1\"",
     false},
};

static void handle(void *arg, struct http_request *rq) {
  (void)arg;
  const struct web_file *f = static_find(table, ARRAY_LEN(table), http_path(rq));
  if (f)
    static_reply(rq, f);
  else
    http_reply(rq, 404, "text/plain", S("none"), HTTP_BORROWED);
}

static bool pack(void) {
  z_stream z = {.next_in = (Bytef *)(uintptr_t)page, .avail_in = sizeof page - 1,
                .next_out = packed, .avail_out = sizeof packed};
  if (deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK) return false;
  bool ok = deflate(&z, Z_FINISH) == Z_STREAM_END;
  table[1].gz_len = z.total_out;
  deflateEnd(&z);
  return ok;
}

TEST(static_finds_by_path) {
  size_t n = ARRAY_LEN(table);
  CHECK(static_find(table, n, S("/")) == &table[2]);
  CHECK(static_find(table, n, S("/index.html")) == &table[2]);
  CHECK(static_find(table, n, S("/desk/")) == &table[1]);
  CHECK(static_find(table, n, S("/desk")) == NULL);
  CHECK(static_find(table, n, S("/assets/a-12345678.js")) == &table[0]);
  CHECK(static_find(table, n, S("")) == NULL);
  char longest[600];
  memset(longest, 'a', sizeof longest);
  longest[0] = longest[sizeof longest - 1] = '/';
  CHECK(static_find(table, n, (struct str){longest, sizeof longest}) == NULL);
}

TEST(static_serves_compressed_cached_and_plain) {
  CHECK(pack());
  struct http_server *s;
  struct err e = {0};
  struct http_options o = {.listen = "127.0.0.1:0", .threads = 2, .handle = handle};
  CHECK_EQ_I64(http_start(&o, &s, &e), 0);
  {
    __attribute__((cleanup(client_done))) struct client c = client_open(http_port(s));
    client_say(&c, "GET /desk/ HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
    struct answer a = client_answer(&c, false);
    CHECK_EQ_I64(a.status, 200);
    CHECK(str_is(answer_field(&a, "Content-Encoding"), "gzip"));
    CHECK(str_is(answer_field(&a, "Vary"), "Accept-Encoding"));
    CHECK(str_is(answer_field(&a, "Cache-Control"), "no-cache"));
    CHECK(str_starts(answer_field(&a, "Content-Security-Policy"), S("default-src 'none'; script")));
    CHECK_MEM(a.body.p, a.body.n, (const char *)packed, table[1].gz_len);
    client_next(&c, &a);

    client_say(&c, "GET /desk/ HTTP/1.1\r\nHost: x\r\n\r\n");
    a = client_answer(&c, false);
    CHECK_EQ_I64(a.status, 200);
    CHECK(!answer_field(&a, "Content-Encoding").p);
    CHECK_MEM(a.body.p, a.body.n, page, sizeof page - 1);
    client_next(&c, &a);

    client_say(&c, "GET /assets/a-12345678.js HTTP/1.1\r\nHost: x\r\n\r\n");
    a = client_answer(&c, false);
    CHECK(str_find(answer_field(&a, "Cache-Control"), S("immutable")) != (size_t)-1);
    CHECK(str_is(answer_field(&a, "ETag"), "W/\"a1\""));
    client_next(&c, &a);

    client_say(&c, "GET / HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"zz\", \"i1\"\r\n\r\n");
    a = client_answer(&c, false);
    CHECK_EQ_I64(a.status, 304);
    CHECK_EQ_I64(a.body.n, 0);
    client_next(&c, &a);

    client_say(&c, "GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
    a = client_answer(&c, false);
    CHECK_EQ_I64(a.status, 404);
  }
  http_stop(s, 0);
}

TEST(static_table_of_the_program_is_sorted_and_whole) {
  CHECK(web_files_n > 0);
  for (size_t i = 0; i < web_files_n; i++) {
    const struct web_file *f = &web_files[i];
    CHECK(f->raw || f->gz);
    CHECK(f->path[0] == '/');
    if (i) CHECK(str_cmp(str_from(web_files[i - 1].path), str_from(f->path)) < 0);
    CHECK(static_find(web_files, web_files_n, str_from(f->path)) == f);
  }
}

TEST(accept_reads_lists) {
  CHECK(accepts_gzip(S("gzip")));
  CHECK(accepts_gzip(S("br;q=1, gzip ; q=0.01")));
  CHECK(!accepts_gzip(S("gzip;q=0.000, *")));
  CHECK(accepts_gzip(S("br, *")));
  CHECK(!accepts_gzip((struct str){NULL, 0}));
  CHECK(!accepts_gzip(S("xgzip")));
  CHECK(etag_listed(S("W/\"a\" , \"b\""), S("\"b\"")));
  CHECK(etag_listed(S("\"a\""), S("W/\"a\"")));
  CHECK(etag_listed(S("*"), S("\"b\"")));
  CHECK(!etag_listed(S("\"c\""), S("\"b\"")));
  CHECK(!etag_listed(S(""), S("\"b\"")));
}

TEST(headers_know_pages_from_data) {
  CHECK(headers_type_is_page(S("text/html; charset=utf-8")));
  CHECK(headers_type_is_page(S("Text/JavaScript")));
  CHECK(!headers_type_is_page(S("application/json")));
  CHECK(headers_type_is_text(S("application/problem+json")));
  CHECK(!headers_type_is_text(S("image/png")));
}
