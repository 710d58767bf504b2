"""Machine code on the disk: processes that compile one function at once do not mix it up."""

import subprocess
import sys
from pathlib import Path

import pytest

MODULE = """
import sys, time
import numpy as np
from numba.core.caching import IndexDataCacheFile
from relmem_variants.fast.cpu.tile import compiled

@compiled
def doubled(array):
    return array + array

def slow(cache, found=IndexDataCacheFile._load_index):
    index = found(cache)
    time.sleep(0.5)
    return index

if __name__ == "__main__":
    IndexDataCacheFile._load_index = slow  # between seeing what is there and adding to it
    for kind in sys.argv[1:]:
        if doubled(np.ones(3, kind)).tolist() != [2, 2, 2]:
            sys.exit(f"wrong for {kind}")
"""


@pytest.mark.slow
def test_two_processes_that_compile_at_once_keep_both_versions(tmp_path: Path) -> None:
    file = tmp_path / "doubling.py"
    file.write_text(MODULE)
    command = [sys.executable, str(file)]
    both = [subprocess.Popen([*command, kind]) for kind in ("float32", "float64")]
    assert [process.wait() for process in both] == [0, 0]
    assert len(list(tmp_path.rglob("*.nbc"))) == 2
    later = subprocess.run(
        [*command, "float64", "float32"], capture_output=True, text=True, check=False
    )
    assert (later.returncode, later.stderr) == (0, "")
