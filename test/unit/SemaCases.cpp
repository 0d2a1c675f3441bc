//===- SemaCases.cpp - Specs that must be refused -------------------------===//

#include "SemaCases.h"

using namespace attune::frontend;

/// A model with x: f32[B, T, 8] (and what else `inputs` declares) and `body`.
static std::string model(const std::string &body,
                         const std::string &inputs = "",
                         const std::string &declarations = "") {
  return "dim B <= 64, T <= 128\n" + declarations +
         "\nmodel m {\n  input x: f32[B, T, 8]" +
         (inputs.empty() ? "" : ", " + inputs) + "\n  " + body + "\n}\n";
}

/// `output y = attention(x, x, x, mask = ...)`.
static std::string masked(const std::string &mask,
                          const std::string &inputs = "",
                          const std::string &declarations = "") {
  return model("output y = attention(x, x, x, mask = " + mask + ")", inputs,
               declarations);
}

static std::vector<SemaCase> names() {
  return {
      {Diag::unknown_name, model("let abc = relu(x) output y = abc + «abd»"),
       "did you mean `abc`?"},
      {Diag::unknown_name, model("output y: f32[«BB», T, 8] = relu(x)"), "BB"},
      {Diag::unknown_name, masked("«casual»"), "did you mean `causal`?"},
      {Diag::unknown_name, masked("{ «n» < k }"), "n"},
      {Diag::unknown_function, model("output y = «reluu»(x)"),
       "did you mean `relu`?"},
      {Diag::unknown_argument, model("output y = linear(x, 4, «bia» = false)"),
       "did you mean `bias`?"},
      {Diag::unknown_argument,
       model("output y = f(«z» = x)", "",
             "block f(xx: f32[B, T, 8]) -> f32[B, T, 8] { return xx }"),
       "z"},
      {Diag::argument_twice, model("output y = linear(x, 4, out = «5»)"),
       "out"},
      {Diag::positional_after_named, model("output y = linear(x = x, «4»)"),
       ""},
      {Diag::too_many_arguments, model("output y = relu(x, «x»)"), "relu"},
      {Diag::missing_argument, model("output y = «linear(x)»"), "out"},
      {Diag::redefinition, model("output y = relu(x)", "", "const «T» = 1"),
       "already"},
      {Diag::rebinding, model("let «x» = relu(x) output y = x"), "`x`"},
      {Diag::rebinding, model("let a = relu(x) let «a» = tanh(a) output y = a"),
       "`a`"},
      {Diag::declaration_cycle, "const P = Q, Q = «P»\n", "`P`"},
      {Diag::recursion,
       model("output y = f(x)", "",
             "block f(z: f32[B, T, 8]) -> f32[B, T, 8] { return «f»(z) }"),
       "`f`"},
      {Diag::unknown_type,
       "dim B model m { input x: «f31»[B] output y = x + 1.0 }", "f31"},
      {Diag::input_default,
       "dim B model m { input x: f32[B] = «1.0» output y = relu(x) }", "`x`"},
      {Diag::interface_name_clash, model("output «x» = relu(x)"), "`x`"},
      {Diag::no_output, "dim B model «m» { input x: f32[B] }", "`m`"},
      {Diag::reserved_model_name,
       "dim B model «int» { input x: f32[B] output y = relu(x) }", "`int`"},
      {Diag::dim_not_found,
       "dim «B» model m { input x: f32[B + 1] output y = relu(x) }", "`B`"},
      {Diag::unknown_option, model("option «fast» = f32 output y = relu(x)"),
       "fast"},
      {Diag::unused_name, model("let «u» = relu(x) output y = tanh(x)"), "`u`"},
      {Diag::result_count, model("let a, b = «relu(x)» output y = a + b"), ""},
  };
}

