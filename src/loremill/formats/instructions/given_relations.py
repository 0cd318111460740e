# SPDX-License-Identifier: Apache-2.0
"""Wordings of: find the relations among mentions that are given."""

from __future__ import annotations

POOL: tuple[str, ...] = (
    "Relation extraction between given entities. The mentions are given; list every pair of them that stands in one "
    "of the given relations.",
    "Which of the supplied mentions does the text connect by a relation that was asked for? Refer to both by the words "
    "supplied, and keep the direction of the relation.",
    "You annotate semantic relations. The entities have been marked by somebody else, so look only for what holds "
    "between two of them, according to the passage.",
    "Link the known entities. Each link needs a relation type from the schema and two of these entities, in the right "
    "order, and has to be supported by the text.",
    "Entity recognition is done already, and its result is handed to you. Carry out the second step, and determine the "
    "relations of the requested kinds among those entities.",
    "Here the entities of a knowledge graph are fixed, and its edges are missing. Read the passage and draw the "
    "edges, each with an allowed relation between two of the entities provided.",
    "Decide for any two of the marked expressions whether the author puts them in one of the specified relations. "
    "Other expressions in the text do not matter.",
    "Some phrases of the text have been delivered together with it. Find out how they are related to each other, in "
    "terms of the predefined relation types alone.",
    "What is stated about the relationships of the entities in question? Report those relationships that belong to a "
    "permitted type, and bring in no entity of your own.",
    "Classify pairs. Candidates are all pairs of the mentions provided, and a pair counts when the input asserts a "
    "target relation from its first member to its second.",
    "Please tell me who or what, out of the entities I name, is tied to whom or what else that I name. The relations "
    "that interest me are given too.",
    "The arguments are settled beforehand, the predicates are not. Select a predicate from the inventory wherever the "
    "document joins two of these arguments by a relation.",
    "Act as a curator who receives entities that a colleague has marked. Complete the record with the facts that "
    "relate them, taking the relation types from the schema.",
    "With the mentions at hand, build all triples of subject, relation and object that the passage justifies. Subject "
    "and object come from these mentions, the relation from the ones available.",
    "Go through the delivered entities two by two. Keep a couple if the text puts it in a relation of interest, and "
    "say which of the two is the head.",
    "Relation detection over a closed set of given mentions. Neither new mentions nor new relation types may be "
    "introduced, and everything rests on what the text asserts.",
    "Suppose that every participant is already known by name. It remains to work out, from what is written, which "
    "listed relation binds which participants.",
    "Starting from the spans supplied, recover the facts of the text. A fact runs from one supplied span to another "
    "and bears the name of a relation in the schema.",
    "An earlier module found the entities that this text speaks of. Join them where the wording of the text "
    "establishes a chosen relation, and mind who does something and to whom it is done.",
    "How do the entities picked out in advance belong together? Answer with relations of the types on offer, as far as "
    "the source bears them out.",
    "Judge the ties inside a group of mentions. The group is given with the passage, the possible kinds of relation "
    "with the schema, and only what the passage says is evidence.",
    "Between the phrases at issue there may hold relations. Identify each instance, its type and its two ends, where "
    "both ends must be phrases that were handed over.",
    "Pair up the entities specified. Two of them form a pair on account of a requested relation that a careful reader "
    "would infer from this text.",
    "Turn a set of marked names and terms into a network. Its ties are the relations in the specification for which "
    "the document offers grounds, always from one marked item to another.",
    "Only the mentions that come with the text are eligible as head or tail. Pick out every available relation that is "
    "expressed for two of them, and respect which way round it holds.",
    "Binary relations are sought, and their members have been determined. Say of which relation types, out of those "
    "provided, these members are instances, couple by couple.",
)
