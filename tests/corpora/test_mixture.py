# SPDX-License-Identifier: Apache-2.0
"""Mixtures: what goes in, what is left out and told, and that nothing goes round the leak check."""

import ast
from pathlib import Path

import pytest

from loremill.corpora import CorpusShare, MixtureSettings, leak_key, read_mixture
from loremill.errors import InputError, UnknownNameError

from .folders import write_conll2003, write_mit_movie

NEWS = [f"On day {i} Ada told the people of Coimbra that Acme would rise again ." for i in range(100)]
LEAK = "Nobody at Acme could say why the bridge of Porto was never finished ."
FILMS = [f"show me the {i} best films about long bridges in old towns" for i in range(20)]


@pytest.fixture
def folder(tmp_path):
    write_conll2003(tmp_path, train=[*NEWS, LEAK], test=[LEAK])
    return write_mit_movie(tmp_path, train=FILMS, test=["any film about nothing at all in a quiet town"])


def mix(folder, *shares, seed=1, **settings):
    return read_mixture(shares, MixtureSettings(**settings), seed=seed, data_dir=folder)


def names(source):
    return [frame.type for doc in source.documents for frame in doc.frames]


def test_leaks_are_left_out_and_counted(folder):
    mixture = mix(folder, CorpusShare("conll2003", repeat=2.0))
    (source,) = mixture.sources
    assert (source.name, source.family, len(source.documents), source.repeat) == ("conll2003", "entities", 100, 2.0)
    assert leak_key(LEAK) not in {leak_key(doc.text) for doc in source.documents}
    assert mixture.removed == {"conll2003": 1}
    assert "phee" in mixture.reserved.absent


def test_a_share_of_items_with_what_is_known_is_the_sources(folder):
    mixture = mix(folder, CorpusShare("conll2003", given=0.25), CorpusShare("mit_movie"))
    assert [source.given for source in mixture.sources] == [0.25, None]
    with pytest.raises(InputError, match="'conll2003' of a mixture needs 0 <= given <= 1, got 1"):
        CorpusShare("conll2003", given=1.5)


def test_leaks_are_refused_where_wanted(folder):
    with pytest.raises(InputError, match="conll2003-train-100 of conll2003 shares a sentence"):
        mix(folder, CorpusShare("conll2003"), on_leak="refuse")
    assert mix(folder, CorpusShare("mit_movie"), on_leak="refuse").removed == {}


def test_a_set_that_is_held_out_takes_its_sentences_from_the_others(folder):
    write_mit_movie(folder, train=[*FILMS, NEWS[0]])
    mixture = mix(folder, CorpusShare("mit_movie"), held_out=("conll2003",))
    assert mixture.removed == {"mit_movie": 1}
    assert "conll2003 train" in mixture.reserved.parts
    with pytest.raises(InputError, match="held out and in the mixture at once: conll2003"):
        mix(folder, CorpusShare("conll2003"), held_out=("conll2003",))


def test_copy_of_a_set_that_is_held_out_leaves_nothing(folder):
    write_mit_movie(folder, train=NEWS)
    with pytest.raises(InputError, match="'mit_movie' has no training document left: 100 of 100 share a sentence"):
        mix(folder, CorpusShare("mit_movie"), held_out=("conll2003",))


def test_licences_keep_sets_out_and_are_told(folder, caplog):
    mixture = mix(folder, CorpusShare("mit_movie"), CorpusShare("conll2003"), licences="research")
    assert [source.name for source in mixture.sources] == ["conll2003"]
    assert mixture.forbidden == {"mit_movie": "not stated"}
    assert "mit_movie" in caplog.text
    with pytest.raises(InputError, match="licences: permissive leaves no data set of mit_movie, conll2003"):
        mix(folder, CorpusShare("mit_movie"), CorpusShare("conll2003"), licences="permissive")


