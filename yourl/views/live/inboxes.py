"""``/live/inboxes``: which inboxes there are, and how each answers and verifies."""

from __future__ import annotations

from typing import Any

from yourl.answers import Answer
from yourl.captures.inboxes import NAME_RULE
from yourl.captures.model import InboxSummary
from yourl.captures.rules import InboxRules, parse_rules, public_document
from yourl.errors import YourlError
from yourl.views import json_response, services
from yourl.views.live.asking import open_store
from yourl.views.live.forms import json_body


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
    """How the inbox answers and verifies, without the secret."""
    return json_response(public_document(open_store().rules_of(allowed(name))))


def change_rules(name: str) -> Answer:
    """Replace the rules by those in the JSON of the body.

    :raises BadInboxRules: with every mistake
    """
    store = open_store()
    changed = parse_rules(json_body())
    store.change_rules(allowed(name), changed)
    return json_response(public_document(changed))


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
