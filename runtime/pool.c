/* A persistent pool. Tasks are handed out by one counter, in order, so results
 * never depend on who runs them. Idle workers spin for SPIN_NS, then sleep on
 * a futex.
 *
 * How a loop opens and closes. `state` is odd while a loop is open. A worker
 * that sees an open loop adds itself to `inside`, then looks again: it reads
 * the loop only if it is still open. The caller closes the loop before it waits
 * for `inside` to become 0. With sequential consistency either the worker sees
 * the loop closed or the caller sees the worker; so a worker that wakes up late
 * costs the caller nothing and never reads a later loop's fields half-way.
 *
 * Compiled models are linked with -z nodelete: unloading code that sleeping
 * threads will return to would crash. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "runtime/pool.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SPIN_NS = 50000, STACK_BYTES = 2 << 20 };

static struct {
  _Alignas(64) _Atomic int64_t next; /* the next task */
  _Alignas(64) _Atomic uint32_t state;
  _Atomic int32_t sleepers;
  _Alignas(64) _Atomic uint32_t inside; /* workers in the open loop */
  _Atomic int32_t waiting;              /* the caller sleeps on `inside` */
  _Alignas(64) _Atomic int32_t busy;    /* a caller owns what follows */
  /* The loop: written while closed. */
  int64_t tasks;
  attune_task body;
  void *context;
  int32_t limit;   /* workers that take part, the caller included */
  int32_t started; /* workers that exist, the caller included; 0: no pool */
  int32_t wanted;  /* by set_threads; 0: the environment's */
  pid_t owner;     /* the process that the threads belong to */
} pool;

static void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void futex_wait(_Atomic uint32_t *at, uint32_t value) {
  syscall(SYS_futex, at, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void futex_wake(_Atomic uint32_t *at, int count) {
  syscall(SYS_futex, at, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

/* Runs tasks until none is left. */
static void work(int64_t worker) {
  for (;;) {
    int64_t task =
        atomic_fetch_add_explicit(&pool.next, 1, memory_order_relaxed);
    if (task >= pool.tasks)
      return;
    pool.body(pool.context, task, worker);
  }
}

/* Waits until a loop other than `last` is open and returns its state. */
static uint32_t wait_for_loop(uint32_t last) {
  int64_t deadline = 0;
  for (unsigned spins = 1;; ++spins) {
    uint32_t state = atomic_load_explicit(&pool.state, memory_order_acquire);
    if ((state & 1) && state != last)
      return state;
    pause_briefly();
    if (spins % 32 != 0)
      continue;
    int64_t time = now();
    if (deadline == 0) {
      deadline = time + SPIN_NS;
    } else if (time >= deadline) {
      atomic_fetch_add(&pool.sleepers, 1);
      futex_wait(&pool.state, state);
      atomic_fetch_sub(&pool.sleepers, 1);
      deadline = 0;
    }
  }
}

static void *worker_main(void *argument) {
  int64_t worker = (int64_t)(intptr_t)argument;
  uint32_t last = 0;
  for (;;) {
    last = wait_for_loop(last);
    atomic_fetch_add(&pool.inside, 1);
    if (atomic_load(&pool.state) == last && worker < pool.limit)
      work(worker);
    if (atomic_fetch_sub(&pool.inside, 1) == 1 && atomic_load(&pool.waiting))
      futex_wake(&pool.inside, 1);
  }
  return NULL;
}

/* Waits until every worker has left the closed loop. */
static void wait_for_workers(void) {
  int64_t deadline = 0;
  uint32_t inside;
  for (unsigned spins = 1; (inside = atomic_load(&pool.inside)) != 0; ++spins) {
    pause_briefly();
    if (spins % 32 != 0)
      continue;
    int64_t time = now();
    if (deadline == 0) {
      deadline = time + SPIN_NS;
    } else if (time >= deadline) {
      atomic_store(&pool.waiting, 1);
      futex_wait(&pool.inside, inside);
      atomic_store(&pool.waiting, 0);
    }
  }
}

int32_t attune_pool_default_threads(void) {
  const char *text = getenv("ATTUNE_NUM_THREADS");
  if (text && *text) {
    char *end;
    long value = strtol(text, &end, 10);
    if (*end == 0 && value >= 1 && value <= ATTUNE_MAX_WORKERS)
      return (int32_t)value;
  }
  cpu_set_t mask;
  /* Fails with more than 1024 processors: more than enough then. */
  int count = sched_getaffinity(0, sizeof(mask), &mask) == 0
                  ? CPU_COUNT(&mask)
                  : ATTUNE_MAX_WORKERS;
  return count < 1                    ? 1
         : count > ATTUNE_MAX_WORKERS ? ATTUNE_MAX_WORKERS
                                      : count;
}

/* Starts threads up to `threads`; as many as the system gives. */
static void start_threads(int32_t threads) {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0)
    return;
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  /* The program's signal handlers must not run on our threads. */
  sigset_t all, old;
  sigfillset(&all);
  int masked = pthread_sigmask(SIG_SETMASK, &all, &old) == 0;
  while (pool.started < threads) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, worker_main,
                       (void *)(intptr_t)pool.started) != 0)
      break;
    ++pool.started;
  }
  if (masked)
    pthread_sigmask(SIG_SETMASK, &old, NULL);
  pthread_attr_destroy(&attributes);
}

