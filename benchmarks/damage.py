"""What damaged files do: each ends in one clear line or a right answer, and soon.

    uv run python benchmarks/damage.py [--models N] [--others N] [--seed S] [--only KIND:NUMBER]

A case is a good file with something wrong in it, drawn from the seed, the kind of file and its
number, so that --only repeats one. Models are listed, loaded and asked a question; settings,
words, results, metrics and conversations are read as commands read them. A case fails where
anything but a RelmemError is raised, where its message has more than 300 characters, a newline or
a control character, where a model answers with something outside its words, or where it takes more
than 0.2 s of processor time or 100 MB more than a good file did. The exit code is 1 where one does.
"""

import argparse
import sys
from collections.abc import Sequence

from damaged.trying import run


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=int, default=500)
    parser.add_argument("--others", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="KIND or KIND:NUMBER, as failures are named.")
    given = parser.parse_args(arguments)
    tallies = run(given.models, given.others, given.seed, given.only)
    for name, tally in tallies.items():
        ended = ", ".join(f"{count} {what}" for what, count in sorted(tally.outcomes.items()))
        print(
            f"{name:14} {ended}; at most {1000 * tally.slowest:.0f} ms and {tally.most:.0f} MB "
            f"more; {len(tally.problems)} failed"
        )
        for problem in tally.problems[:20]:
            print(f"  {problem}")
    return int(any(tally.problems for tally in tallies.values()))


if __name__ == "__main__":
    sys.exit(main())
