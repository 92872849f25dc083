"""Settings of the server, read from environment variables.

Every setting can be given as an environment variable with the prefix ``POINT21_``, for instance
``POINT21_PORT=8080``. They are checked once, before anything is loaded.
"""

import ipaddress
import os
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as NoJSONError

from app.sources import HOME_BOUNDARIES, HOME_SOURCE, SourceFile, parse_file
from geo.arguments import closest
from geo.redaction import mask_secrets

if TYPE_CHECKING:
    from app.connectors.download import Limits

__all__ = [
    "PREFIX",
    "Settings",
    "SettingsError",
    "load_settings",
    "metrics_directory",
    "share_metrics",
    "unknown_variables",
]

PREFIX = "POINT21_"
_METRICS: Final = "PROMETHEUS_MULTIPROC_DIR"
_OF_THE_TESTS: Final = (
    "POINT21_CHROMIUM",
    "POINT21_REFERENCE_DIR",
    "POINT21_CONTRACT_",
    "POINT21_TEST_",
)
_SHORT_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class SettingsError(ValueError):
    """Settings cannot be used; the message lists every fault with the variable's name."""


class Settings(BaseSettings):
    """Settings with their defaults."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    host: Annotated[str, Field(min_length=1, description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="TCP port; 0 takes a free one.")] = 8000
    log_level: Annotated[
        Literal["critical", "error", "warning", "info", "debug"],
        Field(description="How much is logged."),
    ] = "info"
    log_format: Annotated[
        Literal["text", "json"], Field(description="Lines for people, or JSON for machines.")
    ] = "text"
    access_log: Annotated[bool, Field(description="Log every request (slower).")] = False
    metrics: Annotated[
        bool, Field(description="Count requests and tell at /metrics (needs point21[metrics]).")
    ] = False
    workers: Annotated[
        int, Field(ge=1, le=256, description="How many processes answer requests.")
    ] = 1
    connections: Annotated[
        int, Field(ge=1, description="Most connections of a process; more are answered 503.")
    ] = 2_000
    head_seconds: Annotated[
        float, Field(gt=0, le=600, description="Longest time the head of a request may take.")
    ] = 10.0
    stall_seconds: Annotated[
        float, Field(gt=0, le=3600, description="How long a client may read nothing at all.")
    ] = 30.0
    unsent_bytes: Annotated[
        int,
        Field(ge=1, description="Most bytes that a process holds for clients that do not read."),
    ] = 64 * 2**20
    hang_seconds: Annotated[
        float,
        Field(gt=0, le=3600, description="How long a worker may be silent before it is replaced."),
    ] = 30.0
    drain_seconds: Annotated[
        float,
        Field(ge=0, le=600, description="When stopping: time between /readyz's 503 and the end."),
    ] = 0.0
    stop_seconds: Annotated[
        float, Field(ge=0, le=600, description="When stopping: time for answers going on.")
    ] = 5.0
    origins: Annotated[
        str,
        Field(
            description="Pages of which origins may read answers (CORS), comma-separated; `*` for "
            "all. Only reading is ever allowed."
        ),
    ] = "*"
    proxies: Annotated[
        str,
        Field(
            description="Addresses of proxies whose X-Forwarded-… are believed, comma-separated."
        ),
    ] = "127.0.0.1,::1"
    data_directory: Annotated[
        Path | None,
        Field(description="Directory of the data files; the ones that came with the program."),
    ] = None
    sources: Annotated[
        dict[str, str],
        Field(
            description='Lines that can be chosen as source=ID: JSON such as {"deepstate": '
            '"/srv/deepstate"}; a file, or a folder with one file a day.'
        ),
    ] = {}
    boundaries: Annotated[
        dict[str, str],
        Field(
            description="Boundaries that can be chosen as boundaries=ID: JSON such as "
            '{"minregion": "/srv/minregion/oblasts.geojson"}.'
        ),
    ] = {}
    cache_directory: Annotated[
        Path | None,
        Field(description="Where `point21 fetch` puts things; the user's cache folder by default."),
    ] = None
    fetch_deepstate_url: Annotated[
        str, Field(description="Address of DeepState's area of a day, with {day:%Y%m%d} in it.")
    ] = (
        "https://raw.githubusercontent.com/cyterat/deepstate-map-data/main/data/"
        "deepstatemap_data_{day:%Y%m%d}.geojson"
    )
    fetch_geoboundaries_url: Annotated[
        str, Field(description="Address of geoBoundaries' oblasts, GeoJSON.")
    ] = (
        "https://github.com/wmgeolab/geoBoundaries/raw/9469f09/releaseData/gbOpen/UKR/ADM1/"
        "geoBoundaries-UKR-ADM1.geojson"
    )
    fetch_minregion_url: Annotated[
        str, Field(description="Address of Minregion's oblasts, GeoJSON; none is built in.")
    ] = ""
    fetch_attempts: Annotated[int, Field(ge=1, le=20, description="How often is tried.")] = 5
    fetch_pause_s: Annotated[
        float, Field(ge=0, le=60, description="First pause between tries; it doubles.")
    ] = 0.5
    fetch_silence_s: Annotated[
        float, Field(gt=0, le=600, description="How long a silent server is waited for.")
    ] = 30.0
    default_plan: Annotated[
        str, Field(min_length=1, description="Plan shown when a request names none.")
    ] = "point21-axios"
    prepared_bytes: Annotated[
        int, Field(ge=0, description="Upper bound for the finished answers kept in memory.")
    ] = 256 * 2**20
    scenarios: Annotated[
        int, Field(ge=1, le=10_000, description="How many (plan, date) scenarios are kept.")
    ] = 32
    max_draws: Annotated[
        int, Field(ge=10, le=1_000_000, description="Most draws of one request for uncertainty.")
    ] = 10_000
    what_if_bytes: Annotated[
        int, Field(ge=1, description="Most bytes in the body of a what-if.")
    ] = 4 * 2**20
    what_if_vertices: Annotated[
        int, Field(ge=1, description="Most positions in the line of a what-if.")
    ] = 50_000
    what_if_features: Annotated[
        int, Field(ge=1, description="Most features in the line of a what-if.")
    ] = 2_000
    what_if_depth: Annotated[
        int, Field(ge=8, le=500, description="Deepest nesting in the body of a what-if.")
    ] = 32
    what_if_seconds: Annotated[
        float, Field(gt=0, le=600, description="Longest time a what-if may take.")
    ] = 20.0
    what_if_megabytes: Annotated[
        int, Field(ge=512, description="Most memory (address space) a what-if may take, MiB.")
    ] = 4096
    what_if_workers: Annotated[
        int, Field(ge=1, le=64, description="How many what-ifs are computed at once.")
    ] = 1
    what_if_waiting: Annotated[
        int, Field(ge=0, le=1000, description="How many more wait; the next is answered 429.")
    ] = 4
    answers_at_once: Annotated[
        int, Field(ge=1, le=64, description="How many answers a process makes afresh at once.")
    ] = 2
    long_at_once: Annotated[
        int, Field(ge=1, le=64, description="The same for histories, comparisons, ranges, files.")
    ] = 1
    answers_waiting: Annotated[
        int, Field(ge=0, le=10_000, description="How many more wait; the next is answered 429.")
    ] = 200
    shared_bytes: Annotated[
        int,
        Field(
            ge=0,
            description="Most bytes of finished answers that several workers share on disk; "
            "0 shares none.",
        ),
    ] = 256 * 2**20
    max_age_s: Annotated[
        int, Field(ge=0, description="Cache-Control: max-age of data, in seconds.")
    ] = 300
    warm_up: Annotated[
        bool, Field(description="Make the first page right after the start, then every day's map.")
    ] = True
    root_path: Annotated[
        str, Field(description="Path prefix under which a proxy serves the program.")
    ] = ""

    @field_validator("data_directory")
    @classmethod
    def _directory_exists(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError(f"expected a directory that exists, {str(value)!r} does not")
        return value

    @field_validator("fetch_deepstate_url")
    @classmethod
    def _day_has_a_place(cls, value: str) -> str:
        try:
            one, other = (value.format(day=date(2025, 11, each)) for each in (20, 21))
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise ValueError("expected {day:%Y%m%d} as the only place to fill in") from error
        if one == other:
            raise ValueError("expected {day:%Y%m%d} in the address, where the day goes")
        return value

    @property
    def cache(self) -> Path:
        """The folder of what was fetched."""
        import platformdirs

        return self.cache_directory or platformdirs.user_cache_path("point21")

    @property
    def fetch_limits(self) -> "Limits":
        """Limits of downloads."""
        from app.connectors.download import Limits

        return Limits(
            attempts=self.fetch_attempts,
            first_pause_s=self.fetch_pause_s,
            silence_s=self.fetch_silence_s,
        )

    @field_validator("sources", "boundaries")
    @classmethod
    def _files_exist(cls, value: dict[str, str]) -> dict[str, str]:
        for name, file in value.items():
            if not _SHORT_NAME.fullmatch(name) or name in {HOME_SOURCE, HOME_BOUNDARIES}:
                raise ValueError(
                    "expected a short name of lower-case letters, digits and hyphens that is not "
                    f"taken; got {name!r}"
                )
            parse_file(file)
        return value

    @property
    def source_files(self) -> dict[str, SourceFile]:
        """The sources of lines that can be chosen."""
        return {name: parse_file(file) for name, file in self.sources.items()}

    @property
    def boundary_files(self) -> dict[str, SourceFile]:
        """The boundaries that can be chosen."""
        return {name: parse_file(file) for name, file in self.boundaries.items()}

    @field_validator("root_path")
    @classmethod
    def _prefix_has_a_slash(cls, value: str) -> str:
        if value and (not value.startswith("/") or value.endswith("/")):
            raise ValueError("expected a path such as '/point21', with a slash only in front")
        return value

    @property
    def origin_list(self) -> list[str]:
        """The origins whose pages may read answers."""
        return [origin for part in self.origins.split(",") if (origin := part.strip())]

    @property
    def url(self) -> str:
        """The address to open in a browser on this machine."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host
        try:
            if ipaddress.ip_address(host).version == 6:
                host = f"[{host}]"
        except ValueError:
            pass
        return f"http://{host}:{self.port}{self.root_path}/"


