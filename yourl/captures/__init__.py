"""What arrives at inboxes: how it is kept, found, verified, compared and exported. Knows no Flask.

For a request to an inbox a view takes these steps, in this order:

1. ``inboxes.InboxPolicy.inbox_of(path)`` names the inbox; empty: there is none.
2. ``rules_of(inbox)`` of the store; ``rules.answer_at(turn)`` with ``take_turn`` where there is a sequence,
   or ``rules.parse_one_off`` for ``?status=&delay=``, decides the answer.
3. ``signatures.verification.verify`` with the raw body and the fields as received, where a rule asks for it.
4. ``model.Capture`` from head, body and inspection (``documents.document_to_store``), through
   ``masking.mask_capture`` unless masking is off.
5. ``put`` of the store: the id for ``X-Capture-ID``, or None. Only then the answer, after its delay, is sent.

For those who look, ``queries.parse_query`` reads the filters and ``find`` answers them; ``get`` gives one
capture, ``documents.document_of`` its inspection, ``exports`` its copies, ``comparison.compare`` two of them.
``access`` says who may look. Loops that wait use ``watch`` and ``last_ids``: arm the watcher, compare, sleep.
"""
