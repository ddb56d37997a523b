/* Settings: what an administrator may tune, each a table row with type, default, limits and names
 * in both languages; a module adds rows through `struct module.settings`. Values stand in table
 * setting, per operation or for the whole installation, and are cached in memory as one snapshot
 * that is replaced after a change. Text from setting_text lives in the arena given. Any thread. */
#ifndef CORE_SETTINGS_H
#define CORE_SETTINGS_H

#include "core/snapshots.h"

enum { SETTING_TEXT_MAX = 200 };
enum setting_type { SETTING_INT, SETTING_BOOL, SETTING_TEXT };

struct setting {
  const char *name; /* "alarm.mail_to" */
  enum setting_type type;
  bool per_operation; /* else one value for the installation */
  int64_t initial, min, max;
  const char *initial_text; /* SETTING_TEXT; NULL: empty; max is its length, 0: 200 */
  const char *allowed;      /* SETTING_TEXT: one of these, "zh en both"; NULL: any text */
  const char *measure;      /* "minutes", "days" …; NULL where none */
  const char *zh, *en;
};

/* Collects the rows of all modules once, before app_open. */
_must_check_ int settings_init(const struct module *const *list, struct err *e);
const struct setting *setting_by_name(struct str name);

extern const struct snapshot_type settings_snapshot;

/* op is ignored where the setting is not per operation. Unknown names abort. */
int64_t setting_i64(struct app *app, int64_t op, const char *name);
struct str setting_text(struct app *app, int64_t op, const char *name, struct arena *a);

/* A change as a command of the writer: audited, the cache is fresh before it is answered. */
struct setting_change {
  struct app *app;
  const struct viewer *viewer;
  const struct setting *setting;
  int64_t op;
  bool reset; /* back to the default */
  int64_t i;
  struct str text;
};
extern const struct cmd_class setting_change_cmd;
/* Converts and checks a value as it came; problems under the setting's name. */
bool setting_parse(struct setting_change *c, const json_t *value, struct problems *ps);
_must_check_ int settings_json(struct app *app, int64_t op, struct jw *w, struct err *e);

#endif
