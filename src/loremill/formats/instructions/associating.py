# SPDX-License-Identifier: Apache-2.0
"""Wordings of: put given mentions together into relations, events or opinions."""

from __future__ import annotations

POOL: tuple[str, ...] = (
    "Association. The types and the mentions are given; put together the mentions that belong to one relation, event "
    "or opinion, each in its role.",
    "Who goes with whom? The pieces have been found and typed, so combine them into complete facts of the given types.",
    "You assemble structures from parts. All parts were cut out of the text by others, and you decide which of the "
    "marked parts make up the same instance of a type.",
    "Link the supplied mentions. Two of them are linked when the text makes them members of a single event, relation "
    "or opinion.",
    "Pairing and grouping of known spans. Spans stay as they are, while their connections have to be read off the "
    "passage.",
    "Fill every frame of a specified type with the spans that the author ties to it, taking these spans from the ones "
    "provided.",
    "Here are names, triggers, terms and descriptions that somebody marked in this document. Work out how they combine "
    "according to what it says.",
    "Detection is over, binding begins. Attach each delivered argument to its event, each subject to its object, each "
    "opinion to its aspect.",
    "Given a bag of mentions, rebuild the statements they were taken from. A statement has one of the predefined types "
    "and assigns a role to every mention in it.",
    "Which of the given expressions stand together, under what type, and in which roles? Decide on the evidence of the "
    "wording alone.",
    "Connect the dots. The dots are the phrases at hand, the connections are the types on offer, and only the passage "
    "can tell which phrases are meant.",
    "Find the structure behind a number of known mentions. Mentions of different facts must be kept apart even when "
    "they are of the same kind.",
    "Please tell me which of the elements I picked out share a fact, and what part each of them plays in it. Use the "
    "types in question and no element of your own.",
    "Role binding. For each listed type, bind the mentions provided to the roles of one occurrence, then go on with "
    "the next occurrence.",
    "Think of a construction kit whose blocks come from this text. Put those blocks into the requested kinds of frame, "
    "so that each frame states something that is said.",
    "The spans were located in an earlier step and their labels are settled. It remains to say which span depends on "
    "which other one.",
    "Act as a clerk who receives loose slips, each with a phrase copied from the passage. Clip together the slips of "
    "one case, and file the case under a type available for it.",
    "Merge the separate findings about this document into records. A record follows the schema, and whatever it "
    "contains was among the findings.",
    "Decide about membership. A mention may belong to several relations or events, or to a single one, and the chosen "
    "types say which groups are possible.",
    "Determine for each given trigger, relation or polarity the mentions that complete it. Others may look alike "
    "without having anything to do with it.",
    "From isolated pieces to coherent facts. Arrange the pieces stated beforehand into relations and events, in "
    "accordance with the sentence they occur in.",
    "Recover the ties among elements that are already at hand, and report every set of tied elements under its target "
    "type, with the function of each member.",
    "Suppose that two colleagues have told you which permitted types occur and which words are involved. Do the last "
    "step, and distribute the words over the instances of those types.",
    "Each supplied span is a puzzle piece with its label on the back. Solve the puzzle by reading the text, which "
    "shows what adjoins what and in which role.",
    "Composition of frames from fixed ingredients. Neither search for new ingredients nor leave their relationships "
    "unspoken, but express these as frames of the types of interest.",
    "What relates the marked words to one another? Reply with all instances of the specified types that hold them "
    "together, roles included.",
)
