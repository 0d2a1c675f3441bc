#ifndef ATTUNE_ATTRS
#define ATTUNE_ATTRS

include "dialect/AttuneDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/EnumAttr.td"

class Attune_Attr<string name, string mnemonicText, list<Trait> traits = []>
    : AttrDef<Attune_Dialect, name, traits> {
  let mnemonic = mnemonicText;
}

// coefficient * factors[0] * factors[1] ...; factors are dim names, sorted.
def Attune_MonomialAttr : Attune_Attr<"Monomial", "monomial"> {
  let summary = "One term of an extent: a coefficient times a product of dims";
  let parameters = (ins "int64_t":$coefficient,
                        ArrayRefParameter<"::mlir::StringAttr">:$factors);
  let hasCustomAssemblyFormat = 1;
}

// Normal form: monomials sorted, coefficients non-zero, no two alike. Built
// from the C++ class `attune::Extent` only.
def Attune_ExtentAttr : Attune_Attr<"Extent", "extent"> {
  let summary = "An integer polynomial in the model's dims, in normal form";
  let parameters = (ins ArrayRefParameter<"::attune::MonomialAttr">:$terms);
  // #attune.extent<B * T - 1>
  let hasCustomAssemblyFormat = 1;
}

def Attune_ShapeAttr : Attune_Attr<"Shape", "shape"> {
  let summary = "The symbolic shape of a tensor, as its encoding";
  let description = [{
    The encoding of every tensor type that has a dynamic extent:
    `tensor<?x?x48xf32, #attune.shape<B, T, 48>>`. An extent that is a constant
    is static in the tensor type too. Tensors with static shapes carry none.
  }];
  let parameters = (ins ArrayRefParameter<"::attune::ExtentAttr">:$extents);
  let hasCustomAssemblyFormat = 1;
}

def Attune_DimAttr : Attune_Attr<"Dim", "dim"> {
  let summary = "A run-time dim of a model: name, bound, where it is read";
  let description = [{
    `#attune.dim<"T", bound = 2048, argument = 0, axis = 1>`: the value is
    extent `axis` of argument `argument` (inputs first, then outputs).
  }];
  let parameters = (ins "::mlir::StringAttr":$name, "int64_t":$bound,
                        "int64_t":$argument, "int64_t":$axis);
  let assemblyFormat = "`<` $name `,` `bound` `=` $bound `,` `argument` `=` $argument `,` `axis` `=` $axis `>`";
}

def Attune_ConditionAttr : Attune_Attr<"Condition", "condition"> {
  let summary = "A condition on dims that is checked at entry: value >= 0";
  let parameters = (ins "::attune::ExtentAttr":$value, "::mlir::StringAttr":$text);
  let assemblyFormat = "`<` $value `,` $text `>`";
}

def Attune_PackKind : I32EnumAttr<"PackKind", "how a weight is laid out", [
    I32EnumAttrCase<"Copy", 0, "copy">,
    I32EnumAttrCase<"Panels", 1, "panels">,
    I32EnumAttrCase<"Pad", 2, "pad">,
    I32EnumAttrCase<"Hoisted", 3, "hoisted">]> {
  let cppNamespace = "::attune";
}

def Attune_PackAttr : Attune_Attr<"Pack", "pack"> {
  let summary = "The packed layout of a weight (attune_pack in runtime/abi.h)";
  let description = [{
    `copy`: as in the file. `panels`: `[..., N, K]` becomes
    `[...][ceil(N / width)][K][width]`, zero padded. `pad`: `[N]` becomes
    `[ceil(N / width) * width]`, zero padded. `hoisted`: in no file, but computed
    from the weights by the model's prepare function when they are finished.
  }];
  let parameters = (ins EnumParameter<Attune_PackKind>:$kind, "int64_t":$width);
  let assemblyFormat = "`<` $kind `,` $width `>`";
}

def Attune_WeightAttr : Attune_Attr<"Weight", "weight"> {
  let summary = "A row of the weight table: name, shape, layout, offset";
  let parameters = (ins "::mlir::StringAttr":$name,
                        ArrayRefParameter<"int64_t">:$shape,
                        "::attune::PackAttr":$pack, "int64_t":$offset);
  let assemblyFormat = "`<` $name `,` custom<Sizes>($shape) `,` $pack `,` $offset `>`";
}

def Attune_SlotAttr : Attune_Attr<"Slot", "slot"> {
  let summary = "A workspace slot: as large as the largest of its sizes, bytes";
  let description = [{
    The maximum over i of min(bytes[i], caps[i]), rounded up to 64. Without
    `caps` the sizes are not capped.
  }];
  let parameters = (ins ArrayRefParameter<"::attune::ExtentAttr">:$bytes,
                        OptionalArrayRefParameter<"::attune::ExtentAttr">:$caps);
  let assemblyFormat = "`<` `[` $bytes `]` (`caps` `[` $caps^ `]`)? `>`";
}

