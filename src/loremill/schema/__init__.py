# SPDX-License-Identifier: Apache-2.0
"""Schemas: what a user wants to know."""

from .types import FAMILIES, AttributeType, Family, FrameType, Schema, SlotType, label_of

__all__ = ["FAMILIES", "AttributeType", "Family", "FrameType", "Schema", "SlotType", "label_of"]
