"""The library beyond its page: what it refuses, and what it leaves alone."""

import gc
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import relmem_cli
from relmem_cli import RelmemError, Story, UsageError
from relmem_cli.chat.model.loader import open_reader
from relmem_cli.chat.story.session import Session

TINY = {"data": "world:1,questions=40", "epochs": 2, "slots": 2, "dim": 4}


@pytest.fixture
def story() -> Story:
    model = relmem_cli.load("relation-slot-joint")
    return model.story("Mary went to the kitchen. John went to the garden.")


def test_the_import_is_light_and_a_model_is_loaded_without_a_terminal_or_torchs_compiler() -> None:
    program = """if 1:
        import sys
        import relmem_cli
        heavy = {"torch", "numpy", "typer", "rich", "prompt_toolkit"}
        print(heavy & {*sys.modules})
        assert "load" in dir(relmem_cli)
        relmem_cli.load("relation-slot-joint").story("Mary is in the hallway.")
        print({"typer", "rich", "prompt_toolkit", "matplotlib", "torch._dynamo"} & {*sys.modules})
    """
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("set()\nset()\n", "")


def test_what_is_printed_after_every_epoch_is_the_callers_output_and_a_models_is_not(
    tmp_path: Path,
) -> None:
    (tmp_path / "chatty.py").write_text("""if 1:
        from relmem_cli.contract import Variant
        from relmem_variants.options import EntNetOptions
        from relmem_variants.entnet import EntNet

        class Chatty(EntNet):
            def learn(self, batch):
                print("learning")
                return super().learn(batch)

        CHATTY = Variant(name="chatty", summary="", reference="", options=EntNetOptions,
                         model="chatty:Chatty")
    """)
    program = """if 1:
        import os
        import relmem_cli
        from relmem_cli.plugins import Plugin, registry
        from chatty import CHATTY
        me = Plugin(name="chatty", distribution="chatty", version="0", location="chatty")
        registry().variants.add(CHATTY, me)

        def told(event):
            print("epoch", event.epoch)
            os.system("echo of a process")

        print("before")
        settings = dict(data="world:1,questions=40", epochs=2, slots=2, dim=4)
        relmem_cli.train("chatty", on_epoch=told, **settings)
        print("after")
    """
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True, cwd=tmp_path
    )
    each = ["epoch 1", "of a process", "epoch 2", "of a process"]
    assert done.stdout.splitlines() == ["before", *each, "after"], done.stderr
    assert "learning" in done.stderr


def test_every_name_that_is_offered_is_there() -> None:
    for name in relmem_cli.__all__:
        assert getattr(relmem_cli, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        _ = relmem_cli.lode


def test_answers_are_those_of_chat(story: Story) -> None:
    session = Session(open_reader("relation-slot-joint", "cpu"))
    for sentence in story.sentences:
        session.load([*(turn.said for turn in session.turns), *_parsed(session, sentence)])
    given = session.say(_parsed(session, "Where is John?")[0]).answer
    answer = story.ask("Where is John?")
    assert given
    assert (answer.text, answer.probability) == (given.answer, given.probability)
    assert list(answer.probabilities)[1:4] == [other.answer for other in given.alternatives]
    assert sum(answer.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert [one.share for one in answer.evidence] == [r.share for r in session.why().reasons]


def _parsed(session: Session, text: str):
    from relmem_cli.chat.story.words import parse_typed

    return parse_typed(text, session.reader.vocabulary)


def test_a_question_leaves_the_story_as_it_is_and_an_answer_keeps_its_own(story: Story) -> None:
    before = story.ask("Where is Mary?")
    other = story.copy().tell("Mary went to the garden.")
    story.tell("Mary went to the office. Mary went to the bedroom.").undo()
    assert [str(one.ask("Where is Mary?")) for one in (story, other)] == ["kitchen", "garden"]
    assert len(story.sentences) == 2
    story.tell("Mary went to the bathroom.")
    assert len(before.evidence) == len(before.arrays["gates"].values) == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Mary went home. Where is Mary?", "is a question"),
        ("/help", "begins with /"),
        ("Mary went to the office.\nMary slept.", "does not know 'slept'"),
        ("1 Mary went to the office.", "another story"),
    ],
)
def test_a_text_that_cannot_be_told_changes_nothing(story: Story, text: str, why: str) -> None:
    with pytest.raises(RelmemError, match=why):
        story.tell(text)
    assert len(story.sentences) == 2


