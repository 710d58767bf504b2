"""The paper's own figures, to set beside what is computed: the only literal results in relmem.

"A Research of Applying Multi-hop Attention and Memory Relations on Memory Networks", Jing-Han
Zhan, Alan Liu, Chiung-Hon Lee. Each tuple is in the order of tasks 1 to 20.
"""

from relmem_cli.stories.catalogue import TaskName

_RELATION_SLOT = (
    80_000, 82_900, 83_400, 79_400, 85_200, 83_400, 85_100, 85_100, 81_100, 81_500,
    81_600, 80_400, 81_600, 81_700, 79_700, 79_500, 81_100, 80_700, 83_200, 83_600,
)  # fmt: skip  # Table 5, and again Table 7

_ALL_RELATIONS = (
    110_000, 112_900, 113_400, 109_400, 115_200, 113_400, 115_100, 115_100, 111_100, 111_500,
    111_600, 110_400, 111_600, 111_700, 109_700, 109_500, 111_100, 110_700, 113_200, 113_600,
)  # fmt: skip  # Table 5

_SELF_MEMORY = (
    70_000, 72_900, 73_400, 69_400, 75_200, 73_400, 75_100, 75_100, 71_100, 71_500,
    71_600, 70_400, 71_600, 71_700, 69_700, 69_500, 71_100, 70_700, 73_200, 73_600,
)  # fmt: skip  # Table 7

PARAMETERS = {
    "relation-slot": _RELATION_SLOT,
    "self-memory": _SELF_MEMORY,
    "all-relations": _ALL_RELATIONS,
}
"""Parameters by variant (Tables 5 and 7); the paper prints none for entnet and multi-hop."""

ERRORS = {
    "entnet": (
        0.0, 20.8, 58.7, 0.1, 1.2, 3.6, 10.1, 1.3, 0.4, 0.5,
        8.9, 0.0, 5.6, 20.5, 5.1, 50.0, 41.2, 8.0, 87.8, 0.9,
    ),
    "multi-hop": (
        0.0, 28.4, 56.7, 0.2, 1.2, 3.5, 10.1, 2.2, 0.0, 3.7,
        8.0, 0.0, 5.6, 21.3, 29.7, 50.7, 39.0, 7.6, 86.8, 0.2,
    ),
    "relation-slot": (
        0.0, 11.6, 62.9, 0.0, 1.4, 1.9, 6.9, 1.7, 0.0, 0.8,
        4.2, 0.0, 6.2, 20.6, 0.0, 51.0, 37.7, 6.2, 85.3, 0.9,
    ),
    "self-memory": (
        0.0, 52.3, 62.1, 0.0, 17.2, 11.4, 23.4, 9.1, 35.6, 3.8,
        7.5, 0.6, 5.8, 55.9, 45.8, 51.2, 39.4, 8.5, 87.6, 2.9,
    ),
}  # fmt: skip
"""Test error in percent by variant (Table 6): bAbI en, 1,000 training questions, one model a task,
the mean of several trainings; multi-hop with two hops."""


ELSEWHERE = {"entnet": "entnet, as others report it on the same data: 29.6%, 15 tasks failed."}
"""What others than the paper report of a variant, as a sentence."""


def paper_parameters(variant: str, task: int) -> int | None:
    """The paper's parameter count of a variant for a task, or None where it prints none."""
    counts = PARAMETERS.get(variant)
    return counts[task - 1] if counts else None


def paper_error(variant: str, task: TaskName) -> float | None:
    """The paper's test error as a fraction, or None where it prints none."""
    errors = ERRORS.get(variant)
    return errors[task - 1] / 100 if errors and isinstance(task, int) else None