static std::vector<SemaCase> loops() {
  return {
      {Diag::loop_bound,
       model("let h = relu(x) for i in 0..«T» { h = relu(h) } output y = h"),
       "T"},
      {Diag::loop_range,
       model("let h = relu(x) for i in «0»..1000000 { h = relu(h) } "
             "output y = h"),
       "1000000"},
      {Diag::assign_unbound,
       model("for i in 0..2 { «z» = relu(x) } output y = relu(x)"), "let z"},
      {Diag::assign_not_carried,
       model("for i in 0..2 { «x» = relu(x) } output y = relu(x)"), "`x`"},
      {Diag::carried_type,
       model("let h = relu(x) for i in 0..2 { h = «linear(h, 4)» } "
             "output y = h"),
       "f32[B, T, 4]"},
      {Diag::step_in_shape,
       model("let h = relu(x) for i in 0..2 { h = reshape(h, [B, T, «i»]) } "
             "output y = h"),
       "`i`"},
      {Diag::unknown_step, model("output y = «linear»(x, 4) at \"a.{j}\""),
       "j"},
      {Diag::only_in_model,
       model("output y = f(x)", "",
             "block f(z: f32[B, T, 8]) -> f32[B, T, 8] {\n"
             "  for i in 0..2 { «output y = relu(z)» }\n  return z }"),
       "output"},
      {Diag::output_type,
       model("for i in 0..2 { output y: f32[B, T, 8] = «relu(x)» }"),
       "f32[2, B, T, 8]"},
  };
}

static std::vector<SemaCase> constants() {
  return {
      {Diag::constant_overflow, "const K = «9223372036854775807 + 1»\n", ""},
      {Diag::constant_overflow, "const K = «-9223372036854775807 - 2»\n", ""},
      {Diag::division_by_zero, "const K = 1 «/» 0\n", ""},
      {Diag::division_by_zero, "const K = 1 «%» 0\n", ""},
      {Diag::division_by_zero, "const K = 1.0 «/» 0.0\n", ""},
      {Diag::bad_bound,
       "dim B <= «0 - 1» model m { input x: f32[B] output y = relu(x) }", "-1"},
      {Diag::not_constant, model("output y = linear(x, «T»)"), "T"},
      {Diag::size_overflow, model("output y = u + «2 * T»", "u: u8[B]"), "u8"},
      {Diag::not_supported,
       model("let h = z[0] for i in 0..2 { h = h + z[«i»] } output y = h",
             "z: i64[2, 4]"),
       "i64"},
      {Diag::slice_out_of_range,
       model("let h = z[0] for i in 0..3 { h = h + z[«i»] } output y = h",
             "z: f32[2, 4]"),
       "0:3"},
      {Diag::expected_size, model("output y = linear(x, «0.5»)"), ""},
      {Diag::expected_bool, model("output y = linear(x, 4, bias = «1»)"),
       "bias"},
      {Diag::expected_word, model("output y = gelu(x, approx = «fast»)"),
       "`none`"},
      {Diag::bad_axis,
       model("let a, b = split(x, 2, axis = «5») "
             "output y = a + b"),
       "5"},
  };
}

