#include "apidoc/openapi.h"
#include "harness.h"

static bool only_words(void *arg, struct str name) {
  (void)arg;
  return str_is(name, "Words");
}

static const char *fault(struct buf *b, const char *text) {
  buf_clear(b);
  return shape_check(text, only_words, NULL, b) ? "" : buf_z(b);
}

TEST(what_is_wrong_with_a_shape_is_said) {
  struct buf b = BUF_INIT(KIB(1));
  CHECK_STR(fault(&b, "id:id note? by:{*:int} is:'a'|'b' seen:(text|int)[][] ...Words"), "");
  CHECK_STR(fault(&b, "Words|null file:application/pdf"), "");
  CHECK_STR(fault(&b, ""), "");
  CHECK_STR(fault(&b, "n:itn"), "no type is called \"itn\"");
  CHECK_STR(fault(&b, "n:{m:Word}[]"), "no type is called \"Word\"");
  CHECK_STR(fault(&b, "...Word n"), "no type is called \"Word\"");
  CHECK_STR(fault(&b, "n:'a"), "no type is called \"'a\"");
  CHECK_STR(fault(&b, "n:{m:int"), "no type is called \"{m:int\"");
  CHECK_STR(fault(&b, "n:"), "no type is called \"\"");
  CHECK_STR(fault(&b, "n N"), "no name: \"N\"");
  CHECK_STR(fault(&b, "n n?:int"), "stands twice: \"n\"");
  CHECK_STR(fault(&b, "file:pdf"), "no file: \"pdf\"");
  buf_done(&b);
}

static const char *schema_of(struct buf *b, const char *text) {
  struct jw w;
  buf_clear(b);
  jw_init(&w, b);
  shape_schema(&w, shape_document(text));
  return jw_ok(&w) ? buf_z(b) : "misused";
}

TEST(a_shape_is_written_as_schema_and_as_typescript) {
  struct buf b = BUF_INIT(KIB(4));
  CHECK_STR(schema_of(&b, "Words|null"),
            "{\"anyOf\":[{\"$ref\":\"#/components/schemas/Words\"},{\"type\":\"null\"}]}");
  CHECK_STR(
      schema_of(&b, "day:date n?:int[]"),
      "{\"type\":\"object\",\"required\":[\"day\"],\"properties\":{\"day\":{\"type\":\"string\","
      "\"format\":\"date\"},\"n\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}}}");
  CHECK_STR(
      schema_of(&b, "...Words *:any"),
      "{\"allOf\":[{\"$ref\":\"#/components/schemas/Words\"},{\"type\":\"object\",\"required\":[],"
      "\"properties\":{},\"additionalProperties\":{}}]}");
  buf_clear(&b);
  shape_typescript(&b, S("as-known?:date by:{*:int} ...Words is:('a'|'b')[]"));
  CHECK_STR(buf_z(&b), "(Words & { \"as-known\"?: string; by: { [name: string]: number; }; "
                       "is: (\"a\" | \"b\")[]; })");
  buf_done(&b);
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
