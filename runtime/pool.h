/* The library's thread pool: one, started by the first parallel loop. */
#ifndef ATTUNE_RUNTIME_POOL_H
#define ATTUNE_RUNTIME_POOL_H

#include "runtime/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs body(context, task, worker) for all tasks, on the pool if it is free,
 * else on the calling thread with worker 0. */
void attune_pool_for(int64_t tasks, attune_task body, void *context);

/* How many threads, the caller's included, a loop may use: set_threads, else
 * ATTUNE_NUM_THREADS, else the processors that this process may run on. */
int32_t attune_pool_threads(void);

/* For tests and benchmarks: use `threads` (1 to ATTUNE_MAX_WORKERS) from the
 * next loop on; 0 goes back to the environment. Waits for a running loop. */
void attune_pool_set_threads(int32_t threads);

/* How many threads the environment asks for: the value of ATTUNE_NUM_THREADS
 * when it is an integer from 1 to ATTUNE_MAX_WORKERS, else the number of
 * processors in the affinity mask, at most ATTUNE_MAX_WORKERS. */
int32_t attune_pool_default_threads(void);

#ifdef __cplusplus
}
#endif
#endif
