"""``/live/compare?a=ID&b=ID``: what differs between two kept requests."""

from __future__ import annotations

from yourl.answers import Answer
from yourl.captures import comparison
from yourl.captures.documents import summary_document
from yourl.captures.errors import BadFilter
from yourl.captures.ids import is_id
from yourl.captures.model import Capture
from yourl.representation import prefers_html
from yourl.views import accept, context, html_response, json_response
from yourl.views.live.asking import kept, parameters


def compare() -> Answer:
    """Both summaries, and the differences: a page, or JSON for a program."""
    one, two = _asked_for()
    document = {"a": summary_document(one.summary), "b": summary_document(two.summary)}
    document["comparison"] = comparison.compare(one, two)
    if not prefers_html(accept()):
        return json_response(document)
    from yourl.pages.live import comparison_page

    return html_response(comparison_page({"prefix": context().prefix, **document}))


def _asked_for() -> tuple[Capture, Capture]:
    """The two requests.

    :raises BadFilter: where ``a`` or ``b`` is no id
    :raises NoSuchRequest: where one is not kept
    """
    given = parameters()
    faults = [f"{name} must be the id of a request." for name in ("a", "b") if not is_id(given.get(name, ""))]
    if faults:
        raise BadFilter(faults)
    return kept(given["a"]), kept(given["b"])
