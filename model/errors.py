"""The base class of every error that this package raises on purpose."""


class DigitPadError(Exception):
    """An error with one form for people and one for programs.

    The message is one sentence for the person who made the request. ``code`` is a stable identifier for programs,
    ``status`` the HTTP status of a response with this error, and ``retry_after``, if not None, the number of seconds
    after which the same request may succeed.
    """

    code = "error"
    status = 500
    retry_after: int | None = None

    def as_dict(self) -> dict[str, str]:
        """Return the error as every route, the page, the API and the command line report it."""
        return {"error": str(self), "code": self.code}