static std::vector<SemaCase> shapes() {
  std::string block =
      "block f[N](z: f32[B, N, N]) -> f32[B, N, N] { return z }";
  return {
      {Diag::shape_mismatch,
       model("output y = x «+» z", "z: f32[B, S, 8]", "dim S <= 64"),
       "f32[B, S, 8]"},
      {Diag::element_mismatch,
       model("output y = c «+» i", "c: bool[B], i: i64[B]"), "bool"},
      {Diag::bad_operand, model("output y = «!»x"), "!"},
      {Diag::bad_operand, model("output y = x «&» x"), "&"},
      {Diag::matmul_mismatch, model("output y = x «@» x"), "f32[B, T, 8]"},
      {Diag::expected_tensor, model("output y = relu(«causal»)"), "a mask"},
      {Diag::expected_f32, model("output y = relu(«i»)", "i: i64[B]"),
       "cast(x, f32)"},
      {Diag::list_misplaced, model("output y = relu(«[x]»)"), ""},
      {Diag::index_only, model("output y = relu(x «in» 0..3)"), "in"},
      {Diag::too_many_indices, model("output y = «x[0, 0, 0, 0]»"), ""},
      {Diag::negative_index, model("output y = x[0:B, 0:T, «0 - 1:4»]"), "-1"},
      {Diag::slice_out_of_range, model("param w: f32[16] output y = w[«0:T»]"),
       "dim T <= 16"},
      {Diag::slice_out_of_range, model("output y = x[0:B, 0:T, «0:9»]"), "8"},
      {Diag::inexact_division, model("output y = reshape(x, [B, «T / 2», 16])"),
       "T"},
      {Diag::negative_size, model("output y = relu(z)", "z: «f32[3 - 5]»"),
       "-2"},
      {Diag::rank_too_large,
       model("output y = relu(z)", "z: «f32[1, 1, 1, 1, 1, 1, 1, 1, 1]»"), "8"},
      {Diag::shape_too_large,
       model("output y = relu(z)", "z: «f32[16777216, 16777216]»"), ""},
      {Diag::condition_never_holds,
       model("output y = relu(z)", "z: «f32[0 - 1 - T]»"), ""},
      {Diag::dynamic_param, model("param w: f32[«T», 8] output y = x @ w"),
       "`w`"},
      {Diag::output_type, model("output y: f32[B, T] = «relu(x)»"),
       "f32[B, T, 8]"},
      {Diag::unbound_block_dim,
       model("output y = f(x)", "",
             "block f[N](z: f32[B, T, 8]) -> f32[B, T, 8] {\n"
             "  return reshape(z, [«N»]) }"),
       "`N`"},
      {Diag::argument_type, model("output y = f(«x»)", "", block),
       "f32[B, N = T, N = T]"},
      {Diag::argument_type,
       model("output y = f(«0.5»)", "",
             "block f(n: int) -> f32[] { return 1.0 * n }"),
       "an integer"},
      {Diag::argument_type,
       model("output y = f(«z»)", "z: bool[B, T]",
             "block f(m: mask) -> f32[1] { return ones([1]) }"),
       "`{ !z[b, k] }` where true means masked"},
      {Diag::bad_layer_input, model("output y = «linear»(transpose(x), 4)"),
       "f32[B, 8, T]"},
      {Diag::expected_ids, model("output y = embedding(«x», 4, 4)"), "f32"},
      {Diag::at_without_weights, model("output y = relu(x) at «\"a\"»"),
       "relu"},
      {Diag::weight_shape_clash,
       model("let a = linear(x, 4) at \"a\"\n"
             "  output y = a output z = «linear»(x, 5) at \"a\""),
       "a.weight"},
      {Diag::bad_operand, model("output y = clamp(«z», 0, 1)", "z: bool[B]"),
       "clamp"},
      {Diag::bad_operand, model("output y = dot(x, x) «+» x"), "scores(a)"},
      {Diag::missing_argument, model("output y = «softmax(x)»"), "axis"},
      {Diag::bad_axis, model("output y = sum(x, axis = «3»)"), "3"},
      {Diag::expected_f32, model("output y = max(«z», axis = 0)", "z: bool[B]"),
       "bool[B]"},
      {Diag::condition_never_holds,
       model("output y = «max»(zeros([0, 2]), axis = 0)"), "0 - 1 >= 0"},
      {Diag::odd_pairs, model("output y = x + sinusoid(T, «7»)"), "7"},
      {Diag::odd_pairs, model("output y = rope(x, «3»)"), "3"},
      {Diag::number_range, model("output y = rope(x, «10»)"), "`dims`"},
      {Diag::number_range, model("output y = rope(x, 8, base = «0»)"),
       "positive"},
      {Diag::number_range, model("output y = rms_norm(x, eps = «-1.0»)"),
       "`eps`"},
      {Diag::number_range, model("output y = dropout(x, «1.5»)"), "`p`"},
      {Diag::expected_condition_tensor, model("output y = where(«x», x, x)"),
       "f32[B, T, 8]"},
      {Diag::element_mismatch,
       model("output y = «where»(z, z, x)", "z: bool[T, 1]"), "bool"},
      {Diag::shape_mismatch,
       model("output y = «where»(z, x, 0.0)", "z: bool[T]"), "f32"},
      {Diag::shape_mismatch, model("output y = «where»(true, x, x[0])"),
       "a flag picks one of two values of one type"},
      {Diag::expected_list, model("output y = zeros(«T»)"), ""},
      {Diag::negative_size, model("output y = repeat(x, «-1», axis = 0)"),
       "-1"},
      {Diag::not_supported, model("output y = relu(z)", "z: «f16»[B]"), "f16"},
  };
}