def test_what_breaks_while_a_text_is_read_takes_it_all_back(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = story._session.reader
    read, calls = reader.read, []

    def breaks(state, sentence):
        calls.append(sentence)
        if len(calls) == 2:
            raise ZeroDivisionError
        return read(state, sentence)

    monkeypatch.setattr(reader, "read", breaks)
    with pytest.raises(ZeroDivisionError):
        story.tell("Mary went to the office. Mary went to the garden.")
    assert len(story.sentences) == 2


@pytest.mark.parametrize("text", ["Mary went", "", "Where is Mary? Where is John?", "/help"])
def test_what_is_not_one_question_is_refused(story: Story, text: str) -> None:
    with pytest.raises(UsageError):
        story.ask(text)


def test_a_chosen_answer_is_one_of_those_that_are_given(story: Story) -> None:
    answer = story.ask("Where is Mary?", among=["garden", "Office"])
    assert answer.probabilities.keys() == {"garden", "office"}
    with pytest.raises(RelmemError, match="knows no answer 'moon'"):
        story.ask("Where is Mary?", among=["moon"])


def test_arrays_are_numpys_with_a_label_for_every_row_and_column(story: Story) -> None:
    for array in story.ask("Where is Mary?").arrays.values():
        assert np.asarray(array).shape == array.shape
        assert array.shape == (len(array.row_labels), len(array.column_labels))
        assert np.array(array, dtype=np.float32).dtype == np.float32
    assert story.arrays()["relations"].row_labels == story.arrays()["relations"].column_labels
    with pytest.raises(RelmemError, match="the story is empty"):
        relmem_cli.load("relation-slot-joint").story().arrays()


def test_repr_is_one_short_line(story: Story) -> None:
    answer = story.ask("Where is Mary?")
    model = relmem_cli.load("relation-slot-joint")
    shown = [*map(repr, (model, story, answer, answer.evidence[0], answer.arrays["gates"]))]
    assert all(text[0] == "<" and len(text) < 100 and "\n" not in text for text in shown)
    assert shown[1] == "<Story of 2 sentences, told to relation-slot-joint>"


def test_a_figure_is_a_picture_to_a_notebook(story: Story) -> None:
    figure = story.ask("Where is Mary?").plot()
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_without_matplotlib_a_figure_says_how_to_get_it(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relmem_cli.api.drawing.find_spec", lambda _: None)
    for plot in (story.plot, story.ask("Where is Mary?").plot, story.arrays()["gates"].plot):
        with pytest.raises(RelmemError, match=r"pip install 'relmem\[plot\]'"):
            plot()


def test_torchs_threads_are_left_as_they_were() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        run = relmem_cli.train("entnet", **TINY)
        run.model.story("Mary went to the kitchen.").ask("Where is Mary?")
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_what_is_called_after_every_epoch_may_print(capsys: pytest.CaptureFixture[str]) -> None:
    relmem_cli.train("entnet", **TINY, on_epoch=lambda event: sys.stdout.write(f"{event.epoch}\n"))
    assert capsys.readouterr() == ("1\n2\n", "")


def test_a_run_without_a_folder_leaves_nothing_behind() -> None:
    run = relmem_cli.train("entnet", **TINY)
    folder, model = run.folder, run.model
    assert folder.is_dir()
    assert (run.test_error, run.tests[1].n) == (run.tests[1].error, 40)
    assert model.evaluate().tasks == run.tests
    assert run.plot().axes
    assert run.model.evaluate().plot().axes
    del run
    gc.collect()
    assert not folder.parent.exists()
    assert model.story("Mary went to the kitchen.").ask("Where is Mary?").text


def test_a_run_that_fails_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    def stop(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(ZeroDivisionError):
        relmem_cli.train("entnet", **TINY, on_epoch=stop)
    assert not list(tmp_path.glob("relmem-*"))


def test_a_kept_run_is_gone_on_with_and_begun_from(tmp_path: Path) -> None:
    kept = relmem_cli.train("entnet", **TINY, out=tmp_path / "run")
    with pytest.raises(UsageError, match="already holds a run; add resume"):
        relmem_cli.train("entnet", **TINY, out=tmp_path / "run")
    more = relmem_cli.train("entnet", **TINY | {"epochs": 3}, out=tmp_path / "run", resume=True)
    assert (len(kept.curve), len(more.curve)) == (2, 3)
    saved = kept.save(tmp_path / "one.safetensors")
    begun = relmem_cli.train("entnet", data="world:2,questions=40", task=2, epochs=1, begin=saved)
    assert begun.settings["options"] == kept.settings["options"]
    with pytest.raises(UsageError, match="is named NAME.safetensors"):
        kept.save(tmp_path / "one.bin")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"variant": "entnetz"}, "no variant 'entnetz'"),
        ({"task": "1-3"}, "has no task '2'|is 3 tasks"),
        ({"data": "nowhere"}, "^data 'nowhere' is neither"),
        ({"slot": 4}, "no setting 'slot'; it has dim, slots, batch"),
        ({"epochs": 0}, "epochs is 0"),
        ({"recipe": "soup"}, "no recipe 'soup'"),
        ({"resume": True}, "name it with out"),
        ({"device": "tpu"}, "no device 'tpu'"),
        ({"begin": "relation-slot-joint"}, "is a relation-slot"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_pythons_words(arguments, why: str) -> None:
    with pytest.raises(UsageError, match=why) as refused:
        relmem_cli.train(**{"variant": "entnet", **TINY, **arguments})
    assert "--" not in str(refused.value)


def test_a_recipe_is_trained_with_its_own_settings() -> None:
    run = relmem_cli.train("entnet", recipe="dropconnect", restarts=1, **TINY)
    assert run.settings["drop_connect"] > 0
    assert run.settings["options"] == {"slots": 2, "dim": 4}
