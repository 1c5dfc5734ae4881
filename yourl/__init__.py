"""yourl: answer any HTTP request with what really arrived, and why it believes it."""

__version__ = "0.1.0"
