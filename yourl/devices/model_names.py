"""Finds the device's model name in a user agent: "SM-S918B" in "(Linux; Android 14; SM-S918B)"."""

from __future__ import annotations

import re
from typing import NamedTuple

#: The model name follows the name and version of the operating system.
_SYSTEM = re.compile(r"andr[o0]id(?![.a-z_])|\badr (?=\d)|tizen|harmonyos|opera mini/[\d./]{1,30};")
_VERSION = re.compile(r"[ /:-]{0,4}[\d.]{0,12}(?:-update\d)?[ /,;-]{0,4}")
#: How apps label the model if they do not send a browser's user agent.
_LABEL = re.compile(r"(?:fbdv/|\bdevice/(?:[a-z]{2,12}-)?|\(model )([^;)/ ]{1,60})")
_MODEL_END = re.compile(r" ?build[ /:]| applewebkit|/|\)")
_LOCALE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2,4}){0,2}$")
_NOT_MODELS = frozenset(
    {"", "k", "u", "wv", "linux", "mobile", "tablet", "arm", "arm_64", "x86", "harmonyos"}
)
_NOT_MODEL_PREFIXES = ("rv:", "hmscore", "applewebkit", "build/")
#: Characters after the system's name that are searched for the model name.
_SEARCHED_AFTER_SYSTEM = 120
#: Characters of a model name that are read.
MODEL_CUT = 60


class ModelName(NamedTuple):
    """A model name in lower case and its position in the text; an empty name if there is none."""

    name: str
    start: int


_NO_MODEL = ModelName("", 0)


def find_model_name(text: str) -> ModelName:
    """The model name in `text`, which is a user agent in lower case."""
    system = _SYSTEM.search(text)
    if system is None:
        label = _LABEL.search(text)
        return ModelName(label.group(1), label.start(1)) if label else _NO_MODEL
    version = _VERSION.match(text, system.end())
    return _first_model_name(text, version.end() if version else system.end())


def _first_model_name(text: str, start: int) -> ModelName:
    """The first part between semicolons that can be a model name."""
    end = min(len(text), start + _SEARCHED_AFTER_SYSTEM)
    while start < end:
        semicolon = text.find(";", start, end)
        part = text[start : semicolon if semicolon >= 0 else end]
        name = _MODEL_END.split(part, maxsplit=1)[0].strip()[:MODEL_CUT]
        if _can_be_model_name(name):
            return ModelName(name, start + part.index(name))
        if semicolon < 0 or ")" in part:
            break
        start = semicolon + 1
    return _NO_MODEL


def _can_be_model_name(name: str) -> bool:
    return name not in _NOT_MODELS and not _LOCALE.match(name) and not name.startswith(_NOT_MODEL_PREFIXES)