static std::vector<SemaCase> scores() {
  return {
      {Diag::dot_mismatch,
       model("output y = attend(«dot»(x, z), x)", "z: f32[B, T, 4]"),
       "f32[B, 1, T, 4]"},
      {Diag::dot_mismatch,
       model("output y = attend(«dot»(q3, k2), k2)",
             "q3: f32[B, 3, T, 4], k2: f32[B, 2, T, 4]"),
       "divide"},
      {Diag::dot_mismatch,
       model("output y = attend(«dot»(q0, k2), k2)",
             "q0: f32[B, 0, T, 4], k2: f32[B, 2, T, 4]"),
       "there are no heads"},
      {Diag::attend_mismatch,
       model("output y = «attend»(dot(x, x), z)", "z: f32[B, S, 8]",
             "dim S <= 64"),
       "f32[B, S, 8]"},
      {Diag::attention_rank,
       model("output y = «attention»(z, z, z)", "z: f32[B]"), "f32[B]"},
      {Diag::expected_scores, model("output y = attend(«x», x)"), "f32"},
      {Diag::expected_mask, masked("«x»"), "f32[B, T, 8]"},
      {Diag::heads_do_not_divide, model("output y = merge(heads(x, «3»))"),
       "3 heads"},
      // The same twice in one call has one cause: its argument.
      {Diag::heads_do_not_divide,
       model("output y = f(x, 3)", "",
             "block f(z: f32[B, T, 8], n: int) -> f32[B, T, 8] {\n"
             "  let q = heads(z, «n»)\n  let k = heads(z, n)\n"
             "  return merge(attention(q, k, k)) }"),
       "in `f`, called here"},
      {Diag::split_does_not_divide,
       model("let a, b, c = split(x, «3») output y = a + b + c"), "8"},
      {Diag::bad_permutation, model("output y = transpose(x, «[0, 0, 1]»)"),
       "3"},
      {Diag::expected_list, model("output y = transpose(x, «1»)"), ""},
      {Diag::reshape_count, model("output y = reshape(x, «[B, T]»)"),
       "f32[B, T, 8]"},
      {Diag::bad_window, masked("window(«0 - 1», 2)"), "left"},
      {Diag::scores_mismatch,
       model("output y = attend(dot(x, x) «+» dot(x, z), x)", "z: f32[B, S, 8]",
             "dim S <= 64"),
       ""},
      {Diag::score_weight, model("output y = attend(dot(x, x) «*» x, x)"), ""},
      {Diag::not_supported,
       model("output y = attend((dot(x, x) >> { 2.0 * s }) «+» dot(x, x), x)"),
       "score function"},
      {Diag::source_operand,
       model("output y = attend(random(«r»), x)", "r: f32[T]"), "f32[T]"},
      {Diag::too_few_positions,
       model("output y = attend(random(«r»), x)", "r: f32[63, 64]"),
       "f32[63, 64] has 63 positions"},
      {Diag::too_few_positions,
       model("output y = attend(random(«r»), x)", "r: f32[1024, 63]"),
       "f32[1024, 63] has 63 positions"},
      {Diag::too_few_positions,
       model("output y = attend(random(«r»), z)",
             "z: f32[B, 64, 8], r: f32[63, 63]"),
       "64 are needed"},
      {Diag::too_few_positions,
       model("output y = attend(dense(x, «w»), x)", "w: f32[32, 8]"),
       "f32[32, 8] has 32 positions"},
      {Diag::source_heads,
       model("output y = attend(dense(x, «w»), x)", "w: f32[3, 1024, 8]"), "3"},
      {Diag::additive_weight,
       model("output y = attend(additive(x, x, «w»), x)", "w: f32[7]"),
       "f32[7]"},
      {Diag::factors_too_small,
       model("output y = attend(factorized_dense(«a», a), x)",
             "a: f32[B, T, 7]"),
       "7 and 7"},
      {Diag::scores_tensor,
       model("output y = attend(scores(«z»), x)", "z: f32[B, T, T]"),
       "f32[B, T, T]"},
      {Diag::scores_tensor, model("output y = attend(scores(«1.5»), x)"), ""},
      {Diag::scores_tensor_mismatch,
       model("output y = attend(dot(x, x) + scores(«z»), x)", "z: f32[T, S]",
             "dim S <= 64"),
       "f32[T, S]"},
  };
}

