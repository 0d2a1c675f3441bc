/* What this machine's processor and operating system can do. */
#ifndef ATTUNE_RUNTIME_CPU_H
#define ATTUNE_RUNTIME_CPU_H

#include "runtime/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The ATTUNE_CPU_* bits of this machine: an extension counts only if the
 * operating system saves its registers. */
uint64_t attune_cpu_features(void);

/* ATTUNE_E_DEVICE, with the names of what is missing, unless this machine has
 * all features that the model's code needs. */
int attune_cpu_check(const attune_model_desc *m, attune_error *e);

/* The same for a machine with these features. */
int attune_cpu_check_on(const attune_model_desc *m, uint64_t features,
                        attune_error *e);

#ifdef __cplusplus
}
#endif
#endif
