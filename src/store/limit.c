#include "base/timeutil.h"
#include "store/store_impl.h"

bool read_limit_ended(struct read_limit *l) {
  if (!l) return false;
  const int64_t now = monotonic_ms();
  if (l->until_ms && now >= l->until_ms) return true;
  if (!l->left || now - l->asked_ms < STORE_LEFT_MS) return false;
  l->asked_ms = now;
  if (!l->left(l->arg)) return false;
  l->until_ms = now; /* for good: what is asked next finds it ended */
  return true;
}
