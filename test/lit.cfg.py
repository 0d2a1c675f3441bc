"""How lit runs the tests below test/ and examples/."""

import os
import shutil
import subprocess

import lit.formats

config.name = "Attune" if config.attune_folder == "test" else "Attune examples"
config.test_format = lit.formats.ShTest()
config.suffixes = [".mlir", ".attn", ".test"]
config.excludes = ["CMakeLists.txt", "Inputs", "unit"]
config.test_source_root = os.path.join(config.attune_source_dir, config.attune_folder)
config.test_exec_root = os.path.join(config.attune_binary_dir, config.attune_folder)

# ptxas: NVIDIA's assembler, from a toolkit, where there is one.
ptxas = shutil.which("ptxas") or shutil.which(
    "ptxas", path=os.path.join(os.environ.get("CUDA_HOME", "/usr/local/cuda"), "bin"))
if ptxas:
    config.available_features.add("ptxas")

# An emulator of other processors; AVX-512 where this one has it.
qemu = shutil.which("qemu-x86_64")
if qemu:
    config.available_features.add("qemu")
try:
    with open("/proc/cpuinfo", encoding="utf-8") as cpuinfo:
        flags = set(next((line for line in cpuinfo if line.startswith("flags")), "").split())
except OSError:
    flags = set()
if "avx2" in flags and "fma" in flags:
    config.available_features.add("avx2")
if {"avx512f", "avx512bw", "avx512dq", "avx512vl"} <= flags:
    config.available_features.add("avx512")

# Tests of Python modules want NumPy, and PyTorch where it is. The system's Python
# has what ./dev test installs.


def imports(python, module):
    return subprocess.run([python, "-c", f"import {module}"], capture_output=True,
                          check=False).returncode == 0


pythons = [p for p in (config.python, "/usr/bin/python3") if os.path.exists(p) or shutil.which(p)]
numpy_python = next((p for p in pythons if imports(p, "numpy")), None)
if numpy_python:
    config.available_features.add("numpy")
torch_python = next((p for p in pythons if imports(p, "torch") and imports(p, "numpy")), None)
if torch_python:
    config.available_features.add("torch")

# Longer names first: lit substitutes in order.
tools = os.path.join(config.attune_binary_dir, "bin")
llvm = config.llvm_tools_dir
config.substitutions += [
    ("%attune-opt", os.path.join(tools, "attune-opt")),
    ("%attune", os.path.join(tools, "attune")),
    ("%cuda-sim", os.path.join(config.attune_binary_dir, "test", "attune_cuda_sim.so")),
    ("%build_dir", config.attune_binary_dir),
    ("%source_dir", config.attune_source_dir),
    ("%numpy-python", numpy_python or "python3"),
    ("%torch-python", torch_python or "python3"),
    ("%python", config.python),
    ("%qemu", qemu or "qemu-x86_64"),
    ("%ptxas", ptxas or "ptxas"),
    ("%clang", os.path.join(llvm, "clang")),
    ("%opt", os.path.join(llvm, "opt")),
    ("%llc", os.path.join(llvm, "llc")),
    ("%mlir-tblgen", os.path.join(llvm, "mlir-tblgen")),
    ("%llvm_include", os.path.join(os.path.dirname(llvm), "include")),
    ("%mlir-translate", os.path.join(llvm, "mlir-translate")),
    ("%llvm-objdump", os.path.join(llvm, "llvm-objdump")),
    ("%llvm-nm", os.path.join(llvm, "llvm-nm")),
    (r"\bFileCheck\b", os.path.join(llvm, "FileCheck") + " --enable-var-scope"),
    (r"(?<![-\w])not\b", os.path.join(llvm, "not")),
    (r"\bcount\b", os.path.join(llvm, "count")),
]

# Tests see a plain environment: no colour, a known thread count, no locale.
config.environment = {
    "PATH": os.environ.get("PATH", ""),
    "LC_ALL": "C.UTF-8",
    "ATTUNE_NUM_THREADS": "2",
}
for name in ("HOME", "TMPDIR", "CCACHE_DIR"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
