/* How much of the processor a process got: a thread that wants to wake every 20 ms and notes by how
 * much it was late. What a machine under other load took from a measurement is told apart from what
 * the measured program did. One thread; owns nothing but its counts. */
#ifndef BENCH_HTTP_PULSE_H
#define BENCH_HTTP_PULSE_H

#include "base/str.h"

struct pulse;
/* NULL where no thread can be had: then nothing is excused. */
struct pulse *pulse_start(void);
/* The most that was taken within any three seconds, in milliseconds. */
int64_t pulse_stop(struct pulse *p);

#endif
