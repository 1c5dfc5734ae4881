"""``/in/<name>`` and below: what arrives is kept, then answered by the rules of the inbox.

Nothing is answered before the store has the request, or has failed to keep it; the answer says which.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from yourl import metrics
from yourl.answers import JSON, SANDBOX_POLICY, WITHOUT_BODY, Answer
from yourl.captures import rules
from yourl.captures.documents import document_to_store
from yourl.captures.errors import StoreUnavailable
from yourl.captures.inboxes import NAME_RULE, is_inbox_name
from yourl.captures.masking import mask_capture
from yourl.captures.model import Capture, SignatureResult, Summary
from yourl.captures.rules import InboxRules
from yourl.captures.signatures.verification import verify
from yourl.content import read_body
from yourl.errors import Refusal
from yourl.representation import in_order, prefers_html, timestamp, to_json, wants_compact
from yourl.views import accept, context, environ, services
from yourl.views.echo import (
    concluded_of_this_request,
    document_for,
    inspection_answer,
    inspection_of,
    one_off,
)
from yourl.views.errors import refused
from yourl.views.headers import CAPTURE_ID, is_inbox
from yourl.views.route import Route
from yourl.views.waiting import delay_answer

_REASONS = {"full": "the disk is full", "off": "this server keeps none", "away": "the store is away"}
TEXT = "text/plain; charset=utf-8"


def receive(anything: str = "") -> Answer:
    """Keep a request to the inbox that its path names, and answer it."""
    name = str(environ()["PATH_INFO"])[len("/in/") :].partition("/")[0]
    if services().settings.inbox_policy.allows(name):
        return receive_in(name)
    if is_inbox_name(name):
        return refused(Refusal("no_such_inbox", "This server has only the inboxes that YOURL_INBOXES lists."))
    return refused(Refusal("no_such_inbox", f"An inbox is named by {NAME_RULE}, as in /in/my-webhook."))


def receive_in(inbox: str) -> Answer:
    """Keep a request to this inbox, and answer it by the inbox's rules."""
    seen, store = context(), services().store
    seen.inbox = inbox
    content = read_body(environ(), services().settings.body_limit)
    inbox_rules = store.rules_of(inbox)
    chosen = _chosen_answer(inbox, inbox_rules)
    is_page = chosen.body is None and chosen.status not in WITHOUT_BODY and prefers_html(accept())
    status = 403 if is_page and not seen.decision.allowed else chosen.status
    rule = inbox_rules.signature
    signature = None if rule is None else verify(rule, seen.head.fields, content)
    capture = _capture(inbox, content, status, signature)
    # A delay begins when the capture is kept; and a request that was answered anew would take two turns.
    is_simple = not (chosen.delay or inbox_rules.sequence)
    capture_id = (is_simple and _will_be_kept(capture)) or _kept(capture)
    delay_answer(chosen.delay)
    if not is_page:
        return _answer(chosen, capture, capture_id)
    inspection = replace(inspection_of(content), timestamp=capture.summary.time)
    page = inspection_answer(document_for(inspection), chosen.status)
    return page if capture_id is None else replace(page, headers=((CAPTURE_ID, capture_id),))


def _chosen_answer(inbox: str, inbox_rules: InboxRules) -> rules.Answer:
    """What this request asks for itself, else what is next by the rules."""
    # To a path of the catch-all inbox, status is the parameter of a sender that knows nothing of inboxes.
    asked = one_off(context().head) if is_inbox(str(environ()["PATH_INFO"])) else None
    return asked or inbox_rules.answer_at(_turn(inbox, inbox_rules))


def _turn(inbox: str, inbox_rules: InboxRules) -> int:
    """Whose turn it is in the sequence of answers; the end of it where the store cannot tell."""
    if not inbox_rules.sequence:
        return 0
    try:
        return services().store.take_turn(inbox)
    except StoreUnavailable:
        return len(inbox_rules.sequence)


