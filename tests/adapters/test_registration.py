# SPDX-License-Identifier: Apache-2.0
"""Our adapters stand in PEFT's tables, and PEFT is as `loremill.adapters.registration` takes it to be."""

from __future__ import annotations

import copy
import enum
import pickle
import subprocess
import sys
from importlib.metadata import requires, version
from pathlib import Path

import peft
import pytest
from packaging.requirements import Requirement
from peft import PeftConfig, PeftType
from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING, PEFT_TYPE_TO_PREFIX_MAPPING, PEFT_TYPE_TO_TUNER_MAPPING
from peft.utils import register_peft_method

from loremill.adapters import CapabilityConfig, MoELoraConfig
from loremill.adapters.capability import CapabilityModel
from loremill.adapters.moelora import MoELoraModel
from loremill.adapters.registration import register
from loremill.errors import AdapterError

from .models import adapted, base

METHODS = [("MOELORA", MoELoraConfig, MoELoraModel), ("CAPABILITY", CapabilityConfig, CapabilityModel)]


@pytest.mark.parametrize(("name", "config", "tuner"), METHODS)
def test_a_method_stands_in_every_table(name, config, tuner):
    kind = PeftType(name)
    assert PeftType[name] is kind is getattr(PeftType, name)
    assert PEFT_TYPE_TO_CONFIG_MAPPING[name] is config
    assert PEFT_TYPE_TO_TUNER_MAPPING[name] is tuner
    assert PEFT_TYPE_TO_PREFIX_MAPPING[name] == f"{name.lower()}_" == tuner.prefix


@pytest.mark.parametrize("name", ["MOELORA", "CAPABILITY"])
def test_a_name_is_a_member_like_peft_s_own(name):
    kind = PeftType(name)
    assert kind == name
    assert kind.value == kind.name == name
    assert kind in list(PeftType)
    assert len(set(PeftType)) == len(list(PeftType))
    assert pickle.loads(pickle.dumps(kind)) is copy.deepcopy(kind) is kind  # noqa: S301


def test_registering_again_changes_nothing():
    register("moelora", MoELoraConfig, MoELoraModel)
    assert PEFT_TYPE_TO_CONFIG_MAPPING["MOELORA"] is MoELoraConfig
    assert [kind.name for kind in PeftType].count("MOELORA") == 1


@pytest.mark.parametrize("name", ["lora", "moelora"])
def test_a_name_of_another_method_is_refused(name):
    with pytest.raises(AdapterError, match=f"PEFT has a method {name.upper()} of its own"):
        register(name, CapabilityConfig, CapabilityModel)


def test_peft_s_types_are_an_enum_of_strings_that_register_asks():
    assert issubclass(PeftType, str)
    assert issubclass(PeftType, enum.Enum)
    for table in ("_member_map_", "_value2member_map_", "_member_names_"):
        assert hasattr(PeftType, table), f"{table} is gone: registration.py needs another way into PeftType"
    with pytest.raises(ValueError, match="Unknown PEFT type NOSUCH, please add an entry"):
        register_peft_method(name="nosuch", config_cls=MoELoraConfig, model_cls=MoELoraModel)


def test_the_installed_peft_is_one_that_the_package_asks_for():
    wanted = next(r for r in map(Requirement, requires("loremill") or []) if r.name == "peft")
    assert wanted.specifier.contains(version("peft")), f"{wanted} but {peft.__version__} is installed"
    assert {spec.operator for spec in wanted.specifier} == {">=", "<"}, "a closed enum is extended: hold both ends"


def test_without_the_import_a_folder_fails_loudly_and_with_it_loads(tmp_path):
    base("llama").save_pretrained(tmp_path / "base")
    adapted("llama", "token").save_pretrained(tmp_path / "adapter")
    code = (
        "import sys, warnings\nwarnings.simplefilter('ignore')\n{}"
        "from peft import PeftModel\nfrom transformers import AutoModelForCausalLM\n"
        "model = AutoModelForCausalLM.from_pretrained(sys.argv[1])\n"
        "print(type(PeftModel.from_pretrained(model, sys.argv[2]).base_model).__name__)\n"
    )
    folders = (tmp_path / "base", tmp_path / "adapter")
    without = _python(code.format(""), *folders)
    assert without.returncode != 0
    assert "MOELORA" in without.stderr
    with_it = _python(code.format("import loremill.adapters\n"), *folders)
    assert with_it.stdout.strip() == "MoELoraModel", with_it.stderr


def test_peft_reads_our_configuration_by_its_type(tmp_path):
    MoELoraConfig(experts=3, router="token").save_pretrained(tmp_path)
    assert isinstance(PeftConfig.from_pretrained(tmp_path), MoELoraConfig)


def _python(code: str, *arguments: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)  # noqa: S603
