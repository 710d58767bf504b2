from dataclasses import replace
from typing import Any

import pytest
import torch
from torch.nn.functional import cross_entropy

from benchmarks.baseline.examples import encode_examples
from benchmarks.baseline.training import BaselineTraining
from benchmarks.baseline.weights import CLASSES, NAMES, baseline_of
from relmem_cli.stories.batch import encode_stories
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.vocabulary import Vocabulary, sizes_of
from relmem_cli.training.settings import Settings
from relmem_variants.plugin import VARIANTS
from tests.variants.cases import build

PLACES = ("barn", "yard", "shed", "field")


def story(length: int, *asked: int) -> Story:
    """A walk of `length` sentences of three and four words with questions at these positions."""
    walk = [PLACES[(length + i * i) % 4] for i in range(length)]
    return Story(
        sentences=tuple(("ann", "left", place)[i % 2 :] for i, place in enumerate(walk)),
        questions=tuple(
            Question(text=("where", "now")[: 1 + i % 2], answer=walk[i - 1], position=i)
            for i in asked
        ),
    )


STORIES = [story(6, 2, 3, 6), story(1, 1), story(4, 4), story(5, 1, 5)]
VOCABULARY = Vocabulary.of(STORIES)
SIZES = sizes_of(VOCABULARY, STORIES)
OPTIONS: dict[str, dict[str, Any]] = {
    "entnet": {},
    "multi-hop": {"hops": 3},
    "relation-slot": {"hops": 2, "relation_limit": 0.8},
    "self-memory": {},
    "all-relations": {"hops": 2, "relation_limit": 0.8},
}


def pair(name: str) -> tuple[torch.nn.Module, torch.nn.Module]:
    """A float64 model with random weights and its baseline."""
    options = {"slots": 4, "dim": 7, **OPTIONS[name]}
    model = build(name, sizes=SIZES, **options)
    variant = next(variant for variant in VARIANTS if variant.name == name)
    return model, baseline_of(name, model, variant.parse_options(options))


def test_every_variant_of_the_paper_has_a_baseline() -> None:
    assert set(CLASSES) == {variant.name for variant in VARIANTS}


@pytest.mark.parametrize("name", CLASSES)
def test_baseline_and_model_are_the_same_function_with_the_same_gradients(name: str) -> None:
    model, baseline = pair(name)
    batch = encode_stories(STORIES, VOCABULARY, SIZES)
    examples = encode_examples(STORIES, VOCABULARY, SIZES, longest=9)
    expected = model(batch)
    logits = baseline(examples.stories, examples.lengths, examples.questions)
    torch.testing.assert_close(logits, expected, rtol=1e-9, atol=1e-9)
    assert examples.answers.tolist() == batch.answers.tolist()
    cross_entropy(expected, batch.answers).backward()
    cross_entropy(logits, examples.answers).backward()
    theirs = {key: parameter.grad for key, parameter in model.named_parameters()}
    ours = {NAMES[key]: parameter.grad for key, parameter in baseline.named_parameters()}
    assert set(ours) == set(theirs)
    for key in ("relation.A", "relation.B", "relation.bias"):  # the model uses a share of them
        if key in ours:
            ours[key] = ours[key] * model.relation.share
    for key, gradient in theirs.items():
        assert ours[key].abs().sum() > 0
        torch.testing.assert_close(
            ours[key], gradient[: len(ours[key])], rtol=1e-9, atol=1e-9, msg=key
        )


@pytest.mark.parametrize("name", CLASSES)
def test_what_follows_a_question_does_not_change_its_answer(name: str) -> None:
    _, baseline = pair(name)
    short = encode_examples([story(6, 2)], VOCABULARY, SIZES, longest=2)
    long = encode_examples([story(6, 2)], VOCABULARY, SIZES, longest=11)
    later = torch.randint_like(long.stories, 1, SIZES.vocabulary)
    later[:, :2] = long.stories[:, :2]
    expected = baseline(short.stories, short.lengths, short.questions)
    torch.testing.assert_close(baseline(long.stories, long.lengths, long.questions), expected)
    torch.testing.assert_close(baseline(later, long.lengths, long.questions), expected)


def test_training_the_baseline_learns_and_goes_through_every_question() -> None:
    _, baseline = pair("entnet")
    examples = encode_examples(STORIES, VOCABULARY, SIZES, longest=6)
    settings = replace(Settings(variant="entnet", task="1"), batch=3)
    training = BaselineTraining(model=baseline, examples=examples, settings=settings)

    def loss() -> float:
        logits = baseline(examples.stories, examples.lengths, examples.questions)
        return cross_entropy(logits, examples.answers).item()

    before = loss()
    seen = [training.step() for _ in range(3)]
    assert sorted(n for batch in seen for n in batch.lengths.tolist()) == [1, 1, 2, 3, 4, 5, 6]
    for _ in range(100):
        training.step()
    assert loss() < before / 2
    assert not baseline.words.weight[0].any()
