"""Workbooks and delimited text: read a table, find the column to fill, write cells and nothing else."""

from app.workbook.cells import CellError, CellWrite, Value
from app.workbook.delimited import patch_csv
from app.workbook.errors import BookError
from app.workbook.files import in_place_backup
from app.workbook.patching import patch_workbook
from app.workbook.reading import read_table, sheet_names
from app.workbook.table import Table, Target, find_target

__all__ = [
    "BookError",
    "CellError",
    "CellWrite",
    "Table",
    "Target",
    "Value",
    "find_target",
    "in_place_backup",
    "patch_csv",
    "patch_workbook",
    "read_table",
    "sheet_names",
]
