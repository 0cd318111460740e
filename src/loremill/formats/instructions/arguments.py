# SPDX-License-Identifier: Apache-2.0
"""Wordings of: find the arguments of an event whose type and trigger are given."""

from __future__ import annotations

POOL: tuple[str, ...] = (
    "Event argument extraction. The type and the trigger of an event are given; list its arguments, word for word, "
    "with their roles.",
    "Which phrases in the text take part in the event whose type and trigger are known? Give each phrase exactly as "
    "it is written, and say which role it plays.",
    "You annotate the participants of events. An event has already been found and typed. Starting from its trigger, "
    "copy the fillers of its roles verbatim.",
    "Fill the roles of the event named by the given trigger and type. Fillers must be literal pieces of the text.",
    "Somebody has pointed at one word of the passage and said which type of event it stands for. Find out who and "
    "what is involved, in which roles, and when and where if the roles ask for it, keeping the author's own words.",
    "Argument role assignment for a single event with known trigger and event type. Take spans from the input, "
    "preserve their surface form, and use the roles of that type only.",
    "Look at the event that the trigger evokes, in the sense of the type stated. Collect everything that the text "
    "says about its roles, without rewording.",
    "Starting out from the trigger supplied, search the text for participants and circumstances of that event. Name "
    "them with their original wording and the role that its type foresees for them.",
    "The goal is to complete the description of one event. Its type and its trigger are settled, and what is missing "
    "are the arguments, which should be reproduced as they stand under the proper roles.",
    "Who did it, to whom, with what, where, when? Reply for the roles of the given event type, with respect to the "
    "given trigger alone, by naming the exact words.",
    "Detect the arguments that depend on the trigger provided. Each one receives a role from the definition of the "
    "event's type and stays unchanged.",
    "Please tell me which parts of this text belong to the event given by type and trigger. For every part I need the "
    "role, and the part itself precisely as printed.",
    "Imagine a form with a field for each role of the event type provided. Complete the form for the occurrence that "
    "the trigger refers to, transcribing the entries faithfully from the document.",
    "Event participant linking. Connect the trigger at hand with the mentions that fill a role of its event type, and "
    "leave the words of these mentions untouched.",
    "Act as a reporter who follows up one incident. The word that tells of it is given, and so is its type. Gather "
    "from the passage all that fills a role in it, in the very words used there.",
    "A trigger and its event type have been given. Identify the spans standing in a semantic role to them, character "
    "for character, together with the name of that role.",
    "Read around the given trigger, near and far. Whatever the text offers to fill a role of the stated event type is "
    "wanted, neither shortened nor paraphrased.",
    "What are the arguments of the specified event? Its trigger and type tell which event is meant, each argument "
    "should be lifted directly from the text, and the role must be one that this type has.",
    "Only one event matters now, namely the one given by trigger and type. Pick out the people, things, places, times "
    "or values that it involves, spelled just as the author spelled them, and assign their roles.",
    "Semantic role filling with the predicate provided. Treat the trigger as the predicate, choose roles from the "
    "event type at hand, and cite the fillers literally.",
    "Suppose that an event detector has delivered a trigger and a type. Do the second step, and determine the "
    "arguments and their roles, using the same words as the text.",
    "For the event type in question, several roles are foreseen. Decide for each of them which expressions, if any, "
    "occupy it in the event expressed by the trigger, and hand these over as they appear.",
    "Recover the structure of an event from its core. The core, a trigger and the type it has, is known, while role "
    "fillers have to be found and retain the wording of the source.",
    "Spot those mentions that are tied to the supplied trigger as arguments. Mentions tied to other events do not "
    "count. Report role, in keeping with the event type, and mention, the latter without any change.",
    "Work through the given event role by role. Rely only on expressions found in the text, and be guided by the "
    "trigger and the type in question.",
    "Take the given trigger as an anchor and the roles of the given type as questions. Locate the answers in the "
    "document, and extract them with words neither added nor altered.",
)
