"""Runs models compiled for CUDA on the simulated GPU (test/Cuda/sim).

usage: simulate.py ATTUNE SIMULATOR SOURCE_DIR SCRATCH [golden | own | mutants]

golden: the published codes' numbers (test/Golden) through --target=cuda.
own: the models of simulated.attn against the float64 reference.
mutants: changes of the compiled kernels, each of which must be noticed: by the
machine (a race, an access outside an array) or by a wrong result.
"""

import os
import re
import struct
import subprocess
import sys

attune, simulator, source, scratch, what = sys.argv[1:]
sys.path.insert(0, os.path.join(source, "test", "Golden"))
import run_cases  # noqa: E402

os.makedirs(scratch, exist_ok=True)
HERE = os.path.dirname(os.path.abspath(__file__))
OWN = os.path.join(HERE, "simulated.attn")
P16 = os.path.join(source, "test", "Golden", "p16_torch_postnorm_relu")
GOLDEN = ("p01_d2l_mha/mha | mha |", "p01b_d2l_mha_bias/mha | mha |",
          "p17a_causal_topleft/attention | top_left |",
          "p17b_causal_bottomright/attention | bottom_right |",
          "p17e_window/attention | causal7 |", "p17e_window/attention | band |",
          "p17f_prefix_lm/attention | prefix |")


def call(*words, environment=None, check=True):
    done = subprocess.run([attune, *words], capture_output=True, text=True, check=False,
                          env={**os.environ, **(environment or {})}, timeout=300)
    if check and done.returncode != 0:
        raise RuntimeError(f"attune {' '.join(words)}: exit code {done.returncode}\n"
                           f"{done.stdout}{done.stderr}")
    return done


def compile_model(spec, model):
    """The library and the LLVM IR of its kernels."""
    stem = os.path.join(scratch, "lib" + re.sub(r"\W", "_", os.path.relpath(spec, source)) + model)
    options = [spec, "--model", model, "--target=cuda"]
    if not os.path.exists(stem + ".so"):
        call("build", *options, "-o", stem + ".so")
        call("build", *options, "--emit=nvvm", "-o", stem + ".ll")
    return stem + ".so", stem + ".ll"


def run(spec, model, options, kernels=None, check=True):
    """Runs on the simulated GPU; the finished process."""
    library, own_kernels = compile_model(spec, model)
    environment = {"ATTUNE_LIBCUDA": simulator, "ATTUNE_SIM_KERNELS": kernels or own_kernels}
    return call("run", spec, "--model", model, "--target=cuda", "--library", library, *options,
                environment=environment, check=check)


def ratio(done):
    return float(re.search(r"ratio ([\d.]+)", done.stdout).group(1))


def golden():
    with open(os.path.join(run_cases.HERE, "cases.txt"), encoding="utf-8") as file:
        lines = [line for line in file if line.startswith(GOLDEN)]
    assert len(lines) == 9, "golden cases were renamed"
    for line in lines:
        spec, model, inputs, expected, weights = (part.strip() for part in line.split("|"))
        case = os.path.join(run_cases.HERE, os.path.dirname(spec))
        spec = os.path.join(run_cases.HERE, spec + ".attn")
        options = []
        if weights != "-":
            options += ["--weights", os.path.join(case, weights + ".safetensors")]
        for name, text in zip(run_cases.input_names(attune, spec, model), inputs.split(), strict=True):
            stem, _, length = text.rstrip("]").partition("[:")
            path = os.path.join(case, f"in_{stem}.npy")
            if length:
                shorter = os.path.join(scratch, f"{stem}_{length}.npy")
                run_cases.cut(path, int(length), shorter)
                path = shorter
            options += ["--input", f"{name}=@{path}"]
        output, wanted = (part.strip() for part in expected.split("="))
        done = run(spec, model, [*options, "--expect",
                                 f"{output}=@{os.path.join(case, f'out_{wanted}.npy')}"])
        print(f"pass {os.path.basename(case)} {model}: ratio {ratio(done):.3f}")


def lengths(**dims):
    return [word for name, value in dims.items() for word in ("--dim", f"{name}={value}")]


