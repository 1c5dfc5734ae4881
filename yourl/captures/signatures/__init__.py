"""Signatures of webhooks: the schemes, whether one fits, and why one does not."""
