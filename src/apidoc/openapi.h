/* The contract in machine-readable form, derived from the tables of kinds, routes, rights and
 * indicators: an OpenAPI 3.1 document and TypeScript types. Nothing is kept: each call writes into
 * the caller's buffer. After app_declare; any thread. */
#ifndef APIDOC_OPENAPI_H
#define APIDOC_OPENAPI_H

#include "api/api.h"

void openapi_write(struct buf *out);
void typescript_write(struct buf *out);

/* Names of schemas and types: "gate_event" → "GateEvent". */
enum { TYPE_NAME_TEXT = 96 };
void type_name(const char *name, char ret_text[TYPE_NAME_TEXT]);
/* A personal field whose mask is no value of its type. */
bool shown_as_text(const struct field *f);
/* Does the word stand in a list like "released_on release_reason"? */
bool word_listed(const char *list, const char *word);

/* The shapes of all areas, and DeviceSections, which the areas' device sections make up. */
void shapes_each(const struct module *const *list, void (*fn)(const struct shape *s, void *arg),
                 void *arg);
/* "get", "post" … */
const char *method_name(int method);
/* What kinds, problems and indicators make up: "Household", "HouseholdNew" … */
bool kind_shape(struct str name);
/* Is it a shape's of this list of modules, or what kinds, problems and indicators make up? */
bool shape_known(void *list, struct str name);

/* Kinds, alarms, indicators and the fields of each kind by their stable numbers. From the command
 * line: one caller at a time. */
void numbers_write(struct buf *out);

#endif
