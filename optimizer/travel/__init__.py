"""How long trips take.

The provider on a road graph is imported from ``optimizer.travel.road_graph``: it brings SciPy, which costs
every start of the program a quarter of a second, and few runs need it.
"""

from optimizer.travel.great_circle import GreatCircle
from optimizer.travel.matrix import TravelMatrix, TravelProvider

__all__ = ["GreatCircle", "TravelMatrix", "TravelProvider"]
