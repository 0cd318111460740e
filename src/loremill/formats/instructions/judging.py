# SPDX-License-Identifier: Apache-2.0
"""Wordings of: say which of the given types a text has."""

from __future__ import annotations

POOL: tuple[str, ...] = (
    "Type detection. List every one of the given types that the text has an instance of, and leave its words aside.",
    "Which of the given types does the text speak of? Name these types alone, without pointing at any place where it "
    "does so.",
    "You decide what is there before somebody else looks where. Read the passage, and say which types of the schema "
    "have at least one instance in it.",
    "Judge the presence of each type that was asked for. It counts as soon as a single phrase or statement belongs to "
    "it.",
    "Presence test over a closed set of categories. For each listed category, decide whether the document holds "
    "anything of that kind, and report the categories for which it does.",
    "Skim the text with the candidate types in mind. Mention whichever of them would come up in a full annotation, but "
    "leave the annotation itself to others.",
    "An annotator wants to know which parts of the inventory matter here. Select the relevant types from it and skip "
    "the rest.",
    "Does a given type occur, yes or no? Settle this question for all of them and return those that get a yes.",
    "Before any extraction starts, narrow down the schema. Keep the types of which the input contains evidence and "
    "drop those of which it has not a trace.",
    "Tell me what kinds of information this text offers, in terms of the types that I provided. Exact wordings do not "
    "interest me.",
    "Sort the predefined types into present and absent with regard to the document, then hand over the first group.",
    "Imagine a checklist with a box per permitted type. Tick a box when the author writes about something of this "
    "type, and give the ticked ones.",
    "Work out the set of target types that show up in the passage, no matter how often they do or in which sentence.",
    "Frame evocation. Some of the specified frames are called up by what is written. Determine which, and answer with "
    "their types.",
    "Consider the types on offer one after another, and ask of each whether a careful reader would find a case of it. "
    "Those with a case are wanted.",
    "Please filter the supplied types by relevance. What remains must be backed by at least one word or sentence of "
    "the source.",
    "Act as a dispatcher who routes documents to specialists, one for each type of interest. Say which specialists "
    "have work to do on this text.",
    "Multiple choice with several right answers. The choices are the available types, and right are those with an "
    "occurrence in the passage.",
    "From the types in question, pick those which the content makes use of. Neither the number of mentions nor their "
    "position plays a part.",
    "What sort of things are reported here? Reply in the vocabulary of the requested types, and include a type only on "
    "the strength of the report itself.",
    "Coarse screening comes first. Find out which of the chosen types deserve a closer look, because the document has "
    "material for them.",
    "A later step will locate mentions. Spare it useless effort by saying now for which of the stated types it is "
    "going to discover any.",
    "Take every type of the specification as a hypothesis about the text. Confirm a hypothesis on finding a first "
    "piece of evidence, and collect the confirmed types.",
    "Given such a passage, some of the types at hand apply and others are out of place. Identify the applicable ones "
    "by their names.",
    "Detect the semantic categories, out of the allowed ones, to which any entity, event, relation or opinion in the "
    "text belongs.",
    "Without citing a word, tell which members of the fixed type set this writing bears witness to. One witness per "
    "type is enough.",
)
