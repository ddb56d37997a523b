/* What the files of field types share. A text that comes here is trimmed and not empty, a value is
 * there: field_from_text() and its like see to that. Stateless; results live in the arena given. */
#ifndef KIND_TYPE_INNER_H
#define KIND_TYPE_INNER_H

#include "kind/type.h"

#define TYPE_FROM_JSON(name)                                                                       \
  bool name(const struct type_ctx *c, const struct field *f, const json_t *j, struct str path,     \
            struct val *ret_v)
#define TYPE_FROM_TEXT(name)                                                                       \
  bool name(const struct type_ctx *c, const struct field *f, struct str s, struct str path,        \
            struct val *ret_v)
#define TYPE_TO_JSON(name)                                                                         \
  void name(struct jw *w, const struct field *f, const struct val *v, const struct zone *z)
#define TYPE_TO_TEXT(name)                                                                         \
  struct str name(struct arena *a, const struct field *f, const struct val *v, const struct zone *z)

/* Adds the problem; both return false. */
bool type_wrong(const struct type_ctx *c, const struct field *f, struct str path);
bool type_say(const struct type_ctx *c, enum problem_code code, struct str path);

/* A copy with a to z as capitals. */
struct str type_capitals(struct arena *a, struct str s);

TYPE_FROM_JSON(type_text_json); /* what is written as text, whatever it means */

/* type_codes.c */
TYPE_FROM_TEXT(type_phone_text);
TYPE_FROM_TEXT(type_id_text);
TYPE_FROM_TEXT(type_credit_text);
TYPE_FROM_TEXT(type_unit_code_text);

/* type_time.c */
TYPE_FROM_JSON(type_date_json);
TYPE_FROM_TEXT(type_date_text);
TYPE_FROM_JSON(type_moment_json);
TYPE_FROM_TEXT(type_moment_text);
TYPE_TO_JSON(type_moment_out);
TYPE_TO_TEXT(type_moment_as_text);
TYPE_FROM_TEXT(type_minute_text);
TYPE_TO_JSON(type_minute_out);
TYPE_TO_TEXT(type_minute_as_text);

#endif
