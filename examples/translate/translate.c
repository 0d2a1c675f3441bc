// Translates sentences, one a line of standard input, greedily and token by
// token.
//
// usage: translate WEIGHTS.safetensors [LOGITS.npy] < sentences
//
// It links libtranslate_models.so of translate.attn (README.md has the
// commands): the encoder runs once, the decoder step once a token. All
// sentences have the same number of words. LOGITS.npy: what the tokens were
// chosen by, f32[sentences, steps, 9].

#include "translate_models.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  layers = 2,
  heads = 8,
  channels = 16,
  vocabulary = 9,
  start = 6,
  steps = 6
};
enum { maxSentences = 64, maxWords = 32 };

static const char *const sourceWords[] = {"P",   "ich",  "mochte",
                                          "ein", "bier", "cola"};
static const char *const targetWords[vocabulary] = {
    "P", "i", "want", "a", "beer", "coke", "S", "E", "."};

static void fail(const char *what, const char *which) {
  fprintf(stderr, "translate: %s: %s\n", what, which);
  exit(1);
}

static void check(int code, const attune_error *error) {
  if (code != ATTUNE_OK)
    fail("the model says", error->message);
}

static void *allocate(size_t bytes) {
  void *memory = aligned_alloc(64, (bytes / 64 + 1) * 64);
  if (!memory)
    fail("no memory", "a smaller batch may do");
  return memory;
}

static int64_t findWord(const char *word) {
  for (int64_t id = 0; id < (int64_t)(sizeof sourceWords / sizeof *sourceWords);
       ++id)
    if (strcmp(word, sourceWords[id]) == 0)
      return id;
  fail("unknown word", word);
  return -1;
}

/// Reads sentences into rows of ids; returns how many, and their length.
static int64_t readSentences(int64_t *ids, int64_t *length) {
  char line[1024];
  int64_t count = 0, end = 0;
  for (; fgets(line, sizeof line, stdin); ++count) {
    int64_t begin = end;
    if (count == maxSentences)
      fail("too many sentences", "64 are the most");
    if (!strchr(line, '\n') && !feof(stdin))
      fail("a line is too long", "1023 bytes are the most");
    for (char *word = strtok(line, " \t\r\n"); word;
         word = strtok(NULL, " \t\r\n")) {
      if (end - begin == maxWords)
        fail("too many words", "32 are the most");
      ids[end++] = findWord(word);
    }
    if (count > 0 && end - begin != *length)
      fail("a sentence has another length than the first", "pad with P");
    *length = end - begin;
  }
  return count;
}

/// An array in rows: int64 (code 0) or float (code 2).
static attune_tensor tensor(void *data, uint8_t code, int32_t rank,
                            int64_t *shape) {
  attune_tensor t = {data, 1,     0,    rank, code, code == 0 ? 64 : 32,
                     1,    shape, NULL, 0};
  return t;
}

static void writeLogits(const char *path, const float *logits, int64_t count) {
  char text[118];
  snprintf(
      text, sizeof text,
      "{'descr': '<f4', 'fortran_order': False, 'shape': (%lld, %d, %d), }",
      (long long)count, steps, vocabulary);
  FILE *file = fopen(path, "wb");
  if (!file)
    fail("cannot write", path);
  fprintf(file, "\x93NUMPY%c%c%c%c%-117s\n", 1, 0, 118, 0, text);
  fwrite(logits, sizeof *logits, (size_t)(count * steps * vocabulary), file);
  if (fclose(file) != 0)
    fail("cannot write", path);
}

