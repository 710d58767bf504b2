"""Where the time of a training step goes."""

from machine import clock
from paths import Cell, TrainerPath
from torch import Tensor
from torch.profiler import ProfilerActivity, record_function
from torch.profiler import profile as torch_profile

from relmem_cli.stories.batch import StoryBatch

LEARN = "loss and gradients"
"""What a step's heart is called."""


def profile(cell: Cell, seconds: float, rows: int = 15) -> str:
    """The operations that take most of an epoch on the fast path: milliseconds of the CPU's time.

    LEARN is loss and gradients, but for torch's own operations in it: where these are compiled it
    is all of them. What torch does not see, such as batches and Python, is in the last line; the
    profiler itself slows every operation that it counts.
    """
    path = TrainerPath(cell, kernels="auto")
    learn = path.trainer.learner

    def seen_learning(batch: StoryBatch) -> Tensor:
        with record_function(LEARN):
            return learn(batch)

    path.trainer.learner = seen_learning
    path.warm_up(seconds)
    with torch_profile(activities=[ProfilerActivity.CPU]) as seen:
        started = clock(cell.device)
        path.turn(0)
        spent = 1000 * (clock(cell.device) - started)
    found = sorted(seen.key_averages(), key=lambda each: -each.self_cpu_time_total)
    known = sum(each.self_cpu_time_total for each in found) / 1000
    lines = [f"{cell.variant.name}, task {cell.task}: an epoch with its validation, {spent:.0f} ms"]
    lines.append(f"{'operation':58}{'calls':>9}{'ms':>10}{'share':>8}")
    for each in found[:rows]:
        taken = each.self_cpu_time_total / 1000
        lines.append(f"{each.key[:57]:58}{each.count:9}{taken:10.1f}{taken / spent:8.1%}")
    rest = sum(each.self_cpu_time_total for each in found[rows:]) / 1000
    lines.append(f"{'other operations':67}{rest:10.1f}{rest / spent:8.1%}")
    lines.append(f"{'outside torch':67}{spent - known:10.1f}{1 - known / spent:8.1%}")
    return "\n".join(lines)
