# SPDX-License-Identifier: Apache-2.0
"""Extraction over files: reading rows, running an extractor over them, writing rows that can be resumed."""
