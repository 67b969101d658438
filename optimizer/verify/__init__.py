"""The independent checker: one function per rule, every term of the objective recomputed; blind to the solver."""

from optimizer.verify.check import CHECKERS, check, hard, is_feasible
from optimizer.verify.commitments import check_commitments
from optimizer.verify.objective import objective
from optimizer.verify.violation import Violation

__all__ = ["CHECKERS", "Violation", "check", "check_commitments", "hard", "is_feasible", "objective"]
