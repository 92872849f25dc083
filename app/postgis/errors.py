"""Errors of publishing; no message holds a password.

::

    PublishError
    ├── AddressError         the address cannot be understood
    ├── DriverAbsentError    psycopg is not installed
    ├── UnreachableError     no connection
    ├── PostgisAbsentError   the database has no PostGIS
    ├── NotPermittedError    the user may not do it
    ├── OtherTableError      a table of that name is of another shape
    └── BusyError            somebody else holds what is needed
"""

from geo.errors import SettlementError

__all__ = [
    "AddressError",
    "BusyError",
    "DriverAbsentError",
    "NotPermittedError",
    "OtherTableError",
    "PostgisAbsentError",
    "PublishError",
    "UnreachableError",
]


class PublishError(SettlementError):
    """Nothing was published; the database is as it was."""


class AddressError(PublishError):
    """The address of the database, or the name of the schema, cannot be used."""


class DriverAbsentError(PublishError):
    """The package that speaks to PostgreSQL is not installed."""


class UnreachableError(PublishError):
    """The database could not be reached, or refused to let us in."""


class PostgisAbsentError(PublishError):
    """PostGIS is not installed in the database."""


class NotPermittedError(PublishError):
    """The user has no right to do what is needed."""


class OtherTableError(PublishError):
    """A table or view has the name that is needed, but another shape."""


class BusyError(PublishError):
    """Somebody else holds a lock for too long."""
