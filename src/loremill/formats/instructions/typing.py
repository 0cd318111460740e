# SPDX-License-Identifier: Apache-2.0
"""Wordings of: say which type given words have. They fit one mention as well as a pair, and name no family."""

from __future__ import annotations

POOL: tuple[str, ...] = (
    "Typing. Some words of the text are given; say which one of the types applies to them.",
    "Which of the listed types do the words in question have, considering how the author uses them?",
    "You assign types. Look at the words that have been picked out, read the text around them, and settle on the one "
    "type of the schema that suits.",
    "Choose a single type for the given words. Let the context decide, and take no type from outside the set provided.",
    "Someone has selected part of the text, in one place or in two. Tell which of the types on offer describes the "
    "selection best.",
    "Context-dependent classification of given spans. Find the predefined category that is correct for them.",
    "The words to be judged are known already, so there is no need to search for them. Determine their type among the "
    "ones allowed.",
    "Read the passage, then turn to the given words. What type do they have there, out of those listed?",
    "Please decide for me. I hand you a text, some words taken from it, and a choice of types, and I want to know the "
    "one provided type that belongs to these words.",
    "The goal is to complete an annotation in which the words are chosen and the category is missing. Supply the "
    "category from the given inventory.",
    "Predict the gold type of the input words in context. The candidate types are fixed and exclude one another.",
    "Of all the types supplied, find the one that a careful reader would agree on for the words given with this text.",
    "Act as a lexicographer with a closed set of categories at hand. State to which of them the given words belong, "
    "judging by the sense they bear in the passage.",
    "Compare the meaning of the given words in the document with every available type, and keep the type that is "
    "closest.",
    "An earlier step delivered words without a type. Do the next step, and pick the matching type from the "
    "specification supplied.",
    "How should the given words be classified? Their surroundings in the text hold the clue, and the permitted types "
    "are the possible replies.",
    "Select the category from the schema under which the words in question are to be filed, given what the author "
    "says with them.",
    "Here the positions are fixed and only the category is open. Resolve it by naming the one target type that the "
    "text supports for the given words.",
    "Imagine labels waiting for their owners. One of the requested labels belongs to the given words, because of the "
    "part they play in the text, and you have to find out which.",
    "Work out, from what is written before, between and after them, what type the words provided have. Stick to the "
    "types specified.",
    "Fine-grained span typing over a given ontology. Identify the ontology's best type for the words at issue, in the "
    "light of the whole input.",
    "A student asks what category certain words of a text fall into. Answer with the proper one among the categories "
    "available, in view of this very passage.",
    "Sort the given words. They go into one of several groups named in advance, namely the listed types, and the text "
    "tells into which.",
    "Given words can be read in many ways. Consider the reading that the present text calls for, and report which "
    "type of the schema corresponds to it.",
    "Check the types of interest one by one against the words handed to you, within their text, and report the type "
    "that passes.",
    "Make the connection between words and type. The former are given along with the text they come from, and the "
    "latter is one member of the set at your disposal.",
)
