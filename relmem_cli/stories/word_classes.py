"""Closed classes of English words, as an open vocabulary reads them."""

STOPS = ",;:"
NARRATOR = "i"
"""Who tells the story."""

AUXILIARY = {
    "am": "is", "is": "is", "are": "is", "was": "was", "were": "was", "be": "be", "been": "been",
    "being": "be", "have": "have", "has": "have", "had": "had", "do": "do", "does": "do",
    "did": "did", "will": "will", "would": "would", "can": "can", "could": "could",
    "shall": "will", "should": "should", "may": "may", "might": "may", "must": "must",
}  # fmt: skip
ALIKE = {
    "an": "a", "me": "i", "myself": "i", "anymore": "more", "whether": "if", "never": "not",
    "onto": "on", "toward": "to", "towards": "to", "another": "a", "although": "but",
    "whereas": "but", "&": "and", "zero": "none",
}  # fmt: skip

DETERMINERS = frozenset(
    ("a", "an", "the", "my", "your", "his", "her", "its", "our", "their", "this", "that", "these")
) | {"those", "some", "any", "no", "every", "each", "another", "'s"}
PREPOSITIONS = frozenset(
    ("to", "of", "in", "at", "on", "into", "from", "with", "by", "for", "near", "inside", "under")
) | {
    "off",
    "across",
    "along",
    "past",
    "against",
    "during",
    "outside",
    "over",
    "behind",
    "beside",
    "onto",
    "towards",
    "toward",
    "through",
    "around",
    "above",
    "below",
    "beneath",
    "underneath",
}
JOINING = frozenset(("and", "but", "then", "so", "while", "whereas", "although", *STOPS))
LIGHT = frozenset(("just", "now", "still", "already", "not", "also", "never", "always", "both"))


FUNCTION_WORDS = frozenset((
    *DETERMINERS, *PREPOSITIONS, *AUXILIARY, *AUXILIARY.values(), *JOINING, *LIGHT, *ALIKE,
    "he", "she", "it", "they", "him", "them", "you", "we", "us", "or", "either", "not", "there",
    "all", "most", "both", "up", "down", "back", "away", "out", "as", "than", "who", "what",
    "where", "which", "how",
)) - {"myself", "me"}  # fmt: skip
"""Words that are no names: they are neither open nor misspelt ones, and two sentences may share
them without being about the same."""

TIMES = frozenset(
    ("morning", "afternoon", "evening", "night", "week", "month", "year", "moment", "time", "day")
) | {"noon", "minute", "hour", "while", "pm"}
"""Nouns that tell when, and are no part of a name: "last night Mary left"."""

FIRST_NAMES = frozenset(("will", "rob", "may", "mark", "chase", "skip", "mo", "bill", "sue", "pat"))
"""What some people are called, and is a word besides."""

NAMES_AS_PAST = frozenset(("rose", "drew"))
"""The same of a verb's past forms: "Rose lives here", and "The sun rose"."""

HOMES = frozenset(("home", "upstairs", "downstairs", "indoors", "outdoors", "abroad"))
"""Places whose name has one word: "took a taxi home", "carried the box upstairs"."""

RELATED = frozenset(
    ("sister", "brother", "mother", "father", "mum", "mom", "dad", "son", "daughter", "wife")
) | {
    "husband", "uncle", "aunt", "auntie", "cousin", "nephew", "niece", "grandma", "grandpa",
    "granny", "friend", "mate", "buddy", "pal", "boss", "manager", "neighbour", "neighbor",
    "colleague", "coworker", "flatmate", "roommate", "housemate", "teammate", "classmate",
    "teacher", "coach", "girlfriend", "boyfriend", "partner", "fiance", "fiancee", "twin",
    "stepson", "stepmother", "stepfather", "kid", "baby", "toddler", "landlord", "landlady",
    "assistant", "doctor", "dentist", "student", "dog", "puppy", "cat", "kitten", "parrot",
    "hamster", "rabbit", "pony", "horse", "goldfish",
}  # fmt: skip
"""Whom people have: a name may follow, which is the same one's, "my boss Karen"."""
