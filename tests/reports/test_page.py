# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.errors import InputError
from loremill.extraction import Extraction
from loremill.reports import write_page
from loremill.reports.embed import document, script_json

from ..test_wire import extractions
from .samples import ATTACK, Page, extraction, samples


@pytest.fixture
def page(tmp_path: Path) -> Page:
    write_page(samples(), tmp_path / "page.html", title=f"{ATTACK}.jsonl", run={"model": ATTACK, "schema": "x"})
    return Page((tmp_path / "page.html").read_text("utf-8"))


def test_the_page_holds_every_document(page: Page):
    assert page.data("data-documents") == json.loads(json.dumps([document(e) for e in samples()]))
    assert page.data("data-about")["run"] == {"model": ATTACK, "schema": "x"}


def test_no_text_of_a_document_becomes_an_element(page: Page):
    assert [attributes.get("type") for tag, attributes in page.tags if tag == "script"] == [
        "application/json",
        "application/json",
        None,
    ]
    assert not [tag for tag, _ in page.tags if tag in ("img", "b")]
    assert page.source.count("<!--") == 0


def test_nothing_is_loaded_from_anywhere(page: Page):
    loads = [(tag, name) for tag, attributes in page.tags for name in attributes if name in ("src", "srcset", "data")]
    links = [attributes["href"] for _, attributes in page.tags if "href" in attributes]
    styles = " ".join(text for tag, _, text in page.contents if tag == "style")
    assert not loads
    assert links == ["#document"]
    assert not re.search(r"url\(|@import", styles)
    assert "link" not in {tag for tag, _ in page.tags}


def test_the_policy_allows_this_style_and_this_script_only(page: Page):
    policy = next(a["content"] for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    run = {tag: text for tag, attributes, text in page.contents if "type" not in attributes}

    def allowed(tag: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(run[tag].encode()).digest()).decode()}'"

    assert rules["default-src"] == "'none'"
    assert (rules["style-src"], rules["script-src"]) == (allowed("style"), allowed("script"))


@given(extractions())
def test_any_extraction_comes_back_from_a_script_element(given: Extraction):
    written = script_json(document(given))
    assert not set("<>&\u2028\u2029") & set(written)
    page = Page(f'<script type="application/json" id="x">{written}</script>')
    assert page.data("x") == json.loads(json.dumps(document(given)))


@given(st.text(st.characters(), max_size=20))  # half surrogate pairs too
def test_every_text_can_be_written(text: str):
    written = script_json(document(extraction(text, text))).encode()
    assert json.loads(written)["text"] == text


def test_rejects_that_are_alike_are_counted():
    assert document(samples()[0])["rejected"][0] == {"reason": "ungrounded", "item": "place: Atlantis", "count": 3}


def test_documents_beyond_the_limit_are_left_out_and_told(tmp_path: Path):
    built = write_page(samples(), tmp_path / "page.html", max_documents=2)
    assert (built.documents, built.left_out) == (2, "a page of at most 2 documents was asked for")
    page = Page((tmp_path / "page.html").read_text("utf-8"))
    assert len(page.data("data-documents")) == 2
    assert page.data("data-about")["left_out"] == built.left_out


def test_a_page_stays_below_its_size(tmp_path: Path):
    many = (extraction(str(i), "a" * 10_000) for i in range(1_000))
    built = write_page(many, tmp_path / "page.html", max_bytes=500_000)
    assert 0 < built.documents < 50
    assert built.left_out is not None
    assert (tmp_path / "page.html").stat().st_size == built.size_bytes <= 500_000


def test_documents_are_read_one_by_one(tmp_path: Path):
    done: list[int] = []

    def watched() -> Iterator[Extraction]:
        for index, one in enumerate(samples()):
            assert len(done) == index
            yield one

    write_page(watched(), tmp_path / "page.html", on_document=done.append)
    assert done == list(range(1, 1 + len(samples())))


def test_a_page_that_exists_is_replaced_only_when_asked(tmp_path: Path):
    path = tmp_path / "page.html"
    path.write_text("old")
    with pytest.raises(InputError, match=r"page.html' exists; add --overwrite"):
        write_page(samples(), path)
    write_page(samples(), path, overwrite=True)
    assert path.read_text("utf-8").startswith("<!doctype html>")


def test_what_fails_on_the_way_leaves_the_old_page(tmp_path: Path):
    def broken() -> Iterator[Extraction]:
        yield samples()[0]
        raise InputError("line 3 is no result")

    path = tmp_path / "page.html"
    path.write_text("old")
    with pytest.raises(InputError, match="line 3"):
        write_page(broken(), path, overwrite=True)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("page.html", "old")]


def test_a_page_of_nothing_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="needs at least one document, x has none"):
        write_page([], tmp_path / "page.html", title="x")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["missing/page.html", "."])
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, name: str):
    with pytest.raises(InputError, match=r"cannot write|a file to write to is wanted"):
        write_page(samples(), tmp_path / name, overwrite=True)
