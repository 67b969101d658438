"""What is shipped beside the code: places, airports, the five ZAB, the fleet, parameter sets, a sample day.

Every file with its columns, provenance and licence stands in ``data/README.md``. The files travel in the wheel, so that
the loaders work outside the checkout too.
"""

from __future__ import annotations

from data.catalogue import (
    Airport,
    Fleet,
    VehiclePreset,
    ZabSite,
    airports,
    authority_names,
    districts,
    fleet,
    path,
    places,
    populations,
    vehicle_presets,
    zabs,
)
from data.parameter_sets import DEFAULT_PARAMETER_SET, parameter_set, parameter_set_ids, read_parameter_set
from data.sample import sample_day, sample_day_tables
from data.service_parameters import dublin_rules, read_service_parameters, service_parameters

__all__ = [
    "DEFAULT_PARAMETER_SET",
    "DEFAULT_SERVICE_PARAMETERS",
    "Airport",
    "Fleet",
    "ServiceParameters",
    "VehiclePreset",
    "ZabSite",
    "airports",
    "authority_names",
    "districts",
    "dublin_rules",
    "fleet",
    "parameter_set",
    "parameter_set_ids",
    "path",
    "places",
    "populations",
    "read_parameter_set",
    "read_service_parameters",
    "sample_day",
    "sample_day_tables",
    "service_parameters",
    "vehicle_presets",
    "zabs",
]
