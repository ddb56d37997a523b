#include "http/accept.h"
#include <strings.h>

bool accepts_gzip(struct str accept_encoding) {
  bool star = false;
  while (accept_encoding.p) {
    struct str item = str_split(&accept_encoding, ',');
    struct str name = str_trim(str_split(&item, ';'));
    bool refused = false;
    while (item.p) {
      struct str param = str_trim(str_split(&item, ';'));
      if (param.n < 3 || (param.p[0] | 0x20) != 'q' || param.p[1] != '=') continue;
      refused = true; /* unless a digit but 0 stands in it */
      for (size_t i = 2; i < param.n; i++)
        if (param.p[i] >= '1' && param.p[i] <= '9') refused = false;
    }
    if (name.n == 4 && strncasecmp(name.p, "gzip", 4) == 0) return !refused;
    if (str_is(name, "*")) star = !refused;
  }
  return star;
}

static struct str without_weak(struct str etag) {
  return str_starts(etag, S("W/")) ? str_sub(etag, 2, etag.n) : etag;
}

bool etag_listed(struct str list, struct str etag) {
  struct str want = without_weak(etag);
  while (list.p) {
    struct str item = str_trim(str_split(&list, ','));
    if (str_is(item, "*") || (item.n && str_eq(without_weak(item), want))) return true;
  }
  return false;
}
