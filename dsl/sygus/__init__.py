"""SyGuS-IF, the format of syntax-guided synthesis: files read into tasks, programs read and printed in their notation.

    task = read_sygus(text)
    program = read_program("(str.++ name name)", task)
    task.grammar.derives(program), task.define(program)
"""

from dsl.sygus.declarations import Variable
from dsl.sygus.functions import OPERATORS
from dsl.sygus.programs import read_part, read_program
from dsl.sygus.reader import read_sygus
from dsl.sygus.sexpr import SygusError
from dsl.sygus.task import SygusTask

__all__ = ["OPERATORS", "SygusError", "SygusTask", "Variable", "read_part", "read_program", "read_sygus"]
