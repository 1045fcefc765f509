"""XLSX workbooks written by hand, part by part: as Excel writes them, and as somebody hostile would."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>'
    '<numFmt numFmtId="165" formatCode="[Red]0.00&quot;days&quot;"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/>'
    '<xf numFmtId="22"/></cellXfs>'
    "</styleSheet>"
)


def inline(text: str) -> str:
    """Write a cell of text."""
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def row(*cells: str | float | None, number: int | None = None) -> str:
    """Write a row of plain cells; what begins with <c is a cell already."""
    written = "".join(
        "<c/>" if cell is None
        else cell if isinstance(cell, str) and cell.startswith("<c")
        else inline(cell) if isinstance(cell, str)
        else f"<c><v>{cell}</v></c>"
        for cell in cells
    )  # fmt: skip
    return f"<row{f' r={quoteattr(str(number))}' if number else ''}>{written}</row>"


def write_book(
    rows: str, *, texts: str | None = None, more: Mapping[str, bytes] | None = None, workbook: str = "", after: str = ""
) -> bytes:
    """Write a workbook of two sheets; `rows` are those of the first."""
    parts: dict[str, bytes] = {
        "[Content_Types].xml": b"<Types/>",
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{workbook}<sheets>'
            '<sheet name="Feuil1" sheetId="1" r:id="rId1"/>'
            '<sheet name="Autre" sheetId="2" r:id="rId2"/></sheets></workbook>'
        ).encode(),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Target="worksheets/sheet1.xml"/>'
            '<Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>'
        ).encode(),
        "xl/styles.xml": STYLES.encode(),
        "xl/worksheets/sheet1.xml": (
            f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'
        ).encode(),
        "xl/worksheets/sheet2.xml": (
            f'<worksheet xmlns="{MAIN}"><sheetData>{row("autre")}</sheetData></worksheet>'
        ).encode(),
    }
    if texts is not None:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{texts}</sst>'.encode()
    return zip_parts({**parts, **(more or {})})


def zip_parts(parts: Mapping[str, bytes]) -> bytes:
    """Zip the parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()
