/* What a fuzzer includes: the prototype of its one entry. It is called once per input, on one
 * thread, must free all that it takes and return 0; a crash, a leak or a failed assert is the
 * finding. */
#ifndef SHOUWANG_TESTS_FUZZ_FUZZ_H
#define SHOUWANG_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#endif
