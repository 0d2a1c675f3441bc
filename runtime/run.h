/* What one run of a model keeps, on the stack of attune_rt_run. */
#ifndef ATTUNE_RUNTIME_RUN_H
#define ATTUNE_RUNTIME_RUN_H

#include "runtime/error.h"
#include "runtime/pool.h"
#include <stdatomic.h>

struct attune_run_context {
  const attune_call *call; /* NULL: the library's own pool */
  attune_error *error;     /* may be NULL */
  /* The first failure wins: 0 -> 1 by whoever records it. `code` is written
   * right after and read once the loops have ended. */
  _Atomic int32_t failed;
  int32_t code;
  const void *device; /* the backend's own */
};

/* 1 for the one caller that may record the run's error. */
int attune_run_claim_error(attune_run_context *run);

#endif
