"""Torch's shared libraries, loaded while the prompt goes on answering."""

import ctypes
import os
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

IN_ORDER = ("libtorch_global_deps.so", "libtorch_python.so")
"""Those that `import torch` loads, with all that they need, in its order."""


def load_libraries() -> None:
    """Load them in this thread; `import torch` finds them loaded then.

    It would load them itself, but Python stands still meanwhile, a third of a second or more: so
    long no key that is typed would be seen, Ctrl-D neither. A call of the system's own function
    lets the other threads run. Elsewhere than on Linux nothing is done, and what fails here is left
    to `import torch`, which says why.
    """
    torch = find_spec("torch") if sys.platform == "linux" else None
    if torch is None or not torch.origin:
        return
    with suppress(OSError, AttributeError):  # a Python that is linked in another way
        load = ctypes.CDLL(None).dlopen
        load.argtypes, load.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
        for name in IN_ORDER:
            scope = os.RTLD_GLOBAL if name == IN_ORDER[0] else os.RTLD_LOCAL
            load(os.fsencode(Path(torch.origin).parent / "lib" / name), os.RTLD_LAZY | scope)
