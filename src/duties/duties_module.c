#include "core/jobs.h"
#include "duties/duties_inner.h"

/* Told of every change, as soon as the store is open. */
static int open(struct app *app, struct err *e) {
  struct registry *en = &app->registry;
  if (en->n_observers == ARRAY_LEN(en->observers))
    return err_set(e, E_BUG, "too many observers of changes");
  en->observers[en->n_observers++] = (struct change_observer){.changed = duties_follow};
  return 0;
}

static const struct table_def tables[] = {
    {.name = "duty_reminder",
     .columns = "record uuid NOT NULL, slot i64 NOT NULL, at_ms i64 NOT NULL, "
                "messages i64 NOT NULL, PRIMARY KEY (record, slot)",
     .clustered = true},
    {0}};
static const struct job jobs[] = {{"duties_open", 20 * MS_SECOND, duties_open, JOB_PER_OPERATION},
                                  {"duties_tell", MS_MINUTE, duties_tell, JOB_PER_OPERATION},
                                  {0}};

const struct module duties_module = {MODULE("duties", "应报事项", "Duties"),
                                     .tables = tables,
                                     .jobs = jobs,
                                     .rows = duties_look,
                                     .declare = duties_declare,
                                     .open = open};
