"""Conformance tests for variants and sources: one line in a plugin's own test suite.

Write, for a variant of yours:

    from relmem_cli.testing import check_variant

    def test_my_variant_conforms() -> None:
        check_variant(MY_VARIANT)
"""

from typing import Any

import torch

from relmem_cli.contract import Source, Variant
from relmem_cli.errors import RelmemError
from relmem_cli.sealing import named, package_of, sealed, text_of, told_with_place
from relmem_cli.stories.checking import stories_of
from relmem_cli.stories.sources import source_tasks
from relmem_cli.testing import build, model_checks
from relmem_cli.testing.case import prepare, require

__all__ = ["check_source", "check_variant"]

_CHECKS = (
    model_checks.check_state,
    model_checks.check_logits,
    model_checks.check_nothing_changes_in_place,
    model_checks.check_nothing_is_hidden,
    model_checks.check_padding,
    model_checks.check_forward_equals_read,
    model_checks.check_spelled,
    model_checks.check_explanation,
    build.check_groups,
    build.check_meta_build,  # loading needs it
    build.check_save_and_load,
    build.check_loss,
    build.check_measures,
    build.check_gradients,
    build.check_learning,
)


def check_source(source: Source) -> None:
    """Check the stories of all tasks and splits that a source says it has.

    Raises AssertionError with one sentence that says what does not hold.
    """
    splits = getattr(source, "splits", ("train", "test"))
    try:
        with sealed():
            for task in source_tasks(source):
                for split in splits:
                    stories = stories_of(source, task, split)
                    asked = sum(len(story.questions) for story in stories)
                    require(bool(asked), f"task {task} asks no question in {split}")
    except RelmemError as error:
        raise AssertionError(text_of(error)) from None
    except Exception as error:
        told = _told(error, type(source).__module__)
        raise AssertionError(f"source {source.name}{told}") from None


def check_variant(variant: Variant, options: dict[str, Any] | None = None) -> None:
    """Build the variant with `options` and check all that relmem relies on.

    Raises AssertionError with one sentence that says what does not hold. The stories and the
    initial weights are the same at every call, and torch's random state is left as it was.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        try:
            with sealed():
                build.check_options(variant, options or {})
                case = prepare(variant, options or {})
                for check in _CHECKS:
                    check(case)
        except RelmemError as error:
            raise AssertionError(text_of(error)) from None
        except Exception as error:
            told = _told(error, variant.model)
            raise AssertionError(f"variant {variant.name!r}{told}") from None


def _told(error: Exception, location: str) -> str:
    """What a check says, or what the code in a module raised and where."""
    place = told_with_place(error, package_of(location.partition(":")[0]))
    says = type(error) is AssertionError and place == named(error)
    return f": {text_of(error)}" if says else f" raised {place}"
