/* The contract between compiled models and the runtime, shared by both sides:
 * codegen/emit lays these structs out as LLVM constants, runtime/ reads them.
 * Not installed: users see runtime/include/attune/attune.h only. C11 and C++.
 */
#ifndef ATTUNE_RUNTIME_ABI_H
#define ATTUNE_RUNTIME_ABI_H

#include "attune/attune.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  ATTUNE_ABI_VERSION = 2,
  /* Workers a run may use at once: per-worker scratch in the workspace is laid
   * out for this many, so the workspace does not depend on the pool. */
  ATTUNE_MAX_WORKERS = 64,
  ATTUNE_MAX_RANK = 8,
  ATTUNE_SLOT_ALIGN = 64
};

/* coefficient * product of dims[factors[i]] for i < degree. */
typedef struct {
  int64_t coefficient;
  int32_t degree;
  int32_t factors[ATTUNE_MAX_RANK];
} attune_term;

/* An integer polynomial in the model's dims: the sum of its terms. */
typedef struct {
  const attune_term *terms;
  int32_t num_terms;
  const char *text; /* as the user would write it: "T - 1" */
} attune_extent;

typedef struct {
  const char *name;
  int64_t bound; /* largest legal value */
  /* Where the value is read: tensors[tensor].extents[axis] is the dim alone. */
  int32_t tensor, axis;
} attune_dim_desc;

/* An argument of run: inputs first, then outputs. Always C-contiguous. */
typedef struct {
  const char *name;
  uint8_t code, bits; /* DLPack */
  uint8_t is_output;
  int32_t rank;
  const attune_extent *extents;
} attune_tensor_desc;

/* A condition on dims that could not be proven: value >= 0. */
typedef struct {
  attune_extent value;
  const char *text; /* "T >= 1" */
} attune_condition;

typedef enum {
  ATTUNE_PACK_COPY = 0,
  /* [..., N, K] -> [...][ceil(N / width)][K][width] f32, zero padded: panels of
   * a GEMM, or of the keys of each head. */
  ATTUNE_PACK_PANELS = 1,
  /* [N] -> [ceil(N / width) * width] f32, zero padded: a bias of panels. */
  ATTUNE_PACK_PAD = 2
} attune_pack;

/* A weight by its full name in the file. f16, bf16 and f32 are accepted and
 * widened to f32. The packed copy lives at `offset` floats into the blob. */
typedef struct {
  const char *name;
  int32_t rank;
  int64_t shape[ATTUNE_MAX_RANK];
  int32_t pack;  /* attune_pack */
  int32_t width; /* panel width, for the packs that have one */
  int64_t offset;
} attune_weight_desc;

/* A workspace slot: the maximum over i of min(bytes[i], caps[i]), rounded up to
 * ATTUNE_SLOT_ALIGN. Offsets are prefix sums over the slots in order. */
typedef struct {
  const attune_extent *bytes;
  const attune_extent *caps; /* NULL: no caps */
  int32_t num_bytes;
} attune_slot_desc;

/* What a run hands to generated code for parallel loops. */
typedef struct attune_run_context attune_run_context;

/* One task of a parallel loop; worker < ATTUNE_MAX_WORKERS, and no two tasks
 * run with the same worker at once. */
typedef void (*attune_task)(void *context, int64_t task, int64_t worker);

/* Runs body(context, task, worker) for task in [0, tasks), returns when all
 * are done. Tasks are started in order (longest first is the caller's job). */
void attune_parallel_for(attune_run_context *run, int64_t tasks,
                         attune_task body, void *context);

/* Checks ids[0..count) against [0, limit); on failure records
 * ATTUNE_E_VALUE with tensor name and position in the run's error and returns
 * 0. bits is 32 or 64. Generated code leaves the model when it gets 0. */
int32_t attune_check_ids(attune_run_context *run, const char *tensor,
                         const void *ids, int32_t bits, int64_t count,
                         int64_t limit);

/* The generated body of a model. weights: the packed blob; offsets: byte
 * offset of each workspace slot; tensors: data pointers, inputs then outputs.
 * Returns ATTUNE_OK, or the code already recorded in the run's error. */
typedef int32_t (*attune_body)(const float *weights, char *workspace,
                               const int64_t *offsets, const int64_t *dims,
                               void *const *tensors, attune_run_context *run);

