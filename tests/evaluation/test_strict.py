# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import f1_score
from seqeval.metrics.sequence_labeling import get_entities

from loremill.errors import UnknownNameError
from loremill.evaluation import Prediction, Score, judged, score_by_label, strict, text_f1
from loremill.frames import Document, Frame, FrameRef, Reject, Slot
from loremill.schema import FrameType, Schema, SlotType
from loremill.text import Mention, Span

PAIR = (SlotType("head"), SlotType("tail"))
SCHEMA = Schema(
    (
        FrameType("person"),
        FrameType("place"),
        FrameType("works_for", family="relations", slots=PAIR),
        FrameType("attack", family="events", slots=(SlotType("attacker"), SlotType("cause"))),
        FrameType("death", family="events"),
        FrameType("positive", family="opinions", slots=(SlotType("aspect"), SlotType("opinion"))),
        FrameType("greeting", family="classes"),
    )
)
TEXT = "0123456789" * 3


def m(start, end):
    return Mention.at(start, end)


def entity(type_, start, end, score=None):
    return Frame(type_, m(start, end), score=score)


def pair(type_, first, second, roles=("head", "tail")):
    return Frame(type_, None, (Slot(roles[0], m(*first)), Slot(roles[1], m(*second))))


def event(type_, trigger, **arguments):
    return Frame(type_, m(*trigger), tuple(Slot(role, m(*place)) for role, place in arguments.items()))


def row(gold, pred, **rejected):
    return Prediction(Document(TEXT, frames=tuple(gold)), tuple(pred), rejected)


def score(gold, pred, part, **rejected):
    return strict([row(gold, pred, **rejected)], SCHEMA)[part]


tags = st.lists(st.sampled_from(["O", "O", "B-person", "I-person", "B-place", "I-place"]), min_size=8, max_size=8)