int main(int argc, char **argv) {
  if (argc != 2 && argc != 3)
    fail("usage", "translate WEIGHTS.safetensors [LOGITS.npy] < sentences");
  static int64_t ids[maxSentences * maxWords];
  int64_t S = 0, B = readSentences(ids, &S);

  attune_error error;
  encoder_weights *encoderWeights;
  step_weights *stepWeights;
  check(encoder_weights_load(argv[1], &encoderWeights, &error), &error);
  check(step_weights_load(argv[1], &stepWeights, &error), &error);

  // The longest step needs the largest workspace.
  size_t encoderBytes, stepBytes;
  check(encoder_workspace((int64_t[]){B, S}, &encoderBytes, &error), &error);
  check(step_workspace((int64_t[]){B, S, steps}, &stepBytes, &error), &error);
  size_t bytes = encoderBytes > stepBytes ? encoderBytes : stepBytes;
  void *workspace = allocate(bytes);

  // Keys and values of the source, for the cross attention of every step.
  size_t position = (size_t)layers * B * heads * channels * sizeof(float);
  int64_t sourceShape[] = {B, S},
          crossShape[] = {layers, B, heads, S, channels};
  attune_tensor source = tensor(ids, 0, 2, sourceShape);
  attune_tensor keys = tensor(allocate(position * S), 2, 5, crossShape);
  attune_tensor values = tensor(allocate(position * S), 2, 5, crossShape);
  check(encoder_run(encoderWeights, &source, &keys, &values, workspace, bytes,
                    NULL, &error),
        &error);

  // A step reads the keys and values of the tokens before and gives those of
  // all.
  void *pastKeys = allocate(position * steps),
       *allKeys = allocate(position * steps);
  void *pastValues = allocate(position * steps),
       *allValues = allocate(position * steps);
  int64_t *tokens =
      allocate(sizeof *tokens * B * (steps + 1)); // [steps + 1][B]
  int64_t *soFar =
      allocate(sizeof *soFar * B * steps); // [B][t], as a model wants it
  float *chosenBy = allocate(sizeof *chosenBy * B * vocabulary);
  float *logits = allocate(sizeof *logits * B * steps * vocabulary);
  for (int64_t b = 0; b < B; ++b)
    tokens[b] = start;

  for (int64_t t = 1; t <= steps; ++t) {
    for (int64_t b = 0; b < B; ++b)
      for (int64_t i = 0; i < t; ++i)
        soFar[b * t + i] = tokens[i * B + b];
    int64_t idsShape[] = {B, t}, nextShape[] = {B},
            logitsShape[] = {B, vocabulary};
    int64_t pastShape[] = {layers, B, heads, t - 1, channels};
    int64_t allShape[] = {layers, B, heads, t, channels};
    attune_tensor in = tensor(soFar, 0, 2, idsShape);
    attune_tensor next = tensor(tokens + t * B, 0, 1, nextShape);
    attune_tensor scores = tensor(chosenBy, 2, 2, logitsShape);
    attune_tensor oldKeys = tensor(pastKeys, 2, 5, pastShape);
    attune_tensor oldValues = tensor(pastValues, 2, 5, pastShape);
    attune_tensor newKeys = tensor(allKeys, 2, 5, allShape);
    attune_tensor newValues = tensor(allValues, 2, 5, allShape);
    check(step_run(stepWeights, &in, &oldKeys, &oldValues, &source, &keys,
                   &values, &newKeys, &newValues, &next, &scores, workspace,
                   bytes, NULL, &error),
          &error);
    pastKeys = newKeys.data, allKeys = oldKeys.data;
    pastValues = newValues.data, allValues = oldValues.data;
    for (int64_t b = 0; b < B; ++b)
      memcpy(logits + (b * steps + t - 1) * vocabulary,
             chosenBy + b * vocabulary, sizeof *logits * vocabulary);
  }

  for (int64_t b = 0; b < B; ++b)
    for (int64_t t = 1; t <= steps; ++t)
      printf("%s%c", targetWords[tokens[t * B + b]], t < steps ? ' ' : '\n');
  if (fflush(stdout) != 0)
    fail("cannot write", "the translations");
  if (argc == 3)
    writeLogits(argv[2], logits, B);

  void *memory[] = {workspace, keys.data,  values.data, pastKeys,
                    allKeys,   pastValues, allValues,   tokens,
                    soFar,     chosenBy,   logits};
  for (size_t i = 0; i < sizeof memory / sizeof *memory; ++i)
    free(memory[i]);
  encoder_weights_free(encoderWeights);
  step_weights_free(stepWeights);
  return 0;
}