static std::vector<SemaCase> indexExpressions() {
  const std::string two = "dim S <= 64";
  return {
      {Diag::causal_needs_alignment,
       model("output y = attention(x, z, z, mask = «causal»)",
             "z: f32[B, S, 8]", two),
       "`causal` needs an alignment here: queries have size T, keys have size "
       "S"},
      {Diag::causal_needs_alignment,
       model("output y = attention(x, z, z, mask = valid(n) & «causal»)",
             "z: f32[B, S, 8], n: i32[B]",
             two + "\nmask valid(len: i32[B]) = k < len[b]"),
       "write `causal(align = start)` or `causal(align = end)`"},
      {Diag::index_out_of_range,
       model("param t: f32[200]\n"
             "  output y = attend(dot(x, x) >> { s + t[«k - q + 128»] }, x)",
             "", ""),
       "`k - q + 128` is in 1..=255, `t` has 200 entries"},
      {Diag::index_out_of_range, masked("{ k < n[«k»] }", "n: i32[B]"),
       "clamp(k, 0, B - 1)"},
      {Diag::index_overflow, masked("{ k * «4000000000» > 0 }"), ""},
      {Diag::index_overflow,
       "dim T <= 1073741825\n"
       "model m { input x: f32[T, 8] output y = «attention»(x, x, x) }",
       "smaller bounds"},
      {Diag::index_overflow,
       "model m { input q: f32[1, 3000000000, 8], k: f32[1, 2, 8]\n"
       "  output y = «attention»(q, k, k) }",
       "3000000000"},
      {Diag::index_divisor, masked("{ k % «q» == 0 }"), "constant"},
      {Diag::division_by_zero, masked("{ k «/» 0 == 0 }"), ""},
      {Diag::index_call_arguments, masked("{ «min(q)» > 0 }"), "min"},
      {Diag::expected_condition, masked("{ where(«q», 1, 2) > 1 }"), ""},
      {Diag::expected_number, masked("{ min(«q < k», 1) > 1 }"), ""},
      {Diag::expected_integer, masked("{ k < n[«0.5»] }", "n: i32[B]"), ""},
      {Diag::score_in_mask, masked("{ «s» > 0.0 }"), ""},
      {Diag::mask_is_number, masked("{ «q + k» }"), ""},
      {Diag::score_is_condition,
       model("output y = attend(dot(x, x) >> { «q < k» }, x)"), ""},
      {Diag::slice_in_index, masked("{ k < n[«0:1»] }", "n: i32[B]"), ""},
      {Diag::capture_rank, masked("{ k < «n[b, q]» }", "n: i32[B]"), "i32[B]"},
      {Diag::tensor_without_index, masked("{ k < «n» }", "n: i32[B]"),
       "i32[B]"},
      {Diag::not_in_index, masked("{ k < «\"a\"» }"), ""},
      {Diag::declaration_cycle, masked("m1", "", "mask m1 = m2 mask m2 = «m1»"),
       ""},
  };
}

/// `output y = spatial(w, x)` with `params` and `arguments`.
static std::string mixed(const std::string &params,
                         const std::string &arguments,
                         const std::string &inputs = "",
                         const std::string &declarations = "") {
  return model("param " + params + "\n  output y = spatial(" + arguments + ")",
               inputs, declarations);
}

static std::vector<SemaCase> gates() {
  return {
      {Diag::spatial_input, mixed("w: f32[128, 128]", "w, «x», axis = 2"),
       "axis 2 of f32[B, T, 8]"},
      {Diag::spatial_input,
       mixed("w: f32[128, 128]", "w, «z»", "z: f32[B, B, T, 8]"), "axis 2"},
      {Diag::bad_axis, mixed("w: f32[128, 128]", "w, x, axis = «3»"), "3"},
      {Diag::too_few_positions, mixed("w: f32[127, 128]", "«w», x"),
       "`dim T <= 127`"},
      {Diag::too_few_positions, mixed("w: f32[128, 100]", "«w», x"), "100"},
      {Diag::too_few_positions,
       mixed("w: f32[128, 128], c: f32[100]", "w, x, bias = «c»"), "100"},
      {Diag::source_operand, mixed("w: f32[128]", "«w», x"), "f32[128]"},
      {Diag::spatial_groups, mixed("w: f32[3, 128, 128]", "«w», x"),
       "3 groups of weights do not divide 8 channels"},
      {Diag::spatial_bias,
       mixed("w: f32[2, 128, 128], c: f32[128]", "w, x, bias = «c»"),
       "has 1 groups, its weights have 2"},
      {Diag::spatial_batch_mask,
       mixed("w: f32[128, 128]", "w, x, mask = «valid(n)»", "n: i32[B]",
             "mask valid(len: i32[B]) = k < len[b]"),
       "multiply x by the flags of its positions before it is mixed"},
      {Diag::expected_mask, mixed("w: f32[128, 128]", "w, x, mask = «x»"), ""},
  };
}

std::vector<SemaCase> semaCases() {
  std::vector<SemaCase> all;
  for (auto list : {names(), loops(), constants(), shapes(), scores(),
                    indexExpressions(), gates()})
    all.insert(all.end(), list.begin(), list.end());
  return all;
}
