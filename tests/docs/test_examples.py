"""Every command that README and docs show is looked up; those that are cheap are run.

Looked up: the command is there, its options are, its values parse, and the variants, settings,
tasks, recipes and models that it names exist. What trains, or reads bAbI, is not run.
"""

import io
import re
from pathlib import Path

import pytest

from tests.conftest import Relmem
from tests.docs.looking_up import look_up
from tests.docs.shell import PAGES, ROOT, Shown, commands, talks

SHOWN = [command for page in PAGES for command in commands(page)]
OURS = [command for command in SHOWN if command.words[0] == "relmem"]
SCRIPTS = [command for command in SHOWN if command.words[0] == "python"]

CHEAP = re.compile(
    r"relmem ((variants|models|plugins|doctor)( --|$)|params|config|ask|"
    r"data (show|generate|solve \S+\.txt)|"
    r"reproduce (table5|table7|recipes|\S+ --from results)|chat( --json)?$)"
)
COSTLY = re.compile(r"--plots|--bars|--kind 1-20|--format md")
"""What takes seconds, or is run in another form."""


def _runs() -> list[Shown]:
    """Whole examples that need neither data nor time, each once."""
    named = {" ".join(each.words): each for each in OURS if each.whole}
    return [each for text, each in named.items() if CHEAP.match(text) and not COSTLY.search(text)]


FILES = {
    "story.txt": "Mary went to the kitchen.\nJohn went to the garden.\n",
    "my-stories.txt": "1 Mary went to the kitchen.\n2 Where is Mary?\tkitchen\t1\n",
    "stories.csv": "story,question\nMary went to the kitchen.,Where is Mary?\n",
    "lena.txt": "1 Lena went to the library.\n2 Where is Lena?\tlibrary\t1\n",
}


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the files that the pages speak of."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    teacher = (ROOT / "docs" / "tutorials" / "teacher.md").read_text(encoding="utf-8")
    (town,) = re.findall(r"```toml\n(# town.toml\n.*?)```", teacher, re.DOTALL)
    (tmp_path / "town.toml").write_text(town)
    (tmp_path / "results").symlink_to(ROOT / "results")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("workplace")
@pytest.mark.parametrize("command", OURS, ids=str)
def test_every_relmem_command_that_is_shown_is_looked_up_not_run(command: Shown) -> None:
    look_up(command.words, whole=command.whole)


@pytest.mark.parametrize("command", SCRIPTS, ids=str)
def test_every_script_that_is_shown_lies_where_it_is_said_to(command: Shown) -> None:
    name = command.words[1]
    if name == "-m":
        name = command.words[2].replace(".", "/") + ".py"
    assert name in ("-c", "venv.py") or (ROOT / name).is_file()


@pytest.mark.usefixtures("workplace")
@pytest.mark.parametrize("command", _runs(), ids=str)
def test_every_cheap_example_runs(
    relmem: Relmem, command: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = re.match(r'echo "([^"]*)" \|', command.line)
    if command.words[1] == "chat" and not told:
        pytest.skip("a conversation at a terminal")
    piped = told[1] if told else FILES["story.txt"]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(piped.encode() + b"\n")))
    ran = relmem(*command.words[1:])
    assert ran.code == 0, ran.err
    assert ran.out or ran.err
    if "Where is Mary?" in command.line:
        assert "kitchen" in ran.out


@pytest.mark.parametrize(
    "broken",
    [
        "relmem trian --task 1",
        "relmem train --variant entnet --task 1 --epoch 3",
        "relmem train --variant entnett --task 1",
        "relmem train --variant entnet --task 21",
        "relmem train --variant entnet --task 1 --set hops=2",
        "relmem train --variant entnet --task 1 --recipe nobodys",
        "relmem eval entnet-one",
        "relmem chat --task 0",
        "relmem data shew",
    ],
)
def test_an_example_with_a_mistake_is_found(broken: str) -> None:
    with pytest.raises(Exception, match=r"\S"):
        look_up(tuple(broken.split()), whole=True)


@pytest.mark.parametrize("broken", ["relmem trian", "relmem train --epoch", "relmem data --files"])
def test_a_mention_with_a_mistake_is_found(broken: str) -> None:
    with pytest.raises(LookupError):
        look_up(tuple(broken.split()), whole=False)


def test_the_pages_show_what_this_looks_for() -> None:
    assert len(OURS) > 150
    assert len(_runs()) > 15


TALKS = [
    ("README.md", "open-transformer-joint", slice(0, 1)),
    ("docs/tutorials/student.md", "open-transformer-joint", slice(0, 1)),
    ("docs/tutorials/student.md", "relation-slot-joint", slice(1, None)),
    ("docs/tutorials/teacher.md", "open-transformer-joint", slice(0, 1)),
]
"""Conversations by page: with which model, and which of the page's."""


@pytest.mark.parametrize(("page", "model", "which"), TALKS)
def test_every_conversation_is_answered_as_the_page_says(
    page: str, model: str, which: slice
) -> None:
    from relmem_cli.chat.commands import slash_commands
    from relmem_cli.chat.model.loader import find_models
    from relmem_cli.chat.repl import Repl
    from relmem_cli.chat.view.theme import Theme, styled_console

    seen = io.StringIO()
    console = styled_console(Theme.plain, file=seen, width=100, force_terminal=False)
    repl = Repl(models=find_models(model, "cpu"), commands=slash_commands([]), console=console)
    lines = [line for talk in talks(ROOT / page)[which] for line in talk]
    assert len(lines) > 1
    for line in lines:
        if line.startswith("> "):
            seen.truncate(seen.seek(0))
            repl.take(line[2:])
        else:
            said = re.sub(r"\s+\d+\.\d%", "", line.strip())
            assert said in seen.getvalue()