def randoms(names):
    return [word for seed, name in enumerate(names.split())
            for word in ("--input", f"{name}=random:{seed + 1}")]


P16_INPUTS = ["--weights", os.path.join(P16, "weights.safetensors"),
              "--input", "x=@" + os.path.join(P16, "in_x.npy"),
              "--input", "padding=@" + os.path.join(P16, "in_src_key_padding_mask.npy")]
ids = str([[1] * 30 + [2] * 45 + [9] * 5, [4] * 80])
MODELS = [
    ("p16_padded", P16_INPUTS),
    ("p16_causal", P16_INPUTS),
    ("softcapped", randoms("q k v") + lengths(B=2, T=70)),
    ("alibied", randoms("q k v") + lengths(B=1, T=131)),
    ("relative", randoms("q k v table") + lengths(B=2, T=65)),
    ("documents", randoms("q k v") + ["--input", f"ids={ids}"] + lengths(B=2, T=80)),
    ("bytes", randoms("q k v") + ["--input", f"kind={[[i * 37 % 256 for i in range(70)]]}"]
     + lengths(B=1, T=70)),
    ("odd", randoms("q k v") + lengths(B=2, T=3, Tk=66)),
    # One row and no rows: nothing is launched for the latter.
    ("softcapped", randoms("q k v") + lengths(B=1, T=1)),
    ("softcapped", randoms("q k v") + lengths(B=3, T=0)),
    ("odd", randoms("q k v") + lengths(B=1, T=2, Tk=0)),
]


def garbage():
    """Keys and values whose masked rows are NaN and Inf: inputs of `kept`."""
    import random
    state = random.Random(7)
    b, t, e = 2, 90, 8
    keep = [[(i * 7 + j * 3) % 5 < 3 and i < 80 - 30 * j for i in range(t)] for j in range(b)]
    def array(name, bad):
        rows = [[state.uniform(-2, 2) if keep[j][i] else bad for _ in range(e)]
                for j in range(b) for i in range(t)]
        body = struct.pack(f"<{b * t * e}f", *(x for row in rows for x in row))
        return npy(name, "<f4", (b, 1, t, e), body)
    flags = npy("keep", "|b1", (b, t), bytes(flag for row in keep for flag in row))
    return ["--input", "q=random:1", "--input", "k=@" + array("k", float("nan")),
            "--input", "v=@" + array("v", float("inf")), "--input", "keep=@" + flags]


def npy(name, kind, shape, body):
    header = repr({"descr": kind, "fortran_order": False, "shape": shape}).encode()
    header += b" " * (-(11 + len(header)) % 64) + b"\n"
    path = os.path.join(scratch, f"garbage_{name}.npy")
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + body)
    return path


def feed_weights():
    """Weights of `feed`, made here: no golden case has its sizes."""
    import json
    import random
    shapes = {"up.weight": [150, 48], "up.bias": [150], "down.weight": [48, 150], "down.bias": [48]}
    header, data, state = {}, b"", random.Random(5)
    for name, shape in shapes.items():
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        body = struct.pack(f"<{count}f", *(state.uniform(-0.3, 0.3) for _ in range(count)))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(body)]}
        data += body
    text = json.dumps(header).encode()
    path = os.path.join(scratch, "feed.safetensors")
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)
    return path


def check_own(model, options, kernels=None, check=True):
    output = "y" if model.startswith(("p16", "feed")) else "o"
    truth = os.path.join(scratch, f"{model}.npy")
    call("run", OWN, "--model", model, "--interpret", *options, "--output", f"{output}=@{truth}")
    return run(OWN, model, [*options, "--expect", f"{output}=@{truth}"], kernels, check)


FEED = ["--input", "x=random:3", *lengths(B=3, T=50)]


def own():
    for model, options in [*MODELS, ("kept", garbage()), ("feed", ["--weights", feed_weights(), *FEED])]:
        done = check_own(model, options)
        print(f"pass {model}: ratio {ratio(done):.3f}")


def drop(number, pattern):
    """Removes match `number` of a pattern (a whole line)."""
    def change(text):
        found = list(re.finditer(pattern, text, re.M))
        assert len(found) > number, f"{pattern}: {len(found)} matches"
        return text[:found[number].start()] + text[found[number].end():]
    return change


