"""Calls the Python modules of built models. usage: python_module.py ATTUNE SOURCE_DIR SCRATCH [torch]"""

import array
import importlib.util
import json
import os
import shutil
import struct
import subprocess
import sys
import threading

import numpy as np

attune, source, scratch = sys.argv[1:4]
with_torch = sys.argv[4:] == ["torch"]
shutil.rmtree(scratch, ignore_errors=True)
os.makedirs(scratch)
HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLE = os.path.join(source, "examples", "encoder_layer")
problems = 0


def check(condition, what):
    global problems
    if not condition:
        problems += 1
        print(f"wrong: {what}")


def same(left, right, what):
    check(left.dtype == right.dtype and left.shape == right.shape and
          np.array_equal(left, right), f"{what}: {left!r} and {right!r}")


def refused(what, call, kind, *texts, name=None):
    """Checks that `call` raises exactly this, with all the texts in its message."""
    try:
        result = call()
    except Exception as error:  # pylint: disable=broad-except
        said = f"{type(error).__name__}: {error}"
        check(type(error) is kind, f"{what}: {said}")
        check(all(text in str(error) for text in texts), f"{what}: {said}")
        check(name is None or error.name == "ATTUNE_E_" + name, f"{what}: {said}: {getattr(error, 'name', '')}")
    else:
        check(False, f"{what}: {result!r}")


def build(spec, module, *options):
    subprocess.run([attune, "build", spec, "--emit=python", "-o", os.path.join(scratch, module + ".py"), *options],
                   check=True)


