"""An inspection as HAR: the request as it was sent, its secrets masked."""

from __future__ import annotations

from tests.pages.inspections import document, inspection
from yourl.har import har_document
from yourl.redaction import MASK


def test_request() -> None:
    """Method, URL, fields, query and body are those of the inspection."""
    doc = inspection()
    request = har_document(doc)["log"]["entries"][0]["request"]
    assert (request["method"], request["url"], request["httpVersion"]) == ("POST", doc["url"], "HTTP/1.1")
    assert {"name": "Host", "value": "backend:8080"} in request["headers"]
    assert [(pair["name"], pair["value"]) for pair in request["queryString"]] == [
        *(("view", "full"), ("lang", "de"), ("lang", "en"))
    ]
    assert request["postData"] == {"mimeType": "application/json", "text": doc["body"]["text"]}
    assert request["bodySize"] == len(doc["body"]["text"])


def test_masks_secrets() -> None:
    """A file that is made to be shown to others holds no credentials."""
    fields = (("Host", "a.example"), ("Cookie", "sid=1"), ("X-Api-Key", "k"))
    request = har_document(document("/?token=abc&x=1", fields))["log"]["entries"][0]["request"]
    assert request["url"].endswith(f"?token={MASK}&x=1")
    assert {pair["value"] for pair in request["headers"]} == {"a.example", MASK}
    assert [pair["value"] for pair in request["queryString"]] == [MASK, "1"]


def test_bytes_are_base64() -> None:
    """A body that is no text is there all the same."""
    data = har_document(inspection(b"\xff\x00", "image/png"))["log"]["entries"][0]["request"]["postData"]
    assert data == {"mimeType": "image/png", "text": "/wA=", "_encoding": "base64"}


def test_no_body() -> None:
    """A request without a body has no data."""
    assert "postData" not in har_document(document())["log"]["entries"][0]["request"]
