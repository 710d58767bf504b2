import json
import struct
from pathlib import Path

import pytest
import torch

from relmem_cli.errors import RelmemError
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_cli.training.cards import ModelCard, read_card
from relmem_cli.training.checkpoints import add_to_record, load_model, save_model

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
