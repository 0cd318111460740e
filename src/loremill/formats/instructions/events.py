# SPDX-License-Identifier: Apache-2.0
"""Wordings of: find the events of the given types, each with its trigger and arguments."""

from __future__ import annotations

POOL: tuple[str, ...] = (
    "Event extraction. List every event of the given types: the word of the text that evokes it (its trigger), then "
    "its arguments with their roles.",
    "What happens according to the text? For each event of a requested type, give the word or words that express it, "
    "and who or what takes part in which role, exactly as written.",
    "You are an annotator of events. Find each trigger that signals one of the listed types, then copy its arguments "
    "verbatim and assign every argument its role.",
    "Detect events and fill their roles. Only event types of the schema count. Triggers and arguments keep their "
    "original wording.",
    "Read the passage as a journalist would. Note all events that belong to a given type, the expression that tells "
    "of them, and the people, places, times and things in their roles, in the author's own words.",
    "Trigger detection, trigger typing, argument detection and role assignment in one go. Work within the event "
    "ontology provided, and take only literal spans.",
    "The aim is a complete record of the events that the document reports, restricted to the types of interest. Every "
    "event comes with the term that denotes it and with its role fillers, unchanged.",
    "Which words in this text tell of an event of a given kind? Name them together with everything that fills a role "
    "of that event, and do not reword anything.",
    "Extract event structures. A structure consists of a trigger of a permitted type and of its arguments with their "
    "roles, each of them a piece of the text, word for word.",
    "Go through the text and stop at any word that evokes something covered by the schema's event types. State the "
    "type, and gather from the surroundings whatever plays one of the roles, character for character.",
    "Somebody wants to know who did what to whom, when, where and how. Settle this for the specified event types "
    "alone, by pointing to the exact words for the event and for all of its roles.",
    "Please tell me about every happening here that fits one of the event types I have supplied. I need the "
    "expression that brings it up, plus the phrases filling its roles, precisely as printed.",
    "Build a database of events from plain prose. An entry holds one event of a predefined type, its trigger, and the "
    "arguments that the prose offers for its roles, all transcribed faithfully.",
    "Identify the predicates, whether verbs, nouns or adjectives, that introduce events of the target types. Attach "
    "to each its participants and circumstances under the proper roles, and preserve the surface form.",
    "Some kinds of event have been chosen in advance. Spot every mention of them, decide on the word that carries the "
    "event, and connect it with the phrases in its roles, lifted directly from the text.",
    "Frame analysis of events over a closed inventory. Locate the evoking expressions, choose a type of the inventory "
    "for each, and bind the roles to spans of the input as they stand.",
    "Act as a chronicler who leaves out all that was not asked for. For events of the types on offer, report the key "
    "word and the persons, things, times and places involved, with their roles, in the very words of the source.",
    "Look for actions, changes and occurrences that match the event types given. Besides the word expressing it, say "
    "of each which phrases play which part, neither shortened nor paraphrased.",
    "Suppose that this page is to be searched by event later on. By their triggers, index those events whose type is "
    "among the ones supplied, and add every role with the unaltered wording that fills it.",
    "Recover what the document tells of, event by event, and who takes part. Types and roles come from the schema, "
    "while the wording of triggers and participants comes from the document itself.",
    "Where in the passage is an event of the types in question brought up, and by which word? Cite that word and the "
    "arguments as they appear, and name the role of each argument.",
    "Event detection followed by argument linking. First settle what evokes each event of a listed type, then which "
    "mentions fill its roles, and leave their text untouched.",
    "Determine what takes place. An event matters only if its type was requested, and it is described by one trigger "
    "and any number of role fillers, reproduced without change.",
    "Imagine that a timeline is to be drawn up. Provide its material, that is, every event falling under the given "
    "types, the term that names it, and its arguments by role, spelled just as the author spelled them.",
    "Pick out event mentions within the limits of the schema. Take as trigger the word that most clearly stands for "
    "the event and as arguments the phrases in its roles, using the same words as the text.",
    "A monitoring service watches texts for the event types specified. Do its work on this one by handing over the "
    "events, their triggers, and who or what fills the roles of their types, in the wording of the original.",
)
