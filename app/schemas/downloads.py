"""Schema of the answer of ``/api/downloads``."""

from pydantic import Field

from app.schemas.common import Answer, Identity

__all__ = ["Download", "Downloads"]


class Download(Answer):
    """A file that can be downloaded."""

    format: str = Field(description="Short name, as in the address.")
    title: str
    suffix: str = Field(description="How the name of the file ends.")
    media_type: str
    holds: str = Field(description="What is in it.")
    layers: list[str] = Field(description="What `layer=` chooses among; none if all are in it.")
    links: dict[str, str] = Field(description="`file`, and one for each layer.")


class Downloads(Answer):
    """The files of a scenario."""

    identity: Identity
    formats: list[Download]