/* Called by the owner of `busy`. */
static void prepare(void) {
  if (pool.started == 0) {
    pool.started = 1;
    pool.owner = getpid();
  }
  if (pool.limit == 0 && pool.owner == getpid()) {
    int32_t threads = pool.wanted ? pool.wanted : attune_pool_default_threads();
    start_threads(threads);
    pool.limit = threads < pool.started ? threads : pool.started;
  }
}

static int claim(void) {
  int32_t free = 0;
  return atomic_load_explicit(&pool.busy, memory_order_relaxed) == 0 &&
         atomic_compare_exchange_strong(&pool.busy, &free, 1);
}

static void claim_waiting(void) {
  while (!claim())
    sched_yield();
}

static void release(void) { atomic_store(&pool.busy, 0); }

static void run_inline(int64_t tasks, attune_task body, void *context) {
  for (int64_t task = 0; task < tasks; ++task)
    body(context, task, 0);
}

void attune_pool_for(int64_t tasks, attune_task body, void *context) {
  /* A forked child has no pool threads, and `busy` may be left behind. */
  if (tasks <= 1 || !claim()) {
    run_inline(tasks, body, context);
    return;
  }
  prepare();
  if (pool.limit == 1 || pool.owner != getpid()) {
    release();
    run_inline(tasks, body, context);
    return;
  }
  pool.tasks = tasks;
  pool.body = body;
  pool.context = context;
  atomic_store_explicit(&pool.next, 0, memory_order_relaxed);
  atomic_fetch_add(&pool.state, 1); /* open */
  int32_t sleepers = atomic_load(&pool.sleepers);
  if (sleepers > 0) {
    /* With workers beyond the limit, the right ones cannot be picked. */
    int64_t useful = pool.limit < pool.started ? INT_MAX : tasks - 1;
    futex_wake(&pool.state, useful < INT_MAX ? (int)useful : INT_MAX);
  }
  work(0);
  atomic_fetch_add(&pool.state, 1); /* closed */
  wait_for_workers();
  release();
}

int32_t attune_pool_threads(void) {
  claim_waiting();
  prepare();
  int32_t threads = pool.owner == getpid() ? pool.limit : 1;
  release();
  return threads;
}

void attune_pool_set_threads(int32_t threads) {
  claim_waiting();
  pool.wanted = threads < 0                    ? 0
                : threads > ATTUNE_MAX_WORKERS ? ATTUNE_MAX_WORKERS
                                               : threads;
  pool.limit = 0;
  release();
}
