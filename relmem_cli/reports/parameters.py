"""Parameters counted from the modules themselves, built on the meta device: no memory, no data."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from relmem_cli.contract import Variant
from relmem_cli.contract.model import StoryModel
from relmem_cli.errors import RelmemError
from relmem_cli.plugin_faults import explain
from relmem_cli.reports.paper import PARAMETERS, paper_parameters
from relmem_cli.reports.tables import Table
from relmem_cli.stories.catalogue import TASKS
from relmem_cli.stories.vocabulary import Sizes

_NOTE = "± beside a count is its difference from the paper's (Tables 5 and 7)."
_SILENT = "The paper prints no counts for {}."


_FILLS = {"normal_", "uniform_", "fill_", "zero_", "constant_", "kaiming_uniform_"}
"""Methods of tensors, and functions of torch.nn.init, that only set values."""


class _Unfilled(TorchFunctionMode):
    """Skips initialisers: a meta tensor has nothing to fill.

    Without this, the first of them imports torch's compiler, which takes several seconds.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        named = dict(kwargs or {})
        if getattr(func, "__name__", "") in _FILLS:
            return args[0] if args else named["tensor"]
        return func(*args, **named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The parameters of a variant for a task; the paper's figure is None where it prints none."""

    task: int
    variant: str
    parameters: int
    paper: int | None

    @property
    def difference(self) -> int | None:
        """How many parameters more than the paper's."""
        return None if self.paper is None else self.parameters - self.paper


def build_on_meta(
    variant: Variant, sizes: Sizes, options: Mapping[str, Any] | None = None
) -> StoryModel[Any]:
    """A variant's module whose tensors have shapes and no values.

    Raises RelmemError where the variant cannot be built.
    """
    try:
        with torch.device("meta"), _Unfilled():
            return variant.build(sizes, dict(options or {}))
    except RelmemError:
        raise
    except Exception as error:
        raise RelmemError(f"{variant.name} cannot be built: {explain(error)}") from error


def count(variant: Variant, tasks: Iterable[int]) -> list[Count]:
    """A variant's parameters for each of the tasks, with its default options."""
    return [
        Count(
            task=task,
            variant=variant.name,
            parameters=_total(build_on_meta(variant, TASKS[task].sizes)),
            paper=paper_parameters(variant.name, task),
        )
        for task in tasks
    ]


def count_rows(counts: Sequence[Count]) -> Table:
    """For machines: a row for each task and variant."""
    rows = [
        {
            "task": one.task,
            "variant": one.variant,
            "parameters": one.parameters,
            "paper": one.paper,
            "difference": one.difference,
        }
        for one in sorted(counts, key=lambda one: one.task)
    ]
    return Table(title="Parameters by task and variant", rows=rows)


def count_table(counts: Sequence[Count]) -> Table:
    """For people: a row for each task; one variant in full, or several side by side."""
    names = list(dict.fromkeys(one.variant for one in counts))
    return _one_variant(counts) if len(names) == 1 else _side_by_side(counts, names)


def group_table(variant: Variant, sizes: Sizes, options: Mapping[str, Any], title: str) -> Table:
    """Every tensor of a model by group; below, the groups' sums and the total.

    Raises RelmemError where the groups do not hold each parameter exactly once.
    """
    model = build_on_meta(variant, sizes, options)
    shapes = {name: list(tensor.shape) for name, tensor in model.named_parameters()}
    sums: Counter[str] = Counter()
    rows = []
    for group, name in checked_groups(model, variant.name):
        number = torch.Size(shapes[name]).numel()
        sums[group] += number
        rows.append({"group": group, "tensor": name, "shape": shapes[name], "parameters": number})
    if sums.total() != _total(model):
        raise RelmemError(
            f"{variant.name}'s groups sum to {sums.total():,} and its parameters to "
            f"{_total(model):,}; mend the model's groups()."
        )
    footer = [_sum_row(group, number) for group, number in [*sums.items(), ("total", sums.total())]]
    return Table(title=title, rows=rows, footer=footer, formats={"parameters": ","})


def for_people(table: Table) -> Table:
    """A group table with shapes as "20 x 100" and each group named once."""
    rows, before = [], None
    for row in table.rows:
        group = row["group"]
        shape = " x ".join(map(str, row["shape"])) or "scalar"
        rows.append({**row, "group": "" if group == before else group, "shape": shape})
        before = group
    return Table(
        title=table.title,
        rows=rows,
        footer=table.footer,
        formats=table.formats,
        right=("shape",),
    )


def checked_groups(model: StoryModel[Any], name: str) -> list[tuple[str, str]]:
    """(group, parameter) for every parameter, in the groups' order.

    Raises RelmemError unless the groups hold each parameter exactly once and nothing else.
    """
    pairs = [(group, member) for group, members in model.groups().items() for member in members]
    times = Counter(member for _, member in pairs)
    parameters = {parameter for parameter, _ in model.named_parameters()}
    faults = {
        "in no group": parameters - times.keys(),
        "in several places": {member for member, number in times.items() if number > 1},
        "no parameter at all": times.keys() - parameters,
    }
    for fault, members in faults.items():
        if members:
            listed = ", ".join(sorted(members))
            raise RelmemError(f"{name}'s groups are wrong: {fault}: {listed}; mend its groups().")
    return pairs


def _total(model: StoryModel[Any]) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def _sum_row(group: str, number: int) -> dict[str, Any]:
    return {"group": group, "tensor": "", "shape": "", "parameters": number}


def _one_variant(counts: Sequence[Count]) -> Table:
    rows = [
        {
            "task": one.task,
            "name": TASKS[one.task].name,
            "parameters": one.parameters,
            "paper": one.paper,
            "difference": one.difference,
        }
        for one in counts
    ]
    columns = ("parameters", "paper", "difference")
    sums = {key: _sum(row[key] for row in rows) for key in columns}
    means = {key: total if total is None else total / len(rows) for key, total in sums.items()}
    silent = not any(one.paper for one in counts)
    return Table(
        title=f"Parameters of {counts[0].variant} by task",
        rows=rows,
        footer=[{"task": "sum", "name": "", **sums}, {"task": "mean", "name": "", **means}],
        formats=dict.fromkeys(columns, ",.0f"),
        notes=[_SILENT.format(counts[0].variant) if silent else "Paper: Tables 5 and 7."],
    )


def _side_by_side(counts: Sequence[Count], names: Sequence[str]) -> Table:
    by_task: dict[int, dict[str, Any]] = {}
    for one in counts:
        row = by_task.setdefault(one.task, {"task": one.task})
        row[one.variant] = _cell(one.parameters, one.difference)
    sums: dict[str, Any] = {"task": "sum"}
    means: dict[str, Any] = {"task": "mean"}
    for name in names:
        mine = [one for one in counts if one.variant == name]
        total = sum(one.parameters for one in mine)
        apart = _sum(one.difference for one in mine)
        sums[name] = _cell(total, apart)
        means[name] = _cell(total / len(mine), None if apart is None else apart / len(mine))
    silent = [name for name in names if name not in PARAMETERS]
    return Table(
        title="Parameters by task and variant",
        rows=list(by_task.values()),
        footer=[sums, means],
        right=names,
        notes=[_NOTE, *([_SILENT.format(", ".join(silent))] if silent else [])],
    )


def _cell(number: float, difference: float | None) -> str:
    """A count, and its difference from the paper's where there is one: "80,000 ±0"."""
    if difference is None:
        return f"{number:,.0f}"
    return f"{number:,.0f} {f'{difference:+,.0f}' if difference else '±0'}"


def _sum(values: Iterable[Any]) -> Any:
    """The sum, or None where any value is None."""
    listed = list(values)
    return None if None in listed else sum(listed)
