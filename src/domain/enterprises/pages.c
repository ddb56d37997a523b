#include "domain/enterprises/remind.h"
#include "domain/enterprises/buildings.h"
#include "domain/enterprises/responsibilities.h"
#include <stdio.h>

/* What this area says on an enterprise's page. */

enum { RETURNS_DAYS = 14, RETURNS_MAX = 60 };

static int hanging_on(struct rq *rq, struct tx *tx, const struct record *enterprise, struct jw *w,
                      const struct kind *k, const char *sort, struct err *e) {
  return page_list(rq, tx, w, k, "enterprise", &enterprise->id, NULL, sort, 0, e);
}

static int contacts(struct rq *rq, struct tx *tx, const struct record *enterprise, struct jw *w,
                    struct err *e) {
  return hanging_on(rq, tx, enterprise, w, &enterprise_contact_kind, NULL, e);
}

/* Several templates may ask for one each day. */
static int returns(struct rq *rq, struct tx *tx, const struct record *enterprise, struct jw *w,
                   struct err *e) {
  char from[DAY_TEXT], to[DAY_TEXT], range[2 * DAY_TEXT + 2];
  day_format(rq->viewer->today - RETURNS_DAYS + 1, from);
  day_format(rq->viewer->today, to);
  snprintf(range, sizeof range, "%s..%s", from, to);
  const char *const filters[] = {"day", range, NULL};
  return page_list(rq, tx, w, &daily_return_kind, "enterprise", &enterprise->id, filters, "-day",
                   RETURNS_MAX, e);
}

static int chase(struct rq *rq, struct tx *tx, const struct record *enterprise, struct jw *w,
                 struct err *e) {
  return hanging_on(rq, tx, enterprise, w, &chase_note_kind, "-day", e);
}

static int filings(struct rq *rq, struct tx *tx, const struct record *enterprise, struct jw *w,
                   struct err *e) {
  return hanging_on(rq, tx, enterprise, w, &filing_kind, "-planned_on", e);
}

static int gaps(struct rq *rq, struct tx *tx, const struct record *enterprise, struct jw *w,
                struct err *e) {
  return hanging_on(rq, tx, enterprise, w, &prevention_gap_kind, "-found_on", e);
}

static int steps(struct rq *rq, struct tx *tx, const struct record *enterprise, struct jw *w,
                 struct err *e) {
  return hanging_on(rq, tx, enterprise, w, &resumption_step_kind, "-day", e);
}

static int guidances(struct rq *rq, struct tx *tx, const struct record *enterprise, struct jw *w,
                     struct err *e) {
  return hanging_on(rq, tx, enterprise, w, &guidance_kind, "-day", e);
}

static int gaps_of_building(struct rq *rq, struct tx *tx, const struct record *building,
                            struct jw *w, struct err *e) {
  return page_list(rq, tx, w, &prevention_gap_kind, "building", &building->id, NULL, "-found_on", 0,
                   e);
}

const struct page_section enterprises_sections[] = {
    {"enterprises", "contacts", "联系人", "Contacts", 10, "enterprise_contact.read",
     "enterprise-contacts", contacts},
    {"enterprises", "returns", "近14天日报", "Returns of the last 14 days", 20, "daily_return.read",
     "daily-returns", returns},
    {"enterprises", "chase", "催报记录", "Chase notes", 30, "chase_note.read", "chase-notes",
     chase},
    {"enterprises", "messages", "外发消息", "Messages sent", 35, "outbox_message.read",
     "outbox-messages", messages_section},
    {"enterprises", "gaps", "防控盲点", "Gaps in prevention", 40, "prevention_gap.read",
     "prevention-gaps", gaps},
    {"enterprises", "steps", "复工进程", "Steps back to work", 50, "resumption_step.read",
     "resumption-steps", steps},
    {"enterprises", "filings", "复工备案", "Filings", 60, "filing.read", "filings", filings},
    {"enterprises", "guidance", "复工指导", "Guidance given", 70, "guidance.read", "guidances",
     guidances},
    {"enterprises", "responsibilities", "四方责任", "Who answers for what", 80,
     "responsibility.read", "responsibilities", parties_section},
    {"buildings", "enterprises", "楼内企业", "Enterprises of the building", 18, "enterprise.read",
     "enterprises", building_section},
    {"buildings", "gaps", "防控盲点", "Gaps in prevention", 15, "prevention_gap.read",
     "prevention-gaps", gaps_of_building},
    {0}};
