"""Settings of the server: the only reader of the environment.

Every setting can be given as an environment variable with the prefix ``POINT21_``, for instance
``POINT21_PORT=8080``. They are checked once, before anything is loaded.
"""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.grounds import HOME_BOUNDARIES, HOME_SOURCE, GroundFile, parse_file

__all__ = ["PREFIX", "Settings", "SettingsError", "load_settings"]

PREFIX = "POINT21_"
_SHORT_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class SettingsError(ValueError):
    """Settings cannot be used; the message lists every fault with the variable's name."""


class Settings(BaseSettings):
    """What can be set, with its default."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    host: Annotated[str, Field(min_length=1, description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="TCP port; 0 takes a free one.")] = 8000
    log_level: Annotated[
        Literal["critical", "error", "warning", "info", "debug"],
        Field(description="How much is logged."),
    ] = "info"
    access_log: Annotated[bool, Field(description="Log every request (slower).")] = False
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
    max_age_s: Annotated[
        int, Field(ge=0, description="Cache-Control: max-age of data, in seconds.")
    ] = 300
    warm_up: Annotated[
        bool, Field(description="Make the map and its data right after the start.")
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

    @field_validator("sources", "boundaries")
    @classmethod
    def _files_exist(cls, value: dict[str, str]) -> dict[str, str]:
        for name, file in value.items():
            if not _SHORT_NAME.fullmatch(name) or name in {HOME_SOURCE, HOME_BOUNDARIES}:
                raise ValueError(
                    "expected a short name of lower-case letters, digits and hyphens that is not "
                    f"taken, {name!r} came"
                )
            parse_file(file)
        return value

    @property
    def source_files(self) -> dict[str, GroundFile]:
        """The sources of lines that can be chosen."""
        return {name: parse_file(file) for name, file in self.sources.items()}

    @property
    def boundary_files(self) -> dict[str, GroundFile]:
        """The boundaries that can be chosen."""
        return {name: parse_file(file) for name, file in self.boundaries.items()}

    @field_validator("root_path")
    @classmethod
    def _prefix_has_a_slash(cls, value: str) -> str:
        if value and (not value.startswith("/") or value.endswith("/")):
            raise ValueError("expected a path such as '/point21', with a slash only in front")
        return value

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
    except ValidationError as error:
        lines = [
            f"{PREFIX}{'.'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
            f" (it is {fault['input']!r})"
            for fault in error.errors(include_url=False)
        ]
        raise SettingsError("settings cannot be used:\n  " + "\n  ".join(lines)) from error
