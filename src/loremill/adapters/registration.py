# SPDX-License-Identifier: Apache-2.0
"""Makes our tuners known to PEFT.

`peft.PeftType`, by whose names adapters are saved and loaded, is a closed enum: `register_peft_method` takes a
configuration and a tuner, but only for a name that stands in the enum. So the name is added to it here first, by
the two tables that an ``enum.Enum`` looks names and values up in. Without this import PEFT refuses such an adapter
folder by its ``peft_type``, which is the wanted failure. ``tests/adapters/test_registration.py`` holds PEFT
to what is assumed here.
"""

from __future__ import annotations

from typing import Any

from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING
from peft.utils.peft_types import PeftType, register_peft_method

from ..errors import AdapterError


def register(name: str, config: Any, tuner: Any) -> None:
    """Add a PEFT method under ``name`` (lower case); once it is there, nothing changes.

    Raises:
        AdapterError: another method has this name.
    """
    value = name.upper()
    if value in PeftType.__members__:
        there: Any = PEFT_TYPE_TO_CONFIG_MAPPING.get(value)
        if there is None or (there.__module__, there.__name__) != (config.__module__, config.__name__):
            raise AdapterError(f"PEFT has a method {value} of its own, {there}: this version of it cannot have ours")
        return
    member = str.__new__(PeftType, value)
    member._name_, member._value_ = value, value
    PeftType._member_map_[value] = member
    PeftType._value2member_map_[value] = member
    PeftType._member_names_.append(value)
    register_peft_method(name=name, config_cls=config, model_cls=tuner, prefix=f"{name}_")
