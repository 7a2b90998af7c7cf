"""What an operator can get wrong at the front door. Light, so that every command can afford to know it."""


class UnknownName(LookupError):
    """Raised when neither a check nor a clause has the name asked for."""


class NotSealed(Exception):
    """Raised when a folder has no manifest: no run, or one that has not ended."""


class SiteUnreachable(Exception):
    """Raised when not one page of the site could be read: nothing was examined."""
