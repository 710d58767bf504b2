"""A model to check, stories for it, and how a check fails."""

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from relmem_cli.contract import Variant
from relmem_cli.contract.model import StoryModel
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.tokens import PAD
from relmem_cli.stories.vocabulary import Sizes, Vocabulary

SIZES = Sizes(vocabulary=13, sentence_length=6, question_length=4, story_length=7)
"""Different numbers, so that no two can be mistaken for each other."""

VOCABULARY = Vocabulary((PAD, *(f"word{number}" for number in range(1, SIZES.vocabulary))))
EPOCHS = 4
"""How many a model hears of (`StoryModel.epoch`) before it is checked, as in training."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A model of the variant in evaluation mode, and stories for it."""

    variant: Variant
    options: dict[str, Any]
    model: StoryModel[Any]
    batch: StoryBatch


def prepare(variant: Variant, options: dict[str, Any]) -> Case:
    """A new model and its stories; raises AssertionError where it is no StoryModel."""
    model = variant.build(SIZES, options)
    require(isinstance(model, StoryModel), f"{variant.model} is not a subclass of StoryModel")
    require(
        getattr(model, "sizes", None) == SIZES,
        "model.sizes is not what it was built with; pass sizes to super().__init__",
    )
    known = {name for name, _ in model.named_parameters()}
    model.prepare(VOCABULARY, stories_in_words())
    more = {name for name, _ in model.named_parameters()} - known
    require(
        not more, f"prepare() adds {', '.join(sorted(more))}; make it in __init__, fill it here"
    )
    for number in range(1, EPOCHS + 1):
        begins = model.epoch(number, EPOCHS)
        require(
            begins in (None, True, False), f"epoch() returned {begins!r}; it is True or nothing"
        )
    return Case(variant=variant, options=options, model=model.eval(), batch=stories())


def stories_in_words() -> list[Story]:
    """Stories in words, as `prepare` gets those of training."""
    words = [f"word{number}" for number in range(1, SIZES.vocabulary)]
    asked = Question(text=tuple(words[:3]), answer=words[3], position=2, supports=(1,))
    return [
        Story(sentences=(tuple(words[:5]), tuple(words[3:9])), questions=(asked,)),
        Story(sentences=(tuple(words[6:]),), questions=(replace(asked, position=1, supports=()),)),
    ]


def stories() -> StoryBatch:
    """Five stories: one empty, one with a sentence of pads inside; questions in no order.

    The sentence before a question is its supporting one; every second answer has a second word.
    """
    sentences = words(5, 7, SIZES.sentence_length)
    for story, length in enumerate((5, 0, 7, 3, 4)):
        sentences[story, length:] = 0
    sentences[2, 3] = 0
    asked = torch.tensor([(2, 7), (0, 2), (1, 0), (4, 4), (2, 3), (0, 5), (3, 0), (2, 4), (3, 3)])
    answers = torch.arange(1, len(asked) + 1)
    return StoryBatch(
        sentences=sentences,
        questions=words(len(asked), SIZES.question_length),
        story=asked[:, 0].contiguous(),
        position=asked[:, 1].contiguous(),
        answers=answers,
        spelled=torch.stack([answers, answers * (answers % 2)], dim=1),
        supports=torch.stack([asked[:, 1] - 1, torch.full_like(asked[:, 1], -1)], dim=1),
    )


def words(*shape: int) -> Tensor:
    """Random tokens; every row has at least one word, and pads after its last."""
    lengths = torch.randint(1, shape[-1] + 1, (*shape[:-1], 1))
    return torch.randint(1, SIZES.vocabulary, shape) * (torch.arange(shape[-1]) < lengths)


def require(holds: bool, otherwise: str) -> None:
    """Raise AssertionError, which a plain assert would not do under python -O."""
    if not holds:
        raise AssertionError(otherwise)


def require_same(one: Tensor, other: Tensor, otherwise: str) -> None:
    """Raise AssertionError unless equal but for rounding, which differs with a batch's size."""
    require(torch.allclose(one, other, rtol=1e-4, atol=1e-5), otherwise)
