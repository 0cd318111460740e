# SPDX-License-Identifier: Apache-2.0
"""What types of the catalogue are kinds of: of types that there are, and none of itself."""

from __future__ import annotations

from loremill.corpora import catalogue
from loremill.corpora.broader import BROADER
from loremill.schema import Schema


def test_the_table_is_of_types_that_there_are():
    schemas = [entry.schema for entry in catalogue().values() if isinstance(entry.schema, Schema)]
    known = {t.name for schema in schemas for t in schema if t.family == "entities"}
    assert set(BROADER) <= known


def test_no_type_is_broader_than_itself():
    for name, labels in BROADER.items():
        assert labels
        assert name.replace("_", " ") not in labels
        assert len(set(labels)) == len(labels)
