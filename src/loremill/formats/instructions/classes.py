# SPDX-License-Identifier: Apache-2.0
"""Wordings of: say which of the given classes a text belongs to."""

from __future__ import annotations

POOL: tuple[str, ...] = (
    "Classification. List the classes that the text belongs to.",
    "Which of the given classes fit the text? Consider it as a whole, and name all that do.",
    "You sort incoming texts into categories. Read this one, and tell which of the listed categories it should be "
    "filed under.",
    "Text classification. Assign to the document every class of the schema that applies to it, and no class beyond "
    "the schema.",
    "Decide where the passage belongs. Only the classes provided are possible, be it a single one or several.",
    "Determine what the text is about, what it wants or how it sounds, as far as the classes supplied call for it, "
    "and choose those that hold true.",
    "Somebody has set up a number of drawers and written the name of a class on each. Into which of these given "
    "drawers would you put this piece of writing?",
    "Predict the gold classes of the input. The candidates are fixed, and more than one may be correct.",
    "Please tell me which descriptions among the ones I have given are true of this text.",
    "Act as a librarian who assigns subject headings. Pick from the permitted headings those under which a reader "
    "would expect to find this document.",
    "Go through the available classes and check each against the passage. Report the ones whose conditions it meets.",
    "The goal is to route messages correctly. Work out to which of the predefined classes the present message should "
    "go.",
    "Document-level labels are wanted. Select them from the closed inventory according to the content of the text.",
    "What kind of text is this? Answer in terms of the requested classes, and mention every one that suits.",
    "Judge the input in its entirety, and attach the appropriate target classes to it, without inventing new ones.",
    "Find the best description of the passage within the classes on offer. Where several describe it well, give them "
    "all.",
    "Imagine an archive arranged in advance by the classes specified. State which of its shelves this item should "
    "stand on.",
    "Perform multi-label text classification with the label set at hand, which is given and must not be extended.",
    "Identify the intent, topic, tone or other property that the listed classes stand for, and say which of them the "
    "author's words show.",
    "A reader asks for texts of certain classes. For which of the classes in question would this text be a proper "
    "result?",
    "Annotate the text at the top level. The annotation consists of the allowed classes that a careful judge would "
    "agree with.",
    "After reading the document once in full, map it to the matching members of the class set supplied.",
    "Match the text with the classes of interest. A class matches if what is said, or the way it is said, falls under "
    "its name or definition.",
    "Every text here has been grouped by people according to a given set of classes. Recover the grouping that they "
    "would have settled on for the present one.",
    "Compare the meaning of the passage with that of each candidate class, and keep the classes for which the two "
    "agree.",
    "Use the schema as a checklist of possible classes, and tick off whatever is right for this piece of text.",
)
