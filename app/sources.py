"""Sources of lines and sets of boundaries that can be chosen.

Over HTTP only what the operator has configured can be chosen, by its short name; on the command
line also any file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.errors import UnknownSourceError
from geo.arguments import there_is_no
from geo.errors import DataFormatError, NotFoundError
from geo.formats.file_choice import WHOLE_FILE, FileChoice, split_choice
from geo.model.boundaries import Boundaries
from geo.model.line_series import ControlSource
from geo.text import restore_text

__all__ = [
    "HOME_BOUNDARIES",
    "HOME_SOURCE",
    "SourceFile",
    "file_among",
    "foreign_ground",
    "name_file",
    "open_boundaries",
    "open_lines",
    "parse_file",
]

HOME_SOURCE: Final = "observations"
HOME_BOUNDARIES: Final = "natural-earth"


def foreign_ground(identity: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters that name a source or boundaries other than our own."""
    ours = {"source": HOME_SOURCE, "boundaries": HOME_BOUNDARIES}
    return {name: identity[name] for name in ours if identity.get(name, "") not in ("", ours[name])}


@dataclass(frozen=True)
class SourceFile:
    """A file or folder, and which part of it."""

    path: Path
    choice: FileChoice = WHOLE_FILE


def parse_file(text: str) -> SourceFile:
    """Read how a file is named, see :func:`geo.formats.file_choice.split_choice`.

    Raises
    ------
    ValueError
        The file does not exist, or the part behind the mark cannot be understood.
    """
    try:
        path, choice = split_choice(text)
    except DataFormatError as error:
        raise ValueError(str(error)) from error
    if not path.exists():
        head, _, part = text.rpartition("#")
        if head and Path(head).exists():
            raise ValueError(
                "expected a part of the file as FILE#layer=NAME, FILE#kind=area, "
                f"FILE#where=PROPERTY=VALUE or FILE#day=YYYY-MM-DD, got {part!r} behind the #"
            )
        raise ValueError(f"expected a file or folder that exists, {text!r} does not")
    return SourceFile(path, choice)


def file_among(
    files: Mapping[str, SourceFile], wanted: str, *, home: str, error: type[NotFoundError]
) -> SourceFile:
    """Find a file by its short name.

    Raises
    ------
    NotFoundError
        Of the type given: there is none of this name; all names are listed.
    """
    if wanted in files:
        return files[wanted]
    valid = [home, *files]
    noun = "source of lines" if error is UnknownSourceError else "set of boundaries"
    raise error(f"{there_is_no(noun, wanted, valid)} Known are {', '.join(valid)}.", valid=valid)


def open_boundaries(file: SourceFile, home: Boundaries, *, boundaries_id: str) -> Boundaries:
    """Read boundaries from a file, with the names and facts of those at home."""
    from geo.io.boundaries import read_boundaries

    return read_boundaries(file.path, home, boundaries_id=boundaries_id, choice=file.choice)


def open_lines(
    file: SourceFile | None,
    source_id: str,
    boundaries: Boundaries,
    *,
    home: Boundaries,
    lines: ControlSource,
) -> ControlSource:
    """Open a source of lines that divides the given boundaries; no file means our own lines."""
    from geo.io.sources import RefittedSource, open_source

    if file is not None:
        return open_source(file.path, boundaries, source_id=source_id, choice=file.choice)
    return lines if boundaries is home else RefittedSource(lines, home, boundaries)


def name_file(
    files: dict[str, SourceFile], wanted: str, *, home: str, error: type[NotFoundError]
) -> str:
    """Return the short name of what is asked for; a file gets one, and is added.

    Raises
    ------
    NotFoundError
        Of the type given: it is neither a name nor a file that exists.
    """
    if wanted in files:
        return wanted
    try:
        file = parse_file(wanted)
    except ValueError as fault:
        try:
            file_among(files, wanted, home=home, error=error)
        except NotFoundError as unknown:
            raise error(f"{unknown} Or a file: {fault}.", valid=unknown.valid) from None
    name = f"file:{restore_text(file.path.name)}"
    names = [name, *(f"{name} ({number})" for number in range(2, len(files) + 3))]
    name = next(name for name in names if files.get(name, file) == file)  # another part has its own
    files[name] = file
    return name
