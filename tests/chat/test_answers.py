from relmem_cli.chat.story.answers import UnknownWordsError, shortened


def test_a_text_that_is_too_wide_is_cut_to_the_width_dots_and_all() -> None:
    assert shortened("12345678", 8) == "12345678"
    assert shortened("123456789", 8) == "12345..."


def test_an_endless_unknown_word_is_named_by_its_beginning() -> None:
    assert str(UnknownWordsError({"z" * 1_000: []})) == (
        f"the model does not know '{'z' * 37}...'."
    )
