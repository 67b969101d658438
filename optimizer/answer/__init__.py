"""What questions about a plan are answered with: why not there, what would help, why there, what has changed.

Plain values: whoever only shows an answer needs nothing of what found it. Every answer brings its *witness*, a plan
that the checker judged before anything was told.
"""

from optimizer.answer.what_helps import Combination, Granter, Kind, Looked, Part, Relaxation, Unit, WhatHelps
from optimizer.answer.why_not import Verdict, WhyNot
from optimizer.answer.why_this import Cause, Change, OnBoard, WhyThis
from optimizer.answer.witness import Difference, Move, Texts, Witness

__all__ = [
    "Cause",
    "Change",
    "Combination",
    "Difference",
    "Granter",
    "Kind",
    "Looked",
    "Move",
    "OnBoard",
    "Part",
    "Relaxation",
    "Texts",
    "Unit",
    "Verdict",
    "WhatHelps",
    "WhyNot",
    "WhyThis",
    "Witness",
]
