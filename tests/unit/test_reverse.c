#include "domain/gate/reverse.h"
#include "harness.h"

TEST(an_address_and_a_gate_have_their_limits_for_a_minute) {
  struct uuid gate = {{1}}, other = {{2}};
  int allowed = 0;
  for (int i = 0; i < 100; i++) allowed += reverse_allowed(S("192.0.2.1"), &gate, 60000);
  CHECK_EQ_I64(allowed, REVERSE_PER_ADDRESS);
  CHECK(!reverse_allowed(S("192.0.2.1"), &other, 119999));
  CHECK(reverse_allowed(S("192.0.2.1"), &gate, 120000));
  /* many addresses at one gate */
  allowed = 0;
  for (int i = 0; i < 1000; i++) {
    char address[32];
    snprintf(address, sizeof address, "198.51.100.%d", i);
    allowed += reverse_allowed(str_from(address), &gate, 180000);
  }
  CHECK(allowed <= REVERSE_PER_GATE);
  CHECK(allowed > REVERSE_PER_GATE / 2);
}
