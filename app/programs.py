"""Program files: a learnt program with the names of the columns it reads, to be applied elsewhere and later."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from app.cell_types import TYPES
from app.workbook import BookError
from app.workbook.files import refuse_taken, replacing
from dsl.parser import ProgramError, parse
from dsl.program import Program
from dsl.strings.operators import OPERATORS

FORMAT = "pbe-program"
VERSION = 1


@dataclass(frozen=True, slots=True)
class SavedProgram:
    """A program over named input columns, the name of the column that it fills, and the type of that column's cells."""

    program: Program
    inputs: tuple[str, ...]
    output: str
    output_type: str = "text"

    def save(self, path: Path, overwrite: bool = False) -> None:
        """Write the program file; raises BookError when it exists already and may not be replaced."""
        refuse_taken(path, overwrite)
        with replacing(path) as out:
            out.write(self.text().encode())

    def text(self) -> str:
        """Return the text of the program file."""
        data = {
            "format": FORMAT,
            "version": VERSION,
            "inputs": list(self.inputs),
            "output": self.output,
            "type": self.output_type,
            "program": str(self.program),
        }
        return json.dumps(data, ensure_ascii=False, indent=2) + "\n"

    @classmethod
    def load(cls, path: Path) -> SavedProgram:
        """Return the program in a file; raises BookError when it is not a program file. Nothing in it is executed."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise BookError(f"There is no file {path}.") from None
        except (OSError, ValueError, RecursionError):
            data = None
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise BookError(f"{path} is not a program file; make one with `pbe learn EXAMPLES.csv --save PROGRAM`.")
        if data.get("version") != VERSION:
            raise BookError(f"{path} has version {data.get('version')!r} and this pbe reads {VERSION}; learn it anew.")
        inputs, output, text = data.get("inputs"), data.get("output"), data.get("program")
        kind = data.get("type", "text")
        if (
            not isinstance(inputs, list)
            or not all(isinstance(name, str) for name in inputs)
            or not isinstance(output, str)
            or not isinstance(text, str)
            or kind not in TYPES
        ):
            raise BookError(f"{path} lacks the inputs, the output or the program; learn it anew.")
        try:
            return cls(parse(text, OPERATORS, columns=len(inputs)), tuple(inputs), output, kind)
        except ProgramError as error:
            raise BookError(f"The program in {path} cannot be read: {error}.") from None
