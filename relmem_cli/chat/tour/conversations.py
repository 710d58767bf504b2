"""The tours that are conversations with models that ship: chat itself, and its memory."""

from relmem_cli.chat.tour.guide import TourStep
from relmem_cli.library import DEFAULT_MODEL

SLOTS_MODEL = "relation-slot-joint"
"""What the tour of the memory begins with: it has slots and relations to look at."""

CHAT = (
    TourStep(
        f"This is {DEFAULT_MODEL}, which chat talks to unless you choose another model. It reads "
        "a story sentence by sentence, in your own words: names, places and things are what you "
        "call them.",
        (
            "Tom's got my charger",
            "I'm at work and my wife drove to the gym",
            "Tom went to the lobby",
        ),
    ),
    TourStep(
        "A line that begins like a question is one. The answer comes with its probability; the "
        "line below names the sentences that it was read from.",
        ("where is my wife", "where is my charger"),
    ),
    TourStep(
        "What the story does not decide is not made up.",
        ("what is Bob holding",),
    ),
    TourStep(
        "Which sentences carried an answer? /why weighs them, and marks the words.",
        ("where is my charger", "/why"),
    ),
    TourStep(
        "This model keeps the sentences and looks them up when it is asked, in steps: a row is a "
        "step, a column a sentence, a mark how far it was read.",
        ("/memory attention",),
    ),
    TourStep(
        "Nothing is final. /undo takes back the last sentence; ask again and see. /redo tells it "
        "again.",
        ("/undo", "where is my charger", "/redo"),
    ),
    TourStep(
        "/edit changes any sentence. What comes after it is read again, and every question is "
        "answered anew; what changes is shown.",
        ("/edit 4 Tom went to the canteen",),
    ),
    TourStep(
        "/watch shows all of this on a full screen while you tell. More tours: relmem demo memory "
        "(slots, gates, relations), relmem demo train, relmem demo plugin. Now a clean page: your "
        "turn.",
        ("/clear",),
    ),
)

MEMORY = (
    TourStep(
        "A memory network reads a story sentence by sentence. This one writes what it needs into "
        "slots: below each sentence is a bar for every slot, as high as the sentence opened it "
        "(its gate, from 0 to 1), and the names of those that opened widest. A slot is called by "
        "the word that its key is nearest to, which training came upon by chance: a slot called "
        "evening may hold where Mary is.",
        ("Mary went to the kitchen.", "John went to the garden.", "Mary moved to the bathroom."),
    ),
    TourStep(
        "The same as a map: a row is a sentence, a column a slot. Sentences about Mary open the "
        "same slots, John's opens others too.",
        ("/memory gates",),
    ),
    TourStep(
        "What did they write? This variant keeps a memory in each slot, and beside it a relation, "
        "which is written where several slots open at once. Beside each is the word that would be "
        "answered from it alone. Here the relations hold the places; the memories, which no answer "
        "needs, are nearest to no. After the first sentence:",
        ("/watch 1",),
    ),
    TourStep(
        "And after the third: the slots that Mary opens have been written anew, and slots 1 and 2 "
        "still hold the garden, where John is.",
        ("/watch 3",),
    ),
    TourStep(
        "A question reads: it is compared with every slot and every relation, and the answer is "
        "made from those that it fits. This map has the slots first, then their relations.",
        ("Where is Mary?", "/memory attention"),
    ),
    TourStep(
        "Chat's usual model has no slots: it keeps the sentences and reads them in steps, when "
        "it is asked.",
        (f"/model {DEFAULT_MODEL}", "Where is Mary?", "/memory attention"),
    ),
    TourStep(
        "The same story, two memories, and what both answer:",
        (f"/compare {SLOTS_MODEL}",),
    ),
    TourStep(
        "Back to the slots. /watch shows them on a full screen, live: type sentences there, go "
        "back and forth with Up and Down, leave with q. Your turn.",
        (f"/model {SLOTS_MODEL}",),
    ),
)
