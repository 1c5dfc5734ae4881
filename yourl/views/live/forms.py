"""The body of a request to ``/live``: a form of one of the pages, or JSON of a program. Both are bounded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from yourl.content import TooManyFields, read_body
from yourl.content.forms import TooLong, parse_form
from yourl.errors import BadRequest
from yourl.views import context, environ

MAX_FORM = 256 * 1024
"""Bytes of a form."""
MAX_JSON = 1024 * 1024
"""Bytes of a JSON body."""

_FORM = "application/x-www-form-urlencoded"


def form() -> Mapping[str, str]:
    """The fields of a form, each with its first value; empty where the body is no form. Reads it once.

    :raises BadRequest: for a form that is over a bound
    :raises BodyTooLarge: for a body that is
    """
    seen = context()
    if seen.form is None:
        seen.form = _read_form()
    return seen.form


def _read_form() -> dict[str, str]:
    content_type = context().head.value("content-type").partition(";")[0].strip().lower()
    if content_type != _FORM:
        return {}
    try:
        fields = parse_form(read_body(environ(), MAX_FORM))
    except (TooManyFields, TooLong) as error:
        raise BadRequest(str(error)) from error
    return {name: values[0] for name, values in fields.items()}


def json_body() -> Any:
    """The JSON value of the body.

    :raises BadRequest: where it is none, or nested too deep
    :raises BodyTooLarge: where it is too long
    """
    content = read_body(environ(), MAX_JSON)
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body must be JSON.") from error
