# SPDX-License-Identifier: Apache-2.0
"""Wordings of: find the entities of the given types."""

from __future__ import annotations

POOL: tuple[str, ...] = (
    "Named entity recognition. List every entity of the given types that occurs in the text, word for word.",
    "Which stretches of the text are entities of the requested types? Give each one exactly as it is written, "
    "together with its type.",
    "You are an annotator of named entities. Read the passage, pick out whatever belongs to one of the listed types, "
    "and copy it verbatim under that type.",
    "Find all mentions that fit the schema's entity types. Do not reword them, and leave aside any kind of entity that "
    "was not asked for.",
    "Run NER over the input with the tag set provided. Spans must be literal pieces of the input.",
    "Somebody wants to look up the people, things and notions that occur in this passage. Help by naming all those of "
    "the given types, in the very words used there.",
    "Detect and classify entity mentions. Only the types provided count, and each mention keeps its original wording.",
    "Go through the text from beginning to end and collect the expressions that denote something of a given type. Take "
    "them over character for character.",
    "The goal is a complete inventory of the entities in the document that fall under the types of interest, each "
    "reproduced as it stands and assigned to its type.",
    "Extract entities. Stick to the specified types and to the author's own words when you do so.",
    "What does the text speak of that counts as one of the given types? Cite every such phrase literally and tell "
    "which type it has.",
    "Act as a careful reader who is preparing an index. For each category in question, gather the names and terms that "
    "occur in the passage, spelled just as the author spelled them.",
    "Span detection and typing. Locate all phrases that refer to instances of the allowed categories, preserve their "
    "surface form, and ignore everything else.",
    "Some kinds of entity have been chosen in advance. Spot every place where one of them comes up, and report the "
    "exact words along with the kind.",
    "Please point out everything here that is an example of the types I ask for. Use the same words as the text, "
    "neither shortened nor paraphrased.",
    "Imagine filling a knowledge base from raw prose. Harvest all entities that match its predefined types, with their "
    "names precisely as printed.",
    "Scan the document for mentions whose category appears in the schema, and transcribe them faithfully.",
    "Tell me who or what is mentioned, but only insofar as it belongs to a type that I have supplied. I need the "
    "wording of the original.",
    "Pull from the text each word or group of words that names an entity of a permitted type. Words must be neither "
    "added nor altered.",
    "Your job is mention detection for a fixed set of categories. Be exhaustive within these, skip all others, and "
    "retain the spelling found in the source.",
    "Keep the target types in mind while reading. Whenever the author refers to something of such a type, note the "
    "reference without any change.",
    "A search engine has to know which entities a page contains. Determine those of the types on offer, and leave "
    "their text untouched.",
    "Identify the entities present, limited to the categories supplied, by lifting the corresponding words directly "
    "from the text.",
    "Not every noun phrase matters. Select just the ones whose type was requested, and hand them over exactly as they "
    "appear.",
    "Where does the author write about the things that the schema's types describe? Name all of these, relying only "
    "on expressions found in the text.",
    "Recognition of typed mentions in running text. Any entity that a type of the inventory covers is wanted, with "
    "unchanged wording and the right type.",
)
