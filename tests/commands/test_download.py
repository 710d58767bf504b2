import io

import pytest
from rich.console import Console
from rich.progress import Progress

from relmem_cli.commands.shared.download import DownloadBar, download_bar


@pytest.fixture
def progress() -> Progress:
    return Progress(console=Console(file=io.StringIO()))


def test_a_bar_counts_to_its_total(progress: Progress) -> None:
    bar = DownloadBar(progress, progress.add_task("x", total=None))
    bar.total = 100
    bar.update(60)
    assert (bar.total, progress.tasks[0].percentage) == (100, 60)
    bar.reset()
    bar.update(100)
    assert progress.finished


def test_a_size_that_the_server_does_not_say_is_unknown(progress: Progress) -> None:
    bar = DownloadBar(progress, progress.add_task("x", total=None))
    bar.total = 0
    bar.update(60)
    assert (bar.total, progress.tasks[0].total, progress.tasks[0].completed) == (0, None, 60)


def test_nothing_is_drawn_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with download_bar("bAbI") as bar:
        bar.total = 10
        bar.update(10)
        bar.close()
    assert capsys.readouterr() == ("", "")
