from relmem_cli.stories.tokens import tokenize


def test_text_is_lower_cased_and_the_end_mark_is_a_token_of_its_own() -> None:
    assert tokenize("Mary moved to the bathroom.") == [
        "mary",
        "moved",
        "to",
        "the",
        "bathroom",
        ".",
    ]
    assert tokenize("Where is Mary? ") == ["where", "is", "mary", "?"]


def test_commas_and_apostrophes_stay_inside_their_word() -> None:
    assert tokenize("Then, Ann's cat left.") == ["then,", "ann's", "cat", "left", "."]


def test_nothing_but_space_has_no_tokens() -> None:
    assert tokenize(" \t ") == []
