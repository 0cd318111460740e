# SPDX-License-Identifier: Apache-2.0
"""Wordings of: find the pairs of an aspect and an opinion, with their polarity."""

from __future__ import annotations

POOL: tuple[str, ...] = (
    "Opinion extraction. List every pair of an aspect and the opinion about it, under its polarity.",
    "What does the writer think of what? For each aspect that is evaluated, give the words that name it, the words "
    "that evaluate it, exactly as written, and the one of the listed polarities that they carry.",
    "You annotate sentiment. Find every target together with the expression that assesses it, copy both verbatim, and "
    "choose the fitting polarity from those given.",
    "Aspect sentiment triplet extraction. A triplet joins an aspect term, an opinion term and a schema polarity, "
    "where both terms are literal pieces of the text.",
    "Read the passage and collect what people like, dislike or feel indifferent about. Keep their own words for the "
    "thing as well as for the view of it, and decide among the polarities on offer.",
    "Detect opinions at the level of aspects. Match each opinion phrase with the feature it is about, decide among "
    "the polarities provided, and do not reword anything.",
    "The aim is to learn which features meet with approval and which do not. Report the features and the judging "
    "phrases, unchanged, with whichever of the given polarities applies.",
    "Which parts or qualities of something are commented on in this text, and how? Pair them with the comments in "
    "their original wording, and say which of the permitted polarities each pair has.",
    "Fine-grained sentiment mining. Identify aspect spans and opinion spans, link those that belong together, and "
    "assign every link a polarity of the inventory while you preserve the surface form.",
    "Please point out every evaluative remark. I need the thing remarked upon and the phrase of evaluation, both "
    "precisely as printed, and one polarity out of those I have supplied.",
    "Imagine studying feedback on behalf of whoever receives it. Gather all points that are raised, along with the "
    "exact words of praise, blame or neutrality, and place them under the polarities requested.",
    "Go through the text and stop at any expression of feeling or taste. Find the aspect that it refers to, take over "
    "both character for character, and settle on a polarity among the given ones.",
    "Attitudes are to be made searchable. Determine who or what each attitude is about, by which phrase it is voiced, "
    "and which polarity of the schema it has, citing the object and the phrase literally.",
    "Extract pairs of opinion target and opinion expression word for word. Attach to each pair the polarity, limited "
    "to the values specified.",
    "Look for verdicts on particular things rather than an overall mood. A verdict consists of an aspect, an opinion, "
    "both lifted directly from the text, and one of the allowed polarities.",
    "How are the individual aspects received? Answer with the aspects themselves, the opinions voiced about them, "
    "neither shortened nor paraphrased, and the polarities, chosen from the available set.",
    "Suppose that a shop owner wants to hear what guests and buyers said about each detail. Pass on the details and "
    "the sayings in the very words used, each with its polarity out of those asked for.",
    "Opinion term and aspect term co-extraction with polarity classification. Stay with the predefined polarities, "
    "and leave the wording of the terms untouched.",
    "Spot subjective statements in the document. Separate in each the subject matter from the stance, transcribe both "
    "faithfully, and tell which target polarity the stance amounts to.",
    "Act as a critic's assistant. Whenever something is found pleasing, poor or middling, note that something, note "
    "the describing words as they stand, and file the two under the right polarity of those listed.",
    "Recover all combinations of a discussed feature and a sentiment phrase that modifies it. The polarity comes from "
    "the schema, while the feature and the phrase retain the wording of the original.",
    "Some polarities have been fixed beforehand. For every aspect mentioned with an opinion, name aspect and opinion, "
    "spelled just as the author spelled them, and the polarity between them.",
    "Nobody's view should be lost. Work out what is being valued or faulted in the document, and by means of which "
    "expression, using the same words as the text, and add whichever polarity of interest is meant.",
    "Structured sentiment analysis. The units wanted are aspect, opinion and polarity, of which the first two are "
    "reproduced without any change and the last is drawn from the values in question.",
    "Pick out whatever receives a positive, negative or other assessment of the given polarities. Hand it over "
    "together with the assessment, as both appear in the passage.",
    "Take the text apart into opinions. For each one, establish its polarity within the set supplied, the aspect it "
    "concerns, and its expression, relying only on phrases found in the text.",
)
