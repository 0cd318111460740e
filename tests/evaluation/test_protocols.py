# SPDX-License-Identifier: Apache-2.0
"""Each protocol by cases that tell it apart from the others."""

from __future__ import annotations

import pytest

from loremill.errors import InputError, UnknownNameError
from loremill.evaluation import SCORERS, Prediction, Score, scorer
from loremill.frames import Document, Draft, DraftSlot, Frame, Piece, Reject, Slot
from loremill.schema import FrameType, Schema, SlotType
from loremill.text import Mention, Span

PAIR = (SlotType("head"), SlotType("tail"))
SCHEMA = Schema(
    (
        FrameType("person"),
        FrameType("place", "place name"),
        FrameType("works_for", "works for", "relations", slots=PAIR),
        FrameType("attack", family="events", slots=(SlotType("attacker"), SlotType("target"))),
        FrameType("death", family="events", slots=(SlotType("attacker"),)),
        FrameType("positive", family="opinions", slots=(SlotType("aspect"), SlotType("opinion"))),
        FrameType("greeting", family="classes"),
    )
)
TEXT = "Ann met ann in Ulm . Rebels bombed the old town ; bombs fell ."
SETS = ("text", "ruie", "ruie_exact", "instructuie")
GOLLIE = ("gollie", "gollie_partial")


def at(string: str, nth: int = 0) -> Mention:
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(string, start + 1)
    return Mention.at(start, start + len(string))


def entity(type_: str, string: str, nth: int = 0) -> Frame:
    return Frame(type_, at(string, nth))


def works_for(head: str, tail: str) -> Frame:
    return Frame("works_for", None, (Slot("head", at(head)), Slot("tail", at(tail))))


def event(type_: str, trigger: str, **arguments: str) -> Frame:
    return Frame(type_, at(trigger), tuple(Slot(role, at(string)) for role, string in arguments.items()))


def draft(type_: str, filler: str | None, **slots: str) -> Draft:
    pieces = tuple(DraftSlot(role, Piece((string,))) for role, string in slots.items())
    return Draft(type_, None if filler is None else Piece((filler,)), pieces)


def reject(reason, family, draft_=None, item="", role=""):
    return Reject(item, reason, family=family, draft=draft_, role=role)


def score(name, gold, pred, part, *rejected, text=TEXT, schema=SCHEMA) -> Score:
    row = Prediction(Document(text, frames=tuple(gold)), tuple(pred), rejected)
    return SCORERS[name].tally([row], schema, part).score


def by_scorer(gold, pred, part, *rejected, **more) -> dict[str, tuple[int, int, int]]:
    scores = {name: score(name, gold, pred, part, *rejected, **more) for name, s in SCORERS.items() if part in s.parts}
    return {name: (s.tp, s.pred, s.gold) for name, s in scores.items()}


def same(value, *more, **others):
    """The value for every scorer, others for some."""
    return {**dict.fromkeys(SCORERS, value), **others}


def test_every_scorer_finds_gold_right():
    gold = [
        entity("person", "Ann"),
        entity("place", "Ulm"),
        works_for("Ann", "Ulm"),
        event("attack", "bombed", attacker="Rebels", target="the old town"),
        Frame("positive", None, (Slot("aspect", at("town")), Slot("opinion", at("old")))),
        Frame("greeting"),
    ]
    for name, entry in SCORERS.items():
        for part in entry.parts_of(SCHEMA):
            assert score(name, gold, gold, part).f1 == 1.0, (name, part)


def test_place_matters_to_strict_alone():
    assert by_scorer([entity("place", "bomb")], [entity("place", "bomb", 1)], "entities") == same(
        (1, 1, 1), strict=(0, 1, 1)
    )


def test_repetition_and_case_matter_to_multisets():
    gold, pred = [entity("person", "Ann")], [entity("person", "Ann"), entity("person", "ann")]
    assert by_scorer(gold, pred, "entities") == {
        **dict.fromkeys(("strict", *GOLLIE), (1, 2, 1)),
        **dict.fromkeys(SETS, (1, 1, 1)),
    }


