/* Quarantine: what came from a device or an author that had been revoked, or could not be opened,
 * is kept for a person instead of being lost. Released, it is carried out in the name of whoever
 * releases it; discarded, it stays as it is. The content is sealed under the operation's key. */
#ifndef SYNC_QUARANTINE_H
#define SYNC_QUARANTINE_H

#include "core/app.h"

enum {
  HELD_UNIT,
  HELD_DEVICE,
  HELD_ACCOUNT,
  HELD_REASON,
  HELD_WHAT,
  HELD_CONTENT,
  HELD_SEQ,
  HELD_WRITTEN_AT,
  HELD_CLOCK_OFFSET,
  HELD_NOTE,
  HELD_RESULT,
  HELD_FIELDS_
};
extern const struct kind quarantine_kind;
extern const struct alarm_type alarm_quarantine;

#endif
