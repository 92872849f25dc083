"""Parse database addresses, and show them without the password."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, quote_plus

from app.postgis.errors import AddressError, DriverAbsentError, UnreachableError
from geo.redaction import mask_secrets

if TYPE_CHECKING:
    import psycopg

__all__ = ["Address", "connect", "parse_address", "require_driver"]

_SCHEMES: Final = ("postgis", "postgresql", "postgres")
_SECRETS: Final = ("password", "sslpassword", "passfile", "sslkey")
_WAIT_S: Final = 10
_FORM: Final = "postgis://USER@HOST:PORT/DATABASE"


@dataclass(frozen=True)
class Address:
    """Address of a database; its password is in neither ``repr`` nor ``str``.

    Parameters
    ----------
    parameters
        What libpq is given.
    """

    parameters: dict[str, Any] = field(repr=False)

    def __str__(self) -> str:
        """Return host, port and database, as far as they are named."""
        known = self.parameters
        host = known.get("host") or known.get("hostaddr") or "localhost"
        return f"{host}:{known.get('port', 5432)}/{known.get('dbname', '')}"

    def redact(self, text: str) -> str:
        """Return a text without the secrets of this address, however they are written."""
        known: set[str] = set()
        for name in _SECRETS:
            secret = str(self.parameters.get(name) or "")
            known |= {secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]}
        return mask_secrets(text, sorted(known, key=len, reverse=True))


def require_driver() -> None:
    """Refuse to go on without psycopg.

    Raises
    ------
    DriverAbsentError
        It is not installed.
    """
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise DriverAbsentError(
            "publishing needs the package psycopg; install it with pip install 'point21[postgis]'"
        ) from error


def parse_address(text: str) -> Address:
    """Read the address of a database.

    Parameters
    ----------
    text
        ``postgis://`` (or ``postgresql://``) and what libpq understands after it. What is left
        out comes from where libpq looks for it: ``PGPASSWORD``, ``~/.pgpass``, ``PGSERVICE`` ...

    Returns
    -------
    Address
        With a limit to how long a connection is waited for.

    Raises
    ------
    AddressError
        It cannot be understood. The text is not repeated, for it may hold a password.
    DriverAbsentError
        psycopg is not installed.
    """
    require_driver()
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    scheme, mark, rest = text.partition("://")
    if not mark or scheme.lower() not in _SCHEMES:
        named = f"; got one with {scheme!r}" if mark and re.fullmatch(r"\w{1,20}", scheme) else ""
        raise AddressError(f"expected the address of a database, {_FORM}{named}")
    try:
        parameters = conninfo_to_dict(f"postgresql://{rest}")
    except psycopg.Error:
        parameters = {}
    if not parameters or _is_misread(parameters):
        raise AddressError(
            f"the address of the database cannot be understood; expected {_FORM}. Signs with a "
            "meaning of their own (@ : / ? # %) in a name or password are written as %40 and so on"
        )
    return Address({"connect_timeout": _WAIT_S, "client_encoding": "UTF8", **parameters})


def _is_misread(parameters: dict[str, Any]) -> bool:
    """Tell whether a part of the password may have been taken for host, port or database."""
    ports = str(parameters.get("port") or "5432").split(",")
    places = (str(parameters.get(name) or "") for name in ("host", "hostaddr", "dbname"))
    return not all(port.isdecimal() for port in ports) or any("@" in place for place in places)


def connect(address: Address) -> "psycopg.Connection[Any]":
    """Open a connection; nothing is committed until it is closed without an error.

    Raises
    ------
    UnreachableError
        Nobody answers, or the user is not let in; says what libpq says, without the password.
    """
    import psycopg

    try:
        return psycopg.connect(**address.parameters, application_name="point21 publish")
    except psycopg.Error as error:
        said = " ".join(address.redact(str(error)).split())
        raise UnreachableError(
            f"no connection to {address}: {said}. Expected a running PostgreSQL that lets this "
            "user in; psql with the same address tells whether it does"
        ) from None
