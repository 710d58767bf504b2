from relmem_cli.chat.story.answers import UnknownWordsError


def test_an_endless_unknown_word_is_named_by_its_beginning() -> None:
    assert str(UnknownWordsError({"z" * 1_000: []})) == (
        f"the model does not know '{'z' * 37}...'."
    )