@given(st.lists(st.tuples(tags, tags), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_flat_entities_score_as_seqeval(pairs):
    def frames(sequence):
        return [entity(label, start, end + 1) for label, start, end in get_entities(sequence)]

    gold, pred = [list(g) for g, _ in pairs], [list(p) for _, p in pairs]
    ours = strict([row(frames(g), frames(p)) for g, p in pairs], SCHEMA)["entities"]
    has_any = any(tag != "O" for sequence in gold + pred for tag in sequence)
    expected = f1_score(gold, pred, average="micro", zero_division=0) if has_any else 0.0
    assert ours.f1 == pytest.approx(expected, abs=1e-12)  # two roundings of one quotient


def test_equal_predictions_count_each():
    gold, pred = [entity("person", 0, 2)], [entity("person", 0, 2)] * 2
    assert score(gold, pred, "entities") == Score(tp=1, pred=2, gold=1)


def test_every_fragment_of_a_discontinuous_mention_must_be_right():
    whole = Frame("person", Mention((Span(0, 2), Span(4, 6))))
    assert score([whole], [entity("person", 0, 6)], "entities").tp == 0
    assert score([whole], [whole], "entities").tp == 1


def test_rejected_items_are_wrong_predictions():
    same = [entity("person", 0, 2)]
    assert score(same, same, "entities", entities=2, relations=1) == Score(tp=1, pred=3, gold=1)
    assert score(same, same, "relations", entities=2, relations=1) == Score(tp=0, pred=1, gold=0)


def test_rejected_events_count_as_triggers_and_as_arguments():
    assert score([], [], "triggers", events=2, arguments=1).pred == 2
    assert score([], [], "arguments", events=2, arguments=1).pred == 3


def test_relation_needs_type_direction_and_both_mentions():
    gold = [pair("works_for", (0, 2), (4, 6))]
    assert score(gold, gold, "relations").f1 == 1.0
    assert score(gold, [pair("works_for", (4, 6), (0, 2))], "relations").tp == 0
    assert score(gold, [pair("works_for", (0, 2), (4, 7))], "relations").tp == 0
    assert score(gold, [pair("works_for", (4, 6), (0, 2), ("tail", "head"))], "relations").tp == 1


def test_argument_needs_its_events_type_and_trigger():
    gold = [event("attack", (0, 2), attacker=(4, 6), cause=(8, 9))]
    assert score(gold, gold, "arguments") == Score(2, 2, 2)
    moved = [event("attack", (1, 2), attacker=(4, 6))]
    assert score(gold, moved, "triggers").tp == 0
    assert score(gold, moved, "arguments") == Score(0, 1, 2)
    swapped = [event("attack", (0, 2), cause=(4, 6))]
    assert score(gold, swapped, "triggers").tp == 1
    assert score(gold, swapped, "arguments").tp == 0


def test_event_as_argument_is_compared_by_what_it_points_at():
    death, life = event("death", (8, 9)), event("death", (10, 11))
    gold = [death, Frame("attack", m(0, 2), (Slot("cause", FrameRef(0)),))]
    pred = [life, Frame("attack", m(0, 2), (Slot("cause", FrameRef(2)),)), death]
    assert score(gold, pred, "arguments") == Score(1, 1, 1)
    assert score(gold, [*pred[:1], Frame("attack", m(0, 2), (Slot("cause", FrameRef(0)),))], "arguments").tp == 0


def test_opinions_and_classes():
    gold = [pair("positive", (0, 2), (4, 6), ("aspect", "opinion")), Frame("greeting")]
    assert score(gold, gold, "opinions") == score(gold, gold, "classes") == Score(1, 1, 1)
    assert score(gold, [], "opinions") == Score(0, 0, 1)


def test_parts_are_those_of_the_schema():
    assert list(strict([], Schema((FrameType("person"),)))) == ["entities"]
    assert list(strict([], Schema((FrameType("death", family="events"),)))) == ["triggers"]
    assert strict([], SCHEMA)["entities"] == Score()


def test_unknown_type_and_family_are_refused():
    with pytest.raises(UnknownNameError, match="unknown type 'animal'"):
        score([], [entity("animal", 0, 1)], "entities")
    with pytest.raises(UnknownNameError, match=r"unknown family of rejected items 'entity'\. Did you mean 'entities'"):
        score([], [], "entities", entity=1)


def test_rows_by_label_sum_up_to_the_micro_score():
    gold = [entity("person", 0, 2), entity("place", 4, 6)]
    rows = [row(gold, [entity("person", 0, 2), entity("person", 4, 6)], entities=1), row(gold, gold)]
    by_label = score_by_label(rows, SCHEMA, "entities")
    assert by_label == {"person": Score(2, 3, 2), "place": Score(1, 1, 2), "(rejected)": Score(0, 1, 0)}
    assert sum(by_label.values(), Score()) == strict(rows, SCHEMA)["entities"]
    events = [row([event("attack", (0, 2), cause=(4, 6))], [])]
    assert score_by_label(events, SCHEMA, "arguments") == {"attack.cause": Score(0, 0, 1)}


def test_judged_gives_score_and_correctness_of_each_scored_item():
    pred = [entity("person", 0, 2, 0.9), entity("person", 0, 2, 0.4), entity("place", 4, 6), entity("place", 7, 8, 0.2)]
    assert list(judged([row([entity("person", 0, 2)], pred)], SCHEMA, "entities")) == [
        (0.9, True),
        (0.4, False),
        (0.2, False),
    ]


def test_plain_tuples_are_taken():
    doc = Document(TEXT, frames=(entity("person", 0, 2),))
    assert strict([(doc, doc.frames, {"entities": 1})], SCHEMA)["entities"] == Score(1, 2, 1)


def test_text_scorer_ignores_place_case_and_repetition():
    doc = Document("Ulm and ulm and Bonn", frames=(entity("place", 0, 3), entity("place", 8, 11)))
    pred = (entity("place", 8, 11), entity("place", 16, 20))
    assert text_f1([Prediction(doc, pred, {"entities": 5})], SCHEMA)["entities"] == Score(1, 2, 1)


@pytest.mark.parametrize(("tp", "pred", "gold"), [(2, 1, 2), (2, 2, 1), (-1, 0, 0)])
def test_impossible_score_cannot_be_built(tp, pred, gold):
    with pytest.raises(ValueError, match="needs 0 <= tp"):
        Score(tp, pred, gold)


def test_score_of_nothing_is_zero():
    assert (Score().precision, Score().recall, Score().f1) == (0.0, 0.0, 0.0)
    assert Score(1, 2, 4).f1 == pytest.approx(2 * 0.5 * 0.25 / 0.75)


def test_refused_role_is_a_wrong_argument_and_no_wrong_trigger():
    refused = Reject("motive: greed", "unknown role", family="events")
    prediction = Prediction(Document(TEXT), (), (refused,))
    assert strict([prediction], SCHEMA)["triggers"].pred == 0
    assert strict([prediction], SCHEMA)["arguments"].pred == 1
