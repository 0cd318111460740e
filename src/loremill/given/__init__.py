# SPDX-License-Identifier: Apache-2.0
"""Extraction where something is given: arguments of triggers, relations of entities, types of mentions."""
