# The part that all modules share; below it is a class for each model. Standard
# library only: arrays are read through the buffer protocol or DLPack.
import ctypes as _ctypes
import hashlib as _hashlib
import mmap as _mmap
import os as _os
import sys as _sys
import weakref as _weakref

_CPU = 1
_CODES = {
    "f": (2, 32), "e": (2, 16), "d": (2, 64), "?": (6, 8), "b": (0, 8), "h": (0, 16),
    "i": (0, 32), "B": (1, 8), "H": (1, 16), "I": (1, 32), "Q": (1, 64), "q": (0, 64),
    "l": (0, 8 * _ctypes.sizeof(_ctypes.c_long)), "L": (1, 8 * _ctypes.sizeof(_ctypes.c_long)),
}
_FORMATS = {"f32": "f", "i64": "q", "i32": "i", "u8": "B", "bool": "?"}
_NUMPY = {"f32": "float32", "i64": "int64", "i32": "int32", "u8": "uint8", "bool": "bool_"}
_NAMES = (
    "OK NULL ABI RANK SHAPE DIM_MISMATCH DIM_BOUND DTYPE STRIDE ALIGN ALIAS DEVICE WORKSPACE "
    "OVERFLOW NOMEM FILE WEIGHTS VALUE CUDA").split()


class AttuneError(Exception):
    """What the library refuses: str() is its message, `code` the number of
    ATTUNE_E_SHAPE and the like, `name` that name."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
        self.name = "ATTUNE_E_" + _NAMES[code] if code < len(_NAMES) else str(code)


class _Error(_ctypes.Structure):
    _fields_ = [("code", _ctypes.c_int32), ("message", _ctypes.c_char * 252)]

    def check(self, code):
        if code:
            raise AttuneError(code, self.message.decode("utf-8", "replace"))


class _Tensor(_ctypes.Structure):
    """attune_tensor, which is DLPack's DLTensor."""
    _fields_ = [
        ("data", _ctypes.c_void_p), ("device_type", _ctypes.c_int32), ("device_id", _ctypes.c_int32),
        ("ndim", _ctypes.c_int32), ("code", _ctypes.c_uint8), ("bits", _ctypes.c_uint8),
        ("lanes", _ctypes.c_uint16), ("shape", _ctypes.POINTER(_ctypes.c_int64)),
        ("strides", _ctypes.POINTER(_ctypes.c_int64)), ("byte_offset", _ctypes.c_uint64)]

    def contiguous(self):
        """C-contiguous and aligned to its elements: what a run takes."""
        expected = 1
        for axis in reversed(range(self.ndim)):
            if self.shape[axis] == 0:
                return True
            if self.strides and self.shape[axis] != 1 and self.strides[axis] != expected:
                return False
            expected *= self.shape[axis]
        return ((self.data or 0) + self.byte_offset) % max(self.bits // 8, 1) == 0


class _Buffer(_ctypes.Structure):
    """CPython's Py_buffer."""
    _fields_ = [
        ("buf", _ctypes.c_void_p), ("obj", _ctypes.c_void_p), ("len", _ctypes.c_ssize_t),
        ("itemsize", _ctypes.c_ssize_t), ("readonly", _ctypes.c_int), ("ndim", _ctypes.c_int),
        ("format", _ctypes.c_char_p), ("shape", _ctypes.POINTER(_ctypes.c_ssize_t)),
        ("strides", _ctypes.POINTER(_ctypes.c_ssize_t)), ("suboffsets", _ctypes.c_void_p),
        ("internal", _ctypes.c_void_p)]


def _python_function(name, *types):
    # Functions of its own for each module: the types of _ctypes.pythonapi's are for all.
    return _ctypes.PYFUNCTYPE(*types)((name, _ctypes.pythonapi))


_get_buffer = _python_function(
    "PyObject_GetBuffer", _ctypes.c_int, _ctypes.py_object, _ctypes.POINTER(_Buffer), _ctypes.c_int)
_release_buffer = _python_function("PyBuffer_Release", None, _ctypes.POINTER(_Buffer))
_capsule_pointer = _python_function(
    "PyCapsule_GetPointer", _ctypes.c_void_p, _ctypes.py_object, _ctypes.c_char_p)


class _View:
    """The memory of an array as an attune_tensor, for as long as this lives."""

    def __init__(self, what, array, writable=False):
        self._buffer = None
        self.keep = [array]
        if hasattr(array, "__dlpack__") and not _is_numpy(array):
            self._read_dlpack(what, array)
        else:
            self._read_buffer(what, array, writable)

    def __del__(self):
        if self._buffer is not None:
            _release_buffer(_ctypes.byref(self._buffer))

    def _read_buffer(self, what, array, writable):
        buffer = _Buffer()
        try:  # strides and format, writable or not
            _get_buffer(array, _ctypes.byref(buffer), 0x1c | bool(writable))
        except (TypeError, BufferError, ValueError) as error:
            raise TypeError(f"{what} is {type(array).__name__}, not a"
                            f"{' writable' if writable else 'n'} array: {error}") from None
        self._buffer = buffer
        form = (buffer.format or b"B").decode("ascii", "replace")
        if form[:1] in "@=<|" and len(form) == 2:
            form = form[1:]
        if form not in _CODES:
            raise TypeError(f"{what} has elements of format `{form}`")
        code, bits = _CODES[form]
        rank = buffer.ndim
        strides = [buffer.strides[i] // buffer.itemsize for i in range(rank)]
        # A stride that is no number of elements is none that a copy would have.
        if any(buffer.strides[i] % buffer.itemsize for i in range(rank)):
            strides = [-1] * rank
        self._set(buffer.buf, rank, code, bits, buffer.shape[:rank], strides)

    def _read_dlpack(self, what, array):
        try:
            kind, index = (int(part) for part in array.__dlpack_device__())
        except (RuntimeError, BufferError, TypeError, ValueError) as error:
            raise TypeError(f"{what} cannot be read through DLPack: {error}") from None
        if kind != _CPU:
            name = {2: "a CUDA device", 10: "a ROCm device", 8: "a Metal device"}.get(kind, f"device type {kind}")
            raise AttuneError(_NAMES.index("DEVICE"), f"{what} lives on {name} (number {index}): the model "
                              f"runs on the CPU; pass a copy such as tensor.cpu()")
        boolean = False
        if _is_torch(array):
            torch = _sys.modules["torch"]
            array = array.detach()
            boolean = array.dtype == torch.bool
            if boolean:  # which PyTorch did not always export
                array = array.view(torch.uint8)
        try:
            capsule = array.__dlpack__()
        except (RuntimeError, BufferError, TypeError, ValueError) as error:
            raise TypeError(f"{what} cannot be read through DLPack: {error}") from None
        self.keep += [array, capsule]
        source = _Tensor.from_address(_capsule_pointer(capsule, b"dltensor"))
        rank = source.ndim
        self._set(source.data, rank, 6 if boolean else source.code, source.bits, source.shape[:rank],
                  source.strides[:rank] if source.strides else None, source.byte_offset, source.lanes)

    def _set(self, data, rank, code, bits, shape, strides, offset=0, lanes=1):
        self.shape = tuple(shape)
        sizes = (_ctypes.c_int64 * max(rank, 1))(*self.shape)
        steps = (_ctypes.c_int64 * max(rank, 1))(*strides) if strides is not None else None
        self.tensor = _Tensor(data, _CPU, 0, rank, code, bits, lanes, sizes, steps, offset)
        self.keep += [sizes, steps]


def _is_numpy(array):
    return hasattr(array, "__array_interface__")


def _is_torch(array):
    return "torch" in _sys.modules and isinstance(array, _sys.modules["torch"].Tensor)


def _input(what, array):
    """A view that a run takes: of the array itself where its layout allows, else of a copy."""
    view = _View(what, array)
    if view.tensor.contiguous():
        return view
    if _is_torch(array):
        copy = array.detach().contiguous()
        # PyTorch's contiguous() does not look at the alignment.
        return _View(what, copy if copy.data_ptr() != array.data_ptr() else copy.clone())
    if _is_numpy(array):
        return _View(what, array.copy(order="C"))
    if hasattr(array, "__dlpack__"):
        return view  # the library says what is wrong with it
    strided = memoryview(array)
    return _View(what, memoryview(strided.tobytes()).cast(strided.format.lstrip("@=<"), strided.shape))


def _new_output(like, dtype, shape):
    """An array of the kind of `like`: torch, else numpy where it can be imported, else a memoryview."""
    if like is not None and _is_torch(like):
        torch = _sys.modules["torch"]
        return torch.empty(shape, dtype={"bool": torch.bool}.get(dtype) or getattr(torch, _NUMPY[dtype]))
    if like is None or hasattr(like, "__dlpack__") or _is_numpy(like):
        try:
            import numpy
            return numpy.empty(shape, getattr(numpy, _NUMPY[dtype]))
        except ImportError:
            pass
    form = _FORMATS[dtype]
    memory = _C_TYPES[form]
    for size in reversed(shape):
        memory = memory * size
    if 0 in shape:  # which cast() cannot make
        return memoryview(memory())
    return memoryview(bytearray(_ctypes.sizeof(memory))).cast(form, shape)


_C_TYPES = {"f": _ctypes.c_float, "q": _ctypes.c_int64, "i": _ctypes.c_int32, "B": _ctypes.c_uint8,
            "?": _ctypes.c_bool}


def _size(terms, dims):
    """The value of an extent: a sum of factors times products of dims."""
    total = 0
    for factor, names in terms:
        for name in names:
            factor *= dims[name]
        total += factor
    return total


_library = None


def _load():
    """The library beside this module, opened when it is first needed."""
    global _library
    if _library is None:
        path = _os.path.join(_os.path.dirname(_os.path.abspath(__file__)), _LIBRARY)
        if not _os.path.exists(path):
            raise ImportError(f"{path} is missing: this module needs it beside it")
        _library = _ctypes.CDLL(path)
    return _library


_has_run = False


def set_threads(count):
    """Threads of the library's pool, the caller included: 1 to 64. Before the first run; without it
    ATTUNE_NUM_THREADS or the affinity mask decides."""
    if not isinstance(count, int) or not 1 <= count <= 64:
        raise ValueError(f"{count!r} is not a number of threads: 1 to 64")
    if _has_run:
        raise RuntimeError("the threads have started: call set_threads before the first run")
    _os.environ["ATTUNE_NUM_THREADS"] = str(count)


class _Model:
    """What the models of a library have in common."""

    def __init__(self, weights=None):
        """`weights`: the path of a safetensors file (or the index of a sharded one), or a mapping such as
        PyTorch's state_dict(), in which names that the model does not have are ignored."""
        self._check_build()
        self._spare = []
        self._weights = None
        if weights is None:
            if self._WEIGHTS:
                raise TypeError(f"{self._NAME} has weights: pass the path of a safetensors file, or a mapping")
            return
        handle = _ctypes.c_void_p()
        if isinstance(weights, (str, bytes, _os.PathLike)):
            self._call("weights_load", _os.fsencode(weights), _ctypes.byref(handle))
            self._own(handle)
            return
        if not hasattr(weights, "keys"):
            raise TypeError(f"weights are {type(weights).__name__}: pass the path of a safetensors file, or a mapping "
                            "of names to arrays")
        self._call("weights_new", _ctypes.byref(handle))
        self._own(handle)
        for name in self._WEIGHTS:
            if name in weights:
                view = _View(f"weight `{name}`", weights[name])
                self._call("weights_set", handle, name.encode(), _ctypes.byref(view.tensor))
        self._call("weights_finish", handle)

    def _own(self, handle):
        free = self._function("weights_free")
        free.restype = None
        _weakref.finalize(self, free, handle)
        self._weights = handle

    def _function(self, name):
        return getattr(_load(), f"{self._NAME}_{name}")

    def _check_build(self):
        """A library from another build would read other arguments."""
        manifest = self._function("manifest")
        manifest.restype = _ctypes.c_char_p
        if _hashlib.sha256(manifest()).hexdigest() != self._MANIFEST:
            raise ImportError(f"{_LIBRARY} and this module are of different builds of `{self._NAME}`")

    def _call(self, name, *arguments):
        error = _Error()
        error.check(self._function(name)(*arguments, _ctypes.byref(error)))

    def __call__(self, *inputs, **named):
        """Runs the model: inputs by position or name, dims by name where no input shows them, and
        out=array (or a sequence of arrays) for results that exist already."""
        names = [name for name, _, _ in self._INPUTS]
        if len(inputs) > len(names):
            raise TypeError(f"{self._NAME} takes {len(names)} inputs, not {len(inputs)}")
        arrays = dict(zip(names, inputs))
        dims, out = {}, None
        for name, value in named.items():
            if name in arrays:
                raise TypeError(f"{self._NAME} got input `{name}` twice")
            if name in names:
                arrays[name] = value
            elif name in (dim for dim, _, _ in self._DIMS):
                dims[name] = value
            elif name == "out":
                out = value
            else:
                raise TypeError(f"{self._NAME} has no input or dim `{name}`")
        return self.run(arrays, dims, out)

    def run(self, inputs, dims=None, out=None):
        """The same with a mapping of names to inputs, one of dims and a sequence of outputs: for names
        that the call itself uses."""
        missing = [f"`{name}`" for name, _, _ in self._INPUTS if name not in inputs]
        if missing:
            raise TypeError(f"{self._NAME} lacks input {', '.join(missing)}")
        views = [_input(f"input `{name}`", inputs[name]) for name, _, _ in self._INPUTS]
        if out is not None:
            outputs = list(out) if isinstance(out, (tuple, list)) else [out]
            if len(outputs) != len(self._OUTPUTS):
                raise TypeError(f"{self._NAME} has {len(self._OUTPUTS)} outputs, not {len(outputs)}")
            views += [_View(f"output `{name}`", array, writable=True)
                      for (name, _, _), array in zip(self._OUTPUTS, outputs)]
        values = self._bind(views, dims or {})
        workspace = self._workspace_bytes(views, values)
        if out is None:
            like = next((inputs[name] for name, _, _ in self._INPUTS), None)
            outputs = [_new_output(like, dtype, [max(_size(extent, values), 0) for extent in shape])
                       for _, dtype, shape in self._OUTPUTS]
            views += [_View(f"output `{name}`", array, writable=True)
                      for (name, _, _), array in zip(self._OUTPUTS, outputs)]
        self._run(views, workspace)
        return outputs[0] if len(outputs) == 1 else tuple(outputs)

    def _bind(self, views, given):
        """The dims by the arrays that show them. Where one has another rank, the run says so."""
        values = {}
        for name, tensor, axis in self._DIMS:
            if tensor < len(views):
                shape = views[tensor].shape
                values[name] = shape[axis] if axis < len(shape) else 0
                if name in given and given[name] != values[name]:
                    raise TypeError(f"dim `{name}` is {values[name]} by the arrays, not {given[name]}")
            elif name in given:
                values[name] = int(given[name])
            else:
                raise TypeError(f"{self._NAME} needs dim `{name}`: no input shows it")
        for name in given:
            if name not in values:
                raise TypeError(f"{self._NAME} has no dim `{name}`")
        return values

    def _workspace_bytes(self, views, values):
        """What a run with these dims needs; refuses dims above their bounds before memory is taken."""
        size = _ctypes.c_size_t()
        dims = (_ctypes.c_int64 * max(len(values), 1))(*values.values())
        # Where a rank is wrong no dim is known, and the run says that.
        if all(view.tensor.ndim == len(shape)
               for view, (_, _, shape) in zip(views, self._INPUTS + self._OUTPUTS)):
            self._call("workspace", dims, _ctypes.byref(size))
        return size.value

    def _run(self, views, size):
        global _has_run
        _has_run = True
        memory = self._take(size)
        start = _ctypes.addressof(_ctypes.c_char.from_buffer(memory))
        try:
            self._call("run", self._weights, *(_ctypes.byref(view.tensor) for view in views),
                       _ctypes.c_void_p(start), _ctypes.c_size_t(size), None)
        finally:
            self._spare.append(memory)

    def _take(self, size):
        """A workspace: one that an earlier run left, if it is large enough. Pages are aligned to more than
        the 64 bytes that a run wants. Runs in several threads have one each."""
        try:
            memory = self._spare.pop()
            if len(memory) >= size:
                return memory
        except IndexError:
            pass
        return _mmap.mmap(-1, max(size, 1))
