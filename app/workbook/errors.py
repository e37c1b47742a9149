"""The one exception of this room."""


class BookError(ValueError):
    """A file cannot be read, filled or written; the message is one sentence for the person at the screen."""