def test_string_outside_the_text_is_dropped_by_gollie_and_ruie():
    absent = reject("ungrounded", "entities", draft("person", "Bob"))
    gold = [entity("person", "Ann")]
    dropped = (1, 1, 1)
    assert by_scorer(gold, gold, "entities", absent) == same(dropped, strict=(1, 2, 1), instructuie=(1, 2, 1))
    for name in (*GOLLIE, "ruie", "ruie_exact"):
        counter = SCORERS[name].unfiltered
        row = Prediction(Document(TEXT, frames=tuple(gold)), gold, (absent,))
        assert sum(c[1] for c in next(counter([row], SCHEMA, "entities")).values()) == 2


def test_gollie_keeps_no_more_of_a_string_than_the_text_has():
    gold = [entity("place", "Ulm")]
    pred = [entity("place", "Ulm"), entity("person", "Ulm")]
    twice = reject("duplicate", "entities", draft("place", "Ulm"))
    assert by_scorer(gold, pred, "entities", twice) == {
        "strict": (1, 3, 1),
        **dict.fromkeys(GOLLIE, (1, 1, 1)),
        **dict.fromkeys(SETS, (1, 2, 1)),
    }


def test_types_outside_the_schema_are_ignored_except_by_strict_and_instructuie():
    alien = reject("unknown type", "entities", item="alien: Ann")
    gold = [entity("person", "Ann")]
    assert by_scorer(gold, gold, "entities", alien) == same((1, 1, 1), strict=(1, 2, 1), instructuie=(1, 2, 1))


def test_unread_item_with_a_label_counts_in_ruie_as_in_its_code():
    cut = reject("cut off", "entities", item="place name: Ulm")
    gold = [entity("place", "Ulm")]
    assert by_scorer(gold, [], "entities", cut) == {
        "strict": (0, 1, 1),
        "text": (0, 0, 1),
        **dict.fromkeys(GOLLIE, (0, 0, 1)),
        "ruie": (1, 1, 1),
        "ruie_exact": (1, 1, 1),
        "instructuie": (1, 1, 1),
    }


def test_none_is_right_in_instructuie_alone_and_of_entities_alone():
    nothing = same((0, 0, 0))
    assert by_scorer([], [], "entities") == {**nothing, "instructuie": (1, 1, 1)}
    relations = by_scorer([], [], "relations")
    assert relations == dict.fromkeys(SCORERS, (0, 0, 0))
    wrong = by_scorer([], [entity("person", "Ann")], "entities")
    assert wrong == {**same((0, 1, 0)), "instructuie": (0, 1, 1)}


def test_relations_are_case_sensitive_in_gollie_alone():
    gold = [works_for("Ann", "Ulm")]
    pred = [Frame("works_for", None, (Slot("head", at("ann")), Slot("tail", at("Ulm"))))]
    assert by_scorer(gold, pred, "relations") == {
        **dict.fromkeys(("strict", *GOLLIE), (0, 1, 1)),
        **dict.fromkeys(SETS, (1, 1, 1)),
    }


def test_relation_outside_the_text_is_dropped_by_gollie_but_not_by_ruie():
    absent = reject("ungrounded", "relations", draft("works_for", None, head="Ann", tail="Acme"))
    assert by_scorer([works_for("Ann", "Ulm")], [], "relations", absent) == {
        "strict": (0, 1, 1),
        "text": (0, 0, 1),
        **dict.fromkeys(GOLLIE, (0, 0, 1)),
        **dict.fromkeys(("ruie", "ruie_exact", "instructuie"), (0, 1, 1)),
    }


