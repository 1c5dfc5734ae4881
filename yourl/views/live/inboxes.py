"""``/live/inboxes``: which inboxes there are, and how each answers and verifies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from yourl.answers import Answer
from yourl.captures.errors import BadInboxRules, StoreUnavailable, TooManyInboxRules
from yourl.captures.inboxes import NAME_RULE
from yourl.captures.model import InboxSummary
from yourl.captures.rules import InboxRules, parse_rules, public_document
from yourl.captures.signatures.schemes import SCHEMES
from yourl.errors import YourlError
from yourl.representation import prefers_html
from yourl.views import accept, context, html_response, json_response, services
from yourl.views.live.asking import open_store, parameters
from yourl.views.live.forms import form, json_body
from yourl.views.live.rules_form import document_of_form
from yourl.views.live.signing import see_other
from yourl.views.sessions import change_token


class NoSuchInbox(YourlError):
    """There can be no inbox of this name."""

    code = "no_such_inbox"


def inboxes() -> Answer:
    """Every inbox that holds a request."""
    return json_response({"inboxes": [inbox_document(inbox) for inbox in open_store().inboxes()]})


def inbox_document(inbox: InboxSummary) -> dict[str, Any]:
    """What is kept of one inbox."""
    return {
        "name": inbox.name,
        "count": inbox.count,
        "size": inbox.size,
        "evicted": inbox.evicted,
        "devices": dict(inbox.devices),
    }


def rules(name: str) -> Answer:
    """How the inbox answers and verifies, without the secret: its form, or JSON for a program."""
    known = _known(allowed(name))
    if prefers_html(accept()):
        return _page(name, known, is_saved="saved" in parameters())
    return json_response(public_document(known))


def _known(name: str) -> InboxRules:
    """The rules that are set.

    :raises StoreUnavailable: where the store cannot be asked: it would then give the default
    """
    store = open_store()
    status = store.status()
    if status.state == "away":
        raise StoreUnavailable(status.reason)
    return store.rules_of(name)


def change_rules(name: str) -> Answer:
    """Replace the rules by those in the JSON of the body.

    :raises BadInboxRules: with every mistake
    :raises TooManyInboxRules: where as many other inboxes have rules as may have some
    """
    store = open_store()
    changed = parse_rules(json_body())
    store.change_rules(allowed(name), changed)
    return json_response(public_document(changed))


def change_by_form(name: str) -> Answer:
    """Replace the rules by those in the form. What is wrong is shown above the form as it was sent.

    :raises BadInboxRules: with every mistake, for a program
    :raises TooManyInboxRules: where as many other inboxes have rules as may have some, for a program
    """
    known, fields = _known(allowed(name)), form()
    try:
        services().store.change_rules(name, parse_rules(document_of_form(fields, known)))
    except (BadInboxRules, TooManyInboxRules) as error:
        if not prefers_html(accept()):
            raise
        faults = error.faults if isinstance(error, BadInboxRules) else (str(error),)
        return replace(_page(name, known, fields, faults), status=error.refusal.status)
    return see_other(f"/live/inboxes/{name}?saved=1")


def _page(
    name: str,
    known: InboxRules,
    fields: Mapping[str, str] | None = None,
    faults: Sequence[str] = (),
    *,
    is_saved: bool = False,
) -> Answer:
    from yourl.pages.live import inbox_page

    page = inbox_page(
        {
            "prefix": context().prefix,
            "inbox": name,
            "rules": public_document(known),
            "has_secret": known.signature is not None,
            "schemes": [(scheme.name, scheme.title) for scheme in SCHEMES.values()],
            "change_token": change_token(),
            "faults": list(faults),
            "saved": is_saved,
            "fields": fields,
        }
    )
    return html_response(page)


def delete(name: str) -> Answer:
    """Delete the requests and the rules of the inbox."""
    store = open_store()
    store.change_rules(allowed(name), InboxRules())
    return json_response({"deleted": store.clear(name)})


def allowed(name: str) -> str:
    """The name, where there may be such an inbox.

    :raises NoSuchInbox: where not
    """
    if not services().settings.inbox_policy.allows(name):
        raise NoSuchInbox(f"An inbox is named by {NAME_RULE}; YOURL_INBOXES may list the only ones.")
    return name
