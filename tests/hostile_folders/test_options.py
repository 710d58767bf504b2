"""Its relmem.toml: no option there writes, connects, or says what a command works on."""

import socket

import pytest
import typer

from relmem_cli.app import app
from relmem_cli.commands.shared.setting_keys import Option, options
from relmem_cli.config import reaches_out
from tests.conftest import Relmem
from tests.hostile_folders.conftest import THESIS, Place, Refused


def reaching() -> list[Option]:
    """Every option of every command that names a file, a folder, an address or what to work on."""
    command = typer.main.get_command(app)
    context = command.context_class(command, info_name="relmem", resilient_parsing=True)
    found = [one for one in options(context) if isinstance(one, Option)]
    return [one for one in found if reaches_out(one.option)]


REACHING = {one.key: one for one in reaching()}


def test_options_that_write_or_connect_are_known() -> None:
    assert {"train.on", "train.out", "reproduce.on", "eval.samples", "chat.log"} <= {*REACHING}
    assert {"eval.plots", "data.generate.out", "reproduce.plots"} <= {*REACHING}
    assert {"calibrate.model", "eval.models", "config.set.key"} <= {*REACHING}


@pytest.mark.parametrize("key", [key for key in REACHING if not key.startswith("config.")])
def test_none_of_them_is_taken_from_a_working_folders_file(
    refused: Refused, place: Place, key: str
) -> None:
    one = REACHING[key]
    text = f'[{".".join(one.table)}]\n{one.name} = "{place.thesis}"\n'
    (place.here / "relmem.toml").write_text(text)
    refused(*one.table, said="no working folder's relmem.toml may")


@pytest.mark.parametrize("command", ["set", "unset"])
def test_what_config_is_to_change_is_not_either(
    relmem: Relmem, place: Place, own_home, command: str
) -> None:
    yours = own_home / "relmem.toml"
    yours.write_text("[chat]\n")
    more = 'values = ["dask://stranger:1"]\n' if command == "set" else ""
    key = f'[config.{command}]\nkey = "train.on"\n{more}'
    (place.here / "relmem.toml").write_text(key)
    ran = relmem("config", command)
    assert (ran.code, ran.out) == (2, "")
    assert "Missing argument 'KEY'" in ran.err
    assert yours.read_text() == "[chat]\n"


def test_nobody_is_called_for_a_working_folder(refused: Refused, place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        stranger.settimeout(0.1)
        address = f"dask://127.0.0.1:{stranger.getsockname()[1]}"
        (place.here / "relmem.toml").write_text(f'[train]\non = "{address}"\n')
        refused("train", "-v", "gru", "-t", "1", said="on names a file or an address")
        with pytest.raises(TimeoutError):
            stranger.accept()


def test_the_users_own_file_may_name_them(relmem: Relmem, place: Place, own_home) -> None:
    (own_home / "relmem.toml").write_text(f'[eval]\nsamples = "{place.here / "samples.jsonl"}"\n')
    assert "there is no model" in relmem("eval", "nobody-has-this").err


@pytest.mark.parametrize(
    ("key", "value"),
    [("train.on", "dask://host:1"), ("chat.log", "log"), ("calibrate.model", "mine")],
)
def test_they_cannot_be_set_here_either(
    refused: Refused, place: Place, key: str, value: str
) -> None:
    refused("config", "set", key, value, "--here", said="no working folder's relmem.toml may")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('RELMEM_HOME = "{outside}"', "[RELMEM_HOME] is no command"),
        ('[env]\nRELMEM_DATA = "{outside}"', "[env] is no command"),
        ('[train]\nRELMEM_HOME = "{outside}"', "no setting 'RELMEM_HOME'"),
        ('[train]\nprogram = "{outside}/run.sh"', "no setting 'program'"),
        ('[plugins]\nload = ["stranger:run"]', "no setting 'load'"),
        ('[train]\nvariant = "os:system"', "there is no variant 'os:system'"),
        ('[train]\nrecipe = "{outside}/thesis.txt"', "there is no recipe"),
        ('[train]\ndata = "{outside}"', "nor a folder with files"),
        ('[train]\ndata = "world:words={outside}/thesis.txt"', "thesis.txt is no TOML"),
        ('[train]\ndata = "world:words=/dev/zero"', "/dev/zero cannot be read: it is no regular"),
        ('[train]\nfrom = "{outside}/thesis.txt"', "thesis.txt is not a whole .safetensors file"),
        ('[train]\nset = ["kernels={outside}"]', "kernels"),
        ("[train]\nworkers = -5", "workers"),
        ('[train]\nseed = "0-99999999999"', "more than 10,000"),
        ('[train]\ntask = "1-99999999999"', "the tasks are 1 to 20"),
    ],
)
def test_what_it_says_of_sources_programs_and_numbers_is_told_before_anything_is_done(
    refused: Refused, place: Place, settings: str, said: str
) -> None:
    text = settings.replace("{outside}", str(place.thesis.parent))
    (place.here / "relmem.toml").write_text(f"{text}\n")
    command = ["plugins"] if "[plugins]" in text else ["train", "--data", "world"]
    if "data =" in text:
        command = ["train"]
    if "variant" not in text and command[0] == "train":
        command += ["-v", "gru"]
    refused(*command, said=said)


@pytest.mark.parametrize("command", [["ask", "--story", "story.txt", "Where is Ann?"]])
def test_a_model_that_it_names_is_read_and_no_more(
    refused: Refused, place: Place, command: list[str]
) -> None:
    (place.here / "story.txt").write_text("Ann went to the barn.\n")
    (place.here / "relmem.toml").write_text(f'[ask]\nmodel = "{place.thesis}"\n')
    refused(*command, said="thesis.txt is not a whole .safetensors file")
    assert place.thesis.read_text() == THESIS
