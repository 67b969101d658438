from __future__ import annotations

import math

import numpy as np
import pytest

from optimizer.errors import InvalidValue
from optimizer.model import Place, PlaceKind, TravelRules
from optimizer.travel import GreatCircle
from optimizer.travel.great_circle import free_flow_minutes, great_circle_km, planned_seconds

KOELN = Place(id="K", name="Köln", lat=50.938, lon=6.957)
BIELEFELD = Place(id="BI", name="Bielefeld", lat=52.021, lon=8.532)
SAME_AS_KOELN = Place(id="K2", name="Köln again", lat=50.938, lon=6.957)


def minutes(km: float) -> float:
    return float(free_flow_minutes(np.array([km]))[0])


def test_distance_of_a_degree_of_latitude() -> None:
    zero, one = np.array([0.0]), np.array([1.0])
    assert great_circle_km(zero, zero, one, zero)[0] == pytest.approx(111.195, abs=0.001)


def test_antipodes_are_half_the_circumference_apart() -> None:
    assert great_circle_km(np.array([0.0]), np.array([0.0]), np.array([0.0]), np.array([180.0]))[0] == pytest.approx(
        math.pi * 6371.0088
    )


@pytest.mark.parametrize(
    ("km", "expected"), [(30.0, 9.05 + 60 * 1.28 * 30 / (70 + 41.5 * (1 - math.exp(-1)))), (200.0, 147)]
)
def test_formula_above_ten_km(km: float, expected: float) -> None:
    assert minutes(km) == pytest.approx(expected, abs=0.5 if km == 200 else 1e-9)


def test_town_rule_is_zero_for_the_same_place_and_meets_the_curve_at_ten_km() -> None:
    assert minutes(0.0) == 0.0
    assert minutes(10.0 - 1e-9) == pytest.approx(minutes(10.0), abs=1e-6)


def test_times_rise_with_distance_and_the_town_is_slower_than_the_country() -> None:
    km = np.linspace(0, 700, 5001)
    times = free_flow_minutes(km)
    assert (np.diff(times) > 0).all()
    speed = 1.28 * km[1:] / times[1:] * 60
    assert speed[km[1:] < 10].max() < speed[km[1:] > 30].min()


def test_matrix_has_zero_diagonal_tag_and_metres() -> None:
    matrix = GreatCircle().matrix([KOELN, BIELEFELD, SAME_AS_KOELN])
    assert matrix.places == ("K", "BI", "K2")
    assert [matrix.drive(p, p) for p in matrix.places] == [0, 0, 0]
    assert matrix.drive("K", "K2") == matrix.distance("K", "K2") == 0
    assert matrix.source("K", "BI") == "great_circle"
    assert matrix.distance("K", "BI") == pytest.approx(1280 * 163.0, rel=0.01)
    assert matrix.drive("K", "BI") == matrix.drive("BI", "K")


def test_seconds_are_whole_and_rounded_up() -> None:
    assert planned_seconds(np.array([1.0, 1.0001, 0.0]), TravelRules(), 0).tolist() == [60, 61, 0]
    # 60 s and 15 %: arithmetic noise may not turn 69 into 70.
    assert planned_seconds(np.array([1.0]), TravelRules(margin_permille=150), 0).tolist() == [69]


def test_margin_and_hour_of_departure() -> None:
    hourly = tuple(1200 if hour == 7 else 900 if hour == 3 else 1000 for hour in range(24))
    provider = GreatCircle(TravelRules(margin_permille=100, hourly_permille=hourly))
    free = GreatCircle().matrix([KOELN, BIELEFELD]).drive("K", "BI")

    def drive(departure: int | None) -> int:
        return provider.matrix([KOELN, BIELEFELD], departure).drive("K", "BI")

    assert drive(7 * 3600) == pytest.approx(free * 1.1 * 1.2, abs=2)
    assert drive(8 * 3600 - 1) == drive(7 * 3600)
    assert drive(8 * 3600) == pytest.approx(free * 1.1, abs=2)
    assert drive(3 * 3600 + 59) == pytest.approx(free * 1.1 * 0.9, abs=2)
    assert drive(86400 + 7 * 3600) == drive(7 * 3600)
    assert drive(None) == drive(7 * 3600)


def test_points_of_a_plane_and_doubled_ids_are_refused() -> None:
    node = Place(id="1", name="1", lat=120.0, lon=-3.0, kind=PlaceKind.NODE)
    with pytest.raises(InvalidValue, match="latitude"):
        GreatCircle().matrix([node])
    with pytest.raises(InvalidValue, match="different ids"):
        GreatCircle().matrix([KOELN, KOELN])


def test_no_places_give_an_empty_matrix() -> None:
    assert GreatCircle().matrix([]).seconds.shape == (0, 0)
