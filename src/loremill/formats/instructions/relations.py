# SPDX-License-Identifier: Apache-2.0
"""Wordings of: find the pairs of phrases that stand in the given relations."""

from __future__ import annotations

POOL: tuple[str, ...] = (
    "Relation extraction. List every pair of phrases of the text that stand in one of the given relations.",
    "Which phrases in the text are linked by a relation that was asked for? Name both sides of each link exactly as "
    "they are written, and keep its direction.",
    "You annotate semantic relations. For every relation type provided, look for two mentions that it connects in the "
    "passage, and copy both verbatim.",
    "Find all facts that the text expresses with the relation types of the schema. Head and tail must be literal "
    "pieces of the text.",
    "Extract triples of subject, relation and object. The relation has to be a listed one, while subject and object "
    "keep their original wording.",
    "Read the passage and work out who or what is connected with whom or what. Only connections of the requested types "
    "count, and both ends must be given word for word.",
    "The aim is to turn prose into edges of a knowledge graph. Every edge joins two expressions that occur in the "
    "text, unchanged, and bears one of the allowed relation names.",
    "Detect related mentions. Restrict yourself to the specified relations, mind which way round they hold, and do not "
    "reword anything.",
    "What does the author say about how things are related? Report any two things that stand in a relation of "
    "interest, using the same words as the author.",
    "Joint extraction of entities and relations. Identify the spans between which a predefined relation holds "
    "according to the input, and preserve their surface form.",
    "Please tell me every tie between one thing and another, provided that I have given its kind. Refer to the "
    "two things by the exact words used.",
    "Act as a curator who maintains a database of facts. Take from the document the arguments of each relation in the "
    "schema, precisely as printed.",
    "Go through the text and collect couples of expressions whose relationship is among those given. Neither "
    "expression may be shortened, extended or altered.",
    "Relationship mining over a closed inventory of predicates. For each predicate that the passage asserts, supply "
    "its first and second argument as they stand there.",
    "Suppose that somebody queries this page by relation. For all relations on offer, determine which phrase goes with "
    "which other phrase, and cite them literally.",
    "Decide which of the things spoken of are tied together by a relation from the schema. Hand over all such ties, "
    "each with the source's own wording at either end.",
    "Two phrases form a match if the text supports one of the target relations between them. Gather all matches, and "
    "transcribe both phrases faithfully.",
    "Spot the instances of the relation types in question. An instance consists of a head and a tail, lifted directly "
    "from the text.",
    "Some relations have been fixed beforehand. Look up where the passage states them, and give the participants of "
    "each statement in their original form.",
    "As a reader with an eye for links among people, places, things and ideas, pick out those links that belong to a "
    "permitted relation type, and name their two ends character for character.",
    "Recover the structured facts contained in plain language. Each fact holds between two verbatim mentions, by "
    "virtue of a relation type that was supplied.",
    "Between what and what else does the document establish one of the chosen relations? Point out all cases, without "
    "any change of wording.",
    "Identify relation mentions and their arguments. Leave out relations that were not requested, distinguish what "
    "comes first from what comes second, and reproduce the arguments exactly.",
    "A reference work records certain kinds of relation only, namely those given. Harvest from this text everything "
    "that fits, both members spelled just as the author spelled them.",
    "Binary relation classification combined with span detection. Consider candidates in the input, retain the ones to "
    "which a relation of the schema applies, and leave their words untouched.",
    "Show how the things mentioned belong together, as far as the listed relations allow. For both partners, rely only "
    "on expressions found in the text.",
)
