"""Whether what `explain` returned can be shown; the contract's own check, whoever asks."""

from torch import Tensor

from relmem_cli.contract.model import Chart


def misdrawn(charts: object) -> str:
    """What keeps it from being shown, "" for nothing: it is charts by name, each with two axes."""
    if not isinstance(charts, dict):
        return f"explain returned {type(charts).__name__}, not a dict"
    for name, chart in charts.items():
        if not isinstance(chart, Chart):
            return f"explain's {name!r} is not a Chart"
        if not isinstance(chart.values, Tensor) or chart.values.dim() != 2:
            return f"explain's {name!r} is no tensor with two axes"
    return ""
