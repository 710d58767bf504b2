import json
import os
import struct
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from relmem_cli.contract import Variant
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_cli.training.cards import ModelCard, check_card, read_card
from relmem_cli.training.checkpoints import (
    add_to_record,
    begin_with,
    load_model,
    read_tensors,
    save_model,
)

CPU = torch.device("cpu")


@pytest.fixture
def card() -> ModelCard:
    return ModelCard(
        variant="entnet",
        options={"slots": 2, "dim": 4},
        sizes=Sizes(vocabulary=3, sentence_length=2, question_length=2),
        vocabulary=Vocabulary(("<pad>", "Ann", "naïve"), frozenset({"Ann"})),
        record={"epoch": 3},
    )


@pytest.fixture
def saved(tmp_path: Path, card: ModelCard, entnet) -> Path:
    path = tmp_path / "model.safetensors"
    save_model(path, entnet.build(card.sizes, card.options).state_dict(), card)
    return path


def test_a_model_comes_back_with_its_card_and_the_same_bits(saved, card, entnet) -> None:
    trained = load_model(saved, {"entnet": entnet}, CPU)
    assert trained.card == card == read_card(saved)
    assert not trained.model.training
    again = load_model(saved, {"entnet": entnet}, CPU)
    for one, other in zip(trained.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_record_is_added_to_without_touching_the_tensors(saved, entnet) -> None:
    before = load_model(saved, {"entnet": entnet}, CPU).model.state_dict()
    assert add_to_record(saved, {"temperature": 2}).record == {"epoch": 3, "temperature": 2}
    after = load_model(saved, {"entnet": entnet}, CPU).model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_loading_leaves_the_random_numbers_as_they_were(saved, entnet) -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    load_model(saved, {"entnet": entnet}, CPU)
    assert torch.equal(torch.rand(3), expected)


def test_a_model_of_an_unknown_variant_names_it(saved) -> None:
    with pytest.raises(RelmemError, match="'entnet' model and no plugin"):
        load_model(saved, {}, CPU)


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x80\x04\x95pickle", b"\xff" * 64])
def test_what_is_no_safetensors_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises(RelmemError, match=r"bad\.safetensors is not a whole"):
        read_card(path)


def test_a_cut_off_file_is_refused(saved: Path, entnet) -> None:
    saved.write_bytes(saved.read_bytes()[:-40])
    with pytest.raises(RelmemError, match="not a whole"):
        load_model(saved, {"entnet": entnet}, CPU)


def test_someone_elses_safetensors_file_is_refused(tmp_path: Path) -> None:
    header = json.dumps({}).encode()
    path = tmp_path / "other.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    with pytest.raises(RelmemError, match="has format none"):
        read_card(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RelmemError, match=r"gone\.safetensors"):
        read_card(tmp_path / "gone.safetensors")


def test_tensors_that_do_not_fit_the_variant_are_refused(tmp_path, card, entnet) -> None:
    path = tmp_path / "model.safetensors"
    save_model(path, {"keys": torch.zeros(2, 4)}, card)
    with pytest.raises(RelmemError, match="does not fit variant 'entnet'"):
        load_model(path, {"entnet": entnet}, CPU)


def test_of_many_tensors_that_do_not_fit_one_is_named(tmp_path, card, entnet) -> None:
    path = tmp_path / "model.safetensors"
    tensors = entnet.build(card.sizes, card.options | {"dim": 5}).state_dict()
    save_model(path, tensors, card)
    with pytest.raises(RelmemError) as refused:
        load_model(path, {"entnet": entnet}, CPU)
    assert str(refused.value) == (
        f"{path} does not fit variant 'entnet': "
        f"keys is F32 [2, 5], not F32 [2, 4], and {len(tensors) - 1} more do not fit."
    )


def test_a_card_that_claims_more_than_its_tensors_have_builds_nothing(
    saved: Path, card, entnet
) -> None:
    _, tensors = read_tensors(saved)
    save_model(saved, tensors, replace(card, options={"slots": 2, "dim": 9000}))
    built = []

    class Watched(Variant):
        def build(self, sizes, options=None):
            built.append(super().build(sizes, options))
            return built[-1]

    watched = Watched(**vars(entnet))
    with pytest.raises(RelmemError, match=r"not F32 \[2, 9000\]"):
        load_model(saved, {"entnet": watched}, CPU)
    assert [weight.is_meta for model in built for weight in model.parameters()]
    assert all(weight.is_meta for model in built for weight in model.parameters())


def test_weights_of_another_shape_cannot_be_gone_on_with(saved: Path, card, entnet) -> None:
    other = entnet.build(card.sizes, {"slots": 3, "dim": 4})
    before = {name: tensor.clone() for name, tensor in other.state_dict().items()}
    with pytest.raises(RelmemError) as refused:
        begin_with(other, saved, card.vocabulary)
    assert str(refused.value) == (
        f"{saved} cannot be gone on with: "
        "keys is F32 [2, 4], not F32 [3, 4], and 1 more do not fit."
    )
    assert all(torch.equal(before[name], now) for name, now in other.state_dict().items())


def test_a_model_with_more_words_than_its_file_can_tell_is_not_trained(card) -> None:
    check_card(card)
    words = Vocabulary(("<pad>", *(f"word{number}" for number in range(160_000))))
    with pytest.raises(UsageError, match="too many for its file .* --set rare=2"):
        check_card(replace(card, vocabulary=words))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.safetensors")  # which nobody ever writes to
    for path in (tmp_path, tmp_path / "x.safetensors"):
        with pytest.raises(RelmemError, match="it is no file"):
            read_card(path)
