/* The shape of a JSON document in a line of text, as the rows of routes say what they take and
 * answer; written out as JSON Schema and as TypeScript. The text is

     "id:id rows:int next:text|null note? by:{*:int} state:'open'|'shut' seen:(text|int)[] ...Ref"

 * Members stand apart by spaces; `?` behind a name: it may be absent; without a type it is text. A
 * type is text, int, number, bool, id, date, moment, null, object, any; the Name of another shape;
 a
 * 'word'; members in braces; [] behind it for a list, | between alternatives, parentheses around.
 * `*` names every other member, `...Name` takes that shape's members in. A text that begins with a
 * capital or a brace is a type by itself; "" is no document at all; "file:" and media types behind
 * it, or alone, is a file. Nothing is kept; any thread. */
#ifndef JSON_SHAPE_H
#define JSON_SHAPE_H

#include "json/json.h"

struct shape {
  const char *name, *text; /* a table of them ends with {NULL} */
};

struct shape_member {
  struct str name; /* empty: a shape whose members are taken in, named by `type` */
  struct str type;
  bool optional;
};
/* The next one of a text; false at its end. */
bool shape_next(struct str *rest, struct shape_member *ret_member);
/* What stands in front of the files, and their media types; either may be empty. */
struct str shape_document(const char *text);
struct str shape_files(const char *text);

/* Says what in the text cannot be read, or names no shape; false where there is anything. */
bool shape_check(const char *text, bool (*known)(void *arg, struct str name), void *arg,
                 struct buf *ret_wrong);
void shape_schema(struct jw *w, struct str document);
/* One member alone. */
void shape_schema_type(struct jw *w, struct str type);
void shape_typescript(struct buf *b, struct str document);
/* "export type Name = …" */
void shape_declare(struct buf *b, const struct shape *s);

#endif