def load(module, folder=scratch):
    spec = importlib.util.spec_from_file_location(module, os.path.join(folder, module + ".py"))
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    return {name: np.frombuffer(data[slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"])
            for name, entry in header.items() if name != "__metadata__"}


class Exporter:
    """What other libraries give: DLPack and nothing else."""

    def __init__(self, values, device=(1, 0)):
        self.values = values
        self.device = device
        self.exported = 0

    def __dlpack_device__(self):
        return self.device

    def __dlpack__(self, stream=None):
        self.exported += 1
        return self.values.__dlpack__()


build(os.path.join(EXAMPLE, "encoder_layer.attn"), "encoder_layer")
build(os.path.join(HERE, "python_module.attn"), "models")
encoder = load("encoder_layer")
encoder.set_threads(2)
models = load("models")
Error = encoder.AttuneError
weights_path = os.path.join(EXAMPLE, "weights.safetensors")
weights = read_safetensors(weights_path)
x, padding, y64 = (np.load(os.path.join(EXAMPLE, name + ".npy")) for name in ("x", "padding", "y"))


def numbers():
    """NumPy in, NumPy out; the library's own bits."""
    model = encoder.encoder_layer(weights=weights_path)
    y = model(x, padding)
    check(type(y) is np.ndarray and y.dtype == np.float32, "the kind of the output")
    check(np.abs(y - y64).max() < 5.8e-6, "the example's numbers")
    path = os.path.join(scratch, "y.npy")
    subprocess.run([attune, "run", os.path.join(EXAMPLE, "encoder_layer.attn"), "--weights", weights_path,
                    "--input", f"x=@{EXAMPLE}/x.npy", "--input", f"padding=@{EXAMPLE}/padding.npy",
                    "--output", f"y=@{path}"], check=True, stdout=subprocess.DEVNULL)
    same(y, np.load(path), "the bits of attune run")
    same(model(padding=padding, x=x), y, "inputs by name")
    same(model(x, padding=padding), y, "both")
    same(model.run({"x": x, "padding": padding}), y, "run")

    # Weights from memory, in any order, with names of others, strided, and in half precision.
    shuffled = {name: np.asfortranarray(weights[name]) for name in sorted(weights, reverse=True)}
    same(encoder.encoder_layer({**shuffled, "other": np.zeros(3)})(x, padding), y, "weights from memory")
    half = {name: value.astype(np.float16) for name, value in weights.items()}
    rounded = {name: value.astype(np.float32) for name, value in half.items()}
    same(encoder.encoder_layer(half)(x, padding), encoder.encoder_layer(rounded)(x, padding), "f16 weights")
    refused("no weights", lambda: encoder.encoder_layer(), TypeError, "encoder_layer has weights")
    refused("weights of no kind", lambda: encoder.encoder_layer([x]), TypeError, "weights are list")
    refused("a weight too few", lambda: encoder.encoder_layer(
        {name: value for name, value in weights.items() if name != "norm1.bias"}), Error, "norm1.bias", name="WEIGHTS")
    refused("a weight's shape", lambda: encoder.encoder_layer({**weights, "norm1.bias": x}), Error, "norm1.bias")
    refused("a weight's type", lambda: encoder.encoder_layer(
        {**weights, "norm1.bias": weights["norm1.bias"].astype(np.float64)}), Error, "norm1.bias", "f64")
    refused("no such file", lambda: encoder.encoder_layer("none.safetensors"), Error, "none.safetensors", name="FILE")

    # Layouts: nobody sees whether a copy was made.
    wide = np.zeros((4, 19, 96), np.float32)
    wide[::2, :, ::2] = x
    packed = np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(np.float32).reshape(x.shape)
    check(packed.ctypes.data % 4 != 0, "the unaligned input")
    frozen = x.copy()
    frozen.flags.writeable = False
    for what, other in (("strided", wide[::2, :, ::2]), ("Fortran order", np.asfortranarray(x)),
                        ("backwards", x[::-1].copy()[::-1]), ("unaligned", packed), ("read only", frozen),
                        ("DLPack", Exporter(x))):
        same(model(other, padding), y, what)
    same(model(x, np.asfortranarray(padding)), y, "strided bools")
    refused("strided DLPack", lambda: model(Exporter(wide[::2, :, ::2]), padding), Error, "`x`", "C-contiguous",
            name="STRIDE")
    structs = np.zeros(x.shape, [("a", "u1"), ("b", "<f4")])
    structs["b"] = x
    same(model(structs["b"], padding), y, "a field of structs")
    return model, y


def mistakes(model):
    """The library's messages."""
    refused("f64", lambda: model(x.astype(np.float64), padding), Error,
            "input `x` has elements of type f64: expected f32", name="DTYPE")
    refused("bytes for bools", lambda: model(x, padding.astype(np.uint8)), Error, "`padding`", name="DTYPE")
    refused("rank", lambda: model(x[0], padding), Error, "input `x` has rank 2: expected rank 3", name="RANK")
    refused("dims", lambda: model(x, padding[:, :7]), Error, "dim `T` is 19", name="DIM_MISMATCH")
    refused("a constant", lambda: model(np.zeros((2, 19, 47), np.float32), padding), Error, "expected [B, T, 48]",
            name="SHAPE")
    refused("a bound", lambda: model(Exporter(np.zeros((65, 1, 48), np.float32)), np.zeros((65, 1), bool)), Error,
            "`B`", "64", name="DIM_BOUND")
    refused("a list", lambda: model([[1.0]], padding), TypeError, "input `x` is list")
    refused("big endian", lambda: model(x.astype(">f4"), padding), TypeError, "input `x` has elements of format `>f`")
    refused("too many", lambda: model(x, padding, x), TypeError, "takes 2 inputs, not 3")
    refused("too few", lambda: model(x), TypeError, "lacks input `padding`")
    refused("twice", lambda: model(x, x=x), TypeError, "got input `x` twice")
    refused("unknown", lambda: model(x, padding, z=x), TypeError, "no input or dim `z`")
    refused("another T", lambda: model(x, padding, T=7), TypeError, "dim `T` is 19 by the arrays, not 7")
    cuda = Exporter(x, (2, 1))
    refused("a CUDA tensor", lambda: model(cuda, padding), Error, "input `x` lives on a CUDA device (number 1)",
            "runs on the CPU", "tensor.cpu()", name="DEVICE")
    check(cuda.exported == 0, "a CUDA tensor is not touched")
    refused("threads", lambda: encoder.set_threads(3), RuntimeError, "before the first run")
    refused("no threads", lambda: models.set_threads(0), ValueError, "1 to 64")


def several():
    """Several models, outputs, types, dims that no input shows, names that Python uses itself."""
    out = np.array([1.5, -2.0, 300.0], np.float32)
    flags, small, ids = np.array([1, 1, 0], bool), np.array([3, 0, 255], np.uint8), np.array([1, -2, 3], np.int32)
    results = models.elements().run({"out": out, "flags": flags, "small": small, "ids": ids})
    check(type(results) is tuple, "several outputs are a tuple")
    for got, wanted in zip(results, (np.where(flags, out, 0) + small.astype(np.float32), out > 0, ids * 2,
                                     np.array([1, 0, 255], np.uint8), np.arange(3))):
        same(got, wanted, "elements")
    reversed_flags = models.elements().run({"out": out, "flags": flags[::-1], "small": small, "ids": ids[::-1]})
    same(reversed_flags[2], ids[::-1] * 2, "strided integers")

    positions = models.positions()
    rows = np.ones((2, 8), np.float32)
    table, twice = positions(rows, S=5)
    check(table.shape == (5, 8) and table[0, 1] == 1 and twice[1, 3] == 2, "a dim by name")
    refused("no S", lambda: positions(rows), TypeError, "needs dim `S`")
    refused("S too large", lambda: positions(rows, S=9), models.AttuneError, "`S`", "8", name="DIM_BOUND")
    refused("S negative", lambda: positions(rows, S=-1), models.AttuneError, "`S`", name="DIM_BOUND")
    check(models.bare()(S=3).shape == (3, 8), "a model without inputs")

    square = np.zeros((3, 4), np.float32)
    same(models.def_()(**{"lambda": square, "one": np.float32(1)}), square + 1, "a model of the name def")
    same(models.def_()(square, np.array(2, np.float32)), square + 2, "an array of rank 0")
    refused("T + 1", lambda: models.def_()(square[:, :3], np.float32(1)), models.AttuneError, "T + 1", name="DIM_MISMATCH")

    lookup = models.lookup({"t.weight": np.arange(20, dtype=np.float32).reshape(5, 4)})
    same(lookup(np.array([4, 0])), np.array([[16, 17, 18, 19], [0, 1, 2, 3]], np.float32), "ids")
    refused("an id", lambda: lookup(np.array([0, 5])), models.AttuneError, "`ids` holds 5 at position 1", name="VALUE")
    check(lookup(np.zeros(0, np.int64)).shape == (0, 4), "an empty input")
    same(lookup(np.array([1])), np.array([[4, 5, 6, 7]], np.float32), "after an error")


def results(model, y):
    """out=: results in arrays that are there."""
    mine = np.full_like(y, 7)
    check(model(x, padding, out=mine) is mine, "the array itself")
    same(mine, y, "out")
    check(model(x, padding, out=[mine]) is mine, "out in a list")
    refused("a strided out", lambda: model(x, padding, out=np.zeros((2, 19, 96), np.float32)[:, :, ::2]), Error, "`y`",
            name="STRIDE")
    refused("out is an input", lambda: model(mine, padding, out=mine), Error, "`y`", name="ALIAS")
    refused("out's shape", lambda: model(x, padding, out=mine[:1]), Error, "`y`", name="DIM_MISMATCH")
    frozen = mine.copy()
    frozen.flags.writeable = False
    refused("a frozen out", lambda: model(x, padding, out=frozen), TypeError, "output `y`", "writable")
    refused("outs", lambda: model(x, padding, out=(mine, mine)), TypeError, "has 1 outputs, not 2")
    table = np.zeros((6, 8), np.float32)
    models.positions()(np.ones((1, 8), np.float32), out=(table, np.zeros((1, 8), np.float32)))
    check(table[0, 1] == 1, "an output that shows a dim")


def plain(model, y):
    """Without NumPy: arrays of the standard library."""
    flat = memoryview(x.tobytes()).cast("f", x.shape)
    got = model(flat, memoryview(padding.tobytes()).cast("?", padding.shape))
    check(type(got) is memoryview and got.format == "f" and got.shape == y.shape and got.tobytes() == y.tobytes(),
          "memoryviews")
    ids = array.array("q", [4, 0])
    rows = memoryview(np.arange(20, dtype=np.float32).tobytes()).cast("f", (5, 4))
    check(models.lookup({"t.weight": rows})(ids).tolist() == [[16, 17, 18, 19], [0, 1, 2, 3]], "array.array")
    check(models.lookup({"t.weight": rows})(memoryview(ids)[::-1]).tolist()[0] == [0, 1, 2, 3], "a strided memoryview")
    check(models.lookup({"t.weight": rows})(array.array("q")).shape == (0, 4), "nothing at all")
    script = ("import sys; sys.modules['numpy'] = None; import models; t = models.bare()(S=2); "
              "print(type(t).__name__, t.shape, t.tolist()[0][1])")
    said = subprocess.run([sys.executable, "-c", script], cwd=scratch, capture_output=True, text=True, check=False)
    check(said.stdout == "memoryview (2, 8) 1.0\n", f"without NumPy: {said.stdout}{said.stderr}")


def threads(model):
    """Runs in several threads, of several sizes, each with a workspace of its own."""
    random = np.random.default_rng(1)
    inputs = [(random.standard_normal((b, t, 48), np.float32), random.random((b, t)) < 0.2)
              for b, t in ((1, 3), (2, 64), (3, 17), (1, 200), (4, 1))]
    serial = [model(*pair) for pair in inputs]
    wrong = []

    def work(start):
        for i in range(40):
            which = (start + i) % len(inputs)
            if not np.array_equal(model(*inputs[which]), serial[which], equal_nan=True):
                wrong.append(which)

    workers = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    check(not wrong, f"runs in threads: {wrong}")


def builds():
    """A module goes with its own library only; a library brings its module."""
    folder = os.path.join(scratch, "stale")
    os.makedirs(folder)
    shutil.copy(os.path.join(scratch, "models.py"), folder)
    refused("no library", lambda: load("models", folder).bare(), ImportError, "libmodels.so is missing")
    other = os.path.join(folder, "other.attn")
    with open(other, "w", encoding="utf-8") as file:
        file.write("dim S <= 9\nmodel bare { output table = sinusoid(S, 8) }\n")
    subprocess.run([attune, "build", other, "-o", os.path.join(folder, "libmodels.so")], check=True)
    # The build wrote a module that fits; the old one does not.
    check(load("models", folder).bare()(S=9).shape == (9, 8), "the module beside a library")
    shutil.copy(os.path.join(scratch, "models.py"), folder)
    refused("another build", lambda: load("models", folder).bare(), ImportError, "different builds")


def torch_arrays(model, y):
    """PyTorch in, PyTorch out."""
    import torch  # pylint: disable=import-outside-toplevel
    a, b = torch.from_numpy(x.copy()), torch.from_numpy(padding.copy())

    def same_torch(got, what):
        check(isinstance(got, torch.Tensor) and got.dtype == torch.float32, f"{what}: {type(got)}")
        same(got.numpy(), y, what)

    same_torch(model(a, b), "torch")
    same_torch(model(a.requires_grad_(), b), "a tensor with a gradient")
    a = a.detach()
    same_torch(model(torch.nn.Parameter(a), b), "a parameter")
    same_torch(model(a.transpose(0, 1).contiguous().transpose(0, 1), b.t().contiguous().t()), "strided")
    same_torch(model(torch.from_numpy(x.repeat(2, axis=2))[:, :, ::2], b), "steps")
    same_torch(model(a, padding), "the first input decides")
    check(type(model(x, b)) is np.ndarray, "the first input decides")
    mine = torch.empty(y.shape)
    check(model(a, b, out=mine) is mine, "out")
    same_torch(mine, "out")
    state = {name: torch.from_numpy(value.copy()) for name, value in weights.items()}
    same_torch(encoder.encoder_layer(state)(a, b), "a state_dict")
    low = {name: value.bfloat16() for name, value in state.items()}
    high = {name: value.float() for name, value in low.items()}
    check(torch.equal(encoder.encoder_layer(low)(a, b), encoder.encoder_layer(high)(a, b)), "bf16 weights")
    layer = torch.nn.TransformerEncoderLayer(48, 3, 72, dropout=0.0, batch_first=True).eval()
    with torch.no_grad():
        wanted = layer(a, src_key_padding_mask=b)
        got = encoder.encoder_layer(layer.state_dict())(a, b)
    check((wanted - got)[~b].abs().max() < 1e-5, "a layer of PyTorch")
    refused("f64", lambda: model(a.double(), b), Error, "`x` has elements of type f64", name="DTYPE")
    kinds = models.elements().run({"out": a[0, 0, :3].contiguous(), "flags": b[0, :3],
                                   "small": torch.tensor([1, 2, 3], dtype=torch.uint8),
                                   "ids": torch.tensor([1, 2, 3], dtype=torch.int32)})
    check([t.dtype for t in kinds] == [torch.float32, torch.bool, torch.int32, torch.uint8, torch.int64],
          "the types of the outputs")
    check(kinds[2].tolist() == [2, 4, 6] and kinds[4].tolist() == [0, 1, 2], "integers")
    refused("a meta tensor", lambda: model(a.to("meta"), b), TypeError, "input `x` cannot be read through DLPack")
    if torch.cuda.is_available():
        refused("a CUDA tensor", lambda: model(a.cuda(), b), Error, "`x` lives on a CUDA device", name="DEVICE")


the_model, the_y = numbers()
if with_torch:
    torch_arrays(the_model, the_y)
else:
    mistakes(the_model)
    several()
    results(the_model, the_y)
    plain(the_model, the_y)
    threads(the_model)
    builds()
sys.exit(1 if problems else 0)
