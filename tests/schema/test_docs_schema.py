# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import doctest
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "schema.md"
PYTHON_BLOCK = re.compile(r"(?<=^```python\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)


def test_the_examples_of_the_page_give_their_output():
    text = PAGE.read_text("utf-8")
    globs: dict[str, object] = {"__name__": "docs"}
    output: list[str] = []
    runner = doctest.DocTestRunner()
    blocks = list(PYTHON_BLOCK.finditer(text))
    for block in blocks:
        line = text.count("\n", 0, block.start())
        examples = doctest.DocTestParser().get_doctest(block.group(), globs, PAGE.name, str(PAGE), line)
        runner.run(examples, out=output.append, clear_globs=False)
        globs.update(examples.globs)
    assert len(blocks) >= 8
    assert not runner.summarize(verbose=False).failed, "".join(output)