def test_fractions_are_nested_and_the_same_whatever_leaks(folder, tmp_path_factory):
    def ids(fraction, where=folder):
        return {doc.text for doc in mix(where, CorpusShare("conll2003"), fraction=fraction).sources[0].documents}

    assert [len(ids(f)) for f in (0.01, 0.05, 0.1)] == [1, 5, 10]
    assert ids(0.01) < ids(0.05) < ids(0.1)
    gone = min(ids(0.1) - ids(0.05))
    other = write_conll2003(tmp_path_factory.mktemp("other"), train=[*NEWS, LEAK], test=[LEAK, gone])
    assert ids(0.05, other) == ids(0.05)


def test_limit_cap_and_temperature_are_resolved(folder):
    shares = (CorpusShare("conll2003", limit=80), CorpusShare("mit_movie"))
    mixture = mix(folder, *shares, cap=40, documents=30)
    assert [len(source.documents) for source in mixture.sources] == [80, 20]
    assert [source.repeat for source in mixture.sources] == pytest.approx([20 / 80, 10 / 20])
    alike = mix(folder, *shares, temperature=float("inf"), documents=40)
    assert [source.repeat for source in alike.sources] == pytest.approx([20 / 80, 1.0])


def test_unseen_types_have_no_frames_and_no_aliases(folder):
    (source,) = mix(folder, CorpusShare("conll2003", unseen=("person",))).sources
    assert "person" not in source.schema
    assert "person" not in source.aliases
    assert set(names(source)) == {"location", "organization"}
    drawn = mix(folder, CorpusShare("conll2003", unseen_share=0.5))
    assert len(drawn.unseen["conll2003"]) == 2
    assert set(names(drawn.sources[0])).isdisjoint(drawn.unseen["conll2003"])


def test_what_is_saved_tells_what_was_compared(folder):
    saved = mix(folder, CorpusShare("conll2003", unseen=("person",))).to_dict()
    assert saved["sources"] == [{"name": "conll2003", "family": "entities", "documents": 100, "repeat": 1.0}]
    assert saved["unseen"] == {"conll2003": ["person"]}
    assert "conll2003 test" in saved["leak_check"]["parts"]
    assert "phee" in saved["leak_check"]["absent"]


@pytest.mark.parametrize(
    ("share", "error", "message"),
    [
        (CorpusShare("conl2003"), UnknownNameError, "unknown corpus 'conl2003'. Did you mean 'conll2003'"),
        (CorpusShare("phee"), InputError, "corpus 'phee' needs the folder"),
        (CorpusShare("conll2003", families=("events",)), UnknownNameError, "unknown family of conll2003 'events'"),
        (CorpusShare("conll2003", unseen=("persons",)), UnknownNameError, "Did you mean 'person'"),
        (CorpusShare("rams"), UnknownNameError, "unknown split of rams 'train'"),
    ],
)
def test_what_cannot_be_mixed_is_one_line(folder, share, error, message):
    with pytest.raises(error) as raised:
        mix(folder, share)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"temperature": 0.0}, "temperature of a mixture needs to be above 0, got 0"),
        ({"fraction": 1.5}, "fraction of a mixture needs to be above 0 and at most 1, got 1.5"),
        ({"cap": -1}, "documents and cap of a mixture need to be at least 0"),
    ],
)
def test_values_that_mean_nothing_are_refused(settings, message):
    with pytest.raises(InputError, match=message):
        MixtureSettings(**settings)
    with pytest.raises(InputError, match="unseen_share < 1, got 1, 0 and 1"):
        CorpusShare("conll2003", unseen_share=1.0)


def test_mixture_of_nothing_is_refused(folder):
    with pytest.raises(InputError, match="a mixture needs at least one data set, got none"):
        mix(folder)


def test_no_setting_turns_the_check_off():
    assert set(MixtureSettings.__dataclass_fields__) & {"leaks", "check", "no_leak_check"} == set()
    with pytest.raises(TypeError):
        read_mixture([], seed=1, reserved=frozenset())


def test_training_reads_documents_through_a_mixture_only():
    folder = Path(__file__).parents[2] / "src" / "loremill" / "training"
    for path in folder.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
        assert not imported & {"load", "remove_leaks"} - ({"load"} if path.name == "run.py" else set()), path.name