typedef struct attune_model_desc attune_model_desc;

/* What runs a model elsewhere than on this machine's processor: a table of
 * functions of the runtime, which only models that need it link. */
typedef struct {
  int32_t device_type; /* DLPack's number and name of it, for tensors */
  const char *device_name;
  /* A copy of the packed weights on the device, and its end. */
  int (*upload)(const float *blob, size_t bytes, void **copy, attune_error *e);
  void (*release)(void *copy);
  /* Around the body of a run; end only after a begin that succeeded. */
  int (*begin)(const attune_model_desc *m, const attune_tensor *const *tensors,
               attune_run_context *run);
  int (*end)(attune_run_context *run);
} attune_backend;

/* The device side of a library. */
typedef struct {
  const attune_backend *backend;
  const char *image;  /* PTX */
  int32_t capability; /* 80: compute capability 8.0 */
} attune_device;

extern const attune_backend attune_cuda_backend;

/* Puts a kernel of the library on the run's stream. arguments[i] points to the
 * value of parameter i. A failure is recorded in the run, and launches after it
 * do nothing. An empty grid is not a failure. */
void attune_cuda_launch(attune_run_context *run, const char *kernel,
                        int64_t grid_x, int64_t grid_y, int64_t grid_z,
                        int64_t threads, int32_t shared_bytes,
                        void **arguments);

struct attune_model_desc {
  int32_t abi_version;
  const char *name;
  const char *manifest; /* JSON */
  const char *cpu;      /* as given to --cpu, resolved */
  uint64_t features;    /* ATTUNE_CPU_* bits that the code needs */
  const attune_dim_desc *dims;
  int32_t num_dims;
  const attune_tensor_desc *tensors;
  int32_t num_inputs, num_outputs;
  const attune_condition *conditions;
  int32_t num_conditions;
  const attune_weight_desc *weights;
  int32_t num_weights;
  int64_t packed_floats; /* size of the blob */
  const attune_slot_desc *slots;
  int32_t num_slots;
  attune_body body;
  /* Computes, once the weights are set, what they alone determine: a model
   * without inputs and dims and with weights of its own, whose output i is the
   * part of this model's blob from float hoisted[i] on. NULL for most models.
   */
  const attune_model_desc *prepare;
  const int64_t *hoisted;
  const attune_device *device; /* NULL: runs on the processor */
};

enum {
  ATTUNE_CPU_SSE2 = 1 << 0,
  ATTUNE_CPU_AVX = 1 << 1,
  ATTUNE_CPU_AVX2 = 1 << 2,
  ATTUNE_CPU_FMA = 1 << 3,
  ATTUNE_CPU_F16C = 1 << 4,
  ATTUNE_CPU_BMI2 = 1 << 5,
  ATTUNE_CPU_AVX512F = 1 << 6,
  ATTUNE_CPU_AVX512BW = 1 << 7,
  ATTUNE_CPU_AVX512DQ = 1 << 8,
  ATTUNE_CPU_AVX512VL = 1 << 9,
  ATTUNE_CPU_BMI = 1 << 10,
  ATTUNE_CPU_LZCNT = 1 << 11,
  ATTUNE_CPU_POPCNT = 1 << 12
};

typedef struct attune_weights attune_weights;

/* What the generated <model>_* functions call; same contracts as in
 * docs/runtime.md. */
int attune_rt_weights_new(const attune_model_desc *m, attune_weights **out,
                          attune_error *e);
int attune_rt_weights_set(attune_weights *w, const char *name,
                          const attune_tensor *t, attune_error *e);
int attune_rt_weights_finish(attune_weights *w, attune_error *e);
int attune_rt_weights_load(const attune_model_desc *m, const char *path,
                           attune_weights **out, attune_error *e);
void attune_rt_weights_free(attune_weights *w);
int attune_rt_workspace(const attune_model_desc *m, const int64_t *dims,
                        size_t *bytes, attune_error *e);
int attune_rt_run(const attune_model_desc *m, const attune_weights *w,
                  const attune_tensor *const *tensors, void *ws,
                  size_t ws_bytes, const attune_call *call, attune_error *e);

#ifdef __cplusplus
}
#endif
#endif