def test_argument_needs_its_event_except_by_ruie_and_instructuie():
    gold = [event("attack", "bombed", attacker="Rebels")]
    pred = [event("attack", "fell", attacker="Rebels")]
    assert by_scorer(gold, pred, "arguments") == {
        **dict.fromkeys(("strict", "text", "gollie"), (0, 1, 1)),
        **dict.fromkeys(("gollie_partial", "ruie", "ruie_exact", "instructuie"), (1, 1, 1)),
    }


def test_argument_of_another_event_type_is_right_without_the_type():
    gold = [event("attack", "bombed", attacker="Rebels")]
    pred = [event("death", "bombed", attacker="Rebels")]
    assert by_scorer(gold, pred, "arguments") == {
        **dict.fromkeys(("strict", "text", *GOLLIE), (0, 1, 1)),
        **dict.fromkeys(("ruie", "ruie_exact", "instructuie"), (1, 1, 1)),
    }


def test_partial_takes_a_trigger_by_type_and_an_argument_by_containment():
    gold = [event("attack", "bombed", target="the old town")]
    pred = [event("attack", "fell", target="old town")]
    assert score("gollie", gold, pred, "triggers").tp == 0
    assert score("gollie_partial", gold, pred, "triggers") == Score(1, 1, 1)
    assert score("gollie_partial", gold, pred, "arguments") == Score(1, 1, 1)
    assert score("gollie", gold, [event("attack", "bombed", target="old town")], "arguments") == Score(0, 1, 1)


def test_each_gold_event_answers_for_one_predicted_event():
    gold = [event("attack", "bombed", attacker="Rebels")]
    pred = [event("attack", "bombed", attacker="Rebels"), event("attack", "fell", attacker="Rebels")]
    assert score("gollie_partial", gold, pred, "triggers") == Score(1, 2, 1)
    assert score("gollie_partial", gold, pred, "arguments") == Score(1, 2, 1)


def test_gollie_drops_an_absent_argument_and_counts_a_repeated_one():
    gold = [event("attack", "bombed", attacker="Rebels")]
    absent = reject("ungrounded", "events", draft("attack", "bombed", target="the bridge"), role="target")
    again = reject("duplicate", "events", draft("attack", "bombed", attacker="Rebels"), role="attacker")
    given = reject("duplicate", "events", draft("attack", "", attacker="Rebels"), role="attacker")
    assert score("gollie", gold, gold, "arguments", absent) == Score(1, 1, 1)
    assert score("gollie", gold, gold, "arguments", again) == Score(1, 2, 1)
    assert score("gollie", gold, gold, "arguments", given) == Score(1, 2, 1)
    assert score("gollie", gold, gold, "triggers", absent, given) == Score(1, 1, 1)


def test_strict_counts_a_refused_slot_as_an_argument_and_an_event_with_its_slots():
    slot = reject("ungrounded", "events", draft("attack", "bombed", target="x"), role="target")
    whole = reject("ungrounded", "events", draft("attack", "x", attacker="y", target="z"))
    unread = reject("unparsable", "events", item="?")
    assert score("strict", [], [], "triggers", slot, whole, unread) == Score(0, 2, 0)
    assert score("strict", [], [], "arguments", slot, whole, unread) == Score(0, 4, 0)


def test_triggers_are_one_answer_in_instructuie():
    gold = [event("attack", "bombed"), event("death", "fell")]
    assert score("instructuie", gold, gold, "triggers") == Score(1, 1, 1)
    assert score("instructuie", gold, gold[:1], "triggers") == Score(0, 1, 1)
    assert score("ruie", gold, gold[:1], "triggers") == Score(1, 1, 2)
    assert score("instructuie", [], [], "triggers") == Score(1, 1, 1)


def test_blanks_around_marks_do_not_matter_to_ruie():
    text = "He left the U.S. -based firm"
    gold = [Frame("place", Mention.at(12, 23))]
    wrote = reject("ungrounded", "entities", draft("place", "u . s . - based"))
    assert score("ruie", gold, [], "entities", wrote, text=text) == Score(1, 1, 1)
    assert score("gollie", gold, [], "entities", wrote, text=text) == Score(0, 0, 1)
    # the code looks for the normalised string in a query whose blanks stay
    assert score("ruie_exact", gold, gold, "entities", text=text) == Score(0, 0, 1)


