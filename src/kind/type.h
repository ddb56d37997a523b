/* The behaviour of a field type, one small table each: SQL type per engine, from JSON, from a
 * spreadsheet cell's text, to JSON, to text, OpenAPI, TypeScript. Everything that differs by type
 * is here and nowhere else. Stateless; results live in the arena given. */
#ifndef KIND_TYPE_H
#define KIND_TYPE_H

#include "kind/record.h"

struct type_ctx {
  struct arena *a;
  const struct unit_tree *tree;
  const struct zone *zone;
  int32_t today;
  struct problems *ps;
};

struct field_type_ops {
  const char *name; /* in meta and documents: "text", "date" … */
  enum val_type storage;
  bool (*from_json)(const struct type_ctx *c, const struct field *f, const json_t *j,
                    struct str path, struct val *ret_v);
  bool (*from_text)(const struct type_ctx *c, const struct field *f, struct str text,
                    struct str path, struct val *ret_v);
  void (*to_json)(struct jw *w, const struct field *f, const struct val *v, const struct zone *z);
  struct str (*to_text)(struct arena *a, const struct field *f, const struct val *v,
                        const struct zone *z);
  /* JSON schema of the value; NULL: what `schema` says. */
  void (*openapi)(struct jw *w, const struct field *f);
  struct {
    const char *type, *format, *pattern;
  } schema;
  const char *typescript; /* "string", "number" …; NULL: made from the field's choices */
  const char *expects_zh, *expects_en; /* for `wrong_type` */
  const char *example;                 /* in the sheets that people fill in; NULL: none */
  bool half_width;                     /* it is made of ASCII signs: "１３９" is "139" */
  bool ordered;                        /* more and less mean something: filters of spans */
};
const struct field_type_ops *field_type(const struct field *f);

/* Checks and converts; on failure adds the problem under `path` and returns false. */
_must_check_ bool field_from_json(const struct type_ctx *c, const struct field *f, const json_t *j,
                                  struct str path, struct val *ret_v);
/* The same from text (spreadsheet cell, command line, filter value); an empty one is VAL_NULL. */
_must_check_ bool field_from_text(const struct type_ctx *c, const struct field *f, struct str text,
                                  struct str path, struct val *ret_v);
/* Simple values; references and units are written by the emitter, which knows titles. */
void field_to_json(struct jw *w, const struct field *f, const struct val *v, const struct zone *z);
/* For spreadsheets, filters and history. */
struct str field_to_text(struct arena *a, const struct field *f, const struct val *v,
                         const struct zone *z);
/* JSON schema of the value in answers and requests (an object's inside, without braces). */
void field_schema(struct jw *w, const struct field *f);

/* Masked form of a plain text. */
struct str mask_text(struct arena *a, enum mask m, struct str plain);

/* Rules used elsewhere too (source: GB 11643-1999, GB 32100-2015). */
bool citizen_id_valid(struct str id, int32_t *ret_birth_day, bool *ret_female);
enum credit_code { CREDIT_OK, CREDIT_BAD_CHECK, CREDIT_BAD_FORM };
enum credit_code credit_code_check(struct str code);
/* Digits only, without +86; empty where it is no phone number. */
struct str phone_normal(struct arena *a, struct str text);

#endif
