# SPDX-License-Identifier: Apache-2.0
import contextlib
import lzma

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loremill.corpora.genia_xml import read_genia
from loremill.corpora.lines import Fault
from loremill.corpora.xmi import read_xmi
from loremill.corpora.xml_events import MAX_DEPTH, XmlError, xml_events
from loremill.errors import InputError

from .samples import readable

BOMB = """<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>"""
FETCH = """<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>"""
PARAMETER = """<!DOCTYPE a [<!ENTITY % b SYSTEM "file:///etc/hostname"> %b;]><a/>"""
UNKNOWN = """<!DOCTYPE a SYSTEM "a.dtd"><a>&b;</a>"""

GENIA = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE set SYSTEM "gpml.dtd">
<set>
<article><articleinfo><bibliomisc>M:1</bibliomisc></articleinfo>
<title><sentence><cons sem="G#other_name"><cons sem="G#protein_molecule">CD28</cons> &lt; <cons
sem="G#RNA_N/A">mRNA</cons></cons>
in <cons sem="(AND G#cell_type G#cell_type)">x</cons> <cons>y</cons>.</sentence></title>
<abstract><sentence> Some <cons sem="G#cell_line">Jurkat 😀 cells</cons> </sentence></abstract></article>
<article><articleinfo><bibliomisc>M:2</bibliomisc></articleinfo>
<title><sentence>Rain.</sentence></title></article>
</set>
"""

XMI = """<?xml version="1.0" encoding="UTF-8"?>
<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore" xmlns:t="http:///t" xmi:version="2.0">
<t:Sentence xmi:id="9" sofa="1" begin="14" end="28"/>
<t:EVENT xmi:id="3" sofa="1" begin="18" end="24" polarity="POS"/>
<t:BODY xmi:id="4" sofa="1" begin="3" end="11" note="x"/>
<t:Sentence xmi:id="2" sofa="1" begin="0" end="12"/>
<cas:Sofa xmi:id="1" sofaString="&#128512; Left arm.&#13;&#10;The fever &amp; so."/>
</xmi:XMI>
"""


@pytest.mark.parametrize("xml", [BOMB, FETCH, PARAMETER, UNKNOWN], ids=["bomb", "fetch", "parameter", "unknown"])
def test_entities_are_refused(xml):
    with pytest.raises(XmlError, match="wanted no entities, got"):
        list(xml_events([xml.encode()]))


def test_nesting_has_a_limit():
    with pytest.raises(XmlError, match=f"wanted at most {MAX_DEPTH} elements"):
        list(xml_events([b"<a>" * (MAX_DEPTH + 1)]))


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_pieces_of_any_size_give_the_same_sentences(tmp_path, monkeypatch, size):
    path = tmp_path / "g.xml"
    path.write_text(GENIA)
    monkeypatch.setattr("loremill.corpora.genia_xml.read_bytes", lambda p: pieces(p.read_bytes(), size))
    assert [doc.text for doc in read_genia(path, name_of=str)] == [
        "CD28 < mRNA\nin x y.",
        "Some Jurkat 😀 cells",
        "Rain.",
    ]


def pieces(content, size):
    return (content[i : i + size] for i in range(0, len(content), size))


def test_terms_of_the_kinds_are_read_nested(tmp_path):
    path = tmp_path / "g.xml.xz"
    path.write_bytes(lzma.compress(GENIA.encode()))
    docs = list(read_genia(path, name_of=str.lower, kinds=("protein", "RNA", "cell_line", "other_name")))
    assert [readable(doc) for doc in docs] == [
        [("protein", ("CD28",), ()), ("other_name", ("CD28 < mRNA",), ()), ("rna", ("mRNA",), ())],
        [("cell_line", ("Jurkat 😀 cells",), ())],
        [],
    ]
    assert [doc.meta["document"] for doc in docs] == ["M:1", "M:1", "M:2"]
    assert [doc.text for doc in read_genia(path, name_of=str, wanted=lambda id: id == "M:2")] == ["Rain."]


def test_an_empty_term_is_a_fault_of_its_sentence(tmp_path):
    path = tmp_path / "g.xml"
    path.write_text(GENIA.replace("CD28", ""))
    with pytest.raises(InputError, match=r"g\.xml, line 5: wanted text at 0:0"):
        list(read_genia(path, name_of=str))
    faults: list[Fault] = []
    assert len(list(read_genia(path, name_of=str, on_error=faults))) == 2
    assert [fault.where for fault in faults] == ["line 5"]


def test_broken_xml_is_an_error_with_its_line(tmp_path):
    path = tmp_path / "g.xml"
    path.write_text(GENIA.replace("</article>\n<article>", "<article>"))
    with pytest.raises(InputError, match=r"g\.xml, line \d+: wanted XML, mismatched tag"):
        list(read_genia(path, name_of=str, on_error="skip"))


def xmi(folder, content=XMI, **options):
    (folder / "d1.xml").write_text(content)
    attributes = {"truth": ("polarity", {"POS": "yes", "NEG": "no"})}
    return list(read_xmi(folder, name_of=str.lower, labels=("EVENT", "BODY"), attributes=attributes, **options))


def test_offsets_of_xmi_count_utf16_units(tmp_path):
    docs = xmi(tmp_path)
    assert [doc.text for doc in docs] == ["😀 Left arm.", "The fever & so"]
    assert [readable(doc) for doc in docs] == [[("body", ("Left arm",), ())], [("event", ("fever",), ())]]
    assert docs[1].frames[0].attributes == (("truth", "yes"),)
    assert [doc.meta["document"] for doc in docs] == ["d1", "d1"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('begin="18" end="24"', 'begin="24" end="19"', r"line 4: wanted EVENT around text, got 24:19"),
        ('begin="18" end="24"', 'begin="x" end="24"', r"line 4: wanted EVENT with begin and end"),
        ('begin="18" end="24"', 'begin="9" end="24"', r"d1\.xml: wanted annotations inside a sentence, got EVENT at 8"),
        ("cas:Sofa", "cas:Sopha", r"d1\.xml: wanted one text \(Sofa\), got 0"),
        ("</xmi:XMI>", "", r"line 9: wanted XML, no element found"),
    ],
)
def test_malformed_xmi_is_named(tmp_path, old, new, message):
    with pytest.raises(InputError, match=f"member d1.xml.*{message}" if "line" in message else message):
        xmi(tmp_path, XMI.replace(old, new))


@given(st.lists(st.sampled_from(list(GENIA) + list(XMI)), max_size=30), st.integers(0, 900))
@settings(max_examples=60, deadline=None)
def test_spoilt_xml_gives_documents_or_an_input_error(tmp_path_factory, spoilt, at):
    folder = tmp_path_factory.mktemp("xml")
    (folder / "g.xml").write_text(GENIA[:at] + "".join(spoilt) + GENIA[at + len(spoilt) :])
    with contextlib.suppress(InputError):
        assert all(doc.text for doc in read_genia(folder / "g.xml", name_of=str))
    (folder / "g.xml").unlink()
    with contextlib.suppress(InputError):
        assert all(doc.text for doc in xmi(folder, XMI[:at] + "".join(spoilt) + XMI[at + len(spoilt) :]))