def test_ruie_exact_reads_located_for_location():
    schema = Schema((FrameType("place"),))
    gold = [Frame("place", Mention.at(0, 8))]
    wrote = reject("ungrounded", "entities", draft("place", "located"))
    text = "location is located"
    assert score("ruie", gold, [], "entities", wrote, text=text, schema=schema) == Score(0, 1, 1)
    assert score("ruie_exact", gold, [], "entities", wrote, text=text, schema=schema) == Score(1, 1, 1)


def test_ruie_exact_finds_nothing_of_a_label_with_parentheses():
    schema = Schema((FrameType("gpe", "place (political)"),))
    gold = [Frame("gpe", Mention.at(15, 18))]
    assert score("ruie", gold, gold, "entities", schema=schema) == Score(1, 1, 1)
    assert score("ruie_exact", gold, gold, "entities", schema=schema) == Score(0, 0, 1)


def test_ruie_exact_finds_a_label_at_the_end_of_another():
    alien = reject("unknown type", "entities", item="chairperson: Ann")
    gold = [entity("person", "Ann")]
    assert score("ruie", gold, [], "entities", alien) == Score(0, 0, 1)
    assert score("ruie_exact", gold, [], "entities", alien) == Score(1, 1, 1)


def test_ruie_exact_refuses_a_label_that_is_no_pattern():
    schema = Schema((FrameType("x", "place ("),))
    with pytest.raises(InputError, match=r"ruie_exact puts labels into a pattern as they are.*use ruie"):
        score("ruie_exact", [], [], "entities", schema=schema)


def test_discontinuous_mention_is_in_the_text_when_its_fragments_are():
    split = [Frame("place", Mention((Span(21, 27), Span(39, 42))))]
    assert score("gollie", split, split, "entities") == Score(1, 1, 1)


def test_low_score_is_the_users_choice_and_counts_nowhere():
    low = reject("low score", "entities", draft("person", "Ulm"))
    assert by_scorer([], [entity("person", "Ann")], "entities", low)["strict"] == (0, 1, 0)
    assert by_scorer([], [entity("person", "Ann")], "entities", low)["text"] == (0, 1, 0)
    assert score("instructuie", [], [entity("person", "Ann")], "entities", low) == Score(0, 1, 1)


def test_reject_without_family_needs_a_schema_of_one():
    unknown = Reject("x", "unparsable")
    one = Schema((FrameType("person"),))
    assert score("strict", [], [], "entities", unknown, schema=one) == Score(0, 1, 0)
    with pytest.raises(InputError, match="rejected item 'x' was saved without its family"):
        score("strict", [], [], "entities", unknown)


def test_typed_relation_needs_the_types_of_its_mentions():
    gold = [entity("person", "Ann"), entity("place", "Ulm"), works_for("Ann", "Ulm")]
    pred = [entity("person", "Ann"), entity("person", "Ulm"), works_for("Ann", "Ulm")]
    assert score("strict", gold, pred, "relations") == Score(1, 1, 1)
    assert score("strict", gold, pred, "typed_relations") == Score(0, 1, 1)
    assert score("strict", gold, gold, "typed_relations") == Score(1, 1, 1)


def test_scorer_of_a_name():
    assert scorer("gollie").name == "gollie"
    assert scorer("gollie", corpora=["phee"]).name == "gollie_partial"
    assert scorer("gollie", corpora=["phee"], partial=False).name == "gollie"
    assert scorer("strict", partial=True).name == "strict"
    with pytest.raises(UnknownNameError, match=r"unknown scorer .golly.\. Did you mean .gollie."):
        scorer("golly")
    with pytest.raises(UnknownNameError, match="unknown part of scorer 'ruie' 'typed_relations'"):
        SCORERS["ruie"].tally([], SCHEMA, "typed_relations")
