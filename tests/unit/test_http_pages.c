#include "harness.h"
#include "http/accept.h"
#include "http/headers.h"
#include "http/pages.h"
#include "http_client.h"
#include <zlib.h>

/* A table as scripts/embed-pages.py writes it; the compressed page is made by the test itself. */

static unsigned char packed[256];
static const char page[] = "<!doctype html><title>x</title>xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
static struct page list[] = {
    {.path = "/assets/a-12345678.js",
     .type = "text/javascript; charset=utf-8",
     .etag = "\"a1\"",
     .data = (const uint8_t *)"let a",
     .stored_n = 5,
     .n = 5,
     .immutable = true},
    {.path = "/desk/index.html",
     .type = "text/html; charset=utf-8",
     .etag = "\"d1\"",
     .data = packed,
     .n = sizeof page - 1,
     .gzip = true},
    {.path = "/index.html",
     .type = "text/html; charset=utf-8",
     .etag = "\"i1\"",
     .data = (const uint8_t *)"<p>",
     .stored_n = 3,
     .n = 3},
};
static const struct pages table = {list, ARRAY_LEN(list)};

static void handle(void *arg, struct http_request *rq) {
  struct err e = {0};
  const struct pages *p = arg ? arg : &table;
  if (pages_serve(p, rq, &e))
    http_reply(rq, err_http(e.code), "text/plain", S("none"), HTTP_BORROWED);
}

static bool pack(void) {
  z_stream z = {.next_in = (Bytef *)(uintptr_t)page,
                .avail_in = sizeof page - 1,
                .next_out = packed,
                .avail_out = sizeof packed};
  if (deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK) return false;
  bool ok = deflate(&z, Z_FINISH) == Z_STREAM_END;
  list[1].stored_n = (uint32_t)z.total_out;
  deflateEnd(&z);
  return ok;
}

TEST(pages_are_found_by_path) {
  CHECK(pages_find(&table, S("/")) == &list[2]);
  CHECK(pages_find(&table, S("/index.html")) == &list[2]);
  CHECK(pages_find(&table, S("/desk/")) == &list[1]);
  CHECK(pages_find(&table, S("/desk")) == &list[1]);
  CHECK(pages_find(&table, S("/desk/units/110000")) == &list[1]);
  CHECK(pages_find(&table, S("/elsewhere")) == &list[2]);
  CHECK(pages_find(&table, S("/assets/a-12345678.js")) == &list[0]);
  CHECK(pages_find(&table, S("/assets/gone.js")) == NULL);
  char longest[600];
  memset(longest, 'a', sizeof longest);
  longest[0] = longest[sizeof longest - 1] = '/';
  CHECK(pages_find(&table, (struct str){longest, sizeof longest}) == &list[2]);
  CHECK(pages_find(&(struct pages){NULL, 0}, S("/")) == NULL);
}

TEST(pages_go_out_compressed_cached_and_plain) {
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
    CHECK(str_is(answer_field(&a, "X-Content-Type-Options"), "nosniff"));
    CHECK(str_starts(answer_field(&a, "Content-Security-Policy"), S("default-src 'none'; script")));
    CHECK_MEM(a.body.p, a.body.n, (const char *)packed, list[1].stored_n);
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
    CHECK(str_is(answer_field(&a, "ETag"), "\"a1\""));
    client_next(&c, &a);

    client_say(&c, "GET / HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"zz\", \"i1\"\r\n\r\n");
    a = client_answer(&c, false);
    CHECK_EQ_I64(a.status, 304);
    CHECK_EQ_I64(a.body.n, 0);
    client_next(&c, &a);

    client_say(&c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    a = client_answer(&c, false);
    CHECK_EQ_I64(a.status, 405);
    client_next(&c, &a);

    client_say(&c, "GET /x.png HTTP/1.1\r\nHost: x\r\n\r\n");
    a = client_answer(&c, false);
    CHECK_EQ_I64(a.status, 404);
  }
  http_stop(s, 0);
}

TEST(pages_that_were_not_built_say_so) {
  static struct pages none;
  struct http_server *s;
  struct err e = {0};
  struct http_options o = {.listen = "127.0.0.1:0", .threads = 2, .handle = handle, .arg = &none};
  CHECK_EQ_I64(http_start(&o, &s, &e), 0);
  {
    __attribute__((cleanup(client_done))) struct client c = client_open(http_port(s));
    client_say(&c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    struct answer a = client_answer(&c, false);
    CHECK_EQ_I64(a.status, 503);
    CHECK(str_find(a.body, S("make")) != (size_t)-1);
    client_next(&c, &a);
    client_say(&c, "GET /desk/x HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_EQ_I64(client_answer(&c, false).status, 404);
  }
  http_stop(s, 0);
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