def unknown_variables() -> list[str]:
    """Name the variables of the environment that look like settings and are none."""
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    found = []
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known and not name.startswith(_OF_THE_TESTS):
            meant = closest(name, known)
            found.append(f"{name} is no setting." + (f" Did you mean {meant}?" if meant else ""))
    return found


def metrics_directory() -> str | None:
    """Return where workers count together; ``None`` when there is but one."""
    return os.environ.get(_METRICS)


def share_metrics(directory: str) -> None:
    """Let this process and those it forks count together; before anything is counted."""
    os.environ[_METRICS] = directory


def load_settings(**overrides: object) -> Settings:
    """Read the environment and check it.

    Parameters
    ----------
    **overrides
        Values that win over the environment; ``None`` counts as not given.

    Raises
    ------
    SettingsError
        One line for each fault, with the variable, what is wrong with it and its present value.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except NoJSONError as error:  # whose cause holds the value
        named = re.search(r'field "(\w+)"', str(error))
        name = f"{PREFIX}{named[1].upper()}" if named else "a variable"
        raise SettingsError(
            f'settings cannot be used:\n  {name}: expected JSON such as {{"name": "/path"}}'
        ) from None
    except ValidationError as error:
        lines = [
            mask_secrets(
                f"{PREFIX}{'.'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
                f" (it is {fault['input']!r})"
            )
            for fault in error.errors(include_url=False)
        ]
        raise SettingsError("settings cannot be used:\n  " + "\n  ".join(lines)) from None
