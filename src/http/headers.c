#include "http/headers.h"
#include <strings.h>

#define CSP_WITH(script)                                                                           \
  "default-src 'none'; script-src 'self'" script                                                   \
  "; style-src 'self'; img-src 'self' data: blob:; "                                               \
  "connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; " \
  "form-action 'self'; frame-ancestors 'none'"
#define CSP_PAGE CSP_WITH("")

/* The gate's scanner reads QR codes by WebAssembly, in a worker of its own: a worker is ruled by
 * the headers of its script, so that no page needs to be allowed this. */
static const struct {
  const char *folder, *policy;
} page_policies[] = {{"/assets/scan/", CSP_WITH(" 'wasm-unsafe-eval'")}};

static const struct default_header page_headers[] = {
    {"Content-Security-Policy", CSP_PAGE},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"},
    {"Cache-Control", "no-store"},
};

static const struct default_header data_headers[] = {
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cache-Control", "no-store"},
};

/* "text/html; charset=utf-8" as "text/html". */
static struct str bare(struct str type) {
  return str_trim(str_split(&type, ';'));
}

static bool same(struct str s, const char *z) {
  return s.n == strlen(z) && strncasecmp(s.p, z, s.n) == 0;
}

static bool ends(struct str s, const char *z) {
  size_t n = strlen(z);
  return s.n >= n && strncasecmp(s.p + s.n - n, z, n) == 0;
}

bool headers_type_is_page(struct str content_type) {
  struct str t = bare(content_type);
  return same(t, "text/html") || same(t, "text/javascript") || same(t, "application/javascript") ||
         same(t, "image/svg+xml");
}

bool headers_type_is_text(struct str content_type) {
  struct str t = bare(content_type);
  return (t.n > 5 && strncasecmp(t.p, "text/", 5) == 0) || same(t, "application/json") ||
         same(t, "application/javascript") || same(t, "application/xml") ||
         same(t, "application/wasm") || ends(t, "+json") || ends(t, "+xml");
}

const char *headers_page_policy(struct str path) {
  for (size_t i = 0; i < ARRAY_LEN(page_policies); i++)
    if (str_starts(path, str_from(page_policies[i].folder))) return page_policies[i].policy;
  return NULL;
}

const struct default_header *headers_default(bool page, size_t *ret_n) {
  *ret_n = page ? ARRAY_LEN(page_headers) : ARRAY_LEN(data_headers);
  return page ? page_headers : data_headers;
}
