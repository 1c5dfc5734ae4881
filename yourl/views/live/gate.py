"""Who may ask for what is kept, by the route's own rule and the device policy."""

from __future__ import annotations

from yourl.answers import Answer
from yourl.representation import prefers_html
from yourl.views import accept, context
from yourl.views.bearer import given_code
from yourl.views.echo import refused_device
from yourl.views.live.forms import form
from yourl.views.live.signing import form_in_place
from yourl.views.sessions import CHANGE_FIELD, refuse_without_access, refuse_without_change_token, session

ANYBODY, READER, CHANGER = "anybody", "reader", "changer"


def refuse(needs: str) -> Answer | None:
    """The refusal of this request, or None where a view may answer it.

    :param needs: one of the three above
    """
    if prefers_html(accept()) and not context().decision.allowed:
        return refused_device()
    if needs == ANYBODY:
        return None
    if given_code() is None and session() is None and prefers_html(accept()):
        return form_in_place()
    refusal = refuse_without_access()
    if refusal is None and needs == CHANGER:
        # Pages send forms by POST only. A program's JSON is labelled as a form, too: curl -d does so.
        fields = form() if context().head.method == "POST" else {}
        refusal = refuse_without_change_token(fields.get(CHANGE_FIELD, ""))
    return refusal
