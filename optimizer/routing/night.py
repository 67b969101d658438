"""Night seconds of fragments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.model import InstanceIndex
from optimizer.routing import fragment_kernel as kernel
from optimizer.routing.rides import Rides
from optimizer.routing.sequence import read_sequence
from optimizer.travel.matrix import TravelMatrix

Ints = NDArray[np.int64]


def settle_waiting_nights(
    index: InstanceIndex, rides: Rides, travel: TravelMatrix, nights: Ints, figures: Ints, stops: Ints, stops_from: Ints
) -> None:
    """Fill in the night seconds of the fragments that wait with people on board and touch a night, in place.

    Such a fragment starts at one instant only, so that its night is a constant: the least among its timetables of
    least custody. There are few of them; the kernel leaves them to this.
    """
    for fragment in np.nonzero((figures[:, kernel.WAITS] == 1) & (figures[:, kernel.TOUCHES_NIGHT] == 1))[0]:
        sequence = read_sequence(stops[stops_from[fragment] : stops_from[fragment + 1]], rides, index, travel)
        times = sequence.times(int(figures[fragment, kernel.HI]), True, nights)
        figures[fragment, kernel.NIGHT] = sequence.timetable(nights).night(times)
