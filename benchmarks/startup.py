"""How long relmem takes to start, as a ratio to importing Typer and Rich.

    uv run python benchmarks/startup.py [--runs N] [--json]

Every command runs as a whole process, in turn with the baseline `python -c "import typer, rich"`
so that a change of the machine's speed meets both alike. The figures are medians in seconds.

`relmem ask` runs in turn with importing torch instead: in a bare Python that ends at once then, and
in one that also takes torch apart again, as Python does by itself.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RELMEM = str(Path(sys.executable).with_name("relmem"))
BASELINE = [sys.executable, "-c", "import typer, rich"]
COMMANDS = {
    "relmem --help": [RELMEM, "--help"],
    "relmem variants": [RELMEM, "variants"],
    "relmem plugins": [RELMEM, "plugins"],
    "relmem models": [RELMEM, "models"],
    "relmem params table": [RELMEM, "params", "table"],
    "import torch": [sys.executable, "-c", "import torch"],
}
IMPORT = [sys.executable, "-c", "import os, torch; os._exit(0)"]
IMPORT_AND_END = [sys.executable, "-c", "import torch"]
STORY = "Mary went to the kitchen.\nJohn went to the garden.\n"
TARGET = 3.0
"""`--help`, `variants` and `plugins` are to stay below this many times the baseline."""


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ)
    return time.perf_counter() - started


def measure(runs: int) -> list[dict[str, object]]:
    rows = []
    for name, command in COMMANDS.items():
        seconds(command)
        pairs = [(seconds(command), seconds(BASELINE)) for _ in range(runs)]
        rows.append(
            {
                "command": name,
                "seconds": round(statistics.median(own for own, _ in pairs), 3),
                "baseline_seconds": round(statistics.median(base for _, base in pairs), 3),
                "ratio": round(statistics.median(own / base for own, base in pairs), 2),
            }
        )
    return rows


def answer(runs: int) -> dict[str, float]:
    """What an answer costs beyond importing torch, in seconds."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as story:
        story.write(STORY)
        story.flush()
        ask = [RELMEM, "ask", "--device", "cpu", "--story", story.name, "Where is Mary?"]
        seconds(ask)
        found = [(seconds(ask), seconds(IMPORT), seconds(IMPORT_AND_END)) for _ in range(runs)]
    return {
        "ask_seconds": round(statistics.median(own for own, _, _ in found), 3),
        "beyond_import": round(statistics.median(own - base for own, base, _ in found), 3),
        "beyond_import_and_end": round(statistics.median(own - end for own, _, end in found), 3),
    }


def main() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # with it relmem is compiled at every start
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=11, help="counted runs of each command")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    rows, answered = measure(arguments.runs), answer(arguments.runs)
    if arguments.json:
        print(json.dumps({"commands": rows, "ask": answered}, indent=2))
        return
    print(f"{'command':22}{'seconds':>9}{'baseline':>10}{'ratio':>8}")
    for row in rows:
        print(
            f"{row['command']:22}{row['seconds']:>9}{row['baseline_seconds']:>10}{row['ratio']:>8}"
        )
    print("relmem ask:", "  ".join(f"{key} {value}" for key, value in answered.items()))
    print(f"The first three are to stay below {TARGET} times the baseline.")


if __name__ == "__main__":
    main()
