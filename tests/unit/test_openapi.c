#include "app/openapi.h"
#include "harness.h"

static const char *wanted_pattern;
static int wanted_method;
static void compare(const struct route *r, void *arg) {
  bool *found = arg;
  *found = *found || (r->method == wanted_method && strcmp(r->pattern, wanted_pattern) == 0);
}

TEST(every_documented_route_exists) {
  size_t n = 0;
  for (const struct route_doc *d = route_docs; d->pattern; d++, n++) {
    bool found = false;
    wanted_pattern = d->pattern;
    wanted_method = d->method;
    api_each_route(compare, &found);
    if (!found) fprintf(stderr, "# no route %s\n", d->pattern);
    CHECK(found);
  }
  CHECK(n > 10);
}

TEST(names_of_types) {
  char name[TYPE_NAME_TEXT];
  type_name("gate_event", name);
  CHECK_STR(name, "GateEvent");
  type_name("unit", name);
  CHECK_STR(name, "Unit");
  type_name("", name);
  CHECK_STR(name, "");
}

TEST(words_of_a_list) {
  CHECK(word_listed("released_on release_reason", "release_reason"));
  CHECK(!word_listed("released_on release_reason", "released"));
  CHECK(!word_listed(NULL, "x"));
}

TEST(the_documents_say_when_they_do_not_fit) {
  struct err e = {0};
  CHECK(app_declare(&e) == 0);
  struct buf small = BUF_INIT(KIB(4)), whole = BUF_INIT(MIB(8));
  openapi_write(&small);
  CHECK(!buf_ok(&small));
  openapi_write(&whole);
  CHECK(buf_ok(&whole));
  struct arena *a = arena_create(MIB(64));
  json_t *root = NULL;
  CHECK(json_read(a, buf_str(&whole), &root, &e) == 0);
  CHECK_STR(json_string_value(json_object_get(root, "openapi")), "3.1.0");
  arena_free(a);
  buf_done(&small);
  buf_done(&whole);
}
