/* Runs `layer` of machines.attn from a library, where this machine can.

   usage: machine LIBRARY: prints the result's bits, or the message, and the
   code. A program of its own, since qemu runs it on machines that are less. */
#include "../../../../runtime/include/attune/attune.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { T = 37, D = 24 };

static attune_tensor tensor(float *data, int32_t rank, int64_t *shape) {
  attune_tensor t = {data, 1, 0, rank, 2, 32, 1, shape, NULL, 0};
  return t;
}

int main(int argc, char **argv) {
  if (argc != 2)
    return 2;
  void *library = dlopen(argv[1], RTLD_NOW);
  if (!library)
    return fprintf(stderr, "%s\n", dlerror()), 2;
  int (*workspace)(const int64_t *, size_t *, attune_error *);
  int (*run)(const void *, const attune_tensor *, const attune_tensor *,
             attune_tensor *, void *, size_t, const attune_call *,
             attune_error *);
  *(void **)&workspace = dlsym(library, "layer_workspace");
  *(void **)&run = dlsym(library, "layer_run");
  if (!workspace || !run)
    return 2;

  static float x[T * D], w[D * D], y[T * D];
  unsigned state = 1;
  for (int i = 0; i < T * D + D * D; ++i) {
    state = state * 1664525u + 1013904223u;
    (i < T * D ? x : w - T * D)[i] = (float)(state >> 8) * 0x1p-23f - 1;
  }
  int64_t dims[] = {T}, rows[] = {T, D}, square[] = {D, D};
  attune_tensor in = tensor(x, 2, rows), second = tensor(w, 2, square),
                out = tensor(y, 2, rows);
  attune_error error = {0};
  size_t bytes = 0;
  int code = workspace(dims, &bytes, &error);
  void *memory = aligned_alloc(64, bytes ? bytes : 64);
  if (!code)
    code = run(NULL, &in, &second, &out, memory, bytes, NULL, &error);
  if (code) {
    printf("code %d: %s\n", code, error.message);
    return 0;
  }
  unsigned hash = 2166136261u;
  double sum = 0;
  for (int i = 0; i < T * D; ++i) {
    unsigned bits;
    memcpy(&bits, &y[i], 4);
    hash = (hash ^ bits) * 16777619u;
    sum += y[i];
  }
  printf("sum %.3f bits %08x\n", sum, hash);
  return 0;
}
