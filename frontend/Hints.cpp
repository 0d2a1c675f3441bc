//===- Hints.cpp - What users of PyTorch mean -----------------------------===//

#include "frontend/Hints.h"

#include "llvm/ADT/ArrayRef.h"

using namespace llvm;

namespace {
struct Hint {
  StringRef word, help;
};
} // namespace

static StringRef helpFor(ArrayRef<Hint> hints, StringRef word) {
  for (const Hint &hint : hints)
    if (hint.word == word)
      return hint.help;
  return "";
}

StringRef attune::frontend::hintForFunction(StringRef name) {
  static constexpr Hint hints[] = {
      {"view", "write `reshape(x, [..])`"},
      {"flatten", "write `reshape(x, [..])`"},
      {"squeeze", "write `reshape(x, [..])`, or index the axis: `x[0]`"},
      {"unsqueeze", "write `reshape(x, [..])` with a size 1"},
      {"expand", "sizes of 1 stretch by themselves; `repeat` and `tile` copy"},
      {"permute", "write `transpose(x, [0, 2, 1])`"},
      {"movedim", "write `transpose(x, [0, 2, 1])`"},
      {"matmul", "write `a @ b`"},
      {"mm", "write `a @ b`"},
      {"bmm", "write `a @ b`"},
      {"einsum", "write `a @ b`, with `transpose` and `reshape`"},
      {"add", "write `a + b`"},
      {"mul", "write `a * b`"},
      {"div", "write `a / b`"},
      {"pow", "write `x * x`, or `exp(p * log(x))`"},
      {"square", "write `x * x`"},
      {"neg", "write `-x`"},
      {"cat", "write `concat([a, b], axis = 0)`"},
      {"stack", "write `concat` of arrays with an axis more: `reshape`"},
      {"chunk", "write `split(x, n, axis = -1)`: n equal parts"},
      {"size", "name the size as a dim: `dim T <= 128`"},
      {"len", "name the size as a dim: `dim T <= 128`"},
      {"float", "write `cast(x, f32)`"},
      {"long", "write `cast(x, i64)`"},
      {"masked_fill",
       "write `where(c, value, x)`; scores take `mask = { .. }`"},
      {"triu", "write `mask = causal`, or a condition: `{ k <= q }`"},
      {"tril", "write `mask = causal`, or a condition: `{ k <= q }`"},
      {"index_select", "write `gather(table, ids)`"},
      {"Linear", "write `linear(x, out) at \"name\"`"},
      {"LayerNorm", "write `layer_norm(x) at \"name\"`"},
      {"RMSNorm", "write `rms_norm(x) at \"name\"`"},
      {"Embedding", "write `embedding(ids, vocab, dim) at \"name\"`"},
      {"Dropout", "write `dropout(x, p)`"},
      {"ReLU", "write `relu(x)`"},
      {"GELU", "write `gelu(x)`"},
      {"swish", "write `silu(x)`"},
      {"MultiheadAttention",
       "write `mha(x, mem, heads) at \"name\"` of `import \"std/torch\"`"},
      {"multi_head_attention_forward",
       "write `mha(x, mem, heads) at \"name\"` of `import \"std/torch\"`"},
      {"scaled_dot_product_attention", "write `attention(q, k, v)`"},
      {"mha", "write `import \"std/torch\"`"},
      {"encoder_layer", "write `import \"std/torch\"`"},
      {"decoder_layer", "write `import \"std/torch\"`"},
      {"log_softmax", "of z = x - max(x, axis), write `z - log(sum(exp(z), "
                      "axis))`, axes reshaped"},
      {"range", "write `for i in 0..n`"},
      {"print", "give it an output: `output y = x`"},
  };
  return helpFor(hints, name);
}

StringRef attune::frontend::hintForArgument(StringRef function,
                                            StringRef name) {
  if (function == "embedding" && name == "num_embeddings")
    return "write `vocab`";
  if (function == "embedding" && name == "embedding_dim")
    return "write `dim`";
  static constexpr Hint hints[] = {
      {"dim", "write `axis`"},
      {"keepdim", "the axis goes; `reshape` gives it back with size 1"},
      {"attn_mask", "write `mask`: true = attend"},
      {"key_padding_mask", "write `mask = { !padding[b, k] }`: true = attend"},
      {"is_causal", "write `mask = causal`"},
      {"dropout_p", "write `dropout`"},
      {"need_weights", "write `probs = true`"},
      {"enable_gqa", "heads of k and v divide those of q: nothing to say"},
      {"num_heads", "write `heads`"},
      {"nhead", "write `heads`"},
      {"dim_feedforward", "write `hidden`"},
      {"norm_first",
       "write `encoder_layer_prenorm` or `decoder_layer_prenorm`"},
      {"activation", "write `encoder_layer_gelu` or `decoder_layer_gelu`"},
      {"embed_dim", "sizes of inputs are those of their types"},
      {"in", "the last size of the input says so"},
      {"in_features", "the last size of the input says so"},
      {"normalized_shape", "the last size of the input says so"},
      {"elementwise_affine", "write `affine`"},
      {"out_features", "write `out`"},
      {"approximate", "write `approx = tanh`"},
      {"inplace", "nothing is changed in place"},
  };
  return helpFor(hints, name);
}

StringRef attune::frontend::hintForName(StringRef name) {
  static constexpr Hint hints[] = {
      {"None", "leave the argument out"},
      {"True", "write `true`"},
      {"False", "write `false`"},
      {"self", "weights have names: `linear(x, out) at \"name\"`"},
      {"inf", "masks say which keys count: `mask = { .. }`"},
      {"pi", "write the number: `3.141592653589793`"},
  };
  return helpFor(hints, name);
}

StringRef attune::frontend::hintForType(StringRef name) {
  static constexpr Hint hints[] = {
      {"float", "write `f32`"},     {"float32", "write `f32`"},
      {"Tensor", "write `f32`"},    {"tensor", "write `f32`"},
      {"double", "write `f64`"},    {"float64", "write `f64`"},
      {"half", "write `f16`"},      {"float16", "write `f16`"},
      {"bfloat16", "write `bf16`"}, {"int", "write `i32`"},
      {"int32", "write `i32`"},     {"long", "write `i64`"},
      {"int64", "write `i64`"},     {"byte", "write `u8`"},
      {"uint8", "write `u8`"},      {"boolean", "write `bool`"},
  };
  return helpFor(hints, name);
}

StringRef attune::frontend::hintForToken(StringRef text) {
  static constexpr Hint hints[] = {
      {"and", "write `&`"},
      {"or", "write `|`"},
      {"not", "write `!`"},
      {"if", "write `where(c, a, b)`; a model has no branches"},
      {"else", "write `where(c, a, b)`; a model has no branches"},
      {"while", "write `for i in 0..n`"},
      {"def", "write `block name(x: f32[..]) -> f32[..] { return .. }`"},
      {"class", "write `model name { .. }`"},
      {"lambda", "masks and scores take an expression: `{ k <= q }`"},
      {"*", "write `x * x`: there is no `**`"},
      {"return", "a model has outputs: `output y = x`"},
  };
  return helpFor(hints, text);
}

StringRef attune::frontend::hintForCharacter(char c) {
  switch (c) {
  case '.':
    return "there are no methods and no modules: write `f(x, ..)`";
  case '\'':
    return "strings have double quotes: \"name\"";
  case ';':
    return "statements end by themselves";
  case '#':
    return "comments start with `//`";
  case '?':
    return "write `where(c, a, b)`";
  case '^':
    return "write `x * x`";
  default:
    return "";
  }
}