def _capture(inbox: str, content: bytes, status: int, signature: SignatureResult | None) -> Capture:
    seen = context()
    head, verdict = seen.head, seen.verdict
    summary = Summary(
        inbox=inbox,
        time=datetime.now(timezone.utc),
        method=head.method,
        url=seen.url,
        client=str(verdict.client.value or ""),
        device_type=seen.device.type,
        status=status,
        size=len(content),
        content_type=head.value("content-type"),
        findings=tuple(dict.fromkeys([finding.code for finding in verdict.findings])),
        signature=signature,
    )
    capture = Capture(
        summary=summary,
        target=head.target.origin_form,
        http_version=head.http_version,
        fields=head.fields,
        body=content,
        trailers=seen.trailers,
        is_exact=head.is_exact,
        # What a capture holds anyway is not put into a document, to be left out of it again.
        document=document_to_store(in_order(concluded_of_this_request())),
    )
    return mask_capture(capture) if services().settings.mask else capture


def _will_be_kept(capture: Capture) -> str | None:
    """What stands for the id of a capture that is stored with others soon; None where it cannot be."""
    run_soon = context().offer_to_run_soon() if _fits(capture) else None
    promise = None if run_soon is None else services().store.put_soon(capture, run_soon)
    if promise is None:
        return None
    context().promise = promise
    promise.value.add_done_callback(_count_kept)
    return promise.placeholder


def _count_kept(value: Future[str | None]) -> None:
    """Count a capture; one that was not kept is counted when its request is answered anew."""
    if value.result() is not None:
        metrics.received("kept")


def _kept(capture: Capture) -> str | None:
    """The id under which the store has the capture; None where it is not kept."""
    capture_id = services().store.put(capture) if _fits(capture) else None
    metrics.received("kept" if capture_id else "lost")
    return capture_id


def _fits(capture: Capture) -> bool:
    return capture.summary.size <= services().settings.keep.inbox_size * 3 // 4


def _answer(chosen: rules.Answer, capture: Capture, capture_id: str | None) -> Answer:
    """What the rules say, or the server's own short answer."""
    own_type = next((value for name, value in chosen.headers if name.lower() == "content-type"), TEXT)
    headers = tuple(field for field in chosen.headers if field[0].lower() != "content-type")
    if capture_id is not None:
        headers = (*headers, (CAPTURE_ID, capture_id))
    if chosen.status in WITHOUT_BODY:
        return Answer(chosen.status, b"", own_type, headers=headers)
    if chosen.body is not None:
        content = chosen.body.encode("utf-8", "replace")
        return Answer(chosen.status, content, own_type, SANDBOX_POLICY, headers)
    compact = wants_compact(accept(), context().head.target.query or "")
    content = to_json(_receipt(capture, capture_id), compact=compact)
    return Answer(chosen.status, content, JSON, headers=headers)


def _receipt(capture: Capture, capture_id: str | None) -> dict[str, Any]:
    summary = capture.summary
    return {
        "id": capture_id,
        "inbox": summary.inbox,
        "kept": capture_id is not None,
        "message": f"Kept. /live?inbox={summary.inbox} shows it." if capture_id else _why_not(capture),
        "time": timestamp(summary.time),
        "method": summary.method,
        "url": summary.url,
        "size": summary.size,
    }


def _why_not(capture: Capture) -> str:
    """Why a request was not kept. What of the reason names files is for the log alone."""
    if not _fits(capture):
        return "Not kept: the body is larger than what one inbox may hold (YOURL_KEEP)."
    state = services().store.status().state
    unknown = "the store failed, or the request is larger than what one inbox may hold (YOURL_KEEP)"
    return f"Not kept: {_REASONS.get(state, unknown)}."


ROUTES = tuple(Route(path, receive, methods=None) for path in ("/in", "/in/", "/in/<any_path:anything>"))
