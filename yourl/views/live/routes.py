"""Every route below ``/live``: its path, its method, its view, and who may ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from yourl.answers import Answer
from yourl.errors import Refusal
from yourl.http1.limits import response_buffer_for
from yourl.views import route, services
from yourl.views.errors import refused
from yourl.views.live import comparing, inboxes, kept, listing, overview, sharing, signing
from yourl.views.live.gate import ANYBODY, CHANGER, READER, refuse

TOO_LARGE = "The kept request is larger than what this server can show; raise YOURL_BODY_LIMIT."


@dataclass(frozen=True, slots=True)
class Route:
    """One of them; ``needs`` is one of the three of ``gate``."""

    path: str
    method: str
    view: Callable[..., Answer]
    needs: str = READER


_FORM = f"<any({','.join(kept.FORMS)}):form>"

_ROUTES = (
    Route("", "GET", overview.live, ANYBODY),  # the link that signs in leads here
    Route("/sign-in", "POST", signing.sign_in, ANYBODY),
    Route("/sign-out", "POST", signing.sign_out, CHANGER),
    Route("/delete", "POST", listing.delete_by_form, CHANGER),
    Route("/requests", "GET", listing.requests),
    Route("/requests", "DELETE", listing.delete_requests, CHANGER),
    Route("/requests/<undotted:capture_id>", "GET", kept.request),
    Route("/requests/<undotted:capture_id>", "DELETE", kept.delete, CHANGER),
    Route(f"/requests/<undotted:capture_id>.{_FORM}", "GET", kept.exported),
    Route("/requests/<undotted:capture_id>/share", "POST", sharing.share, CHANGER),
    Route("/requests/<undotted:capture_id>/delete", "POST", kept.delete_by_form, CHANGER),
    Route("/shared/<token>", "GET", sharing.shared, ANYBODY),
    Route(f"/shared/<token>.{_FORM}", "GET", sharing.shared_export, ANYBODY),
    Route("/compare", "GET", comparing.compare),
    Route("/inboxes", "GET", inboxes.inboxes),
    Route("/inboxes/<name>", "GET", inboxes.rules),
    Route("/inboxes/<name>", "POST", inboxes.change_by_form, CHANGER),
    Route("/inboxes/<name>", "PUT", inboxes.change_rules, CHANGER),
    Route("/inboxes/<name>", "DELETE", inboxes.delete, CHANGER),
)


def _guarded(own: Route) -> Callable[..., Answer]:
    """The view of a route, for those who may ask and on devices that may look."""

    def view(**parts: Any) -> Answer:
        answer = refuse(own.needs) or own.view(**parts)
        return answer if _fits(answer) else refused(Refusal("body_too_large", TOO_LARGE))

    return view


def _fits(answer: Answer) -> bool:
    """Whether the loop can hold the answer: a server that takes larger bodies may have filled the store."""
    return len(answer.content) <= response_buffer_for(services().settings.body_limit)


ROUTES = tuple(route.Route(f"/live{own.path}", _guarded(own), (own.method,)) for own in _ROUTES)
