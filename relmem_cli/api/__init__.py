"""relmem as a library: models that are told stories, asked, trained and tested from Python.

`relmem_cli` itself offers these names, and imports them when they are first used. Nothing here
prints or ends the process; what a person can mend is raised as RelmemError, one sentence. torch is
imported when a model is loaded or trained, matplotlib when a figure is drawn.
"""

from relmem_cli.api.answer import Answer, Evidence
from relmem_cli.api.array import LabelledArray
from relmem_cli.api.evaluation import Evaluation, TaskError
from relmem_cli.api.model import Model, list_models, load
from relmem_cli.api.story import Story
from relmem_cli.api.training import TrainedRun, list_variants, train

__all__ = [
    "Answer",
    "Evaluation",
    "Evidence",
    "LabelledArray",
    "Model",
    "Story",
    "TaskError",
    "TrainedRun",
    "list_models",
    "list_variants",
    "load",
    "train",
]
