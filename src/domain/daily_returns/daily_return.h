/* The daily return (企业日报): a return is due because a row says so, one for each enterprise,
 * template and day, made in state `missing` when the day begins and moved on by what is submitted;
 * so due = submitted + missing holds by itself. A duty (duties/duties.h). Static tables; hooks run
 * inside the transaction of their change. */
#ifndef DOMAIN_DAILY_RETURNS_DAILY_RETURN_H
#define DOMAIN_DAILY_RETURNS_DAILY_RETURN_H

#include "domain/enterprises/enterprise.h"
#include "duties/duties.h"

enum {
  RETURN_ENTERPRISE,
  RETURN_UNIT,
  RETURN_TEMPLATE,
  RETURN_CODE,
  RETURN_DAY,
  RETURN_NAME,
  RETURN_VERSION,
  RETURN_CHANNEL,
  RETURN_TAKER,
  RETURN_VALUES,
  RETURN_NIL,
  RETURN_NO_CHANGE,
  RETURN_LATE,
  RETURN_RECEIPT,
  RETURN_SUBMITTED_AT,
  RETURN_REMINDER,
  RETURN_PREVENTION,
  RETURN_PREVENTION_NOTE,
  RETURN_TOTAL,
  RETURN_HUBEI,
  RETURN_AWAY,
  RETURN_RETURNED_TODAY,
  RETURN_PRESENT,
  RETURN_BUILDING,
  RETURN_CALLER,
  RETURN_REASON,
  RETURN_FIELDS_
};
extern const struct kind daily_return_kind;
extern const struct choice return_channels[], return_preventions[];
extern const struct indicator ind_daily_due, ind_daily_submitted, ind_daily_missing, ind_daily_nil,
    ind_daily_late, ind_daily_phone, ind_daily_qq, ind_daily_wechat, ind_daily_mail, ind_daily_link;
extern const struct indicator ind_staff_total, ind_staff_hubei, ind_staff_away, ind_staff_returned,
    ind_staff_present;
extern const struct duty returns_duty; /* remind.c */

#endif
