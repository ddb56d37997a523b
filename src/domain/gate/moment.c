#include "domain/gate/moment.h"

/* Seven days without network, and one to come home. */
#define LATE_MAX_MS (8 * MS_DAY)

int64_t gate_moment(const struct change *c, int64_t device_at_ms) {
  const int64_t at = device_at_ms + (uuid_is_nil(&c->device) ? 0 : c->clock_offset_ms);
  const bool sane = device_at_ms && at <= c->at_ms && at > c->at_ms - LATE_MAX_MS;
  return sane ? at : c->at_ms;
}
