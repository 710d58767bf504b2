from pathlib import Path

import pytest

from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.stories.sources import ARCHIVE, BabiFolder, find_archive, open_source
from relmem_cli.stories.tasks import load_training


def folder(path: Path, *tasks: int) -> Path:
    path.mkdir(parents=True)
    for task in tasks:
        text = "1 Ann left.\n2 Who left?\tAnn\t1\n"
        (path / f"qa{task}_own_train.txt").write_text(text)
        (path / f"qa{task}_own_test.txt").write_text(text)
    return path


def test_the_archive_is_found_itself_or_one_folder_down(tmp_path: Path) -> None:
    folder(tmp_path / ARCHIVE / "en", 1)
    assert find_archive([tmp_path]) == tmp_path / ARCHIVE
    assert find_archive([tmp_path / "nowhere", tmp_path / ARCHIVE]) == tmp_path / ARCHIVE
    assert find_archive([tmp_path / "nowhere"]) is None


def test_a_set_is_read_from_the_first_root_that_has_it(tmp_path: Path) -> None:
    folder(tmp_path / "en", 1)
    source = open_source("en", roots=[tmp_path])
    assert source.stories(1, "train")[0].questions[0].answer == "Ann"


def test_without_data_the_error_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(RelmemError, match="relmem data fetch.*RELMEM_DATA"):
        open_source("en", roots=[tmp_path])


def test_a_folder_of_ones_own_is_a_source(tmp_path: Path) -> None:
    source = open_source(str(folder(tmp_path / "mine", 4)), roots=[])
    assert (source.name, len(source.stories(4, "test"))) == ("mine", 1)


def test_an_unknown_name_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="en, hn, shuffled"):
        open_source("klingon", roots=[tmp_path])


def test_a_plugins_source_is_opened_by_its_name(tmp_path: Path) -> None:
    mine = BabiFolder(name="mine", path=folder(tmp_path / "x", 1))
    assert open_source("mine", roots=[], others=[mine]) is mine


def test_a_missing_file_is_named_with_its_usual_name(tmp_path: Path) -> None:
    source = BabiFolder(name="en-10k", path=folder(tmp_path / "en-10k", 1))
    with pytest.raises(RelmemError, match=r"qa3_three-supporting-facts_train.txt is missing"):
        source.stories(3, "train")


def test_several_sources_are_one_with_all_of_their_tasks(tmp_path: Path) -> None:
    one = BabiFolder(name="one", path=folder(tmp_path / "one", 1, 2))
    other = BabiFolder(name="other", path=folder(tmp_path / "other", 1, 2))
    joined = open_source("one+other", roots=[], others=[one, other])
    assert joined.name == "one+other"
    assert len(joined.stories(1, "train")) == 2
    assert len(joined.stories(1, "test")) == 1  # the first one's


def test_a_joined_sources_missing_part_is_named() -> None:
    with pytest.raises(UsageError, match="klingon"):
        open_source("klingon+romulan", roots=[])


def test_a_long_list_of_sources_is_no_path(tmp_path: Path) -> None:
    one = BabiFolder(name="one", path=folder(tmp_path / "one", 1))
    assert open_source("+".join(["one"] * 500), roots=[], others=[one]).name.count("+") == 499


def test_files_of_the_short_names_that_sets_with_validation_have_are_found(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    place = tmp_path / "en-valid"
    place.mkdir()
    for split in ("train", "valid", "test"):
        (place / f"qa1_{split}.txt").write_text(f"1 Ann left.\n2 Who left?\t{split}\t1\n")
    for source in (open_source("en-valid", roots=[tmp_path]), open_source(str(place), roots=[])):
        answers = [source.stories(1, split)[0].questions[0].answer for split in source.splits]
        assert answers == ["train", "test", "valid"]
    data = load_training(source, "1")
    assert [story.questions[0].answer for story in data.validation] == ["valid"]


def test_a_set_that_the_archive_lacks_is_named(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    with pytest.raises(RelmemError, match="has no folder en-valid-10k; run `relmem data fetch`"):
        open_source("en-valid-10k", roots=[tmp_path])
