"""Tables of figures: CSV with CSVW descriptions, and Excel workbooks.

References
----------
RFC 4180 (CSV); W3C, Metadata Vocabulary for Tabular Data (CSVW).
"""

import io
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from app.datasets.catalogue import Selection
from app.documents.common import write_statistics_csv
from app.documents.csv_rows import identity_columns
from app.export.archive import zip_files
from app.export.frames import (
    TABLES,
    describe_export,
    describe_in_words,
    name_sheet,
    table_rows,
)
from geo.statistics.tables import By, Table

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

__all__ = ["write_csv_tables", "write_workbook"]

_WIDTH: Final = 16


def write_csv_tables(selection: Selection) -> bytes:
    """Write every table as CSV.

    Parameters
    ----------
    selection
        The scenario.

    Returns
    -------
    bytes
        A ZIP archive: for each table its file and a CSVW description of it, and ``README.txt``.
    """
    files = {"README.txt": describe_in_words(selection).encode()}
    for by in TABLES:
        name = f"{name_sheet(by)}.csv"
        files[name] = write_statistics_csv(selection, by)
        described = _describe_csv(selection, selection.scenario.table(by), name)
        files[f"{name}-metadata.json"] = json.dumps(
            described, ensure_ascii=False, indent=1
        ).encode()
    return zip_files(files)


def _describe_csv(selection: Selection, table: Table, name: str) -> dict[str, Any]:
    about = describe_export(selection)
    own = [
        {"name": column.name, "titles": column.name, "dc:description": column.description}
        | ({"point21:unit": column.unit} if column.unit else {})
        for column in table.columns
    ]
    more = [{"name": column, "titles": column} for column in identity_columns(selection)]
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": name,
        "dc:title": about["title"],
        "dc:description": about["note"],
        "dc:license": [source["licence_url"] for source in about["sources"]],
        "dc:source": [f"{source['title']}: {source['source']}" for source in about["sources"]],
        "tableSchema": {"columns": [*own, *more]},
    }


def write_workbook(selection: Selection) -> bytes:
    """Write every table as a sheet of an Excel workbook.

    Parameters
    ----------
    selection
        The scenario.

    Returns
    -------
    bytes
        The file; no text in it is taken for a formula or a link.
    """
    from xlsxwriter import Workbook

    target = io.BytesIO()
    safe = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(target, safe) as book:
        about = describe_export(selection)
        day = selection.scenario.line.date
        created = datetime(day.year, day.month, day.day)  # Excel knows no zone
        book.set_properties(
            {"title": about["title"], "comments": about["note"], "created": created}
        )
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        _write_lines(book, selection)
        for by in TABLES:
            _write_sheet(book, selection, by, bold)
        _write_meanings(book, selection, bold)
    return target.getvalue()


def _write_lines(book: "Workbook", selection: Selection) -> None:
    sheet = book.add_worksheet("About")
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 110)
    for row, line in enumerate(describe_in_words(selection).splitlines()):
        sheet.write_string(row, 0, line, wrap)


def _write_sheet(book: "Workbook", selection: Selection, by: By, bold: "Format") -> None:
    table, rows = table_rows(selection, by)
    names = [*(column.name for column in table.columns), *identity_columns(selection)]
    sheet = book.add_worksheet(name_sheet(by))
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(names) - 1, _WIDTH)
    sheet.write_row(0, 0, names, bold)
    for number, row in enumerate(rows, start=1):
        sheet.write_row(number, 0, [row[name] for name in names])
    sheet.autofilter(0, 0, len(rows), len(names) - 1)


def _write_meanings(book: "Workbook", selection: Selection, bold: "Format") -> None:
    sheet = book.add_worksheet("columns")
    sheet.set_column(0, 2, _WIDTH)
    sheet.set_column(3, 3, 100)
    sheet.write_row(0, 0, ["sheet", "column", "unit", "meaning"], bold)
    lines = [
        (name_sheet(by), column.name, column.unit, column.description)
        for by in TABLES
        for column in selection.scenario.table(by).columns
    ]
    for number, line in enumerate(lines, start=1):
        sheet.write_row(number, 0, line)