def swap(number, pattern, to):
    def change(text):
        found = list(re.finditer(pattern, text, re.M))
        assert len(found) > number, f"{pattern}: {len(found)} matches"
        part = found[number]
        return text[:part.start()] + part.expand(to) + text[part.end():]
    return change


BARRIER = r"^ *(?:tail )?call void @llvm\.nvvm\.barrier\.cta\.sync\.aligned\.all\(i32 0\).*\n"
WARP = r"^ *(?:tail )?call void @llvm\.nvvm\.bar\.warp\.sync\(i32 -1\).*\n"
SHUFFLE = r"(@llvm\.nvvm\.shfl\.sync\.bfly\.f32p?\(i32 -1, float %\S+, i32) 8,"
CASE = ("softcapped", randoms("q k v") + lengths(B=1, T=150))
FEED_CASE = ("feed", FEED)
MUTANTS = [
    ("the barrier after loading the first tile", CASE, drop(1, BARRIER)),
    ("the barrier before the next tile", CASE, drop(0, BARRIER)),
    ("the barrier before the values of a masked tile", CASE, drop(-1, BARRIER)),
    ("the warp's barrier between powers and values", CASE, drop(0, WARP)),
    ("the last step of a row's maximum", CASE, swap(0, SHUFFLE, r"\1 4,")),
    ("the last step of a row's sum", CASE, swap(-1, SHUFFLE, r"\1 4,")),
    ("log2 e", CASE, lambda text: text.replace("0x3FF7154760000000", "0x3FF0000000000000")),
    ("the bound of a query row", CASE, swap(-2, r"icmp slt i32 (%\S+), %19\b", r"icmp sle i32 \1, %19")),
    ("a causal comparison", CASE, swap(5, r"icmp sle i32", "icmp slt i32")),
    ("the rescaling of an output", CASE,
     swap(0, r"fmul float %\S+, (%\S+)(?=\n *%\S+ = fmul float %\S+, \1\n)", r"fadd float 0.0, \1")),
    ("16 bytes at 4", CASE, swap(0, r"(store <4 x float> .*addrspace\(3\) )(%\S+),",
                                 r"\1getelementptr (i8, ptr addrspace(3) @attune_shared, i32 4),")),
    ("the flags of masked keys", ("kept", None),
     lambda text: re.sub(r"fcmp one float (%\S+), 0\.0\S*", r"fcmp une float \1, -1.0", text)),
    ("a slice of the depth", FEED_CASE, drop(0, BARRIER)),
    ("the bound of a row that is read", FEED_CASE,
     swap(0, r"icmp slt i32 (%\S+), %1\b", r"icmp sle i32 \1, %1")),
    ("the bound of a row that is written", FEED_CASE,
     swap(3, r"icmp slt i32 (%\S+), %1\b", r"icmp sle i32 \1, %1")),
]


def mutants():
    weights = ["--weights", feed_weights()]
    missed = []
    for number, (name, (model, options), change) in enumerate(MUTANTS):
        options = [*(options or garbage()), *(weights if model == "feed" else [])]
        _, kernels = compile_model(OWN, model)
        with open(kernels, encoding="utf-8") as file:
            text = file.read()
        mutated = change(text)
        assert mutated != text, name
        path = os.path.join(scratch, f"mutant{number}.ll")
        with open(path, "w", encoding="utf-8") as file:
            file.write(mutated)
        done = check_own(model, options, path, check=False)
        said = re.search(r"simulated GPU: (.*)|(not within.*|.*ratio .*)", done.stderr + done.stdout)
        if done.returncode == 0:
            missed.append(name)
        print(f"{'MISSED' if done.returncode == 0 else 'caught'}: {name}: "
              f"{said.group(0).strip() if said else done.stderr[:200]}")
    if missed:
        sys.exit(f"{len(missed)} mutants were not noticed")
    print(f"{len(MUTANTS)} of {len(MUTANTS)} mutants caught")


{"golden": golden, "own": own, "mutants": mutants}[what]()
