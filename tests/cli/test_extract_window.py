# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from loremill.cli import extract, main
from loremill.windows import Window

from ..scripted import ScriptedExtractor


@pytest.mark.parametrize(
    ("flags", "window"),
    [
        ([], Window()),
        (["--window-size", "3", "--window-overlap", "1"], Window(3, 1)),
        (["--window", "paragraph"], Window(unit="paragraph")),
        (["--window", "document"], Window(unit="document")),
    ],
)
def test_flags_say_how_documents_are_cut(flags, window, monkeypatch, capsys):
    built = []

    def build(*args: object, **settings: object) -> ScriptedExtractor:
        built.append(settings["window"])
        return ScriptedExtractor()

    monkeypatch.setattr(extract, "build_extractor", build)
    with pytest.raises(SystemExit, match="0"):
        main(["extract", "Ada ran.", "--schema", "name", *flags])
    assert built == [window]


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--window", "page"], "'page' is not one of 'document', 'paragraph', 'sentence'"),
        (["--window-size", "2", "--window-overlap", "2"], "0 <= overlap < size, got 2 and 2"),
        (["--window", "document", "--window-size", "2"], "window of a whole document has size 1, got 2"),
    ],
)
def test_windows_that_cannot_be_are_refused(flags, told, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["extract", "Ada ran.", "--schema", "name", *flags])
    assert told in capsys.readouterr().err


def test_help_tells_the_limit_of_windows(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["extract", "--help"])
    assert "Relations and the arguments of events are found within what the model reads" in " ".join(
        capsys.readouterr().out.split()
    )
