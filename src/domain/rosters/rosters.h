/* Rosters: who can be called up, who was sent where, which posts are manned by whom, and who is
 * there. People and person-times are never mixed; planned and actual strength are two figures.
 * Tables are static; the functions run inside transactions or requests. */
#ifndef DOMAIN_ROSTERS_ROSTERS_H
#define DOMAIN_ROSTERS_ROSTERS_H

#include "core/module.h"

enum {
  RESPONDER_NAME,
  RESPONDER_SEX,
  RESPONDER_ID_TYPE,
  RESPONDER_ID_NUMBER,
  RESPONDER_PHONE,
  RESPONDER_EMPLOYER,
  RESPONDER_SERVING,
  RESPONDER_HOME,
  RESPONDER_CATEGORY,
  RESPONDER_POSITION,
  RESPONDER_POLITICAL,
  RESPONDER_SKILLS,
  RESPONDER_AVAILABLE_FROM,
  RESPONDER_AVAILABLE_TO,
  RESPONDER_HEALTH_DECLARED,
  RESPONDER_HEALTH_NOTE,
  RESPONDER_EMERGENCY_NAME,
  RESPONDER_EMERGENCY_PHONE,
  RESPONDER_RETIRES_ON,
  RESPONDER_REMARK,
  RESPONDER_FIELDS_
};
enum {
  BATCH_NAME,
  BATCH_NUMBER,
  BATCH_SENDER,
  BATCH_PLANNED,
  BATCH_STARTS,
  BATCH_ENDS,
  BATCH_RECEIVERS,
  BATCH_DISPATCHED_ON,
  BATCH_REMARK,
  BATCH_FIELDS_
};
enum {
  PAIRING_SENDER,
  PAIRING_RECEIVER,
  PAIRING_STARTS,
  PAIRING_ENDS,
  PAIRING_REMARK,
  PAIRING_FIELDS_
};
enum {
  DEPLOYMENT_RESPONDER,
  DEPLOYMENT_UNIT,
  DEPLOYMENT_SENDER,
  DEPLOYMENT_ROUTE,
  DEPLOYMENT_BATCH,
  DEPLOYMENT_PAIRING,
  DEPLOYMENT_SLIP,
  DEPLOYMENT_TEAM,
  DEPLOYMENT_DUTIES,
  DEPLOYMENT_PLANNED_FROM,
  DEPLOYMENT_PLANNED_TO,
  DEPLOYMENT_REPORTED_ON,
  DEPLOYMENT_RELEASED_ON,
  DEPLOYMENT_RELEASE_REASON,
  DEPLOYMENT_FEEDBACK,
  DEPLOYMENT_FEEDBACK_ON,
  DEPLOYMENT_REMARK,
  DEPLOYMENT_FIELDS_
};
enum {
  POST_NAME,
  POST_UNIT,
  POST_KIND,
  POST_PLACE,
  POST_REQUIRED,
  POST_LEAD,
  POST_PHOTO,
  POST_SKILLS,
  POST_REMARK,
  POST_CODE_SERIAL,
  POST_CLOSED_AT,
  POST_FIELDS_
};
enum {
  TEMPLATE_POST,
  TEMPLATE_UNIT,
  TEMPLATE_NAME,
  TEMPLATE_START,
  TEMPLATE_END,
  TEMPLATE_REQUIRED,
  TEMPLATE_WEEKDAYS,
  TEMPLATE_FROM,
  TEMPLATE_TO,
  TEMPLATE_COVER,
  TEMPLATE_FIELDS_
};
enum {
  SHIFT_POST,
  SHIFT_UNIT,
  SHIFT_DATE,
  SHIFT_START,
  SHIFT_END,
  SHIFT_STARTS_AT,
  SHIFT_ENDS_AT,
  SHIFT_REQUIRED,
  SHIFT_TEMPLATE,
  SHIFT_REMARK,
  SHIFT_COVER,
  SHIFT_FIELDS_
};
enum {
  ASSIGNMENT_SHIFT,
  ASSIGNMENT_RESPONDER,
  ASSIGNMENT_UNIT,
  ASSIGNMENT_POST,
  ASSIGNMENT_DATE,
  ASSIGNMENT_STARTS_AT,
  ASSIGNMENT_ENDS_AT,
  ASSIGNMENT_LEAD,
  ASSIGNMENT_SIGNED_IN_AT,
  ASSIGNMENT_SIGNED_OUT_AT,
  ASSIGNMENT_EXCUSE,
  ASSIGNMENT_HEARD_AT,
  ASSIGNMENT_DECISION,
  ASSIGNMENT_FIELDS_
};
enum {
  SIGN_IN_ASSIGNMENT,
  SIGN_IN_UNIT,
  SIGN_IN_POST,
  SIGN_IN_RESPONDER,
  SIGN_IN_PHASE,
  SIGN_IN_TEMPERATURE,
  SIGN_IN_OUTCOME,
  SIGN_IN_METHOD,
  SIGN_IN_PHOTO,
  SIGN_IN_DEVICE_AT,
  SIGN_IN_AT,
  SIGN_IN_DAY,
  SIGN_IN_REMARK,
  SIGN_IN_CLOCK_DOUBTFUL,
  SIGN_IN_FIELDS_
};

extern const struct kind responder_kind, batch_kind, pairing_kind, deployment_kind, post_kind,
    shift_template_kind, shift_kind, assignment_kind, sign_in_kind;
extern const struct indicator ind_seconded, ind_seconded_dual, ind_seconded_other, ind_received,
    ind_due, ind_present, ind_late, ind_excused, ind_absent, ind_unheard, ind_upcoming, ind_batches,
    ind_person_times, ind_planned, ind_subdistricts, ind_communities, ind_agencies;
extern const struct alarm_type alarm_sign_in_hot, alarm_no_show;
extern const struct route roster_routes[];
extern const struct job roster_jobs[];
extern const struct module rosters_module;

/* The unit of a record that hangs on a post; a closed post takes nothing new. In a kind's `apply`.
 */
int unit_from_post(struct tx *tx, struct change *c, struct record *rec, int post_field,
                   int unit_field, struct problems *ps, struct err *e);

/* A shift has a length, and one of 24 hours (08:00-08:00) says that it is cover. */
void shift_span(struct problems *ps, int64_t start, int64_t end, bool cover);

/* Posts in memory: the gate's fast path asks no database. */
struct post_facts {
  int32_t unit;
  int64_t op;
  bool gate, open, photo, retired;
  int64_t closed_ms;   /* where it is not open: since when */
  int64_t code_serial; /* of the poster */
};
/* Was it open then? What happened before it was closed may arrive after. */
static inline bool post_open_at(const struct post_facts *p, int64_t at_ms) {
  return p->open || at_ms < p->closed_ms;
}
bool post_facts(struct app *app, const struct uuid *post, struct post_facts *ret_facts);
extern const struct snapshot_type *const roster_snapshots[]; /* ends with NULL */

#endif
