"""The words that a story has when a question is asked, and how many a model needs places for."""

from collections.abc import Iterable, Iterator

from relmem_cli.stories.open_words import OpenWords
from relmem_cli.stories.outside import StoryWords
from relmem_cli.stories.story import Story
from relmem_cli.stories.vocabulary import MOST_SAID, Sizes, Vocabulary


def story_words(vocabulary: Vocabulary, sizes: Sizes, *, any_number: bool = False) -> StoryWords:
    """A story's words before its first sentence.

    any_number  whether the model takes any number of open words, as those of open variants do
    """
    if sizes.words != "open":
        return StoryWords(vocabulary, sizes.extra)
    return OpenWords(vocabulary, None if any_number else vocabulary.bank or sizes.extra)


def open_sizes(vocabulary: Vocabulary, stories: Iterable[Story], extra: int) -> Sizes:
    """The sizes of an open vocabulary: L and Lq count words and names.

    extra  how many open words a story may have where the vocabulary has no items for them
    """
    sentence = question = longest = 1
    for story in stories:
        words = OpenWords(vocabulary, None)
        for text in story.sentences:
            sentence = max(sentence, len(words.places(text)))
        for asked in story.questions:
            question = max(question, len(words.places(asked.text, is_sentence=False)))
            longest = max(longest, asked.position)
    return Sizes(
        vocabulary=len(vocabulary),
        sentence_length=sentence,
        question_length=question + 1 + MOST_SAID,
        story_length=longest,
        extra=extra,
        words="open",
    )


def asked_words(story: Story, vocabulary: Vocabulary, sizes: Sizes) -> Iterator[StoryWords]:
    """For each question the words that had come when it was asked, and its own.

    A question's words are forgotten after it, as in chat, where only sentences are remembered.
    """
    words = story_words(vocabulary, sizes)
    read = 0
    for question in story.questions:
        known = words
        if sizes.extra or sizes.words == "open":
            for text in story.sentences[read : question.position]:
                words.encode(text, sizes.sentence_length)
            read = question.position
            known = words.copy()
            known.encode(question.text, sizes.question_length, is_sentence=False)
            known.encode(question.candidates, len(question.candidates))
        yield known
