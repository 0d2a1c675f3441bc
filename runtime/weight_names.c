/* Weights by their names. */
#include "runtime/weights.h"

#include <string.h>

int32_t attune_weight_find(const attune_model_desc *m, const char *name,
                           int32_t begin) {
  while (begin < m->num_weights && strcmp(m->weights[begin].name, name) != 0)
    ++begin;
  return begin;
}

/* A name of the model that ends in `.name` or that `name` ends in. */
static const char *near_weight(const attune_model_desc *m, const char *name) {
  size_t length = strlen(name);
  for (int32_t i = 0; i < m->num_weights; ++i) {
    const char *other = m->weights[i].name;
    size_t n = strlen(other);
    const char *longer = n > length ? other : name;
    const char *shorter = n > length ? name : other;
    size_t difference = n > length ? n - length : length - n;
    if (difference > 0 && longer[difference - 1] == '.' &&
        strcmp(longer + difference, shorter) == 0)
      return other;
  }
  return NULL;
}

int attune_weight_unknown(const attune_model_desc *m, const char *name,
                          attune_error *e) {
  char text[ATTUNE_TEXT];
  const char *near = near_weight(m, name);
  if (!near && m->prepare)
    near = near_weight(m->prepare, name);
  return attune_fail(e, ATTUNE_E_WEIGHTS,
                     "model `%.40s` has no weight `%s`%s%.80s%s", m->name,
                     attune_name_text(text, name), near ? ": it has `" : "",
                     near ? near : "", near ? "`" : "");
}
