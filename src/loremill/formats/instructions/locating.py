# SPDX-License-Identifier: Apache-2.0
"""Wordings of: find the spans of types that are known to be there, without linking them."""

from __future__ import annotations

POOL: tuple[str, ...] = (
    "Span location. The given types are known to occur; list every phrase of the text that fills one of them or of "
    "their roles, word for word.",
    "Where are the given types to be found in the text? Copy each matching phrase verbatim, and do not say how phrases "
    "belong together.",
    "You mark spans. Somebody has already decided what kinds of thing this passage contains, and you take over the "
    "exact words for each of the stated kinds.",
    "Locate all mentions for the labels provided. Their presence is certain, so it only remains to find the exact "
    "words.",
    "Mention boundaries are the task. For the roles and types at hand, cut the fitting expressions out of the "
    "document, each with its wording unchanged.",
    "Go through the passage from left to right and take down, character for character, whatever bears a supplied "
    "label. Links between such pieces are somebody else's business.",
    "A first reader has named the listed types, which all come up here. Be the second reader, and show what made them "
    "come up, using the same words as the text.",
    "Pick out the fillers. Every filler is a literal piece of the input and stands under one of the specified types or "
    "roles.",
    "Each of the requested labels covers at least one stretch of this text. Search for these stretches and give them "
    "spelled just as the author did.",
    "Which words deserve the available labels? Transcribe them faithfully, and treat each by itself, apart from all "
    "the others.",
    "Given the kinds of element that are there, identify where they stand. Elements are reported in the very words "
    "used, never in a version of yours.",
    "Move from types to mentions. The types have been settled, the mentions have to be gathered from the source with "
    "words neither added nor altered.",
    "Please point at every expression that belongs to a type I ask for. I need it in the author's own words, however "
    "many times it occurs.",
    "Boundary detection for a fixed set of labels. Entities, triggers, arguments, aspects and opinions are all handled "
    "alike, as strips of unaltered text.",
    "Imagine running a marker pen over the page, one pen for each permitted label. Reproduce, without any change, all "
    "that was touched by a pen.",
    "Collect candidates for a later step that will connect them. A candidate is a phrase of some target type, in its "
    "surface form.",
    "Scan for participants, names, terms and key words of the kinds in question. Preserve the original wording, and "
    "make no statement about who relates to whom.",
    "Find what the chosen types refer to in this document. Let every reference keep the spelling found there, and "
    "treat a repeated reference as another one.",
    "The presence of certain types was established in advance. Support each of them by all the phrases behind it, "
    "exactly as the author put them.",
    "Extract mentions without structure. What matters is which literal words stand for which of the predefined labels, "
    "while their grouping into facts or events is left open.",
    "Work label by label through the ones on offer. For every label name the phrases that it applies to, relying only "
    "on expressions found in the text.",
    "Ground the types of interest in the document. Grounding means to show verbatim evidence for every instance of "
    "every type.",
    "An editor needs the places of all elements that were announced for this article. Announced are the types in the "
    "schema; supply what belongs to them, untouched.",
    "Determine the extents of the mentions whose types are known. An extent is neither shortened nor paraphrased, and "
    "may lie inside another.",
    "Let the labels at issue guide your eye. As soon as a word or group of words merits such a label, hand it over "
    "precisely as printed.",
    "Suppose that the question of what occurs is closed and that of where is open. Answer the open one for the types "
    "delivered, by taking over spans as they stand.",
)