def Attune_Activation : I32EnumAttr<"Activation", "a function of one number", [
    I32EnumAttrCase<"None", 0, "none">,
    I32EnumAttrCase<"Relu", 1, "relu">,
    I32EnumAttrCase<"Gelu", 2, "gelu">,
    I32EnumAttrCase<"GeluTanh", 3, "gelu_tanh">,
    I32EnumAttrCase<"Silu", 4, "silu">,
    I32EnumAttrCase<"Tanh", 5, "tanh">,
    I32EnumAttrCase<"Sigmoid", 6, "sigmoid">,
    I32EnumAttrCase<"Exp", 7, "exp">,
    I32EnumAttrCase<"Exp2", 8, "exp2">,
    I32EnumAttrCase<"Log", 9, "log">,
    I32EnumAttrCase<"Sqrt", 10, "sqrt">,
    I32EnumAttrCase<"Rsqrt", 11, "rsqrt">,
    I32EnumAttrCase<"Abs", 12, "abs">,
    I32EnumAttrCase<"Neg", 13, "neg">,
    I32EnumAttrCase<"Not", 14, "not">]> {
  let cppNamespace = "::attune";
  let genSpecializedAttr = 0;
}
def Attune_ActivationAttr : EnumAttr<Attune_Dialect, Attune_Activation, "activation"> {
  let assemblyFormat = "`<` $value `>`";
}

def Attune_Binary : I32EnumAttr<"Binary", "a function of two numbers", [
    I32EnumAttrCase<"Add", 0, "add">,
    I32EnumAttrCase<"Sub", 1, "sub">,
    I32EnumAttrCase<"Mul", 2, "mul">,
    I32EnumAttrCase<"Div", 3, "div">,
    I32EnumAttrCase<"Rem", 4, "rem">,
    I32EnumAttrCase<"Min", 5, "min">,
    I32EnumAttrCase<"Max", 6, "max">,
    I32EnumAttrCase<"Eq", 7, "eq">,
    I32EnumAttrCase<"Ne", 8, "ne">,
    I32EnumAttrCase<"Lt", 9, "lt">,
    I32EnumAttrCase<"Le", 10, "le">,
    I32EnumAttrCase<"Gt", 11, "gt">,
    I32EnumAttrCase<"Ge", 12, "ge">,
    I32EnumAttrCase<"And", 13, "and">,
    I32EnumAttrCase<"Or", 14, "or">]> {
  let cppNamespace = "::attune";
  let genSpecializedAttr = 0;
}
def Attune_BinaryAttr : EnumAttr<Attune_Dialect, Attune_Binary, "binary"> {
  let assemblyFormat = "`<` $value `>`";
}

def Attune_EmptyRow : I32EnumAttr<"EmptyRow", "what a row without keys gives", [
    I32EnumAttrCase<"Zero", 0, "zero">,
    I32EnumAttrCase<"Uniform", 1, "uniform">,
    I32EnumAttrCase<"NaN", 2, "nan">]> {
  let cppNamespace = "::attune";
  let genSpecializedAttr = 0;
}
def Attune_EmptyRowAttr : EnumAttr<Attune_Dialect, Attune_EmptyRow, "empty_row"> {
  let assemblyFormat = "`<` $value `>`";
}

def Attune_FactorPattern : I32EnumAttr<"FactorPattern", "which element of each factor a key reads", [
    I32EnumAttrCase<"RepeatTile", 0, "repeat_tile">,
    I32EnumAttrCase<"TileTile", 1, "tile_tile">,
    I32EnumAttrCase<"RepeatRepeat", 2, "repeat_repeat">,
    I32EnumAttrCase<"TileRepeat", 3, "tile_repeat">]> {
  let cppNamespace = "::attune";
  let genSpecializedAttr = 0;
}
def Attune_FactorPatternAttr : EnumAttr<Attune_Dialect, Attune_FactorPattern, "factor_pattern"> {
  let assemblyFormat = "`<` $value `>`";
}

def Attune_KernelKind : I32EnumAttr<"KernelKind", "what a kernel computes", [
    I32EnumAttrCase<"Attend", 0, "attend">,
    I32EnumAttrCase<"Gemm", 1, "gemm">,
    I32EnumAttrCase<"Gate", 2, "gate">]> {
  let cppNamespace = "::attune";
  let genSpecializedAttr = 0;
}
def Attune_KernelKindAttr : EnumAttr<Attune_Dialect, Attune_KernelKind, "kernel_kind"> {
  let assemblyFormat = "`<` $value `>`";
}

def Attune_BlockingAttr : Attune_Attr<"Blocking", "blocking"> {
  let summary = "Block sizes of a kernel";
  let description = [{
    `rows` x `columns` is the register block (columns a multiple of the vector
    width); `row_block` rows make one task; `depth_block` keys (attend) are
    processed between two softmax updates.
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$columns,
                        "int64_t":$row_block, "int64_t":$depth_block);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Attune_TargetAttr : Attune_Attr<"Target", "target"> {
  let summary = "The machine that the module is compiled for";
  let description = [{
    `vector_width`: f32 lanes of a vector register; `registers`: vector
    registers; `l1`, `l2`: bytes (of a GPU, `l1` is the shared memory that a
    block may have); `features`: as LLVM spells them. Carried by
    the module as `attune.target`, so that tests are the same on every machine.
    Made from `attune::Target` (dialect/Target.h).
  }];
  let parameters = (ins "::mlir::StringAttr":$cpu, "int64_t":$vector_width,
                        "int64_t":$registers, "int64_t":$l1, "int64_t":$l2,
                        "::mlir::StringAttr":$features);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Attune_ArgumentAttr : Attune_Attr<"Argument", "argument"> {
  let summary = "An input or output of a lowered model";
  let description = [{
    `#attune.argument<"x", f32, <B, T, 48>, output = false>`. Made by
    attune-lower-abi from the memref arguments that it removes, for the emit
    stage, as the function attribute `attune.arguments`.
  }];
  let parameters = (ins "::mlir::StringAttr":$name, "::mlir::Type":$element,
                        "::attune::ShapeAttr":$shape, "bool":$output);
  let assemblyFormat = "`<` $name `,` $element `,` $shape `,` `output` `=` $output `>`";
}

#endif
