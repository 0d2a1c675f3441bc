/* What generated code calls while a model runs. */
#include "runtime/run.h"

int attune_run_claim_error(attune_run_context *run) {
  int32_t no = 0;
  return atomic_compare_exchange_strong(&run->failed, &no, 1);
}

/* A loop that the user's parallel_for runs. Its mistakes must not corrupt
 * memory: workers index scratch in the workspace. */
typedef struct {
  attune_run_context *run;
  int64_t tasks;
  attune_task body;
  void *context;
  _Atomic uint64_t active;   /* a bit for each worker with a task */
  _Atomic int64_t completed; /* tasks */
  _Atomic uint64_t seen;     /* the sum of scatter() over them */
} user_loop;

/* Spreads task numbers over 64 bits (Steele's splitmix64), so that sums tell
 * sets of tasks apart: as many runs as tasks may still be one task twice. */
static uint64_t scatter(int64_t task) {
  uint64_t z = ((uint64_t)task + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

static void fail_loop(user_loop *loop, const char *message, int64_t value,
                      int64_t limit) {
  attune_run_context *run = loop->run;
  if (attune_run_claim_error(run))
    run->code = attune_fail(run->error, ATTUNE_E_ABI, message, (long long)value,
                            (long long)limit);
}

static void run_user_task(void *context, int64_t task, int64_t worker) {
  user_loop *loop = context;
  if (worker < 0 || worker >= ATTUNE_MAX_WORKERS) {
    fail_loop(loop,
              "attune_call.parallel_for gave worker %lld: expected 0 <= worker "
              "< %lld",
              worker, ATTUNE_MAX_WORKERS);
    return;
  }
  if (task < 0 || task >= loop->tasks) {
    fail_loop(loop,
              "attune_call.parallel_for gave task %lld: expected 0 <= task < "
              "%lld",
              task, loop->tasks);
    return;
  }
  uint64_t bit = (uint64_t)1 << worker;
  if (atomic_fetch_or(&loop->active, bit) & bit) {
    fail_loop(loop,
              "attune_call.parallel_for runs two tasks as worker %lld at once "
              "(task %lld)",
              worker, task);
    return;
  }
  loop->body(loop->context, task, worker);
  atomic_fetch_and(&loop->active, ~bit);
  atomic_fetch_add(&loop->seen, scatter(task));
  atomic_fetch_add(&loop->completed, 1);
}

void attune_parallel_for(attune_run_context *run, int64_t tasks,
                         attune_task body, void *context) {
  if (tasks <= 0)
    return;
  if (!run || !run->call || !run->call->parallel_for) {
    attune_pool_for(tasks, body, context);
    return;
  }
  /* After a mistake of the callback there is no result to save. */
  if (atomic_load(&run->failed))
    return;
  user_loop loop = {
      .run = run, .tasks = tasks, .body = body, .context = context};
  run->call->parallel_for(run->call->user, tasks, run_user_task, &loop);
  int64_t completed = atomic_load(&loop.completed);
  if (completed != tasks)
    fail_loop(&loop,
              "attune_call.parallel_for returned after %lld of %lld tasks: it "
              "must run each task once",
              completed, tasks);
  uint64_t each = 0;
  for (int64_t task = 0; task < tasks; ++task)
    each += scatter(task);
  if (atomic_load(&loop.seen) != each)
    fail_loop(&loop,
              "attune_call.parallel_for ran %lld of %lld tasks, some of them "
              "twice: it must run each task once",
              completed, tasks);
}

/* The position of the first id outside [0, limit), or count. */
static int64_t find_bad_id(const void *ids, int32_t bits, int64_t count,
                           int64_t limit) {
  enum { BLOCK = 256 }; /* without branches, so that the check is vectors */
  for (int64_t begin = 0; begin < count; begin += BLOCK) {
    int64_t end = count - begin < BLOCK ? count : begin + BLOCK;
    int bad = 0;
    if (bits == 32)
      for (int64_t i = begin; i < end; ++i)
        bad |=
            ((const int32_t *)ids)[i] < 0 || ((const int32_t *)ids)[i] >= limit;
    else
      for (int64_t i = begin; i < end; ++i)
        bad |=
            ((const int64_t *)ids)[i] < 0 || ((const int64_t *)ids)[i] >= limit;
    if (!bad)
      continue;
    for (int64_t i = begin; i < end; ++i) {
      int64_t id =
          bits == 32 ? ((const int32_t *)ids)[i] : ((const int64_t *)ids)[i];
      if (id < 0 || id >= limit)
        return i;
    }
  }
  return count;
}

int32_t attune_check_ids(attune_run_context *run, const char *tensor,
                         const void *ids, int32_t bits, int64_t count,
                         int64_t limit) {
  int64_t at = find_bad_id(ids, bits, count, limit);
  if (at == count)
    return 1;
  if (attune_run_claim_error(run)) {
    char text[ATTUNE_TEXT];
    long long id =
        bits == 32 ? ((const int32_t *)ids)[at] : ((const int64_t *)ids)[at];
    run->code = attune_fail(run->error, ATTUNE_E_VALUE,
                            "`%s` holds %lld at position %lld: expected 0 <= "
                            "id < %lld",
                            attune_name_text(text, tensor), id, (long long)at,
                            (long long)limit);
  }
  return 0;
}
