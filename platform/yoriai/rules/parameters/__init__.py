"""Statutory figures and ordinance figures as data: what may be set by whom, since when, on what evidence.

A business declares its parameters in `parameters/*.yaml`. A municipality's own figures are a layer in its tenant
file. For a date the
layers resolve, national to prefecture to ordinance, into one `ParameterSet` that a calculation reads and that can be
stored.
"""

from yoriai.rules.parameters.definition import (
    Bounds,
    BusinessParameters,
    Clock,
    DatedValue,
    Definition,
    Moment,
    Setter,
    Unit,
)
from yoriai.rules.parameters.loading import load_definitions, read_yaml
from yoriai.rules.parameters.resolution import (
    SUPPLIED,
    MissingParameter,
    ParameterSet,
    Resolved,
    normalise_layer,
    resolve,
)
from yoriai.rules.parameters.schema import layer_schema
from yoriai.rules.parameters.validation import Layer, validate_layer
from yoriai.rules.parameters.value import Value, read_value, write_value

__all__ = [
    "SUPPLIED",
    "Bounds",
    "BusinessParameters",
    "Clock",
    "DatedValue",
    "Definition",
    "Layer",
    "MissingParameter",
    "Moment",
    "ParameterSet",
    "Resolved",
    "Setter",
    "Unit",
    "Value",
    "layer_schema",
    "load_definitions",
    "normalise_layer",
    "read_value",
    "read_yaml",
    "resolve",
    "validate_layer",
    "write_value",
]
